from .ask_limits import AskLimits
from .ask_report import AskReport
from .endpoint import Endpoint
from .question import Askable, PendingQuestion, Question
from .rate_window import RateWindow
from .reply import Reply

__all__ = [
    "AskLimits",
    "AskReport",
    "Askable",
    "Endpoint",
    "PendingQuestion",
    "Question",
    "RateWindow",
    "Reply",
]
