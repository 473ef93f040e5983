"""What was wrong, or odd, in an answer: a code, a place, and the words that caused it.

Model text that cannot be read is data, so it becomes an :class:`Issue` and never an exception outside strict mode.
Severity, message and the documentation all derive from one table, :data:`CATALOG`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

from msgspec import Struct


class Span(Struct, frozen=True, gc=False, order=True, array_like=True):
    """A half-open range ``start … end`` of the source, in Unicode code points, as Python slices count.

    It unpacks like a pair: ``start, end = span``.

    >>> pa.Span(5, 8).of("Two, cats")
    'cat'
    """

    start: int
    end: int

    def __iter__(self) -> Iterator[int]:
        yield self.start
        yield self.end

    def of(self, source: str) -> str:
        """The text of ``source`` that the span covers."""
        return source[self.start : self.end]


class Severity(StrEnum):
    """``ERROR``: strict mode raises it. ``WARNING``: it never changes which annotations are returned."""

    ERROR = "error"
    WARNING = "warning"


class IssueCode(StrEnum):
    """Every code, the SDK's first. :data:`CATALOG` says what each means."""

    INVALID_POINT_COORDS = "invalid_point_coords"
    INVALID_BOX_COORDS = "invalid_box_coords"
    INVALID_POLYGON_COORDS = "invalid_polygon_coords"
    INVALID_TIME = "invalid_time"
    INVALID_ASSET_IDX = "invalid_asset_idx"
    INVALID_CLIP_TIMESTAMP = "invalid_clip_timestamp"
    INVALID_CLIP_BODY = "invalid_clip_body"
    INVALID_TRACK_CHILD = "invalid_track_child"
    INVALID_TRACK_GEOMETRY = "invalid_track_geometry"
    INVALID_TRACK_ASSET = "invalid_track_asset"
    INVALID_COLLECTION_CHILD = "invalid_collection_child"
    UNEXPECTED_CLOSE_TAG = "unexpected_close_tag"
    UNCLOSED_TAG = "unclosed_tag"
    INCOMPLETE_ANNOTATION = "incomplete_annotation"

    NUMBER_OVERFLOW = "number_overflow"
    MISSING_TAG = "missing_tag"
    TRUNCATED_ELEMENT = "truncated_element"
    INVALID_ITEM = "invalid_item"

    SWAPPED_CORNERS = "swapped_corners"
    OUT_OF_RANGE = "out_of_range"
    ZERO_AREA = "zero_area"
    REVERSED_CLIP = "reversed_clip"
    DUPLICATE_ATTRIBUTE = "duplicate_attribute"
    UNKNOWN_ATTRIBUTE = "unknown_attribute"
    MARKUP_IN_ATTRIBUTE = "markup_in_attribute"
    IGNORED_MENTION = "ignored_mention"
    IGNORED_TIME = "ignored_time"
    IGNORED_TEXT = "ignored_text"
    EMPTY_CONTAINER = "empty_container"
    UNPAIRED_TAG = "unpaired_tag"
    REPEATED_ELEMENT = "repeated_element"
    SPECIAL_TOKEN = "special_token"  # noqa: S105 - the name of a code, not a secret
    REPR_FORM = "repr_form"
    FOREIGN_MARKUP = "foreign_markup"


class CodeInfo(NamedTuple):
    """A row of the catalog: how grave it is, one line for a person, and whether the SDK has the same code."""

    severity: Severity
    summary: str
    in_sdk: bool


def _sdk(summary: str) -> CodeInfo:
    return CodeInfo(Severity.ERROR, summary, in_sdk=True)


def _error(summary: str) -> CodeInfo:
    return CodeInfo(Severity.ERROR, summary, in_sdk=False)


def _warning(summary: str) -> CodeInfo:
    return CodeInfo(Severity.WARNING, summary, in_sdk=False)


#: What every code means. The documentation's table is checked against it.
CATALOG: Mapping[IssueCode, CodeInfo] = MappingProxyType(
    {
        IssueCode.INVALID_POINT_COORDS: _sdk("a point needs exactly one (x,y) of unsigned integers"),
        IssueCode.INVALID_BOX_COORDS: _sdk("a point_box needs exactly two (x,y) of unsigned integers"),
        IssueCode.INVALID_POLYGON_COORDS: _sdk("a polygon needs at least three (x,y) of unsigned integers"),
        IssueCode.INVALID_TIME: _sdk('t is not a time in seconds such as "1.5 seconds"'),
        IssueCode.INVALID_ASSET_IDX: _sdk("asset_idx is not a non-negative integer"),
        IssueCode.INVALID_CLIP_TIMESTAMP: _sdk('a clip needs t="S seconds" or t="S seconds E seconds"'),
        IssueCode.INVALID_CLIP_BODY: _sdk("a clip has no body"),
        IssueCode.INVALID_TRACK_CHILD: _sdk("a track holds only point, point_box or polygon"),
        IssueCode.INVALID_TRACK_GEOMETRY: _sdk("the waypoints of a track are not all of one kind"),
        IssueCode.INVALID_TRACK_ASSET: _sdk("a track and its waypoints name more than one asset"),
        IssueCode.INVALID_COLLECTION_CHILD: _sdk("a collection stands inside a collection"),
        IssueCode.UNEXPECTED_CLOSE_TAG: _sdk("a close tag inside a container closes nothing"),
        IssueCode.UNCLOSED_TAG: _sdk("a tag inside a container is not closed"),
        IssueCode.INCOMPLETE_ANNOTATION: _sdk("a container is still open where the answer ends"),
        IssueCode.NUMBER_OVERFLOW: _error("a coordinate is beyond 2**53, or an asset_idx beyond 2**31 - 1"),
        IssueCode.MISSING_TAG: _error("coordinates stand beside a tag whose partner is missing"),
        IssueCode.TRUNCATED_ELEMENT: _error("the answer ends inside an element or a tag"),
        IssueCode.INVALID_ITEM: _error("an item of an answer in JSON, or in the second form of Mk1, cannot be read"),
        IssueCode.SWAPPED_CORNERS: _warning("the first corner of a box is right of or below the second"),
        IssueCode.OUT_OF_RANGE: _warning("a coordinate lies outside its frame (the grid is 0-1000)"),
        IssueCode.ZERO_AREA: _warning("a box or polygon encloses no area"),
        IssueCode.REVERSED_CLIP: _warning("a clip ends before it starts"),
        IssueCode.DUPLICATE_ATTRIBUTE: _warning("an attribute is given twice; the last one counts"),
        IssueCode.UNKNOWN_ATTRIBUTE: _warning("an attribute has no meaning in the grammar and is ignored"),
        IssueCode.MARKUP_IN_ATTRIBUTE: _warning("a quoted value holds a tag; a quote may be missing before it"),
        IssueCode.IGNORED_MENTION: _warning("a waypoint's own mention is ignored; the track names the object"),
        IssueCode.IGNORED_TIME: _warning("a track's own t is ignored; its waypoints carry the times"),
        IssueCode.IGNORED_TEXT: _warning("text inside an element is not part of its geometry"),
        IssueCode.EMPTY_CONTAINER: _warning("a closed track or collection holds nothing"),
        IssueCode.UNPAIRED_TAG: _warning("a tag stands alone and is prose"),
        IssueCode.REPEATED_ELEMENT: _warning("the same element is repeated; the model may be looping"),
        IssueCode.SPECIAL_TOKEN: _warning("a special token of the model stands in the text"),
        IssueCode.REPR_FORM: _warning("the answer is in the second form of Mk1, 'point_box': (1,2), (3,4)"),
        IssueCode.FOREIGN_MARKUP: _warning("boxes or points are written as other models write them, and are not read"),
    }
)

#: Characters of the source that an issue quotes at most; an answer may be one broken tag of many megabytes.
DETAIL_LIMIT = 120


def excerpt(text: str) -> str:
    """``text`` as an issue quotes it: cut to :data:`DETAIL_LIMIT` characters.

    >>> len(excerpt("x" * 1_000_000))
    120
    """
    return text if len(text) <= DETAIL_LIMIT else text[: DETAIL_LIMIT - 1] + "…"


class Issue(Struct, frozen=True, gc=False, omit_defaults=True):
    """One thing that was wrong or odd, with its place.

    ``detail`` quotes the cause, raw and at most :data:`DETAIL_LIMIT` characters: it is the model's text, so escape it
    before showing it. ``recovered`` is set if the element was kept after all; such an issue is not a failure.

    >>> (issue,) = pa.parse("<point> (5000,1) </point>").issues
    >>> issue.message, issue.span, issue.failure
    ("out_of_range: a coordinate lies outside its frame (the grid is 0-1000): '5000'", Span(start=0, end=25), False)
    """

    code: IssueCode
    span: Span
    detail: str = ""
    recovered: bool = False

    @property
    def severity(self) -> Severity:
        """How grave the code is."""
        return CATALOG[self.code].severity

    @property
    def failure(self) -> bool:
        """Whether something of the answer was lost by it: an error that was not recovered, or foreign markup."""
        return self.code in (_LOST_ANYHOW if self.recovered else _LOST)

    @property
    def message(self) -> str:
        """One line for a person: code, meaning and the quoted cause with control characters escaped."""
        quoted = f": {self.detail!r}" if self.detail else ""
        return f"{self.code.value}: {CATALOG[self.code].summary}{quoted}"


# The codes by which something of an answer was lost, and those of them that no recovery takes back.
_LOST_ANYHOW = frozenset({IssueCode.FOREIGN_MARKUP})
_LOST = _LOST_ANYHOW | {code for code, info in CATALOG.items() if info.severity is Severity.ERROR}

# The order in which the SDK finds errors at one place; so strict mode raises the same one.
_RANK = {
    code: rank
    for rank, code in enumerate(
        (
            IssueCode.INVALID_COLLECTION_CHILD,
            IssueCode.UNCLOSED_TAG,
            IssueCode.INVALID_ASSET_IDX,
            IssueCode.INVALID_TIME,
            IssueCode.INVALID_TRACK_GEOMETRY,
            IssueCode.INVALID_TRACK_ASSET,
            IssueCode.INVALID_TRACK_CHILD,
            IssueCode.INCOMPLETE_ANNOTATION,
        )
    )
}


def reading_rank(code: IssueCode) -> int:
    """The place of a code among the errors at one place.

    >>> reading_rank(pa.IssueCode.INVALID_ASSET_IDX) < reading_rank(pa.IssueCode.INVALID_TIME)
    True
    """
    return _RANK.get(code, 0)


#: At one place errors come before warnings.
_ORDER = {
    code: (info.severity is Severity.WARNING) * len(IssueCode) + reading_rank(code) for code, info in CATALOG.items()
}


def reading_order(issue: Issue) -> tuple[int, int]:
    """Sorts issues: by their start; at one place errors before warnings, and errors as the SDK finds them.

    >>> issues = [pa.Issue(pa.IssueCode.ZERO_AREA, pa.Span(9, 20)), pa.Issue(pa.IssueCode.MISSING_TAG, pa.Span(0, 5))]
    >>> [issue.code.value for issue in sorted(issues, key=reading_order)]
    ['missing_tag', 'zero_area']
    """
    return issue.span.start, _ORDER[issue.code]
