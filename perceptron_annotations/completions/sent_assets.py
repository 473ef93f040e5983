"""The assets that a recorded answer is about, and the frame that the size of one gives."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import force_setattr

from ..checked import Checked
from ..errors import FrameError
from ..field_numbers import of_python
from ..frames import Frame, checked_frame


class RecordedAsset(Struct, metaclass=Checked, frozen=True, gc=False, omit_defaults=True, repr_omit_defaults=True):
    """An image or video that was sent with the prompt; its size in pixels, if it is recorded.

    ``width`` and ``height`` are those of the image that ``file_name`` is, as it is displayed. If another size of it was
    sent, that is recorded too; coordinates are of the whole image, so they are exact in the original all the same.

    >>> pa.completions.RecordedAsset("cups.jpg", 640, 480)
    RecordedAsset(file_name='cups.jpg', width=640, height=480)
    """

    file_name: str | None = None
    width: int | float | None = None
    height: int | float | None = None
    #: The size of the image that the model saw, if that is not the one above.
    sent_width: int | float | None = None
    sent_height: int | float | None = None

    def check(self) -> None:
        """Make numbers of NumPy Python's."""
        for name in ("width", "height", "sent_width", "sent_height"):
            force_setattr(self, name, of_python(getattr(self, name)))


def recorded_frame(frame: Frame, assets: Sequence[RecordedAsset], key: str) -> Frame:
    """The frame of a recorded answer: the size of the last image that was sent, if ``frame`` is ``Frame.SENT``.

    Raises ``FrameError`` if no size was recorded.

    >>> recorded_frame(pa.Frame.SENT, [pa.completions.RecordedAsset("a.jpg", 1600, 1200, 400, 300)], "a.jpg")
    Frame(kind=<FrameKind.PIXELS: 'pixels'>, width=400.0, height=300.0)
    """
    if frame != Frame.SENT:
        return checked_frame(frame)
    width, height = sent_size(assets[-1]) if assets else (None, None)
    if width is None or height is None:
        raise FrameError(
            f"the answer {key} has no recorded size of what was sent: say it (--frame WIDTHxHEIGHT, Frame.pixels)"
        )
    return Frame.pixels(width, height)


def sent_size(asset: RecordedAsset) -> tuple[float | None, float | None]:
    """Width and height of what the model saw: as it was sent, which is the size of the image unless it was scaled."""
    if asset.sent_width is None or asset.sent_height is None:
        return asset.width, asset.height
    return asset.sent_width, asset.sent_height
