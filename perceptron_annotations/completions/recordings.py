"""One recorded answer, as it is read from a file."""

from __future__ import annotations

from msgspec import Struct

from ..errors import FrameError, MarkupError
from ..frames import AssetFrames, Frame
from ..issues import Span
from ..markup.document import Document, Mode, ModeName
from .answer import Answer
from .answer_reading import AnswerDialect, AnswerReading
from .ending import Ending
from .logprobs import TokenLogprobs
from .sent_assets import RecordedAsset, sent_size


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

    def document(
        self,
        *,
        mode: Mode | ModeName = Mode.LENIENT,
        frame: Frame | None = None,
        dialect: AnswerDialect | None = None,
    ) -> Document:
        """The answer as ``parse`` reads it; spans index the whole content.

        A dialect in pixels is of the size in which the last image was sent. Raises ``MarkupError`` in strict mode; and
        ``FrameError`` if no size was recorded, and for ``Frame.SENT`` if images of different sizes were sent: a
        document has one frame, and tables and datasets have one for each image.

        Args:
            mode: What becomes of malformed markup.
            frame: What the coordinates count, if not the grid, or what the dialect says.
            dialect: How the answer is written, if not in our own markup; ``"by-model"`` for the dialect of its model.

        >>> recording = pa.Recording(key="1", text='[{"box_2d": [1, 2, 30, 40]}]', model="google/gemini-3-flash")
        >>> recording.document(dialect="by-model").boxes[0].xyxy
        (2.0, 1.0, 40.0, 30.0)
        """
        return self.read(AnswerReading.of(mode, frame, dialect))

    def read(self, reading: AnswerReading) -> Document:
        """:meth:`document` with its options in one."""
        source = self.text if self.content is None else self.content
        answer = Span(self.offset, self.offset + len(self.text))
        if reading.frame == Frame.SENT and len(set(map(sent_size, self.assets))) > 1:
            raise FrameError(
                f"the images of {self.key} were sent in different sizes, and a document has one frame: read the "
                "answers as a table, or convert them to a dataset"
            )
        try:
            return reading.document(
                source, answer, cut=self.ending.truncates, key=self.key, model=self.model, assets=self.assets
            )
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
