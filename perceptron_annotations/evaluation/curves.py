"""Curves of metrics: F1 over the threshold, precision over recall, errors of counting, R@1 over the threshold.

Drawing them needs matplotlib (the ``plot`` extra).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from msgspec import Struct

from ..errors import MissingExtraError, UsageError
from ..outputs import write_whole
from ..visible_text import visible
from .coco_dataset import collect_boxes
from .coco_matching import IOU_THRESHOLDS, RECALL_POINTS
from .counting import compare_numbers
from .detection import match_detections
from .evaluated_model import EvaluatedModel
from .evaluation_options import EvaluationOptions
from .intervals import share
from .model_names import short_names
from .pairing import DatasetPair
from .partial_evaluation import tasks_for
from .report import EvaluationReport
from .tasks import Task
from .temporal import match_clips

if TYPE_CHECKING:
    from matplotlib.figure import Figure

#: The thresholds at which F1 and R@1 are measured.
_THRESHOLDS = tuple(round(0.05 * step, 2) for step in range(1, 20))
_COLUMNS = 2
_INCHES = (5.0, 3.6)


class Curve(Struct, frozen=True, kw_only=True):
    """Points of a curve; y is NaN if it is not defined."""

    title: str
    x_label: str
    y_label: str
    x: tuple[float, ...]
    y: tuple[float, ...]
    #: What x counts is whole.
    x_is_whole: bool = False


def metric_curves(report: EvaluationReport) -> dict[str, tuple[Curve, ...]]:
    """The curves of each model of a report, by its short name, in the order of ``Task``.

    Detection: F1 over the IoU threshold. Counting: the share of counts within an error. Temporal: R@1 over the
    threshold. Average precision: precision over recall, of models with scores. Pointing and keypoints have none. Raises
    ``UsageError`` for a report that holds no datasets, such as one of shards that were joined.

    >>> truth = pa.datasets.DatasetBuilder()
    >>> image = truth.add_asset(pa.datasets.DatasetAsset(file_name="a.jpg", width=100, height=100))
    >>> truth.add(image, pa.AnnotationKind.BOX, [(0, 0), (10, 10)], "cat")
    >>> curves = metric_curves(pa.evaluate(truth.build(), truth.build()))
    >>> [curve.title for curve in curves["first"]]
    ['detection: F1 over the IoU threshold', 'counting: counts within an error']
    """
    if not isinstance(report, EvaluationReport):
        raise UsageError(f"curves are drawn of a report of evaluate(), not of a {type(report).__name__}")
    if not report.models:
        raise UsageError("curves are drawn of a report that evaluate() returned: this one holds no datasets")
    first = report.models[0]
    names = short_names([model.predictions.name for model in report.models])
    return {
        name: tuple(_curves(model, first.tasks if model is first else _shared_tasks(first, model)))
        for name, model in zip(names, report.models, strict=True)
    }


def _shared_tasks(first: EvaluatedModel, other: EvaluatedModel) -> Collection[Task]:
    """What is drawn of another model: average precision, too, which is not compared, if the model has scores."""
    both = other.both
    return set(first.tasks) & {*other.tasks, *tasks_for(both.predictions, both.truth)}


def _curves(model: EvaluatedModel, tasks: Collection[Task]) -> Iterator[Curve]:
    if Task.DETECTION in tasks:
        yield _f1_curve(model.both, model.options)
    if Task.COUNTING in tasks:
        yield _count_curve(model.both)
    if Task.TEMPORAL in tasks:
        yield _recall_curve(model.both)
    if Task.AVERAGE_PRECISION in tasks:
        yield _precision_curve(model.both)


def _f1_curve(both: DatasetPair, options: EvaluationOptions) -> Curve:
    matched = match_detections(
        both, thresholds=_THRESHOLDS, iou_type=options.iou_type, matching=options.matching
    ).matches
    return Curve(
        title="detection: F1 over the IoU threshold",
        x_label="IoU",
        y_label="F1",
        x=_THRESHOLDS,
        y=tuple(each.f1 for each in matched.scores()),
    )


def _count_curve(both: DatasetPair) -> Curve:
    marked = compare_numbers(both).marked
    apart = np.abs(marked.counted - marked.true)
    within = range(int(apart.max(initial=0)) + 1)
    return Curve(
        title="counting: counts within an error",
        x_label="largest error in objects",
        y_label="share of images and labels",
        x=tuple(map(float, within)),
        y=tuple(share(int((apart <= most).sum()), len(apart)) for most in within),
        x_is_whole=True,
    )


def _recall_curve(both: DatasetPair) -> Curve:
    overlap = match_clips(both).queries.overlap
    return Curve(
        title="temporal: R@1 over the tIoU threshold",
        x_label="tIoU",
        y_label="R@1",
        x=_THRESHOLDS,
        y=tuple(share(int((overlap >= threshold).sum()), len(overlap)) for threshold in _THRESHOLDS),
    )


def _precision_curve(both: DatasetPair) -> Curve:
    """The mean over labels, of all sizes."""
    precision = collect_boxes(both).average_precision().precision[0, :, :, 0]
    defined = ~np.isnan(precision)
    total, count = np.where(defined, precision, 0.0).sum(axis=1), defined.sum(axis=1)
    y = np.divide(total, count, out=np.full(len(count), np.nan), where=count > 0)
    return Curve(
        title=f"{Task.AVERAGE_PRECISION}: precision over recall at IoU {IOU_THRESHOLDS[0]:g}",
        x_label="recall",
        y_label="precision",
        x=tuple(RECALL_POINTS.tolist()),
        y=tuple(y.tolist()),
    )


def plot_curves(named: Mapping[str, Sequence[Curve]], path: str | Path, *, title: str = "") -> None:
    """Draw the curves of one or more models, by name, into an image: PNG, SVG or PDF by the suffix of ``path``.

    Curves with the same title share their axes; ``title`` stands above all of them. Raises ``MissingExtraError``
    without matplotlib, and ``UsageError`` for any other suffix.

    >>> curve = Curve(title="F1 over the IoU threshold", x_label="IoU", y_label="F1", x=(0.5, 0.75), y=(0.9, 0.6))
    >>> plot_curves({"my model": [curve]}, "curves.png")
    """
    kind = Path(path).suffix.lstrip(".").lower()
    if kind not in _WITHOUT_DATE:
        raise UsageError(f"curves are drawn as {', '.join(_WITHOUT_DATE)}, not as {path}")
    try:
        import matplotlib as mpl
    except ImportError:
        raise MissingExtraError.from_extra("plot", "curves need matplotlib") from None
    # A matplotlibrc may ask for TeX, which need not be installed, and would take names for commands.
    with write_whole(path) as stream, mpl.rc_context({"svg.hashsalt": "curves", "text.usetex": False}):
        _figure(named, title).savefig(stream, format=kind, metadata=_WITHOUT_DATE[kind])


def _figure(named: Mapping[str, Sequence[Curve]], heading: str) -> Figure:
    """The figure with all curves, to be drawn in the same context of matplotlib as it is made in."""
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    titles = list(dict.fromkeys(curve.title for found in named.values() for curve in found))
    rows = max(ceil(len(titles) / _COLUMNS), 1)
    columns = min(_COLUMNS, max(len(titles), 1))
    figure = Figure(figsize=(_INCHES[0] * columns, _INCHES[1] * rows), layout="constrained")
    figure.suptitle(_plain(heading))
    axes = figure.subplots(rows, columns, squeeze=False).ravel()
    for title, axis in zip(titles, axes, strict=False):
        for name, found in named.items():
            for curve in found:
                if curve.title == title:
                    axis.plot(curve.x, curve.y, marker=".", label=_plain(name))
                    axis.set(title=title, xlabel=curve.x_label, ylabel=curve.y_label)
                    if curve.x_is_whole:
                        axis.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
        axis.set_ylim(-0.02, 1.02)
        axis.grid(visible=True, alpha=0.3)
        axis.legend()
    for axis in axes[len(titles) :]:
        axis.remove()
    return figure


#: The formats, and what must not be written so that the same curves give the same file.
_WITHOUT_DATE: dict[str, dict[str, None]] = {
    "png": {"Software": None},
    "svg": {"Date": None},
    "pdf": {"CreationDate": None},
}


def _plain(name: str) -> str:
    """A name that is drawn as it is: a dollar sign would begin a formula, a leading underscore would hide the curve.

    What does not print is escaped, since an SVG with it is not XML.
    """
    text = visible(name).replace("$", r"\$")
    return f" {text}" if text.startswith("_") else text
