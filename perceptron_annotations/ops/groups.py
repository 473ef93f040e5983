"""Rows that belong together: of one image, of one label, in the order of their scores.

After one sort by group the rows of each lie side by side, so that a group is a slice and a batch is a column of
offsets. The sort is of one 64-bit number for each row, group and score packed together.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from ..errors import UsageError
from .arrays import Floats, Indices, as_floats

#: Numbers of groups are below it, so that a score fits into the other 32 bits.
_MOST = 2**32


class Grouped(NamedTuple):
    """Rows in the order of their groups: ``order[offsets[g] : offsets[g + 1]]`` are those of the g-th of ``ids``."""

    order: Indices
    offsets: Indices
    ids: Indices
    is_input_order: bool

    @property
    def sizes(self) -> Indices:
        """How many rows each group has."""
        return np.diff(self.offsets)


def as_groups(name: str, groups: ArrayLike | None, count: int) -> Indices:
    """``(count,)`` whole numbers, one group for each row; all in group 0 if there are none."""
    if groups is None:
        return np.zeros(count, dtype=np.int64)
    array = np.asarray(groups)
    if array.shape != (count,) or (array.size and array.dtype.kind not in "iub"):
        raise UsageError(f"{name} must be {count} whole numbers, not {array.dtype} of shape {array.shape}")
    return array.astype(np.int64, copy=False)


def as_scores(scores: ArrayLike, count: int) -> Floats:
    """``(count,)`` numbers."""
    values = as_floats("scores", scores)
    if len(values) != count:
        raise UsageError(f"scores must be {count} numbers, not {len(values)}")
    return values


def joint_groups(labels: ArrayLike | None, groups: ArrayLike | None, count: int) -> Indices:
    """``(count,)``: a number from 0 below 2³² for each pair of group and label, in their order."""
    group, groups_end = _from_zero(as_groups("groups", groups, count))
    label, labels_end = _from_zero(as_groups("labels", labels, count))
    if labels_end == 1 and groups_end <= _MOST:
        return group
    joint = group * labels_end + label
    return joint if groups_end * labels_end <= _MOST else np.unique(joint, return_inverse=True)[1]


def _from_zero(groups: Indices) -> tuple[Indices, int]:
    """The same groups numbered from 0, and a number above them all, which is at most 2³¹."""
    if not len(groups):
        return groups, 1
    low, high = int(groups.min()), int(groups.max())
    if high - low >= _MOST // 2:
        ids, groups = np.unique(groups, return_inverse=True)
        return groups, len(ids)
    return groups - low if low else groups, high - low + 1


def grouped(groups: Indices) -> Grouped:
    """The rows by group, those of one in input order."""
    if bool(np.all(groups[1:] >= groups[:-1])):
        return _runs(np.arange(len(groups)), groups, is_input_order=True)
    order = np.argsort(groups, kind="stable")
    return _runs(order, groups[order], is_input_order=False)


def ranked(groups: Indices, scores: Floats) -> Grouped:
    """The rows by group, those of one by score, highest first, equal ones in input order; NaN comes last.

    ``groups`` are numbered as :func:`joint_groups` does.
    """
    packed = (groups.astype(np.uint64) << np.uint64(32)) | _rising_bits(scores)
    order = np.argsort(packed)
    packed = packed[order]
    same = packed[1:] == packed[:-1]
    if same.any():  # float32 does not tell them apart, and the sort is not stable
        tied = np.flatnonzero(np.append(same, False) | np.append(False, same))
        rows = order[tied]
        order[tied] = rows[np.lexsort((rows, -scores[rows], packed[tied]))]
    return _runs(order, (packed >> np.uint64(32)).astype(np.int64), is_input_order=False)


def _rising_bits(scores: Floats) -> np.ndarray[tuple[int], np.dtype[np.uint32]]:
    """32 bits that rise as scores fall; NaN has the highest."""
    with np.errstate(over="ignore"):
        falling = (0.0 - scores).astype(np.float32)  # never -0.0
    bits = falling.view(np.uint32)
    sign = np.uint32(1 << 31)
    rising = np.where(bits & sign, ~bits, bits | sign)
    rising[np.isnan(falling)] = np.iinfo(np.uint32).max
    return rising


def _runs(order: Indices, ids: Indices, *, is_input_order: bool) -> Grouped:
    """Groups of equal neighbours."""
    starts = np.flatnonzero(np.append(True, ids[1:] != ids[:-1])) if len(ids) else np.empty(0, np.int64)
    return Grouped(order, np.append(starts, len(ids)), ids[starts], is_input_order)


def ranges(starts: Indices, counts: Indices) -> Indices:
    """``start … start + count`` of each, one after the other."""
    total = int(counts.sum())
    ends = np.cumsum(counts)
    return np.repeat(starts - (ends - counts), counts) + np.arange(total)
