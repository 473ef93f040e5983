"""Documents → :class:`Columns`: the columns that the compiled scanner makes of answers, made of parsed documents.

The rows of a document are its annotations. Only the tree of a document with containers is walked, to see which rows
they hold.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from itertools import chain
from math import nan
from typing import Any, NamedTuple

from ..geometry import ANNOTATION_TYPES, Annotation, Box, Clip, Collection, Track
from ..issues import Issue, IssueCode, Span
from .columns import Columns
from .document import Document, Status
from .nodes import Element, Node

#: The place of what no text says.
NOWHERE = Span(-1, -1)
_KINDS: dict[type[Annotation], int] = {kind: number for number, kind in enumerate(ANNOTATION_TYPES)}
_BOX = _KINDS[Box]
_STATUSES = {status: number for number, status in enumerate(Status)}
_CODES = {code: number for number, code in enumerate(IssueCode)}


class Holding(NamedTuple):
    """Which containers hold the annotations of a document, and the containers, as they open."""

    track: list[int]
    collection: list[int]
    containers: list[Held]


class Held(NamedTuple):
    """A track or collection with what it takes from those around it, and the number of the collection around it."""

    value: Track | Collection
    span: Span
    collection: int


class Flattener:
    """Columns that grow by a document at a time."""

    def __init__(self) -> None:
        arrays: tuple[Any, ...] = tuple(map(array, "qBiddidiiqdqqqqBBBidiiBqBqBqB"))
        flat: Any = Columns(*arrays, [])  # type: ignore[call-arg]
        for name in Columns._fields:
            if name.endswith("offsets"):
                getattr(flat, name).append(0)
        self._columns = flat
        self._numbers: dict[str | None, int] = {None: -1}

    def add(self, document: Document) -> None:
        """Append one document."""
        held = holding(document) if document.tracks or document.collections else None
        self._add_rows(document.annotations, document.spans, held)
        self._add_issues(document.issues)
        self._end_answer(document.status, truncated=document.truncated)

    def add_values(self, annotations: Sequence[Annotation], held: Holding) -> None:
        """Append annotations that no text says, and the containers that hold them."""
        self._add_rows(annotations, [NOWHERE] * len(annotations), held)
        self._end_answer(Status.OK if annotations else Status.EMPTY, truncated=False)

    def _add_rows(self, annotations: Sequence[Annotation], spans: Sequence[Span], held: Holding | None) -> None:
        flat, numbers, count = self._columns, self._numbers, len(annotations)
        kinds = [_KINDS[type(each)] for each in annotations]
        flat.response.extend([len(flat.status)] * count)
        flat.kind.extend(kinds)
        # None is among the numbers, so the next one is their count less one.
        flat.mention.extend([numbers.setdefault(each.mention, len(numbers) - 1) for each in annotations])
        flat.asset_idx.extend([-1 if each.asset_idx is None else each.asset_idx for each in annotations])
        flat.score.extend([nan if each.score is None else each.score for each in annotations])
        flat.span.extend([place for span in spans for place in (span.start, span.end)])
        if kinds.count(_BOX) == count:
            self._add_boxes(annotations)
        else:
            self._add_shapes_and_clips(annotations)
        if held is None:
            held = Holding([-1] * count, [-1] * count, [])
        flat.track.extend(held.track)
        flat.collection.extend(held.collection)
        for container in held.containers:
            self._add_container(container)

    def _add_boxes(self, boxes: Sequence[Any]) -> None:
        """What :meth:`_add_shapes_and_clips` does, in a third of the time: most answers are boxes alone."""
        flat, first = self._columns, len(self._columns.coords) // 2
        flat.coords.extend([number for box in boxes for number in (box.x1, box.y1, box.x2, box.y2)])
        flat.offsets.extend(range(first + 2, first + 2 * len(boxes) + 1, 2))
        flat.t.extend([nan if box.t is None else box.t for box in boxes])
        flat.until.extend([nan] * len(boxes))

    def _add_shapes_and_clips(self, annotations: Sequence[Annotation]) -> None:
        flat = self._columns
        coords, offsets = flat.coords, flat.offsets
        for each in annotations:
            if isinstance(each, Clip):
                flat.t.append(each.start)
                flat.until.append(_or_nan(each.end))
            else:
                coords.extend(chain.from_iterable(each.coordinates))
                flat.t.append(_or_nan(each.t))
                flat.until.append(nan)
            offsets.append(len(coords) // 2)

    def _add_container(self, held: Held) -> None:
        flat, numbers, value = self._columns, self._numbers, held.value
        flat.container_kind.append(isinstance(value, Collection))
        flat.container_mention.append(numbers.setdefault(value.mention, len(numbers) - 1))
        flat.container_t.append(_or_nan(value.t) if isinstance(value, Collection) else nan)
        flat.container_asset_idx.append(_or_none(value.asset_idx))
        flat.container_collection.append(held.collection)
        flat.container_complete.append(value.complete)
        flat.container_span.extend((held.span.start, held.span.end))

    def _add_issues(self, issues: Sequence[Issue]) -> None:
        flat = self._columns
        for issue in issues:
            flat.issue_code.append(_CODES[issue.code])
            flat.issue_span.extend((issue.span.start, issue.span.end))
            flat.issue_recovered.append(issue.recovered)
            flat.detail_text.frombytes(issue.detail.encode("utf-8", "surrogatepass"))
            flat.detail_offsets.append(len(flat.detail_text))

    def _end_answer(self, status: Status, *, truncated: bool) -> None:
        flat = self._columns
        flat.row_offsets.append(len(flat.kind))
        flat.container_offsets.append(len(flat.container_kind))
        flat.issue_offsets.append(len(flat.issue_code))
        flat.status.append(_STATUSES[status])
        flat.truncated.append(truncated)

    def columns(self) -> Columns:
        """All that was added."""
        mentions = [mention for mention in self._numbers if mention is not None]
        flat: Columns = self._columns._replace(mentions=mentions)
        return flat


def _or_nan(number: float | None) -> float:
    return nan if number is None else number


def _or_none(index: int | None) -> int:
    return -1 if index is None else index


class _Inside(NamedTuple):
    """What is around a node: a track that has a value, its number, and the number of the innermost collection."""

    track: Track | None = None
    track_number: int = -1
    collection: int = -1


def holding(document: Document) -> Holding:
    """Walk the tree of a document."""
    rows = len(document.annotations)
    held = Holding([-1] * rows, [-1] * rows, [])
    effective: dict[type, Iterator[tuple[int, Any]]] = {
        Track: enumerate(document.tracks),
        Collection: enumerate(document.collections),
    }
    stack: list[tuple[Iterator[Node], _Inside]] = [(iter(document.nodes), _Inside())]
    while stack:
        nodes, inside = stack[-1]
        node = next(nodes, None)
        if node is None:
            stack.pop()
        elif not isinstance(node, Element):
            continue
        elif isinstance(own := node.value, (Track, Collection)):
            number, value = next(effective[type(own)])
            held.containers.append(Held(value, node.span, inside.collection))
            if isinstance(own, Track):
                stack.append((iter(node.children), _Inside(own, number, inside.collection)))
            else:
                stack.append((iter(node.children), _Inside(collection=number)))
        elif own is not None:
            held.collection[node.first_row] = inside.collection
            if inside.track is not None and _joined(own, inside.track):
                held.track[node.first_row] = inside.track_number
        elif node.children:
            stack.append((iter(node.children), _Inside(collection=inside.collection)))
    return held


def _joined(child: Annotation, track: Track) -> bool:
    """Whether a child of a track is one of its waypoints; salvage keeps other children too."""
    return type(child) is type(track.waypoints[0]) and child.asset_idx in (None, track.asset_idx)
