from .ask_limits import AskLimits
from .ask_report import AskReport
from .asker import Asker
from .batch_files import BatchFile, write_batch
from .endpoint import Endpoint
from .image_preparation import ImageChanges, PreparedMedium, prepare_image
from .prompt_templates import PromptTemplate
from .question import Askable, PendingQuestion, Question
from .rate_window import RateWindow
from .reply import Reply
from .run_questions import ask, ask_async
from .transport import ChatClient

__all__ = [
    "AskLimits",
    "AskReport",
    "Askable",
    "Asker",
    "BatchFile",
    "ChatClient",
    "Endpoint",
    "ImageChanges",
    "PendingQuestion",
    "PreparedMedium",
    "PromptTemplate",
    "Question",
    "RateWindow",
    "Reply",
    "ask",
    "ask_async",
    "prepare_image",
    "write_batch",
]
