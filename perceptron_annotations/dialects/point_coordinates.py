"""What a tag with points or tracks says: its coordinates as attributes, in one of the forms that Molmo was trained on.

``x="1.5" y="2.5"``, and ``x1 y1 x2 y2`` …, or of a video ``<points 13.5 1 44.4 69.9/>``; and ``coords="F I X Y I X Y;F
I X Y"``, in which F is the number of an image, counted from 1, or a time in seconds with a decimal point, and I the
number of an object. So says allenai/molmo2, ``olmo/preprocessing/point_formatter.py``. Its own reader takes
coordinates of 3 or 4 digits only, and so leaves out the points at the left and upper edge that are not padded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from msgspec.structs import replace

from ..geometry import AnnotationKind
from ..issues import IssueCode, excerpt
from .pieces import Group, Item, Remark
from .point_tag_style import PointTagStyle


class PointTag(NamedTuple):
    """A tag as it is written."""

    name: str
    #: All behind its name, up to its end.
    inside: str
    #: What stands between the tags.
    label: str
    #: The open tag, as an issue quotes it.
    quoted: str
    #: Whether the answer ends inside it, so that its last words are not whole.
    is_cut: bool = False


class Read(NamedTuple):
    """What a tag says; no content if it cannot be read."""

    content: Item | Group | None
    remarks: tuple[Remark, ...] = ()


class _Place(NamedTuple):
    """A point: when or in which image, of which object, and where."""

    t: float | None
    asset_idx: int | None
    id: str
    x: float
    y: float


_ATTRIBUTE = re.compile(r"""([A-Za-z]\w{0,31}+)\s*+=\s*+(?:"([^"]*+)"|'([^']*+)')""")
_PAIRED = re.compile(r"([xy])([0-9]{0,9}+)")
_NUMBER = re.compile(r"-?+[0-9]{1,15}+(?:\.[0-9]{1,17}+)?+")
#: What may stand between two images or times: a tab and ``;`` are written, the others are read by the maker too.
_BETWEEN = re.compile(r"[\t:,;]")
#: Number, x and y.
_TRIPLET = 3
_MOST_ASSETS = 2**31


def read_point_tag(tag: PointTag, style: PointTagStyle) -> Read:
    """What a tag says in a style. A part that cannot be read costs itself.

    The other style is not read, since its numbers count something else.
    """
    attributes = {match[1]: match[2] or match[3] or "" for match in _ATTRIBUTE.finditer(tag.inside)}
    remarks: list[Remark] = []
    if style is PointTagStyle.COORDS:
        coords = attributes.pop("coords", None) or (_cut_coords(tag.inside) if tag.is_cut else "")
        places = _listed(coords, tag, remarks)
    elif tag.name == "tracks":
        places = []
    elif "=" in tag.inside:
        places = _paired(attributes, remarks)
    else:
        places = _listed(_without_name(tag.inside), tag, remarks)
    if not places:
        return Read(None, (Remark(IssueCode.INVALID_ITEM, tag.quoted),))
    alt = attributes.get("alt")
    label = tag.label.strip() or (alt or "").strip() or None
    others = tuple((name, text) for name, text in attributes.items() if not _PAIRED.fullmatch(name))
    if tag.name == "tracks":
        return Read(_tracks(places, label, others), tuple(remarks))
    members = tuple(map(_member, places))
    if tag.name == "point" and len(members) == 1:
        return Read(replace(members[0], label=label, attributes=others), tuple(remarks))
    return Read(Group(tag="collection", members=members, label=label, attributes=others), tuple(remarks))


def _without_name(inside: str) -> str:
    """The coordinates that follow the name of the tag: its first tab stands between the time and the points."""
    return " ".join(inside.strip("/> \t\r\n").split())


def _paired(attributes: dict[str, str], remarks: list[Remark]) -> list[_Place]:
    """The points of ``x1`` and ``y1``, ``x2`` and ``y2``."""
    pairs: dict[str, dict[str, str]] = {}
    for name, text in attributes.items():
        if match := _PAIRED.fullmatch(name):
            pairs.setdefault(match[2], {})[match[1]] = text
    places = []
    for number, pair in pairs.items():
        x, y = (_NUMBER.fullmatch(pair.get(axis, "").strip()) for axis in "xy")
        if x is None or y is None:
            written = " ".join(f'{axis}{number}="{text}"' for axis, text in pair.items())
            remarks.append(Remark(IssueCode.INVALID_ITEM, excerpt(written)))
        else:
            places.append(_Place(None, None, number, float(x[0]), float(y[0])))
    return places


def _cut_coords(inside: str) -> str:
    """The whole words of coordinates that the end of the answer cuts."""
    quoted = inside.rpartition("coords=")[2].lstrip()[1:]
    return quoted[: max(quoted.rfind(" "), quoted.rfind(";"), quoted.rfind("\t"), 0)]


def _listed(coords: str, tag: PointTag, remarks: list[Remark]) -> list[_Place]:
    """The points of ``coords``."""
    places: list[_Place] = []
    for part in _BETWEEN.split(coords):
        words = part.split()
        if tag.is_cut:
            words = words[: 1 + (len(words) - 1) // _TRIPLET * _TRIPLET]
        if not words:
            continue
        if len(words) % _TRIPLET != 1 or len(words) == 1 or not all(map(_NUMBER.fullmatch, words)):
            remarks.append(Remark(IssueCode.INVALID_ITEM, excerpt(part)))
        else:
            places += _triplets(words[1:], *_frame(words[0], tag.name))
    return places


def _frame(word: str, tag: str) -> tuple[float | None, int | None]:
    """The time, or the index of the image, before the points of one; times have a decimal point, those of tracks."""
    if "." in word or tag == "tracks":
        return max(float(word), 0.0), None
    number = int(word)
    return None, number - 1 if 0 < number <= _MOST_ASSETS else None


def _triplets(words: list[str], t: float | None, asset_idx: int | None) -> Iterator[_Place]:
    for at in range(0, len(words), _TRIPLET):
        number, x, y = words[at : at + _TRIPLET]
        yield _Place(t, asset_idx, number, float(x), float(y))


_Attributes = tuple[tuple[str, str], ...]


def _tracks(places: list[_Place], label: str | None, attributes: _Attributes) -> Group:
    """One track for each object, by its number."""
    objects: dict[str, list[_Place]] = {}
    for place in places:
        objects.setdefault(place.id, []).append(place)
    tracks = tuple(
        Group(tag="track", members=tuple(map(_waypoint, objects[number])), label=label, attributes=(("id", number),))
        for number in sorted(objects, key=float)
    )
    if len(tracks) == 1:
        return replace(tracks[0], attributes=(*attributes, ("id", places[0].id)))
    return Group(tag="collection", members=tracks, label=label, attributes=attributes)


def _member(place: _Place) -> Item:
    return Item(
        kind=AnnotationKind.POINT,
        numbers=(place.x, place.y),
        t=place.t,
        asset_idx=place.asset_idx,
        attributes=(("id", place.id),) if place.id else (),
    )


def _waypoint(place: _Place) -> Item:
    return Item(kind=AnnotationKind.POINT, numbers=(place.x, place.y), t=place.t)
