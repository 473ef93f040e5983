"""One recorded answer, as it is read from a file, and the assets that it is about."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import force_setattr

from ..checked import Checked
from ..errors import FrameError, MarkupError
from ..field_numbers import of_python
from ..frames import AssetFrames, Frame, checked_frame
from ..issues import Span
from ..markup.document import Document, Mode, ModeName, checked_mode
from ..markup.parsing import parse_within
from .answer import Answer
from .ending import Ending
from .logprobs import TokenLogprobs


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


class Recording(Struct, frozen=True, gc=False, kw_only=True):
    """One recorded answer.

    ``key`` joins it to its image and its truth; ``choice`` is its place among the choices of its line. ``text`` is the
    answer without its reasoning, at ``offset`` in the message's whole ``content`` (None if that is the same).

    >>> asset = pa.completions.RecordedAsset("cups.jpg", 640, 480)
    >>> recording = pa.Recording(key="cups.jpg", text="<point> (500,500) </point>", assets=(asset,))
    >>> point = recording.document().to(recording.frames).points[0]
    >>> point.x, point.y
    (320.0, 240.0)
    """

    key: str
    text: str
    reasoning: str | None = None
    model: str | None = None
    finish_reason: str | None = None
    assets: tuple[RecordedAsset, ...] = ()
    raw: str = ""
    choice: int = 0
    line_number: int = 0
    content: str | None = None
    offset: int = 0
    #: How it ended; ``finish_reason`` is what the service said.
    ending: Ending = Ending.UNSTATED
    #: Of its tokens, by their places in ``content``, if the service sent them.
    logprobs: TokenLogprobs | None = None

    def document(self, *, mode: Mode | ModeName = Mode.LENIENT, frame: Frame = Frame.GRID) -> Document:
        """The answer as ``parse`` reads it; spans index the whole content.

        Raises ``MarkupError`` in strict mode; and ``FrameError`` for ``Frame.SENT`` if no size was recorded, or images
        of different sizes were sent: a document has one frame, and tables and datasets have one for each image.
        """
        source = self.text if self.content is None else self.content
        answer = Span(self.offset, self.offset + len(self.text))
        if frame == Frame.SENT and len(set(map(sent_size, self.assets))) > 1:
            raise FrameError(
                f"the images of {self.key} were sent in different sizes, and a document has one frame: read the "
                "answers as a table, or convert them to a dataset"
            )
        try:
            cut, frame = self.ending.truncates, recorded_frame(frame, self.assets, self.key)
            return parse_within(source, answer, mode=checked_mode(mode), cut=cut, frame=frame)
        except MarkupError as error:
            where = f"answer {self.key}" + (f", choice {self.choice}" if self.choice else "")
            raise MarkupError(error.issue, error.source, where) from None

    @property
    def frames(self) -> AssetFrames | None:
        """The pixel frames of the assets whose sizes are recorded; None if none is."""
        sizes = {
            index: (asset.width, asset.height)
            for index, asset in enumerate(self.assets)
            if asset.width is not None and asset.height is not None
        }
        return AssetFrames.of(sizes, len(self.assets)) if sizes else None


def recording_of(answer: Answer, *, key: str, model: str | None, line_number: int, raw: str) -> Recording:
    """The recording of an answer that was read from a line, or from a whole transcript."""
    return Recording(
        key=key,
        text=answer.text,
        reasoning=answer.reasoning,
        model=model,
        finish_reason=answer.finish_reason,
        raw=raw,
        choice=answer.index,
        line_number=line_number,
        content=answer.content,
        offset=answer.split.answer.start,
        ending=answer.ending,
        logprobs=answer.logprobs,
    )
