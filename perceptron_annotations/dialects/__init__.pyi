from .bracket_numbers import BracketNumbers, Brackets, LabelPlace
from .dialect import Dialect
from .json_objects import JsonObjects
from .known_dialects import add_dialect, dialect_named, dialect_names
from .model_dialects import BY_MODEL, dialect_of_model
from .pieces import Found, Group, Item, Piece, Prose, Remark, Syntax
from .point_tag_style import PointTagStyle
from .point_tags import PointTags
from .resizing import ResizeRule, resized, smart_resize
from .scales import Order, PairOrder, Scale
from .surface import NumberWriter, Surface, SurfaceReader
from .writing import write_answer

__all__ = [
    "BY_MODEL",
    "BracketNumbers",
    "Brackets",
    "Dialect",
    "Found",
    "Group",
    "Item",
    "JsonObjects",
    "LabelPlace",
    "NumberWriter",
    "Order",
    "PairOrder",
    "Piece",
    "PointTagStyle",
    "PointTags",
    "Prose",
    "Remark",
    "ResizeRule",
    "Scale",
    "Surface",
    "SurfaceReader",
    "Syntax",
    "add_dialect",
    "dialect_named",
    "dialect_names",
    "dialect_of_model",
    "resized",
    "smart_resize",
    "write_answer",
]
