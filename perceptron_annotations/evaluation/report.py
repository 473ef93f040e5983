"""The report of an evaluation: typed metrics, as JSON with a schema, as CSV, as Markdown and as a plain table."""

from __future__ import annotations

import json
from importlib.resources import files
from math import isfinite
from pathlib import Path, PurePath
from typing import Any

import msgspec
from msgspec import Struct, structs

from ..datasets.lists import Join
from ..errors import UsageError
from ..wording import counted
from .answers import Outcomes
from .coco_dataset import AveragePrecisionReport
from .counting import CountingReport
from .detection import DetectionReport
from .evaluated_model import EvaluatedModel
from .evaluation_options import EvaluationOptions
from .intervals import Comparison, Estimate, compare_metrics
from .keypoint_dataset import KeypointReport
from .mistakes import WorstImage
from .partial_evaluation import PartialEvaluation
from .pointing import PointingReport
from .predictions import ReadingReport
from .similar_labels import SimilarLabels
from .tasks import Task
from .temporal import TemporalReport
from .uncompared import NotCompared

#: What a report in JSON says it is, and the version of its fields.
SCHEMA = "perceptron-annotations/evaluation"
VERSION = 3
#: What there is to know of predictions that were not read from a file. It is not written.
NOT_READ = ReadingReport()


class EvaluationReport(Struct, frozen=True, eq=False, kw_only=True, omit_defaults=True):
    """The metrics of one model, of the tasks that were evaluated; what was not evaluated is None or empty.

    Printed, it is a table; in a notebook, too. Reports are equal if they write the same JSON.

    >>> truth = pa.datasets.DatasetBuilder()
    >>> image = truth.add_asset(pa.datasets.DatasetAsset(file_name="a.jpg", width=100, height=100))
    >>> truth.add(image, pa.AnnotationKind.BOX, [(0, 0), (10, 10)], "cat")
    >>> report = pa.evaluate(truth.build(), truth.build(), thresholds=[0.5])
    >>> report
    <EvaluationReport: 1 image; detection f1@0.5 1.000; counting count_exact 1.000>
    >>> print(report.to_csv().splitlines()[0])
    field,value,answers,task,part,metric,number,low,high
    >>> report.compare(report).comparison["f1@0.5"].difference.value
    0.0
    """

    #: What the predictions and the truth are called in the text forms, such as the paths of their files.
    predictions: str | None = None
    truth: str | None = None
    #: How they were evaluated, as :func:`evaluate` was asked; None for a part of an evaluation.
    options: EvaluationOptions | None = None
    #: What there is to know of the answers that the predictions were read from.
    reading: ReadingReport = NOT_READ
    outcomes: Outcomes
    detection: DetectionReport | None = None
    pointing: PointingReport | None = None
    counting: CountingReport | None = None
    temporal: TemporalReport | None = None
    average_precision: AveragePrecisionReport | None = None
    keypoints: KeypointReport | None = None
    #: The same over images whose answer could be read.
    readable: EvaluationReport | None = None
    #: By the name of a field, then by its value.
    slices: dict[str, dict[str, EvaluationReport]] = {}
    #: What the other predictions are called, and each metric of these (first) and the others (second), by name.
    compared_with: str | None = None
    comparison: dict[str, Comparison] = {}
    #: What the answers of the others came to, and what there is to know of them.
    compared_outcomes: Outcomes | None = None
    compared_reading: ReadingReport = NOT_READ
    #: Labels of the two sides that differ in case or in a plural, so that they may be meant to be one.
    similar_labels: tuple[SimilarLabels, ...] = ()
    #: Rows that no task compared, by side and kind.
    not_compared: tuple[NotCompared, ...] = ()
    worst: tuple[WorstImage, ...] = ()
    #: What the metrics derive from, image by image: to join, slice and compare. It is not part of the text forms.
    partial: PartialEvaluation | None = None
    #: The models that were evaluated, with their datasets: to draw curves. They are not part of the text forms.
    models: tuple[EvaluatedModel, ...] = ()

    @property
    def metrics(self) -> dict[str, Estimate]:
        """The metrics of all tasks by name, such as ``f1@0.5``."""
        found: dict[str, Estimate] = {}
        for task in Task:
            part = getattr(self, task.field)
            found |= {} if part is None else part.metrics
        return found

    def compare(self, other: EvaluationReport, *, exchanges: int = 10_000, seed: int = 0) -> EvaluationReport:
        """This report with its comparison with another one; see :func:`compare`."""
        return compare(self, other, exchanges=exchanges, seed=seed)

    def to_json(self) -> str:
        """Indented JSON that :func:`report_schema` describes; what is not defined (NaN) is null."""
        found: dict[str, Any] = {"schema": SCHEMA, "version": VERSION} | msgspec.to_builtins(_without_partial(self))
        text = json.dumps(_defined(found), indent=2, ensure_ascii=False, allow_nan=False)
        return text.encode("utf-8", "backslashreplace").decode()  # a lone surrogate becomes its escape in JSON

    def to_csv(self) -> str:
        """Every metric, a row each; no cell is a formula, and what is not defined is empty."""
        from ..render.report_rows import report_csv  # noqa: TID251 - only delegates, see UPWARD in the tests

        return report_csv(self)

    def to_markdown(self) -> str:
        """The tables for people, for a pull request; nothing in them is markup of its own."""
        from ..render.report_text import report_markdown  # noqa: TID251 - only delegates, see UPWARD in the tests

        return report_markdown(self)

    def to_table(self, width: int | None = None) -> str:
        """The tables for people as plain text, folded to ``width`` characters if it is given."""
        from ..render.report_text import report_table  # noqa: TID251 - only delegates, see UPWARD in the tests

        return report_table(self, width)

    def write_html(
        self, path: str | Path, *, images: str | Path | None = None, join: Join | None = None, title: str | None = None
    ) -> int:
        """Write a page for a browser: metrics, curves, confusion, mistakes, and all answers; how many bytes it has.

        ``path`` is a file that holds everything, or with a slash at its end a new folder; see ``render.write_page``.
        Another model that the report was compared with is beside the first. Raises ``UsageError`` for a report that
        holds no datasets, such as one of shards that were joined.

        Args:
            path: The file, or the folder with a slash at its end.
            images: The folder with the images; without it, shapes are drawn on empty canvases.
            join: The name in that folder of each image that is called otherwise.
            title: Of the page.

        >>> truth = pa.datasets.DatasetBuilder()
        >>> image = truth.add_asset(pa.datasets.DatasetAsset(file_name="a.jpg", width=100, height=100))
        >>> truth.add(image, pa.AnnotationKind.BOX, [(0, 0), (10, 10)], "cat")
        >>> size = pa.evaluate(truth.build(), truth.build()).write_html("report.html")
        >>> Path("report.html").stat().st_size == size
        True
        """
        from ..render.evaluation_page.evaluation_writing import page_size  # noqa: TID251 - only delegates

        return page_size(self, path, images=images, join=join, title=title)

    def plot(self, path: str | Path) -> None:
        """Draw the curves of the models into an image: PNG, SVG or PDF by the suffix; see :func:`metric_curves`."""
        from .curves import metric_curves, plot_curves

        truth = "the truth" if self.truth is None else PurePath(self.truth).name
        plot_curves(metric_curves(self), path, title=f"{counted(self.outcomes.images, 'image')} of {truth}")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, EvaluationReport) and self.to_json() == other.to_json()

    def __ne__(self, other: object) -> bool:  # that of a Struct compares identities
        return not self == other

    __hash__ = None  # type: ignore[assignment]

    def __str__(self) -> str:
        return self.to_table()

    def __repr__(self) -> str:
        parts = [counted(self.outcomes.images, "image")]
        for task in Task:
            report = getattr(self, task.field)
            metrics: dict[str, Estimate] = {} if report is None else report.metrics
            name = next((name for name in metrics if name.startswith(_FIRST[task])), None)
            if name is not None:
                parts.append(f"{task.value} {name} {metrics[name].value:.3f}")
        return f"<EvaluationReport: {'; '.join(parts)}>"

    def _repr_html_(self) -> str:
        """Its tables and remarks, for notebooks."""
        from ..render.notebook.report_card import report_card  # noqa: TID251 - only delegates, see UPWARD in the tests

        return report_card(self)

    def _repr_markdown_(self) -> str:
        return self.to_markdown()


#: The metric by which a task is summed up.
_FIRST = {
    Task.DETECTION: "f1@",
    Task.POINTING: "point_f1",
    Task.COUNTING: "count_exact",
    Task.TEMPORAL: "r1@",
    Task.AVERAGE_PRECISION: "ap",
    Task.KEYPOINTS: "keypoint_ap",
}


def compare(
    first: EvaluationReport, second: EvaluationReport, *, exchanges: int = 10_000, seed: int = 0
) -> EvaluationReport:
    """The report ``first`` with how much each metric of ``second`` differs, by name, with a test of significance.

    Both must be evaluated on the same images, tasks and thresholds, as :func:`evaluate` returns them; with ``compare=``
    it does all of this itself. The interval of the difference, second less first, comes from how much it varies between
    images, ``p_value`` from a paired randomisation test: a difference as large comes about in that share of random
    exchanges of the two answers about each image. Average precision, of keypoints too, is not compared, because it is
    not a sum over images. Raises ``UsageError`` if the two do not fit.

    Args:
        first: The report that the other is compared with.
        second: The other report.
        exchanges: How many random exchanges.
        seed: Which ones.

    >>> truth, missing = pa.datasets.DatasetBuilder(), pa.datasets.DatasetBuilder()
    >>> for number in range(8):
    ...     for builder in (truth, missing):
    ...         asset = pa.datasets.DatasetAsset(file_name=f"{number}.jpg", width=100, height=100)
    ...         image = builder.add_asset(asset)
    ...     truth.add(image, pa.AnnotationKind.BOX, [(0, 0), (10, 10)], "cat")
    >>> bad, good = (pa.evaluate(found.build(), truth.build(), tasks=["detection"]) for found in (missing, truth))
    >>> recall = compare(bad, good).comparison["recall@0.5"]
    >>> recall.difference.value, recall.p_value < 0.05
    (1.0, True)
    """
    parts = [_part_of(report) for report in (first, second)]
    if parts[0].images != parts[1].images:
        raise UsageError("compare evaluations of the same images, thresholds and tasks")
    ones, others = (part.metrics() for part in parts)
    return structs.replace(
        first,
        compared_with=second.predictions,
        comparison=compare_metrics(ones, others, images=parts[0].images, exchanges=exchanges, seed=seed),
        compared_outcomes=second.outcomes,
        compared_reading=second.reading,
        models=first.models[:1] + second.models[:1],
    )


def _part_of(report: EvaluationReport) -> PartialEvaluation:
    """What a comparison needs of a report. Raises ``UsageError`` if it is not there."""
    if not isinstance(report, EvaluationReport):
        raise UsageError(
            f"compare() takes two reports of evaluate(), not a {type(report).__name__}: "
            "evaluate(predictions, truth, compare=other) compares predictions"
        )
    if report.partial is None:
        raise UsageError("compare reports that evaluate() returned: this one holds no results of single images")
    return report.partial


def _without_partial(report: EvaluationReport) -> EvaluationReport:
    """The report as it is written."""
    return structs.replace(
        report,
        partial=None,
        models=(),
        reading=_one(report.reading),
        compared_reading=_one(report.compared_reading),
        readable=None if report.readable is None else _without_partial(report.readable),
        slices={
            field: {value: _without_partial(part) for value, part in values.items()}
            for field, values in report.slices.items()
        },
    )


def _one(reading: ReadingReport) -> ReadingReport:
    """The same; what says nothing is the one object that is left out of JSON."""
    return NOT_READ if reading == NOT_READ else reading


def _defined(value: Any) -> Any:
    """Plain values with None for numbers that are not defined."""
    if isinstance(value, dict):
        return {key: _defined(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_defined(each) for each in value]
    return None if isinstance(value, float) and not isfinite(value) else value


def report_schema() -> dict[str, Any]:
    """The JSON schema of ``EvaluationReport.to_json()``, as it stands in the package.

    >>> report_schema()["properties"]["version"]
    {'const': 3}
    """
    found: dict[str, Any] = msgspec.json.decode(files(__package__).joinpath("report.schema.json").read_bytes())
    return found
