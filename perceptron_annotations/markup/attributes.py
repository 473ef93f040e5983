"""The attributes of a tag, from their text to values: names, character references, times, indices, scores."""

from __future__ import annotations

import re
from collections.abc import Callable
from math import isfinite
from typing import NamedTuple, TypeAlias, TypeVar

from ..issues import Issue, IssueCode, Span, excerpt
from . import grammar
from .inheritance import NO_CONTEXT, Context

N = TypeVar("N", int, float)

#: The attributes that have a meaning on a leaf or clip, and on a track or collection.
LEAF_ATTRIBUTES = frozenset({"mention", "t", "asset_idx", "confidence"})
CONTAINER_ATTRIBUTES = LEAF_ATTRIBUTES - {"confidence"}
#: The names and values of attributes without a meaning.
Unknown: TypeAlias = tuple[tuple[str, str], ...]


class Malformed(Exception):  # noqa: N818 - it never leaves the package
    """An element that the grammar does not accept: the code, and the text that broke it."""

    def __init__(self, code: IssueCode, detail: str) -> None:
        super().__init__(code, detail)
        self.code = code
        self.detail = detail


class Attributes(NamedTuple):
    """The attributes of a tag as written, unescaped: those with a meaning by name, and the others."""

    known: dict[str, str]
    unknown: Unknown
    score: float | None = None


class LeafAttributes(NamedTuple):
    """What the attributes of a leaf or clip say."""

    context: Context
    score: float | None = None
    unknown: Unknown = ()


class ContainerAttributes(NamedTuple):
    """What the attributes of a track or collection say."""

    context: Context
    unknown: Unknown = ()


NO_ATTRIBUTES = LeafAttributes(NO_CONTEXT)


def read_attributes(text: str, span: Span, issues: list[Issue], names: frozenset[str] = LEAF_ATTRIBUTES) -> Attributes:
    """The attributes of a tag; the last of a name wins. ``names`` are those that have a meaning on it.

    Duplicates, names without a meaning, words that are not an attribute, and markup inside a value are noted as
    warnings at ``span``; and so is a ``confidence`` that is not a number from 0 to 1, which then has no meaning.
    """
    found: dict[str, str] = {}
    rest = []
    end = 0
    confidence = ""
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
        elif name not in names:
            issues.append(Issue(IssueCode.UNKNOWN_ATTRIBUTE, span, excerpt(match.group())))
        if "<" in raw and _holds_a_tag(raw):
            issues.append(Issue(IssueCode.MARKUP_IN_ATTRIBUTE, span, excerpt(raw)))
        if name == "confidence":
            confidence = match.group()
        found[name] = unescape(raw)
    rest.append(text[end:])
    if leftover := " ".join("".join(rest).split()):
        issues.append(Issue(IssueCode.UNKNOWN_ATTRIBUTE, span, excerpt(leftover)))
    score = None
    if "confidence" in names and found.get("confidence"):
        score = read_score(found["confidence"])
        if score is None:
            issues.append(Issue(IssueCode.UNKNOWN_ATTRIBUTE, span, excerpt(confidence)))
            names = CONTAINER_ATTRIBUTES
    unknown = tuple([(name, value) for name, value in found.items() if name not in names])
    return Attributes(found, unknown, score)


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


def read_leaf_attributes(text: str, span: Span, issues: list[Issue]) -> LeafAttributes:
    """The attributes of a point, box or polygon. Raises INVALID_TIME, else INVALID_ASSET_IDX or NUMBER_OVERFLOW."""
    if not text:
        return NO_ATTRIBUTES
    if plain := grammar.PLAIN_ATTRIBUTES.fullmatch(text):
        mention, t, asset_idx = plain.groups()
        return LeafAttributes(Context(unescape(mention or "") or None, convert(float, t), convert(int, asset_idx)))
    found, unknown, score = read_attributes(text, span, issues)
    context = Context(found.get("mention") or None, read_time(found.get("t")), read_asset_idx(found.get("asset_idx")))
    return LeafAttributes(context, score, unknown)


def read_container_attributes(tag: str, text: str, span: Span, issues: list[Issue]) -> ContainerAttributes:
    """The attributes of a track or collection. One that cannot be read is an issue and counts as absent."""
    plain = grammar.PLAIN_ATTRIBUTES.fullmatch(text)
    if plain is not None and plain.group(2) is None:
        mention, _, digits = plain.groups()
        return ContainerAttributes(Context(unescape(mention or "") or None, None, convert(int, digits)))
    found, unknown, _ = read_attributes(text, span, issues, CONTAINER_ATTRIBUTES)
    asset_idx = t = None
    try:
        asset_idx = read_asset_idx(found.get("asset_idx"))
    except Malformed as malformed:
        issues.append(Issue(malformed.code, span, excerpt(malformed.detail)))
    if tag == "track":
        if raw := found.get("t"):
            issues.append(Issue(IssueCode.IGNORED_TIME, span, excerpt(raw)))
    else:
        try:
            t = read_time(found.get("t"))
        except Malformed as malformed:
            issues.append(Issue(malformed.code, span, excerpt(malformed.detail)))
    return ContainerAttributes(Context(found.get("mention") or None, t, asset_idx), unknown)
