"""Consensus of the answers in a table: those with one key are samples of one answer.

A sample that could not be read has no vote; one that could be read and found nothing votes against.
"""

from __future__ import annotations

from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import ArrayLike

from ..errors import FrameError, UsageError
from ..frames import FrameKind
from ..geometry import AnnotationKind
from ..markup.document import Status
from ..table.columnar import Columnar
from ..table.side_tables import Responses, unstated
from ..table.table import AnnotationTable
from .arrays import Floats, Indices
from .fuse import Consensus, consensus_boxes, consensus_clips, consensus_points, consensus_polygons
from .groups import as_groups, grouped, ranges
from .rings import Rings

Rows = TypeVar("Rows", bound=Columnar)


class _Asked(NamedTuple):
    """Which answers are samples of what."""

    #: ``(R,)``: the question of each response, from 0.
    question: Indices
    #: ``(R,)``: which of the readable answers to its question it is.
    sample: Indices
    #: ``(Q,)``: how many of these there are.
    samples: Indices
    #: ``(Q,)``: the first response of each.
    first: Indices


def consensus(
    table: AnnotationTable,
    *,
    questions: ArrayLike | None = None,
    threshold: float = 0.5,
    radius: float | None = None,
) -> AnnotationTable:
    """One answer for each question, whose ``score`` is the share of its samples that agree.

    Answers that are unreadable have no vote; those without annotations have. Two elements can be of one object if kind,
    label, asset and time are equal and they overlap enough, or are near enough. Geometry is the median of those that
    agree, of polygons the one that overlaps the others most; tracks and collections are not kept. Questions come in the
    order of their first responses, and within each the rows by score, highest first.

    Raises ``UsageError`` if there are neither keys nor questions, or points and no radius, and ``FrameError`` for
    points that are not in pixels.

    Args:
        table: Answers, several to each question.
        questions: ``(R,)`` whole numbers, equal for responses that are samples of one question; by default responses
            with one ``key`` are.
        threshold: The IoU that elements of one object reach at least.
        radius: The most pixels between points of one object.

    >>> table = pa.parse_batch([
    ...     '<point_box mention="cat"> (0,0) (10,10) </point_box>',
    ...     '<point_box mention="cat"> (2,0) (12,10) </point_box>',
    ...     "I see no cat.",
    ... ])
    >>> agreed = pa.ops.consensus(table, questions=[0, 0, 0])
    >>> agreed.xyxy.tolist(), agreed.score.round(2).tolist()
    ([[1.0, 0.0, 11.0, 10.0]], [0.67])
    """
    asked = _asked(table, questions)
    rows, found = zip(*[_of_kind(table, kind, asked, threshold, radius) for kind in AnnotationKind], strict=True)
    picked = table.take(np.concatenate([some[each.row] for some, each in zip(rows, found, strict=True)]))
    points, boxes, _, clips = (each.geometry for each in found)
    is_clip = picked.kind == AnnotationKind.CLIP
    t, until = picked.t.copy(), picked.until.copy()
    t[is_clip], until[is_clip] = clips.T
    of = asked.question[picked.response]
    score = np.concatenate([each.score for each in found])
    agreed = picked.replace(
        response=of,
        score=score,
        coords=np.concatenate([points, boxes.reshape(-1, 2), picked.coords[len(points) + 2 * len(boxes) :]]),
        t=t,
        until=until,
        track=np.full(len(of), -1, dtype=np.int32),
        collection=np.full(len(of), -1, dtype=np.int32),
        responses=_responses(table.responses, asked, np.bincount(of, minlength=len(asked.first)) > 0),
        containers=_emptied(table.containers),
        issues=_emptied(table.issues, details=()),
    )
    first = np.concatenate([some[each.row] for some, each in zip(rows, found, strict=True)])
    return agreed.take(np.lexsort((first, -score, of)))


def _asked(table: AnnotationTable, questions: ArrayLike | None) -> _Asked:
    count = len(table.responses)
    if questions is not None:
        ids = as_groups("questions", questions, count)
    elif table.responses.key is not None:
        numbers: dict[str, int] = {}
        ids = np.array([numbers.setdefault(key, len(numbers)) for key in table.responses.key], dtype=np.int64)
    else:
        raise UsageError("the responses have no keys: pass questions=, equal for the samples of one question")
    _, first, question = np.unique(ids, return_index=True, return_inverse=True)
    order = np.argsort(first)
    place = np.empty(len(first), dtype=np.int64)
    place[order] = np.arange(len(first))
    question, first = place[question], first[order]
    votes = np.flatnonzero(table.responses.status != list(Status).index(Status.UNREADABLE))
    by_question = grouped(question[votes])
    sample = np.zeros(count, dtype=np.int64)
    sample[votes[by_question.order]] = ranges(np.zeros(len(by_question.ids), dtype=np.int64), by_question.sizes)
    return _Asked(question, sample, np.bincount(question[votes], minlength=len(first)), first)


def _of_kind(
    table: AnnotationTable, kind: AnnotationKind, asked: _Asked, threshold: float, radius: float | None
) -> tuple[Indices, Consensus]:
    """The rows of one kind, and what they agree on."""
    rows = np.flatnonzero(table.kind == kind)
    some = table[rows]
    question = asked.question[some.response]
    labels = _numbers(some, timed=kind is not AnnotationKind.CLIP)
    votes = {"sample": asked.sample[some.response], "samples": asked.samples[question], "questions": question}
    if kind is AnnotationKind.CLIP:
        clips = np.column_stack([some.t, some.until])
        return rows, consensus_clips(clips, **votes, labels=labels, threshold=threshold)
    if kind is AnnotationKind.BOX:
        return rows, consensus_boxes(some.xyxy, **votes, labels=labels, threshold=threshold)
    if kind is AnnotationKind.POLYGON:
        rings = Rings(some.coords, some.offsets)
        return rows, consensus_polygons(rings, **votes, labels=labels, threshold=threshold)
    if len(rows) and radius is None:
        raise UsageError("there are points: pass radius=, the most pixels between two of one object")
    if len(rows) and table.frame is not FrameKind.PIXELS:
        raise FrameError(f"a radius is in pixels, but the table is in {table.frame}: use ops.to_pixels(table) first")
    return rows, consensus_points(some.coords, **votes, labels=labels, radius=1.0 if radius is None else radius)


def _numbers(table: AnnotationTable, *, timed: bool) -> Indices:
    """``(N,)``: a number for each mention, asset and, if the kind lies at one time, time."""
    times: Floats = np.nan_to_num(table.t, nan=-1.0) if timed else np.zeros(len(table))
    what = np.column_stack([table.mention, table.asset_idx, times])
    return np.unique(what, axis=0, return_inverse=True)[1].reshape(-1).astype(np.int64)


def _responses(responses: Responses, asked: _Asked, found: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Responses:
    """One for each question; its assets are those of its first response."""
    statuses = list(Status)
    codes = np.where(found, statuses.index(Status.OK), statuses.index(Status.EMPTY)).astype(np.uint8)
    codes[asked.samples == 0] = statuses.index(Status.UNREADABLE)
    starts, counts = responses.size_offsets[:-1][asked.first], np.diff(responses.size_offsets)[asked.first]
    return Responses(
        status=codes,
        truncated=np.zeros(len(codes), dtype=bool),
        ending=unstated(len(codes)),
        size_offsets=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        sizes=responses.sizes[ranges(starts, counts)],
        key=None if responses.key is None else tuple(responses.key[row] for row in asked.first),
    )


def _emptied(columns: Rows, **plain: object) -> Rows:
    return columns.replace(**{name: getattr(columns, name)[:0] for name in columns.row_columns()}, **plain)
