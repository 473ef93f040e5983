"""``evaluate``: recorded answers, or a dataset, against the truth."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec

from ..datasets.dataset import Dataset
from ..datasets.gather import GatherReport, gather
from ..datasets.registry import guess_format, read_dataset
from ..errors import UsageError
from ..evaluate.detection import (
    Comparison,
    DetectionReport,
    Scores,
    compare_detections,
    count_detections,
    report_detections,
)
from ..markup.document import Mode, Status
from .console import console, emit, print_table, visible
from .convert import dataset_format
from .inputs import open_inputs
from .options import EvaluateFormat


class _Limit(NamedTuple):
    """``--fail-under f1=0.7``."""

    metric: str
    least: float


def run(
    prediction: str,
    truth: str,
    *,
    mode: Mode,
    key: str | None,
    thresholds: Sequence[float],
    outline: str,
    output: EvaluateFormat,
    fail_under: Sequence[str],
    ignore_case: bool,
    compare: str | None,
) -> bool:
    """Print the report; whether all that ``fail_under`` names is high enough."""
    limits = [_limit(text) for text in fail_under]
    wanted = read_dataset(truth, guess_format(truth))
    found, gathered = _predictions(prediction, wanted, mode, key)
    if ignore_case:
        found, wanted = _folded(found), _folded(wanted)
    counts = count_detections(found, wanted, thresholds=thresholds, outline=outline)
    report = report_detections(counts)
    figures = _figures(report, gathered)
    if compare is not None:
        other, _ = _predictions(compare, wanted, mode, key)
        other = _folded(other) if ignore_case else other
        second = count_detections(other, wanted, thresholds=thresholds, outline=outline)
        figures["comparison"] = compare_detections(counts, second)
    if output is EvaluateFormat.JSON:
        emit(msgspec.json.format(msgspec.json.encode(figures)).decode())
    elif output is EvaluateFormat.MARKDOWN:
        _print_markdown(report, gathered)
    else:
        _print_tables(report, gathered)
    if output is not EvaluateFormat.JSON:
        _print_comparison(figures.get("comparison", ()), compare or "")
    low = [limit for limit in limits if not _holds(limit, figures)]
    return not low


def _predictions(path: str, truth: Dataset, mode: Mode, key: str | None) -> tuple[Dataset, GatherReport | None]:
    """The dataset at ``path``, or of the answers there, whose pictures are as large as those of the truth."""
    found = dataset_format([path])
    if found is not None:
        return read_dataset(path, found), None
    sizes = {
        asset.file_name: (asset.width, asset.height)
        for asset in truth.assets
        if asset.width is not None and asset.height is not None
    }
    with open_inputs([path], key=key, rejects=None) as recordings:
        return gather(recordings, mode=mode, sizes=sizes)


def _folded(dataset: Dataset) -> Dataset:
    """The same with labels in lower case, those that become equal as one."""
    import numpy as np
    from msgspec.structs import replace

    codes: dict[str, int] = {}
    places = [codes.setdefault(label.casefold(), len(codes)) for label in dataset.labels]
    label = np.array([*places, -1], dtype=np.int32)[dataset.label]
    return replace(dataset, labels=tuple(codes), label=label)


def _limit(text: str) -> _Limit:
    metric, _, least = text.partition("=")
    try:
        return _Limit(metric, float(least))
    except ValueError:
        raise UsageError(f"--fail-under is METRIC=VALUE, such as f1=0.7, not {text!r}") from None


def _figures(report: DetectionReport, gathered: GatherReport | None) -> dict[str, Any]:
    """All figures by name; NaN becomes null."""
    first = report.overall[0]
    figures: dict[str, Any] = {
        "f1": first.f1,
        "precision": first.precision,
        "recall": first.recall,
        "mean_f1": report.mean_f1,
        "macro_f1": report.macro_f1[0],
        "mean_iou": report.mean_iou,
        "accuracy": report.accuracy[0],
        "count_exact": report.counting.exact,
        "count_mae": report.counting.mean_absolute_error,
        "count_bias": report.counting.bias,
    }
    if gathered is not None:
        figures |= {"readable": _readable(gathered), "answers": gathered.recordings, "cut_off": gathered.truncated}
    return figures | {
        "images": report.images,
        "thresholds": [_level(*each) for each in zip(report.thresholds, report.overall, strict=True)],
        "labels": {
            label: [_level(*each) for each in zip(report.thresholds, scores, strict=True)]
            for label, scores in report.by_label.items()
        },
        "f1_intervals": [[interval.low, interval.high] for interval in report.f1_intervals],
        "unknown_images": report.unknown_images,
        "unanswered_images": report.unanswered_images,
    }


def _level(threshold: float, scores: Scores) -> dict[str, float]:
    return {
        "iou": threshold,
        "true_positives": scores.true_positives,
        "false_positives": scores.false_positives,
        "false_negatives": scores.false_negatives,
        "precision": scores.precision,
        "recall": scores.recall,
        "f1": scores.f1,
    }


def _readable(gathered: GatherReport) -> float:
    """The share of answers that could be read, empty ones included."""
    unreadable = sum(count for status, count in gathered.statuses if status is Status.UNREADABLE)
    return 1 - unreadable / gathered.recordings if gathered.recordings else float("nan")


def _holds(limit: _Limit, figures: dict[str, Any]) -> bool:
    value = figures.get(limit.metric)
    if not isinstance(value, int | float):
        known = ", ".join(name for name, each in figures.items() if isinstance(each, int | float))
        raise UsageError(f"there is no figure {limit.metric!r} to hold: choose from {known}")
    if value >= limit.least:
        return True
    console().print(visible(f"{limit.metric} is {value:.4f}, under {limit.least:g}"))
    return False


_COLUMNS = ("", "IoU", "precision", "recall", "F1", "found", "made up", "missed")


def _rows(report: DetectionReport) -> list[tuple[str, ...]]:
    named = [("all", report.overall), *report.by_label.items()]
    return [
        (
            label,
            f"{threshold:g}",
            *(f"{value:.3f}" for value in (scores.precision, scores.recall, scores.f1)),
            *(str(count) for count in (scores.true_positives, scores.false_positives, scores.false_negatives)),
        )
        for label, levels in named
        for threshold, scores in zip(report.thresholds, levels, strict=True)
    ]


def _remarks(report: DetectionReport, gathered: GatherReport | None) -> list[str]:
    """What the table does not say."""
    interval, counting = report.f1_intervals[0], report.counting
    within = f"{interval.low:.3f} to {interval.high:.3f}"
    apart = f"off by {counting.mean_absolute_error:.2f} on average, bias {counting.bias:+.2f}"
    found = [
        f"F1 at {report.thresholds[0]:g} lies from {within} (95 % of resampled pictures)",
        f"mean IoU of matches {report.mean_iou:.3f}; macro F1 {report.macro_f1[0]:.3f}",
        f"numbers of objects: {counting.exact:.1%} exact, {apart}",
    ]
    if gathered is not None:
        outcomes = ", ".join(f"{count} {status.value}" for status, count in gathered.statuses if count)
        found.append(f"{gathered.recordings} answers: {outcomes or 'none'}; {gathered.truncated} cut off")
        found += [f"{each.count} x {each.reason.value}, first {each.example}" for each in gathered.omitted]
    if report.timed:
        found.append(f"{report.timed} shapes at a time, as in videos, were not compared")
    for names, what in (
        (report.unknown_images, "predicted, not in the truth"),
        (report.unanswered_images, "not answered"),
    ):
        if names:
            found.append(f"{len(names)} pictures {what}, first {names[0]}")
    return found


def _print_tables(report: DetectionReport, gathered: GatherReport | None) -> None:
    out = console()
    print_table(out, f"{report.images} pictures", _COLUMNS, _rows(report))
    for remark in _remarks(report, gathered):
        out.print(visible(remark))


def _print_comparison(comparisons: Sequence[Comparison], other: str) -> None:
    for each in comparisons:
        line = f"{other} at {each.threshold:g}: F1 {each.second_f1:.3f} against {each.first_f1:.3f}"
        within = f"difference {each.interval.low:+.3f} to {each.interval.high:+.3f}, p = {each.p_value:.4f}"
        console().print(visible(f"{line}; {within}"))


def _print_markdown(report: DetectionReport, gathered: GatherReport | None) -> None:
    lines = [_COLUMNS, ("---",) * len(_COLUMNS), *_rows(report)]
    text = "\n".join("| " + " | ".join(visible(cell).replace("|", "\\|") for cell in line) + " |" for line in lines)
    remarks = "\n".join(f"- {visible(remark)}" for remark in _remarks(report, gathered))
    emit(f"{text}\n\n{remarks}")
