"""What every metric of a report is: its name, formula, source, when it is not a number, and which way is better.

The tables, the page of metrics, the verdict of a comparison and the limits of the command all read this catalogue.
Nothing heavy is imported here, so that the help of the command can list the names.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from .tasks import Task

#: What the answers came to; a part of a report beside the tasks.
ANSWERS = "answers"


class Better(StrEnum):
    """Which values of a metric are better."""

    HIGHER = "higher"
    LOWER = "lower"
    NEARER_0 = "nearer 0"
    NEITHER = "neither"
    """It counts or describes."""


class MetricDefinition(NamedTuple):
    """One metric, whatever its threshold."""

    #: The task that has it, or ``answers``.
    task: str
    #: Its name in JSON and CSV, without ``@`` and the threshold.
    name: str
    #: What tables head it with; the name itself if a table has a row for it.
    heading: str
    better: Better
    formula: str
    source: str
    #: When it is not a number.
    undefined: str
    #: There is one for each threshold, and the name ends in ``@`` and the threshold.
    has_threshold: bool = False
    #: It is one number of all images, which ``--fail-under`` or ``--fail-over`` can limit.
    is_limited: bool = False


_F1 = "van Rijsbergen, Information Retrieval, 1979"
_COCO = "Lin et al., Microsoft COCO, 2014; equal to pycocotools"
_OKS = "COCO keypoint evaluation, 2016; equal to pycocotools"
_NO_SCORE = "no truth of this size"
_NONE = ""


def _shares(task: Task, prefix: str, found: str, true: str, *, has_threshold: bool) -> tuple[MetricDefinition, ...]:
    """Precision, recall and F1 of one task."""
    rows = (
        ("precision", "precision", f"TP / (TP + FP): the share of {found} that match", f"there are no {found}"),
        ("recall", "recall", f"TP / (TP + FN): the share of {true} that are matched", f"there are no {true}"),
        ("f1", "F1", "2 TP / (2 TP + FP + FN)", f"there are no {found} and no {true}"),
    )
    return tuple(
        MetricDefinition(task, prefix + name, heading, Better.HIGHER, formula, _F1, undefined, has_threshold, True)
        for name, heading, formula, undefined in rows
    )


def _counts(task: Task, *, has_threshold: bool) -> tuple[MetricDefinition, ...]:
    """What the rows of labels and sizes have beside the shares."""
    counts = (
        ("true_positives", "TP", Better.HIGHER, "pairs of a prediction and a truth that match"),
        ("false_positives", "FP", Better.LOWER, "predictions that match no truth"),
        ("false_negatives", "FN", Better.LOWER, "truths that no prediction matches"),
    )
    return tuple(
        MetricDefinition(task, name, heading, better, formula, _NONE, "never", has_threshold)
        for name, heading, better, formula in counts
    )


def _ignored(task: Task) -> tuple[MetricDefinition, ...]:
    crowds = "crowds and ignored objects of the truth"
    return (
        MetricDefinition(task, "ignored_truths", _NONE, Better.NEITHER, crowds, _COCO, "never"),
        MetricDefinition(
            task,
            "ignored_predictions",
            _NONE,
            Better.NEITHER,
            "predictions that match nothing and lie there",
            _COCO,
            "never",
        ),
    )


def _described(task: str, name: str, formula: str, better: Better = Better.NEITHER) -> MetricDefinition:
    return MetricDefinition(task, name, _NONE, better, formula, _NONE, "never")


def _rate(name: str, formula: str, better: Better) -> MetricDefinition:
    return MetricDefinition(ANSWERS, name, _NONE, better, formula, _NONE, "there are no images")


_OF_ANSWERS = (
    _described(ANSWERS, "images", "images of the truth"),
    _described(ANSWERS, "count", "images with this outcome or ending; reports of this issue; rows not compared"),
    _rate("unreadable_rate", "images whose answer is unreadable / images", Better.LOWER),
    _rate("empty_rate", "images whose answer has no markup / images", Better.NEITHER),
    _rate("cut_off_rate", "images whose answer was cut off / images", Better.LOWER),
    _rate("readable", "1 - unreadable_rate, for --fail-under alone", Better.HIGHER)._replace(is_limited=True),
    _rate("complete", "1 - cut_off_rate, for --fail-under alone", Better.HIGHER)._replace(is_limited=True),
)

_OF_DETECTION = (
    *_shares(Task.DETECTION, "", "predictions", "truths", has_threshold=True),
    MetricDefinition(
        Task.DETECTION,
        "accuracy",
        "accuracy",
        Better.HIGHER,
        "images and labels of the truth whose first prediction overlaps enough / images and labels of the truth",
        "Mao et al., Generation and Comprehension of Unambiguous Object Descriptions, 2016",
        "there are no truths",
        has_threshold=True,
        is_limited=True,
    ),
    MetricDefinition(
        Task.DETECTION,
        "mean_iou",
        "mean_iou",
        Better.HIGHER,
        "mean of area(P ∩ T) / area(P ∪ T) over the matches at the lowest threshold",
        "Jaccard, 1912",
        "nothing matches",
        is_limited=True,
    ),
    MetricDefinition(
        Task.DETECTION,
        "macro_f1",
        _NONE,
        Better.HIGHER,
        "mean of the F1 of the labels",
        _F1,
        "no label has an F1",
        has_threshold=True,
    ),
    MetricDefinition(
        Task.DETECTION, "mean_f1", _NONE, Better.HIGHER, "mean of F1 over the thresholds", _F1, "there is no F1"
    ),
    *_counts(Task.DETECTION, has_threshold=True),
    *_ignored(Task.DETECTION),
    _described(
        Task.DETECTION,
        "wrong_labels",
        "pairs of a false positive and a false negative of another label that overlap enough",
        Better.LOWER,
    ),
    _described(Task.DETECTION, "greedy_components", "groups of shapes that had to be matched greedily"),
    _described(Task.DETECTION, "repaired", "polygons that cross or touch themselves and were repaired"),
)

_OF_POINTING = (
    MetricDefinition(
        Task.POINTING,
        "hit_rate",
        "hit_rate",
        Better.HIGHER,
        "points in a region of their image and label / points",
        "the pointing game: Zhang et al., Excitation Backprop, 2016",
        "there are no points",
        is_limited=True,
    ),
    *_shares(Task.POINTING, "point_", "points", "regions and points of the truth", has_threshold=False),
    MetricDefinition(
        Task.POINTING,
        "point_distance",
        "point_distance",
        Better.LOWER,
        "mean distance of matched points from the middle of their region, in diagonals of the image",
        _NONE,
        "no point matches on an image of known size",
        is_limited=True,
    ),
    *(
        each._replace(is_limited=False)
        for each in _shares(Task.POINTING, "", "points of a label", "truths of a label", has_threshold=False)
    ),
    *_counts(Task.POINTING, has_threshold=False),
    *_ignored(Task.POINTING),
    _described(Task.POINTING, "greedy_components", "groups of points and regions that had to be matched greedily"),
)


def _numbers(name: str, whose: str) -> tuple[MetricDefinition, ...]:
    rows = (
        ("exact", Better.HIGHER, "the share of pairs with d = 0"),
        ("mae", Better.LOWER, "mean of |d|"),
        ("bias", Better.NEARER_0, "mean of d: above 0, too many"),
    )
    return tuple(
        MetricDefinition(
            Task.COUNTING,
            f"{name}_{part}",
            f"{name}_{part}",
            better,
            f"{formula}, over pairs of an image and a label; d is the number of {whose} less the true one",
            "Willmott and Matsuura, 2005" if part == "mae" else _NONE,
            "there are no such pairs",
            is_limited=True,
        )
        for part, better, formula in rows
    )


def _of_pairs(name: str, better: Better, formula: str, undefined: str = "there are no pairs") -> MetricDefinition:
    return MetricDefinition(Task.COUNTING, name, _NONE, better, formula, _NONE, undefined)


_OF_COUNTING = (
    *_numbers("count", "marked objects"),
    *_numbers("stated_count", "objects that the text states"),
    _of_pairs("pairs", Better.NEITHER, "pairs of an image and a label that are counted", "never"),
    _of_pairs("exact", Better.HIGHER, "the share of pairs with d = 0"),
    _of_pairs("within", Better.HIGHER, "the share of pairs with |d| ≤ k, named within_k"),
    _of_pairs("mean_absolute_error", Better.LOWER, "mean of |d|"),
    _of_pairs("root_mean_square_error", Better.LOWER, "square root of the mean of d²"),
    _of_pairs("mean_relative_error", Better.LOWER, "mean of |d| / true number", "no true number is above 0"),
    _of_pairs("bias", Better.NEARER_0, "mean of d"),
)

_OF_CLIPS = (
    MetricDefinition(
        Task.TEMPORAL,
        "r1",
        "r1",
        Better.HIGHER,
        "videos and labels of the truth whose first prediction overlaps a clip of it enough / videos and labels",
        "Gao et al., TALL, 2017",
        "there are no clips in the truth",
        has_threshold=True,
        is_limited=True,
    ),
    *_shares(Task.TEMPORAL, "clip_", "clips", "clips of the truth", has_threshold=True),
    MetricDefinition(
        Task.TEMPORAL,
        "mean_tiou",
        "mean_tiou",
        Better.HIGHER,
        "mean, over videos and labels of the truth, of the tIoU of the first prediction with the best clip of it",
        "Gao et al., TALL, 2017",
        "there are no clips in the truth",
        is_limited=True,
    ),
    MetricDefinition(
        Task.TEMPORAL,
        "ap",
        _NONE,
        Better.HIGHER,
        "mean over labels of the area below precision over recall",
        "Caba Heilbron et al., ActivityNet, 2015",
        "a prediction has no score, or nothing was predicted",
        has_threshold=True,
    ),
    *_ignored(Task.TEMPORAL),
)

#: The suffix of a name in COCO, and what it restricts the average to.
_AP = {
    "": "mean over labels and IoU from 0.5 to 0.95 of precision at 101 levels of recall",
    "50": "the same at an IoU of 0.5",
    "75": "the same at an IoU of 0.75",
    "_small": "ap of objects below 32² pixels",
    "_medium": "ap of objects from 32² and below 96² pixels",
    "_large": "ap of objects of 96² pixels and more",
}
_AR = {
    "": "mean over labels and IoU of the recall with at most 100 predictions of an image",
    "_first": "the same with at most 1 prediction of an image",
    "_second": "the same with at most 10 predictions of an image",
    "_small": "ar of objects below 32² pixels",
    "_medium": "ar of objects from 32² and below 96² pixels",
    "_large": "ar of objects of 96² pixels and more",
}
_KEYPOINT_AP = {name: text.replace("IoU", "OKS") for name, text in _AP.items() if name != "_small"}
_KEYPOINT_AR = {
    "": "mean over labels and OKS of the recall with at most 20 predictions of an image",
    "50": "the same at an OKS of 0.5",
    "75": "the same at an OKS of 0.75",
    "_medium": _AR["_medium"],
    "_large": _AR["_large"],
}


def _coco(task: Task, prefix: str, parts: dict[str, str], source: str) -> tuple[MetricDefinition, ...]:
    return tuple(
        MetricDefinition(task, prefix + name, prefix + name, Better.HIGHER, text, source, _NO_SCORE, is_limited=True)
        for name, text in parts.items()
    )


_OF_COMPARISON = (
    MetricDefinition(
        "comparison",
        "p",
        "p",
        Better.NEITHER,
        "the share of random exchanges of the two answers about each image whose difference is as large",
        "Noreen, Computer-Intensive Methods for Testing Hypotheses, 1989",
        "either metric is not a number",
    ),
)

#: Every metric, in the order of the report.
METRICS = (
    *_OF_ANSWERS,
    *_OF_DETECTION,
    *_OF_POINTING,
    *_OF_COUNTING,
    *_OF_CLIPS,
    *_coco(Task.AVERAGE_PRECISION, "ap", _AP, _COCO),
    *_coco(Task.AVERAGE_PRECISION, "ar", _AR, _COCO),
    *_coco(Task.KEYPOINTS, "keypoint_ap", _KEYPOINT_AP, _OKS),
    *_coco(Task.KEYPOINTS, "keypoint_ar", _KEYPOINT_AR, _OKS),
    *_OF_COMPARISON,
)
_LIMITED = {each.name: each for each in METRICS if each.is_limited}


def limited_metric(name: str) -> MetricDefinition:
    """What a metric with an interval or a limit is, by its name with or without the threshold, such as ``f1@0.5``."""
    return _LIMITED[name.partition("@")[0]]


def names_for_limits(*, are_errors: bool) -> tuple[str, ...]:
    """What ``--fail-over`` takes, of which lower or nearer 0 is better, or else what ``--fail-under`` takes."""
    return tuple(name for name, each in _LIMITED.items() if (each.better is not Better.HIGHER) == are_errors)
