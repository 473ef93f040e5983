"""The text of one element → its value, and the issues that reading it raised.

Only this module reads attributes, times, indices and coordinates. A plain element, as the models write it, comes with
all its parts matched (``plain_…``); anything else takes the general path (``read_…``), which gives the same values and
notes what was odd. What cannot be read raises :class:`Malformed`, which the tree makes an issue.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from math import isfinite
from typing import Annotated, NamedTuple, TypeAlias, TypeVar

import msgspec

from ..geometry import Box, Clip, Point, Polygon, Shape
from ..issues import Issue, IssueCode, Span, excerpt
from ..templates import new_box, new_clip, new_point, new_polygon
from . import grammar
from .grammar import GRID_MAX, PLAIN_BOX, PLAIN_CLIP, PLAIN_POINT, PLAIN_POLYGON
from .inheritance import NO_CONTEXT, Context

Pair: TypeAlias = tuple[float, float]
N = TypeVar("N", int, float)


class Malformed(Exception):  # noqa: N818 - it never leaves the package
    """An element that the grammar does not accept: the code, and the text that broke it."""

    def __init__(self, code: IssueCode, detail: str) -> None:
        super().__init__(code, detail)
        self.code = code
        self.detail = detail


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


# -- attributes ------------------------------------------------------------------------------------------------------


def read_attributes(text: str, span: Span, issues: list[Issue]) -> dict[str, str]:
    """The attributes of a tag by name, unescaped once; the last of a name wins.

    Duplicates, names without a meaning, words that are not an attribute, and markup inside a value are noted as
    warnings at ``span``.
    """
    found: dict[str, str] = {}
    rest = []
    end = 0
    for match in grammar.ATTRIBUTE.finditer(text):
        rest.append(text[end : match.start()])
        end = match.end()
        name, double, single, bare = match.groups()
        if name is None:
            rest.append(match.group())
            continue
        raw = next(value for value in (double, single, bare) if value is not None)
        if name in found:
            issues.append(Issue(IssueCode.DUPLICATE_ATTRIBUTE, span, excerpt(name)))
        elif name not in grammar.ATTRIBUTE_NAMES:
            issues.append(Issue(IssueCode.UNKNOWN_ATTRIBUTE, span, excerpt(match.group())))
        if "<" in raw and _holds_a_tag(raw):
            issues.append(Issue(IssueCode.MARKUP_IN_ATTRIBUTE, span, excerpt(raw)))
        found[name] = unescape(raw)
    rest.append(text[end:])
    if leftover := " ".join("".join(rest).split()):
        issues.append(Issue(IssueCode.UNKNOWN_ATTRIBUTE, span, excerpt(leftover)))
    return found


def _holds_a_tag(value: str) -> bool:
    from .truncation import TAG_LIKE

    return TAG_LIKE.search(value) is not None


def _bounded_reference(match: re.Match[str]) -> str:
    # No character has a number of eight significant digits; html.unescape gives U+FFFD for all beyond the last one.
    digits = match.group(1).lstrip("0")
    return f"&#{digits or 0};" if len(digits) < 8 else "\ufffd"  # noqa: PLR2004


def unescape(value: str) -> str:
    """``html.unescape``, for character references of any length."""
    if "&" not in value:
        return value
    import html

    return html.unescape(grammar.DECIMAL_REFERENCE.sub(_bounded_reference, value))


def read_time(raw: str | None) -> float | None:
    """Seconds of a spatial ``t``: ``1.5``, ``1.5 seconds``, ``1.5s``, ``1 second``. Raises INVALID_TIME."""
    if not raw:
        return None
    match = grammar.SPATIAL_TIME.fullmatch(raw.strip())
    if match is None or not isfinite(seconds := float(match.group(1))):
        raise Malformed(IssueCode.INVALID_TIME, raw)
    return seconds


def read_asset_idx(raw: str | None) -> int | None:
    """The index of an asset. Raises INVALID_ASSET_IDX, and NUMBER_OVERFLOW beyond the limit."""
    if not raw:
        return None
    match = grammar.ASSET_IDX.fullmatch(raw.strip())
    if match is None:
        raise Malformed(IssueCode.INVALID_ASSET_IDX, raw)
    return _bounded_integer(match.group(1), grammar.MAX_ASSET_IDX)


def _bounded_integer(digits: str, limit: int) -> int:
    """``int(digits)`` without its quadratic time or its limit of 4,300 digits; leading zeros are free."""
    head, tail = digits[:-20], digits[-20:]
    if (value := int(tail)) > limit or any(int(digit) for digit in head):
        raise Malformed(IssueCode.NUMBER_OVERFLOW, digits)
    return value


def read_context(text: str, span: Span, issues: list[Issue]) -> Context:
    """The attributes of a leaf. Raises INVALID_TIME, else INVALID_ASSET_IDX or NUMBER_OVERFLOW."""
    if not text:
        return NO_CONTEXT
    if plain := grammar.PLAIN_ATTRIBUTES.fullmatch(text):
        mention, t, asset_idx = plain.groups()
        return Context(unescape(mention or "") or None, _plain(float, t), _plain(int, asset_idx))
    found = read_attributes(text, span, issues)
    return Context(found.get("mention") or None, read_time(found.get("t")), read_asset_idx(found.get("asset_idx")))


def _plain(convert: Callable[[str], N], digits: str | None) -> N | None:
    return None if digits is None else convert(digits)


def read_container(tag: str, text: str, span: Span, issues: list[Issue]) -> Context:
    """The attributes of a track or collection. One that cannot be read is an issue and counts as absent."""
    plain = grammar.PLAIN_ATTRIBUTES.fullmatch(text)
    if plain is not None and plain.group(2) is None:
        mention, _, digits = plain.groups()
        return Context(unescape(mention or "") or None, None, _plain(int, digits))
    found = read_attributes(text, span, issues)
    asset_idx = t = None
    try:
        asset_idx = read_asset_idx(found.get("asset_idx"))
    except Malformed as malformed:
        issues.append(Issue(malformed.code, span, excerpt(malformed.detail)))
    if tag == "track":
        if raw := found.get("t"):
            issues.append(Issue(IssueCode.IGNORED_TIME, span, excerpt(raw)))
        return Context(found.get("mention") or None, None, asset_idx)
    try:
        t = read_time(found.get("t"))
    except Malformed as malformed:
        issues.append(Issue(malformed.code, span, excerpt(malformed.detail)))
    return Context(found.get("mention") or None, t, asset_idx)


# -- coordinates -----------------------------------------------------------------------------------------------------


def _coordinate(digits: str) -> float:
    if len(digits) <= grammar.EXACT_DIGITS:
        return float(digits)
    return float(_bounded_integer(digits, grammar.MAX_COORDINATE))


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
    least, most = grammar.PAIRS[tag]
    if len(pairs) < least or (most is not None and len(pairs) > most):
        raise Malformed(COORDINATE_CODES[tag], body.strip())
    return Reading([(_coordinate(x), _coordinate(y)) for x, y in pairs], ignored)


def salvage_coordinates(tag: str, body: str) -> Reading:
    """Like :func:`read_coordinates`, and the near misses: signs, decimals, brackets, lists, more numbers than needed.

    A point takes the first pair, a box the first two, a polygon all whole pairs.
    """
    try:
        return read_coordinates(tag, body)
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


# -- elements --------------------------------------------------------------------------------------------------------


def plain_box(match: re.Match[str], span: Span, issues: list[Issue]) -> Box:
    """The box of a plain match: mention, t, asset_idx, x1, y1, x2, y2."""
    mention, t, asset_idx, left, top, right, bottom = match.group(*PLAIN_BOX)
    x1, y1, x2, y2 = float(left), float(top), float(right), float(bottom)
    if not (x1 < x2 <= GRID_MAX and y1 < y2 <= GRID_MAX):
        _note_odd_box(x1, y1, x2, y2, span, issues)
    if mention and "&" in mention:
        mention = unescape(mention)
    if t is asset_idx is None:
        return new_box(x1=x1, y1=y1, x2=x2, y2=y2, mention=mention or None)
    return new_box(
        x1=x1, y1=y1, x2=x2, y2=y2, mention=mention or None, t=_plain(float, t), asset_idx=_plain(int, asset_idx)
    )


def plain_point(match: re.Match[str], span: Span, issues: list[Issue]) -> Point:
    """The point of a plain match: mention, t, asset_idx, x, y."""
    mention, t, asset_idx, left, top = match.group(*PLAIN_POINT)
    x, y = float(left), float(top)
    if x > GRID_MAX or y > GRID_MAX:
        _note_range((x, y), span, issues)
    if mention and "&" in mention:
        mention = unescape(mention)
    if t is asset_idx is None:
        return new_point(x=x, y=y, mention=mention or None)
    return new_point(x=x, y=y, mention=mention or None, t=_plain(float, t), asset_idx=_plain(int, asset_idx))


def plain_polygon(match: re.Match[str], span: Span, issues: list[Issue]) -> Polygon:
    """The polygon of a plain match: mention, t, asset_idx, ring."""
    mention, t, asset_idx, ring = match.group(*PLAIN_POLYGON)
    vertices, in_grid = _plain_ring(ring)
    mention = unescape(mention) if mention else None
    (x0, y0), (x1, y1), (x2, y2) = vertices[:3]
    if (x1 - x0) * (y2 - y0) == (y1 - y0) * (x2 - x0) and _on_one_line(vertices):
        issues.append(Issue(IssueCode.ZERO_AREA, span))
    if not in_grid:
        _note_range([number for pair in vertices for number in pair], span, issues)
    if t is asset_idx is None:
        return new_polygon(vertices=vertices, mention=mention or None)
    return new_polygon(vertices=vertices, mention=mention or None, t=_plain(float, t), asset_idx=_plain(int, asset_idx))


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
    start, end = float(first), _plain(float, last)
    if end is not None and end < start:
        issues.append(Issue(IssueCode.REVERSED_CLIP, span, f"{start:g} {end:g}"))
    mention = unescape(mention) if mention else None
    return new_clip(start=start, end=end, mention=mention or None, asset_idx=_plain(int, asset_idx))


def read_leaf(tag: str, attributes: str, body: str, span: Span, issues: list[Issue], read: CoordinateReader) -> Shape:
    """A point, box or polygon. Raises :class:`Malformed` with the first fault: coordinates, then t, then asset_idx."""
    reading = read(tag, body)
    if reading.stretched:
        issues.append(Issue(COORDINATE_CODES[tag], span, excerpt(body.strip()), recovered=True))
    if reading.ignored:
        issues.append(Issue(IssueCode.IGNORED_TEXT, span, excerpt(reading.ignored)))
    pairs = reading.pairs
    context = read_context(attributes, span, issues)
    mention, t, asset_idx = context.mention, context.t, context.asset_idx
    if tag == "polygon":
        if _on_one_line(pairs):
            issues.append(Issue(IssueCode.ZERO_AREA, span))
        _note_range([number for pair in pairs for number in pair], span, issues)
        return new_polygon(vertices=tuple(pairs), mention=mention, t=t, asset_idx=asset_idx)
    if tag == "point":
        ((x, y),) = pairs
        _note_range((x, y), span, issues)
        return new_point(x=x, y=y, mention=mention, t=t, asset_idx=asset_idx)
    (x1, y1), (x2, y2) = pairs
    _note_odd_box(x1, y1, x2, y2, span, issues)
    return new_box(x1=x1, y1=y1, x2=x2, y2=y2, mention=mention, t=t, asset_idx=asset_idx)


def _on_one_line(vertices: Sequence[Pair]) -> bool:
    # Not the area: that of a ring that crosses itself may cancel out.
    (x0, y0), (x1, y1), *rest = vertices
    for x, y in rest:
        if (x1 - x0) * (y - y0) != (y1 - y0) * (x - x0):
            return False
        if x1 == x0 and y1 == y0:
            x1, y1 = x, y
    return True


def _note_range(numbers: Sequence[float], span: Span, issues: list[Issue]) -> None:
    if max(numbers) > GRID_MAX:
        issues.append(Issue(IssueCode.OUT_OF_RANGE, span, f"{max(numbers):.16g}"))
    if min(numbers) < 0:
        issues.append(Issue(IssueCode.OUT_OF_RANGE, span, f"{min(numbers):.16g}"))


def _note_odd_box(x1: float, y1: float, x2: float, y2: float, span: Span, issues: list[Issue]) -> None:
    if x1 > x2 or y1 > y2:
        issues.append(Issue(IssueCode.SWAPPED_CORNERS, span))
    if x1 == x2 or y1 == y2:
        issues.append(Issue(IssueCode.ZERO_AREA, span))
    _note_range((x1, y1, x2, y2), span, issues)


def read_clip(attributes: str, body: str, span: Span, issues: list[Issue]) -> Clip:
    """A clip. Raises :class:`Malformed` with the first fault: a body, then the times, then asset_idx."""
    if body and not body.isspace():
        raise Malformed(IssueCode.INVALID_CLIP_BODY, body.strip())
    found = read_attributes(attributes, span, issues)
    raw = found.get("t") or ""
    match = grammar.CLIP_TIME.fullmatch(raw.strip())
    start, end = (None if time is None else float(time) for time in match.groups()) if match else (None, None)
    if start is None or not isfinite(start) or not (end is None or isfinite(end)):
        raise Malformed(IssueCode.INVALID_CLIP_TIMESTAMP, raw or attributes.strip())
    asset_idx = read_asset_idx(found.get("asset_idx"))
    if end is not None and end < start:
        issues.append(Issue(IssueCode.REVERSED_CLIP, span, f"{start:g} {end:g}"))
    return new_clip(start=start, end=end, mention=found.get("mention") or None, asset_idx=asset_idx)
