"""Keypoints: the skeleton of a label, and where the joints of an object are.

A skeleton names the keypoints of a label once. An object then has all of them in that order, so the place of a keypoint
is its index, and one that nobody labelled stays in its place.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

import numpy as np
from msgspec import Struct
from msgspec.structs import force_setattr
from numpy.typing import ArrayLike, NDArray

from ..checked import Checked
from ..errors import UsageError
from ..ops.groups import ranges

#: COCO's visibility of a keypoint: it is not labelled, labelled but hidden, labelled and visible.
MISSING, HIDDEN, VISIBLE = 0, 1, 2
#: The most keypoints of a label; the largest sets in use, of faces, have about 500. Each object has all of them, so
#: without a bound a short file could fill the memory.
MOST_KEYPOINTS = 1000


class Skeleton(Struct, metaclass=Checked, frozen=True):
    """The keypoints of a label: their names, which of them are joined, and which is which in a mirrored image.

    ``edges`` are pairs of indices, which count from 0. ``flip[i]`` is the index that keypoint i has if the image is
    mirrored, so that a left eye becomes a right eye; it is empty if that is not known. Raises ``UsageError`` if there
    are more than a thousand names, if an edge has an index beyond them, or if ``flip`` is not a permutation that undoes
    itself.

    >>> from perceptron_annotations.datasets import Skeleton
    >>> Skeleton(("nose", "left eye", "right eye"), edges=((0, 1), (0, 2)), flip=(0, 2, 1)).names[1]
    'left eye'
    >>> Skeleton.numbered(3).names
    ('0', '1', '2')
    """

    names: tuple[str, ...]
    edges: tuple[tuple[int, int], ...] = ()
    flip: tuple[int, ...] = ()

    def check(self) -> None:
        """Raise ``UsageError`` for indices that do not fit the names."""
        count = len(self.names)
        if count > MOST_KEYPOINTS:
            raise UsageError(f"a skeleton must not have more than {MOST_KEYPOINTS} keypoints, not {count}")
        if not all(0 <= end < count for edge in self.edges for end in edge):
            raise UsageError(f"the edges of a skeleton must join keypoints 0 to {count - 1}, not {self.edges}")
        if self.flip and not is_flip(self.flip, count):
            raise UsageError(
                f"flip must give the partner of each of {count} keypoints in a mirrored image, not {self.flip}"
            )

    def __len__(self) -> int:
        return len(self.names)

    @classmethod
    def numbered(cls, count: int, flip: tuple[int, ...] = ()) -> Self:
        """A skeleton without names: keypoint i is called ``"i"``."""
        return cls(tuple(map(str, range(count))), flip=flip)

    @property
    def is_numbered(self) -> bool:
        """Whether the keypoints have no names but their numbers."""
        return self.names == tuple(map(str, range(len(self.names))))


def is_flip(flip: Sequence[int], count: int) -> bool:
    """Whether each of ``count`` keypoints has a partner, whose partner it is."""
    return len(flip) == count and all(
        0 <= partner < count and flip[partner] == index for index, partner in enumerate(flip)
    )


class Keypoints(Struct, metaclass=Checked, frozen=True, eq=False, kw_only=True):
    """The keypoints of N rows, K in all: those of a row are in the order of the names of its skeleton.

    Raises ``UsageError`` if the columns do not fit together, or if a labelled keypoint has no coordinates.

    >>> from perceptron_annotations.datasets import Keypoints
    >>> keypoints = Keypoints.of_rows([[[4, 5, 2], [0, 0, 0]], None])
    >>> keypoints.counts.tolist(), keypoints.of(0).tolist()
    ([2, 0], [[4.0, 5.0, 2.0], [nan, nan, 0.0]])
    """

    #: ``(N + 1,)``: the keypoints of row i are ``offsets[i] … offsets[i + 1]``.
    offsets: NDArray[np.int64]
    #: ``(K, 2)`` in pixels; NaN for a keypoint without coordinates, which is not labelled.
    xy: NDArray[np.float64]
    #: ``(K,)``: 0 for a keypoint that is not labelled, 1 for one that is hidden, 2 for one that is visible.
    visibility: NDArray[np.uint8]

    def check(self) -> None:
        """Make the columns read-only, or raise ``UsageError`` if they do not fit together."""
        count = len(self.visibility)
        for name, kind, shape in (
            ("offsets", np.int64, self.offsets.shape),
            ("xy", np.float64, (count, 2)),
            ("visibility", np.uint8, (count,)),
        ):
            column = getattr(self, name)
            if column.dtype != kind or column.shape != shape or not shape:
                raise UsageError(f"{name} of keypoints must be {np.dtype(kind)} of shape {shape}")
            fixed = column.view()
            fixed.flags.writeable = False
            force_setattr(self, name, fixed)
        if not len(self.offsets) or self.offsets[0] or self.offsets[-1] != count or np.any(np.diff(self.offsets) < 0):
            raise UsageError(f"offsets of keypoints must rise from 0 to {count}")
        if count and self.visibility.max() > VISIBLE:
            raise UsageError("the visibility of a keypoint must be 0, 1 or 2")
        if not np.isfinite(self.xy[self.visibility > MISSING]).all() or np.isinf(self.xy).any():
            raise UsageError("the coordinates of a labelled keypoint must be finite numbers")

    @classmethod
    def of_rows(cls, rows: Sequence[ArrayLike | None]) -> Self:
        """The keypoints of each row as ``(k, 3)``: x, y and visibility; None for a row without any.

        A keypoint with three zeros has no coordinates, as in COCO.
        """
        found = [np.empty((0, 3)) if row is None else np.asarray(row, dtype=np.float64).reshape(-1, 3) for row in rows]
        triples = np.concatenate([np.empty((0, 3)), *found])
        if not np.isin(triples[:, 2], (MISSING, HIDDEN, VISIBLE)).all():
            raise UsageError("the visibility of a keypoint must be 0, 1 or 2")
        return cls(
            offsets=np.cumsum([0, *map(len, found)]).astype(np.int64),
            xy=np.where((triples == 0).all(axis=1)[:, None], np.nan, triples[:, :2]),
            visibility=triples[:, 2].astype(np.uint8),
        )

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @property
    def counts(self) -> NDArray[np.int64]:
        """``(N,)``: how many keypoints each row has, labelled or not."""
        return np.diff(self.offsets)

    def of(self, row: int) -> NDArray[np.float64]:
        """``(k, 3)``: x, y and visibility of the keypoints of a row."""
        some = slice(self.offsets[row], self.offsets[row + 1])
        return np.column_stack([self.xy[some], self.visibility[some]])

    def as_list(self, row: int) -> list[float]:
        """The keypoints of a row as COCO has them: x, y and visibility of each, three zeros for one that is missing."""
        some = slice(self.offsets[row], self.offsets[row + 1])
        pairs, visibility = np.nan_to_num(self.xy[some]).tolist(), self.visibility[some].tolist()
        return [number for (x, y), seen in zip(pairs, visibility, strict=True) for number in (x, y, seen)]

    def take(self, rows: NDArray[np.int64]) -> Keypoints:
        """The keypoints of some rows, ``(M,)`` indices from 0, in their order."""
        counts = self.counts[rows]
        chosen = ranges(self.offsets[:-1][rows], counts)
        return Keypoints(
            offsets=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
            xy=self.xy[chosen],
            visibility=self.visibility[chosen],
        )
