from .backend import backend
from .constrain import constraint_regex, json_schema
from .document import Document, Mode, ModeName, Status
from .document_form import document_schema
from .foreign import ForeignFamily
from .json_answer import JsonAnswer, read_json_answer
from .nodes import Element, Outside, Text
from .parsing import parse
from .stream import StreamParser
from .stream_events import AnnotationFound, ContainerClosed, ContainerOpened, Event, IssueFound, TextDelta
from .transcoding import Transcoded, transcode
from .write import to_markup

__all__ = [
    "AnnotationFound",
    "ContainerClosed",
    "ContainerOpened",
    "Document",
    "Element",
    "Event",
    "ForeignFamily",
    "IssueFound",
    "JsonAnswer",
    "Mode",
    "ModeName",
    "Outside",
    "Status",
    "StreamParser",
    "Text",
    "TextDelta",
    "Transcoded",
    "backend",
    "constraint_regex",
    "document_schema",
    "json_schema",
    "parse",
    "read_json_answer",
    "to_markup",
    "transcode",
]
