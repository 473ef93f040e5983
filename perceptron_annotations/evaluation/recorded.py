"""What recorded answers say besides their annotations: what was asked, other fields, and what was said in words."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
from msgspec import Struct

from ..completions.answer_details import AnswerDetails
from ..errors import UsageError
from ..geometry import AnnotationKind
from ..markup.document import Mode
from ..ops.agreement import consensus
from ..table.read import Paths, iter_recorded
from ..table.recorded_assets import RecordedAssets
from ..table.recorded_table import RecordedTable
from .mistakes import AnswerLocation


class RecordedAnswer(Struct, frozen=True, kw_only=True):
    """The first answer about an image, as :func:`read_answers` gives it.

    >>> from pathlib import Path
    >>> _ = Path("a.jsonl").write_text('{"key": "a.jpg", "text": "One cat. <point> (1,2) </point>"}')
    >>> read_answers("a.jsonl")["a.jpg"].prose.strip()
    'One cat.'
    """

    details: AnswerDetails
    #: How many answers there are about the image.
    count: int = 1

    @property
    def location(self) -> AnswerLocation:
        """Where it is recorded, and what was asked."""
        return AnswerLocation(self.details.file, self.details.line_number, self.details.prompt)

    @property
    def text(self) -> str:
        """The answer, apart from its reasoning."""
        return self.details.text

    @property
    def fields(self) -> Mapping[str, str]:
        """The recorded fields that were asked for; those that an answer does not have are missing."""
        return self.details.fields

    @property
    def prose(self) -> str:
        """The answer without its markup."""
        return self.details.prose


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
    assets = RecordedAssets.of(recorded.assets)
    for place, names in enumerate(assets.names_by_answer(recorded.table.responses.key or ())):
        for name in sorted(set(names)):
            counts[name] += 1
            first.setdefault(name, place)
    return {name: RecordedAnswer(details=recorded.details[place], count=counts[name]) for name, place in first.items()}


def consensus_of(recorded: RecordedTable) -> RecordedTable:
    """One answer for the answers about the same images: what ``ops.consensus`` finds in them, with scores.

    Raises ``UsageError`` if there are points, which have no radius on the grid of the models.
    """
    table = recorded.table
    if (table.kind == AnnotationKind.POINT).any():
        raise UsageError("--samples takes boxes, polygons and clips, and these answers have points: use --merge")
    numbers: dict[tuple[str, ...], int] = {}
    asked = RecordedAssets.of(recorded.assets).names_by_answer(table.responses.key or ())
    questions = [numbers.setdefault(tuple(names), len(numbers)) for names in asked]
    first = np.unique(questions, return_index=True)[1].tolist()
    agreed = consensus(table, questions=np.array(questions, dtype=np.int64))
    return RecordedTable(agreed, [recorded.assets[row] for row in first], [recorded.details[row] for row in first])
