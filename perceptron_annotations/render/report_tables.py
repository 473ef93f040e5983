"""What of an evaluation is shown to people: a few tables, and remarks in a sentence each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import isnan
from pathlib import PurePath
from typing import NamedTuple

from ..datasets.name_joining import WHAT_NEXT
from ..evaluation.answers import Outcome, Outcomes
from ..evaluation.detection import DetectionReport
from ..evaluation.intervals import FEWEST_IMAGES, Estimate
from ..evaluation.keypoint_dataset import KEYPOINT_PREFIX
from ..evaluation.mistakes import WorstImage
from ..evaluation.report import EvaluationReport
from ..evaluation.scores import Scores
from ..evaluation.similar_labels import SimilarLabels
from ..evaluation.tasks import Matching, Task

#: Names that are listed in full.
_LISTED = 3
#: Characters of a prompt.
_PROMPT = 60


class ReportTable(NamedTuple):
    """A table for people; its text may be that of models, as it was written."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]


def report_tables(report: EvaluationReport) -> list[ReportTable]:
    """The tables of a report that are not empty."""
    tables = [] if report.detection is None else [_detection(report.detection)]
    tables.append(_metrics(report))
    for part, title in (
        (report.average_precision, "average precision, as in COCO"),
        (report.keypoints, "average precision of keypoints, as in COCO"),
    ):
        if part is not None:
            names = [name.removeprefix(KEYPOINT_PREFIX) for name in part.metrics]
            tables.append(ReportTable(title, names, [[_number(each.value) for each in part.metrics.values()]]))
    tables += [_slices(field, values) for field, values in report.slices.items()]
    tables += [_comparison(report), _worst(report.worst)]
    return [table for table in tables if table.rows]


def report_summary(outcomes: Outcomes) -> str:
    """How many images of the truth were answered, and how the answers came out."""
    answered = outcomes.images - outcomes.counts[Outcome.UNANSWERED]
    counts = ", ".join(f"{count} {outcome.value}" for outcome, count in outcomes.counts.items() if count)
    cut_off = "" if isnan(outcomes.cut_off_rate) else f"; {outcomes.cut_off_rate:.1%} cut off"
    share = f" ({answered / outcomes.images:.1%})" if outcomes.images else ""
    found = ", ".join(f"{count} {ending.value}" for ending, count in outcomes.endings.items())
    endings = f"; endings: {found}" if found else ""
    return f"answers about {answered} of {outcomes.images} images{share}: {counts or 'none'}{cut_off}{endings}"


def report_remarks(report: EvaluationReport) -> Iterator[str]:
    """What the tables do not say, a sentence each."""
    outcomes = report.outcomes
    if report.detection is not None:
        yield "TP, FP and FN are true positives, false positives and false negatives"
    issues = ", ".join(f"{count} {code.value}" for code, count in outcomes.issues.items())
    if issues:
        yield f"issues in these answers: {issues}"
    if report.compared_outcomes is not None:
        yield f"{report.compared_with or 'the other'}: {report_summary(report.compared_outcomes)}"
    yield from (f"images {each}" for each in outcomes.joined)
    yield from _matching_remarks(report)
    yield from (label_hint(each) for each in report.similar_labels)
    for task in Task:
        part = getattr(report, task.field)
        if part is not None and all(isnan(each.value) for each in part.metrics.values()):
            yield f"{task.value}: neither side has anything to compare"
    for kind in report.not_compared:
        yield f"{kind.reason.meaning}: {kind.count} {kind.kind.name.lower()} rows of the {kind.side}"
    for names, what, meaning in (
        (outcomes.unknown_images, "images that are not in the truth", "their predictions do not count"),
        (
            outcomes.ambiguous_images,
            "names that may be several images of the truth",
            "nothing says which one is meant, so their predictions do not count",
        ),
        (outcomes.unanswered_images, "images without an answer", "what is on them counts as false negatives"),
    ):
        if names:
            yield f"{what}: {len(names)}, first {names[0]}; {meaning}"
    if outcomes.ambiguous_images or (outcomes.unknown_images and outcomes.unanswered_images):
        yield f"to join images whose names differ: {WHAT_NEXT}"


def _matching_remarks(report: EvaluationReport) -> Iterator[str]:
    """How shapes and points were matched, and what was special."""
    detection, pointing = report.detection, report.pointing
    parts = [part for part in (detection, pointing) if part is not None]
    if parts and parts[0].matching is Matching.GREEDY:
        yield "greedy matching: predictions without scores matched in the order in which they were written"
    greedy = sum(part.greedy_components for part in parts)
    if greedy:
        yield f"{greedy} groups overlap in so many pairs that they were matched greedily"
    for ignored in [part.ignored for part in (detection, pointing, report.temporal) if part is not None]:
        if ignored.truths:
            what = "crowds and ignored objects of the truth"
            yield f"{what}: {ignored.truths}; predictions there that do not count: {ignored.predictions}"
    if detection is not None and detection.wrong_labels:
        yield f"false positives where a truth of another label was missed: {detection.wrong_labels}"
    if detection is not None and detection.repaired:
        yield f"polygons that cross or touch themselves and were repaired: {detection.repaired}"
    if report.temporal is not None and report.temporal.reversed_clips:
        yield f"clips that end before they start, taken the other way round: {report.temporal.reversed_clips}"


def label_hint(labels: SimilarLabels) -> str:
    """What to do about labels that differ in spelling."""
    option = "--ignore-case" if labels.differ_in_case else "--singular"
    return f"{labels.predicted!r} is predicted and {labels.true!r} is true: {option} makes them one label"


def _number(value: float) -> str:
    return "-" if isnan(value) else f"{value:.3f}"


def _interval(found: Estimate, images: int) -> str:
    if isnan(found.interval.low):
        return "too few images" if images < FEWEST_IMAGES else "-"
    return f"{_number(found.interval.low)} to {_number(found.interval.high)}"


def _detection(found: DetectionReport) -> ReportTable:
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
    columns = ("label", "IoU", "precision", "recall", "F1", "TP", "FP", "FN")
    return ReportTable("detection", columns, rows)


def _sampled(report: EvaluationReport) -> dict[str, Estimate]:
    """The metrics of all tasks but average precision, also of keypoints, which have tables of their own."""
    own = [part.metrics for part in (report.average_precision, report.keypoints) if part is not None]
    return {name: found for name, found in report.metrics.items() if not any(name in metrics for metrics in own)}


def _metrics(report: EvaluationReport) -> ReportTable:
    """Metrics over all images with their intervals, and over those whose answer could be read."""
    readable = {} if report.readable is None else report.readable.metrics
    rows = [
        (
            name,
            _number(found.value),
            _interval(found, report.outcomes.images),
            *([_number(readable[name].value)] if readable else []),
        )
        for name, found in _sampled(report).items()
        if not isnan(found.value)
    ]
    last = ("readable answers",) if readable else ()
    return ReportTable("metrics", ("metric", "all images", "95 % interval", *last), rows)


def _slices(field: str, values: Mapping[str, EvaluationReport]) -> ReportTable:
    """A row for each value, with one metric of each kind: at the first threshold, if there are several."""
    metrics = {value: _sampled(found) for value, found in values.items()}
    kinds: dict[str, str] = {}
    for measured in metrics.values():
        for name, found in measured.items():
            if not isnan(found.value):
                kinds.setdefault(name.partition("@")[0], name)
    rows = [
        (
            value,
            str(found.outcomes.images),
            _number(found.outcomes.unreadable_rate),
            *(_number(metrics[value][name].value) for name in kinds.values()),
        )
        for value, found in values.items()
    ]
    return ReportTable(f"by {field}", (field, "images", "unreadable", *kinds.values()), rows)


def _comparison(report: EvaluationReport) -> ReportTable:
    """Differences are the second less the first."""
    first, second = short_names([report.predictions or "first", report.compared_with or "second"])
    rows = [
        (
            name,
            _number(each.first),
            _number(each.second),
            f"{each.difference.value:+.3f}",
            _difference(each.difference, report.outcomes.images),
            f"{each.p_value:.4f}",
        )
        for name, each in report.comparison.items()
        if not isnan(each.p_value)
    ]
    columns = ("metric", first, second, "difference", "95 % interval", "p")
    return ReportTable(f"{second} compared with {first}", columns, rows)


def _difference(found: Estimate, images: int) -> str:
    low, high = found.interval.low, found.interval.high
    return _interval(found, images) if isnan(low) else f"{low:+.3f} to {high:+.3f}"


def _worst(images: Sequence[WorstImage]) -> ReportTable:
    rows = []
    for each in images:
        wrong = [f"{found.label} [{found.span[0]}:{found.span[1]}]" for found in each.false_positives]
        where = "" if each.location is None else f"{each.location.file}:{each.location.line_number}"
        prompt = "" if each.location is None else (each.location.prompt or "")
        cut = prompt if len(prompt) <= _PROMPT else prompt[:_PROMPT] + "…"
        rows.append((each.image, each.outcome, _listed(wrong), _listed(each.false_negatives), where, cut))
    columns = ("image", "answer", "false positives [characters]", "false negatives", "recorded in", "prompt")
    return ReportTable("the images with the most mistakes", columns, rows)


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    return ", ".join(names[:_LISTED]) + more


def short_names(paths: Sequence[str]) -> list[str]:
    """What files are called: their names without folders and endings if these differ, else their paths."""
    stems = [PurePath(path).stem for path in paths]
    return stems if len(set(stems)) == len(set(paths)) else list(paths)
