"""The options of the verbs, each written once.

Choices that the library offers too are its enums, from modules that import nothing heavy, so that ``--help`` is fast.
"""

from __future__ import annotations

from typing import Annotated, Any

import typer

from ..datasets.formats.choices import PointPolicy
from ..datasets.policies import Merge
from ..evaluation.metric_catalogue import names_for_limits
from ..evaluation.tasks import IouType, Matching, Task
from ..geometry import AnnotationKind
from ..markup.document import Mode
from .format_words import FORMAT_NAMES, CountFormat, EvaluateFormat, Format
from .option_parsers import choice_option, completing, count, number, overlap, threshold, whole_number


def format_option(flag: str, *, help: str) -> Any:  # noqa: A002 - typer's word
    """An option that takes the name of a format."""
    return typer.Option(flag, metavar="FORMAT", autocompletion=completing(FORMAT_NAMES), help=help)


def _dialect_names() -> list[str]:
    """What a shell offers after ``--dialect``."""
    from ..dialects import BY_MODEL, dialect_names

    return [BY_MODEL, *dialect_names()]


# -- what is read ------------------------------------------------------------------------------------------------------

Source = Annotated[
    str,
    typer.Argument(
        metavar="TEXT|FILE|-",
        help="An answer, a file that holds one (its text, or a saved response), or - for standard input.",
    ),
]
AsText = Annotated[bool, typer.Option("--text", help="Read the argument as text, even if a file has this name.")]
Inputs = Annotated[
    list[str],
    typer.Argument(
        metavar="INPUT...",
        help="Files of answers, folders of them or patterns: recordings (JSONL, plain or gzipped, or a stream), or "
        "what convert wrote of them (jsonl, parquet); - for standard input.",
        show_default=False,
    ),
]
AnyInputs = Annotated[
    list[str],
    typer.Argument(
        metavar="INPUT...",
        help="Files of answers, folders of them or patterns (recordings, or what convert wrote of them), or one "
        "dataset (a file or a folder).",
    ),
]
DatasetInput = Annotated[str, typer.Argument(metavar="DATASET", help="A file or folder in one of the formats.")]
Predictions = Annotated[
    str,
    typer.Argument(metavar="PREDICTIONS", help="A file of answers or a folder of them, a dataset, or COCO results."),
]
Truth = Annotated[str, typer.Option("--truth", metavar="DATASET", help="The ground truth: any dataset format.")]
ReadFormat = Annotated[
    str | None,
    format_option(
        "--from", help="Format of the input, if it does not tell: jsonl or parquet for answers, or a dataset format."
    ),
]
PredictionFormat = Annotated[
    str | None,
    format_option(
        "--from",
        help="Format of the predictions, also of those of --compare, if they do not tell: jsonl or parquet for "
        "answers, or a dataset format.",
    ),
]
TruthFormat = Annotated[
    str | None,
    format_option("--truth-from", help="Format of the ground truth, if it does not tell."),
]
ModeOption = Annotated[
    Mode,
    choice_option(
        "--mode",
        choices=Mode,
        help="How to read answers: lenient reports errors, strict stops at the first one, salvage also repairs some.",
    ),
]
FrameOption = Annotated[
    str | None,
    typer.Option(
        "--frame",
        metavar="unit|sent|WIDTHxHEIGHT",
        help="What coordinates count, if not the 0-1000 grid: the unit square, pixels of the image as it was sent "
        "(whose size is recorded), or pixels of an image of that size.",
    ),
]
DialectOption = Annotated[
    str | None,
    typer.Option(
        "--dialect",
        metavar="NAME",
        autocompletion=_dialect_names,
        help="How another model writes, such as qwen3-vl or json-xyxy-1000 (see the verb dialects); by-model for that "
        "of the model recorded with each answer.",
    ),
]
Key = Annotated[
    str | None,
    typer.Option(
        "--key", metavar="FIELD", help="Field that names the image of an answer, e.g. request.metadata.image."
    ),
]
Join = Annotated[
    str | None,
    typer.Option(
        "--join",
        metavar="FILE",
        help="Which image each key or name means, if the names do not tell: a CSV file with key,file_name (or "
        'custom_id,image and the like), or a JSON object such as {"q0": "a.jpg"}.',
    ),
]
FrameRate = Annotated[
    float | None,
    typer.Option(
        "--fps", metavar="N", parser=number, help="Frame rate to assume for videos whose file does not state one."
    ),
]

# -- what is chosen ----------------------------------------------------------------------------------------------------

Labels = Annotated[
    list[str] | None,
    typer.Option("--label", metavar="LABEL", help="Only annotations with this label. Repeatable."),
]
Kinds = Annotated[
    list[AnnotationKind] | None,
    choice_option("--kind", choices=AnnotationKind, help="Only annotations of this kind. Repeatable."),
]
Categories = Annotated[
    list[str] | None,
    typer.Option(
        "--category", metavar="LABEL", help="The labels of the dataset, in order; others are left out. Repeatable."
    ),
]
CategoryFile = Annotated[
    str | None,
    typer.Option("--categories", metavar="FILE", help="File with the labels in order: one per line, or a JSON list."),
]
LabelMapFile = Annotated[
    str | None,
    typer.Option(
        "--label-map",
        metavar="FILE",
        help='Labels to merge: a CSV file with the columns mention,label, or a JSON object such as {"kitty": "cat"}.',
    ),
]
IgnoreCase = Annotated[bool, typer.Option("--ignore-case", help="Treat Cat and cat as one label.")]
Singular = Annotated[bool, typer.Option("--singular", help="Treat cats and cat as one label (English).")]

# -- images ------------------------------------------------------------------------------------------------------------

Images = Annotated[
    str | None,
    typer.Option("--images", metavar="FOLDER", help="Folder with the images, to read sizes that were not recorded."),
]
SizesFile = Annotated[
    str | None,
    typer.Option("--sizes", metavar="FILE", help="CSV or JSON file with image sizes: file_name, width, height."),
]
IgnoreExif = Annotated[
    bool, typer.Option("--ignore-exif", help="With --images: sizes as stored, without the EXIF rotation.")
]
CopyImages = Annotated[
    bool,
    typer.Option("--copy-images", help="Copy the images of --images to where the format has them: YOLO, VOC, LabelMe."),
]
LinkImages = Annotated[
    bool, typer.Option("--link-images", help="Like --copy-images, but with symbolic links to the images.")
]
TrackIds = Annotated[
    bool,
    typer.Option(
        "--track-ids", help="Take a number that ends the mention of a track for its id: vehicle_1 is vehicle."
    ),
]
Scale = Annotated[
    str | None,
    typer.Option(
        "--scale",
        metavar="FACTOR",
        help="Scale from the recorded image to the dataset's image: one factor, or X,Y.",
    ),
]
Crop = Annotated[
    str | None,
    typer.Option(
        "--crop",
        metavar="LEFT,TOP,WIDTH,HEIGHT",
        help="Recorded images are crops: LEFT,TOP is the crop's corner in an original of WIDTH x HEIGHT pixels "
        "(applied after --scale).",
    ),
]

# -- what is written ---------------------------------------------------------------------------------------------------

Output = Annotated[
    str,
    typer.Option("--output", "-o", metavar="PATH", help="The file or folder to write; - for standard output."),
]
ParquetOutput = Annotated[str, typer.Option("--output", "-o", metavar="FILE", help="The Parquet file to write.")]
WriteFormat = Annotated[
    str | None,
    format_option(
        "--to",
        help="Format to write (see the verb formats), or jsonl or parquet for whole answers. By default from the "
        "file name: *.json is coco, *.csv csv, *.jsonl jsonl, *.parquet parquet.",
    ),
]
Rejects = Annotated[
    str | None, typer.Option("--rejects", metavar="FILE", help="Write the lines without an answer here, as JSONL.")
]
PointsOption = Annotated[
    PointPolicy,
    choice_option(
        "--points", choices=PointPolicy, help="COCO: write points as objects with one keypoint, or omit them."
    ),
]
MergeOption = Annotated[
    Merge,
    choice_option("--merge", choices=Merge, help="Which answers to keep if several are about one image."),
]
Split = Annotated[
    str | None,
    typer.Option(
        "--split",
        metavar="SHARES|FILE",
        help="Write parts: shares such as train=0.8,val=0.2, or a CSV or JSON file with file_name,split.",
    ),
]
Seed = Annotated[int, typer.Option("--seed", metavar="N", parser=whole_number, help="Seed of the random --split.")]
Strict = Annotated[
    bool,
    typer.Option(
        "--strict",
        help="Exit with status 1 if there is a problem in the input, a loss in the output, or an answer that is "
        "partial, unreadable or cut off. What is written stays the same.",
    ),
]

# -- evaluation --------------------------------------------------------------------------------------------------------

TasksOption = Annotated[
    list[Task] | None,
    choice_option(
        "--task",
        choices=Task,
        metavar="TASK",
        help=f"What to evaluate: {', '.join(Task)}. Repeatable. [default: what applies]",
    ),
]
Iou = Annotated[
    list[float] | None,
    typer.Option(
        "--iou",
        metavar="IOU",
        parser=threshold,
        help="IoU threshold for a match, above 0 and at most 1. Repeatable. [default: 0.5, 0.75]",
    ),
]
TemporalIou = Annotated[
    list[float] | None,
    typer.Option(
        "--tiou",
        metavar="IOU",
        parser=threshold,
        help="Temporal IoU threshold for clips, above 0 and at most 1. Repeatable. [default: 0.3, 0.5, 0.7]",
    ),
]
IouTypeOption = Annotated[
    IouType,
    choice_option("--iou-type", choices=IouType, help="Compare bounding boxes, or polygons as they are."),
]
MatchingOption = Annotated[
    Matching,
    choice_option(
        "--matching",
        choices=Matching,
        help="Match as many as possible, whatever the order of the answer, or each prediction in its turn.",
    ),
]
Distance = Annotated[
    float | None,
    typer.Option(
        "--distance",
        metavar="PIXELS",
        parser=number,
        help="Points match points of the ground truth that are at most so far away.",
    ),
]
Sigmas = Annotated[
    str | None,
    typer.Option(
        "--sigmas",
        metavar="N,N,…",
        help="Spread of each keypoint, relative to the size of the object. [default: COCO's for 17 keypoints, else 1 "
        "by their number]",
    ),
]
Samples = Annotated[
    bool,
    typer.Option(
        "--samples",
        help="Several answers about an image are samples: evaluate their consensus, with the share that agrees as "
        "score. Not for points.",
    ),
]
By = Annotated[
    list[str] | None,
    typer.Option(
        "--by",
        metavar="FIELD",
        help="Report slices by a recorded field, such as model or request.temperature, or by size (of the image). "
        "Repeatable.",
    ),
]
FailUnder = Annotated[
    list[str] | None,
    typer.Option(
        "--fail-under",
        metavar="METRIC=VALUE",
        help="Exit with status 1 if METRIC is below VALUE, e.g. f1@0.5=0.7 (the higher-is-better ones: "
        f"{', '.join(names_for_limits(are_errors=False))}). Repeatable.",
    ),
]
FailOver = Annotated[
    list[str] | None,
    typer.Option(
        "--fail-over",
        metavar="METRIC=VALUE",
        help="Exit with status 1 if METRIC is above VALUE, e.g. count_mae=2 (the errors: "
        f"{', '.join(names_for_limits(are_errors=True))}; of a bias its size). Repeatable.",
    ),
]
Compare = Annotated[
    str | None,
    typer.Option(
        "--compare",
        metavar="PREDICTIONS",
        help="Second set of predictions: report each metric's difference on the same images, with a significance test.",
    ),
]
Curves = Annotated[
    str | None,
    typer.Option("--curves", metavar="FILE", help="Plot curves into this PNG, SVG or PDF file. Needs the extra plot."),
]
Html = Annotated[
    str | None,
    typer.Option(
        "--html",
        metavar="FILE|FOLDER/",
        help="Write the report as a page for a browser: metrics, curves, confusion, mistakes and all answers. With a "
        "slash at its end a new folder, which opens faster if there are more than a thousand answers.",
    ),
]
Worst = Annotated[int, typer.Option("--worst", metavar="N", parser=count, help="Number of worst images to list.")]

# -- what is printed ---------------------------------------------------------------------------------------------------

ParseFormat = Annotated[
    Format,
    choice_option("--format", "-f", choices=Format, help="What to print."),
]
CountOutput = Annotated[
    CountFormat,
    choice_option("--format", "-f", choices=CountFormat, help="What to print."),
]
EvaluateOutput = Annotated[
    EvaluateFormat,
    choice_option("--format", "-f", choices=EvaluateFormat, help="What to print."),
]
PixelSize = Annotated[
    str | None,
    typer.Option("--size", metavar="WIDTHxHEIGHT", help="Print pixel coordinates for an image of this size."),
]
Threshold = Annotated[
    float,
    typer.Option(
        "--iou",
        metavar="IOU",
        parser=overlap,
        help="Drop an annotation that overlaps an earlier one by more than this.",
    ),
]
AcrossLabels = Annotated[bool, typer.Option("--across-labels", help="Also drop duplicates whose labels differ.")]
