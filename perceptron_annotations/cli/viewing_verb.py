"""The verb ``view``, with its options and an example."""

from __future__ import annotations

from ..markup.document import Mode
from ..outputs import refuse_nesting, refuse_overwriting
from . import options as opt
from . import view_options as view_opt
from .exit_status import finish
from .frame_option import frame_from


def view(
    inputs: view_opt.Inputs,
    output: view_opt.Output,
    images: view_opt.Images = None,
    truth: view_opt.Truth = None,
    compare: view_opt.Compare = None,
    iou: view_opt.Overlap = 0.5,
    title: view_opt.Title = None,
    from_: opt.PredictionFormat = None,
    truth_from: opt.TruthFormat = None,
    label_map: opt.LabelMapFile = None,
    ignore_case: opt.IgnoreCase = False,
    singular: opt.Singular = False,
    fps: opt.FrameRate = None,
    mode: opt.ModeOption = Mode.LENIENT,
    frame: opt.FrameOption = None,
    dialect: opt.DialectOption = None,
    key: opt.Key = None,
    join: opt.Join = None,
    strict: opt.Strict = False,
) -> None:
    """Write answers as a page to look through: images, words and issues side by side.

    The page opens in any browser without a server or a network.

    Example:

    \b
    perceptron-annotations view answers.jsonl --images photos -o report.html
    perceptron-annotations view small.jsonl --compare large.jsonl --truth coco.json --images photos -o report.html
    """
    from ..datasets.lists import as_join
    from ..evaluation.evaluation_options import EvaluationOptions
    from ..evaluation.predictions import ReadingOptions
    from . import view as verb
    from .inputs import named_form
    from .option_values import label_map_from

    refuse_overwriting([output], [*inputs, images, truth, compare, label_map, join])
    refuse_nesting(output, [*inputs, truth, compare])
    reading = ReadingOptions(
        mode=mode,
        frame=frame_from(frame),
        dialect=dialect,
        key=key,
        join=as_join(join),
        label_map=label_map_from(label_map, ignore_case=ignore_case, singular=singular),
        fields=verb.SHOWN_FIELDS,
        fps=fps,
        format=named_form(from_),
        truth_format=named_form(truth_from),
    )
    files = verb.Inputs(inputs, truth, compare, images, reading.join, reading)
    options = EvaluationOptions(thresholds=(iou,), temporal_thresholds=(iou,))
    finish(verb.write_view(files, output, title=title, options=options), strict=strict)
