"""A report → its page: sections of the evaluation before the page of all answers."""

from __future__ import annotations

from collections.abc import Callable
from os import PathLike

from ...datasets.lists import Join
from ...errors import UsageError
from ...evaluation.evaluation_options import EvaluationOptions
from ...evaluation.report import EvaluationReport
from ...problems import OnProblem
from ..page.page_writing import PageReport, write_page
from ..report_rows import checked_report
from .evaluation_sections import evaluation_sections
from .sample_images import SampleImages


def write_evaluation(
    report: EvaluationReport,
    output: str | PathLike[str],
    *,
    images: str | PathLike[str] | None = None,
    join: Join | None = None,
    title: str | None = None,
    on_problem: OnProblem | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> PageReport:
    """Write a report as a page for a browser: its sections, and the page of all its answers.

    Raises ``UsageError`` for a report that holds no datasets.

    Args:
        report: What ``evaluate`` returned.
        output: The file, or a new folder with a slash at its end.
        images: The folder with the images.
        join: The name in that folder of each image that is called otherwise.
        title: Of the page.
        on_problem: Called for each image that cannot be read.
        progress: Called with how many images are done, and how many there are.
    """
    models = checked_report(report).models
    if not models:
        raise UsageError("a page is written of a report that evaluate() returned: this one holds no datasets")
    first, others = models[0], models[1:]
    names = [asset.file_name for asset in first.truth.dataset.assets]
    found = evaluation_sections(report, SampleImages(images, join, names))
    return write_page(
        first.predictions,
        output,
        truth=first.truth,
        compare=others[0].predictions if others else None,
        images=images,
        join=join,
        options=report.options or EvaluationOptions(),
        title=title,
        sections=found.sections,
        picks=found.picks,
        on_problem=on_problem,
        progress=progress,
    )


def page_size(
    report: EvaluationReport,
    output: str | PathLike[str],
    *,
    images: str | PathLike[str] | None,
    join: Join | None,
    title: str | None,
) -> int:
    """The same; how many bytes were written. See :meth:`EvaluationReport.write_html`."""
    return write_evaluation(report, output, images=images, join=join, title=title).bytes
