"""What ``--frame`` and ``--size`` mean; apart from the other options, because it imports nothing heavy."""

from __future__ import annotations

from ..errors import UsageError
from ..frames import Frame


def frame_from(text: str | None) -> Frame:
    """What coordinates count: ``--frame``, the grid by default."""
    if text is None or text.lower() == Frame.GRID.kind:
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
