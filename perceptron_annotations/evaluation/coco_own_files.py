"""COCO's metrics from COCO's own files, if the predictions were read from them: as pycocotools gives, to the last bit.

A dataset holds the same boxes, but orders images and labels by their names, which decides between equal scores.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from contextlib import suppress

from msgspec import structs

from ..errors import FileError
from .coco_dataset import TiedScoresWarning, report_of
from .coco_files import evaluate_coco_files
from .coco_keypoint_files import evaluate_coco_keypoint_files
from .keypoint_dataset import keypoint_report_of
from .predictions import CocoFiles
from .report import EvaluationReport


def with_metrics_of_files(
    report: EvaluationReport, files: CocoFiles, sigmas: Sequence[float] | None
) -> EvaluationReport:
    """The report with average precision by the boxes, keypoints and areas of the files, if these are well formed."""
    results, annotations = files.results, files.annotations
    with warnings.catch_warnings(action="ignore", category=TiedScoresWarning):  # the datasets gave it already
        if report.average_precision is not None:
            with suppress(FileError):
                boxes = evaluate_coco_files(results.source, annotations.source)
                report = _also_readable(
                    report, lambda each: structs.replace(each, average_precision=report_of(*boxes, each.outcomes))
                )
        if report.keypoints is not None:
            with suppress(FileError):
                poses = evaluate_coco_keypoint_files(results.source, annotations.source, sigmas=sigmas)
                report = _also_readable(
                    report, lambda each: structs.replace(each, keypoints=keypoint_report_of(*poses, each.outcomes))
                )
    return report


def _also_readable(
    report: EvaluationReport, change: Callable[[EvaluationReport], EvaluationReport]
) -> EvaluationReport:
    """The report changed, and that over the images whose answer could be read, too."""
    readable = None if report.readable is None else change(report.readable)
    return structs.replace(change(report), readable=readable)
