"""What recorded answers say besides their annotations: what was asked, other fields, and what was said in words."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Mapping, Sequence

from msgspec import Struct

from ..datasets.assets import asset_names
from ..markup.document import Mode, parse
from ..table.read import Paths, RecordedTable, iter_recorded
from .mistakes import AnswerLocation


class RecordedAnswer(Struct, frozen=True, kw_only=True):
    """The first answer about an image, as :func:`read_answers` gives it.

    >>> answer = RecordedAnswer(
    ...     location=AnswerLocation("a.jsonl", 1, "Find the cat."),
    ...     text='One cat. <point mention="cat"> (1,2) </point>',
    ...     fields={},
    ... )
    >>> answer.prose.strip()
    'One cat.'
    """

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
    """The first answer about each image, by file name: for ``prose``, ``slices`` and ``locations`` of :func:`evaluate`.

    Lines without an answer are skipped. ``fields`` are names of recorded fields, with dots into objects, such as
    ``model`` or ``request.temperature``, each looked up in the line, then in its response and its request; ``prompt``
    is also what a conversation asked last. ``key`` is the field that holds the key of an answer, if it is not the usual
    one. Raises ``FileError`` if a file cannot be opened.

    >>> from pathlib import Path
    >>> _ = Path("answers.jsonl").write_text('{"key": "a.jpg", "text": "Two cats.", "model": "mine"}')
    >>> found = read_answers("answers.jsonl", fields=["model"])["a.jpg"]
    >>> found.prose, found.fields, found.location.line_number
    ('Two cats.', {'model': 'mine'}, 1)
    """
    (recorded,) = iter_recorded(
        paths, batch_size=sys.maxsize, mode=Mode.LENIENT, key=key, on_problem=lambda _: None, fields=fields
    )
    return first_answers(recorded)


def first_answers(recorded: RecordedTable) -> dict[str, RecordedAnswer]:
    """The first answer about each image, by file name, of answers that were read with their details."""
    first: dict[str, int] = {}
    counts: Counter[str] = Counter()
    for place, (key, assets) in enumerate(zip(recorded.table.responses.key or (), recorded.assets, strict=True)):
        for name in sorted(set(asset_names(key, assets))):
            counts[name] += 1
            first.setdefault(name, place)
    return {name: _answer(recorded, place, counts[name]) for name, place in first.items()}


def _answer(recorded: RecordedTable, place: int, count: int) -> RecordedAnswer:
    found = recorded.details[place]
    return RecordedAnswer(
        location=AnswerLocation(found.file, found.line_number, found.prompt),
        text=found.text,
        fields=found.fields,
        count=count,
    )
