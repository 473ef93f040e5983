"""A dialect of JSON objects → the JSON Schema of its answers, by the rules of OpenAI's strict mode."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..errors import UsageError
from ..frames import Size
from ..geometry import AnnotationKind
from .dialect import Dialect
from .json_objects import JsonObjects
from .scales import PairOrder, Scale

#: The key of the list, since the outermost value of a schema must be an object; readers take any.
_LIST_KEY = "annotations"


def answer_schema(
    dialect: Dialect,
    kind: AnnotationKind,
    *,
    labels: Sequence[str] | None,
    max_items: int,
    max_vertices: int,
    image_size: Size | None,
) -> dict[str, Any]:
    """The schema of answers with elements of one kind.

    Raises ``UsageError`` unless the dialect is one of JSON objects, or if its numbers are pixels of an unknown image.

    Args:
        dialect: The dialect.
        kind: What the elements are.
        labels: The labels to choose from; by default any text.
        max_items: The most elements.
        max_vertices: The most vertices of a polygon.
        image_size: Of the image as it was uploaded, for dialects in pixels.
    """
    surface = dialect.surface
    if not isinstance(surface, JsonObjects):
        raise UsageError(f"answers in the dialect {dialect.name!r} are not JSON: use constraint_regex")
    fields = _Fields(dialect, surface, image_size).of(kind, max_vertices)
    label_key = surface.clip_label_key if kind is AnnotationKind.CLIP else surface.label_key
    fields[label_key] = {"type": "string"} if labels is None else {"type": "string", "enum": list(labels)}
    is_point = kind is AnnotationKind.POINT
    key = _LIST_KEY if surface.list_keys is None else surface.list_keys[is_point]
    items = {"type": "array", "items": _object(fields), "maxItems": max_items}
    return {"title": _LIST_KEY, **_object({key: items})}


def _object(fields: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": fields, "required": list(fields), "additionalProperties": False}


class _Fields:
    """The fields of an object that say where it is, in the order in which they are written."""

    def __init__(self, dialect: Dialect, surface: JsonObjects, image_size: Size | None) -> None:
        self._dialect = dialect
        self._surface = surface
        frame = dialect.scale.frame(image_size)
        self._x = _number(dialect.scale, frame.width)
        self._y = _number(dialect.scale, frame.height)
        #: Strict mode cannot say which number of a list is which.
        self._either = max(self._x, self._y, key=lambda number: number["maximum"])

    def of(self, kind: AnnotationKind, max_vertices: int) -> dict[str, Any]:
        """The fields of an element of a kind."""
        surface = self._surface
        if kind is AnnotationKind.CLIP:
            return {name: {"type": "number", "minimum": 0} for name in surface.clip_keys}
        if kind is AnnotationKind.POLYGON:
            return {surface.polygon_key: _list(_list(self._either, 2, 2), 3, max_vertices)}
        if kind is AnnotationKind.POINT:
            if surface.axis_keys is not None:
                return dict(zip(surface.axis_keys, self._in_order(self._dialect.point_order), strict=True))
            return {surface.point_key: _list(self._either, 2, 2)}
        if surface.side_keys is None:
            return {surface.box_key: _list(self._either, 4, 4)}
        order = PairOrder.YX if self._dialect.order.value.startswith("y") else PairOrder.XY
        sides = dict(zip(surface.side_keys, self._in_order(order) * 2, strict=True))
        return {surface.box_key: _list(_object(sides), 1, 1)} if surface.sides_in_list else sides

    def _in_order(self, order: PairOrder) -> list[dict[str, Any]]:
        return [self._y, self._x] if order is PairOrder.YX else [self._x, self._y]


def _number(scale: Scale, side: float) -> dict[str, Any]:
    """A number of an axis; digits behind the point are not counted, since no engine can."""
    last = side if scale.last is None else scale.last
    if scale.decimals:
        return {"type": "number", "minimum": 0, "maximum": last}
    return {"type": "integer", "minimum": 0, "maximum": int(last)}


def _list(items: dict[str, Any], least: int, most: int) -> dict[str, Any]:
    return {"type": "array", "items": items, "minItems": least, "maxItems": most}
