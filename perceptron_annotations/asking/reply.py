"""What came of one question."""

from __future__ import annotations

from msgspec import Struct

from ..completions.completion import Completion
from .question import Question


class Reply(Struct, frozen=True, kw_only=True):
    """The completion of a question, or the error in its place as ``completion.fault``."""

    #: As it is in the recording.
    key: str
    completion: Completion
    #: None if it could not be prepared; then ``completion.fault`` says why.
    question: Question | None = None
    #: When each try was sent, in seconds since 1970.
    asked_at: tuple[float, ...] = ()
