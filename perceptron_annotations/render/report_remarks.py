"""What of an evaluation is said to people in sentences: how answers came out, and what the tables do not say."""

from __future__ import annotations

from collections.abc import Iterator
from math import isnan

from ..datasets.name_joining import WHAT_NEXT
from ..evaluation.answers import Outcome, Outcomes
from ..evaluation.model_names import short_names
from ..evaluation.predictions import ReadingReport
from ..evaluation.report import EvaluationReport
from ..evaluation.similar_labels import SimilarLabels
from ..evaluation.tasks import IouType, Matching, Task
from ..wording import counted

#: What each matching does.
_MATCHINGS = {
    Matching.OPTIMAL: "optimal matching: of predictions without scores as many as possible match",
    Matching.GREEDY: "greedy matching: predictions without scores matched in the order in which they were written",
}


def report_summary(outcomes: Outcomes) -> str:
    """How many images of the truth were answered, and how the answers came out."""
    answered = outcomes.images - outcomes.counts[Outcome.UNANSWERED]
    counts = ", ".join(f"{count} {outcome.value}" for outcome, count in outcomes.counts.items() if count)
    cut_off = "" if isnan(outcomes.cut_off_rate) else f"; {outcomes.cut_off_rate:.1%} cut off"
    share = f" ({answered / outcomes.images:.1%})" if outcomes.images else ""
    found = ", ".join(f"{count} {ending.value}" for ending, count in outcomes.endings.items())
    endings = f"; endings: {found}" if found else ""
    images = counted(outcomes.images, "image")
    return f"answers about {answered} of {images}{share}: {counts or 'none'}{cut_off}{endings}"


def report_remarks(report: EvaluationReport) -> Iterator[str]:
    """What the tables do not say, a sentence each."""
    outcomes = report.outcomes
    if report.detection is not None:
        yield "TP, FP and FN are true positives, false positives and false negatives"
    issues = ", ".join(f"{count} {code.value}" for code, count in outcomes.issues.items())
    if issues:
        yield f"issues in these answers: {issues}"
    first, second = short_names([report.predictions, report.compared_with])
    if report.compared_outcomes is not None:
        yield f"{second}: {report_summary(report.compared_outcomes)}"
    yield from (f"images {each}" for each in outcomes.joined)
    yield from _matching_remarks(report)
    yield from (label_hint(each) for each in report.similar_labels)
    for task in Task:
        part = getattr(report, task.field)
        if part is not None and all(isnan(each.value) for each in part.metrics.values()):
            yield f"{task.value}: neither side has anything to compare"
    for kind in report.not_compared:
        rows = counted(kind.count, f"{kind.kind.name.lower()} row")
        yield f"{kind.reason.meaning}: {rows} of the {kind.side}"
    yield from _image_remarks(outcomes)
    options = report.options
    if options is not None and options.tasks is None and report.detection and report.average_precision is None:
        yield "no average precision: it needs a score for every prediction"
    is_compared = report.compared_outcomes is not None
    yield from _reading_remarks(report.reading, f" of {first}" if is_compared else "")
    yield from _reading_remarks(report.compared_reading, f" of {second}")


def _image_remarks(outcomes: Outcomes) -> Iterator[str]:
    """Images that are not on both sides."""
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


def _reading_remarks(reading: ReadingReport, of_which: str) -> Iterator[str]:
    """What was left out when answers were read, and what became of several answers about one image."""
    if reading.is_consensus:
        yield f"the answers about each image{of_which} are samples: their consensus is evaluated, with scores"
    yield from (f"{loss}{of_which}" for loss in reading.losses)
    yield from (f"{remark}{of_which}" for remark in reading.names.remarks)
    repeated = reading.repeated_images
    if repeated:
        yield (
            f"images with several answers{of_which}: {len(repeated)}, first {repeated[0]}; the annotations of all "
            "are evaluated together, slices take the first answer; --merge takes one, --samples their consensus"
        )


def _matching_remarks(report: EvaluationReport) -> Iterator[str]:
    """How shapes, points and clips were matched, and what was special."""
    detection, pointing = report.detection, report.pointing
    matched = [part for part in (detection, pointing, report.temporal) if part is not None]
    if matched:
        is_polygon = report.options is not None and report.options.iou_type is IouType.POLYGON
        what = "" if detection is None else f"; IoU is that of {'polygons' if is_polygon else 'bounding boxes'}"
        yield f"{_MATCHINGS[matched[0].matching]}{what}"
    greedy = sum(part.greedy_components for part in (detection, pointing) if part is not None)
    if greedy:
        groups = counted(greedy, "group overlaps", "groups overlap")
        yield f"{groups} in so many pairs that their matching was greedy"
    for ignored in [part.ignored for part in matched]:
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
    option, argument = ("--ignore-case", "ignore_case") if labels.differ_in_case else ("--singular", "singular")
    said = f"{labels.predicted!r} is predicted and {labels.true!r} is true"
    return f"{said}: {option} makes them one label (in Python, label_map=LabelMap({argument}=True))"
