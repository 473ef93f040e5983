"""Several answers to one question → one answer whose scores mean something.

These models give no confidence. Asked several times, they agree on what they are sure of: :func:`consensus` groups what
the samples say by label and overlap, and the share of samples that agree is the score.

The one idea: a group takes at most one element of each sample, so its size is a number of votes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from ..errors import UsageError
from .arrays import Floats, Indices, as_floats
from .groups import as_groups, grouped
from .iou import box_iou, clip_iou


class Consensus(NamedTuple):
    """K groups: where each is, how sure, and which rows it is made of."""

    #: ``(K, width)``: the median of the members, coordinate by coordinate.
    geometry: Floats
    #: ``(K,)``: the share of the samples that have a member, above 0 and at most 1.
    score: Floats
    #: ``(K,)``
    label: Indices
    #: ``(N,)``: the group of each row that came in.
    group: Indices


def consensus_boxes(
    boxes: ArrayLike,
    sample: ArrayLike,
    samples: int,
    *,
    labels: ArrayLike | None = None,
    threshold: float = 0.5,
) -> Consensus:
    """The consensus of ``(N, 4)`` xyxy boxes, row i from sample ``sample[i]`` of 0 … samples − 1.

    ``samples`` is how many answers were asked for, those without a box included: they vote too. Boxes are of one object
    where their label is equal and their IoU with the group's first box is at least ``threshold``; rows are taken by
    sample and then in input order, each into the group that it overlaps most among those without its sample. Groups
    stand in the order of score, highest first, then of their first row.
    """
    array = as_floats("boxes", boxes, 4)
    ordered = np.hstack([np.minimum(array[:, :2], array[:, 2:]), np.maximum(array[:, :2], array[:, 2:])])
    return _consensus(ordered, sample, samples, labels, box_iou, threshold)


def consensus_clips(
    clips: ArrayLike,
    sample: ArrayLike,
    samples: int,
    *,
    labels: ArrayLike | None = None,
    threshold: float = 0.5,
) -> Consensus:
    """The consensus of ``(N, 2)`` ranges by temporal IoU; see :func:`consensus_boxes`."""
    return _consensus(np.sort(as_floats("clips", clips, 2), axis=1), sample, samples, labels, clip_iou, threshold)


def consensus_points(
    points: ArrayLike,
    sample: ArrayLike,
    samples: int,
    *,
    radius: float,
    labels: ArrayLike | None = None,
) -> Consensus:
    """The consensus of ``(N, 2)`` points, of one object where they are at most ``radius`` apart; see
    :func:`consensus_boxes`. Distances ask for pixels: the grid is stretched.
    """
    if not radius > 0:
        raise UsageError(f"radius must be above zero, not {radius}")

    def nearness(a: Floats, b: Floats) -> Floats:
        near: Floats = 1.0 / (1.0 + np.linalg.norm(a[:, None] - b[None], axis=2))
        return near

    return _consensus(as_floats("points", points, 2), sample, samples, labels, nearness, 1.0 / (1.0 + radius))


def consensus_count(counts: Sequence[int]) -> tuple[int, float]:
    """The count that most answers give (of equally frequent ones the smallest), and the share that gives it."""
    if not len(counts):
        raise UsageError("there is no count to agree on: pass one for each answer")
    found, votes = np.unique(np.asarray(counts), return_counts=True)
    best = int(np.argmax(votes))
    return int(found[best]), float(votes[best] / len(counts))


def _consensus(
    geometry: Floats,
    sample: ArrayLike,
    samples: int,
    labels: ArrayLike | None,
    overlap: Callable[[Floats, Floats], Floats],
    threshold: float,
) -> Consensus:
    count = len(geometry)
    of = as_groups("sample", sample, count)
    if samples < 1 or (count and not (of.min() >= 0 and of.max() < samples)):
        raise UsageError(f"sample must be from 0 to {samples - 1}, the number of samples less one")
    label = as_groups("labels", labels, count)
    group = np.full(count, -1, dtype=np.int64)
    made = 0
    by_label = grouped(label)
    for start, end in zip(by_label.offsets, by_label.offsets[1:], strict=False):
        rows = by_label.order[start:end]
        rows = rows[np.argsort(of[rows], kind="stable")]
        own, groups = _grouped_by_overlap(geometry[rows], of[rows], overlap, threshold)
        group[rows] = made + own
        made += groups
    return _summarised(geometry, label, group, made, samples)


def _grouped_by_overlap(
    geometry: Floats, sample: Indices, overlap: Callable[[Floats, Floats], Floats], threshold: float
) -> tuple[Indices, int]:
    """The group of each row, rows in the order of their samples, and how many groups there are."""
    group = np.full(len(geometry), -1, dtype=np.int64)
    firsts: list[int] = []
    borders = np.flatnonzero(sample[1:] != sample[:-1]) + 1
    for rows in np.split(np.arange(len(geometry)), borders):
        found = overlap(geometry[rows], geometry[firsts]) if firsts else np.empty((len(rows), 0))
        taken = np.zeros(found.shape[1], dtype=bool)
        for row, shares in zip(rows.tolist(), found, strict=True):
            free = np.where(taken, -1.0, shares)
            best = int(np.argmax(free)) if len(free) else -1
            if best >= 0 and free[best] >= threshold:
                taken[best] = True
                group[row] = best
            else:
                group[row] = len(firsts)
                firsts.append(row)
    return group, len(firsts)


def _summarised(geometry: Floats, label: Indices, group: Indices, made: int, samples: int) -> Consensus:
    members = grouped(group)
    votes = np.diff(members.offsets) / samples
    first = np.array([members.order[start] for start in members.offsets[:-1]], dtype=np.int64)
    medians = np.array(
        [
            np.median(geometry[members.order[start:end]], axis=0)
            for start, end in zip(members.offsets, members.offsets[1:], strict=False)
        ]
    ).reshape(made, geometry.shape[1])
    order = np.lexsort((first, -votes))
    place = np.empty(made, dtype=np.int64)
    place[order] = np.arange(made)
    return Consensus(medians[order], votes[order], label[first][order], place[group] if made else group)
