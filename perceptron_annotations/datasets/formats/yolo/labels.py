"""The lines of YOLO's label files: a class, and a box, a ring or a pose in fractions of the image size.

The corners of a box are clipped to its image, since training refuses numbers beyond 1.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ....geometry import AnnotationKind
from ....losses import LossCode
from ....problems import ProblemCode
from ...dataset import UNNAMED, Dataset
from .._selection import ShapeSelection, vocabulary
from ..choices import YoloTask

_CENTRE_FIELDS = 4
#: Larger numbers are refused, since they would overflow when they are multiplied by a size.
_MOST = 1e150
#: More classes than any file has.
_MOST_CLASSES = 2**31
#: The visibility of a point that is labelled and can be seen, and what is written for a point that is missing.
_VISIBLE = 2
_MISSING = "0 0 0"


class KeypointShape(NamedTuple):
    """The largest number of points of an object, and how many numbers each has: three, if one is its visibility."""

    points: int
    numbers: int


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

    def __init__(self, dataset: Dataset, selection: ShapeSelection, task: YoloTask) -> None:
        self.labels = vocabulary(dataset)
        #: For ``data.yaml``: there are no points.
        self.keypoints: KeypointShape | None = None
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
        self._ends = _ends(dataset, self._rows)

    def of_asset(self, number: int) -> list[str]:
        """The lines of one label file."""
        some = slice(self._ends[number], self._ends[number + 1])
        codes = self._codes[some].tolist()
        if not self._is_segment:
            numbers = self._xywh[some].tolist()
            return [f"{code} {x!r} {y!r} {w!r} {h!r}\n" for code, (x, y, w, h) in zip(codes, numbers, strict=True)]
        rings = []
        for place in range(some.start, some.stop):
            if self._is_box[place]:
                (x1, y1), (x2, y2) = self._fractions[place].tolist()
                rings.append([x1, y1, x2, y1, x2, y2, x1, y2])
            else:
                size = self._sizes[place]
                corners = np.clip(self._table.vertices(int(self._rows[place])), 0.0, size) / size
                rings.append(corners.ravel().tolist())
        return [" ".join([str(code), *map(repr, ring)]) + "\n" for code, ring in zip(codes, rings, strict=True)]


class PoseLines:
    """The lines of all label files, in the order of assets: the points of each object, and its box."""

    def __init__(self, dataset: Dataset, selection: ShapeSelection) -> None:
        self.labels = vocabulary(dataset)
        self._found, self._selection = _Rows(dataset, selection), selection
        points, boxes = self._by_object(dataset, AnnotationKind.POINT), self._by_object(dataset, AnnotationKind.BOX)
        self._poses = [self._pose(places, boxes.pop(number, [])) for number, places in points.items()]
        self._lose(LossCode.BOX, [place for places in boxes.values() for place in places])
        self.keypoints = KeypointShape(max(map(len, points.values()), default=0), 3)
        firsts = self._found.rows[[places[0] for places in points.values()]]
        self._codes, self._ends = _codes(dataset, firsts, self.labels), _ends(dataset, firsts)

    def _by_object(self, dataset: Dataset, kind: AnnotationKind) -> dict[int, list[int]]:
        """The places of the rows of a kind in the selected rows, by object."""
        places: dict[int, list[int]] = {}
        objects = dataset.object[self._found.rows]
        for place in np.flatnonzero(self._found.kind == kind).tolist():
            places.setdefault(int(objects[place]), []).append(place)
        return places

    def _pose(self, points: list[int], boxes: list[int]) -> tuple[list[float], list[list[float]]]:
        """The box and the points of an object; of several boxes, the first that has an area in the image counts."""
        fractions, beyond = self._found.fractions, self._found.beyond
        low, high = fractions[points, 0].min(axis=0), fractions[points, 0].max(axis=0)
        box = bounds = _centred(low, high)
        solid = [place for place in boxes if (fractions[place, 0] < fractions[place, 1]).all()]
        self._lose(LossCode.ZERO_AREA, [place for place in boxes if place not in solid])
        self._lose(LossCode.BOX, solid[1:])
        if solid:
            box = _centred(*fractions[solid[0]])
            self._lose(LossCode.BOX_OF_POINTS, solid[:1] if box == bounds else [])
        self._lose(LossCode.CLIPPED, [place for place in (*points, *solid[:1]) if beyond[place]])
        return box, fractions[points, 0].tolist()

    def _lose(self, code: LossCode, places: list[int]) -> None:
        self._selection.lose(code, *self._found.rows[places].tolist())

    def of_asset(self, number: int) -> list[str]:
        """The lines of one label file."""
        some = slice(self._ends[number], self._ends[number + 1])
        lines = []
        for code, (box, points) in zip(self._codes[some].tolist(), self._poses[some], strict=True):
            words = [str(code), *map(repr, box), *(f"{x!r} {y!r} {_VISIBLE}" for x, y in points)]
            words += [_MISSING] * (self.keypoints.points - len(points))
            lines.append(" ".join(words) + "\n")
        return lines


def _centred(low: NDArray[np.float64], high: NDArray[np.float64]) -> list[float]:
    """``cx, cy, w, h`` of two corners."""
    return [*((low + high) / 2).tolist(), *(high - low).tolist()]


class Line(NamedTuple):
    """What a line says; its shapes are of one object."""

    code: int
    shapes: list[tuple[AnnotationKind, NDArray[np.float64]]]
    score: float | None = None


def read_line(text: str, keypoints: KeypointShape | None, size: NDArray[np.float64]) -> Line | ProblemCode:
    """What a line says, in pixels of an image of this ``size``, or what is wrong with it.

    With ``keypoints`` it is a pose, else a box or a ring; a score may follow a box or a pose.
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
        shapes = _pose(numbers[:wanted], keypoints, size)
        return Line(number, shapes, float(numbers[wanted]) if len(numbers) > wanted else None)
    if keypoints is None and len(numbers) >= 6 and len(numbers) % 2 == 0:  # noqa: PLR2004
        return Line(number, [(AnnotationKind.POLYGON, numbers.reshape(-1, 2) * size)])
    return ProblemCode.MALFORMED_ENTRY


def _class(word: str) -> int:
    """The number of a class, which some tools write as ``0.0``. Raises ``ValueError`` for anything else."""
    number = float(word)
    if not (number.is_integer() and abs(number) < _MOST_CLASSES):
        raise ValueError
    return int(number)


def _pose(
    numbers: NDArray[np.float64], keypoints: KeypointShape | None, size: NDArray[np.float64]
) -> list[tuple[AnnotationKind, NDArray[np.float64]]]:
    """The box of an object, unless it is just the bounding box of its points, and the points that are labelled."""
    box, points = numbers[:_CENTRE_FIELDS], np.empty((0, 2))
    if keypoints is not None:
        triples = numbers[_CENTRE_FIELDS:].reshape(keypoints)
        points = triples[(triples[:, 2:] != 0).all(axis=1), :2]
    shapes = [(AnnotationKind.POINT, point[None] * size) for point in points]
    if len(points) and box.tolist() == _centred(points.min(axis=0), points.max(axis=0)):
        return shapes
    centre, extent = box[:2] * size, box[2:] * size
    return [(AnnotationKind.BOX, np.array([centre - extent / 2, centre + extent / 2])), *shapes]
