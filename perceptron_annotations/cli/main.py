"""``perceptron-annotations``: the verbs, each with its options and an example.

A verb lives in a file of its own, imported when it runs, so that ``--help`` starts fast.
"""

from __future__ import annotations

import platform
import sys
from typing import Annotated, NoReturn

import typer

from .. import __version__
from ..datasets.formats.choices import PointPolicy
from ..datasets.policies import Merge
from ..errors import UsageError
from ..limits import limits_from, use_limits
from ..markup.document import Mode
from ..outputs import refuse_overwriting
from . import job_options as job_opt
from . import options as opt
from .asking_verbs import ask, consensus
from .dialect_verbs import doctor, transcode
from .evaluating_verb import evaluate
from .exit_status import finish as _finish
from .format_words import CountFormat, Format
from .frame_option import reading_from
from .guard import DEBUG, LIMIT, run
from .help_pages import Verb, Verbs
from .viewing_verb import view

app = typer.Typer(
    cls=Verbs,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)


def _print_version(wanted: bool) -> None:
    if wanted:
        from ..markup.backend import backend

        typer.echo(f"perceptron-annotations {__version__} ({backend} parser, Python {platform.python_version()})")
        raise typer.Exit


def _use_limits(context: typer.Context, texts: list[str] | None) -> list[str] | None:
    context.with_resource(use_limits(**limits_from(texts or ())))
    return texts


@app.callback()
def options(
    version: Annotated[
        bool,
        typer.Option(
            "--version", "-V", callback=_print_version, is_eager=True, help="Print the version, and which parser runs."
        ),
    ] = False,
    debug: Annotated[bool, typer.Option(DEBUG, help="Show the traceback of an error; works with any verb.")] = False,
    limit: Annotated[
        list[str] | None,
        typer.Option(
            LIMIT,
            metavar="NAME=NUMBER",
            callback=_use_limits,
            help="Change a limit of what is read, such as xml_bytes=1000000000; works with any verb.",
        ),
    ] = None,
) -> None:
    """Turn answers of grounded vision-language models into geometry, datasets and metrics.

    Start with: perceptron-annotations check answers.jsonl
    """


@app.command(cls=Verb)
def parse(
    source: opt.Source,
    mode: opt.ModeOption = Mode.LENIENT,
    frame: opt.FrameOption = None,
    dialect: opt.DialectOption = None,
    output: opt.ParseFormat = Format.TABLE,
    size: opt.PixelSize = None,
    label: opt.Labels = None,
    kind: opt.Kinds = None,
    text: opt.AsText = False,
    strict: opt.Strict = False,
) -> None:
    """Print the annotations and issues of one answer.

    Example:

    \b
    perceptron-annotations parse '<point mention="cup"> (500,250) </point>' --size 640x480
    """
    from .filters import Selection
    from .parse import print_answer

    sound = print_answer(
        source,
        how=reading_from(mode, frame, dialect),
        output=output,
        size=size,
        selection=Selection.of(label, kind),
        literal=text,
    )
    _finish(sound, strict=strict)


@app.command(cls=Verb)
def check(
    inputs: opt.Inputs,
    mode: opt.ModeOption = Mode.LENIENT,
    frame: opt.FrameOption = None,
    dialect: opt.DialectOption = None,
    key: opt.Key = None,
    rejects: opt.Rejects = None,
    jobs: job_opt.Jobs = 1,
    strict: opt.Strict = False,
) -> None:
    """Count outcomes and issues of recorded answers.

    Example:

    \b
    perceptron-annotations check answers.jsonl --strict
    """
    from .check import print_check

    refuse_overwriting([rejects], inputs)
    sound = print_check(inputs, how=reading_from(mode, frame, dialect), key=key, rejects=rejects, jobs=jobs)
    _finish(sound, strict=strict)


@app.command(cls=Verb)
def convert(
    inputs: opt.AnyInputs,
    output: job_opt.ConvertOutput = None,
    resume: job_opt.Resume = None,
    to: opt.WriteFormat = None,
    from_: opt.ReadFormat = None,
    mode: opt.ModeOption = Mode.LENIENT,
    frame: opt.FrameOption = None,
    dialect: opt.DialectOption = None,
    key: opt.Key = None,
    join: opt.Join = None,
    rejects: opt.Rejects = None,
    label: opt.Labels = None,
    kind: opt.Kinds = None,
    points: opt.PointsOption = PointPolicy.KEYPOINTS,
    category: opt.Categories = None,
    categories: opt.CategoryFile = None,
    label_map: opt.LabelMapFile = None,
    ignore_case: opt.IgnoreCase = False,
    scale: opt.Scale = None,
    crop: opt.Crop = None,
    images: opt.Images = None,
    sizes: opt.SizesFile = None,
    ignore_exif: opt.IgnoreExif = False,
    copy_images: opt.CopyImages = False,
    link_images: opt.LinkImages = False,
    track_ids: opt.TrackIds = False,
    merge: opt.MergeOption = Merge.ALL,
    split: opt.Split = None,
    seed: opt.Seed = 0,
    fps: opt.FrameRate = None,
    jobs: job_opt.Jobs = 1,
    strict: opt.Strict = False,
) -> None:
    """Convert answers or a dataset to another format.

    jsonl and parquet keep whole answers, losslessly; dataset-jsonl and dataset-parquet keep a dataset. The format of
    the input is detected from what it holds; override it with --from.

    Example:

    \b
    perceptron-annotations convert answers.jsonl --to yolo -o dataset --images photos --split train=0.8,val=0.2
    perceptron-annotations convert answers.jsonl -o coco.json --images photos --join names.csv
    perceptron-annotations convert recordings --resume parts --jobs 8
    """
    from ..datasets.lists import as_join
    from . import convert as verb
    from . import option_values as values
    from .converted_outputs import DatasetOptions
    from .filters import Selection

    known = values.sizes_from(images, sizes, ignore_exif=ignore_exif)
    answers = verb.AnswerOptions(
        reading_from(mode, frame, dialect, known),
        key,
        as_join(join) if join is not None else None,
        rejects,
        merge,
        values.transform_from(scale, crop),
    )
    options = DatasetOptions(
        selection=Selection.of(label, kind),
        categories=values.categories_from(category, categories),
        label_map=values.label_map_from(label_map, ignore_case=ignore_case),
        splits=values.splits_from(split),
        seed=seed,
        points=points,
        sizes=known,
        fps=fps,
        image_files=values.image_files_from(images, copy=copy_images, link=link_images),
        track_ids=track_ids,
    )
    if resume is not None:
        from .resume import convert_parts, refuse_for_parts

        refuse_for_parts(output, to, answers, options)
        _finish(convert_parts(inputs, resume, from_=from_, answers=answers, jobs=jobs), strict=strict)
        return
    if output is None:
        raise UsageError("--output PATH is missing, or --resume FOLDER (see convert --help)")
    converted = verb.convert_files(
        inputs,
        output,
        to=to,
        from_=from_,
        answers=answers,
        options=options,
        lists=[path for path in (join, sizes, categories, label_map, split) if path is not None],
        images=images,
        jobs=jobs,
    )
    _finish(converted, strict=strict)


@app.command(cls=Verb)
def formats() -> None:
    """List the dataset formats and what each can hold.

    Example:

    \b
    perceptron-annotations formats
    """
    from .formats import print_formats

    print_formats()


@app.command(cls=Verb)
def dialects() -> None:
    """List the ways of writing of other models that --dialect knows.

    Example:

    \b
    perceptron-annotations dialects
    """
    from .dialect_listing import print_dialects

    print_dialects()


@app.command(cls=Verb)
def inspect(
    input_: opt.DatasetInput,
    from_: opt.ReadFormat = None,
    images: opt.Images = None,
    ignore_exif: opt.IgnoreExif = False,
    fps: opt.FrameRate = None,
    strict: opt.Strict = False,
) -> None:
    """Summarise a dataset and its problems.

    With --images the recorded sizes are checked against the image files.

    Example:

    \b
    perceptron-annotations inspect coco.json --images photos
    """
    from .inspect_dataset import print_summary
    from .option_values import sizes_from

    sound = print_summary(input_, from_=from_, fps=fps, sizes=sizes_from(images, None, ignore_exif=ignore_exif))
    _finish(sound, strict=strict)


@app.command(cls=Verb)
def count(
    inputs: opt.Inputs,
    mode: opt.ModeOption = Mode.LENIENT,
    frame: opt.FrameOption = None,
    dialect: opt.DialectOption = None,
    key: opt.Key = None,
    rejects: opt.Rejects = None,
    ignore_case: opt.IgnoreCase = False,
    singular: opt.Singular = False,
    output: opt.CountOutput = CountFormat.TABLE,
    jobs: job_opt.Jobs = 1,
    strict: opt.Strict = False,
) -> None:
    """Count the labels in recorded answers.

    For each label: objects (a track is one), elements, and answers that have it.

    Example:

    \b
    perceptron-annotations count answers.jsonl --ignore-case --singular
    """
    from ..ops import LabelMap
    from .count import print_counts

    refuse_overwriting([rejects], inputs)
    labels = LabelMap(ignore_case=ignore_case, singular=singular) if ignore_case or singular else None
    sound = print_counts(
        inputs,
        how=reading_from(mode, frame, dialect),
        key=key,
        rejects=rejects,
        labels=labels,
        output=output,
        jobs=jobs,
    )
    _finish(sound, strict=strict)


@app.command(cls=Verb)
def dedupe(
    inputs: opt.Inputs,
    output: opt.ParquetOutput,
    iou: opt.Threshold = 0.5,
    across_labels: opt.AcrossLabels = False,
    mode: opt.ModeOption = Mode.LENIENT,
    frame: opt.FrameOption = None,
    dialect: opt.DialectOption = None,
    key: opt.Key = None,
    rejects: opt.Rejects = None,
    strict: opt.Strict = False,
) -> None:
    """Remove repeated annotations from recorded answers.

    Writes the answers to Parquet without annotations that overlap an earlier one of their label (non-maximum
    suppression in the order of the answer).

    Example:

    \b
    perceptron-annotations dedupe answers.jsonl -o unique.parquet --iou 0.7
    """
    from .dedupe import write_unique

    refuse_overwriting([output, rejects], inputs)
    sound = write_unique(
        inputs,
        output,
        threshold=iou,
        by_label=not across_labels,
        how=reading_from(mode, frame, dialect),
        key=key,
        rejects=rejects,
    )
    _finish(sound, strict=strict)


for verb in (evaluate, ask, consensus, view, transcode, doctor):
    app.command(cls=Verb)(verb)


def main() -> NoReturn:
    """Run the command line of this process, and end it with the exit status."""
    sys.exit(run(app, sys.argv[1:]))
