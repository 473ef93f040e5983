"""A whole evaluation as a value, and as JSON, CSV and Markdown."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib.resources import files
from math import isnan
from typing import Any, NamedTuple

import msgspec
from msgspec import Struct

from ..datasets.formats.csv_rows import defused
from ..files import encode_json
from .bootstrap import Comparison, Measured
from .coco_dataset import RankingReport
from .counting import CountingReport, CountScores
from .detection import DetectionReport
from .evaluation import EvaluationReport
from .pointing import PointingReport
from .scores import Scores
from .temporal import TemporalReport
from .worst_images import Example

#: What a report says it is, and the version of its fields.
SCHEMA = "perceptron-annotations/evaluation"
VERSION = 1
_NO_NUMBER = float("nan")


class Report(Struct, frozen=True, kw_only=True):
    """An evaluation of one model, and what is known of it beside the figures."""

    schema: str = SCHEMA
    version: int = VERSION
    predictions: str
    truth: str
    #: Over all pictures of the truth, and over those with an answer that could be read.
    over_all: EvaluationReport
    over_readable: EvaluationReport
    #: By field, then by its value.
    slices: dict[str, dict[str, EvaluationReport]] = {}
    #: Against another model, which is the second.
    compared_with: str | None = None
    comparisons: tuple[Comparison, ...] = ()
    worst: tuple[Example, ...] = ()


def report_json(report: Report) -> bytes:
    """The report as indented JSON that :func:`report_schema` describes; what is not defined (NaN) is null."""
    return msgspec.json.format(encode_json(report))


def report_schema() -> dict[str, Any]:
    """The JSON schema of :func:`report_json`, as it stands in the package."""
    found: dict[str, Any] = msgspec.json.decode(files(__package__).joinpath("report.schema.json").read_bytes())
    return found


def made_schema() -> dict[str, Any]:
    """The same, from the types: every number that is not whole may be null."""
    schema: dict[str, Any] = _nullable(msgspec.json.schema(Report))
    return schema


def _nullable(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_nullable(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    found = {name: _nullable(each) for name, each in schema.items()}
    return found | {"type": ["number", "null"]} if found.get("type") == "number" else found


class Line(NamedTuple):
    """A figure of a report; ``low`` and ``high`` are NaN where it has no interval."""

    #: The field and value of a slice, empty for all pictures; and ``all`` or ``readable`` answers.
    field: str
    value: str
    over: str
    task: str
    #: A label or size of objects, as ``label=cat``, an outcome or issue of answers; empty for all of them.
    part: str
    figure: str
    number: float
    low: float = _NO_NUMBER
    high: float = _NO_NUMBER


def report_lines(report: Report) -> Iterator[Line]:
    """Every figure of a report, a line each.

    A comparison is two: the difference by which the other model is better, with its interval, and ``…_p``.
    """
    yield from _lines(report.over_all, "", "", "all")
    yield from _lines(report.over_readable, "", "", "readable")
    for field, values in report.slices.items():
        for value, found in values.items():
            yield from _lines(found, field, value, "all")
    against = _Part("", "", "all", "comparison", f"against={report.compared_with}")
    for each in report.comparisons:
        difference = each.second - each.first
        yield Line(*against, each.figure, difference, each.interval.low, each.interval.high)
        yield against.line(f"{each.figure}_p", each.p_value)


class _Part(NamedTuple):
    """What the lines of one task, or of a part of it, share."""

    field: str
    value: str
    over: str
    task: str
    part: str = ""

    def line(self, figure: str, number: float) -> Line:
        """A figure without an interval."""
        return Line(*self, figure, number)

    def measured(self, figures: Mapping[str, Measured]) -> Iterator[Line]:
        """Figures with their intervals."""
        for name, found in figures.items():
            yield Line(*self, name, found.value, found.interval.low, found.interval.high)

    def scored(self, scores: Scores, suffix: str = "") -> Iterator[Line]:
        """Counts, precision, recall and F1."""
        for name in scores.__struct_fields__:
            yield self.line(f"{name}{suffix}", getattr(scores, name))

    def counted(self, scores: CountScores) -> Iterator[Line]:
        """How well numbers agree."""
        for name in scores.__struct_fields__:
            if name != "within":
                yield self.line(name, getattr(scores, name))
        for most, share in scores.within.items():
            yield self.line(f"within_{most}", share)


def _lines(found: EvaluationReport, field: str, value: str, over: str) -> Iterator[Line]:
    head = _Part(field, value, over, "answers")
    yield head.line("images", found.outcomes.images)
    for outcome, count in found.outcomes.counts.items():
        yield head._replace(part=f"outcome={outcome}").line("count", count)
    for name in ("unreadable_rate", "empty_rate", "cut_off_rate"):
        yield head.line(name, getattr(found.outcomes, name))
    for code, count in found.outcomes.issues.items():
        yield head._replace(part=f"issue={code}").line("count", count)
    for task, lines in _TASKS.items():
        report = getattr(found, task)
        if report is not None:
            yield from lines(head._replace(task=task), report)


def _of_detection(head: _Part, found: DetectionReport) -> Iterator[Line]:
    yield from head.measured(found.figures)
    yield head.line("mean_f1", found.mean_f1)
    for threshold, macro in zip(found.thresholds, found.macro_f1, strict=True):
        yield head.line(f"macro_f1@{threshold:g}", macro)
    for kind, parts in (("label", found.by_label), ("size", found.by_size)):
        for part, levels in parts.items():
            for threshold, scores in zip(found.thresholds, levels, strict=True):
                yield from head._replace(part=f"{kind}={part}").scored(scores, f"@{threshold:g}")


def _of_pointing(head: _Part, found: PointingReport) -> Iterator[Line]:
    yield from head.measured(found.figures)
    for part, scores in found.by_label.items():
        yield from head._replace(part=f"label={part}").scored(scores)


def _of_counting(head: _Part, found: CountingReport) -> Iterator[Line]:
    yield from head.measured(found.figures)
    yield from head._replace(part="marked").counted(found.marked)
    yield from head._replace(part="stated").counted(found.stated)
    for part, scores in found.by_label.items():
        yield from head._replace(part=f"label={part}").counted(scores)


def _of_temporal(head: _Part, found: TemporalReport) -> Iterator[Line]:
    yield from head.measured(found.figures)
    for threshold, precision in zip(found.thresholds, found.average_precision, strict=True):
        yield head.line(f"ap@{threshold:g}", precision)


def _of_ranking(head: _Part, found: RankingReport) -> Iterator[Line]:
    for name, number in found.figures.items():
        yield head.line(name, number)
    for part, number in found.by_label.items():
        yield head._replace(part=f"label={part}").line("ap", number)


_TASKS: dict[str, Callable[[_Part, Any], Iterator[Line]]] = {
    "detection": _of_detection,
    "pointing": _of_pointing,
    "counting": _of_counting,
    "temporal": _of_temporal,
    "ranking": _of_ranking,
}


def report_csv(report: Report) -> str:
    """Every figure of a report, a line each; no cell is a formula, and what is not defined is empty."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(Line._fields)
    for line in report_lines(report):
        writer.writerow([defused(cell) if isinstance(cell, str) else "" if isnan(cell) else cell for cell in line])
    return text.getvalue()


def markdown_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table for a pull request; cells hold no markup and no line ends."""
    head, *body = ("| " + " | ".join(map(markdown_text, line)) + " |" for line in (columns, *rows))
    return "\n".join([head, "|" + " --- |" * len(columns), *body])


def markdown_text(text: str) -> str:
    """``text`` on one line, in which nothing is markup."""
    escaped = "".join(f"\\{character}" if character in "\\|`*_[]<>&#!~" else character for character in text)
    return " ".join(escaped.split())
