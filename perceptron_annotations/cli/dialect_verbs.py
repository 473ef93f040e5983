"""``transcode`` and ``doctor``: the verbs about dialects, as they stand on the command line."""

from __future__ import annotations

from typing import Annotated

import typer

from ..markup.document import Mode
from ..outputs import refuse_overwriting
from . import options as opt
from .exit_status import finish

Source = Annotated[
    str, typer.Option("--from", metavar="DIALECT", help="How the answers are written: qwen3-vl, json-yxyx-1000, …")
]
Target = Annotated[
    str, typer.Option("--to", metavar="DIALECT", help="How they are written out; perceptron is our own markup.")
]
Answers = Annotated[str, typer.Option("--output", "-o", metavar="FILE", help="Recordings to write.")]
KnownTruth = Annotated[
    str | None, typer.Option("--truth", metavar="DATASET", help="The ground truth: any dataset format.")
]
Most = Annotated[int, typer.Option("--most", metavar="N", min=1, help="Look at the first N answers.")]


def transcode(
    inputs: opt.Inputs,
    output: Answers,
    from_: Source,
    to: Target,
    mode: opt.ModeOption = Mode.LENIENT,
    key: opt.Key = None,
    images: opt.Images = None,
    sizes: opt.SizesFile = None,
    ignore_exif: opt.IgnoreExif = False,
    rejects: opt.Rejects = None,
    strict: opt.Strict = False,
) -> None:
    """Write recorded answers in the dialect of another model.

    Coordinates are rounded as the target writes them. What it has no form for is left out, and counted.

    Example:

    \b
    perceptron-annotations transcode answers.jsonl --from qwen3-vl --to perceptron -o ours.jsonl
    """
    from .option_values import sizes_from
    from .transcode import write_transcoded

    refuse_overwriting([output, rejects], [*inputs, images, sizes])
    sound = write_transcoded(
        inputs,
        output,
        source=from_,
        target=to,
        mode=mode,
        key=key,
        sizes=sizes_from(images, sizes, ignore_exif=ignore_exif),
        rejects=rejects,
    )
    finish(sound, strict=strict)


def doctor(
    inputs: opt.Inputs,
    truth: KnownTruth = None,
    key: opt.Key = None,
    join: opt.Join = None,
    images: opt.Images = None,
    sizes: opt.SizesFile = None,
    ignore_exif: opt.IgnoreExif = False,
    most: Most = 1000,
    strict: opt.Strict = False,
) -> None:
    """Say which order and scale answers in JSON were written by, or that it cannot be told.

    Nothing is changed: state what you find with --dialect, and better what the prompt asked for.

    Example:

    \b
    perceptron-annotations doctor answers.jsonl --images photos --truth coco.json
    """
    from ..datasets.lists import as_join
    from .doctor import print_diagnosis
    from .option_values import sizes_from

    told = print_diagnosis(
        inputs,
        truth=truth,
        key=key,
        join=as_join(join),
        sizes=sizes_from(images, sizes, ignore_exif=ignore_exif),
        most=most,
    )
    finish(told, strict=strict)
