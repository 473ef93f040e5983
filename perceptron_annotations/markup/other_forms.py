"""Answers that are not markup: JSON of our own schema, the second form of Mk1, and what other models write.

Asked once, at the end of an answer in which the grammar found nothing. The first two are read, and only if all of the
answer is in that form, but for a Markdown fence; the third is told by a warning. So a text that begins like one of the
first two may turn out to be annotations up to its last character, and nothing else may.
"""

from __future__ import annotations

import re
from typing import ClassVar

import msgspec
from msgspec import Struct

from ..errors import AnnotationsError
from ..frames import Frame
from ..geometry import Annotation, Collection, Track
from ..issues import Issue, IssueCode, Span, excerpt
from . import grammar
from .attributes import LeafAttributes, Malformed, Unknown, read_asset_idx, read_score, read_time
from .document import Mode
from .foreign import find_foreign
from .json_answer import JSON_TAGS, note_item, read_item
from .json_list import HEAD, End, JsonList, read_list
from .leaves import COORDINATE_CODES, CoordinateReader, coordinate_reader, new_shape, note_oddities
from .nodes import Element, Node, Outside
from .repr_form import ReprAnswer, ReprItem, read_repr

#: Special tokens and white space at the ends of an answer, which salvage does not count.
_SPECIAL_ENDS = re.compile(rf"(?:\s*+{grammar.SPECIAL_TOKEN.pattern})*+")
#: How a text begins that may be read here, and what may become such a beginning.
_OPENING = re.compile(rf"""{HEAD.pattern}(?:\[\s*+)?+\{{\s*+["']""")
_UNDECIDED = re.compile(rf"[\s\ufeff]*+`{{1,2}}|{HEAD.pattern}(?:\[\s*+)?+(?:\{{\s*+)?+")
_CUT_SPECIAL_TOKEN = re.compile(r"\s*+<(?:\|[A-Za-z0-9_]{0,64}+\|?+)?+")
_BLANKS = re.compile(r"[\s\ufeff]++")


class OtherForm(Struct, frozen=True):
    """What an answer says in another form than markup. Without ``nodes`` nothing of it was read."""

    issues: tuple[Issue, ...]
    annotations: tuple[Annotation, ...] = ()
    spans: tuple[Span, ...] = ()
    nodes: tuple[Node, ...] = ()
    truncated: bool = False

    #: There are none in the other forms.
    tracks: ClassVar[tuple[Track, ...]] = ()
    collections: ClassVar[tuple[Collection, ...]] = ()


def read_other_form(source: str, answer: Span, mode: Mode, frame: Frame) -> OtherForm | None:
    """The answer, in which the grammar found nothing, in one of the two forms that are read; None if it is in none."""
    if "{" not in source:
        return None
    salvage = mode is _SALVAGE
    inner = _without_special_ends(source, answer) if salvage else answer
    start = inner.start
    text = source[start : inner.end]
    opening = _OPENING.match(text)
    if opening is None:
        return None
    listed = read_list(text) if _may_be_ours(text, opening) else None
    if listed is not None and _is_ours(listed):
        return _Reading(text, start, frame).read_json(listed).made(answer)
    written = read_repr(text) if "(" in text and mode is not _STRICT else None
    if written is None:
        return None
    reader = coordinate_reader(salvage=salvage, frame=frame)
    return _Reading(text, start, frame).read_repr(written, reader, salvage=salvage).made(answer)


def find_other_form(text: str, *, is_bare: bool) -> OtherForm | None:
    """What the compiled scanner asks, in lenient mode on the grid: ``is_bare`` if the grammar found nothing at all."""
    answer = Span(0, len(text))
    other = read_other_form(text, answer, Mode.LENIENT, Frame.GRID) if is_bare else None
    if other is None and (issues := note_foreign(text, answer)):
        return OtherForm(issues)
    return other


def note_foreign(source: str, answer: Span) -> tuple[Issue, ...]:
    """The warning that another model's markup stands in the answer, if there is any."""
    foreign = find_foreign(source[answer.start : answer.end])
    if foreign is None:
        return ()
    span = foreign.span
    if answer.start:
        span = Span(answer.start + span.start, answer.start + span.end)
    return (Issue(_FOREIGN_MARKUP, span, foreign.family),)


#: Looked up once: the way to a member of an enum takes longer than making an issue.
_FOREIGN_MARKUP = IssueCode.FOREIGN_MARKUP
_STRICT, _, _SALVAGE = Mode


class Beginning:
    """The beginning of an answer that arrives, until it is clear whether all of it may be read here."""

    def __init__(self, *, salvage: bool) -> None:
        self._text = ""
        self._salvage = salvage

    def add(self, delta: str) -> bool | None:
        """Take more of the answer; whether it may be read here, None if that is not decided yet."""
        # Blanks and special tokens without end must not be looked at again and again.
        text = _BLANKS.sub(" ", self._text + delta)
        if self._salvage and (match := _SPECIAL_ENDS.match(text)):
            text = text[match.end() :]
        self._text = text
        if _OPENING.match(text):
            return True
        undecided = _UNDECIDED.fullmatch(text) or (self._salvage and _CUT_SPECIAL_TOKEN.fullmatch(text))
        return None if undecided else False


def _without_special_ends(source: str, answer: Span) -> Span:
    start, end = answer
    if match := _SPECIAL_ENDS.match(source, start, end):
        start = match.end()
    for found in reversed(list(grammar.SPECIAL_TOKEN.finditer(source, start, end))):
        if not source[found.end() : end].isspace() and found.end() != end:
            break
        end = found.start()
    return Span(start, end)


def _may_be_ours(text: str, opening: re.Match[str]) -> bool:
    """Whether the words are there without which no list, or no object, is ours; they may be escaped."""
    if "[" not in opening[0]:
        return '"annotations"' in text or "\\" in text
    return ('"type"' in text and _TYPE_WORD.search(text) is not None) or "\\" in text


def _is_ours(listed: JsonList) -> bool:
    """Whether a list is in our own schema: every item says which of our types it is."""
    if listed.end is End.FOLLOWED or not (listed.items or listed.named):
        return False
    return all(isinstance(value, dict) and value.get("type") in _TYPES for _, value in listed.items)


_TYPES = tuple(JSON_TAGS)
_TYPE_WORD = re.compile(f'"(?:{"|".join(_TYPES)})"')


class _Reading:
    """The items of one answer, as they become annotations, nodes and issues."""

    def __init__(self, text: str, offset: int, frame: Frame) -> None:
        self._text = text
        self._offset = offset
        self._frame = frame
        self._elements: list[Element] = []
        self._annotations: list[Annotation] = []
        self._spans: list[Span] = []
        self._issues: list[Issue] = []
        self._truncated = False

    def read_json(self, listed: JsonList) -> _Reading:
        """Take the items of a list in our own schema."""
        for place, value in listed.items:
            span = self._at(place)
            try:
                item = read_item(value, self._frame)
            except (msgspec.ValidationError, AnnotationsError, RecursionError):
                self._fail(IssueCode.INVALID_ITEM, JSON_TAGS[value["type"]], place)
                continue
            note_item(item, span, self._issues)
            self._add(JSON_TAGS[value["type"]], span, item.annotation, item.unknown)
        self._truncated = listed.end is End.CUT
        if listed.rest.start < listed.rest.end:
            code = IssueCode.TRUNCATED_ELEMENT if self._truncated else IssueCode.INVALID_ITEM
            self._note(code, listed.rest)
        return self

    def read_repr(self, written: ReprAnswer, read: CoordinateReader, *, salvage: bool) -> _Reading:
        """Take the items of an answer in the second form of Mk1."""
        self._note(IssueCode.REPR_FORM, written.span, quoted=False)
        if written.ellipsis is not None:
            self._note(IssueCode.IGNORED_TEXT, written.ellipsis)
        for item in written.items:
            if not item.cut:
                self._take(item, read)
            elif not (salvage and item.tag and self._take(item, read, cut=True)):
                self._note(IssueCode.TRUNCATED_ELEMENT, item.span)
        self._truncated = written.cut
        return self

    def _take(self, item: ReprItem, read: CoordinateReader, *, cut: bool = False) -> bool:
        """Add an item, or an issue that says why not; whether it was added."""
        span, issues = self._at(item.span), list[Issue]()
        try:
            reading = read(item.tag, item.body)
            given = _attributes(item.fields, span, issues)
        except Malformed as malformed:
            if not cut:
                self._issues.append(Issue(malformed.code, span, excerpt(malformed.detail)))
                self._element(item.tag, span, None)
            return False
        if cut:
            issues.append(Issue(IssueCode.TRUNCATED_ELEMENT, span, excerpt(item.span.of(self._text)), recovered=True))
        elif reading.stretched:
            issues.append(Issue(COORDINATE_CODES[item.tag], span, excerpt(item.body), recovered=True))
        if reading.ignored.strip(" ,"):
            issues.append(Issue(IssueCode.IGNORED_TEXT, span, excerpt(reading.ignored)))
        value = new_shape(item.tag, reading.pairs, given, self._frame)
        note_oddities(value, span, issues)
        self._issues += issues
        self._add(item.tag, span, value, given.unknown)
        return True

    def _add(self, tag: str, span: Span, value: Annotation, unknown: Unknown) -> None:
        self._element(tag, span, value, unknown)
        self._annotations.append(value)
        self._spans.append(span)

    def _fail(self, code: IssueCode, tag: str, place: Span) -> None:
        self._note(code, place)
        self._element(tag, self._at(place), None)

    def _element(self, tag: str, span: Span, value: Annotation | None, unknown: Unknown = ()) -> None:
        row = len(self._annotations)
        self._elements.append(Element(tag, span, value, row, row + (value is not None), attributes=unknown))

    def _note(self, code: IssueCode, place: Span, *, quoted: bool = True) -> None:
        self._issues.append(Issue(code, self._at(place), excerpt(place.of(self._text)) if quoted else ""))

    def _at(self, place: Span) -> Span:
        return Span(self._offset + place.start, self._offset + place.end)

    def made(self, answer: Span) -> OtherForm:
        """All of it; what is between the items is not prose, but outside."""
        nodes: list[Node] = []
        at = answer.start
        for element in self._elements:
            if element.span.start > at:
                nodes.append(Outside(at, element.span.start))
            nodes.append(element)
            at = element.span.end
        if answer.end > at:
            nodes.append(Outside(at, answer.end))
        return OtherForm(
            tuple(self._issues), tuple(self._annotations), tuple(self._spans), tuple(nodes), self._truncated
        )


def _attributes(fields: dict[str, str], span: Span, issues: list[Issue]) -> LeafAttributes:
    """The fields of an item of the second form, which calls the mention a label. Raises like ``read_leaf``."""
    mention = fields.get("mention") or fields.get("label") or None
    score = read_score(fields["confidence"]) if "confidence" in fields else None
    known = {"mention", "label", "t", "asset_idx"} | ({"confidence"} if score is not None else set())
    unknown = tuple((name, value) for name, value in fields.items() if name not in known)
    issues += [Issue(IssueCode.UNKNOWN_ATTRIBUTE, span, excerpt(name)) for name, _ in unknown]
    t, asset_idx = read_time(fields.get("t")), read_asset_idx(fields.get("asset_idx"))
    return LeafAttributes(mention, t, asset_idx, score, unknown)
