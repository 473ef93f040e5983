"""How an evaluation is printed: as tables, JSON, CSV or Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import isnan
from typing import NamedTuple

from ..datasets.recording_importer import ImportReport
from ..evaluation.answers import Outcomes
from ..evaluation.bootstrap import Measured
from ..evaluation.detection import DetectionReport
from ..evaluation.evaluation import EvaluationReport
from ..evaluation.report import Report, markdown_table, markdown_text, report_csv, report_json
from ..evaluation.scores import Scores
from ..evaluation.worst_images import Example
from ..visible_text import visible
from .console import console, emit, print_table
from .options import EvaluateFormat

#: Names that are listed in full.
_LISTED = 3
#: Characters of a prompt.
_PROMPT = 60


class _Table(NamedTuple):
    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]


def print_report(
    report: Report, imported: ImportReport | None, output: EvaluateFormat, *, may_rank: bool, repeated: Sequence[str]
) -> None:
    """Print it in one of the formats; where a person reads it, also what is to be known of the answers.

    ``may_rank``: it would have AP if there were scores. ``repeated`` are pictures with several answers.
    """
    remarks = [*_remarks(report, imported, may_rank=may_rank), *_repeated(repeated)]
    if output is EvaluateFormat.JSON:
        emit(report_json(report).decode() + "\n")
    elif output is EvaluateFormat.CSV:
        emit(report_csv(report))
    elif output is EvaluateFormat.MARKDOWN:
        parts = [
            f"**{markdown_text(visible(table.title))}**\n\n{markdown_table(*_visible(table))}"
            for table in _tables(report)
        ]
        listed = "\n".join(f"- {markdown_text(visible(each))}" for each in remarks)
        emit("\n\n".join([*parts, listed]) + "\n")
    else:
        out = console()
        for table in _tables(report):
            print_table(out, table.title, table.columns, table.rows)
        for remark in remarks:
            out.print(visible(remark))


def _visible(table: _Table) -> tuple[Sequence[str], Sequence[Sequence[str]]]:
    return [visible(column) for column in table.columns], [[visible(cell) for cell in row] for row in table.rows]


def _tables(report: Report) -> Iterator[_Table]:
    """Those that are not empty."""
    found = report.over_all
    tables = [_figures(report)]
    if found.detection is not None:
        tables.insert(0, _detection(found.detection))
    if found.ranking is not None:
        names = list(found.ranking.figures)
        tables.append(_Table("COCO's figures", names, [[_number(found.ranking.figures[name]) for name in names]]))
    tables += [_slices(field, values) for field, values in report.slices.items()]
    tables.append(_comparisons(report))
    tables.append(_worst(report.worst))
    return (table for table in tables if table.rows)


def _number(value: float) -> str:
    return "-" if isnan(value) else f"{value:.3f}"


def _detection(found: DetectionReport) -> _Table:
    parts: list[tuple[str, tuple[Scores, ...]]] = [("all", found.overall)]
    parts += found.by_label.items()
    parts += [(f"({size})", levels) for size, levels in found.by_size.items()]
    rows = [
        (
            part,
            f"{threshold:g}",
            *(_number(value) for value in (scores.precision, scores.recall, scores.f1)),
            *(str(count) for count in (scores.true_positives, scores.false_positives, scores.false_negatives)),
        )
        for part, levels in parts
        for threshold, scores in zip(found.thresholds, levels, strict=True)
        if part == "all" or scores.true_positives + scores.false_positives + scores.false_negatives
    ]
    columns = ("", "IoU", "precision", "recall", "F1", "found", "made up", "missed")
    return _Table(f"detection in {found.outcomes.images} pictures", columns, rows)


def _measured(report: EvaluationReport) -> dict[str, Measured]:
    tasks = (report.detection, report.pointing, report.counting, report.temporal)
    found: dict[str, Measured] = {}
    for task in tasks:
        found |= {} if task is None else task.figures
    return found


def _figures(report: Report) -> _Table:
    """Figures over all pictures with their intervals, and over those that were read."""
    readable = _measured(report.over_readable)
    rows = [
        (
            name,
            _number(measured.value),
            f"{_number(measured.interval.low)} to {_number(measured.interval.high)}",
            _number(readable[name].value),
        )
        for name, measured in _measured(report.over_all).items()
        if not isnan(measured.value)
    ]
    return _Table("figures", ("", "all pictures", "95 % of samples", "readable answers"), rows)


def _slices(field: str, values: dict[str, EvaluationReport]) -> _Table:
    """A row for each value, with one figure of each kind: at the first threshold, where there are several."""
    measured = {value: _measured(found) for value, found in values.items()}
    kinds: dict[str, str] = {}
    for figures in measured.values():
        for name, found in figures.items():
            if not isnan(found.value):
                kinds.setdefault(name.partition("@")[0], name)
    rows = [
        (
            value,
            str(found.outcomes.images),
            _number(found.outcomes.unreadable_rate),
            *(_number(measured[value][name].value) for name in kinds.values()),
        )
        for value, found in values.items()
    ]
    return _Table(f"by {field}", (field, "pictures", "unreadable", *kinds.values()), rows)


def _comparisons(report: Report) -> _Table:
    rows = [
        (
            each.figure,
            _number(each.first),
            _number(each.second),
            f"{each.interval.low:+.3f} to {each.interval.high:+.3f}",
            f"{each.p_value:.4f}",
        )
        for each in report.comparisons
        if not isnan(each.p_value)
    ]
    other = report.compared_with or ""
    return _Table(f"against {other}", ("", report.predictions, other, "difference", "p"), rows)


def _worst(examples: Sequence[Example]) -> _Table:
    rows = []
    for each in examples:
        made_up = [f"{mistake.label} [{mistake.span[0]}:{mistake.span[1]}]" for mistake in each.made_up]
        place = "" if each.place is None else f"{each.place.file}:{each.place.line_number}"
        prompt = "" if each.place is None else (each.place.prompt or "")
        cut = prompt if len(prompt) <= _PROMPT else prompt[:_PROMPT] + "…"
        rows.append((each.image, each.outcome, _listed(made_up), _listed(each.missed), place, cut))
    columns = ("picture", "answer", "made up [characters]", "missed", "where", "prompt")
    return _Table("the pictures with the most mistakes", columns, rows)


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    return ", ".join(names[:_LISTED]) + more


def _remarks(report: Report, imported: ImportReport | None, *, may_rank: bool) -> Iterator[str]:
    """What the tables do not say."""
    found = report.over_all
    yield _told(found.outcomes)
    issues = ", ".join(f"{count} {code.value}" for code, count in found.outcomes.issues.items())
    if issues:
        yield f"issues in these answers: {issues}"
    if imported is not None:
        yield from (f"{each.count} x {each.code.meaning}, first {each.example}" for each in imported.losses)
    for task in ("detection", "pointing", "counting", "temporal"):
        measured = getattr(found, task)
        if measured is not None and all(isnan(each.value) for each in measured.figures.values()):
            yield f"{task}: neither side has anything to compare"
    if found.detection is not None and found.detection.timed:
        yield f"{found.detection.timed} shapes at a time, as in videos, were not compared"
    if may_rank and found.detection is not None and found.ranking is None:
        yield "no AP: it ranks by scores, which these predictions do not all have"
    outcomes = found.outcomes
    for names, what in (
        (outcomes.unknown_images, "predicted, not in the truth"),
        (outcomes.unanswered_images, "not answered: what is on them counts as missed"),
    ):
        if names:
            yield f"{len(names)} pictures {what}, first {names[0]}"


def _repeated(names: Sequence[str]) -> Iterator[str]:
    if names:
        yield (
            f"{len(names)} pictures have several answers, first {names[0]}: what they found is evaluated together, and "
            "slices take the first"
        )


def _told(outcomes: Outcomes) -> str:
    counts = ", ".join(f"{count} {outcome.value}" for outcome, count in outcomes.counts.items() if count)
    cut_off = "" if isnan(outcomes.cut_off_rate) else f"; {outcomes.cut_off_rate:.1%} cut off"
    return f"answers about {outcomes.images} pictures: {counts or 'none'}{cut_off}"
