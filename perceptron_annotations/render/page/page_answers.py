"""The answers of a model, or its dataset, → what a page shows of each: its words, its shapes, its issues."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from math import isnan
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ...completions.ending import Ending
from ...completions.reasoning import split_reasoning
from ...datasets.dataset import Dataset, DatasetAsset
from ...datasets.media_suffixes import kind_of
from ...datasets.policies import AssetKind
from ...dialects.dialect import Dialect
from ...evaluation.predictions import Predictions
from ...frames import Frame, FrameKind
from ...geometry import AnnotationKind
from ...issues import CATALOG, IssueCode, Span
from ...markup.dialect_reading import read_within
from ...markup.document import Document, Mode, Status
from ...markup.parsing import parse_within
from ...table.recorded_assets import asset_names
from ...table.recorded_table import RecordedTable
from ...table.table import AnnotationTable
from .annotated_text import Mention, pieces_of
from .page_data import Coordinate, PageAnswer, PageAsset, PageIssue, PageIssueCode, PageShape

_STATUSES, _ENDINGS, _CODES = tuple(Status), tuple(Ending), tuple(IssueCode)
#: What an annotation without a mention is called.
_KIND_NAMES = tuple(kind.name.lower() for kind in AnnotationKind)
#: The grid that a page draws on.
_GRID = 1000.0


class Words:
    """Labels, models and issue codes of a page, each with its place in the order in which they came."""

    def __init__(self) -> None:
        self._labels: dict[str, int] = {}
        self._models: dict[str, int] = {}
        self._codes: dict[IssueCode, int] = {}

    def label(self, name: str | None) -> int | None:
        """The place of a label."""
        return None if name is None else self._labels.setdefault(name, len(self._labels))

    def model(self, name: str | None) -> int | None:
        """The place of a model."""
        return None if name is None else self._models.setdefault(name, len(self._models))

    def code(self, code: IssueCode) -> int:
        """The place of a code."""
        return self._codes.setdefault(code, len(self._codes))

    @property
    def labels(self) -> list[str]:
        """All labels."""
        return list(self._labels)

    @property
    def models(self) -> list[str]:
        """All models."""
        return list(self._models)

    @property
    def issues(self) -> list[PageIssueCode]:
        """All codes, and what they mean."""
        return [
            PageIssueCode(code=code.value, severity=CATALOG[code].severity.value, meaning=CATALOG[code].summary)
            for code in self._codes
        ]


class ShownAnswer(NamedTuple):
    """One answer, the images it is about, and the row of the dataset that each of its shapes became."""

    assets: tuple[PageAsset, ...]
    answer: PageAnswer
    rows: Sequence[int]


class ShapeRow(NamedTuple):
    """A row of a table, apart from where it is drawn."""

    kind: int
    label: str | None
    t: float | None
    until: float | None
    score: float | None
    track: int | None


def shown_answers(predictions: Predictions, words: Words) -> Iterator[ShownAnswer]:
    """Each answer of a model in the order of its file, or each image of its dataset."""
    if predictions.recorded is None:
        yield from _of_dataset(predictions.dataset, words)
    else:
        yield from _Recorded(predictions.recorded, predictions.dataset, words).answers()


# -- recorded answers --------------------------------------------------------------------------------------------------


class _Recorded:
    """The answers of files, with their texts."""

    def __init__(self, recorded: RecordedTable, dataset: Dataset, words: Words) -> None:
        self._recorded = recorded
        self._words = words
        self._table = recorded.table if recorded.table.frame is FrameKind.GRID else recorded.table.to_grid()
        self._bounds = self._table.group_by_response().tolist()
        self._rows = list(_rows(self._table))
        self._spans = self._table.span.tolist()
        self._assets = self._table.asset_idx.tolist()
        issues = self._table.issues
        self._issue_bounds = np.searchsorted(issues.response, np.arange(len(self._table.responses) + 1)).tolist()
        self._issues = [
            (_CODES[code], Span(start, end))
            for code, (start, end) in zip(issues.code.tolist(), issues.span.tolist(), strict=True)
        ]
        self._imported = _imported(dataset)

    def answers(self) -> Iterator[ShownAnswer]:
        """All of them."""
        for place in range(len(self._table.responses)):
            yield self._answer(place)

    def _answer(self, place: int) -> ShownAnswer:
        recorded, responses = self._recorded, self._table.responses
        key = (responses.key or ())[place] if responses.key else ""
        names = asset_names(key, [asset.file_name for asset in recorded.assets[place]])
        assets = tuple(
            PageAsset(
                name=name,
                width=None if asset is None else asset.width,
                height=None if asset is None else asset.height,
                video=kind_of(name) is AssetKind.VIDEO,
            )
            for name, asset in zip(names, recorded.assets[place] or [None], strict=True)
        )
        rows = range(self._bounds[place], self._bounds[place + 1])
        answer = self._said(place, rows)
        answer.ending = _ending(int(responses.ending[place]), truncated=bool(responses.truncated[place]))
        answer.shapes = [self._shape(row, len(assets)) for row in rows]
        return ShownAnswer(assets, answer, [self._imported_row(key, row) for row in rows])

    def _shape(self, row: int, assets: int) -> PageShape:
        asset = self._assets[row]
        return _shape(
            self._rows[row],
            self._words,
            _numbers(self._table.vertices(row).ravel().tolist()),
            asset if 0 <= asset < assets else assets - 1,
        )

    def _said(self, place: int, rows: range) -> PageAnswer:
        """What comes from the text of the answer and from its line."""
        sent, details = self._recorded.sent, self._recorded.details
        text = "" if sent is None else sent.texts[place]
        split = split_reasoning(text)
        bounds = self._issue_bounds[place : place + 2]
        issues = self._issues[slice(*bounds)]
        mentions = [self._mention(row) for row in rows]
        found = details[place] if details else None
        document = _document(text, split.answer, None if found is None else found.dialect)
        reasoning = None if split.reasoning is None else split.reasoning.of(text)
        return PageAnswer(
            outcome=_STATUSES[self._table.responses.status[place]].value,
            pieces=pieces_of(text, split.answer, document.nodes, mentions, [span for _, span in issues]),
            issues=[PageIssue(code=self._words.code(code), detail=_quoted(text, span)) for code, span in issues],
            reasoning=reasoning if found is None else found.fields.get("reasoning", reasoning),
            model=None if sent is None else self._words.model(sent.models[place]),
            prompt=None if found is None else found.prompt,
            place=None if found is None else f"{Path(found.file).name}:{found.line_number}",
        )

    def _mention(self, row: int) -> Mention:
        start, end = self._spans[row]
        found = self._rows[row]
        return Mention(Span(start, end), found.label or _KIND_NAMES[found.kind], found.t)

    def _imported_row(self, key: str, row: int) -> int:
        """The row of the dataset that a row of the table became; -1 for one that was left out."""
        same = self._imported.get((key, *self._spans[row]))
        return same.pop() if same else -1


def _document(text: str, answer: Span, dialect: Dialect | None) -> Document:
    """What is prose in an answer and what is not; its coordinates do not matter."""
    if dialect is None:
        return parse_within(text, answer, mode=Mode.LENIENT, cut=False)
    return read_within(text, answer, dialect, mode=Mode.LENIENT, cut=False, frame=Frame.GRID)


def _imported(dataset: Dataset) -> dict[tuple[str, int, int], list[int]]:
    """The rows of a dataset by the key and the place of what they were, the last first."""
    found: dict[tuple[str, int, int], list[int]] = {}
    for row in range(len(dataset) - 1, -1, -1):
        start, end = dataset.table.span[row].tolist()
        found.setdefault(((dataset.source or ())[row] if dataset.source else "", start, end), []).append(row)
    return found


def _ending(code: int, *, truncated: bool) -> str | None:
    ending = _ENDINGS[code]
    if ending.is_sound:
        return "the answer ends in the middle of its markup" if truncated else None
    return ending.meaning


def _quoted(text: str, span: Span) -> str:
    """The words that an issue is about, if they are few."""
    quoted = span.of(text)
    return quoted if len(quoted) <= _LONGEST_QUOTE else f"{quoted[:_LONGEST_QUOTE]}…"


_LONGEST_QUOTE = 80


# -- datasets ----------------------------------------------------------------------------------------------------------


def _of_dataset(dataset: Dataset, words: Words) -> Iterator[ShownAnswer]:
    bounds = dataset.rows_by_asset().tolist()
    statuses = dataset.table.responses.status.tolist()
    for place, (asset, shapes) in enumerate(zip(dataset.assets, shapes_by_asset(dataset, words), strict=True)):
        answer = PageAnswer(outcome=_STATUSES[statuses[place]].value, shapes=shapes)
        yield ShownAnswer((asset_of(asset),), answer, range(bounds[place], bounds[place + 1]))


def asset_of(asset: DatasetAsset) -> PageAsset:
    """The asset of a dataset on a page."""
    return PageAsset(name=asset.file_name, width=asset.width, height=asset.height, video=asset.kind is AssetKind.VIDEO)


def shapes_by_asset(dataset: Dataset, words: Words) -> Iterator[list[PageShape]]:
    """The shapes of each asset of a dataset, from pixels to the grid of the page."""
    table = dataset.table
    bounds, objects = dataset.rows_by_asset().tolist(), dataset.object.tolist()
    rows = [row._replace(label=dataset.label_of(place)) for place, row in enumerate(_rows(table))]
    for place, asset in enumerate(dataset.assets):
        some = range(bounds[place], bounds[place + 1])
        coords = [table.vertices(row) for row in some]
        scale = _GRID / np.array(_size(asset, coords))
        yield [
            _shape(rows[row], words, _numbers((corners * scale).ravel().tolist()), 0, objects[row])
            for row, corners in zip(some, coords, strict=True)
        ]


def _size(asset: DatasetAsset, coords: Sequence[NDArray[np.float64]]) -> tuple[float, float]:
    """The size of an asset, or what its shapes need if it is not known."""
    if asset.width is not None and asset.height is not None:
        return asset.width, asset.height
    corners = np.concatenate([*coords, np.ones((1, 2))])
    return float(corners[:, 0].max()), float(corners[:, 1].max())


# -- both --------------------------------------------------------------------------------------------------------------


def _rows(table: AnnotationTable) -> Iterator[ShapeRow]:
    mentions = [*table.mentions, None]
    columns = (table.kind, table.mention, table.t, table.until, table.score, table.track)
    for kind, mention, t, until, score, track in zip(*(each.tolist() for each in columns), strict=True):
        yield ShapeRow(kind, mentions[mention], _given(t), _given(until), _given(score), None if track < 0 else track)


def _given(number: float) -> float | None:
    return None if isnan(number) else round(number, 4)


def _shape(row: ShapeRow, words: Words, at: list[Coordinate], asset: int, number: int | None = None) -> PageShape:
    return PageShape(
        kind=row.kind,
        at=at,
        label=words.label(row.label),
        asset=asset,
        t=row.t,
        until=row.until,
        score=row.score,
        track=row.track,
        object=number,
    )


def _numbers(values: Iterable[float]) -> list[Coordinate]:
    """Coordinates to a tenth of the grid, the whole ones without a point."""
    return [int(tenth) if tenth.is_integer() else tenth for tenth in (round(value, 1) for value in values)]
