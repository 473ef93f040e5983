"""Curves of figures: F1 over the threshold, precision over recall, errors of counting, R@1 over the threshold.

Drawing them needs matplotlib (the ``plot`` extra).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil
from pathlib import Path

import numpy as np
from msgspec import Struct

from ..datasets.dataset import Dataset
from ..errors import MissingExtraError, UsageError
from ..files import write_whole
from .bootstrap import share
from .coco_arrays import IOU_THRESHOLDS, RECALL_POINTS
from .coco_dataset import count_ranking, rank
from .counting import count_numbers
from .detection import Outline, count_detections
from .evaluation import Task
from .temporal import count_clips

#: Where F1 and R@1 are measured.
_THRESHOLDS = tuple(round(0.05 * step, 2) for step in range(1, 20))
_COLUMNS = 2
_INCHES = (5.0, 3.6)


class Curve(Struct, frozen=True, kw_only=True):
    """Points of a curve; y is NaN where it is not defined."""

    title: str
    x_label: str
    y_label: str
    x: tuple[float, ...]
    y: tuple[float, ...]


def curves(
    predictions: Dataset, truth: Dataset, tasks: Sequence[Task], *, outline: Outline | str = Outline.BOX
) -> tuple[Curve, ...]:
    """The curves of some tasks, in the order of ``Task``; pointing has none."""
    found = []
    if Task.DETECTION in tasks:
        found.append(_f1_curve(predictions, truth, Outline(outline)))
    if Task.COUNTING in tasks:
        found.append(_count_curve(predictions, truth))
    if Task.TEMPORAL in tasks:
        found.append(_recall_curve(predictions, truth))
    if Task.RANKING in tasks:
        found.append(_precision_curve(predictions, truth))
    return tuple(found)


def _f1_curve(predictions: Dataset, truth: Dataset, outline: Outline) -> Curve:
    scores = count_detections(predictions, truth, thresholds=_THRESHOLDS, outline=outline).found.scores()
    return Curve(
        title="F1 over the threshold",
        x_label="IoU",
        y_label="F1",
        x=_THRESHOLDS,
        y=tuple(each.f1 for each in scores),
    )


def _count_curve(predictions: Dataset, truth: Dataset) -> Curve:
    marked = count_numbers(predictions, truth).marked
    apart = np.abs(marked.counted - marked.true)
    within = range(int(apart.max(initial=0)) + 1)
    return Curve(
        title="Counts within an error",
        x_label="objects too many or too few, at most",
        y_label="share of pictures and labels",
        x=tuple(map(float, within)),
        y=tuple(share(int((apart <= most).sum()), len(apart)) for most in within),
    )


def _recall_curve(predictions: Dataset, truth: Dataset) -> Curve:
    overlap = count_clips(predictions, truth).queries.overlap
    return Curve(
        title="R@1 over the threshold",
        x_label="tIoU",
        y_label="R@1",
        x=_THRESHOLDS,
        y=tuple(share(int((overlap >= threshold).sum()), len(overlap)) for threshold in _THRESHOLDS),
    )


def _precision_curve(predictions: Dataset, truth: Dataset) -> Curve:
    """The mean over labels, of all sizes."""
    precision = rank(count_ranking(predictions, truth)).precision[0, :, :, 0]
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
    """Draw the curves of one or more models, by name, into a picture: PNG, SVG or PDF by the suffix of ``path``.

    Curves of one title share their axes. Raises ``MissingExtraError`` without matplotlib, and ``UsageError`` for any
    other suffix.
    """
    kind = Path(path).suffix.lstrip(".").lower()
    if kind not in _WITHOUT_DATE:
        raise UsageError(f"curves are drawn as {', '.join(_WITHOUT_DATE)}, not as {path}")
    try:
        import matplotlib as mpl
        from matplotlib.figure import Figure
    except ImportError:
        raise MissingExtraError("curves need matplotlib: pip install 'perceptron-annotations[plot]'") from None
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
    with write_whole(path) as stream, mpl.rc_context({"svg.hashsalt": "curves"}):
        figure.savefig(stream, format=kind, metadata=_WITHOUT_DATE[kind])


#: The kinds of pictures, and what must not be written so that the same curves give the same file.
_WITHOUT_DATE: dict[str, dict[str, None]] = {
    "png": {"Software": None},
    "svg": {"Date": None},
    "pdf": {"CreationDate": None},
}


def _plain(name: str) -> str:
    """A name that is drawn as it is: a dollar sign would begin a formula, an underscore in front hide the curve."""
    text = name.replace("$", r"\$")
    return f" {text}" if text.startswith("_") else text
