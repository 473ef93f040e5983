from .answer_details import AnswerDetails
from .completion import Answer, Completion, ServiceError, Usage
from .completion_events import (
    AnswerFinished,
    AnswerRestarted,
    FaultReceived,
    ReasoningDelta,
    StreamEvent,
    ToolCallDelta,
    UsageReceived,
)
from .completion_stream import CompletionStream
from .documents_jsonl import DocumentRecord, read_documents, write_documents
from .ending import Ending
from .envelope import FunctionCall, ToolCall
from .faults import FaultKind, ServiceFault
from .media import Media, MediaKind, image, video
from .models import ModelFacts, Service, Steering, model_facts
from .reasoning import ReasoningSplit, split_reasoning
from .recording import record
from .recording_files import read_recordings
from .recordings import RecordedAsset, Recording
from .request import Request, RequestPayload, RequestWarning
from .sse import SSEDecoder, SSEEvent

__all__ = [
    "Answer",
    "AnswerDetails",
    "AnswerFinished",
    "AnswerRestarted",
    "Completion",
    "CompletionStream",
    "DocumentRecord",
    "Ending",
    "FaultKind",
    "FaultReceived",
    "FunctionCall",
    "Media",
    "MediaKind",
    "ModelFacts",
    "ReasoningDelta",
    "ReasoningSplit",
    "RecordedAsset",
    "Recording",
    "Request",
    "RequestPayload",
    "RequestWarning",
    "SSEDecoder",
    "SSEEvent",
    "Service",
    "ServiceError",
    "ServiceFault",
    "Steering",
    "StreamEvent",
    "ToolCall",
    "ToolCallDelta",
    "Usage",
    "UsageReceived",
    "image",
    "model_facts",
    "read_documents",
    "read_recordings",
    "record",
    "split_reasoning",
    "video",
    "write_documents",
]
