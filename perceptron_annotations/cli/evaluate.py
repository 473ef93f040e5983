"""``evaluate``: recorded answers, or a dataset, against the truth."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ..evaluation.evaluation import evaluate
from ..evaluation.evaluation_options import EvaluationOptions
from ..evaluation.metric_limits import Limit
from ..evaluation.predictions import Predictions, ReadingOptions, Truth, read_predictions, read_truth
from ..evaluation.report import EvaluationReport
from .console import complain, progress
from .format_words import EvaluateFormat
from .inputs import tell_of_standard_input
from .print_evaluation import print_report
from .problem_table import ProblemTable
from .view import told


class Inputs(NamedTuple):
    """The files that are evaluated, and how they are read."""

    predictions: str
    truth: str
    #: The predictions of another model.
    compare: str | None
    reading: ReadingOptions
    #: How many processes read them beside each other.
    jobs: int


class Output(NamedTuple):
    """What is printed, drawn and judged."""

    format: EvaluateFormat
    #: How many of the worst images are shown.
    worst: int
    #: The image that curves are drawn into.
    curves: str | None
    #: The page that is written, and the folder with its images.
    html: str | None
    images: str | None
    #: Each ``METRIC=VALUE``.
    fail_under: Sequence[str]
    fail_over: Sequence[str]


class Verdict(NamedTuple):
    """What the exit status depends on."""

    #: Every metric of ``--fail-under`` is high enough, and of ``--fail-over`` low enough.
    reached: bool
    #: Nothing was wrong in what was read, and every image of the truth and of the predictions is on both sides.
    is_sound: bool


def evaluate_files(inputs: Inputs, options: EvaluationOptions, output: Output) -> Verdict:
    """Print the report, and judge it."""
    limits = [
        *(Limit.of("--fail-under", text, is_error=False) for text in output.fail_under),
        *(Limit.of("--fail-over", text, is_error=True) for text in output.fail_over),
    ]
    problems: list[ProblemTable] = []
    truth = _truth(inputs, problems)
    tell_of_standard_input([inputs.predictions, inputs.compare], inputs.jobs)
    model = _predictions(inputs.predictions, truth, inputs, problems)
    other = None if inputs.compare is None else _predictions(inputs.compare, truth, inputs, problems)
    report = evaluate(
        model,
        truth,
        compare=other,
        by=inputs.reading.fields,
        worst=output.worst,
        tasks=options.tasks,
        thresholds=options.thresholds,
        temporal_thresholds=options.temporal_thresholds,
        iou_type=options.iou_type,
        matching=options.matching,
        distance=options.distance,
        sigmas=options.sigmas,
    )
    broken = [reason for limit in limits if (reason := limit.broken(report)) is not None]
    if output.curves is not None:
        report.plot(output.curves)
    if output.html is not None:
        _write_page(report, output.html, output.images, inputs.reading, problems)
    print_report(report, output.format)
    for reason in broken:
        complain(reason)
    return Verdict(not broken, _is_sound(report) and not any(map(len, problems)))


def _write_page(
    report: EvaluationReport, path: str, images: str | None, reading: ReadingOptions, problems: list[ProblemTable]
) -> None:
    """Write the page, and say on standard error how large it is, since the report goes to standard output."""
    from ..render.evaluation_page.evaluation_writing import write_evaluation

    problems.append(ProblemTable())
    written = write_evaluation(report, path, images=images, join=reading.join, on_problem=problems[-1])
    problems[-1].complain(images or path)
    for note in written.notes:
        complain(note)
    complain(told(written))


def _truth(inputs: Inputs, problems: list[ProblemTable]) -> Truth:
    problems.append(ProblemTable())
    truth = read_truth(inputs.truth, inputs.reading, on_problem=problems[-1])
    problems[-1].complain(inputs.truth)
    return truth


def _predictions(path: str, truth: Truth, inputs: Inputs, problems: list[ProblemTable]) -> Predictions:
    problems.append(ProblemTable())
    with progress([path]) as watch:
        found = read_predictions(
            path, truth, inputs.reading, on_problem=problems[-1], progress=watch(path), processes=inputs.jobs
        )
    problems[-1].complain(path)
    return found


def _is_sound(report: EvaluationReport) -> bool:
    """Whether every answer could be read whole and placed, and every image is on both sides."""
    outcomes = [each for each in (report.outcomes, report.compared_outcomes) if each is not None]
    return not (
        any(each.unknown_images or each.unanswered_images or each.ambiguous_images for each in outcomes)
        or any(each.unsound or each.losses for each in (report.reading, report.compared_reading))
    )
