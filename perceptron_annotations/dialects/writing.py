"""Values → an answer in a dialect, in its frame, order and scale, with numbers rounded as it writes them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from ..errors import UnwritableError
from ..frames import Frame, Size
from ..geometry import AnnotationKind, Box, Clip, Collection, Point, Polygon, Shape, Track, Value
from .dialect import Dialect
from .known_dialects import known
from .pieces import Group, Item
from .scales import Order, PairOrder


def write_answer(values: Value | Iterable[Value], dialect: Dialect | str, *, image_size: Size | None = None) -> str:
    """Values as a model would write them in a dialect; ``parse`` gives them back but for the dialect's rounding.

    A value in another frame is converted. Each number moves by half of its last digit at most, or stays in its bin.
    Raises ``UnwritableError`` for what the dialect has no form for, and ``UsageError`` if it counts pixels and
    ``image_size`` is missing.

    Args:
        values: One value, or several.
        dialect: The dialect, or its name.
        image_size: ``(width, height)`` of the image as it was uploaded, for a dialect whose numbers are pixels.

    >>> from perceptron_annotations.dialects import write_answer
    >>> write_answer(pa.Box(10, 20, 30, 40, mention="cat"), "gemini")
    '[{"box_2d": [20, 10, 40, 30], "label": "cat"}]'
    """
    if isinstance(values, (Point, Box, Polygon, Clip, Track, Collection)):
        values = [values]
    return AnswerWriter(known(dialect), image_size).write(values)


class AnswerWriter:
    """Writes answers in one dialect, about one image."""

    def __init__(self, dialect: Dialect, image_size: Size | None = None) -> None:
        self._dialect = dialect
        self._items = _Items(dialect, dialect.scale.frame(image_size))

    def write(self, values: Iterable[Value]) -> str:
        """One answer. Raises ``UnwritableError`` for what the dialect has no form for."""
        items = [self._items.of_value(value) for value in values]
        if not items:
            return self._dialect.nothing
        return self._dialect.surface.write(items, self._dialect.scale.written)


class _Items:
    """Makes items of values, the inverse of what reading does."""

    def __init__(self, dialect: Dialect, frame: Frame) -> None:
        self._frame = frame
        self._number = dialect.scale.number
        self._four = _FOUR[dialect.order]
        self._is_point_yx = dialect.point_order is PairOrder.YX
        self._is_polygon_yx = dialect.polygon_order is PairOrder.YX

    def of_value(self, value: Value) -> Item | Group:
        """The item of an annotation, or the group of a container."""
        if isinstance(value, Track):
            return Group(tag="track", members=self._members(value.waypoints), label=value.mention)
        if isinstance(value, Collection):
            return Group(tag="collection", members=self._members(value.children), label=value.mention)
        if isinstance(value, Clip):
            times = (value.start,) if value.end is None else (value.start, value.end)
            return Item(
                kind=AnnotationKind.CLIP,
                numbers=times,
                label=value.mention,
                score=value.score,
                asset_idx=value.asset_idx,
            )
        if isinstance(value, (Point, Box, Polygon)):
            return self._of_shape(value)
        raise UnwritableError(f"only annotations, tracks and collections are written, not {value!r}")

    def _members(self, values: Sequence[Value]) -> tuple[Item | Group, ...]:
        return tuple(map(self.of_value, values))

    def _of_shape(self, shape: Shape) -> Item:
        placed = shape.to(self._frame)
        return Item(
            kind=_KINDS[type(shape)],
            numbers=tuple(map(self._number, self._ordered(placed))),
            label=placed.mention,
            t=placed.t,
            asset_idx=placed.asset_idx,
            score=placed.score,
        )

    def _ordered(self, shape: Shape) -> tuple[float, ...]:
        """The coordinates in the order of the dialect."""
        if isinstance(shape, Box):
            return self._four(shape.x1, shape.y1, shape.x2, shape.y2)
        is_yx = self._is_point_yx if isinstance(shape, Point) else self._is_polygon_yx
        return tuple(number for x, y in shape.coordinates for number in ((y, x) if is_yx else (x, y)))


_KINDS: dict[type[Shape], AnnotationKind] = {
    Point: AnnotationKind.POINT,
    Box: AnnotationKind.BOX,
    Polygon: AnnotationKind.POLYGON,
}
_Four = Callable[[float, float, float, float], tuple[float, ...]]
#: Left, top, right and bottom of a box → its four numbers in the order of a dialect.
_FOUR: dict[Order, _Four] = {
    Order.XYXY: lambda x1, y1, x2, y2: (x1, y1, x2, y2),
    Order.YXYX: lambda x1, y1, x2, y2: (y1, x1, y2, x2),
    Order.XYWH: lambda x1, y1, x2, y2: (x1, y1, x2 - x1, y2 - y1),
    Order.CXCYWH: lambda x1, y1, x2, y2: ((x1 + x2) / 2, (y1 + y2) / 2, x2 - x1, y2 - y1),
}
