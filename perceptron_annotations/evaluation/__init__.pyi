from .answers import Outcome, Outcomes
from .coco_arrays import AveragePrecision, Detections, Truths, average_precision
from .coco_dataset import AveragePrecisionReport, TiedScoresWarning, evaluate_average_precision
from .coco_files import CocoAveragePrecision, evaluate_coco_files
from .coco_keypoint_files import CocoKeypointAveragePrecision, evaluate_coco_keypoint_files
from .coco_keypoints import KeypointAveragePrecision, PoseDetections, PoseTruths, keypoint_average_precision
from .confusion import ConfusionCounts, ConfusionMatrix, confusion_matrix, join_confusion_matrices
from .contract_evidence import Contract
from .counting import CountingReport, CountScores, evaluate_counting
from .curves import Curve, metric_curves, plot_curves
from .detection import DetectionReport, evaluate_detection
from .diagnosis import ContractEvidence, Diagnosis, JudgedAnswer, diagnose
from .evaluated_model import EvaluatedModel
from .evaluation import evaluate
from .evaluation_options import EvaluationOptions
from .ignoring import Ignored
from .intervals import Comparison, Estimate, Interval, Metric, MetricSums, Scale
from .keypoint_dataset import KeypointReport, evaluate_keypoints
from .metric_catalogue import Better
from .mistakes import AnswerLocation, FalsePositive, WorstImage, worst_images
from .partial_evaluation import PartialEvaluation, join_evaluations, tasks_for
from .pointing import PointingReport, evaluate_pointing
from .predictions import (
    CocoFiles,
    KeptFile,
    Predictions,
    ReadingOptions,
    ReadingReport,
    Truth,
    read_predictions,
    read_truth,
)
from .recorded import RecordedAnswer, read_answers
from .reduced_evaluation import ReducedEvaluation, SummedMetric, sums_schema
from .report import EvaluationReport, compare, report_schema
from .scores import Scores
from .similar_labels import SimilarLabels
from .stated_numbers import StatedCount, stated_count, stated_counts
from .tasks import IouType, Matching, Task
from .temporal import TemporalReport, evaluate_temporal
from .uncompared import NotCompared, Reason

__all__ = [
    "AnswerLocation",
    "AveragePrecision",
    "AveragePrecisionReport",
    "Better",
    "CocoAveragePrecision",
    "CocoFiles",
    "CocoKeypointAveragePrecision",
    "Comparison",
    "ConfusionCounts",
    "ConfusionMatrix",
    "Contract",
    "ContractEvidence",
    "CountScores",
    "CountingReport",
    "Curve",
    "DetectionReport",
    "Detections",
    "Diagnosis",
    "Estimate",
    "EvaluatedModel",
    "EvaluationOptions",
    "EvaluationReport",
    "FalsePositive",
    "Ignored",
    "Interval",
    "IouType",
    "JudgedAnswer",
    "KeptFile",
    "KeypointAveragePrecision",
    "KeypointReport",
    "Matching",
    "Metric",
    "MetricSums",
    "NotCompared",
    "Outcome",
    "Outcomes",
    "PartialEvaluation",
    "PointingReport",
    "PoseDetections",
    "PoseTruths",
    "Predictions",
    "ReadingOptions",
    "ReadingReport",
    "Reason",
    "RecordedAnswer",
    "ReducedEvaluation",
    "Scale",
    "Scores",
    "SimilarLabels",
    "StatedCount",
    "SummedMetric",
    "Task",
    "TemporalReport",
    "TiedScoresWarning",
    "Truth",
    "Truths",
    "WorstImage",
    "average_precision",
    "compare",
    "confusion_matrix",
    "diagnose",
    "evaluate",
    "evaluate_average_precision",
    "evaluate_coco_files",
    "evaluate_coco_keypoint_files",
    "evaluate_counting",
    "evaluate_detection",
    "evaluate_keypoints",
    "evaluate_pointing",
    "evaluate_temporal",
    "join_confusion_matrices",
    "join_evaluations",
    "keypoint_average_precision",
    "metric_curves",
    "plot_curves",
    "read_answers",
    "read_predictions",
    "read_truth",
    "report_schema",
    "stated_count",
    "stated_counts",
    "sums_schema",
    "tasks_for",
    "worst_images",
]
