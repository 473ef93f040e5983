"""COCO's average precision of the keypoints of a dataset against those of another, for predictions with scores."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..datasets.dataset import Dataset
from ..datasets.object_measures import Measures, measures_of
from ..errors import UsageError
from .coco_dataset import warn_of_ties
from .coco_keypoint_files import CocoKeypointAveragePrecision
from .coco_keypoints import PoseDetections, PoseTruths, keypoint_average_precision
from .detection import REGIONS
from .pairing import DatasetPair, Side, pair


def evaluate_keypoints(
    predictions: Dataset, truth: Dataset, *, sigmas: ArrayLike | None = None, max_detections: int = 20
) -> CocoKeypointAveragePrecision:
    """COCO's AP and AR by object keypoint similarity, equal to pycocotools, over the labels with a skeleton.

    An object of the truth without labelled keypoints is ignored, and so are crowds. Images and labels are taken in the
    order of their names, which decides between equal scores. Raises ``UsageError`` if a prediction has no score, or if
    not all skeletons have the same number of keypoints. Warns with ``TiedScoresWarning`` if many scores are equal.

    Args:
        predictions: What was predicted, with scores; objects without keypoints do not count.
        truth: What is true; images join by file name, labels by their words.
        sigmas: The spread of each keypoint; without them COCO's own for 17 keypoints, else 1 by their number.
        max_detections: The most predictions of an image that count.

    >>> from perceptron_annotations.datasets import DatasetAsset, DatasetBuilder, Skeleton
    >>> builder = DatasetBuilder()
    >>> _ = builder.add_label("dog", Skeleton(("nose", "tail")))
    >>> image = builder.add_asset(DatasetAsset(file_name="a.png", width=64, height=48))
    >>> pose = [[5, 5, 2], [0, 0, 0]]
    >>> builder.add(image, pa.AnnotationKind.BOX, [(0, 0), (40, 40)], "dog", score=0.9, keypoints=pose)
    >>> found = pa.evaluation.evaluate_keypoints(builder.build(), builder.build())
    >>> round(found.average_precision.ap, 6), found.labels
    (1.0, ('dog',))
    """
    both = DatasetPair.of(predictions, truth)
    paired = pair(both, REGIONS, ignored=True)
    labels = [name for name, each in sorted(zip(truth.labels, truth.skeletons, strict=True)) if each is not None]
    codes = np.array([labels.index(name) if name in labels else -1 for name in paired.labels] + [-1], dtype=np.int64)
    count = _count(predictions, truth, labels)
    found = _poses(predictions, paired.prediction, codes, count)
    found = found.take(found.has_keypoints)
    wanted = _poses(truth, paired.truth, codes, count)
    scores = predictions.table.score[found.rows]
    if np.isnan(scores).any():
        missing = int(np.isnan(scores).sum())
        raise UsageError(
            f"{missing} of {len(scores)} predictions have no score, and average precision needs one for each"
        )
    warn_of_ties(found.image, found.label, scores)
    sizes = found.measures.bbox[:, 2] * found.measures.bbox[:, 3]
    metrics = keypoint_average_precision(
        PoseDetections(found.triples[:, :, :2], found.image, found.label, scores, sizes),
        PoseTruths(
            wanted.triples,
            wanted.measures.bbox,
            wanted.measures.area,
            wanted.image,
            wanted.label,
            truth.iscrowd[wanted.rows],
        ),
        len(labels),
        sigmas=sigmas,
        max_detections=max_detections,
    )
    return CocoKeypointAveragePrecision(metrics, tuple(labels))


def _count(predictions: Dataset, truth: Dataset, labels: list[str]) -> int:
    """How many keypoints the skeletons have. Raises ``UsageError`` if they differ."""
    counts = {
        len(each)
        for dataset in (predictions, truth)
        for name, each in zip(dataset.labels, dataset.skeletons, strict=True)
        if each is not None and name in labels
    }
    if len(counts) > 1:
        raise UsageError(
            f"the skeletons have {', '.join(map(str, sorted(counts)))} keypoints: evaluate labels with as many of them "
            "at a time, as with_labels() chooses them"
        )
    return max(counts, default=0)


class _Poses(NamedTuple):
    """The objects of one side whose label has a skeleton."""

    rows: NDArray[np.int64]
    image: NDArray[np.int64]
    label: NDArray[np.int64]
    #: ``(N, k, 3)``: x, y and visibility, zeros for what is missing.
    triples: NDArray[np.float64]
    has_keypoints: NDArray[np.bool_]
    measures: Measures

    def take(self, chosen: NDArray[np.bool_]) -> _Poses:
        """Some of them."""
        return _Poses(
            self.rows[chosen],
            self.image[chosen],
            self.label[chosen],
            self.triples[chosen],
            self.has_keypoints[chosen],
            Measures(self.measures.bbox[chosen], self.measures.area[chosen]),
        )


def _poses(dataset: Dataset, side: Side, codes: NDArray[np.int64], count: int) -> _Poses:
    """The poses of one side; ``codes`` has the place of each label of the pairing, -1 for one without a skeleton."""
    keypoints, label = dataset.keypoints, codes[side.label]
    counts = np.zeros(len(side.rows), dtype=np.int64) if keypoints is None else keypoints.counts[side.rows]
    triples = np.zeros((len(side.rows), count, 3))
    if keypoints is not None:
        for place in np.flatnonzero((counts == count) & (label >= 0)).tolist():
            triples[place] = np.reshape(keypoints.as_list(int(side.rows[place])), (-1, 3))
    poses = _Poses(side.rows, side.image, label, triples, counts > 0, measures_of(dataset, side.parts, side.first))
    return poses.take(label >= 0)
