"""The text of one element → its value, and the issues that reading it raised.

Only this module and :mod:`.attributes` read the text of elements. A plain element, as the models write it, comes with
all its parts matched (``plain_…``) and lies on the grid; anything else takes the general path (``read_…``), which gives
the same values and notes what was odd. What cannot be read raises :class:`Malformed`, which the tree makes an issue.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import partial
from math import isfinite
from typing import Annotated, NamedTuple, TypeAlias

import msgspec

from ..frames import Frame
from ..geometry import Annotation, Box, Clip, Point, Polygon, Shape
from ..issues import Issue, IssueCode, Span, excerpt
from ..templates import new_box, new_clip, new_point, new_polygon
from . import grammar
from .attributes import (
    LeafAttributes,
    Malformed,
    Unknown,
    bounded_integer,
    convert,
    read_asset_idx,
    read_attributes,
    read_leaf_attributes,
    unescape,
)
from .grammar import GRID_MAX, PLAIN_BOX, PLAIN_CLIP, PLAIN_POINT, PLAIN_POLYGON

Pair: TypeAlias = tuple[float, float]


class Reading(NamedTuple):
    """Coordinates, and how they were read: the text ignored, and whether the grammar had to be stretched."""

    pairs: Sequence[Pair]
    ignored: str = ""
    stretched: bool = False


#: Reads the body of a leaf with the tag given, or raises :class:`Malformed`.
CoordinateReader: TypeAlias = Callable[[str, str], Reading]

COORDINATE_CODES = {
    "point": IssueCode.INVALID_POINT_COORDS,
    "point_box": IssueCode.INVALID_BOX_COORDS,
    "polygon": IssueCode.INVALID_POLYGON_COORDS,
}


# -- coordinates -----------------------------------------------------------------------------------------------------


def _coordinate(digits: str) -> float:
    if len(digits) <= grammar.EXACT_DIGITS:
        return float(digits)
    return float(bounded_integer(digits, grammar.MAX_COORDINATE))


def read_coordinates(tag: str, body: str) -> Reading:
    """The pairs of a leaf's body by the SDK's rule: all ``(x,y)`` anywhere, else bare ASCII integers only.

    Raises the coordinate code of the tag if their number does not fit it.
    """
    pairs = grammar.PAIR.findall(body)
    ignored = ""
    if pairs:
        ignored = grammar.PAIR.sub(" ", body).strip()
    else:
        words = body.split()
        if len(words) % 2 == 0 and all(word.isascii() and word.isdigit() for word in words):
            pairs = list(zip(words[::2], words[1::2], strict=True))
    _check_count(tag, len(pairs), body)
    return Reading([(_coordinate(x), _coordinate(y)) for x, y in pairs], ignored)


def read_decimals(tag: str, body: str) -> Reading:
    """Like :func:`read_coordinates`, and fractions: for answers that are not on the grid."""
    pairs = grammar.DECIMAL_PAIR.findall(body)
    ignored = ""
    if pairs:
        ignored = grammar.DECIMAL_PAIR.sub(" ", body).strip()
    else:
        words = body.split()
        if len(words) % 2 == 0 and all(map(grammar.DECIMAL.fullmatch, words)):
            pairs = list(zip(words[::2], words[1::2], strict=True))
    _check_count(tag, len(pairs), body)
    values = [(float(x), float(y)) for x, y in pairs]
    if max(map(max, values)) > grammar.MAX_COORDINATE:
        raise Malformed(IssueCode.NUMBER_OVERFLOW, body.strip())
    return Reading(values, ignored)


def _check_count(tag: str, count: int, body: str) -> None:
    """Raise the coordinate code of the tag unless ``count`` pairs fit it."""
    least, most = grammar.PAIRS[tag]
    if count < least or (most is not None and count > most):
        raise Malformed(COORDINATE_CODES[tag], body.strip())


def salvage_coordinates(tag: str, body: str, read: CoordinateReader = read_coordinates) -> Reading:
    """Like ``read``, and the near misses: signs, decimals, brackets, lists, more numbers than needed.

    A point takes the first pair, a box the first two, a polygon all whole pairs.
    """
    try:
        return read(tag, body)
    except Malformed as malformed:
        if malformed.code is IssueCode.NUMBER_OVERFLOW or not grammar.NEAR_BODY.fullmatch(body):
            raise
        numbers = grammar.NEAR_NUMBER.findall(body)
        least, most = grammar.PAIRS[tag]
        count = min(len(numbers) // 2, most or len(numbers))
        if count < least:
            raise
        # Sixteen digits of any sort are within the limit or clearly beyond it.
        values = [float(number) for number in numbers[: 2 * count]]
        if any(abs(value) > grammar.MAX_COORDINATE for value in values):
            raise Malformed(IssueCode.NUMBER_OVERFLOW, body.strip()) from None
        return Reading(list(zip(values[::2], values[1::2], strict=True)), stretched=True)


def coordinate_reader(*, salvage: bool, frame: Frame) -> CoordinateReader:
    """What reads coordinates in a mode and a frame."""
    read = read_coordinates if frame == Frame.GRID else read_decimals
    return partial(salvage_coordinates, read=read) if salvage else read


# -- elements --------------------------------------------------------------------------------------------------------


def plain_box(match: re.Match[str], span: Span, issues: list[Issue]) -> Box:
    """The box of a plain match: mention, t, asset_idx, x1, y1, x2, y2."""
    mention, t, asset_idx, left, top, right, bottom = match.group(*PLAIN_BOX)
    x1, y1, x2, y2 = float(left), float(top), float(right), float(bottom)
    if not (x1 < x2 <= GRID_MAX and y1 < y2 <= GRID_MAX):
        _note_odd_box(x1, y1, x2, y2, span, issues)
        _note_range(((x1, y1), (x2, y2)), span, issues)
    if mention and "&" in mention:
        mention = unescape(mention)
    if t is asset_idx is None:
        return new_box(x1=x1, y1=y1, x2=x2, y2=y2, mention=mention or None)
    return new_box(
        x1=x1, y1=y1, x2=x2, y2=y2, mention=mention or None, t=convert(float, t), asset_idx=convert(int, asset_idx)
    )


def plain_point(match: re.Match[str], span: Span, issues: list[Issue]) -> Point:
    """The point of a plain match: mention, t, asset_idx, x, y."""
    mention, t, asset_idx, left, top = match.group(*PLAIN_POINT)
    x, y = float(left), float(top)
    if x > GRID_MAX or y > GRID_MAX:
        _note_range(((x, y),), span, issues)
    if mention and "&" in mention:
        mention = unescape(mention)
    if t is asset_idx is None:
        return new_point(x=x, y=y, mention=mention or None)
    return new_point(x=x, y=y, mention=mention or None, t=convert(float, t), asset_idx=convert(int, asset_idx))


def plain_polygon(match: re.Match[str], span: Span, issues: list[Issue]) -> Polygon:
    """The polygon of a plain match: mention, t, asset_idx, ring."""
    mention, t, asset_idx, ring = match.group(*PLAIN_POLYGON)
    vertices, in_grid = _plain_ring(ring)
    mention = unescape(mention) if mention else None
    (x0, y0), (x1, y1), (x2, y2) = vertices[:3]
    if (x1 - x0) * (y2 - y0) == (y1 - y0) * (x2 - x0) and _on_one_line(vertices):
        issues.append(Issue(IssueCode.ZERO_AREA, span))
    if not in_grid:
        _note_range(vertices, span, issues)
    if t is asset_idx is None:
        return new_polygon(vertices=vertices, mention=mention or None)
    return new_polygon(
        vertices=vertices, mention=mention or None, t=convert(float, t), asset_idx=convert(int, asset_idx)
    )


def _plain_ring(ring: str) -> tuple[tuple[Pair, ...], bool]:
    """The vertices, and whether all are known to lie in the grid."""
    # In canonical form a ring is JSON but for its brackets; a decoder makes the floats of it and bounds them at once.
    try:
        return _RING.decode("[" + ring.strip().replace(") (", "],[").replace("(", "[").replace(")", "]") + "]"), True
    except msgspec.DecodeError:
        return tuple(read_coordinates("polygon", ring).pairs), False


_OnGrid: TypeAlias = Annotated[float, msgspec.Meta(le=GRID_MAX)]
_RING = msgspec.json.Decoder(tuple[tuple[_OnGrid, _OnGrid], ...])


def plain_clip(match: re.Match[str], span: Span, issues: list[Issue]) -> Clip:
    """The clip of a plain match: mention, asset_idx, start, end, slash."""
    mention, asset_idx, first, last, _ = match.group(*PLAIN_CLIP)
    start, end = float(first), convert(float, last)
    if end is not None and end < start:
        issues.append(Issue(IssueCode.REVERSED_CLIP, span, f"{start:g} {end:g}"))
    mention = unescape(mention) if mention else None
    return new_clip(start=start, end=end, mention=mention or None, asset_idx=convert(int, asset_idx))


def read_leaf(
    tag: str, attributes: str, body: str, span: Span, issues: list[Issue], read: CoordinateReader, frame: Frame
) -> tuple[Shape, Unknown]:
    """A point, box or polygon, and its attributes without a meaning.

    Raises :class:`Malformed` with the first fault: coordinates, then t, then asset_idx.
    """
    reading = read(tag, body)
    if reading.stretched:
        issues.append(Issue(COORDINATE_CODES[tag], span, excerpt(body.strip()), recovered=True))
    if reading.ignored:
        issues.append(Issue(IssueCode.IGNORED_TEXT, span, excerpt(reading.ignored)))
    given = read_leaf_attributes(attributes, span, issues)
    value = new_shape(tag, reading.pairs, given, frame)
    note_oddities(value, span, issues)
    return value, given.unknown


def new_shape(tag: str, pairs: Sequence[Pair], given: LeafAttributes, frame: Frame) -> Shape:
    """The leaf with these coordinates and attributes."""
    fields = {
        "mention": given.context.mention,
        "t": given.context.t,
        "asset_idx": given.context.asset_idx,
        "score": given.score,
        "frame": frame,
    }
    if tag == "polygon":
        return new_polygon(vertices=tuple(pairs), **fields)
    if tag == "point":
        ((x, y),) = pairs
        return new_point(x=x, y=y, **fields)
    (x1, y1), (x2, y2) = pairs
    return new_box(x1=x1, y1=y1, x2=x2, y2=y2, **fields)


def note_oddities(value: Annotation, span: Span, issues: list[Issue]) -> None:
    """The warnings about a value that can be read all the same."""
    if isinstance(value, Clip):
        if value.end is not None and value.end < value.start:
            issues.append(Issue(IssueCode.REVERSED_CLIP, span, f"{value.start:g} {value.end:g}"))
        return
    if isinstance(value, Box):
        _note_odd_box(value.x1, value.y1, value.x2, value.y2, span, issues)
    elif isinstance(value, Polygon) and _on_one_line(value.vertices):
        issues.append(Issue(IssueCode.ZERO_AREA, span))
    _note_range(value.coordinates, span, issues, value.frame)


def _on_one_line(vertices: Sequence[Pair]) -> bool:
    # Not the area: that of a ring that crosses itself may cancel out.
    (x0, y0), (x1, y1), *rest = vertices
    for x, y in rest:
        if (x1 - x0) * (y - y0) != (y1 - y0) * (x - x0):
            return False
        if x1 == x0 and y1 == y0:
            x1, y1 = x, y
    return True


def _note_range(pairs: Sequence[Pair], span: Span, issues: list[Issue], frame: Frame = Frame.GRID) -> None:
    width, height = frame.width, frame.height
    beyond = [x for x, _ in pairs if x > width] + [y for _, y in pairs if y > height]
    if beyond:
        issues.append(Issue(IssueCode.OUT_OF_RANGE, span, f"{max(beyond):.16g}"))
    least = min(map(min, pairs))
    if least < 0:
        issues.append(Issue(IssueCode.OUT_OF_RANGE, span, f"{least:.16g}"))


def _note_odd_box(x1: float, y1: float, x2: float, y2: float, span: Span, issues: list[Issue]) -> None:
    if x1 > x2 or y1 > y2:
        issues.append(Issue(IssueCode.SWAPPED_CORNERS, span))
    if x1 == x2 or y1 == y2:
        issues.append(Issue(IssueCode.ZERO_AREA, span))


def read_clip(attributes: str, body: str, span: Span, issues: list[Issue]) -> tuple[Clip, Unknown]:
    """A clip, and its attributes without a meaning.

    Raises :class:`Malformed` with the first fault: a body, then the times, then asset_idx.
    """
    if body and not body.isspace():
        raise Malformed(IssueCode.INVALID_CLIP_BODY, body.strip())
    found, unknown, score = read_attributes(attributes, span, issues)
    raw = found.get("t") or ""
    match = grammar.CLIP_TIME.fullmatch(raw.strip())
    start, end = (None if time is None else float(time) for time in match.groups()) if match else (None, None)
    if start is None or not isfinite(start) or not (end is None or isfinite(end)):
        raise Malformed(IssueCode.INVALID_CLIP_TIMESTAMP, raw or attributes.strip())
    asset_idx = read_asset_idx(found.get("asset_idx"))
    value = new_clip(start=start, end=end, mention=found.get("mention") or None, asset_idx=asset_idx, score=score)
    note_oddities(value, span, issues)
    return value, unknown
