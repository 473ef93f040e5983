"""What ``--frame``, ``--dialect`` and ``--size`` mean, apart from the other options: it imports nothing heavy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import UsageError
from ..frames import Frame

if TYPE_CHECKING:
    from ..completions.answer_reading import AnswerReading
    from ..datasets.known_sizes import Sizes
    from ..markup.document import Mode


def reading_from(mode: Mode, frame: str | None, dialect: str | None, sizes: Sizes | None = None) -> AnswerReading:
    """How answers are read: ``--mode``, ``--frame`` and ``--dialect``, which may need the ``sizes`` of images."""
    from ..completions.answer_reading import AnswerReading

    if dialect is None or sizes is None:
        return AnswerReading.of(mode, frame_from(frame), dialect)
    from ..datasets.known_sizes import SizesByName

    return AnswerReading.of(mode, frame_from(frame), dialect, SizesByName(sizes))


def frame_from(text: str | None) -> Frame | None:
    """What coordinates count: ``--frame``; None if nothing is said."""
    if text is None:
        return None
    if text.lower() == Frame.GRID.kind:
        return Frame.GRID
    if text.lower() == Frame.UNIT.kind:
        return Frame.UNIT
    if text.lower() == str(Frame.SENT):
        return Frame.SENT
    return Frame.pixels(*_size("--frame must be unit, sent or", text))


def size_from(text: str) -> tuple[float, float]:
    """A width and a height: ``--size``."""
    return _size("--size must be", text)


def _size(rule: str, text: str) -> tuple[float, float]:
    try:
        width, height = map(float, text.lower().split("x"))
    except ValueError:
        raise UsageError(f"{rule} WIDTHxHEIGHT such as 1920x1080, not {text!r}") from None
    return width, height
