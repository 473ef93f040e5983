"""The options of ``evaluate``: files of predictions and of the truth → a report."""

from __future__ import annotations

from ..datasets.policies import Merge
from ..evaluation.tasks import IouType, Matching
from ..markup.document import Mode
from ..outputs import refuse_overwriting
from . import job_options as job_opt
from . import options as opt
from . import view_options as view_opt
from .exit_status import finish
from .format_words import EvaluateFormat
from .frame_option import frame_from


def evaluate(
    prediction: opt.Predictions,
    truth: opt.Truth,
    from_: opt.PredictionFormat = None,
    truth_from: opt.TruthFormat = None,
    task: opt.TasksOption = None,
    iou: opt.Iou = None,
    tiou: opt.TemporalIou = None,
    iou_type: opt.IouTypeOption = IouType.BBOX,
    matching: opt.MatchingOption = Matching.OPTIMAL,
    distance: opt.Distance = None,
    sigmas: opt.Sigmas = None,
    merge: opt.MergeOption = Merge.ALL,
    samples: opt.Samples = False,
    ignore_case: opt.IgnoreCase = False,
    singular: opt.Singular = False,
    label_map: opt.LabelMapFile = None,
    by: opt.By = None,
    output: opt.EvaluateOutput = EvaluateFormat.TABLE,
    fail_under: opt.FailUnder = None,
    fail_over: opt.FailOver = None,
    compare: opt.Compare = None,
    curves: opt.Curves = None,
    html: opt.Html = None,
    images: view_opt.Images = None,
    worst: opt.Worst = 5,
    fps: opt.FrameRate = None,
    mode: opt.ModeOption = Mode.LENIENT,
    frame: opt.FrameOption = None,
    dialect: opt.DialectOption = None,
    key: opt.Key = None,
    join: opt.Join = None,
    jobs: job_opt.Jobs = 1,
    strict: opt.Strict = False,
) -> None:
    """Compare predictions with the ground truth.

    Boxes, polygons, points, keypoints, clips and counts are compared; answers that were not read or not given are
    reported.

    Example:

    \b
    perceptron-annotations evaluate answers.jsonl --truth coco.json --fail-under f1@0.5=0.7
    perceptron-annotations evaluate answers.jsonl --truth coco.json --join names.csv
    perceptron-annotations evaluate answers.jsonl --truth coco.json --html report.html --images photos
    """
    from ..datasets.lists import as_join
    from ..evaluation.evaluation_options import EvaluationOptions
    from ..evaluation.predictions import ReadingOptions
    from . import evaluate as verb
    from .inputs import named_form
    from .option_values import label_map_from, sigmas_from

    refuse_overwriting([curves, html], [prediction, truth, compare, images, label_map, join])
    reading = ReadingOptions(
        mode=mode,
        frame=frame_from(frame),
        dialect=dialect,
        key=key,
        join=as_join(join),
        label_map=label_map_from(label_map, ignore_case=ignore_case, singular=singular),
        fields=tuple(by or ()),
        fps=fps,
        merge=merge,
        samples=samples,
        format=named_form(from_),
        truth_format=named_form(truth_from),
    )
    options = EvaluationOptions(
        tasks=None if task is None else tuple(task),
        thresholds=tuple(iou or (0.5, 0.75)),
        temporal_thresholds=tuple(tiou or (0.3, 0.5, 0.7)),
        iou_type=iou_type,
        matching=matching,
        distance=distance,
        sigmas=sigmas_from(sigmas),
    )
    printed = verb.Output(output, worst, curves, html, images, fail_under or (), fail_over or ())
    reached, sound = verb.evaluate_files(verb.Inputs(prediction, truth, compare, reading, jobs), options, printed)
    finish(reached, strict=True)
    finish(sound, strict=strict)
