"""The surface of Molmo: points and tracks in tags, with the coordinates as attributes and the label between them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

from msgspec import Struct

from ..errors import UnwritableError
from ..geometry import AnnotationKind
from .element_reader import ElementReader
from .pieces import Group, Item
from .point_tag_reader import LONGEST_LABEL, PointTagForms
from .point_tag_style import PointTagStyle
from .surface import NumberWriter, SurfaceReader


class PointTags(Struct, frozen=True, kw_only=True):
    """``<points coords="1 1 615 404">boat</points>``, and tracks likewise.

    What is written is what is read: the numbers of the two styles count different things. Points of one tag are a
    collection; ``<point>`` is one point. A point of an image that is numbered has its index as ``asset_idx``, counted
    from 0; one of a video has its time. Each object of ``<tracks>`` is a track.

    >>> from perceptron_annotations.dialects import Item, PointTags
    >>> point = Item(kind=pa.AnnotationKind.POINT, numbers=(615, 4), label="boat")
    >>> PointTags().write([point], str)
    '<points coords="1 1 615 004">boat</points>'
    """

    style: PointTagStyle = PointTagStyle.COORDS
    #: Coordinates are padded with zeros to so many digits.
    digits: int = 3
    #: What stands between two images, or two times.
    between: str = ";"

    def reader(self, start: int, *, salvage: bool) -> SurfaceReader:
        """See ``Surface``."""
        return ElementReader(PointTagForms(self.style), start, salvage=salvage)

    def write(self, items: Sequence[Item | Group], number: NumberWriter) -> str:
        """See ``Surface``."""
        return "\n".join(self._written(item, number) for item in items)

    def _written(self, item: Item | Group, number: NumberWriter) -> str:
        label = written_label(item.label)
        if isinstance(item, Group) and _is_tracks(item):
            if self.style is PointTagStyle.NUMBERED:
                raise UnwritableError("the numbered style of point tags has no form for a track: use coords")
            tracks = item.members if item.tag == "collection" else (item,)
            return f'<tracks coords="{self._tracks(tracks, number)}">{label}</tracks>'
        points = _points_of(item)
        if self.style is PointTagStyle.COORDS:
            return f'<points coords="{self._coords(points, number)}">{label}</points>'
        alt = f' alt="{label}"' if '"' not in label else ""
        if isinstance(item, Item):
            return f"<point{_pair('', item, number)}{alt}>{label}</point>"
        pairs = "".join(_pair(str(place), point, number) for place, point in enumerate(points, 1))
        return f"<points{pairs}{alt}>{label}</points>"

    def _coords(self, points: Sequence[Item], number: NumberWriter) -> str:
        """Points by the image or time at which they are, numbered through."""
        parts = []
        for frame, group in groupby(enumerate(points, 1), key=lambda placed: _frame(placed[1])):
            words = [word for place, point in group for word in (str(place), *self._numbers(point, number))]
            parts.append(" ".join((frame, *words)))
        return self.between.join(parts)

    def _tracks(self, tracks: Iterable[Item | Group], number: NumberWriter) -> str:
        """The waypoints of tracks by their time."""
        at: dict[float, list[str]] = {}
        for place, track in enumerate(tracks, 1):
            for point in _points_of(track):
                if point.t is None:
                    raise UnwritableError("a waypoint without a time has no form in a <tracks> tag")
                at.setdefault(point.t, []).extend((str(place), *self._numbers(point, number)))
        return self.between.join(" ".join((_time(t), *at[t])) for t in sorted(at))

    def _numbers(self, point: Item, number: NumberWriter) -> list[str]:
        return [number(each).zfill(self.digits) for each in point.numbers]


def written_label(label: str | None) -> str:
    """A label between tags. Raises ``UnwritableError`` if it would be read otherwise there."""
    if label is None:
        return ""
    if "<" in label or "\n" in label or label != label.strip() or not 0 < len(label) <= LONGEST_LABEL:
        raise UnwritableError(f"a label between tags is one line of 1-{LONGEST_LABEL} characters without '<'")
    return label


def _is_tracks(group: Group) -> bool:
    return group.tag == "track" or any(isinstance(member, Group) for member in group.members)


def _points_of(item: Item | Group) -> Sequence[Item]:
    """The points of an element, which share its label."""
    members = (item,) if isinstance(item, Item) else item.members
    points = [member for member in members if isinstance(member, Item) and member.kind is AnnotationKind.POINT]
    if not points or len(points) < len(members):
        raise UnwritableError("point tags hold points only: leave boxes, polygons and clips out")
    if any(point.label not in (None, item.label) for point in points):
        raise UnwritableError("the points of one tag share its label: write the others in a tag of their own")
    return points


def _frame(point: Item) -> str:
    """What stands before the points of an image, or of a time, which has no place for both."""
    if point.t is not None:
        return _time(point.t)
    return str((point.asset_idx or 0) + 1)


def _time(t: float) -> str:
    """A time in seconds, always with a decimal point."""
    written = f"{t:.9f}".rstrip("0")
    return f"{written}0" if written.endswith(".") else written


def _pair(place: str, point: Item, number: NumberWriter) -> str:
    x, y = map(number, point.numbers)
    return f' x{place}="{x}" y{place}="{y}"'
