"""The attributes of a tag, from their text to values: names, character references, times, indices, scores.

What they say depends on nothing but their text, and a model writes the same few labels again and again; so what was
read is kept for the next tag, up to :data:`KEPT` texts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from math import isfinite
from typing import TypeAlias, TypeVar

from msgspec import Struct

from ..geometry import Clip
from ..issues import Issue, IssueCode, Span, excerpt
from ..templates import new_clip
from . import grammar
from .inheritance import NO_CONTEXT, Context

N = TypeVar("N", int, float)

#: The attributes that have a meaning on a leaf or clip, and on a track or collection.
LEAF_ATTRIBUTES = frozenset({"mention", "t", "asset_idx", "confidence"})
CONTAINER_ATTRIBUTES = LEAF_ATTRIBUTES - {"confidence"}
#: The names and values of attributes without a meaning.
Unknown: TypeAlias = tuple[tuple[str, str], ...]
#: What is odd or wrong about a text: the code, and the words that caused it.
Note: TypeAlias = tuple[IssueCode, str]
#: So many texts are remembered with what they say, and only short ones, so that no answer fills the memory.
KEPT = 4096
KEPT_LENGTH = 120


#: Looked up once: the way to a member of an enum takes as long as reading an attribute.
_DUPLICATE_ATTRIBUTE, _UNKNOWN_ATTRIBUTE = IssueCode.DUPLICATE_ATTRIBUTE, IssueCode.UNKNOWN_ATTRIBUTE


class Malformed(Exception):  # noqa: N818 - it never leaves the package
    """An element that the grammar does not accept: the code, and the text that broke it."""

    def __init__(self, code: IssueCode, detail: str) -> None:
        super().__init__(code, detail)
        self.code = code
        self.detail = detail

    @property
    def note(self) -> Note:
        """What an issue says of it."""
        return self.code, excerpt(self.detail)


#: The attributes of a tag as written, unescaped: those with a meaning by name, the others, the score, and what is odd.
Attributes: TypeAlias = tuple[dict[str, str], Unknown, float | None, tuple[Note, ...]]


class LeafAttributes(Struct, frozen=True):
    """What the attributes of a point, box or polygon say."""

    mention: str | None = None
    t: float | None = None
    asset_idx: int | None = None
    score: float | None = None
    unknown: Unknown = ()
    notes: tuple[Note, ...] = ()
    #: Why the element cannot be read.
    fault: Note | None = None


class ClipAttributes(Struct, frozen=True):
    """What the attributes of a clip say, which is all of the clip; None if it cannot be read."""

    value: Clip | None
    unknown: Unknown = ()
    notes: tuple[Note, ...] = ()


class ContainerAttributes(Struct, frozen=True):
    """What the attributes of a track or collection say."""

    context: Context = NO_CONTEXT
    unknown: Unknown = ()
    notes: tuple[Note, ...] = ()


NO_CONTAINER_ATTRIBUTES = ContainerAttributes()


# -- from text to values -----------------------------------------------------------------------------------------------


def leaf_attributes(text: str) -> LeafAttributes:
    """The attributes of a point, box or polygon; a fault is of t, else of asset_idx."""
    return _kept_leaf_attributes(text) if len(text) <= KEPT_LENGTH else _leaf_attributes(text)


def clip_attributes(text: str) -> ClipAttributes:
    """The attributes of a clip; its first fault is of t, else of asset_idx."""
    return _kept_clip_attributes(text) if len(text) <= KEPT_LENGTH else _clip_attributes(text)


def container_attributes(tag: str, text: str) -> ContainerAttributes:
    """The attributes of a track or collection. One that cannot be read is noted and counts as absent."""
    if not text:
        return NO_CONTAINER_ATTRIBUTES
    return _kept_container_attributes(tag, text) if len(text) <= KEPT_LENGTH else _container_attributes(tag, text)


def _leaf_attributes(text: str) -> LeafAttributes:
    if "<" not in text and (plain := grammar.PLAIN_ATTRIBUTES.fullmatch(text)):
        mention, t, digits = plain.groups()
        mention = unescape(mention or "") or None
        return LeafAttributes(mention, convert(float, t), convert(int, digits))
    found, unknown, score, notes = read_attributes(text)
    try:
        t, asset_idx = read_time(found.get("t")), read_asset_idx(found.get("asset_idx"))
    except Malformed as malformed:
        return LeafAttributes(notes=notes, fault=malformed.note)
    return LeafAttributes(found.get("mention") or None, t, asset_idx, score, unknown, notes)


def _clip_attributes(text: str) -> ClipAttributes:
    if "<" not in text and (plain := grammar.PLAIN_CLIP_ATTRIBUTES.fullmatch(text)):
        mention, first, last = plain.groups()
        start, end = float(first), convert(float, last)
        value = new_clip(start=start, end=end, mention=unescape(mention or "") or None)
        return ClipAttributes(value, (), _reversed(start, end))
    found, unknown, score, notes = read_attributes(text)
    raw = found.get("t") or ""
    match = grammar.CLIP_TIME.fullmatch(raw.strip())
    if match is None or not all(map(isfinite, times := [float(time) for time in match.groups() if time is not None])):
        return ClipAttributes(None, (), (*notes, (IssueCode.INVALID_CLIP_TIMESTAMP, excerpt(raw or text.strip()))))
    try:
        asset_idx = read_asset_idx(found.get("asset_idx"))
    except Malformed as malformed:
        return ClipAttributes(None, (), (*notes, malformed.note))
    start, end = times[0], times[1] if len(times) > 1 else None
    value = new_clip(start=start, end=end, mention=found.get("mention") or None, asset_idx=asset_idx, score=score)
    return ClipAttributes(value, unknown, (*notes, *_reversed(start, end)))


def _reversed(start: float, end: float | None) -> tuple[Note, ...]:
    return () if end is None or start <= end else ((IssueCode.REVERSED_CLIP, f"{start:g} {end:g}"),)


def _container_attributes(tag: str, text: str) -> ContainerAttributes:
    found, unknown, _, noted = read_attributes(text, CONTAINER_ATTRIBUTES)
    notes = list(noted)
    asset_idx = t = None
    try:
        asset_idx = read_asset_idx(found.get("asset_idx"))
    except Malformed as malformed:
        notes.append(malformed.note)
    if tag == "track":
        if raw := found.get("t"):
            notes.append((IssueCode.IGNORED_TIME, excerpt(raw)))
    else:
        try:
            t = read_time(found.get("t"))
        except Malformed as malformed:
            notes.append(malformed.note)
    return ContainerAttributes(Context(found.get("mention") or None, t, asset_idx), unknown, tuple(notes))


_kept_leaf_attributes = lru_cache(KEPT)(_leaf_attributes)
_kept_clip_attributes = lru_cache(KEPT)(_clip_attributes)
_kept_container_attributes = lru_cache(KEPT)(_container_attributes)


def append_notes(notes: Iterable[Note], span: Span, issues: list[Issue]) -> None:
    """Make the notes of a tag issues at its place."""
    for code, detail in notes:
        issues.append(Issue(code, span, detail))


# -- attributes as written ---------------------------------------------------------------------------------------------


def read_attributes(text: str, names: frozenset[str] = LEAF_ATTRIBUTES) -> Attributes:
    """The attributes of a tag; the last of a name wins. ``names`` are those that have a meaning on it.

    Noted as warnings are duplicates, names without a meaning, words that are not an attribute, and markup inside a
    value; and so is a ``confidence`` that is not a number from 0 to 1, which then has no meaning.
    """
    found: dict[str, str] = {}
    notes: list[Note] = []
    rest = []
    end = 0
    confidence = ""
    for match in grammar.ATTRIBUTE.finditer(text):
        start, stop = match.span()
        if start > end:
            rest.append(text[end:start])
        end = stop
        name = match[1]
        if name is None:
            rest.append(match.group())
            continue
        raw = match[match.lastindex or 1]  # in double quotes, in single ones, or without
        if name in found:
            notes.append((_DUPLICATE_ATTRIBUTE, excerpt(name)))
        elif name not in names:
            notes.append((_UNKNOWN_ATTRIBUTE, excerpt(match.group())))
        if "<" in raw and _holds_a_tag(raw):
            notes.append((IssueCode.MARKUP_IN_ATTRIBUTE, excerpt(raw)))
        if name == "confidence":
            confidence = match.group()
        found[name] = unescape(raw) if "&" in raw else raw
    rest.append(text[end:])
    if leftover := " ".join("".join(rest).split()):
        notes.append((_UNKNOWN_ATTRIBUTE, excerpt(leftover)))
    score = None
    if "confidence" in names and found.get("confidence"):
        score = read_score(found["confidence"])
        if score is None:
            notes.append((_UNKNOWN_ATTRIBUTE, excerpt(confidence)))
            names = CONTAINER_ATTRIBUTES
    if not notes:
        return found, (), score, ()
    unknown = tuple([(name, value) for name, value in found.items() if name not in names])
    return found, unknown, score, tuple(notes)


def _holds_a_tag(value: str) -> bool:
    if grammar.TAG_START.search(value) is None:
        return False
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

    if "#" in value:
        value = grammar.DECIMAL_REFERENCE.sub(_bounded_reference, value)
    return html.unescape(value)


def read_score(raw: str) -> float | None:
    """A ``confidence``: a number from 0 to 1, or None."""
    match = grammar.SCORE.fullmatch(raw.strip())
    score = float(match.group()) if match else -1.0
    return score if 0 <= score <= 1 else None


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
    return bounded_integer(match.group(1), grammar.MAX_ASSET_IDX)


def bounded_integer(digits: str, limit: int) -> int:
    """``int(digits)`` without its quadratic time or its limit of 4,300 digits; leading zeros are free."""
    head, tail = digits[:-20], digits[-20:]
    if (value := int(tail)) > limit or any(int(digit) for digit in head):
        raise Malformed(IssueCode.NUMBER_OVERFLOW, digits)
    return value


def convert(to: Callable[[str], N], digits: str | None) -> N | None:
    """The digits of a plain match as a number; None for none."""
    return None if digits is None else to(digits)
