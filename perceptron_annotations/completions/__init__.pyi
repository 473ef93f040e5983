from .answer import Answer
from .answer_details import AnswerDetails
from .answer_files import AnswerForm
from .answer_reading import AnswerDialect, AnswerReading
from .completion import Completion, ServiceError
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
from .logprobs import SpanLogprob, TokenLogprobs
from .media import Media, MediaKind, VideoFrames, audio, image, video, video_frames
from .models import Ability, ModelFacts, Service, Steering, model_facts
from .multilook import MultilookPayload, MultilookRequest
from .reasoning import ReasoningSplit, split_reasoning
from .recording import record
from .recording_files import read_recordings
from .recordings import Recording
from .request import Request, RequestPayload
from .request_options import Medium, RequestWarning
from .sent_assets import RecordedAsset
from .shard_names import answer_shards
from .sse import SSEDecoder, SSEEvent
from .usage import Usage

__all__ = [
    "Ability",
    "Answer",
    "AnswerDetails",
    "AnswerDialect",
    "AnswerFinished",
    "AnswerForm",
    "AnswerReading",
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
    "Medium",
    "ModelFacts",
    "MultilookPayload",
    "MultilookRequest",
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
    "SpanLogprob",
    "Steering",
    "StreamEvent",
    "TokenLogprobs",
    "ToolCall",
    "ToolCallDelta",
    "Usage",
    "UsageReceived",
    "VideoFrames",
    "answer_shards",
    "audio",
    "image",
    "model_facts",
    "read_documents",
    "read_recordings",
    "record",
    "split_reasoning",
    "video",
    "video_frames",
    "write_documents",
]
