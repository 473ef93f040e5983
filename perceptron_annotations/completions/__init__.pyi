from .completion import Answer, Completion, ServiceError, Usage
from .completion_stream import (
    AnswerRestarted,
    CompletionStream,
    FaultReceived,
    Finished,
    ReasoningDelta,
    StreamEvent,
    ToolCallDelta,
    UsageReceived,
)
from .documents_jsonl import DocumentRecord, read_documents, write_documents
from .envelope import Function, ToolCall
from .faults import FaultKind, ServiceFault
from .media import Media, MediaKind, image, video
from .models import Model, Steering, model_facts
from .reasoning import Split, split_reasoning
from .recording import record
from .recordings import RecordedAsset, Recording, read_recordings
from .request import Request, RequestPayload, RequestWarning
from .sse import SSEDecoder, SSEEvent

__all__ = [
    "Answer",
    "AnswerRestarted",
    "Completion",
    "CompletionStream",
    "DocumentRecord",
    "FaultKind",
    "FaultReceived",
    "Finished",
    "Function",
    "Media",
    "MediaKind",
    "Model",
    "ReasoningDelta",
    "RecordedAsset",
    "Recording",
    "Request",
    "RequestPayload",
    "RequestWarning",
    "SSEDecoder",
    "SSEEvent",
    "ServiceError",
    "ServiceFault",
    "Split",
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
