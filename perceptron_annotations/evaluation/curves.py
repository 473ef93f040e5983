"""Curves of metrics: F1 over the threshold, precision over recall, errors of counting, R@1 over the threshold.

Drawing them needs matplotlib (the ``plot`` extra).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from msgspec import Struct

from ..datasets.dataset import Dataset
from ..errors import MissingExtraError, UsageError
from ..outputs import write_whole
from ..visible_text import visible
from .coco_dataset import collect_boxes
from .coco_matching import IOU_THRESHOLDS, RECALL_POINTS
from .counting import compare_numbers
from .detection import match_detections
from .intervals import share
from .pairing import DatasetPair
from .partial_evaluation import tasks_for
from .tasks import IouType, Task, checked_iou_type, checked_tasks
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


def metric_curves(
    predictions: Dataset,
    truth: Dataset,
    tasks: Collection[Task | str] | None = None,
    *,
    iou_type: IouType | str = IouType.BBOX,
) -> tuple[Curve, ...]:
    """The curves of some tasks, in the order of ``Task``; pointing and keypoints have none.

    Detection: F1 over the IoU threshold. Counting: the share of counts within an error. Temporal: R@1 over the
    threshold. Average precision: precision over recall.

    Args:
        predictions: What was predicted.
        truth: What is true; images join by file name, labels by their words.
        tasks: What is drawn; by default what :func:`tasks_for` finds in the two datasets.
        iou_type: Compare bounding boxes, or polygons as they are.

    >>> truth = pa.datasets.DatasetBuilder()
    >>> image = truth.add_asset(pa.datasets.DatasetAsset(file_name="a.jpg", width=100, height=100))
    >>> truth.add(image, pa.AnnotationKind.BOX, [(0, 0), (10, 10)], "cat")
    >>> [curve.title for curve in metric_curves(truth.build(), truth.build())]
    ['F1 over the IoU threshold', 'Counts within an error']
    """
    chosen = tasks_for(predictions, truth) if tasks is None else checked_tasks(tasks)
    both = DatasetPair.of(predictions, truth)
    found = []
    if Task.DETECTION in chosen:
        found.append(_f1_curve(both, checked_iou_type(iou_type)))
    if Task.COUNTING in chosen:
        found.append(_count_curve(both))
    if Task.TEMPORAL in chosen:
        found.append(_recall_curve(both))
    if Task.AVERAGE_PRECISION in chosen:
        found.append(_precision_curve(both))
    return tuple(found)


def _f1_curve(both: DatasetPair, iou_type: IouType) -> Curve:
    scores = match_detections(both, thresholds=_THRESHOLDS, iou_type=iou_type).matches.scores()
    return Curve(
        title="F1 over the IoU threshold",
        x_label="IoU",
        y_label="F1",
        x=_THRESHOLDS,
        y=tuple(each.f1 for each in scores),
    )


def _count_curve(both: DatasetPair) -> Curve:
    marked = compare_numbers(both).marked
    apart = np.abs(marked.counted - marked.true)
    within = range(int(apart.max(initial=0)) + 1)
    return Curve(
        title="Counts within an error",
        x_label="largest error in objects",
        y_label="share of images and labels",
        x=tuple(map(float, within)),
        y=tuple(share(int((apart <= most).sum()), len(apart)) for most in within),
    )


def _recall_curve(both: DatasetPair) -> Curve:
    overlap = match_clips(both).queries.overlap
    return Curve(
        title="R@1 over the tIoU threshold",
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
        title=f"Precision over recall at IoU {IOU_THRESHOLDS[0]:g}",
        x_label="recall",
        y_label="precision",
        x=tuple(RECALL_POINTS.tolist()),
        y=tuple(y.tolist()),
    )


def plot_curves(named: Mapping[str, Sequence[Curve]], path: str | Path) -> None:
    """Draw the curves of one or more models, by name, into an image: PNG, SVG or PDF by the suffix of ``path``.

    Curves with the same title share their axes. Raises ``MissingExtraError`` without matplotlib, and ``UsageError`` for
    any other suffix.

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
        _figure(named).savefig(stream, format=kind, metadata=_WITHOUT_DATE[kind])


def _figure(named: Mapping[str, Sequence[Curve]]) -> Figure:
    """The figure with all curves, to be drawn in the same context of matplotlib as it is made in."""
    from matplotlib.figure import Figure

    titles = list(dict.fromkeys(curve.title for found in named.values() for curve in found))
    rows = max(ceil(len(titles) / _COLUMNS), 1)
    columns = min(_COLUMNS, max(len(titles), 1))
    figure = Figure(figsize=(_INCHES[0] * columns, _INCHES[1] * rows), layout="constrained")
    axes = figure.subplots(rows, columns, squeeze=False).ravel()
    for title, axis in zip(titles, axes, strict=False):
        for name, found in named.items():
            for curve in found:
                if curve.title == title:
                    axis.plot(curve.x, curve.y, marker=".", label=_plain(name))
                    axis.set(title=title, xlabel=curve.x_label, ylabel=curve.y_label)
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
