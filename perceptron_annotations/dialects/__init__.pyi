from .actions import Actions
from .bracket_bodies import BracketLists, CornerPairs
from .bracket_numbers import BracketLabel, BracketNumbers, Brackets
from .dialect import Dialect, TaskPrompt
from .final_answer import FinalAnswer
from .json_objects import JsonObjects
from .known_dialects import add_dialect, dialect_named, dialect_names
from .lexing import Sort, Token
from .location_tokens import LocationTokens, TokenLabel
from .model_dialects import BY_MODEL, dialect_of_model
from .patch_indices import PatchIndices
from .pieces import Found, Group, Item, Piece, Prose, Remark, Syntax
from .point_tag_style import PointTagStyle
from .point_tags import PointTags
from .prompts import prompt_for
from .resizing import ResizeRule, resized, smart_resize
from .scales import Order, PairOrder, Scale
from .surface import NumberWriter, Surface, SurfaceReader
from .tagged_bodies import Body, BodyReader
from .tagged_pairs import TaggedPairs
from .telling import Telling
from .writing import write_answer

__all__ = [
    "BY_MODEL",
    "Actions",
    "Body",
    "BodyReader",
    "BracketLabel",
    "BracketLists",
    "BracketNumbers",
    "Brackets",
    "CornerPairs",
    "Dialect",
    "FinalAnswer",
    "Found",
    "Group",
    "Item",
    "JsonObjects",
    "LocationTokens",
    "NumberWriter",
    "Order",
    "PairOrder",
    "PatchIndices",
    "Piece",
    "PointTagStyle",
    "PointTags",
    "Prose",
    "Remark",
    "ResizeRule",
    "Scale",
    "Sort",
    "Surface",
    "SurfaceReader",
    "Syntax",
    "TaggedPairs",
    "TaskPrompt",
    "Telling",
    "Token",
    "TokenLabel",
    "add_dialect",
    "dialect_named",
    "dialect_names",
    "dialect_of_model",
    "prompt_for",
    "resized",
    "smart_resize",
    "write_answer",
]
