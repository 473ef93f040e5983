"""Several answers to one question → one answer whose scores mean something.

These models give no confidence. Asked several times, they agree on what they are sure of: a consensus groups what the
samples say by label and overlap, and the share of samples that agree is the score.

A group takes at most one element of each sample, so its size is a number of votes. Which elements could join is found
for all questions at once; only who joins whom is decided one by one.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from ..errors import UsageError
from .arrays import Floats, Indices, as_floats
from .crowds import Crowd, Overlaps, Turns
from .groups import as_groups, grouped, joint_groups, ranges
from .iou import grouped_box_overlaps, grouped_clip_overlaps
from .overlap import Pairs
from .rings import Rings, as_rings, some_rings


class Consensus(NamedTuple):
    """K groups by question, then by score, highest first, then by their first row."""

    #: ``(K, width)``: the median of the members, coordinate by coordinate.
    geometry: Floats
    #: ``(K,)``: the share of the samples that have a member, above 0 and at most 1.
    score: Floats
    #: ``(K,)``
    label: Indices
    #: ``(N,)``: the group of each row that came in.
    group: Indices
    #: ``(K,)``: a row of each group; of polygons the one that overlaps the other members most.
    row: Indices


class Samples:
    """Which answer each of N rows is from, and which rows may be one object: those of one question and label.

    ``sample[i]`` is from 0 to the number of answers less one; ``samples`` is how many answers were asked for, those
    without a row included, since they vote too: one number, or ``(N,)``, that of each row's question. ``questions`` and
    ``labels`` are whole numbers, one for each row.
    """

    def __init__(
        self, sample: ArrayLike, samples: ArrayLike, labels: ArrayLike | None, questions: ArrayLike | None, count: int
    ) -> None:
        self.sample = as_groups("sample", sample, count)
        self.label = as_groups("labels", labels, count)
        self.question = as_groups("questions", questions, count)
        self.samples = np.broadcast_to(np.asarray(samples, dtype=np.int64), (count,))
        if np.any(np.asarray(samples) < 1) or np.any((self.sample < 0) | (self.sample >= self.samples)):
            raise UsageError("sample must be from 0 to less than the number of samples, which is at least 1")
        self.key = joint_groups(labels, questions, count)

    def clusters(self, near: Overlaps, least: float) -> Indices:
        """The group of each row, numbered from 0; rows that overlap by at least ``least`` can join.

        Rows come by sample and then in input order; each joins the group whose first row it is nearest to, of those
        that have none of its sample, equal ones in the order in which they began. Or it begins one.
        """
        group = self._listed(near.pairs)
        for crowd in near.crowds:
            rows, first = self._crowded(crowd, least)
            group[rows] = group[first]
        return np.unique(group, return_inverse=True)[1] if near.crowds else group

    def _listed(self, near: Pairs) -> Indices:
        count = len(self.key)
        order = np.lexsort((np.arange(count), self.sample, self.key))
        place = np.empty(count, dtype=np.int64)
        place[order] = np.arange(count)
        row, first = place[near.i], place[near.j]
        earlier = np.flatnonzero(self.sample[near.j] < self.sample[near.i])
        earlier = earlier[np.lexsort((first[earlier], -near.overlap[earlier], row[earlier]))]
        return _joined(row[earlier], first[earlier], self.sample[order])[place]

    def _crowded(self, crowd: Crowd, least: float) -> tuple[Indices, Indices]:
        """The rows of a crowd, and the first row of the group of each."""
        rows = crowd.rows[np.argsort(self.sample[crowd.rows], kind="stable")]
        first = rows.copy()
        for start, end in pairwise(grouped(self.sample[rows]).offsets.tolist()):
            begun = rows[:start][first[:start] == rows[:start]]
            turns, places, at = Turns(len(begun)), np.arange(len(begun)), start
            for some, block in crowd.blocks(rows[start:end], begun) if start else ():
                joined = np.array([turns.take(places, overlap, least) for overlap in block])
                first[at + np.flatnonzero(joined >= 0)] = begun[joined[joined >= 0]]
                at += len(some)
        return rows, first

    def summarised(self, geometry: Floats, group: Indices, row: Indices | None = None) -> Consensus:
        """The groups in their order, each at the median of its members."""
        members = grouped(group)
        first = np.minimum.reduceat(members.order, members.offsets[:-1]) if len(group) else members.order
        score = members.sizes / self.samples[first]
        order = np.lexsort((first, -score, self.question[first]))
        place = np.empty(len(order), dtype=np.int64)
        place[order] = np.arange(len(order))
        middle = _medians(geometry, group, members.offsets)[order]
        return Consensus(
            middle, score[order], self.label[first][order], place[group], (first if row is None else row)[order]
        )


def _joined(row: Indices, first: Indices, sample: Indices) -> Indices:
    """The group of each row, by the pairs of a row with earlier ones, nearest first."""
    group = [-1] * len(sample)
    begun: dict[int, int] = {}  # the first row of a group → the sample that joined last
    numbers: dict[int, int] = {}
    samples = sample.tolist()
    borders = np.searchsorted(row, np.arange(len(sample) + 1)).tolist()
    firsts = first.tolist()
    for each, (start, end) in enumerate(pairwise(borders)):
        for candidate in firsts[start:end]:
            if begun.get(candidate, samples[each]) != samples[each]:
                begun[candidate] = samples[each]
                group[each] = numbers[candidate]
                break
        else:
            begun[each] = samples[each]
            group[each] = numbers[each] = len(numbers)
    return np.array(group, dtype=np.int64)


def _medians(geometry: Floats, group: Indices, offsets: Indices) -> Floats:
    """``(K, width)``: the median of each column in each group."""
    sizes = np.diff(offsets)
    low, high = offsets[:-1] + (sizes - 1) // 2, offsets[:-1] + sizes // 2
    middle = np.empty((len(sizes), geometry.shape[1]))
    for column in range(geometry.shape[1]):
        values = geometry[np.lexsort((geometry[:, column], group)), column]
        middle[:, column] = (values[low] + values[high]) / 2
    return middle


def consensus_boxes(
    boxes: ArrayLike,
    sample: ArrayLike,
    samples: ArrayLike,
    *,
    labels: ArrayLike | None = None,
    questions: ArrayLike | None = None,
    threshold: float = 0.5,
) -> Consensus:
    """The consensus of ``(N, 4)`` xyxy boxes of several answers; each group is at the median of its members.

    Rows come by sample and then in input order. Each joins the group whose first row it overlaps most, among those that
    have no row of its sample (of equal ones the group that began first), or begins one. Raises ``UsageError`` if a
    sample is not below the number of samples.

    Args:
        boxes: ``(N, 4)`` xyxy boxes.
        sample: ``(N,)``: which answer each row is from, from 0 to the number of answers less one.
        samples: How many answers were asked for, those without a row included, since they vote too: one number, or
            ``(N,)``, that of each row's question.
        labels: ``(N,)`` whole numbers; only rows of one label can be of one object.
        questions: ``(N,)`` whole numbers; only rows of one question can.
        threshold: The IoU, above 0 and at most 1, that boxes of one object reach at least.

    >>> boxes = [[0, 0, 10, 10], [2, 0, 12, 10], [50, 50, 60, 60]]
    >>> found = pa.ops.consensus_boxes(boxes, sample=[0, 1, 1], samples=2)
    >>> found.geometry.tolist(), found.score.tolist()
    ([[1.0, 0.0, 11.0, 10.0], [50.0, 50.0, 60.0, 60.0]], [1.0, 0.5])
    """
    array = as_floats("boxes", boxes, 4)
    votes = Samples(sample, samples, labels, questions, len(array))
    near = grouped_box_overlaps(array, array, votes.key, votes.key, above=_below(threshold))
    ordered = np.hstack([np.minimum(array[:, :2], array[:, 2:]), np.maximum(array[:, :2], array[:, 2:])])
    return votes.summarised(ordered, votes.clusters(near, threshold))


def consensus_clips(
    clips: ArrayLike,
    sample: ArrayLike,
    samples: ArrayLike,
    *,
    labels: ArrayLike | None = None,
    questions: ArrayLike | None = None,
    threshold: float = 0.5,
) -> Consensus:
    """The consensus of ``(N, 2)`` ranges by temporal IoU; see :func:`consensus_boxes`.

    Args:
        clips: ``(N, 2)`` ranges in seconds.
        sample: ``(N,)``: which answer each row is from, from 0 to the number of answers less one.
        samples: How many answers were asked for, those without a row included, since they vote too: one number, or
            ``(N,)``, that of each row's question.
        labels: ``(N,)`` whole numbers; only rows of one label can be of one object.
        questions: ``(N,)`` whole numbers; only rows of one question can.
        threshold: The temporal IoU, above 0 and at most 1, that clips of one event reach at least.

    >>> found = pa.ops.consensus_clips([[0, 10], [2, 10]], sample=[0, 1], samples=4)
    >>> found.geometry.tolist(), found.score.tolist()
    ([[1.0, 10.0]], [0.5])
    """
    array = np.sort(as_floats("clips", clips, 2), axis=1)
    votes = Samples(sample, samples, labels, questions, len(array))
    near = grouped_clip_overlaps(array, array, votes.key, votes.key, above=_below(threshold))
    return votes.summarised(array, votes.clusters(near, threshold))


def consensus_points(
    points: ArrayLike,
    sample: ArrayLike,
    samples: ArrayLike,
    *,
    radius: float,
    labels: ArrayLike | None = None,
    questions: ArrayLike | None = None,
) -> Consensus:
    """The consensus of ``(N, 2)`` points by distance; see :func:`consensus_boxes`.

    Distances ask for pixels: the grid is stretched. Raises ``UsageError`` if the radius is not above zero.

    Args:
        points: ``(N, 2)``.
        sample: ``(N,)``: which answer each row is from, from 0 to the number of answers less one.
        samples: How many answers were asked for, those without a row included, since they vote too: one number, or
            ``(N,)``, that of each row's question.
        radius: The most pixels between points of one object.
        labels: ``(N,)`` whole numbers; only rows of one label can be of one object.
        questions: ``(N,)`` whole numbers; only rows of one question can.

    >>> found = pa.ops.consensus_points([[100, 100], [104, 100]], sample=[0, 1], samples=2, radius=5)
    >>> found.geometry.tolist(), found.score.tolist()
    ([[102.0, 100.0]], [1.0])
    """
    if not radius > 0:
        raise UsageError(f"radius must be above zero, not {radius}")
    array = as_floats("points", points, 2)
    votes = Samples(sample, samples, labels, questions, len(array))
    reach = np.maximum(radius, 4 * np.spacing(np.abs(array)))
    around = np.hstack([array - reach, array + reach])  # these overlap wherever the points are near
    near = grouped_box_overlaps(around, around, votes.key, votes.key)
    i, j, _ = near.pairs
    distance = np.linalg.norm(array[i] - array[j], axis=1)
    kept = distance <= radius
    pairs = Pairs(i[kept], j[kept], -distance[kept])
    crowds = [crowd._replace(measure=partial(_nearness, array)) for crowd in near.crowds]
    return votes.summarised(array, votes.clusters(Overlaps(pairs, crowds), -radius))


def consensus_polygons(
    polygons: Rings,
    sample: ArrayLike,
    samples: ArrayLike,
    *,
    labels: ArrayLike | None = None,
    questions: ArrayLike | None = None,
    threshold: float = 0.5,
) -> Consensus:
    """The consensus of ragged rings by polygon IoU; see :func:`consensus_boxes`.

    Rings of different vertices have no median, so ``row`` names the member that overlaps the others most (of equal ones
    the first), and ``geometry`` ``(K, 0)`` is empty.

    Args:
        polygons: N rings.
        sample: ``(N,)``: which answer each row is from, from 0 to the number of answers less one.
        samples: How many answers were asked for, those without a row included, since they vote too: one number, or
            ``(N,)``, that of each row's question.
        labels: ``(N,)`` whole numbers; only rows of one label can be of one object.
        questions: ``(N,)`` whole numbers; only rows of one question can.
        threshold: The IoU, above 0 and at most 1, that rings of one object reach at least.

    >>> rings = pa.ops.box_polygons([[0, 0, 10, 10], [0, 0, 10, 9], [0, 0, 10, 8]])
    >>> found = pa.ops.consensus_polygons(rings, sample=[0, 1, 2], samples=3)
    >>> found.row.tolist(), found.score.tolist()
    ([1], [1.0])
    """
    from .polygons import grouped_polygon_overlaps, polygon_iou_aligned  # with Shapely, which boxes do not need

    ring = as_rings(*polygons)
    votes = Samples(sample, samples, labels, questions, len(ring.offsets) - 1)
    near = grouped_polygon_overlaps(ring, ring, votes.key, votes.key, above=_below(threshold))
    group = votes.clusters(near, threshold)
    i, j = _members(group)
    overlap = polygon_iou_aligned(some_rings(ring, i), some_rings(ring, j))
    shared = np.bincount(i, weights=np.where(overlap >= threshold, overlap, 0.0), minlength=len(group))
    order = np.lexsort((-shared, group))
    best = order[grouped(group).offsets[:-1]]
    return votes.summarised(np.empty((len(group), 0)), group, best)


def consensus_count(counts: Sequence[int]) -> tuple[int, float]:
    """The count that most answers give (of equally frequent ones the smallest), and the share that gives it.

    Raises ``UsageError`` if there is none.

    >>> pa.ops.consensus_count([3, 4, 3, 3])
    (3, 0.75)
    """
    if not len(counts):
        raise UsageError("counts is empty: pass one for each answer")
    found, votes = np.unique(np.asarray(counts), return_counts=True)
    best = int(np.argmax(votes))
    return int(found[best]), float(votes[best] / len(counts))


def _nearness(points: Floats, rows: Indices, columns: Indices) -> Floats:
    """``(len(rows), len(columns))``: how far apart two points are, below 0."""
    apart = points[rows][:, None] - points[columns]
    near: Floats = -np.hypot(apart[..., 0], apart[..., 1])
    return near


def _members(group: Indices) -> tuple[Indices, Indices]:
    """Each member of each group with each of the same group, itself included."""
    members = grouped(group)
    counts = np.repeat(members.sizes, members.sizes)
    i = np.repeat(members.order, counts)
    return i, members.order[ranges(np.repeat(members.offsets[:-1], members.sizes), counts)]


def _below(threshold: float) -> float:
    """The number that a value must be above to be at least ``threshold``."""
    if not 0 < threshold <= 1:
        raise UsageError(f"threshold must be above 0 and at most 1, not {threshold}")
    return float(np.nextafter(threshold, 0.0))
