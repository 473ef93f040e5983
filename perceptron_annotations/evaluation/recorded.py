"""What recorded answers say besides their annotations: what was asked, other fields, and what was said in words."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cached_property
from itertools import pairwise

import numpy as np

from ..completions.answer_details import AnswerDetails, DetailsOfAnswers
from ..completions.reasoning import split_reasoning
from ..errors import UsageError
from ..geometry import AnnotationKind
from ..markup.document import Mode
from ..markup.parsing import parse
from ..ops.agreement import consensus
from ..table.read import Paths, iter_recorded
from ..table.recorded_assets import RecordedAssets
from ..table.recorded_table import RecordedTable
from .mistakes import AnswerLocation


class RecordedAnswer:
    """The first answer about an image, as :func:`read_answers` gives it. What it says is read when somebody asks.

    >>> from pathlib import Path
    >>> _ = Path("a.jsonl").write_text('{"key": "a.jpg", "text": "One cat. <point> (1,2) </point>"}')
    >>> read_answers("a.jsonl")["a.jpg"].prose.strip()
    'One cat.'
    """

    def __init__(self, answers: _Answers, place: int, count: int) -> None:
        self._answers = answers
        self._place = place
        #: How many answers there are about the image.
        self.count = count

    @property
    def details(self) -> AnswerDetails:
        """What the file says about it."""
        return self._answers.details[self._place]

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
        return self._answers.prose(self._place)


class _Answers:
    """What recorded answers say, each read when somebody asks."""

    def __init__(self, recorded: RecordedTable) -> None:
        self.details = recorded.details
        self._table = recorded.table

    def prose(self, place: int) -> str:
        """An answer without its markup."""
        content = self.details.content(place) if isinstance(self.details, DetailsOfAnswers) else None
        if content is None:
            return self.details[place].prose
        found = self._between_tags(place, content)
        return _parsed_prose(content) if found is None else found

    def _between_tags(self, place: int, content: str) -> str | None:
        """What stands between the tags of the annotations; None if there is other markup, or other forms of it."""
        parts, at = [], 0
        for start, end in self._spans[place]:
            if start < at or content[start] != "<" or content[end - 1] != ">":
                return None
            parts.append(content[at:start])
            at = end
        return None if self._is_odd[place] else "".join([*parts, content[at:]])

    @cached_property
    def _spans(self) -> list[list[list[int]]]:
        """Where the annotations of each answer are written."""
        ends, spans = self._table.group_by_response().tolist(), self._table.span.tolist()
        return [spans[start:stop] for start, stop in pairwise(ends)]

    @cached_property
    def _is_odd(self) -> list[bool]:
        """Whether each answer has containers or issues, and so perhaps markup that is not that of an annotation."""
        odd = np.concatenate([self._table.issues.response, self._table.containers.response])
        is_odd: list[bool] = (np.bincount(odd, minlength=len(self._table.responses)) > 0).tolist()
        return is_odd


def _parsed_prose(content: str) -> str:
    """The prose of an answer, apart from its reasoning."""
    return parse(split_reasoning(content).answer.of(content)).prose


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
        for name in names if len(names) == 1 else sorted(set(names)):
            counts[name] += 1
            first.setdefault(name, place)
    answers = _Answers(recorded)
    return {name: RecordedAnswer(answers, place, counts[name]) for name, place in first.items()}


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
