"""COCO's average precision of the keypoints of a dataset against those of another, for predictions with scores."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

import numpy as np
from msgspec import Struct
from numpy.typing import ArrayLike, NDArray

from ..datasets.dataset import Dataset
from ..datasets.object_measures import Measures, measures_of
from ..errors import UsageError
from ..ops.arrays import Floats, Indices, as_floats
from .answers import Outcomes
from .coco_dataset import warn_of_ties
from .coco_keypoint_files import CocoKeypointAveragePrecision
from .coco_keypoints import KeypointAveragePrecision, PoseDetections, PoseTruths, keypoint_average_precision
from .counts import Rows, TaskCounts
from .detection import REGIONS
from .intervals import NO_INTERVAL, Estimate, Metric
from .pairing import DatasetPair, Side, pair

#: How the names of these metrics begin in a report, where those of boxes have COCO's own names.
KEYPOINT_PREFIX = "keypoint_"


class ScoredPoses(Rows, frozen=True, eq=False, kw_only=True):
    """The predictions that have keypoints."""

    #: ``(N, k, 2)``, and ``(N,)`` each
    xy: Floats
    score: Floats
    area: Floats


class TruePoses(Rows, frozen=True, eq=False, kw_only=True):
    """The truths, crowds and those without keypoints among them."""

    #: ``(M, k, 3)``, ``(M, 4)``, and ``(M,)`` each
    keypoints: Floats
    xywh: Floats
    area: Floats
    iscrowd: NDArray[np.bool_]


class KeypointReport(Struct, frozen=True, kw_only=True):
    """COCO's average precision and recall by object keypoint similarity."""

    outcomes: Outcomes
    #: AP of each label of the truth that has a skeleton.
    by_label: dict[str, float]
    #: How many detections of an image count.
    max_detections: int
    #: The spread of each keypoint.
    sigmas: tuple[float, ...]
    #: COCO's ten by name, in its order, from ``keypoint_ap`` to ``keypoint_ar_large``; they are not sums over images,
    #: so that their intervals are NaN.
    metrics: dict[str, Estimate]


class KeypointCounts(TaskCounts, frozen=True, eq=False, kw_only=True):
    """What COCO's metrics derive from: all poses, because they are not sums over images."""

    sigmas: tuple[float, ...] | None
    scored: ScoredPoses
    true: TruePoses

    def options(self) -> tuple[object, ...]:
        """What must be the same for counts to be joined."""
        return *super().options(), self.sigmas

    def used_labels(self) -> tuple[Indices, Indices]:
        """Those of the predictions, and of the truth."""
        return self.scored.label, self.true.label

    def metrics(self) -> list[Metric]:
        """None: average precision is not a sum over images."""
        return []

    def average_precision(self, *, max_detections: int = 20) -> CocoKeypointAveragePrecision:
        """AP and AR over the labels that the truth has, in the order of their names."""
        named = np.unique(self.true.label)
        codes = np.full(len(self.labels) + 1, -1, dtype=np.int64)
        codes[named] = np.arange(len(named))
        known, true = self.scored.take(codes[self.scored.label] >= 0), self.true  # a label without truth has no AP
        metrics = keypoint_average_precision(
            PoseDetections(known.xy, known.image, codes[known.label], known.score, known.area),
            PoseTruths(true.keypoints, true.xywh, true.area, true.image, codes[true.label], true.iscrowd),
            len(named),
            sigmas=self.sigmas,
            max_detections=max_detections,
        )
        return CocoKeypointAveragePrecision(metrics, tuple(self.labels[code] for code in named.tolist()))

    def report(self) -> KeypointReport:
        """COCO's ten metrics, NaN if there is nothing to average."""
        return keypoint_report_of(*self.average_precision(), self.answers.report())


def keypoint_report_of(found: KeypointAveragePrecision, names: Sequence[str], outcomes: Outcomes) -> KeypointReport:
    """The report of COCO's metrics whose labels have these names."""
    return KeypointReport(
        outcomes=outcomes,
        by_label=dict(zip(names, found.ap_by_label.tolist(), strict=True)),
        max_detections=found.max_detections,
        sigmas=tuple(found.sigmas.tolist()),
        metrics={f"{KEYPOINT_PREFIX}{name}": Estimate(value, NO_INTERVAL) for name, value in found.metrics.items()},
    )


def evaluate_keypoints(
    predictions: Dataset, truth: Dataset, *, sigmas: ArrayLike | None = None, max_detections: int = 20
) -> CocoKeypointAveragePrecision:
    """COCO's AP and AR by object keypoint similarity, equal to pycocotools, over the labels with a skeleton.

    An object of the truth without labelled keypoints is ignored, and so are crowds. Images and labels are taken in the
    order of their names, which decides between equal scores. Raises ``UsageError`` if a prediction has no score, if no
    label of the truth has a skeleton, if there are predictions of these labels but none has keypoints, or if not all
    skeletons have the same number of keypoints. Warns with ``TiedScoresWarning`` if many scores are equal.

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
    check_keypoints(predictions, truth)
    return collect_poses(both, sigmas=sigmas).average_precision(max_detections=max_detections)


def collect_poses(both: DatasetPair, *, sigmas: ArrayLike | None = None) -> KeypointCounts:
    """The poses of both sides, which may be parts without any; :func:`evaluate_keypoints` says what it raises."""
    predictions, truth = both.predictions, both.truth
    labels = _labels_with_skeletons(truth)
    count = _count(predictions, truth, labels)
    spread = None if sigmas is None else tuple(as_floats("sigmas", sigmas).tolist())
    if spread is not None and labels and len(spread) != count:
        raise UsageError(f"{count} keypoints need {count} sigmas, not {len(spread)}")
    paired = pair(both, REGIONS, ignored=True)
    with_skeleton = np.array([*(name in labels for name in paired.labels), False])
    found = _poses(predictions, paired.prediction, with_skeleton, count)
    found, wanted = found.take(found.has_keypoints), _poses(truth, paired.truth, with_skeleton, count)
    scores = predictions.table.score[found.rows]
    if np.isnan(scores).any():
        missing = int(np.isnan(scores).sum())
        raise UsageError(
            f"{missing} of {len(scores)} predictions have no score, and average precision needs one for each"
        )
    warn_of_ties(found.image, found.label, scores)
    return KeypointCounts(
        answers=paired.answers,
        labels=paired.labels,
        timed=paired.timed,
        sigmas=spread,
        scored=ScoredPoses(
            image=found.image,
            label=found.label,
            xy=found.triples[:, :, :2],
            score=scores,
            area=found.measures.bbox[:, 2] * found.measures.bbox[:, 3],
        ),
        true=TruePoses(
            image=wanted.image,
            label=wanted.label,
            keypoints=wanted.triples,
            xywh=wanted.measures.bbox,
            area=wanted.measures.area,
            iscrowd=truth.iscrowd[wanted.rows],
        ),
    )


def check_keypoints(predictions: Dataset, truth: Dataset) -> None:
    """Raise ``UsageError`` if no label of the truth has a skeleton, or if predictions of those have no keypoints."""
    labels = _labels_with_skeletons(truth)
    if not labels:
        raise UsageError(
            "no label of the truth has a skeleton: keypoints are compared with a truth that has keypoints, such as a "
            "COCO file of person_keypoints"
        )
    posed = np.array([*(name in labels for name in predictions.labels), False])[predictions.label]
    found = predictions.keypoints
    if posed.any() and (found is None or not found.counts[posed].any()):
        raise UsageError("the predictions have no keypoints: evaluate detection instead")


def can_be_compared(predictions: Dataset, truth: Dataset) -> bool:
    """Whether both sides have keypoints, skeletons are of one size, and every pose that was predicted has a score."""
    found = predictions.keypoints
    if found is None or truth.keypoints is None or not (found.counts.any() and truth.keypoints.counts.any()):
        return False
    sizes = {len(each) for dataset in (predictions, truth) for each in dataset.skeletons if each is not None}
    return len(sizes) == 1 and not np.isnan(predictions.table.score[found.counts > 0]).any()


def _labels_with_skeletons(dataset: Dataset) -> frozenset[str]:
    return frozenset(name for name, each in zip(dataset.labels, dataset.skeletons, strict=True) if each is not None)


def _count(predictions: Dataset, truth: Dataset, labels: Collection[str]) -> int:
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


def _poses(dataset: Dataset, side: Side, with_skeleton: NDArray[np.bool_], count: int) -> _Poses:
    """The poses of one side; ``with_skeleton`` says it of each label of the pairing."""
    keypoints, is_pose = dataset.keypoints, with_skeleton[side.label]
    counts = np.zeros(len(side.rows), dtype=np.int64) if keypoints is None else keypoints.counts[side.rows]
    triples = np.zeros((len(side.rows), count, 3))
    if keypoints is not None:
        for place in np.flatnonzero((counts == count) & is_pose).tolist():
            triples[place] = np.reshape(keypoints.as_list(int(side.rows[place])), (-1, 3))
    measures = measures_of(dataset, side.parts, side.first)
    return _Poses(side.rows, side.image, side.label, triples, counts > 0, measures).take(is_pose)
