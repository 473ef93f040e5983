"""What lines say of their answers beside the annotations: keys, endings, assets and texts, as columns."""

from __future__ import annotations

from array import array
from typing import NamedTuple

from ..completions.bulk import Contents
from ..completions.logprobs import TokenLogprobs
from ..completions.recordings import RecordedAsset, sent_size
from .batch import BulkReader
from .recorded_table import Sent

_NO_SIZE = float("nan")


class Wanted(NamedTuple):
    """What is wanted of answers beside their annotations and the sizes of their assets."""

    assets: bool = True
    #: Texts, models and reasons to finish.
    texts: bool = False
    #: The sizes of assets as they were sent, and not as they are.
    sent_sizes: bool = False


class LineColumns:
    """What belongs to answers beside the columns of their annotations: one entry for each answer."""

    def __init__(self, wanted: Wanted) -> None:
        self._wanted = wanted
        self.keys: list[str] = []
        #: Empty if they are not wanted; their sizes are kept all the same.
        self.assets: list[tuple[RecordedAsset, ...]] = []
        #: How each answer ended, as a place in ``Ending``.
        self.endings = bytearray()
        self.asset_counts = array("q")
        #: Width and height of each asset, NaN for one that is not known.
        self.sizes = array("d")
        #: Of the answers that have them, by their place.
        self.logprobs: dict[int, TokenLogprobs] = {}
        #: None if the texts are not wanted.
        self.sent = Sent.empty() if wanted.texts else None

    def add(self, contents: Contents) -> None:
        """Append what belongs to some answers."""
        self.logprobs |= {len(self.keys) + place: each for place, each in contents.logprobs.items()}
        self.keys += contents.keys
        self.endings += bytes(contents.endings)
        self.asset_counts.extend(map(len, contents.assets))
        for assets in contents.assets:
            for asset in assets:
                sides = sent_size(asset) if self._wanted.sent_sizes else (asset.width, asset.height)
                self.sizes.extend(_NO_SIZE if side is None else side for side in sides)
        if self._wanted.assets:
            self.assets += contents.assets
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
        self.assets += other.assets
        self.endings += other.endings
        self.asset_counts += other.asset_counts
        self.sizes += other.sizes
        if self.sent is not None and other.sent is not None:
            self.sent.add(other.sent)


class Scanned(NamedTuple):
    """Answers that were read into a reader of their own."""

    columns: LineColumns
    reader: BulkReader
