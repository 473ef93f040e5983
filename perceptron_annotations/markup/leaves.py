"""The text of one element → its value, and the issues that reading it raised.

This is the general way, for anything that the grammar allows; :mod:`.plain_elements` has a short one for elements as
models write them. An element that cannot be read gives None and an issue that says why.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeAlias

from msgspec import Struct

from ..frames import Frame
from ..geometry import Annotation, Box, Clip, Polygon, Shape
from ..issues import Issue, IssueCode, Span, excerpt
from ..templates import new_box, new_point, new_polygon
from . import grammar
from .attributes import (
    LeafAttributes,
    Malformed,
    Note,
    Unknown,
    append_notes,
    bounded_integer,
    clip_attributes,
    leaf_attributes,
)

Pair: TypeAlias = tuple[float, float]


class Reading(Struct, frozen=True, gc=False):
    """Coordinates, and how they were read: the text ignored, and whether the grammar had to be stretched."""

    pairs: Sequence[Pair]
    ignored: str = ""
    stretched: bool = False


#: A value, or None, with its attributes that have no meaning.
Read: TypeAlias = tuple[Annotation | None, Unknown]
_UNREAD: Read = (None, ())
#: Reads the body of a leaf with the tag given, or raises :class:`Malformed`.
CoordinateReader: TypeAlias = Callable[[str, str], Reading]

#: Looked up once: the way to a member of an enum takes as long as making an issue.
_SWAPPED_CORNERS, _ZERO_AREA, _OUT_OF_RANGE = IssueCode.SWAPPED_CORNERS, IssueCode.ZERO_AREA, IssueCode.OUT_OF_RANGE
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
    plain = grammar.PLAIN_BODIES[tag].fullmatch(body)
    if plain is not None:
        numbers = list(map(float, plain.groups()))
        return Reading(list(zip(numbers[::2], numbers[1::2], strict=True)))
    pairs = grammar.PAIR.findall(body) if ")" in body else []
    ignored = ""
    if pairs:
        leading = grammar.LEADING_PAIRS.match(body)
        if leading is None or body[leading.end() :].strip():
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
        if len(words) % 2 == 0 and all(word.isascii() and grammar.DECIMAL.fullmatch(word) for word in words):
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


def read_leaf(
    tag: str, attributes: str, body: str, span: Span, issues: list[Issue], read: CoordinateReader, frame: Frame
) -> Read:
    """A point, box or polygon; its first fault is in its coordinates, then t, then asset_idx."""
    try:
        reading = read(tag, body)
    except Malformed as malformed:
        return _unread(malformed.note, span, issues)
    if reading.stretched:
        issues.append(Issue(COORDINATE_CODES[tag], span, excerpt(body.strip()), recovered=True))
    if reading.ignored:
        issues.append(Issue(IssueCode.IGNORED_TEXT, span, excerpt(reading.ignored)))
    given = _given(attributes, span, issues)
    if given is None:
        return _UNREAD
    value = new_shape(tag, reading.pairs, given, frame)
    note_oddities(value, span, issues)
    return value, given.unknown


def read_clip(attributes: str, body: str, span: Span, issues: list[Issue]) -> Read:
    """A clip; its first fault is a body, then the times, then asset_idx."""
    if body and not body.isspace():
        return _unread((IssueCode.INVALID_CLIP_BODY, excerpt(body.strip())), span, issues)
    return _read_clip(attributes, span, issues)


def _read_clip(attributes: str, span: Span, issues: list[Issue]) -> Read:
    given = clip_attributes(attributes)
    if given.notes:
        append_notes(given.notes, span, issues)
    return given.value, given.unknown


def _given(text: str, span: Span, issues: list[Issue]) -> LeafAttributes | None:
    """The attributes of a leaf; None if they make it unreadable. What is odd or wrong with them becomes issues."""
    given = leaf_attributes(text)
    if given.notes:
        append_notes(given.notes, span, issues)
    if given.fault is None:
        return given
    _unread(given.fault, span, issues)
    return None


def _unread(fault: Note, span: Span, issues: list[Issue]) -> Read:
    code, detail = fault
    issues.append(Issue(code, span, detail))
    return _UNREAD


def new_shape(tag: str, pairs: Sequence[Pair], given: LeafAttributes, frame: Frame) -> Shape:
    """The leaf with these coordinates and attributes."""
    mention, t, asset_idx, score = given.mention, given.t, given.asset_idx, given.score
    if tag == "point_box":
        (x1, y1), (x2, y2) = pairs
        return new_box(x1=x1, y1=y1, x2=x2, y2=y2, mention=mention, t=t, asset_idx=asset_idx, score=score, frame=frame)
    if tag == "point":
        ((x, y),) = pairs
        return new_point(x=x, y=y, mention=mention, t=t, asset_idx=asset_idx, score=score, frame=frame)
    vertices = tuple(pairs)
    return new_polygon(vertices=vertices, mention=mention, t=t, asset_idx=asset_idx, score=score, frame=frame)


def note_oddities(value: Annotation, span: Span, issues: list[Issue]) -> None:
    """The warnings about a value that can be read all the same."""
    if isinstance(value, Clip):
        if value.end is not None and value.end < value.start:
            issues.append(Issue(IssueCode.REVERSED_CLIP, span, f"{value.start:g} {value.end:g}"))
        return
    frame = value.frame
    if isinstance(value, Box):
        x1, y1, x2, y2 = value.x1, value.y1, value.x2, value.y2
        if 0 <= x1 < x2 <= frame.width and 0 <= y1 < y2 <= frame.height:
            return
        note_odd_box(x1, y1, x2, y2, span, issues)
    elif isinstance(value, Polygon):
        note_line(value.vertices, span, issues)
    note_range(value.coordinates, span, issues, frame)


def note_line(vertices: Sequence[Pair], span: Span, issues: list[Issue]) -> None:
    """The warning that a ring encloses no area because its vertices lie on one line."""
    if _on_one_line(vertices):
        issues.append(Issue(_ZERO_AREA, span))


def _on_one_line(vertices: Sequence[Pair]) -> bool:
    # Not the area: that of a ring that crosses itself may cancel out.
    (x0, y0), (x1, y1), *rest = vertices
    for x, y in rest:
        if (x1 - x0) * (y - y0) != (y1 - y0) * (x - x0):
            return False
        if x1 == x0 and y1 == y0:
            x1, y1 = x, y
    return True


def note_range(pairs: Sequence[Pair], span: Span, issues: list[Issue], frame: Frame = Frame.GRID) -> None:
    """The warnings that coordinates lie outside their frame."""
    width, height = frame.width, frame.height
    if max(map(max, pairs)) <= min(width, height) and min(map(min, pairs)) >= 0:
        return
    beyond = [x for x, _ in pairs if x > width] + [y for _, y in pairs if y > height]
    if beyond:
        issues.append(Issue(_OUT_OF_RANGE, span, f"{max(beyond):.16g}"))
    least = min(map(min, pairs))
    if least < 0:
        issues.append(Issue(_OUT_OF_RANGE, span, f"{least:.16g}"))


def note_odd_box(x1: float, y1: float, x2: float, y2: float, span: Span, issues: list[Issue]) -> None:
    """The warnings about the order of two corners."""
    if x1 > x2 or y1 > y2:
        issues.append(Issue(_SWAPPED_CORNERS, span))
    if x1 == x2 or y1 == y2:
        issues.append(Issue(_ZERO_AREA, span))
