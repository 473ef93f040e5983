from . import asking, completions, datasets, dialects, evaluation, interop, markup, ops, render, table
from .completions.completion import Completion
from .completions.completion_stream import CompletionStream
from .completions.recording import record
from .completions.recording_files import read_recordings
from .completions.recordings import Recording
from .completions.request import Request
from .datasets.dataset import Dataset
from .datasets.formats.registry import read_dataset, write_dataset
from .errors import AnnotationsError, InputError, UsageError
from .evaluation.evaluation import evaluate
from .evaluation.report import EvaluationReport
from .file_spans import FileSpan
from .frames import AssetFrames, Frame
from .geometry import Annotation, AnnotationKind, Box, Clip, Collection, Point, Polygon, Track
from .issues import Issue, IssueCode, Severity, Span
from .losses import Loss
from .markup.backend import backend
from .markup.document import Document, Mode, Status
from .markup.parsing import parse
from .markup.stream import StreamParser
from .markup.stream_events import AnnotationFound, ContainerClosed, ContainerOpened, IssueFound, TextDelta
from .markup.write import to_markup
from .problems import Problem, ProblemWarning
from .table.batch import parse_batch
from .table.read import read_table
from .table.table import AnnotationTable

__version__: str

__all__ = [
    "Annotation",
    "AnnotationFound",
    "AnnotationKind",
    "AnnotationTable",
    "AnnotationsError",
    "AssetFrames",
    "Box",
    "Clip",
    "Collection",
    "Completion",
    "CompletionStream",
    "ContainerClosed",
    "ContainerOpened",
    "Dataset",
    "Document",
    "EvaluationReport",
    "FileSpan",
    "Frame",
    "InputError",
    "Issue",
    "IssueCode",
    "IssueFound",
    "Loss",
    "Mode",
    "Point",
    "Polygon",
    "Problem",
    "ProblemWarning",
    "Recording",
    "Request",
    "Severity",
    "Span",
    "Status",
    "StreamParser",
    "TextDelta",
    "Track",
    "UsageError",
    "__version__",
    "asking",
    "backend",
    "completions",
    "datasets",
    "dialects",
    "evaluate",
    "evaluation",
    "interop",
    "markup",
    "ops",
    "parse",
    "parse_batch",
    "read_dataset",
    "read_recordings",
    "read_table",
    "record",
    "render",
    "table",
    "to_markup",
    "write_dataset",
]
