"""What lines say of their answers beside the annotations: keys, endings, assets and texts, as columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ..completions.answer_details import AnswerDetails, UnreadDetails
from ..completions.bulk import Contents
from ..completions.logprobs import TokenLogprobs
from ..dialects.dialect import Dialect
from .bulk_readers import BulkReader
from .recorded_assets import AssetColumns
from .recorded_table import Sent


class Wanted(NamedTuple):
    """What is wanted of answers beside their annotations and the sizes of their assets."""

    assets: bool = True
    #: Texts, models and reasons to finish.
    texts: bool = False
    #: The recorded fields in the details of each answer; None for no details.
    fields: Sequence[str] | None = None

    @property
    def keeps_texts(self) -> bool:
        """Whether texts are needed, be it only for the details."""
        return self.texts or self.fields is not None


class LineColumns:
    """What belongs to answers beside the columns of their annotations: one entry for each answer."""

    def __init__(self, wanted: Wanted) -> None:
        self.keys: list[str] = []
        #: If they are not wanted, their sizes are kept all the same, and their names need not be.
        self.assets = AssetColumns()
        #: How each answer ended, as a place in ``Ending``.
        self.endings = bytearray()
        #: Of the answers that have them, by their place.
        self.logprobs: dict[int, TokenLogprobs] = {}
        #: None if the texts are not wanted.
        self.sent = Sent.empty() if wanted.keeps_texts else None

    def add(self, contents: Contents) -> None:
        """Append what belongs to some answers."""
        self.logprobs |= {len(self.keys) + place: each for place, each in contents.logprobs.items()}
        self.keys += contents.keys
        self.endings += bytes(contents.endings)
        for assets in contents.assets:
            self.assets.add(assets)
        if self.sent is not None:
            self.sent.add(contents)

    def number_lines(self, first: int) -> None:
        """Note that the answers are those of lines in a row, the first of which has the number ``first``."""
        if self.sent is not None:
            self.sent.lines.extend(range(first, first + len(self.keys)))

    def extend(self, other: LineColumns) -> None:
        """Append all of another."""
        self.logprobs |= {len(self.keys) + place: each for place, each in other.logprobs.items()}
        self.keys += other.keys
        self.assets.extend(other.assets)
        self.endings += other.endings
        if self.sent is not None and other.sent is not None:
            self.sent.add(other.sent)


class Scanned(NamedTuple):
    """Answers that were read into a reader of their own."""

    columns: LineColumns
    reader: BulkReader
    #: One for each answer, if they are wanted.
    details: Sequence[AnswerDetails | UnreadDetails] = ()
    #: One for each answer, if they may be in several.
    dialects: Sequence[Dialect | None] = ()
