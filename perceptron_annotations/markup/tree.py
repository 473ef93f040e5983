"""Tags → the tree of an answer, its annotations and its issues.

:class:`TreeBuilder` gets the tags one by one, from ``parse`` for a whole answer and from ``StreamParser`` as text
arrives, so both end in the same tree. The context of a container is known when it opens, so a leaf gets its effective
attributes the moment it is closed; only a track that takes the asset of its waypoints corrects them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from msgspec.structs import replace

from ..frames import Frame
from ..geometry import Annotation, Collection, Track
from ..issues import Issue, IssueCode, Span, excerpt
from . import grammar
from .attributes import append_notes, container_attributes
from .document import Mode
from .inheritance import C, as_contained, first
from .leaves import Read, coordinate_reader, read_clip, read_coordinates, read_leaf
from .nodes import Element, Text
from .open_elements import OpenCollection, OpenContainer, OpenGroup, OpenTag, OpenTrack, Source
from .tokens import NONE_PLAIN, PLAIN, TokenKind, token_of
from .unpaired import coordinates_behind, cut_tag, leading_body, lost_with

#: Looked up once: the way to a member of a class takes as long as making an annotation.
GRID = Frame.GRID
_OPEN_STEP, _CLOSE_STEP = grammar.PLAIN_OPEN[-1], grammar.PLAIN_CLOSE[-1]
_, _CONTAINER, _OPEN, _CLOSE, _, _SKIPPED = TokenKind
_SALVAGE = Mode.SALVAGE
_UNCLOSED_TAG, _UNPAIRED_TAG = IssueCode.UNCLOSED_TAG, IssueCode.UNPAIRED_TAG


class TreeBuilder:
    """Builds the tree of one answer: ``tell`` it the tokens, then ``finish``."""

    truncated = False
    pending: OpenTag | None = None
    #: All tracks, with their context, in the order in which they open; and all collections. They are complete at the
    #: end of the answer.
    tracks: tuple[Track, ...] = ()
    collections: tuple[Collection, ...] = ()

    def __init__(self, source: Source, start: int, mode: Mode, frame: Frame = GRID) -> None:
        self.annotations: list[Annotation] = []
        self.spans: list[Span] = []
        self.issues: list[Issue] = []
        self.root = root = OpenContainer(start)
        self.nodes = root.nodes
        self.stack = [root]
        self.last_end = start  # of the last tag, or of what was read behind it
        self._groups: list[OpenGroup] = []  # all tracks and collections, in the order in which they open
        self._open: dict[str, int] = {}  # how many by tag, so that no stray close tag walks the whole stack
        self._source = source
        self._salvage = mode is _SALVAGE
        self._frame = frame
        self._plain = PLAIN if frame is GRID or frame == GRID else NONE_PLAIN

    @property
    def is_bare(self) -> bool:
        """Whether the grammar found nothing so far, be it open or empty."""
        bare = len(self.stack) == 1 and [node for node in self.root.nodes if type(node) is not Text] == []
        return bare and self.is_empty

    @property
    def is_empty(self) -> bool:
        """Whether there is no annotation so far, nor a trace of one that was lost."""
        if self.annotations or not self.issues:
            return not self.annotations
        of_each_sort = {(issue.code, issue.recovered): issue for issue in self.issues}
        return not any(issue.failure for issue in of_each_sort.values())

    # -- what the scanner tells --------------------------------------------------------------------------------------

    def tell(self, matches: Iterable[re.Match[str]], offset: int = 0) -> None:
        """Take matches of ``grammar.TOKEN``, in order; ``offset`` is the place of the matched text in the answer."""
        annotations, spans, issues, root = self.annotations, self.spans, self.issues, self.root
        readers = self._plain
        container, pending = self.stack[-1], self.pending
        nodes, cursor = container.nodes, container.cursor
        for match in matches:
            start, end = match.span()
            if offset:
                start += offset
                end += offset
            element = None
            if (read := readers[match.lastindex]) is not None:  # type: ignore[index]  # every step has a group
                if pending is not None:
                    container.cursor = cursor
                    self._leave_unpaired(pending, start)
                    pending, cursor = None, container.cursor
                span = Span(start, end)
                element = read(match, span, len(annotations), issues)
            if element is None:
                container.cursor = cursor
                self._tell_tag(match, start, end)
                container, pending = self.stack[-1], self.pending
                nodes, cursor = container.nodes, container.cursor
                continue
            # What ``_attach`` does, spelled out because nearly every element comes here.
            value: Any = element.value
            annotations.append(value if container is root else container.take(element, issues))
            spans.append(span)
            if start > cursor:
                nodes.append(Text(cursor, start))
            nodes.append(element)
            cursor = self.last_end = end
        container.cursor = cursor

    def _tell_tag(self, match: re.Match[str], start: int, end: int) -> None:
        kind, tag, attributes, body = token_of(match)
        if kind is _CLOSE:
            self._close(tag, start, end)
        elif kind is _SKIPPED:
            self._note(_UNPAIRED_TAG, Span(start, end), self._source[start:end])
        else:
            if self.pending is not None:
                self._leave_unpaired(self.pending, start)
            if kind is _CONTAINER:
                self._open_container(tag, attributes, start, end)
            elif kind is _OPEN:
                self.pending = OpenTag(tag, attributes, start, end)
            else:
                self._element(tag, attributes, body, Span(start, end))
            self.last_end = end

    def _close(self, tag: str, start: int, end: int) -> None:
        pending = self.pending
        if pending is not None and pending.tag == tag:
            self.pending = None
            body = self._source[pending.end : start]
            self._element(tag, pending.attributes, body, Span(pending.start, end))
        else:
            if pending is not None:
                self._leave_unpaired(pending, start)
            if self._open.get(tag):
                while self.stack[-1].tag != tag:
                    self._close_container(start, start, unclosed=True)
                self._close_container(start, end)
            else:
                self._stray_close(tag, start, end)
        self.last_end = end

    def finish(self, end: int) -> None:
        """The end of the answer: close what is open and report what is cut."""
        if self.pending is not None or "<" in self._source[self.last_end : end]:
            self._report_cut(end)
        while len(self.stack) > 1:
            self.truncated = True
            container = self.stack[-1]
            self._close_container(end, end)
            if len(self.stack) == 1:
                kept = len(self.annotations) > container.first_row
                self._note(
                    IssueCode.INCOMPLETE_ANNOTATION, Span(container.start, end), f"<{container.tag}>", recovered=kept
                )
        self.root.finish(end)
        if self._groups:
            self.tracks, self.collections = self._made(Track), self._made(Collection)

    def _made(self, kind: type[C]) -> tuple[C, ...]:
        return tuple([group.effective for group in self._groups if type(group.effective) is kind])

    # -- leaves and clips --------------------------------------------------------------------------------------------

    def _element(self, tag: str, attributes: str, body: str, span: Span) -> None:
        row, before = len(self.annotations), len(self.issues)
        value, unknown = self._value(tag, attributes, body, span)
        salvaged = self._salvage and any(issue.recovered for issue in self.issues[before:])
        self._attach(Element(tag, span, value, row, row + (value is not None), attributes=unknown), salvaged=salvaged)

    def _value(self, tag: str, attributes: str, body: str, span: Span) -> Read:
        """The value of a leaf or clip and its attributes without a meaning; None and an issue if it cannot be read."""
        if tag == "clip":
            return read_clip(attributes, body, span, self.issues)
        if self._salvage or self._plain is not PLAIN:
            read = coordinate_reader(salvage=self._salvage, frame=self._frame)
        else:
            read = read_coordinates
        return read_leaf(tag, attributes, body, span, self.issues, read, self._frame)

    def _attach(self, element: Element, *, salvaged: bool = False) -> None:
        """Enter a leaf or clip, readable or not, into the container it stands in."""
        container, span = self.stack[-1], element.span
        if element.value is not None:
            self.annotations.append(container.take(element, self.issues, salvaged=salvaged))
            self.spans.append(span)
        else:
            container.children += 1
            if element.tag == "clip" and container.tag == "track":
                self._note(IssueCode.INVALID_TRACK_CHILD, span, "<clip>")
        container.add(element, span.start, span.end)

    # -- containers --------------------------------------------------------------------------------------------------

    def _open_container(self, tag: str, attributes: str, start: int, end: int) -> None:
        own = container_attributes(tag, attributes)
        if own.notes:
            append_notes(own.notes, Span(start, end), self.issues)
        opened = OpenTrack if tag == "track" else OpenCollection
        group = opened(start, end, own, self.stack[-1], len(self.annotations))
        self._groups.append(group)
        self._open[tag] = self._open.get(tag, 0) + 1
        self.stack.append(group)

    def _close_container(self, start: int, end: int, *, unclosed: bool = False) -> None:
        """Close the innermost container with the tag from ``start`` to ``end``, which are equal if it has none.

        ``unclosed`` says that the close tag of an outer one does it, which is an error.
        """
        container: Any = self.stack.pop()
        outer = self.stack[-1]
        tag = container.tag
        self._open[tag] -= 1
        container.finish(start)
        span = Span(container.start, end)
        first_row, next_row = container.first_row, len(self.annotations)
        if unclosed:
            self._note(IssueCode.UNCLOSED_TAG, span, f"<{tag}>", recovered=first_row < next_row)
        complete = start < end
        value: Track | Collection | None
        if isinstance(container, OpenTrack):
            value = self._close_track(container, span, complete)
        elif (value := container.value(complete=complete)) is not None:
            container.effective = value if outer is self.root else as_contained(value, container.context)
        if tag == outer.tag == "collection":
            self._note(IssueCode.INVALID_COLLECTION_CHILD, span, "<collection>", recovered=True)
        elif outer.tag == "track":
            self._note(IssueCode.INVALID_TRACK_CHILD, span, f"<{tag}>", recovered=True)
        if complete:
            if container.children == 0:
                self._note(IssueCode.EMPTY_CONTAINER, span, f"<{tag}>")
            if ignored := container.ignored_text(self._source):  # the words of an open container are prose
                self.issues.append(Issue(IssueCode.IGNORED_TEXT, *ignored))
        outer.children += 1
        nodes = tuple(container.nodes)
        element = Element(tag, span, value, first_row, next_row, nodes, complete, container.unknown)
        outer.add(element, span.start, end)

    def _close_track(self, container: OpenTrack, span: Span, complete: bool) -> Track | None:
        outer = self.stack[-1]
        waypoints, notes = container.settled()
        append_notes(notes, span, self.issues)
        value = container.value(waypoints.values, complete=complete)
        if value is not None:
            own = value.asset_idx
            if own is not None and container.own.asset_idx is None:
                for row, waypoint in zip(waypoints.rows, waypoints.values, strict=True):
                    if waypoint.asset_idx is None:
                        self.annotations[row] = replace(self.annotations[row], asset_idx=own)
            container.effective = value
            if outer is not self.root:
                asset_idx = first(own, container.context.asset_idx)
                container.effective = effective = as_contained(value, replace(container.context, asset_idx=asset_idx))
                outer.enter(value if outer.tag == "collection" else effective)
        if len(waypoints.rows) < len(container.rows) + len(container.salvaged):
            self._enter_loose(outer, container, set(waypoints.rows))
        return value

    def _enter_loose(self, outer: OpenContainer, container: OpenTrack, joined: set[int]) -> None:
        """Waypoints that did not join their track stay as loose annotations, in the collection around it."""
        for row in (*container.rows, *(row for row, _ in container.salvaged)):
            if row not in joined:
                outer.enter(self.annotations[row])

    # -- tags without a partner --------------------------------------------------------------------------------------

    def _leave_unpaired(self, tag: OpenTag, end: int) -> None:
        """``tag`` was opened, and the next tag, at ``end``, does not close it."""
        lost, kept = self._weigh(tag, end)
        if len(self.stack) > 1:
            self._note(_UNCLOSED_TAG, Span(tag.start, tag.end), f"<{tag.tag}>", recovered=kept or lost is None)
        else:
            self._note_unpaired(tag, lost, kept)

    def _weigh(self, tag: OpenTag, end: int) -> tuple[Span | None, bool]:
        """What ``tag`` loses without a close tag before ``end``, None for nothing, and if it was kept all the same."""
        self.pending = None
        if tag.end == end and tag.tag != "clip":  # two tags side by side
            return None, False
        text = self._source[tag.end : end]
        lost = lost_with(tag, text)
        if lost is None:
            return None, False
        self.last_end = end  # these coordinates are spoken for
        return lost, self._salvage and self._salvage_open(tag, text)

    def _note_unpaired(self, tag: OpenTag, lost: Span | None, kept: bool) -> None:
        if lost is not None:
            self._note(IssueCode.MISSING_TAG, lost, self._source[lost.start : lost.end], recovered=kept)
        else:
            self.issues.append(Issue(_UNPAIRED_TAG, Span(tag.start, tag.end), f"<{tag.tag}>"))

    def _salvage_open(self, tag: OpenTag, text: str) -> bool:
        """Keep a leaf or clip without its close tag, if all it needs stands at the start of ``text``."""
        body = leading_body(tag, text, on_grid=self._frame == GRID)
        if body is None:
            return False
        span = Span(tag.start, tag.end + len(body))
        value, unknown = self._value(tag.tag, tag.attributes, body, span)
        if value is None:
            return False
        row = len(self.annotations)
        self._attach(Element(tag.tag, span, value, row, row + 1, attributes=unknown), salvaged=True)
        return True

    def _stray_close(self, tag: str, start: int, end: int) -> None:
        behind = coordinates_behind(self._source, self.last_end, start)
        if len(self.stack) > 1:
            self._note(IssueCode.UNEXPECTED_CLOSE_TAG, Span(start, end), f"</{tag}>", recovered=behind is None)
        elif behind is not None and tag in grammar.LEAF_TAGS:
            self._note(IssueCode.MISSING_TAG, Span(behind, end), self._source[behind:start])
        else:
            self._note(IssueCode.UNPAIRED_TAG, Span(start, end), f"</{tag}>")
        if tag in grammar.CONTAINER_TAGS:
            row = len(self.annotations)
            self.stack[-1].add(Element(tag, Span(start, end), None, row, row, closed=False), start, end)

    def _report_cut(self, end: int) -> None:
        """What a cut-off answer leaves behind its last whole tag: an open leaf, the start of a tag, or both."""
        pending = self.pending
        rest = self._source[self.last_end : end]
        cut = cut_tag(rest)
        body = rest if cut is None else rest[: -len(cut)]
        if pending is not None:
            cut_body = grammar.CUT_BODY.fullmatch(body) is not None
            lost, kept = self._weigh(pending, self.last_end + len(body))
            if cut_body:
                self.truncated = True
                self._note(IssueCode.TRUNCATED_ELEMENT, Span(pending.start, end), f"<{pending.tag}>", recovered=kept)
                return
            self._note_unpaired(pending, lost, kept)
        if cut is not None:
            self.truncated = True
            if not cut.startswith("</"):
                self._note(IssueCode.TRUNCATED_ELEMENT, Span(end - len(cut), end), cut)

    def _note(self, code: IssueCode, span: Span, detail: str = "", *, recovered: bool = False) -> None:
        self.issues.append(Issue(code, span, excerpt(detail), recovered))
