"""How the text of recorded answers is read: in which mode, in which dialect, and what its coordinates count."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Literal, TypeAlias

from msgspec import Struct

from ..dialects.dialect import Dialect
from ..dialects.known_dialects import known
from ..dialects.model_dialects import BY_MODEL, dialect_of_model
from ..dialects.scales import Scale
from ..errors import FrameError, UsageError
from ..frames import Frame, FrameKind, Size, checked_frame
from ..issues import Span
from ..markup.dialect_reading import read_within
from ..markup.document import Document, Mode, ModeName, checked_mode
from ..markup.parsing import parse_within
from .sent_assets import RecordedAsset, recorded_frame, sent_size

#: A dialect, its name, or ``"by-model"`` for that of the model that is recorded with each answer.
AnswerDialect: TypeAlias = Dialect | str
ByModel: TypeAlias = Literal["by-model"]


class AnswerReading(Struct, frozen=True, kw_only=True):
    """How the text of recorded answers is read.

    >>> reading = AnswerReading.of("lenient", None, "by-model")
    >>> reading.dialect_of("qwen3-vl-8b").name, reading.dialect_of("perceptron-mk1")
    ('qwen3-vl', None)
    """

    mode: Mode = Mode.LENIENT
    #: What coordinates count; None for what the dialect says, or for the grid of our own markup.
    frame: Frame | None = None
    #: None for our own markup.
    dialect: Dialect | ByModel | None = None
    #: The sizes of images whose size is not recorded, by the file name of the image or the key of the answer.
    image_sizes: Mapping[str, Size | None] | None = None

    @staticmethod
    def of(
        mode: Mode | ModeName,
        frame: Frame | None,
        dialect: AnswerDialect | None,
        image_sizes: Mapping[str, Size | None] | None = None,
    ) -> AnswerReading:
        """The options that a caller gave, checked. Raises ``UsageError`` and ``FrameError``.

        Args:
            mode: What becomes of malformed markup.
            frame: What coordinates count, if not the grid, or what the dialect says.
            dialect: How answers are written, if not in our own markup.
            image_sizes: Of images whose size is not recorded, by file name or key.
        """
        return AnswerReading(
            mode=checked_mode(mode),
            frame=frame if frame is None or frame == Frame.SENT else checked_frame(frame),
            dialect=_known(dialect),
            image_sizes=image_sizes,
        )

    @property
    def is_own(self) -> bool:
        """Whether answers are read as our own markup on its grid."""
        return self.dialect is None and self.frame in (None, Frame.GRID)

    @property
    def is_by_model(self) -> bool:
        """Whether each answer is in the dialect of its model, in its own frame, and some may be in our own markup."""
        return self.dialect == BY_MODEL and self.frame in (None, Frame.GRID) and self.mode is not Mode.SALVAGE

    @property
    def table_frame(self) -> Frame:
        """What the coordinates of a table of such answers count: those of dialects and of other grids the 0–1000 grid.

        A table has one kind of frame, and the answers in it may be of several dialects.
        """
        is_placed = self.dialect is None and self.frame is not None and self.frame.kind is not FrameKind.GRID
        return self.frame if is_placed else Frame.GRID  # type: ignore[return-value]

    def tabled(self, document: Document) -> Document:
        """A document as a table of such answers has it."""
        frame = self.table_frame
        return document if frame in (Frame.SENT, document.frame) else document.to(frame)

    @property
    def stated(self) -> tuple[str, ...]:
        """The names of the options that are not as usual."""
        options = {
            "mode": self.mode is not Mode.LENIENT,
            "frame": self.frame not in (None, Frame.GRID),
            "dialect": self.dialect is not None,
        }
        return tuple(name for name, is_given in options.items() if is_given)

    def dialect_of(self, model: str | None) -> Dialect | None:
        """The dialect of an answer of a model; None for our own markup."""
        return dialect_of_model(model) if self.dialect == BY_MODEL else self.dialect

    def document(
        self,
        source: str,
        answer: Span,
        *,
        cut: bool,
        key: str,
        model: str | None,
        assets: Sequence[RecordedAsset],
    ) -> Document:
        """The part ``answer`` of ``source``, in the frame in which it was written.

        Raises ``FrameError`` if its coordinates are pixels of an image whose size was not recorded; and ``MarkupError``
        in strict mode.

        Args:
            source: The whole message; spans index it.
            answer: Which part of it is the answer.
            cut: Whether a part may be missing at its end.
            key: Of the answer, for errors.
            model: The model that gave it.
            assets: The images it is about; coordinates are of the last.
        """
        dialect = self.dialect_of(model)
        frame = self.frame_of(dialect, assets, key)
        if dialect is None:
            return parse_within(source, answer, mode=self.mode, cut=cut, frame=frame)
        return read_within(source, answer, dialect, mode=self.mode, cut=cut, frame=frame)

    def frame_of(self, dialect: Dialect | None, assets: Sequence[RecordedAsset], key: str) -> Frame:
        """What the coordinates of an answer count. Raises ``FrameError`` if a size is needed and was not recorded."""
        if self.frame is not None:
            return recorded_frame(self.frame, assets, key)
        if dialect is None:
            return Frame.GRID
        if not dialect.scale.needs_size:
            return dialect.scale.frame(None)
        size = self._uploaded_size(dialect, assets, key)
        try:
            return frame_for(dialect.scale, size)
        except UsageError as error:  # an image that the service would have refused
            raise FrameError(f"the answer {key}: {error}") from None

    def _uploaded_size(self, dialect: Dialect, assets: Sequence[RecordedAsset], key: str) -> Size:
        """The size of the last image as it was sent. Raises ``FrameError`` if nobody knows it."""
        asset = assets[-1] if assets else RecordedAsset()
        width, height = sent_size(asset)
        known = None if self.image_sizes is None else self.image_sizes.get(asset.file_name or key)
        if width is not None and height is not None:
            return width, height
        if known is None:
            raise FrameError(
                f"the answer {key} has no recorded size of its image, and the numbers of {dialect.name} are its "
                "pixels: record it, or say what they count (--frame WIDTHxHEIGHT, Frame.pixels)"
            )
        return known


@lru_cache(maxsize=4096)
def frame_for(scale: Scale, size: Size | None) -> Frame:
    """What the numbers of a scale count in an image of this size; the images of a set have few sizes."""
    return scale.frame(size)


def _known(dialect: AnswerDialect | None) -> Dialect | ByModel | None:
    if dialect is None:
        return None
    return BY_MODEL if dialect == BY_MODEL else known(dialect)
