from .answers import Answers, Outcome, Outcomes
from .bootstrap import Comparison, Figure, Interval, Measured, compare
from .coco_arrays import AveragePrecision, average_precision
from .coco_dataset import (
    RankingCounts,
    RankingReport,
    TiedScoresWarning,
    count_ranking,
    evaluate_ranking,
    report_ranking,
)
from .coco_files import CocoRanking, evaluate_coco_files
from .confusion_matrix import Confusion, ConfusionCounts, confusion, count_confusion, report_confusion
from .counting import CountingCounts, CountingReport, count_numbers, evaluate_counting, report_numbers
from .counts import Counts, join_counts
from .detection import (
    DetectionCounts,
    DetectionReport,
    Outline,
    count_detections,
    evaluate_detection,
    report_detections,
)
from .evaluation import Evaluation, EvaluationReport, Task, join_evaluations, tasks_for
from .pointing import PointingCounts, PointingReport, count_points, evaluate_pointing, report_points
from .precision_recall import Curve, curves, plot_curves
from .recorded import RecordedAnswer, read_answers
from .report import Report, report_csv, report_json, report_schema
from .scores import Scores
from .temporal import TemporalCounts, TemporalReport, count_clips, evaluate_temporal, report_clips
from .worst_images import Example, Place, worst_examples

__all__ = [
    "Answers",
    "AveragePrecision",
    "CocoRanking",
    "Comparison",
    "Confusion",
    "ConfusionCounts",
    "CountingCounts",
    "CountingReport",
    "Counts",
    "Curve",
    "DetectionCounts",
    "DetectionReport",
    "Evaluation",
    "EvaluationReport",
    "Example",
    "Figure",
    "Interval",
    "Measured",
    "Outcome",
    "Outcomes",
    "Outline",
    "Place",
    "PointingCounts",
    "PointingReport",
    "RankingCounts",
    "RankingReport",
    "RecordedAnswer",
    "Report",
    "Scores",
    "Task",
    "TemporalCounts",
    "TemporalReport",
    "TiedScoresWarning",
    "average_precision",
    "compare",
    "confusion",
    "count_clips",
    "count_confusion",
    "count_detections",
    "count_numbers",
    "count_points",
    "count_ranking",
    "curves",
    "evaluate_coco_files",
    "evaluate_counting",
    "evaluate_detection",
    "evaluate_pointing",
    "evaluate_ranking",
    "evaluate_temporal",
    "join_counts",
    "join_evaluations",
    "plot_curves",
    "read_answers",
    "report_clips",
    "report_confusion",
    "report_csv",
    "report_detections",
    "report_json",
    "report_numbers",
    "report_points",
    "report_ranking",
    "report_schema",
    "tasks_for",
    "worst_examples",
]
