"""Typed geometry from the answers of grounded vision-language models.

``parse`` reads one answer, ``StreamParser`` one that is arriving, ``read_recordings`` files of them; ``parse_batch``
and ``read_table`` make columns of many; ``to_markup`` writes values back. ``backend`` says whether the compiled scanner
or the pure parser reads. Names that need more than the grammar are imported when they are first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from .errors import (
    AnnotationsError,
    EnvelopeError,
    FileError,
    FrameError,
    GeometryError,
    InputError,
    LossError,
    MarkupError,
    MissingExtraError,
    ServiceError,
    UnwritableError,
    UsageError,
)
from .frames import AssetFrames, Frame, FrameKind, sdk_pixel
from .geometry import Annotation, Box, Clip, Collection, Point, Polygon, Shape, Track, Value
from .issues import Issue, IssueCode, Severity, Span
from .markup.backend import backend
from .markup.document import Document, Mode, Status, parse

if TYPE_CHECKING:
    from .completions.completion import Answer, Completion, Usage
    from .completions.completion_stream import (
        AnswerRestarted,
        CompletionStream,
        FaultReceived,
        Finished,
        ReasoningDelta,
        StreamEvent,
        ToolCallDelta,
        UsageReceived,
    )
    from .completions.documents_jsonl import DocumentRecord, read_documents, write_documents
    from .completions.faults import Fault, FaultKind
    from .completions.media import Media, image, video
    from .completions.models import Model, model_facts
    from .completions.recording import record
    from .completions.recordings import Asset, Recording, Reject, read_recordings
    from .completions.request import Prepared, Request, RequestWarning
    from .completions.sse import SSEDecoder, SSEEvent
    from .datasets.assets import Merge
    from .datasets.chat import write_chat
    from .datasets.dataset import AssetKind, Dataset, DatasetAsset, DatasetBuilder, boxes_dataset
    from .datasets.formats.activitynet import read_temporal, write_temporal
    from .datasets.formats.coco.instances import PointPolicy, read_coco, write_coco, write_coco_results
    from .datasets.formats.coco.results import read_coco_results
    from .datasets.formats.coco.video import read_coco_video, write_coco_video
    from .datasets.formats.csv_rows import read_csv, write_csv
    from .datasets.formats.cvat.images import read_cvat, write_cvat
    from .datasets.formats.cvat.tracks import read_cvat_video, write_cvat_video
    from .datasets.formats.dataset_jsonl import read_dataset_jsonl, write_dataset_jsonl
    from .datasets.formats.dataset_parquet import read_dataset_parquet, write_dataset_parquet
    from .datasets.formats.label_studio import read_label_studio, write_label_studio
    from .datasets.formats.labelme import read_labelme, write_labelme
    from .datasets.formats.registry import DatasetFormat, guess_format, read_dataset, write_dataset
    from .datasets.formats.voc import read_voc, write_voc
    from .datasets.formats.yolo.folder import read_yolo, write_yolo
    from .datasets.formats.yolo.labels import YoloTask
    from .datasets.image_sizes import sizes_in
    from .datasets.lists import read_label_map, read_labels, read_sizes, read_splits
    from .datasets.recording_importer import Gathered, Gatherer, GatherReport, gather
    from .datasets.reports import Counted, Loss, LossReport, Omission, Problem, Tally
    from .datasets.splits import split_dataset
    from .datasets.transform import Placement
    from .evaluation.answers import Outcome, Outcomes
    from .evaluation.bootstrap import Comparison, Measured, compare
    from .evaluation.coco_arrays import AveragePrecision
    from .evaluation.coco_dataset import RankingReport, count_ranking, evaluate_ranking, report_ranking
    from .evaluation.coco_files import CocoRanking, evaluate_coco_files
    from .evaluation.confusion_matrix import Confusion, confusion, count_confusion, report_confusion
    from .evaluation.counting import CountingReport, count_numbers, evaluate_counting, report_numbers
    from .evaluation.counts import join_counts
    from .evaluation.detection import (
        DetectionCounts,
        DetectionReport,
        Outline,
        count_detections,
        evaluate_detection,
        report_detections,
    )
    from .evaluation.evaluation import Evaluation, EvaluationReport, Task, join_evaluations
    from .evaluation.pointing import PointingReport, count_points, evaluate_pointing, report_points
    from .evaluation.precision_recall import Curve, curves, plot_curves
    from .evaluation.recorded import read_answers
    from .evaluation.report import Report, report_csv, report_json, report_schema
    from .evaluation.temporal import TemporalReport, count_clips, evaluate_temporal, report_clips
    from .evaluation.worst_images import Example, worst_examples
    from .interop.detection_tools import dataset_to_pandas, dataset_to_polars, to_supervision, to_torchvision
    from .interop.perceptron_sdk import from_sdk, to_sdk
    from .interop.shapely import from_shapely, to_shapely
    from .markup.constrain import AnnotationFormat, constraint_regex, json_schema
    from .markup.json_answer import JsonAnswer, JsonProblem, read_json_answer
    from .markup.stream import (
        AnnotationFound,
        ContainerClosed,
        ContainerOpened,
        Event,
        IssueFound,
        StreamParser,
        TextDelta,
    )
    from .markup.write import to_markup
    from .table.arrow import from_arrow, iter_parquet, parse_arrow, read_parquet, to_arrow, write_parquet
    from .table.batch import parse_batch
    from .table.read import iter_tables, read_table
    from .table.table import AnnotationTable, Kind

__version__ = "0.1.0"

__all__ = [
    "Annotation",
    "AnnotationFormat",
    "AnnotationFound",
    "AnnotationTable",
    "AnnotationsError",
    "Answer",
    "AnswerRestarted",
    "Asset",
    "AssetFrames",
    "AssetKind",
    "AveragePrecision",
    "Box",
    "Clip",
    "CocoRanking",
    "Collection",
    "Comparison",
    "Completion",
    "CompletionStream",
    "Confusion",
    "ContainerClosed",
    "ContainerOpened",
    "Counted",
    "CountingReport",
    "Curve",
    "Dataset",
    "DatasetAsset",
    "DatasetBuilder",
    "DatasetFormat",
    "DetectionCounts",
    "DetectionReport",
    "Document",
    "DocumentRecord",
    "EnvelopeError",
    "Evaluation",
    "EvaluationReport",
    "Event",
    "Example",
    "Fault",
    "FaultKind",
    "FaultReceived",
    "FileError",
    "Finished",
    "Frame",
    "FrameError",
    "FrameKind",
    "GatherReport",
    "Gathered",
    "Gatherer",
    "GeometryError",
    "InputError",
    "Issue",
    "IssueCode",
    "IssueFound",
    "JsonAnswer",
    "JsonProblem",
    "Kind",
    "Loss",
    "LossError",
    "LossReport",
    "MarkupError",
    "Measured",
    "Media",
    "Merge",
    "MissingExtraError",
    "Mode",
    "Model",
    "Omission",
    "Outcome",
    "Outcomes",
    "Outline",
    "Placement",
    "Point",
    "PointPolicy",
    "PointingReport",
    "Polygon",
    "Prepared",
    "Problem",
    "RankingReport",
    "ReasoningDelta",
    "Recording",
    "Reject",
    "Report",
    "Request",
    "RequestWarning",
    "SSEDecoder",
    "SSEEvent",
    "ServiceError",
    "Severity",
    "Shape",
    "Span",
    "Status",
    "StreamEvent",
    "StreamParser",
    "Tally",
    "Task",
    "TemporalReport",
    "TextDelta",
    "ToolCallDelta",
    "Track",
    "UnwritableError",
    "Usage",
    "UsageError",
    "UsageReceived",
    "Value",
    "YoloTask",
    "__version__",
    "backend",
    "boxes_dataset",
    "compare",
    "confusion",
    "constraint_regex",
    "count_clips",
    "count_confusion",
    "count_detections",
    "count_numbers",
    "count_points",
    "count_ranking",
    "curves",
    "dataset_to_pandas",
    "dataset_to_polars",
    "evaluate_coco_files",
    "evaluate_counting",
    "evaluate_detection",
    "evaluate_pointing",
    "evaluate_ranking",
    "evaluate_temporal",
    "from_arrow",
    "from_sdk",
    "from_shapely",
    "gather",
    "guess_format",
    "image",
    "iter_parquet",
    "iter_tables",
    "join_counts",
    "join_evaluations",
    "json_schema",
    "model_facts",
    "parse",
    "parse_arrow",
    "parse_batch",
    "plot_curves",
    "read_answers",
    "read_coco",
    "read_coco_results",
    "read_coco_video",
    "read_csv",
    "read_cvat",
    "read_cvat_video",
    "read_dataset",
    "read_dataset_jsonl",
    "read_dataset_parquet",
    "read_documents",
    "read_json_answer",
    "read_label_map",
    "read_label_studio",
    "read_labelme",
    "read_labels",
    "read_parquet",
    "read_recordings",
    "read_sizes",
    "read_splits",
    "read_table",
    "read_temporal",
    "read_voc",
    "read_yolo",
    "record",
    "report_clips",
    "report_confusion",
    "report_csv",
    "report_detections",
    "report_json",
    "report_numbers",
    "report_points",
    "report_ranking",
    "report_schema",
    "sdk_pixel",
    "sizes_in",
    "split_dataset",
    "to_arrow",
    "to_markup",
    "to_sdk",
    "to_shapely",
    "to_supervision",
    "to_torchvision",
    "video",
    "worst_examples",
    "write_chat",
    "write_coco",
    "write_coco_results",
    "write_coco_video",
    "write_csv",
    "write_cvat",
    "write_cvat_video",
    "write_dataset",
    "write_dataset_jsonl",
    "write_dataset_parquet",
    "write_documents",
    "write_label_studio",
    "write_labelme",
    "write_parquet",
    "write_temporal",
    "write_voc",
    "write_yolo",
]

_LAZY = {
    "AnnotationFound": "markup.stream",
    "ContainerClosed": "markup.stream",
    "ContainerOpened": "markup.stream",
    "Event": "markup.stream",
    "IssueFound": "markup.stream",
    "StreamParser": "markup.stream",
    "TextDelta": "markup.stream",
    "AnnotationFormat": "markup.constrain",
    "constraint_regex": "markup.constrain",
    "json_schema": "markup.constrain",
    "JsonAnswer": "markup.json_answer",
    "JsonProblem": "markup.json_answer",
    "read_json_answer": "markup.json_answer",
    "to_markup": "markup.write",
    "Answer": "completions.completion",
    "Completion": "completions.completion",
    "Usage": "completions.completion",
    "Fault": "completions.faults",
    "FaultKind": "completions.faults",
    "Media": "completions.media",
    "image": "completions.media",
    "video": "completions.media",
    "SSEDecoder": "completions.sse",
    "SSEEvent": "completions.sse",
    "AnswerRestarted": "completions.completion_stream",
    "CompletionStream": "completions.completion_stream",
    "FaultReceived": "completions.completion_stream",
    "Finished": "completions.completion_stream",
    "ReasoningDelta": "completions.completion_stream",
    "StreamEvent": "completions.completion_stream",
    "ToolCallDelta": "completions.completion_stream",
    "UsageReceived": "completions.completion_stream",
    "Prepared": "completions.request",
    "Request": "completions.request",
    "RequestWarning": "completions.request",
    "model_facts": "completions.models",
    "Model": "completions.models",
    "Asset": "completions.recordings",
    "Recording": "completions.recordings",
    "Reject": "completions.recordings",
    "read_recordings": "completions.recordings",
    "record": "completions.recording",
    "PointPolicy": "datasets.formats.coco.instances",
    "read_coco": "datasets.formats.coco.instances",
    "write_coco": "datasets.formats.coco.instances",
    "write_coco_results": "datasets.formats.coco.instances",
    "read_coco_video": "datasets.formats.coco.video",
    "write_coco_video": "datasets.formats.coco.video",
    "AssetKind": "datasets.dataset",
    "Dataset": "datasets.dataset",
    "DatasetAsset": "datasets.dataset",
    "DatasetBuilder": "datasets.dataset",
    "Gathered": "datasets.recording_importer",
    "GatherReport": "datasets.recording_importer",
    "Gatherer": "datasets.recording_importer",
    "Merge": "datasets.assets",
    "Omission": "datasets.reports",
    "Counted": "datasets.reports",
    "gather": "datasets.recording_importer",
    "read_labelme": "datasets.formats.labelme",
    "write_labelme": "datasets.formats.labelme",
    "Placement": "datasets.transform",
    "DatasetFormat": "datasets.formats.registry",
    "guess_format": "datasets.formats.registry",
    "read_dataset": "datasets.formats.registry",
    "write_dataset": "datasets.formats.registry",
    "Loss": "datasets.reports",
    "LossReport": "datasets.reports",
    "Problem": "datasets.reports",
    "Tally": "datasets.reports",
    "read_voc": "datasets.formats.voc",
    "write_voc": "datasets.formats.voc",
    "YoloTask": "datasets.formats.yolo.labels",
    "read_yolo": "datasets.formats.yolo.folder",
    "write_yolo": "datasets.formats.yolo.folder",
    "write_chat": "datasets.chat",
    "read_cvat": "datasets.formats.cvat.images",
    "write_cvat": "datasets.formats.cvat.images",
    "read_cvat_video": "datasets.formats.cvat.tracks",
    "write_cvat_video": "datasets.formats.cvat.tracks",
    "read_label_studio": "datasets.formats.label_studio",
    "write_label_studio": "datasets.formats.label_studio",
    "read_csv": "datasets.formats.csv_rows",
    "write_csv": "datasets.formats.csv_rows",
    "read_temporal": "datasets.formats.activitynet",
    "write_temporal": "datasets.formats.activitynet",
    "read_dataset_jsonl": "datasets.formats.dataset_jsonl",
    "write_dataset_jsonl": "datasets.formats.dataset_jsonl",
    "read_dataset_parquet": "datasets.formats.dataset_parquet",
    "write_dataset_parquet": "datasets.formats.dataset_parquet",
    "read_label_map": "datasets.lists",
    "read_labels": "datasets.lists",
    "read_sizes": "datasets.lists",
    "read_splits": "datasets.lists",
    "split_dataset": "datasets.splits",
    "sizes_in": "datasets.image_sizes",
    "dataset_to_pandas": "interop.detection_tools",
    "dataset_to_polars": "interop.detection_tools",
    "to_supervision": "interop.detection_tools",
    "to_torchvision": "interop.detection_tools",
    "DocumentRecord": "completions.documents_jsonl",
    "read_documents": "completions.documents_jsonl",
    "write_documents": "completions.documents_jsonl",
    "from_sdk": "interop.perceptron_sdk",
    "to_sdk": "interop.perceptron_sdk",
    "from_shapely": "interop.shapely",
    "to_shapely": "interop.shapely",
    "AnnotationTable": "table.table",
    "Kind": "table.table",
    "from_arrow": "table.arrow",
    "iter_parquet": "table.arrow",
    "parse_arrow": "table.arrow",
    "read_parquet": "table.arrow",
    "to_arrow": "table.arrow",
    "write_parquet": "table.arrow",
    "parse_batch": "table.batch",
    "iter_tables": "table.read",
    "read_table": "table.read",
    "Outcome": "evaluation.answers",
    "Outcomes": "evaluation.answers",
    "AveragePrecision": "evaluation.coco_arrays",
    "CocoRanking": "evaluation.coco_files",
    "evaluate_coco_files": "evaluation.coco_files",
    "Confusion": "evaluation.confusion_matrix",
    "confusion": "evaluation.confusion_matrix",
    "count_confusion": "evaluation.confusion_matrix",
    "report_confusion": "evaluation.confusion_matrix",
    "CountingReport": "evaluation.counting",
    "count_numbers": "evaluation.counting",
    "evaluate_counting": "evaluation.counting",
    "report_numbers": "evaluation.counting",
    "join_counts": "evaluation.counts",
    "DetectionCounts": "evaluation.detection",
    "DetectionReport": "evaluation.detection",
    "Outline": "evaluation.detection",
    "count_detections": "evaluation.detection",
    "evaluate_detection": "evaluation.detection",
    "report_detections": "evaluation.detection",
    "Comparison": "evaluation.bootstrap",
    "Measured": "evaluation.bootstrap",
    "PointingReport": "evaluation.pointing",
    "count_points": "evaluation.pointing",
    "evaluate_pointing": "evaluation.pointing",
    "report_points": "evaluation.pointing",
    "RankingReport": "evaluation.coco_dataset",
    "count_ranking": "evaluation.coco_dataset",
    "evaluate_ranking": "evaluation.coco_dataset",
    "report_ranking": "evaluation.coco_dataset",
    "TemporalReport": "evaluation.temporal",
    "count_clips": "evaluation.temporal",
    "evaluate_temporal": "evaluation.temporal",
    "report_clips": "evaluation.temporal",
    "Evaluation": "evaluation.evaluation",
    "EvaluationReport": "evaluation.evaluation",
    "Task": "evaluation.evaluation",
    "join_evaluations": "evaluation.evaluation",
    "Example": "evaluation.worst_images",
    "worst_examples": "evaluation.worst_images",
    "Curve": "evaluation.precision_recall",
    "curves": "evaluation.precision_recall",
    "plot_curves": "evaluation.precision_recall",
    "read_answers": "evaluation.recorded",
    "Report": "evaluation.report",
    "report_csv": "evaluation.report",
    "report_json": "evaluation.report",
    "report_schema": "evaluation.report",
    "compare": "evaluation.bootstrap",
    "read_coco_results": "datasets.formats.coco.results",
    "boxes_dataset": "datasets.dataset",
}


def __getattr__(name: str) -> object:
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f".{_LAZY[name]}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
