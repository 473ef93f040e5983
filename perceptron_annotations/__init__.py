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
    from .completions.faults import Fault, FaultKind
    from .completions.media import Media, image, video
    from .completions.models import Model, model_facts
    from .completions.record import record
    from .completions.recordings import Asset, Recording, Reject, read_recordings
    from .completions.request import Prepared, Request, RequestWarning
    from .completions.sse import SSEDecoder, SSEEvent
    from .completions.stream import (
        AnswerRestarted,
        CompletionStream,
        FaultReceived,
        Finished,
        ReasoningDelta,
        StreamEvent,
        ToolCallDelta,
        UsageReceived,
    )
    from .datasets.adapters import dataset_to_pandas, dataset_to_polars, to_supervision, to_torchvision
    from .datasets.chat import write_chat
    from .datasets.coco import PointPolicy, read_coco, write_coco, write_coco_results
    from .datasets.coco_results import read_coco_results
    from .datasets.coco_video import read_coco_video, write_coco_video
    from .datasets.cvat import read_cvat, write_cvat
    from .datasets.cvat_video import read_cvat_video, write_cvat_video
    from .datasets.dataset import AssetKind, Dataset, DatasetAsset, DatasetBuilder, boxes_dataset
    from .datasets.gather import Gathered, Gatherer, GatherReport, gather
    from .datasets.jsonl import DocumentRecord, read_documents, write_documents
    from .datasets.label_studio import read_label_studio, write_label_studio
    from .datasets.labelme import read_labelme, write_labelme
    from .datasets.lines import read_dataset_jsonl, write_dataset_jsonl
    from .datasets.lists import read_label_map, read_labels, read_sizes, read_splits
    from .datasets.parquet import read_dataset_parquet, write_dataset_parquet
    from .datasets.pictures import sizes_in
    from .datasets.placement import Placement
    from .datasets.register import Merge
    from .datasets.registry import DatasetFormat, guess_format, read_dataset, write_dataset
    from .datasets.reports import Counted, Loss, LossReport, Omission, Problem, Tally
    from .datasets.splits import split_dataset
    from .datasets.tabular import read_csv, write_csv
    from .datasets.temporal import read_temporal, write_temporal
    from .datasets.voc import read_voc, write_voc
    from .datasets.yolo import read_yolo, write_yolo
    from .datasets.yolo_lines import YoloTask
    from .evaluate.answers import Outcome, Outcomes
    from .evaluate.average_precision import AveragePrecision
    from .evaluate.coco_files import CocoRanking, evaluate_coco_files
    from .evaluate.confusion import Confusion, confusion, count_confusion, report_confusion
    from .evaluate.counting import CountingReport, count_numbers, evaluate_counting, report_numbers
    from .evaluate.counts import join_counts
    from .evaluate.curves import Curve, curves, plot_curves
    from .evaluate.detection import (
        DetectionCounts,
        DetectionReport,
        Outline,
        count_detections,
        evaluate_detection,
        report_detections,
    )
    from .evaluate.evaluation import Evaluation, EvaluationReport, Task, join_evaluations
    from .evaluate.figures import Comparison, Measured, compare
    from .evaluate.mistakes import Example, worst_examples
    from .evaluate.pointing import PointingReport, count_points, evaluate_pointing, report_points
    from .evaluate.ranking import RankingReport, count_ranking, evaluate_ranking, report_ranking
    from .evaluate.recorded import read_answers
    from .evaluate.report import Report, report_csv, report_json, report_schema
    from .evaluate.temporal import TemporalReport, count_clips, evaluate_temporal, report_clips
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
    from .sdk import from_sdk, to_sdk
    from .shapes import from_shapely, to_shapely
    from .table.arrow import from_arrow, iter_parquet, parse_arrow, read_parquet, to_arrow, write_parquet
    from .table.batch import parse_batch
    from .table.recorded import iter_tables, read_table
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
    "AnswerRestarted": "completions.stream",
    "CompletionStream": "completions.stream",
    "FaultReceived": "completions.stream",
    "Finished": "completions.stream",
    "ReasoningDelta": "completions.stream",
    "StreamEvent": "completions.stream",
    "ToolCallDelta": "completions.stream",
    "UsageReceived": "completions.stream",
    "Prepared": "completions.request",
    "Request": "completions.request",
    "RequestWarning": "completions.request",
    "model_facts": "completions.models",
    "Model": "completions.models",
    "Asset": "completions.recordings",
    "Recording": "completions.recordings",
    "Reject": "completions.recordings",
    "read_recordings": "completions.recordings",
    "record": "completions.record",
    "PointPolicy": "datasets.coco",
    "read_coco": "datasets.coco",
    "write_coco": "datasets.coco",
    "write_coco_results": "datasets.coco",
    "read_coco_video": "datasets.coco_video",
    "write_coco_video": "datasets.coco_video",
    "AssetKind": "datasets.dataset",
    "Dataset": "datasets.dataset",
    "DatasetAsset": "datasets.dataset",
    "DatasetBuilder": "datasets.dataset",
    "Gathered": "datasets.gather",
    "GatherReport": "datasets.gather",
    "Gatherer": "datasets.gather",
    "Merge": "datasets.register",
    "Omission": "datasets.reports",
    "Counted": "datasets.reports",
    "gather": "datasets.gather",
    "read_labelme": "datasets.labelme",
    "write_labelme": "datasets.labelme",
    "Placement": "datasets.placement",
    "DatasetFormat": "datasets.registry",
    "guess_format": "datasets.registry",
    "read_dataset": "datasets.registry",
    "write_dataset": "datasets.registry",
    "Loss": "datasets.reports",
    "LossReport": "datasets.reports",
    "Problem": "datasets.reports",
    "Tally": "datasets.reports",
    "read_voc": "datasets.voc",
    "write_voc": "datasets.voc",
    "YoloTask": "datasets.yolo_lines",
    "read_yolo": "datasets.yolo",
    "write_yolo": "datasets.yolo",
    "write_chat": "datasets.chat",
    "read_cvat": "datasets.cvat",
    "write_cvat": "datasets.cvat",
    "read_cvat_video": "datasets.cvat_video",
    "write_cvat_video": "datasets.cvat_video",
    "read_label_studio": "datasets.label_studio",
    "write_label_studio": "datasets.label_studio",
    "read_csv": "datasets.tabular",
    "write_csv": "datasets.tabular",
    "read_temporal": "datasets.temporal",
    "write_temporal": "datasets.temporal",
    "read_dataset_jsonl": "datasets.lines",
    "write_dataset_jsonl": "datasets.lines",
    "read_dataset_parquet": "datasets.parquet",
    "write_dataset_parquet": "datasets.parquet",
    "read_label_map": "datasets.lists",
    "read_labels": "datasets.lists",
    "read_sizes": "datasets.lists",
    "read_splits": "datasets.lists",
    "split_dataset": "datasets.splits",
    "sizes_in": "datasets.pictures",
    "dataset_to_pandas": "datasets.adapters",
    "dataset_to_polars": "datasets.adapters",
    "to_supervision": "datasets.adapters",
    "to_torchvision": "datasets.adapters",
    "DocumentRecord": "datasets.jsonl",
    "read_documents": "datasets.jsonl",
    "write_documents": "datasets.jsonl",
    "from_sdk": "sdk",
    "to_sdk": "sdk",
    "from_shapely": "shapes",
    "to_shapely": "shapes",
    "AnnotationTable": "table.table",
    "Kind": "table.table",
    "from_arrow": "table.arrow",
    "iter_parquet": "table.arrow",
    "parse_arrow": "table.arrow",
    "read_parquet": "table.arrow",
    "to_arrow": "table.arrow",
    "write_parquet": "table.arrow",
    "parse_batch": "table.batch",
    "iter_tables": "table.recorded",
    "read_table": "table.recorded",
    "Outcome": "evaluate.answers",
    "Outcomes": "evaluate.answers",
    "AveragePrecision": "evaluate.average_precision",
    "CocoRanking": "evaluate.coco_files",
    "evaluate_coco_files": "evaluate.coco_files",
    "Confusion": "evaluate.confusion",
    "confusion": "evaluate.confusion",
    "count_confusion": "evaluate.confusion",
    "report_confusion": "evaluate.confusion",
    "CountingReport": "evaluate.counting",
    "count_numbers": "evaluate.counting",
    "evaluate_counting": "evaluate.counting",
    "report_numbers": "evaluate.counting",
    "join_counts": "evaluate.counts",
    "DetectionCounts": "evaluate.detection",
    "DetectionReport": "evaluate.detection",
    "Outline": "evaluate.detection",
    "count_detections": "evaluate.detection",
    "evaluate_detection": "evaluate.detection",
    "report_detections": "evaluate.detection",
    "Comparison": "evaluate.figures",
    "Measured": "evaluate.figures",
    "PointingReport": "evaluate.pointing",
    "count_points": "evaluate.pointing",
    "evaluate_pointing": "evaluate.pointing",
    "report_points": "evaluate.pointing",
    "RankingReport": "evaluate.ranking",
    "count_ranking": "evaluate.ranking",
    "evaluate_ranking": "evaluate.ranking",
    "report_ranking": "evaluate.ranking",
    "TemporalReport": "evaluate.temporal",
    "count_clips": "evaluate.temporal",
    "evaluate_temporal": "evaluate.temporal",
    "report_clips": "evaluate.temporal",
    "Evaluation": "evaluate.evaluation",
    "EvaluationReport": "evaluate.evaluation",
    "Task": "evaluate.evaluation",
    "join_evaluations": "evaluate.evaluation",
    "Example": "evaluate.mistakes",
    "worst_examples": "evaluate.mistakes",
    "Curve": "evaluate.curves",
    "curves": "evaluate.curves",
    "plot_curves": "evaluate.curves",
    "read_answers": "evaluate.recorded",
    "Report": "evaluate.report",
    "report_csv": "evaluate.report",
    "report_json": "evaluate.report",
    "report_schema": "evaluate.report",
    "compare": "evaluate.figures",
    "read_coco_results": "datasets.coco_results",
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
