"""Poses in YOLO's label files: a class, a box, and x, y and visibility of each keypoint in fractions of the image size.

All classes of a folder have the same number of keypoints, ``kpt_shape``, and the same flip indices; ``kpt_names`` are
those of each class. A dataset of plain points has no skeletons: then the points of an object, in their order, are its
keypoints, all of them visible.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ....geometry import AnnotationKind
from ....losses import LossCode
from ....problems import ProblemCode
from ...dataset import UNNAMED, Dataset
from ...keypoints import MISSING, VISIBLE, Skeleton, is_flip
from ...object_measures import measures_of
from .._details import skeletons_by_label
from .._reading import Reading
from .._selection import ShapeSelection, vocabulary
from .._yaml import Value, whole, yaml_text
from .file_text import FileText


class Poses(NamedTuple):
    """Poses in images of known size, in the order of assets."""

    #: ``(P,)``: the first row of each.
    row: NDArray[np.int64]
    #: ``(P, 4)``: left, top, width and height.
    bbox: NDArray[np.float64]
    #: ``(k, 3)`` each: x, y and visibility of its keypoints.
    keypoints: list[NDArray[np.float64]]


class PoseLines:
    """The lines of all label files, in the order of assets: the box and the keypoints of each object."""

    def __init__(self, dataset: Dataset, selection: ShapeSelection) -> None:
        self.labels = vocabulary(dataset)
        sizes = np.array([(asset.width or np.nan, asset.height or np.nan) for asset in dataset.assets]).reshape(-1, 2)
        rows = selection.rows()
        rows = rows[np.isfinite(sizes[dataset.asset[rows]]).all(axis=1)]
        self._skeletons = skeletons_by_label(dataset)
        self._dataset, self._selection = dataset, selection
        poses = self._posed(rows) if self._skeletons else self._points(rows)
        self._count = max([*map(len, poses.keypoints), *map(len, self._skeletons.values())], default=0)
        flips = {skeleton.flip for skeleton in self._skeletons.values()}
        self._flip = flips.pop() if len(flips) == 1 else ()
        if len(self._flip) != self._count:
            self._flip = ()
        selection.lose_skeletons(lambda skeleton: not skeleton.edges and skeleton.flip == self._flip)
        self._poses, self._sizes = poses, sizes[dataset.asset[poses.row]]
        self._ends = np.searchsorted(dataset.asset[poses.row], np.arange(len(dataset.assets) + 1))

    def _posed(self, rows: NDArray[np.int64]) -> Poses:
        """The rows with keypoints; all others are counted."""
        dataset = self._dataset
        order, starts = dataset.by_object(rows)
        found = dataset.keypoints
        counts = np.zeros(len(dataset), dtype=np.int64) if found is None else found.counts
        is_pose = np.repeat(counts[order[starts]] > 0, np.diff(np.append(starts, len(order))))
        for kind, code in ((AnnotationKind.POINT, LossCode.POINT), (AnnotationKind.BOX, LossCode.BOX)):
            self._selection.lose(code, *order[~is_pose & (dataset.table.kind[order] == kind)].tolist())
        polygons = dataset.table.kind[order] == AnnotationKind.POLYGON
        self._selection.lose(LossCode.POLYGON, *order[~is_pose & polygons].tolist())
        self._selection.lose(LossCode.POLYGON_AS_BOX, *order[is_pose & polygons].tolist())
        groups = np.flatnonzero(counts[order[starts]])
        first = order[starts][groups]
        triples = [] if found is None else [np.reshape(found.as_list(row), (-1, 3)) for row in first.tolist()]
        return Poses(first, measures_of(dataset, order, starts).bbox[groups], triples)

    def _points(self, rows: NDArray[np.int64]) -> Poses:
        """The points of each object, with its first box that has an area, else with their bounds."""
        dataset, kinds = self._dataset, self._dataset.table.kind[rows]
        self._selection.lose(LossCode.POLYGON, *rows[kinds == AnnotationKind.POLYGON].tolist())
        boxes: dict[int, list[int]] = {}
        points: dict[int, list[int]] = {}
        for row, kind in zip(rows.tolist(), kinds.tolist(), strict=True):
            if kind != AnnotationKind.POLYGON:
                found = points if kind == AnnotationKind.POINT else boxes
                found.setdefault(int(dataset.object[row]), []).append(row)
        made = [self._pose_of_points(own, boxes.pop(number, [])) for number, own in points.items()]
        self._selection.lose(LossCode.BOX, *[row for each in boxes.values() for row in each])
        return Poses(
            np.array([own[0] for own in points.values()], dtype=np.int64),
            np.array([bbox for bbox, _ in made], dtype=np.float64).reshape(-1, 4),
            [triples for _, triples in made],
        )

    def _pose_of_points(self, points: list[int], boxes: list[int]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The box and the keypoints of an object."""
        bounds = self._dataset.table.xyxy
        asset = self._dataset.assets[self._dataset.asset[points[0]]]
        edges = np.array([asset.width, asset.height] * 2, dtype=np.float64)
        inside = np.clip(bounds[boxes], 0.0, edges)
        solid = [row for row, box in zip(boxes, inside.tolist(), strict=True) if box[0] < box[2] and box[1] < box[3]]
        self._selection.lose(LossCode.ZERO_AREA, *[row for row in boxes if row not in solid])
        self._selection.lose(LossCode.BOX, *solid[1:])
        around = np.concatenate([bounds[points, :2].min(axis=0), bounds[points, :2].max(axis=0)])
        if solid and bounds[solid[0]].tolist() == around.tolist():
            self._selection.lose(LossCode.BOX_OF_POINTS, solid[0])
        corners = bounds[solid[0]] if solid else around
        triples = np.column_stack([bounds[points, :2], np.full(len(points), VISIBLE)])
        return np.concatenate([corners[:2], corners[2:] - corners[:2]]), triples

    def of_asset(self, number: int) -> FileText:
        """The lines of one label file."""
        return FileText.of([self._line(pose) for pose in range(self._ends[number], self._ends[number + 1])])

    def _line(self, pose: int) -> str:
        """The line of an object, clipped to its image."""
        poses, size, row = self._poses, self._sizes[pose], int(self._poses.row[pose])
        triples = np.zeros((self._count, 3))
        triples[: len(poses.keypoints[pose])] = poses.keypoints[pose]
        corners = np.array([poses.bbox[pose, :2], poses.bbox[pose, :2] + poses.bbox[pose, 2:]])
        clipped, seen = np.clip(corners, 0.0, size), triples[:, 2]
        points = np.clip(triples[:, :2], 0.0, size)
        if (clipped != corners).any() or (points != triples[:, :2])[seen > MISSING].any():
            self._selection.lose(LossCode.CLIPPED, row)
        low, high = clipped / size
        words = [*((low + high) / 2).tolist(), *(high - low).tolist()]
        label = self._dataset.label_of(row) or UNNAMED
        keypoints = [
            f"{x!r} {y!r} {visibility}" if x or y or visibility else "0 0 0"
            for (x, y), visibility in zip((points / size).tolist(), seen.astype(int).tolist(), strict=True)
        ]
        return " ".join([str(self.labels.index(label)), *map(repr, words), *keypoints]) + "\n"

    @property
    def lines_of_data(self) -> list[str]:
        """What ``data.yaml`` says of keypoints."""
        lines = [f"kpt_shape: [{self._count}, 3]"]
        if self._flip:
            lines.append(f"flip_idx: {list(self._flip)}")
        if any(not skeleton.is_numbered for skeleton in self._skeletons.values()):
            lines.append("kpt_names:")
            for code, label in enumerate(self.labels):
                if label in self._skeletons:
                    lines.append(f"  {code}: [{', '.join(map(yaml_text, self._skeletons[label].names))}]")
        return lines


# -- reading ---------------------------------------------------------------------------------------------------------


class KeypointShape(NamedTuple):
    """How many keypoints an object has, and how many numbers each has: three, if one is its visibility."""

    points: int
    numbers: int


def skeletons_of(
    source: Reading, data: Mapping[str, Value], labels: Mapping[int, str], count: int
) -> dict[str, Skeleton]:
    """The skeleton of each label: ``count`` keypoints with the names and the flip indices that ``data.yaml`` gives."""
    flip, names = _flip(source, data.get("flip_idx"), count), data.get("kpt_names")
    by_class = names if isinstance(names, dict) else dict.fromkeys(map(str, labels), names)
    found = {}
    for code, label in labels.items():
        given = by_class.get(str(code))
        found[label] = Skeleton.numbered(count, flip)
        if isinstance(given, list) and len(given) == count and all(isinstance(name, str) for name in given):
            found[label] = Skeleton(tuple(map(str, given)), flip=flip)
        elif given is not None:
            source.problem(ProblemCode.MALFORMED_ENTRY, "data.yaml", f"kpt_names does not name {count} keypoints")
    return found


def _flip(source: Reading, given: Value, count: int) -> tuple[int, ...]:
    """The flip indices; none if they do not fit."""
    if given is None:
        return ()
    found = [whole(each) if isinstance(each, str) else None for each in given] if isinstance(given, list) else []
    partners = tuple([each for each in found if each is not None])
    if len(partners) == len(found) and is_flip(partners, count):
        return partners
    source.problem(ProblemCode.MALFORMED_ENTRY, "data.yaml", f"flip_idx does not pair {count} keypoints")
    return ()


def read_triples(numbers: NDArray[np.float64], shape: KeypointShape, size: NDArray[np.float64]) -> NDArray[np.float64]:
    """``(k, 3)``: x, y in pixels and visibility of what a line says of keypoints.

    Without visibilities, a keypoint with a negative coordinate is missing, and any other is visible, as in Ultralytics.
    """
    found = numbers.reshape(shape)
    seen = found[:, 2] if shape.numbers > 2 else np.where((found < 0).any(axis=1), MISSING, VISIBLE)  # noqa: PLR2004
    is_nowhere = (seen == MISSING) & ((found[:, :2] == 0).all(axis=1) | (found[:, :2] < 0).any(axis=1))
    xy = np.where(is_nowhere[:, None], 0.0, found[:, :2] * size)
    return np.column_stack([xy, seen])
