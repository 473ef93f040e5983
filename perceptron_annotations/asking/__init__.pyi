from .ask_limits import AskLimits
from .ask_report import AskReport
from .asker import Asker
from .endpoint import Endpoint
from .question import Askable, PendingQuestion, Question
from .rate_window import RateWindow
from .reply import Reply
from .run_questions import ask, ask_async

__all__ = [
    "AskLimits",
    "AskReport",
    "Askable",
    "Asker",
    "Endpoint",
    "PendingQuestion",
    "Question",
    "RateWindow",
    "Reply",
    "ask",
    "ask_async",
]
