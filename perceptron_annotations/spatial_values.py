"""What every value carries, and what the shapes share: a frame, a time, and conversion between frames.

Each kind of shape says only how its coordinates are mapped (:meth:`Spatial.mapped`), and every conversion follows from
that.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Self, TypeAlias, TypedDict

from msgspec import Struct
from msgspec.structs import force_setattr
from msgspec.structs import replace as unchecked_replace

from .checked import Checked
from .errors import GeometryError
from .field_numbers import finite_number, seconds
from .frames import Frame, checked_frame
from .plain_values import from_plain, pydantic_schema, to_plain

#: ``(x1, y1, x2, y2)``, and likewise for the two other layouts of a box.
FourNumbers: TypeAlias = tuple[float, float, float, float]
#: What is done to each x, or to each y.
Map: TypeAlias = Callable[[float], float]


class BaseValue(
    Struct, metaclass=Checked, frozen=True, gc=False, kw_only=True, omit_defaults=True, repr_omit_defaults=True
):
    """What every value may carry: the object it names and the asset it lies in."""

    mention: str | None = None
    asset_idx: int | None = None

    def replace(self, **changes: Any) -> Self:
        """The same value with other fields, checked like a new one."""
        value = unchecked_replace(self, **changes)
        value.check()
        return value

    def rechecked(self) -> Self:
        """The same value with all fields checked, for one that the constructor did not make."""
        return self.replace()

    def to(self, frame: Frame) -> Self:
        """The same value in another frame."""
        raise NotImplementedError

    def to_pixels(self, width: float, height: float) -> Self:
        """The same value in the exact float pixels of an image of this size: ``value.to(Frame.pixels(width, height))``.

        >>> pa.Box(250, 500, 1000, 1000).to_pixels(640, 480).xyxy
        (160.0, 240.0, 640.0, 480.0)
        """
        return self.to(Frame.pixels(width, height))

    def to_dict(self) -> dict[str, Any]:
        """Its fields as dicts, lists, texts and numbers, for ``json.dumps``, without those that hold their default.

        >>> pa.Box(1, 2, 3, 4, mention="cat").to_dict()
        {'type': 'box', 'x1': 1.0, 'y1': 2.0, 'x2': 3.0, 'y2': 4.0, 'mention': 'cat'}
        """
        return to_plain(self)

    @classmethod
    def from_dict(cls, fields: Mapping[str, Any]) -> Self:
        """The value that :meth:`to_dict` made. Raises ``UsageError`` if ``fields`` is not the dict of one.

        >>> pa.Point.from_dict({"type": "point", "x": 1, "y": 2})
        Point(x=1.0, y=2.0)
        """
        return from_plain(cls, fields).rechecked()

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        return pydantic_schema(cls, cls.from_dict, cls.to_dict)

    def check(self) -> None:
        """Bring the fields to their types, or raise the error that names the field; run by the constructor."""
        if self.mention is not None and not (self.mention and type(self.mention) is str):
            if not isinstance(self.mention, str):
                raise GeometryError(f"mention must be text, not {self.mention!r}")
            force_setattr(self, "mention", str(self.mention) or None)  # an empty mention is None, as in the markup
        index = self.asset_idx
        if index is not None and (type(index) is not int or index < 0):
            if isinstance(index, bool) or not hasattr(index, "__index__") or index.__index__() < 0:
                raise GeometryError(f"asset_idx must be a whole number from 0, not {index!r}")
            force_setattr(self, "asset_idx", index.__index__())

    def _repr_html_(self) -> str:
        """The value drawn, for notebooks."""
        from .render.notebook.document_card import value_card

        return value_card(self)  # type: ignore[arg-type]


class SpatialFields(TypedDict, total=False):
    """The fields that every shape has, as keywords of a constructor."""

    mention: str | None
    asset_idx: int | None
    t: float | None
    score: float | None
    frame: Frame


class Spatial(BaseValue, frozen=True, gc=False, kw_only=True, omit_defaults=True, repr_omit_defaults=True):
    """A shape in one frame, at one time: the base of ``Point``, ``Box`` and ``Polygon``.

    ``t`` is in seconds from the start of a video; ``score`` a confidence, which the model wrote or which comes from
    elsewhere.

    >>> box = pa.Box(250, 500, 1000, 1000)
    >>> box.to(pa.Frame.pixels(640, 480)).xyxy
    (160.0, 240.0, 640.0, 480.0)
    """

    t: float | None = None
    score: float | None = None
    frame: Frame = Frame.GRID

    def check(self) -> None:
        super().check()
        if self.t is not None:
            force_setattr(self, "t", seconds("t", self.t))
        if self.score is not None:
            force_setattr(self, "score", finite_number("score", self.score))
        checked_frame(self.frame)

    def rechecked(self) -> Self:
        return self.replace(frame=self.frame.rechecked())

    @property
    def coordinates(self) -> tuple[tuple[float, float], ...]:
        """The ``(x, y)`` pairs as given: one of a point, two of a box, all of a polygon."""
        raise NotImplementedError

    @property
    def xyxy(self) -> FourNumbers:
        """The bounds ``(left, top, right, bottom)``, ordered."""
        pairs = self.coordinates
        xs, ys = [x for x, _ in pairs], [y for _, y in pairs]
        return min(xs), min(ys), max(xs), max(ys)

    @property
    def area(self) -> float:
        """The enclosed area in squared units of the frame; 0 for a point."""
        return 0.0

    def mapped(self, x: Map, y: Map) -> Self:
        """The same shape with ``x`` and ``y`` applied to every coordinate; the frame is unchanged."""
        raise NotImplementedError

    def to(self, frame: Frame) -> Self:
        """The same shape in another frame, in exact floats: ``v / from_extent * to_extent``.

        Between two pixel frames it does what resizing the image does.
        """
        here = self.frame
        if checked_frame(frame) == here:
            return self
        moved = self.mapped(lambda v: v / here.width * frame.width, lambda v: v / here.height * frame.height)
        return moved.replace(frame=frame)

    def rounded(self) -> Self:
        """Whole coordinates, half to even. Rounding is a loss, so it is never done unasked."""
        return self.mapped(lambda v: float(round(v)), lambda v: float(round(v)))

    def clamped(self) -> Self:
        """Every coordinate moved into the image, ``0 … width`` and ``0 … height`` of the frame, edges included."""
        width, height = self.frame.width, self.frame.height
        return self.mapped(lambda v: min(max(v, 0.0), width), lambda v: min(max(v, 0.0), height))

    def ordered(self) -> Self:
        """The same shape with the corners of a box sorted; points and polygons are returned as they are."""
        return self
