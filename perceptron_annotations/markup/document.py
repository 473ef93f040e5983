"""One answer read: :func:`parse` and the :class:`Document` it returns.

The text of an answer comes in; its annotations, tree, prose and issues go out, all computed when :func:`parse` returns.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from operator import eq
from typing import Any, Literal, NamedTuple, TypeAlias, overload

from msgspec import Struct
from msgspec.structs import replace

from ..errors import FrameError, MarkupError, UsageError
from ..frames import AssetFrames, Frame, Size, checked_frame
from ..geometry import ANNOTATION_TYPES, Annotation, Box, Clip, Collection, Point, Polygon, Track, to_assets
from ..issues import Issue, IssueCode, Severity, Span, reading_order
from ..plain_values import pydantic_schema
from ..words import member_of
from . import grammar
from .backend import scanner
from .foreign import is_plain
from .nodes import Element, Node, Outside, Text
from .other_forms import OtherForm, find_other_markup, read_other_form
from .tree import TreeBuilder


class Mode(StrEnum):
    """How to take malformed markup. The values are plain strings, so ``mode="strict"`` works."""

    STRICT = "strict"
    """Raise the first error."""
    LENIENT = "lenient"
    """Keep what can be read by the grammar, report the rest."""
    SALVAGE = "salvage"
    """Lenient, and keep the near misses: decimals, signs, brackets, lists, a missing close tag."""


#: The words for the modes.
ModeName: TypeAlias = Literal["strict", "lenient", "salvage"]


class Status(StrEnum):
    """The outcome of reading an answer; four things that are never confused."""

    EMPTY = "empty"
    """The answer has no annotation, and nothing in it looks like one."""
    OK = "ok"
    """Everything was read."""
    PARTIAL = "partial"
    """Something was read and something was lost."""
    UNREADABLE = "unreadable"
    """There was something to read, and all of it was lost."""


class Document(Struct, frozen=True, eq=False, gc=False):
    """What one answer says. Made by :func:`parse`, never by hand.

    ``annotations`` are all points, boxes, polygons and clips in document order, waypoints and members of collections
    among them, each with what it takes from its containers; ``spans[i]`` is the place of ``annotations[i]`` in
    ``source``. ``tracks`` and ``collections`` are the same shapes as groups. ``nodes`` tile the source and say what is
    written there, in the frame in which it was read. Two documents are equal if source, mode, answer, frames and
    truncation are.

    >>> document = pa.parse('One cat: <point_box mention="cat"> (0,500) (1000,1000) </point_box>.')
    >>> document
    <Document ok: 1 boxes>
    >>> document.prose
    'One cat: .'
    >>> document.to_pixels(640, 480).boxes[0].xyxy
    (0.0, 240.0, 640.0, 480.0)
    """

    source: str
    mode: Mode
    #: The part of the source that was read; what is around it is reasoning, or special tokens of a raw decode.
    answer: Span
    nodes: tuple[Node, ...] = ()
    annotations: tuple[Annotation, ...] = ()
    spans: tuple[Span, ...] = ()
    points: tuple[Point, ...] = ()
    boxes: tuple[Box, ...] = ()
    polygons: tuple[Polygon, ...] = ()
    clips: tuple[Clip, ...] = ()
    tracks: tuple[Track, ...] = ()
    collections: tuple[Collection, ...] = ()
    issues: tuple[Issue, ...] = ()
    #: Markup was open at the end of the answer, or the service said that it cut the answer.
    truncated: bool = False
    frame: Frame | AssetFrames = Frame.GRID
    #: The frame in which the answer was read; the values of ``nodes`` stay in it.
    read_in: Frame = Frame.GRID

    @property
    def status(self) -> Status:
        """Whether there was anything to read, and whether it was read."""
        if any(issue.failure for issue in self.issues):
            return Status.PARTIAL if self.annotations else Status.UNREADABLE
        return Status.OK if self.annotations else Status.EMPTY

    @property
    def errors(self) -> tuple[Issue, ...]:
        """The issues that strict mode would raise."""
        return tuple(issue for issue in self.issues if issue.severity is Severity.ERROR)

    @property
    def warnings(self) -> tuple[Issue, ...]:
        """The issues that changed none of the annotations."""
        return tuple(issue for issue in self.issues if issue.severity is Severity.WARNING)

    @property
    def prose(self) -> str:
        """The words of the answer without its markup; of a container that was never closed, the words inside too."""
        return "".join(self.source[slice(*span)] for span in prose_spans(self.nodes))

    def to_markup(self, *, confidence: bool = True) -> str:
        """The answer in canonical form: prose as it is, every element rewritten, what could not be read defused.

        A ``<`` that could be read as a tag although it is prose becomes ``&lt;``, so the result parses without issues
        to the same annotations, and is its own canonical form. Scores are written as ``confidence`` unless that is
        False. Raises ``UnwritableError`` for salvaged fractions and signs, and in a frame other than the grid.

        >>> pa.parse("<POINT> ( 1, 2 ) </POINT> and <point> that is prose").to_markup()
        '<point> (1,2) </point> and &lt;point> that is prose'
        """
        from .write import write_document

        return write_document(self, confidence=confidence)

    def to_dict(self) -> dict[str, Any]:
        """Its fields as dicts, lists, texts and numbers, for ``json.dumps``; :func:`document_schema` describes them.

        A line of ``write_documents`` has the same fields. Shapes leave out what holds its default: no mention, no
        score, the grid as their frame.

        >>> document = pa.parse('<point mention="cat"> (1,2) </point>')
        >>> document.to_dict()["annotations"]
        [{'type': 'point', 'x': 1.0, 'y': 2.0, 'mention': 'cat'}]
        """
        from .document_form import document_to_dict

        return document_to_dict(self)

    @classmethod
    def from_dict(cls, fields: Mapping[str, Any]) -> Document:
        """The document that :meth:`to_dict` made, equal to it: the source is read again and compared.

        Raises ``UsageError`` if ``fields`` is not such a dict, or if its annotations were changed.

        >>> document = pa.parse("<point> (1,2) </point>")
        >>> pa.Document.from_dict(document.to_dict()) == document
        True
        """
        from .document_form import document_from_dict

        return document_from_dict(fields)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        from .document_form import DocumentForm

        return pydantic_schema(cls, cls.from_dict, cls.to_dict, form=DocumentForm)

    def to(self, frame: Frame | AssetFrames) -> Document:
        """The document with every annotation, track and collection in another frame, or each in that of its asset."""
        if isinstance(frame, AssetFrames):
            return self._converted(frame, lambda value: to_assets(value, frame))
        return self._converted(frame, lambda value: value.to(frame))

    @overload
    def to_pixels(self, width: float, height: float) -> Document: ...

    @overload
    def to_pixels(self, *, sizes: Mapping[int, Size] | Sequence[Size], asset_count: int | None = None) -> Document: ...

    def to_pixels(
        self,
        width: float | None = None,
        height: float | None = None,
        *,
        sizes: Mapping[int, Size] | Sequence[Size] | None = None,
        asset_count: int | None = None,
    ) -> Document:
        """The document in exact float pixels of its image, or of the images it speaks of.

        Raises ``FrameError`` if one size was given and shapes lie in more than one asset, and if the size of the asset
        of a shape is missing. Clips have no size and need none.

        Args:
            width: Of the one image, in pixels.
            height: Of the one image, in pixels.
            sizes: ``(width, height)`` by ``asset_idx``, instead of one size: a sequence, or a mapping. An annotation
                without ``asset_idx`` lies in the last asset.
            asset_count: How many assets the request had, if ``sizes`` is a mapping; by default the highest index plus
                one.

        >>> document = pa.parse('<point asset_idx="1"> (500,500) </point>')
        >>> document.to_pixels(sizes=[(640, 480), (800, 600)]).points[0].coordinates
        ((400.0, 300.0),)
        """
        if sizes is not None and width is None and height is None:
            return self.to(AssetFrames.of(sizes, asset_count))
        if width is None or height is None or sizes is not None:
            raise FrameError("pass to_pixels(width, height), or sizes= with one (width, height) for each asset")
        spatial = (annotation for annotation in self.annotations if not isinstance(annotation, Clip))
        named = {annotation.asset_idx for annotation in spatial} - {None}
        if len(named) > 1:
            raise FrameError(
                f"the answer speaks of assets {sorted(named, key=str)}: pass sizes= with one (width, height) for each"
            )
        return self.to(Frame.pixels(width, height))

    def _converted(self, frame: Frame | AssetFrames, convert: Callable[[Any], Any]) -> Document:
        annotations = tuple(map(convert, self.annotations))
        points, boxes, polygons, clips = _by_kind(annotations)
        return replace(
            self,
            annotations=annotations,
            points=points,
            boxes=boxes,
            polygons=polygons,
            clips=clips,
            tracks=tuple(map(convert, self.tracks)),
            collections=tuple(map(convert, self.collections)),
            frame=frame,
        )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Document) and self._identity == other._identity

    def __ne__(self, other: object) -> bool:  # that of a Struct compares identities
        return not self == other

    def __hash__(self) -> int:
        return hash(self._identity)

    @property
    def _identity(self) -> tuple[object, ...]:
        return self.source, self.mode, self.answer, self.frame, self.read_in, self.truncated

    def __repr__(self) -> str:
        counts = ", ".join(
            f"{len(found)} {name}"
            for name, found in (
                ("points", self.points),
                ("boxes", self.boxes),
                ("polygons", self.polygons),
                ("clips", self.clips),
                ("tracks", self.tracks),
                ("collections", self.collections),
                ("issues", self.issues),
            )
            if found
        )
        cut = ", truncated" if self.truncated else ""
        return f"<Document {self.status.value}{cut}: {counts or 'no annotations'}>"

    def _repr_svg_(self) -> str:
        """The shapes as an image, for notebooks."""
        from ..render.svg import to_svg  # noqa: TID251 - only delegates, see UPWARD in the tests

        return to_svg(self.annotations)


def parse(
    text: str,
    *,
    mode: Mode | ModeName = Mode.LENIENT,
    finish_reason: str | None = None,
    frame: Frame = Frame.GRID,
) -> Document:
    """Read the answer of a model: markup, or the JSON of our own schema if all of the text is that.

    In strict mode the first error raises ``MarkupError``; in the others nothing that a model can write raises. What
    another model's way of writing boxes says is not read, but told: the warning ``foreign_markup``. Work is linear in
    the length of the text.

    Args:
        text: The answer without any reasoning.
        mode: What becomes of malformed markup.
        finish_reason: What the service said of its end; ``"length"`` marks the document truncated.
        frame: What the coordinates count, if the model was asked for pixels or for the unit square. Fractions are then
            read in every mode.

    >>> document = pa.parse('<point mention="cat"> (316,136) </point> <point> oops </point>')
    >>> document.points
    (Point(x=316.0, y=136.0, mention='cat'),)
    >>> document.status, [issue.code for issue in document.issues]
    (<Status.PARTIAL: 'partial'>, [<IssueCode.INVALID_POINT_COORDS: 'invalid_point_coords'>])
    """
    if not isinstance(text, str):
        raise UsageError(f"text must be a str, not {_what_instead(text)}")
    if type(text) is not str:
        text = str.__str__(text)  # the characters of a subclass, whatever it makes of ``str()``
    if type(mode) is not Mode:
        mode = checked_mode(mode)
    if finish_reason is None and frame is Frame.GRID and is_plain(text):
        return Document(text, mode, Span(0, len(text)), (Text(0, len(text)),) if text else ())
    if scanner is not None and mode is Mode.LENIENT and finish_reason is None and frame is Frame.GRID:  # nearly always
        parts = scanner.read(text, 0, False)
        if parts is not None:
            return Document(text, mode, *parts)
    return parse_within(text, Span(0, len(text)), mode=mode, cut=finish_reason == "length", frame=checked_frame(frame))


def _what_instead(text: object) -> str:
    """What came in place of a text, and what to pass."""
    if text is None:
        return "None: a completion without content has no answer to parse; pass content or ''"
    if isinstance(text, bytes | bytearray):
        return f"{type(text).__name__}: decode it first, as UTF-8"
    if isinstance(text, dict) or hasattr(text, "choices"):
        return f"{type(text).__name__}: for a response of a service, use Completion.decode(response).parse()"
    return type(text).__name__


def parse_within(source: str, answer: Span, *, mode: Mode, cut: bool, frame: Frame = Frame.GRID) -> Document:
    """Read the part ``answer`` of ``source``; all spans index ``source``, and what is around is ``Outside``.

    ``cut`` says that the answer is known to be cut off.
    """
    if scanner is not None and frame == Frame.GRID and (mode is not Mode.SALVAGE or "<|" not in source):
        # Without errors the three modes give the same.
        start, end = answer.start, answer.end
        parts = scanner.read(source[start:end], start, mode is not Mode.LENIENT)
        if parts is not None:
            return _document(Parts(*parts), source, mode=mode, cut=cut)
    return parse_purely(source, answer, mode=mode, cut=cut, frame=frame)


def parse_purely(source: str, answer: Span, *, mode: Mode, cut: bool, frame: Frame = Frame.GRID) -> Document:
    """:func:`parse_within` by the pure parser, whatever else there is."""
    start, end = answer.start, answer.end
    builder = TreeBuilder(source, start, salvage=mode is Mode.SALVAGE, frame=frame)
    builder.tell(grammar.TOKEN.finditer(source, start, end))
    builder.finish(end)
    return assemble(builder, source, answer, mode=mode, cut=cut, frame=frame)


def checked_mode(mode: Mode | ModeName) -> Mode:
    """``mode`` as a :class:`Mode`, or the error that names the three."""
    return member_of(Mode, mode, "mode")


def assemble(builder: TreeBuilder, source: str, answer: Span, *, mode: Mode, cut: bool, frame: Frame) -> Document:
    """The document of a finished tree; raises the first error in strict mode."""
    found = _Found(builder.nodes, builder.annotations, builder.spans, builder.issues, truncated=builder.truncated)
    if builder.is_empty:
        other = (
            read_other_form(
                source, answer, reads_repr=mode is not Mode.STRICT, salvage=mode is Mode.SALVAGE, frame=frame
            )
            if builder.is_bare
            else find_other_markup(source, answer)
        )
        if other is not None:
            found = _of_other_form(other, found)
    nodes, issues = found.nodes, found.issues
    repeats = any(map(eq, found.annotations, found.annotations[1:]))
    if issues or repeats or mode is Mode.SALVAGE:
        issues = _all_issues(found, source, mode)
    if mode is Mode.SALVAGE:
        nodes = _without_special_tokens(nodes, source)
    annotations = tuple(found.annotations)
    parts = Parts(
        answer,
        tuple(nodes),
        annotations,
        tuple(found.spans),
        *_by_kind(annotations),
        tuple(builder.tracks),
        tuple(builder.collections),
        tuple(issues),
        found.truncated,
    )
    return _document(parts, source, mode=mode, cut=cut, frame=frame)


class _Found(NamedTuple):
    """What an answer says, before it is looked at as a whole."""

    nodes: Sequence[Node]
    annotations: Sequence[Annotation]
    spans: Sequence[Span]
    issues: Sequence[Issue]
    truncated: bool


def _of_other_form(other: OtherForm, found: _Found) -> _Found:
    """What an answer says in another form than markup, with the warnings that the grammar had."""
    return _Found(
        other.nodes or found.nodes,
        other.annotations,
        other.spans,
        [*found.issues, *other.issues],
        found.truncated or other.truncated,
    )


class Parts(NamedTuple):
    """What reading an answer gives, whoever read it; the fields are those of :class:`Document`."""

    answer: Span
    nodes: tuple[Node, ...]
    annotations: tuple[Annotation, ...]
    spans: tuple[Span, ...]
    points: tuple[Point, ...]
    boxes: tuple[Box, ...]
    polygons: tuple[Polygon, ...]
    clips: tuple[Clip, ...]
    tracks: tuple[Track, ...]
    collections: tuple[Collection, ...]
    issues: tuple[Issue, ...]
    truncated: bool


def _document(parts: Parts, source: str, *, mode: Mode, cut: bool, frame: Frame = Frame.GRID) -> Document:
    answer = parts.answer
    before = (Outside(0, answer.start),) if answer.start > 0 else ()
    behind = (Outside(answer.end, len(source)),) if answer.end < len(source) else ()
    nodes = (*before, *parts.nodes, *behind)
    return Document(source, mode, answer, nodes, *parts[2:-1], parts.truncated or cut, frame, frame)


def _all_issues(found: _Found, source: str, mode: Mode) -> list[Issue]:
    """The issues of the tags and those of the whole answer, in order; raises the first error in strict mode."""
    issues = [*found.issues, *_repeats(found.annotations, found.spans)]
    if mode is Mode.SALVAGE:
        issues += [
            Issue(IssueCode.SPECIAL_TOKEN, span, span.of(source)) for span in _special_tokens(found.nodes, source)
        ]
    issues.sort(key=reading_order)
    if mode is Mode.STRICT:
        for issue in issues:
            if issue.severity is Severity.ERROR:
                raise MarkupError(issue, source)
    return issues


_Views: TypeAlias = tuple[tuple[Point, ...], tuple[Box, ...], tuple[Polygon, ...], tuple[Clip, ...]]


def _by_kind(annotations: tuple[Annotation, ...]) -> _Views:
    """The points, the boxes, the polygons and the clips among the annotations."""
    kinds = set(map(type, annotations))
    if kinds == {Box}:  # most answers
        return (), annotations, (), ()  # type: ignore[return-value]
    if len(kinds) == 1:
        views: Any = [annotations if kind in kinds else () for kind in ANNOTATION_TYPES]
    else:
        views = [tuple([each for each in annotations if type(each) is kind]) for kind in ANNOTATION_TYPES]
    return tuple(views)


def _repeats(annotations: Sequence[Annotation], spans: Sequence[Span]) -> Iterable[Issue]:
    """One warning for every run of equal annotations."""
    first = 0
    for row in range(1, len(annotations) + 1):
        if row < len(annotations) and annotations[row] == annotations[row - 1]:
            continue
        if row - first >= grammar.REPEAT_RUN:
            yield Issue(
                IssueCode.REPEATED_ELEMENT, Span(spans[first].start, spans[row - 1].end), f"{row - first} times"
            )
        first = row


def _special_tokens(nodes: Iterable[Node], source: str) -> Iterator[Span]:
    """The places of ``<|im_end|>`` and the like in the text of a raw decode."""
    for node in nodes:
        if isinstance(node, Text):
            for match in grammar.SPECIAL_TOKEN.finditer(source, *node.span):
                yield Span(*match.span())


def _without_special_tokens(nodes: Iterable[Node], source: str) -> list[Node]:
    """``nodes`` with the special tokens taken out of the text."""
    kept: list[Node] = []
    for node in nodes:
        if not isinstance(node, Text):
            kept.append(node)
            continue
        start, end = node.span
        for span in _special_tokens([node], source):
            if span.start > start:
                kept.append(Text(start, span.start))
            kept.append(Outside(span.start, span.end))
            start = span.end
        if start < end:
            kept.append(Text(start, end))
    return kept


def prose_spans(nodes: Iterable[Node]) -> list[Span]:
    """The spans of the text nodes, those inside unclosed containers included, in order."""
    spans: list[Span] = []
    stack = list(nodes)[::-1]
    while stack:
        node = stack.pop()
        if isinstance(node, Text):
            spans.append(node.span)
        elif isinstance(node, Element) and not node.closed:
            stack.extend(reversed(node.children))
    return spans
