"""The exit statuses of the command, the same for every verb, and what ``--strict`` asks of an answer."""

from __future__ import annotations

from enum import IntEnum
from typing import Self

import typer

from ..completions.ending import Ending
from ..markup.document import Document, Status


class ExitStatus(IntEnum):
    """How a run of the command ended."""

    meaning: str

    def __new__(cls, status: int, meaning: str) -> Self:
        """The member for ``status``, with its meaning beside it."""
        member = int.__new__(cls, status)
        member._value_ = status
        member.meaning = meaning
        return member

    DONE = 0, "Done. Also if whatever reads the output stops early, as head does."
    FOUND = (
        1,
        (
            "Done and written, but a threshold of --fail-under was not reached, questions of ask got no answer, or "
            "--strict found something: a problem in the input, a loss in the output, or an answer that is partial, "
            "unreadable, cut off or refused."
        ),
    )
    FAILED = 2, "Could not be done: nothing was read, everything was dropped, or an error. No output was replaced."
    HUNG_UP = 129, "Ended by the signal HUP, for example because the terminal was closed. No output was replaced."
    INTERRUPTED = 130, "Ended by Ctrl-C. No output was replaced."
    TERMINATED = 143, "Ended by the signal TERM. No output was replaced."


#: The statuses of answers that could be read whole.
SOUND = (Status.OK, Status.EMPTY)


def finish(sound: bool, *, strict: bool) -> None:
    """End with status 1 if ``--strict`` was given and something was wrong."""
    if strict and not sound:
        raise typer.Exit(ExitStatus.FOUND)


def is_sound(document: Document, ending: Ending = Ending.UNSTATED) -> bool:
    """Whether an answer was read whole, and ended as it should, as ``--strict`` asks."""
    return document.status in SOUND and not document.truncated and ending.is_sound
