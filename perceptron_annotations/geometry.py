"""The values: ``Point``, ``Box``, ``Polygon``, ``Clip``, and ``Track`` and ``Collection`` that hold them.

Numbers come in, immutable typed geometry goes out. Coordinates are floats in a stated :class:`Frame`; they stay as
given (corners may be swapped), and every property that measures orders them first. Equality and hash are numeric over
all fields, the frame included. What the shapes share is in :mod:`.spatial_values`.

Constructors check their fields. msgspec's ``decode`` and ``convert`` do not: check what comes from there with
``value.replace()``.
"""

from __future__ import annotations

from enum import IntEnum
from operator import mul
from typing import Any, ClassVar, Literal, Self, TypeAlias, Unpack

from msgspec.structs import force_setattr
from msgspec.structs import replace as unchecked_replace

from .errors import FrameError, GeometryError, UsageError
from .field_numbers import finite_number, seconds
from .frames import AssetFrames, Frame
from .spatial_values import BaseValue, FourNumbers, Map, Spatial, SpatialFields
from .words import closest

#: The words for the kinds of annotations.
KindName: TypeAlias = Literal["point", "box", "polygon", "clip"]


class AnnotationKind(IntEnum):
    """What an annotation is: a word for people and requests (``"box"``), a small number in columns.

    ``AnnotationKind.from_name("box")`` and ``str(AnnotationKind.BOX)`` go between the two, and ``table.kind ==
    AnnotationKind.BOX`` compares a column.
    """

    POINT = 0
    BOX = 1
    POLYGON = 2
    CLIP = 3

    @classmethod
    def from_name(cls, name: AnnotationKind | str) -> AnnotationKind:
        """The kind called ``name``; a kind is returned as it is. Raises ``UsageError`` if there is none."""
        if isinstance(name, cls):
            return name
        for kind in cls:
            if name == str(kind):
                return kind
        known = [str(kind) for kind in cls]
        raise UsageError(f"an annotation kind is one of {', '.join(known)}, not {name!r}{closest(name, known)}")

    def __str__(self) -> str:
        return self.name.lower()

    def __format__(self, spec: str) -> str:
        return format(str(self), spec)


class Point(Spatial, frozen=True, gc=False, omit_defaults=True, repr_omit_defaults=True, tag="point"):
    """A position ``(x, y)``.

    >>> pa.Point(316, 136, mention="cat")
    Point(x=316.0, y=136.0, mention='cat')
    """

    x: float
    y: float

    def check(self) -> None:
        force_setattr(self, "x", finite_number("x", self.x))
        force_setattr(self, "y", finite_number("y", self.y))
        super().check()

    @property
    def coordinates(self) -> tuple[tuple[float, float], ...]:
        return ((self.x, self.y),)

    def mapped(self, x: Map, y: Map) -> Self:
        return self.replace(x=x(self.x), y=y(self.y))


class Box(Spatial, frozen=True, gc=False, omit_defaults=True, repr_omit_defaults=True, tag="box"):
    """A rectangle with sides along the axes, from two opposite corners in any order.

    >>> box = pa.Box(110, 20, 10, 220)
    >>> box.xyxy, box.xywh, box.area
    ((10.0, 20.0, 110.0, 220.0), (10.0, 20.0, 100.0, 200.0), 20000.0)
    """

    x1: float
    y1: float
    x2: float
    y2: float

    def check(self) -> None:
        for name, value in (("x1", self.x1), ("y1", self.y1), ("x2", self.x2), ("y2", self.y2)):
            force_setattr(self, name, finite_number(name, value))
        super().check()

    @classmethod
    def from_xywh(cls, x: float, y: float, width: float, height: float, **fields: Unpack[SpatialFields]) -> Self:
        """The box with its left top corner at ``(x, y)``, as COCO writes one.

        Raises ``GeometryError`` if the width or height is negative, or a number is not finite.

        Args:
            x: Of the left side.
            y: Of the top.
            width: From the left to the right side, 0 or more.
            height: From the top to the bottom, 0 or more.
            fields: ``mention``, ``asset_idx``, ``t``, ``score`` and ``frame``, as the constructor takes them.

        >>> pa.Box.from_xywh(10, 20, 100, 200, mention="cat").xyxy
        (10.0, 20.0, 110.0, 220.0)
        """
        if width < 0 or height < 0:
            raise GeometryError(f"the width and height of a box are not negative: {width:g} and {height:g}")
        return cls(x, y, x + width, y + height, **fields)

    @property
    def center(self) -> tuple[float, float]:
        """The point in the middle, ``(x, y)``."""
        x, y, _, _ = self.cxcywh
        return x, y

    @property
    def coordinates(self) -> tuple[tuple[float, float], ...]:
        return ((self.x1, self.y1), (self.x2, self.y2))

    @property
    def width(self) -> float:
        """Never negative, whatever the order of the corners."""
        return abs(self.x2 - self.x1)

    @property
    def height(self) -> float:
        """Never negative, whatever the order of the corners."""
        return abs(self.y2 - self.y1)

    @property
    def xywh(self) -> FourNumbers:
        """``(left, top, width, height)``, as COCO writes a box."""
        left, top, right, bottom = self.xyxy
        return left, top, right - left, bottom - top

    @property
    def cxcywh(self) -> FourNumbers:
        """``(centre x, centre y, width, height)``, as YOLO writes a box."""
        left, top, width, height = self.xywh
        return left + width / 2, top + height / 2, width, height

    @property
    def area(self) -> float:
        """Width times height."""
        return self.width * self.height

    def mapped(self, x: Map, y: Map) -> Self:
        return self.replace(x1=x(self.x1), y1=y(self.y1), x2=x(self.x2), y2=y(self.y2))

    def ordered(self) -> Self:
        """The same box with ``x1 ≤ x2`` and ``y1 ≤ y2``."""
        x1, y1, x2, y2 = self.xyxy
        return self.replace(x1=x1, y1=y1, x2=x2, y2=y2)


class Polygon(Spatial, frozen=True, gc=False, omit_defaults=True, repr_omit_defaults=True, tag="polygon"):
    """One ring of at least three ``(x, y)`` vertices, as given; the closing edge is implied.

    >>> triangle = pa.Polygon(((0, 0), (10, 0), (0, 10)))
    >>> triangle.area, triangle.xyxy
    (50.0, (0.0, 0.0, 10.0, 10.0))
    """

    vertices: tuple[tuple[float, float], ...]

    #: Fewer vertices than this enclose nothing.
    MIN_VERTICES: ClassVar[int] = 3

    def check(self) -> None:
        try:
            pairs = tuple([(finite_number("x", x), finite_number("y", y)) for x, y in self.vertices])
        except (TypeError, ValueError) as error:
            if isinstance(error, GeometryError):
                raise
            raise GeometryError(f"vertices must be (x, y) pairs, not {self.vertices!r}") from None
        if len(pairs) < self.MIN_VERTICES:
            raise GeometryError(f"a polygon needs at least {self.MIN_VERTICES} vertices, not {len(pairs)}")
        force_setattr(self, "vertices", pairs)
        super().check()

    @property
    def coordinates(self) -> tuple[tuple[float, float], ...]:
        return self.vertices

    @property
    def area(self) -> float:
        """The absolute shoelace sum: of a ring that crosses itself, lobes of opposite turn cancel out."""
        x0, y0 = self.vertices[0]  # relative to the first vertex, so that large coordinates do not cancel
        xs = [x - x0 for x, _ in self.vertices]
        ys = [y - y0 for _, y in self.vertices]
        twice: float = abs(sum(map(mul, xs, ys[1:])) - sum(map(mul, xs[1:], ys)))
        return twice / 2

    def mapped(self, x: Map, y: Map) -> Self:
        return self.replace(vertices=tuple((x(a), y(b)) for a, b in self.vertices))


class Clip(BaseValue, frozen=True, gc=False, omit_defaults=True, repr_omit_defaults=True, tag="clip"):
    """A moment (``end`` is None) or a range of a video, in seconds; a range may be reversed, as given.

    >>> pa.Clip(3, 1.5).duration, pa.Clip(3, 1.5).ordered()
    (1.5, Clip(start=1.5, end=3.0))
    """

    start: float
    end: float | None = None
    score: float | None = None

    def check(self) -> None:
        force_setattr(self, "start", seconds("start", self.start))
        if self.end is not None:
            force_setattr(self, "end", seconds("end", self.end))
        if self.score is not None:
            force_setattr(self, "score", finite_number("score", self.score))
        super().check()

    @property
    def duration(self) -> float:
        """Seconds from the earlier to the later end; 0 for a moment."""
        return 0.0 if self.end is None else abs(self.end - self.start)

    def to(self, frame: Frame) -> Self:  # noqa: ARG002 - the signature that all values share
        """Itself: a clip lies in time and has no frame."""
        return self

    def ordered(self) -> Self:
        """The same range with ``start ≤ end``."""
        return self if self.end is None or self.start <= self.end else self.replace(start=self.end, end=self.start)


class _Container(BaseValue, frozen=True, gc=False, kw_only=True, omit_defaults=True, repr_omit_defaults=True):
    #: False if the answer ended before the close tag.
    complete: bool = True


class Track(_Container, frozen=True, gc=False, omit_defaults=True, repr_omit_defaults=True, tag="track"):
    """One object followed through one video: waypoints of one kind, in one frame, each with its own ``t``.

    The object's ``mention`` is the track's. A track without ``asset_idx`` takes the one its waypoints share, and
    waypoints without one take the track's, as the SDK does at construction. Only one that was cut off may be empty.

    >>> track = pa.Track((pa.Point(10, 20, t=0), pa.Point(30, 20, t=1)), mention="ball", asset_idx=0)
    >>> [(point.t, point.x, point.asset_idx) for point in track.waypoints]
    [(0.0, 10.0, 0), (1.0, 30.0, 0)]
    """

    waypoints: tuple[Point | Box | Polygon, ...]

    def check(self) -> None:
        super().check()
        waypoints = tuple(self.waypoints)
        if not waypoints and self.complete:
            raise GeometryError("a track needs at least one waypoint")
        if len(kinds := {type(waypoint) for waypoint in waypoints}) > 1 or not kinds <= {Point, Box, Polygon}:
            raise GeometryError("waypoints must be all Point, all Box or all Polygon")
        if len({waypoint.frame for waypoint in waypoints}) > 1:
            raise FrameError("the waypoints of a track must share one frame")
        assets = {waypoint.asset_idx for waypoint in waypoints} | {self.asset_idx}
        assets.discard(None)
        if len(assets) > 1:
            raise GeometryError(f"a track lies in one asset, but it and its waypoints name {sorted(assets, key=str)}")
        for asset_idx in assets:
            force_setattr(self, "asset_idx", asset_idx)
        force_setattr(self, "waypoints", with_asset(waypoints, self.asset_idx))

    def rechecked(self) -> Self:
        return self.replace(waypoints=tuple(waypoint.rechecked() for waypoint in self.waypoints))

    @property
    def frame(self) -> Frame:
        """The frame that all waypoints share."""
        return self.waypoints[0].frame if self.waypoints else Frame.GRID

    def to(self, frame: Frame) -> Self:
        """The track with every waypoint in another frame."""
        return self.replace(waypoints=tuple(waypoint.to(frame) for waypoint in self.waypoints))


class Collection(_Container, frozen=True, gc=False, omit_defaults=True, repr_omit_defaults=True, tag="collection"):
    """A group of annotations; what a child leaves open, it takes from the collection.

    ``asset_idx`` is given to the children at construction, as the SDK does; ``mention`` and ``t`` (which the grammar
    keeps for old answers) are looked up when a document is flattened. Children of one asset share one frame.

    >>> group = pa.Collection((pa.Point(10, 20), pa.Box(0, 0, 5, 5)), mention="toys")
    >>> pa.to_markup(group)
    '<collection mention="toys"> <point> (10,20) </point> <point_box> (0,0) (5,5) </point_box> </collection>'
    """

    children: tuple[Child, ...]
    t: float | None = None

    def check(self) -> None:
        super().check()
        if self.t is not None:
            force_setattr(self, "t", seconds("t", self.t))
        children = tuple(self.children)
        for child in children:
            if not isinstance(child, (Point, Box, Polygon, Clip, Track)):
                raise GeometryError(f"a collection holds points, boxes, polygons, clips and tracks, not {child!r}")
        children = with_asset(children, self.asset_idx)
        frames: dict[int | None, Frame] = {}
        for child in children:
            if isinstance(child, Clip):
                continue
            if frames.setdefault(child.asset_idx, child.frame) != child.frame:
                raise FrameError("the children of a collection in one asset must share one frame")
        force_setattr(self, "children", children)

    def rechecked(self) -> Self:
        return self.replace(children=tuple(child.rechecked() for child in self.children))

    def to(self, frame: Frame) -> Self:
        """The collection with every spatial child in another frame."""
        return self.replace(children=tuple(child.to(frame) for child in self.children))


#: A leaf that lies in space.
Shape: TypeAlias = Point | Box | Polygon
#: A row of ``Document.annotations``.
Annotation: TypeAlias = Point | Box | Polygon | Clip
Container: TypeAlias = Track | Collection
#: What a collection may hold.
Child: TypeAlias = Annotation | Track
#: The class of each :class:`AnnotationKind`, at the place that is its number.
ANNOTATION_TYPES: tuple[type[Annotation], ...] = (Point, Box, Polygon, Clip)
#: Anything that has a form in the markup.
Value: TypeAlias = Annotation | Track | Collection


def with_asset(children: tuple[Any, ...], asset_idx: int | None) -> tuple[Any, ...]:
    """``children`` with ``asset_idx`` given to those that have none; the same tuple if nothing changes.

    >>> with_asset((pa.Point(1, 2), pa.Point(3, 4, asset_idx=1)), 0)
    (Point(x=1.0, y=2.0, asset_idx=0), Point(x=3.0, y=4.0, asset_idx=1))
    """
    if asset_idx is None or all(child.asset_idx is not None for child in children):
        return children
    return tuple(
        child
        if child.asset_idx is not None
        else child.replace(asset_idx=asset_idx)  # which gives it to the waypoints too
        if isinstance(child, Track)
        else unchecked_replace(child, asset_idx=asset_idx)
        for child in children
    )


def to_assets(value: Any, frames: AssetFrames) -> Any:
    """``value`` in the pixels of its own asset: :class:`Document.to_pixels` applied to one value.

    >>> to_assets(pa.Point(500, 500), pa.AssetFrames.of([(640, 480)])).coordinates
    ((320.0, 240.0),)
    """
    if isinstance(value, Collection):
        return value.replace(children=tuple(to_assets(child, frames) for child in value.children))
    return value if isinstance(value, Clip) else value.to(frames.resolve(value.asset_idx))
