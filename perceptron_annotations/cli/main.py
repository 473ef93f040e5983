"""``perceptron-annotations``: the verbs, and the one place where errors become a line and an exit status.

Each verb lives in a file of its own, imported when it runs, so that ``--help`` starts fast.
"""

from __future__ import annotations

import os
import signal
import sys
import warnings
from types import FrameType
from typing import Annotated, NoReturn

import typer

from .. import __version__
from ..datasets.policies import Merge
from ..errors import AnnotationsError
from ..evaluation.tasks import IouType, Task
from ..files import refuse_overwriting
from ..markup.document import Mode
from .options import (
    CountFormat,
    EvaluateFormat,
    Format,
    IgnoreExif,
    Inputs,
    KeyOption,
    Kinds,
    Labels,
    ModeOption,
    Points,
    RateOption,
    RejectsOption,
    SourceOption,
    Target,
)

app = typer.Typer(
    help="Read the answers of grounded vision-language models: as a table, as JSON, as COCO.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

#: Exit statuses: what was asked for is not so (check --strict), and it could not be done.
EXIT_FOUND = 1
EXIT_FAILED = 2
_EXIT_INTERRUPTED = 130
_EXIT_TERMINATED = 143


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"perceptron-annotations {__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Read the answers of grounded vision-language models: as a table, as JSON, as COCO."""


@app.command()
def parse(
    source: Annotated[
        str, typer.Argument(metavar="TEXT|FILE|-", help="An answer, a file that holds one, or - for standard input.")
    ],
    mode: ModeOption = Mode.LENIENT,
    output: Annotated[Format, typer.Option("--format", "-f", help="What to print.")] = Format.TABLE,
    size: Annotated[
        str | None, typer.Option(metavar="WIDTHxHEIGHT", help="Give coordinates in pixels of a picture of this size.")
    ] = None,
    label: Labels = None,
    kind: Kinds = None,
    text: Annotated[
        bool, typer.Option("--text", help="Take the argument as text, even where a file has its name.")
    ] = False,
) -> None:
    """Read one answer and print its annotations and issues."""
    from . import parse as verb
    from .filters import Selection

    verb.run(source, mode=mode, output=output, size=size, selection=Selection.of(label, kind), literal=text)


@app.command()
def convert(
    inputs: Inputs,
    output: Annotated[
        str, typer.Option("--output", "-o", metavar="FILE", help="The file to write; - for standard output.")
    ],
    to: Annotated[
        Target | None, typer.Option("--to", help="The format; by default that of the file name: *.json is coco.")
    ] = None,
    from_: SourceOption = None,
    mode: ModeOption = Mode.LENIENT,
    key: KeyOption = None,
    rejects: RejectsOption = None,
    label: Labels = None,
    kind: Kinds = None,
    points: Annotated[
        Points, typer.Option(help="COCO: points become annotations of one keypoint, or are left out.")
    ] = Points.KEYPOINTS,
    category: Annotated[
        list[str] | None,
        typer.Option("--category", help="The labels, in order; other mentions are left out. May be repeated."),
    ] = None,
    categories: Annotated[
        str | None, typer.Option(metavar="FILE", help="The same from a file: a label a line, or a JSON list.")
    ] = None,
    label_map: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="Mentions that are one label: a CSV file of mention,label or a JSON object."),
    ] = None,
    ignore_case: Annotated[bool, typer.Option("--ignore-case", help="Take Cat and cat as one label.")] = False,
    scale: Annotated[
        str | None,
        typer.Option(metavar="FACTOR", help="The pictures are so many times larger than the recorded ones; or X,Y."),
    ] = None,
    crop: Annotated[
        str | None,
        typer.Option(
            metavar="LEFT,TOP,WIDTH,HEIGHT",
            help="The recorded pictures were cut out at this corner of pictures of this size, after --scale.",
        ),
    ] = None,
    images: Annotated[
        str | None, typer.Option(metavar="FOLDER", help="Read the sizes of pictures that have none from these files.")
    ] = None,
    sizes: Annotated[
        str | None, typer.Option(metavar="FILE", help="Take them from a CSV or JSON file of file_name, width, height.")
    ] = None,
    ignore_exif: IgnoreExif = False,
    merge: Annotated[Merge, typer.Option(help="What becomes of several answers about one picture.")] = Merge.ALL,
    split: Annotated[
        str | None,
        typer.Option(
            metavar="SHARES|FILE", help="Write parts: train=0.8,val=0.2, or a CSV or JSON file of file_name,split."
        ),
    ] = None,
    seed: Annotated[int, typer.Option(help="Which pictures --split draws for each share.")] = 0,
    fps: RateOption = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit with status 2 where the format loses anything.")
    ] = False,
) -> None:
    """Convert recorded answers, or a dataset, to a dataset of another format, and say what was left out.

    What is recorded goes to jsonl and parquet without loss; dataset-jsonl and dataset-parquet hold a dataset. A dataset
    to read is told from its path: a COCO *.json, a folder with data.yaml, with XML files (VOC, or tracks of CVAT) or
    JSON files (LabelMe). --from names its format where the path does not tell.
    """
    from . import convert as verb
    from .filters import Selection

    verb.run(
        inputs,
        output,
        to=to,
        from_=from_,
        mode=mode,
        key=key,
        rejects=rejects,
        options=verb.DatasetOptions(
            selection=Selection.of(label, kind),
            categories=verb.categories_from(category, categories),
            label_map=verb.label_map_from(label_map, ignore_case=ignore_case),
            splits=verb.splits_from(split),
            seed=seed,
            transform=verb.transform_from(scale, crop),
            points=points,
            sizes=verb.sizes_from(images, sizes, ignore_exif=ignore_exif),
            merge=merge,
            fps=fps,
            strict=strict,
            lists=[path for path in (images, sizes, categories, label_map, split) if path is not None],
        ),
    )


@app.command()
def formats() -> None:
    """Print the dataset formats, what each holds, and what it does not."""
    from . import formats as verb

    verb.run()


@app.command()
def inspect(
    input_: Annotated[str, typer.Argument(metavar="DATASET", help="A file or folder of one of the formats.")],
    from_: SourceOption = None,
    images: Annotated[
        str | None, typer.Option(metavar="FOLDER", help="Check the sizes of the pictures against these files.")
    ] = None,
    ignore_exif: IgnoreExif = False,
    fps: RateOption = None,
) -> None:
    """Summarise a dataset: labels, kinds of shapes, sizes, and what is wrong in its files."""
    from . import inspect_dataset as verb
    from .convert import sizes_from

    verb.run(input_, from_=from_, fps=fps, sizes=sizes_from(images, None, ignore_exif=ignore_exif))


@app.command()
def count(
    inputs: Inputs,
    mode: ModeOption = Mode.LENIENT,
    key: KeyOption = None,
    rejects: RejectsOption = None,
    ignore_case: Annotated[bool, typer.Option("--ignore-case", help="Count Cat and cat as one label.")] = False,
    singular: Annotated[bool, typer.Option("--singular", help="Count cats and cat as one label (English).")] = False,
    output: Annotated[CountFormat, typer.Option("--format", "-f", help="What to print.")] = CountFormat.TABLE,
) -> None:
    """Count the labels in recorded answers: objects (a track is one), elements, and answers that have them."""
    from ..ops import LabelMap
    from . import count as verb

    refuse_overwriting([rejects], inputs)
    labels = LabelMap(ignore_case=ignore_case, singular=singular) if ignore_case or singular else None
    verb.run(inputs, mode=mode, key=key, rejects=rejects, labels=labels, output=output)


@app.command()
def dedupe(
    inputs: Inputs,
    output: Annotated[str, typer.Option("--output", "-o", metavar="FILE", help="The Parquet file to write.")],
    iou: Annotated[
        float, typer.Option(min=0, max=1, help="Drop what overlaps an earlier one of its label by more than this.")
    ] = 0.5,
    across_labels: Annotated[
        bool, typer.Option("--across-labels", help="Drop it whatever the earlier one is called.")
    ] = False,
    mode: ModeOption = Mode.LENIENT,
    key: KeyOption = None,
    rejects: RejectsOption = None,
) -> None:
    """Write recorded answers to Parquet without the annotations that repeat another (non-maximum suppression)."""
    from . import dedupe as verb

    refuse_overwriting([output, rejects], inputs)
    verb.run(inputs, output, threshold=iou, by_label=not across_labels, mode=mode, key=key, rejects=rejects)


@app.command()
def evaluate(
    prediction: Annotated[
        str, typer.Argument(metavar="PRED", help="A file of recorded answers, a dataset, or COCO results.")
    ],
    truth: Annotated[
        str, typer.Option(metavar="DATASET", help="The true annotations; formats lists what can be read.")
    ],
    task: Annotated[
        list[Task] | None,
        typer.Option(help="What to evaluate; ap is COCO's average precision. Repeatable. [all that the two allow]"),
    ] = None,
    iou: Annotated[
        list[float] | None, typer.Option(min=0, max=1, help="IoU threshold for a match. Repeatable. [0.5, 0.75]")
    ] = None,
    tiou: Annotated[
        list[float] | None,
        typer.Option(min=0, max=1, help="Temporal IoU threshold for clips. Repeatable. [0.3, 0.5, 0.7]"),
    ] = None,
    iou_type: Annotated[
        IouType, typer.Option("--iou-type", help="Compare bounding boxes, or polygons as they are.")
    ] = IouType.BBOX,
    ignore_case: Annotated[bool, typer.Option("--ignore-case", help="Take Cat and cat as one label.")] = False,
    label_map: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="Mentions that are one label: a CSV file of mention,label or a JSON object."),
    ] = None,
    by: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FIELD",
            help="Metrics for each value of a recorded field, e.g. model or request.temperature, or for each size of "
            "image (size). Repeatable.",
        ),
    ] = None,
    output: Annotated[EvaluateFormat, typer.Option("--format", "-f", help="What to print.")] = EvaluateFormat.TABLE,
    fail_under: Annotated[
        list[str] | None,
        typer.Option(
            metavar="METRIC=VALUE",
            help="Exit with status 1 if METRIC is below VALUE (higher-is-better metrics only), e.g. f1@0.5=0.7.",
        ),
    ] = None,
    compare: Annotated[
        str | None,
        typer.Option(
            metavar="OTHER",
            help="Second set of predictions: report each metric's difference on the same images, with a significance "
            "test.",
        ),
    ] = None,
    curves: Annotated[
        str | None, typer.Option(metavar="FILE", help="Draw curves as PNG, SVG or PDF. Needs the plot extra.")
    ] = None,
    worst: Annotated[int, typer.Option(min=0, help="How many of the images with the most mistakes to list.")] = 5,
    fps: RateOption = None,
    mode: ModeOption = Mode.LENIENT,
    key: KeyOption = None,
) -> None:
    """Compare boxes, polygons, points, clips and counts with the truth, and say what was not read or not answered."""
    from . import evaluate as verb
    from .convert import label_map_from
    from .evaluation_inputs import ReadingOptions

    refuse_overwriting([curves], [prediction, truth, compare, label_map])
    holds = verb.run(
        prediction,
        truth,
        options=verb.Options(
            reading=ReadingOptions(
                mode=mode,
                key=key,
                label_map=label_map_from(label_map, ignore_case=ignore_case),
                fields=by or (),
                fps=fps,
            ),
            tasks=task,
            thresholds=iou or (0.5, 0.75),
            temporal_thresholds=tiou or (0.3, 0.5, 0.7),
            iou_type=iou_type,
            worst=worst,
        ),
        output=output,
        fail_under=fail_under or (),
        other=compare,
        curves_path=curves,
    )
    if not holds:
        raise typer.Exit(EXIT_FOUND)


@app.command()
def check(
    inputs: Inputs,
    strict: Annotated[bool, typer.Option("--strict", help="Exit with status 1 where there are errors.")] = False,
    mode: ModeOption = Mode.LENIENT,
    key: KeyOption = None,
    rejects: RejectsOption = None,
) -> None:
    """Count the outcomes and the issues of recorded answers, each with an example."""
    from . import check as verb

    refuse_overwriting([rejects], inputs)
    if verb.run(inputs, mode=mode, key=key, rejects=rejects) and strict:
        raise typer.Exit(EXIT_FOUND)


def main() -> NoReturn:
    """Run the command line; every expected failure is one line on standard error."""
    signal.signal(signal.SIGTERM, _terminated)
    warnings.showwarning = _warn
    try:
        app()
    except AnnotationsError as error:
        _fail(str(error))
    except BrokenPipeError:  # the reader of our output left, as head does
        _forget_output()
        sys.exit(EXIT_FAILED)
    except OSError as error:  # files have errors of their own, so this is the output itself
        _forget_output()
        _fail(f"cannot read or write {error.filename or 'standard output'}: {error.strerror}")
    except KeyboardInterrupt:
        sys.exit(_EXIT_INTERRUPTED)
    sys.exit(0)


def _terminated(_number: int, _frame: FrameType | None) -> NoReturn:
    """End as on any other error, so that no half-written file stays."""
    sys.exit(_EXIT_TERMINATED)


def _forget_output() -> None:
    """Send what Python still holds of standard output nowhere, so that its end does not fail again."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _warn(message: Warning | str, *_: object, **__: object) -> None:
    from .console import complain

    complain(f"warning: {message}")


def _fail(message: str) -> NoReturn:
    from .console import complain

    complain(f"error: {message}")
    sys.exit(EXIT_FAILED)
