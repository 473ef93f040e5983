"""What recorded answers say beside their annotations: who was asked what, and what was said in words."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Mapping, Sequence

from msgspec import Struct

from ..datasets.assets import asset_names
from ..markup.document import Mode, parse
from ..table.read import Paths, Recorded, iter_recorded
from .mistakes import AnswerLocation


class RecordedAnswer(Struct, frozen=True, kw_only=True):
    """The first answer about an image."""

    location: AnswerLocation
    #: The answer, apart from its reasoning.
    text: str
    #: The recorded fields that were asked for; those that an answer does not have are missing.
    fields: Mapping[str, str]
    #: How many answers there are about the image.
    count: int = 1

    @property
    def prose(self) -> str:
        """The answer without its markup."""
        return parse(self.text).prose


def read_answers(paths: Paths, *, fields: Sequence[str] = (), key: str | None = None) -> dict[str, RecordedAnswer]:
    """The first answer about each image, by file name; lines without an answer are skipped.

    ``fields`` are those of ``iter_recorded``. Raises ``FileError`` if a file cannot be opened.
    """
    (recorded,) = iter_recorded(
        paths, batch_size=sys.maxsize, mode=Mode.LENIENT, key=key, on_problem=lambda _: None, fields=fields
    )
    return first_answers(recorded)


def first_answers(recorded: Recorded) -> dict[str, RecordedAnswer]:
    """The first answer about each image, by file name, of answers that were read with their details."""
    first: dict[str, int] = {}
    counts: Counter[str] = Counter()
    for place, (key, assets) in enumerate(zip(recorded.table.responses.key or (), recorded.assets, strict=True)):
        for name in sorted(set(asset_names(key, assets))):
            counts[name] += 1
            first.setdefault(name, place)
    return {name: _answer(recorded, place, counts[name]) for name, place in first.items()}


def _answer(recorded: Recorded, place: int, count: int) -> RecordedAnswer:
    found = recorded.details[place]
    return RecordedAnswer(
        location=AnswerLocation(found.file, found.line_number, found.prompt),
        text=found.text,
        fields=found.fields,
        count=count,
    )
