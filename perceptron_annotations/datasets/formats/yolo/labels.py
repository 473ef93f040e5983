"""The lines of YOLO's label files: a class, and a box, a ring or a pose in fractions of the image size.

The corners of a box are clipped to its image, since training refuses numbers beyond 1.
"""

from __future__ import annotations

from typing import ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ....geometry import AnnotationKind
from ....losses import LossCode
from ....problems import ProblemCode
from ...dataset import UNNAMED, Dataset
from ...keypoints import VISIBLE
from .._row_texts import RowTexts, TextColumn, writes_rows
from .._selection import ShapeSelection, vocabulary
from ..choices import YoloTask
from .file_text import FileText
from .pose_lines import KeypointShape, read_triples

_CENTRE_FIELDS = 4
#: Lines that are written together.
_BLOCK = 8000
#: Larger numbers are refused, since they would overflow when they are multiplied by a size.
_MOST = 1e150
#: More classes than any file has.
_MOST_CLASSES = 2**31


class _Rows:
    """The rows in images of known size, and their bounds, clipped."""

    def __init__(self, dataset: Dataset, selection: ShapeSelection) -> None:
        sizes = np.array([(asset.width or np.nan, asset.height or np.nan) for asset in dataset.assets]).reshape(-1, 2)
        rows = selection.rows()
        self.rows = rows[np.isfinite(sizes[dataset.asset[rows]]).all(axis=1)]
        self.sizes = sizes[dataset.asset[self.rows]]
        bounds = dataset.table.xyxy[self.rows].reshape(-1, 2, 2)
        clipped = np.clip(bounds, 0.0, self.sizes[:, None])
        #: ``(R, 2, 2)``: the corners of the bounds, clipped, in fractions of the image size.
        self.fractions = clipped / self.sizes[:, None]
        self.kind = dataset.table.kind[self.rows]
        self.beyond = (clipped != bounds).any(axis=(1, 2))


def _codes(dataset: Dataset, rows: NDArray[np.int64], labels: list[str]) -> NDArray[np.int64]:
    """The class of each row; that of a row without a label is the one named "object"."""
    unnamed = labels.index(UNNAMED) if UNNAMED in labels else -1
    code = dataset.label[rows]
    return np.where(code < 0, unnamed, code)


def _ends(dataset: Dataset, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """``(A + 1,)``: where the rows of each asset begin."""
    return np.searchsorted(dataset.asset[rows], np.arange(len(dataset.assets) + 1))


class ShapeLines:
    """The lines of all label files, in the order of assets: a box or a ring for each row."""

    #: What ``data.yaml`` says of keypoints: there are none.
    lines_of_data: ClassVar[list[str]] = []

    def __init__(self, dataset: Dataset, selection: ShapeSelection, task: YoloTask) -> None:
        self.labels = vocabulary(dataset)
        self._table = dataset.table
        self._is_segment = task is YoloTask.SEGMENT
        found = _Rows(dataset, selection)
        rows, fractions, is_box = found.rows, found.fractions, found.kind == AnnotationKind.BOX
        selection.lose(LossCode.CLIPPED, *rows[found.beyond].tolist())
        if self._is_segment:
            selection.lose(LossCode.BOX, *rows[is_box].tolist())
        else:
            selection.lose(LossCode.POLYGON_AS_BOX, *rows[~is_box].tolist())
        solid = (fractions[:, 1] > fractions[:, 0]).all(axis=1) | (self._is_segment & ~is_box)
        selection.lose(LossCode.ZERO_AREA, *rows[~solid].tolist())
        self._rows, self._is_box, self._sizes = rows[solid], is_box[solid], found.sizes[solid]
        self._fractions = fractions[solid]
        low, high = self._fractions[:, 0], self._fractions[:, 1]
        self._xywh = np.hstack([(low + high) / 2, high - low])
        self._codes = _codes(dataset, self._rows, self.labels)
        self._ends = _ends(dataset, self._rows).tolist()
        #: Lines that were written together, since files ask for them in order.
        self._block, self._texts = slice(0, 0), TextColumn.of_json([])

    def of_asset(self, number: int) -> FileText:
        """The lines of one label file; the fastest in the order of assets."""
        start, stop = self._ends[number], self._ends[number + 1]
        if self._is_segment:
            return FileText.of(self._rings(slice(start, stop)))
        if not writes_rows:
            return FileText.of(self._boxes(slice(start, stop)))
        if not self._block.start <= start <= stop <= self._block.stop:
            self._block = slice(start, max(stop, min(start + _BLOCK, len(self._rows))))
            self._texts = self._written(self._block)
        offsets = self._texts.offsets
        first, last = offsets[start - self._block.start], offsets[stop - self._block.start]
        return FileText(self._texts.data[first:last].tobytes(), stop - start)

    def _written(self, some: slice) -> TextColumn:
        """The lines of some boxes, from the columns."""
        x, y, width, height = self._xywh[some].T
        rows = RowTexts(some.stop - some.start, as_python=True)
        rows.add(self._codes[some], b" ", x, b" ", y, b" ", width, b" ", height, b"\n")
        return rows.with_offsets()

    def _boxes(self, some: slice) -> list[str]:
        """The like one by one."""
        found = zip(self._codes[some].tolist(), self._xywh[some].tolist(), strict=True)
        return [f"{code} {x!r} {y!r} {w!r} {h!r}\n" for code, (x, y, w, h) in found]

    def _rings(self, some: slice) -> list[str]:
        """The lines of some rings and of boxes as rings."""
        rings, codes = [], self._codes[some].tolist()
        for place in range(some.start, some.stop):
            if self._is_box[place]:
                (x1, y1), (x2, y2) = self._fractions[place].tolist()
                rings.append([x1, y1, x2, y1, x2, y2, x1, y2])
            else:
                size = self._sizes[place]
                corners = np.clip(self._table.vertices(int(self._rows[place])), 0.0, size) / size
                rings.append(corners.ravel().tolist())
        return [" ".join([str(code), *map(repr, ring)]) + "\n" for code, ring in zip(codes, rings, strict=True)]


class Line(NamedTuple):
    """What a line says of an object: its shape, ``coords`` of a kind, and the keypoints of a pose, ``(k, 3)``."""

    code: int
    kind: AnnotationKind
    coords: NDArray[np.float64]
    score: float | None = None
    keypoints: NDArray[np.float64] | None = None
    #: Whether a visibility is not 0, 1 or 2; such a keypoint is taken for a visible one.
    is_doubtful: bool = False


def read_line(text: str, keypoints: KeypointShape | None, size: NDArray[np.float64]) -> Line | ProblemCode:
    """What a line says, in pixels of an image of this ``size``, or what is wrong with it.

    With ``keypoints`` it is a pose, else a box or a ring; a score may follow a box or a pose. A pose of a single
    visible keypoint, whose box has no size, is a point.
    """
    code, *words = text.split()
    try:
        number, numbers = _class(code), np.array([float(word) for word in words])
    except ValueError:
        return ProblemCode.MALFORMED_ENTRY
    if not (np.abs(numbers) <= _MOST).all():
        return ProblemCode.NON_FINITE_COORDINATES
    wanted = _CENTRE_FIELDS + (0 if keypoints is None else keypoints.points * keypoints.numbers)
    if len(numbers) in (wanted, wanted + 1):
        score = float(numbers[wanted]) if len(numbers) > wanted else None
        return _box(number, numbers[:wanted], keypoints, size, score)
    if keypoints is None and len(numbers) >= 6 and len(numbers) % 2 == 0:  # noqa: PLR2004
        return Line(number, AnnotationKind.POLYGON, numbers.reshape(-1, 2) * size)
    return ProblemCode.MALFORMED_ENTRY


def _class(word: str) -> int:
    """The number of a class, which some tools write as ``0.0``. Raises ``ValueError`` for anything else."""
    number = float(word)
    if not (number.is_integer() and abs(number) < _MOST_CLASSES):
        raise ValueError
    return int(number)


def _box(
    code: int,
    numbers: NDArray[np.float64],
    keypoints: KeypointShape | None,
    size: NDArray[np.float64],
    score: float | None,
) -> Line:
    """A box, or a pose."""
    centre, extent = numbers[:2] * size, numbers[2:_CENTRE_FIELDS] * size
    box = np.array([centre - extent / 2, centre + extent / 2])
    if keypoints is None:
        return Line(code, AnnotationKind.BOX, box, score)
    triples = read_triples(numbers[_CENTRE_FIELDS:], keypoints, size)
    doubtful = ~np.isin(triples[:, 2], range(VISIBLE + 1))
    triples[doubtful, 2] = VISIBLE
    if triples.tolist() == [[*centre.tolist(), VISIBLE]] and not extent.any():
        return Line(code, AnnotationKind.POINT, triples[:, :2], score)
    return Line(code, AnnotationKind.BOX, box, score, triples if len(triples) else None, bool(doubtful.any()))
