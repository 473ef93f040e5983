"""``convert``: recorded answers to one file of another format. Each format has a function that writes and reports."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ..completions.documents_jsonl import DocumentRecord, write_documents
from ..datasets.assets import Sizes
from ..datasets.dataset import Dataset
from ..datasets.formats.catalog import FORMATS
from ..datasets.formats.choices import DatasetFormat
from ..datasets.formats.recognition import guess_format, recognise
from ..datasets.formats.registry import rate_option, read_dataset, write_dataset
from ..datasets.image_sizes import sizes_in
from ..datasets.lists import read_label_map, read_labels, read_sizes, read_splits
from ..datasets.policies import Merge
from ..datasets.recording_importer import ImportReport, RecordingImporter
from ..datasets.splits import Splits, split_dataset, split_names
from ..datasets.transform import ImageTransform
from ..datasets.validation import check_sizes
from ..errors import UsageError
from ..files import STANDARD, Source, refuse_overwriting
from ..losses import LossReport
from ..markup.document import Mode
from ..ops.label_counts import LabelMap
from ..visible_text import visible
from .console import console, print_table, progress
from .filters import Selection
from .inputs import open_inputs, open_rejects
from .options import Points, Target
from .problem_table import ProblemTable

if TYPE_CHECKING:
    from rich.console import Console

_BY_SUFFIX = {
    ".json": Target.COCO,
    ".jsonl": Target.JSONL,
    ".ndjson": Target.JSONL,
    ".parquet": Target.PARQUET,
    ".pq": Target.PARQUET,
    ".csv": Target.CSV,
}


#: Formats that have their splits in one folder.
_SPLIT_INSIDE = (Target.YOLO, Target.YOLO_SEGMENT, Target.YOLO_POSE)


class DatasetOptions(NamedTuple):
    """What a dataset takes of the answers, and how; nothing of it is for whole answers."""

    selection: Selection
    categories: Sequence[str] | None
    transform: ImageTransform
    points: Points
    #: What knows the size of a picture by its name.
    sizes: Sizes | None
    merge: Merge
    #: Which mentions are one label.
    label_map: LabelMap | None
    #: Which picture belongs to which part; None for one part.
    splits: Splits | None
    seed: int
    #: The frame rate of videos that have none.
    fps: float | None
    strict: bool
    #: The files and folders that the other options name.
    lists: Sequence[str]

    @property
    def is_default(self) -> bool:
        """Whether nothing was asked for."""
        return (
            self.selection.everything
            and self.categories is None
            and self.label_map is None
            and self.splits is None
            and self.fps is None
            and self.sizes is None
            and self.merge is Merge.ALL
            and self.transform == ImageTransform()
        )

    def of_answers(self) -> list[str]:
        """What was asked for that only recorded answers need."""
        asked = {
            "--merge": self.merge is not Merge.ALL,
            "--scale": self.transform.scale != ImageTransform().scale,
            "--crop": self.transform.crop is not None,
        }
        return [option for option, is_asked in asked.items() if is_asked]


def run(
    inputs: Sequence[str],
    output: str,
    *,
    to: Target | None,
    from_: Target | None,
    mode: Mode,
    key: str | None,
    rejects: str | None,
    options: DatasetOptions,
) -> None:
    """Write ``output`` and say what is in it."""
    target = to or _BY_SUFFIX.get(Path(output).suffix.lower())
    if target is None:
        raise UsageError(f"cannot tell the format of {output}: add --to {', '.join(Target)}")
    refuse_overwriting([*_outputs(output, target, options.splits), rejects], [*inputs, *options.lists])
    out = _report_console(output)
    with _opened(inputs, from_) as (found, opened):
        _convert(out, _Source(opened, mode, key, rejects), found, output, target, options)
    if rejects is not None:
        out.print(visible(f"{rejects}: the lines without an answer"))


def _convert(
    out: Console, source: _Source, found: DatasetFormat | None, output: str, target: Target, options: DatasetOptions
) -> None:
    if target not in (Target.PARQUET, Target.JSONL):
        _to_dataset(out, source, found, output, target, options)
    elif found is not None:
        raise UsageError(
            f"{source.inputs[0]} is a dataset ({found.value}), and {target.value} holds answers: use --to "
            f"dataset-{target.value}, or --from jsonl if it does hold answers"
        )
    elif not options.is_default:
        raise UsageError(
            f"{target.value} holds whole answers, and takes no choice of labels, pictures or places: use --to "
            f"dataset-{target.value} for a dataset"
        )
    elif target is Target.PARQUET:
        _to_parquet(out, source, output)
    else:
        _to_jsonl(out, source, output)


class _Source(NamedTuple):
    """What to read, and how."""

    inputs: Sequence[Source]
    mode: Mode
    key: str | None
    rejects: str | None

    def options(self) -> list[str]:
        """What was asked for that only recorded answers need."""
        asked = {
            "--mode": self.mode is not Mode.LENIENT,
            "--key": self.key is not None,
            "--rejects": self.rejects is not None,
        }
        return [option for option, is_asked in asked.items() if is_asked]


def _to_parquet(out: Console, source: _Source, output: str) -> None:
    from ..table.parquet_files import write_parquet
    from .tables import open_tables

    with open_tables(source.inputs, mode=source.mode, key=source.key, rejects=source.rejects) as tables:
        written = write_parquet(tables, output)
    out.print(visible(f"{output}: {written} responses; {tables.rejected} lines held no answer"))


def _to_jsonl(out: Console, source: _Source, output: str) -> None:
    with open_inputs(source.inputs, key=source.key, rejects=source.rejects) as (recordings, rejected):
        documents = (DocumentRecord.of(recording, mode=source.mode) for recording in recordings)
        written = write_documents(documents, output)
    out.print(visible(f"{output}: {written} documents; {rejected.count} lines held no answer"))


def _to_dataset(
    out: Console, source: _Source, found: DatasetFormat | None, output: str, target: Target, options: DatasetOptions
) -> None:
    if found is None:
        written = _from_answers(out, source, output, target, options)
    elif asked := source.options() + options.of_answers():
        raise UsageError(
            f"{source.inputs[0]} is a dataset ({found.value}), and {', '.join(asked)} is for recorded answers: leave "
            "it out, or add --from jsonl"
        )
    else:
        dataset = _read(out, source.inputs[0], found, options)
        written = _write(_chosen(out, dataset, options), output, target, options)
    for path, report in written:
        told = f"{report.assets} images, {report.objects} annotations, {report.labels} labels"
        out.print(visible(f"wrote {path}: {told}"))
        rows = [(each.count, each.code.meaning, each.example) for each in report.losses]
        print_table(out, f"what {target.value} does not hold", ("count", "what", "first"), rows)
    if options.strict and any(each.report.losses for each in written):
        raise UsageError(f"{output} was written, but it does not hold all, and --strict forbids that")


class _Written(NamedTuple):
    """A file or folder, and what is in it."""

    path: str
    report: LossReport


def _read(out: Console, path: Source, found: DatasetFormat, options: DatasetOptions) -> Dataset:
    problems = ProblemTable()
    dataset = read_dataset(path, found, on_problem=problems, **rate_option(found, options.fps))
    if options.sizes is not None:
        dataset = check_sizes(dataset, options.sizes, on_problem=problems)
    out.print(visible(f"read {path} as {found.value}: {dataset!r}"))
    problems.print(out)
    return dataset


def _chosen(out: Console, dataset: Dataset, options: DatasetOptions) -> Dataset:
    """What is wanted of a dataset, under the labels that are wanted."""
    some = dataset.take(options.selection.rows(dataset.table))
    if options.label_map is not None:
        some = some.relabelled(options.label_map)
    if options.categories is None:
        return some
    listed = some.with_labels(options.categories)
    if len(listed) < len(some):
        out.print(f"{len(some) - len(listed)} rows were left out, for their label is not in the list of labels")
    return listed


def _from_answers(
    out: Console, source: _Source, output: str, target: Target, options: DatasetOptions
) -> list[_Written]:
    """Recorded answers, in shards where the format takes them."""
    importer = RecordingImporter(
        labels=options.categories,
        label_map=options.label_map,
        sizes=options.sizes,
        merge=options.merge,
        transform=options.transform,
        keep=options.selection.rows,
    )
    inputs, mode, key = source.inputs, source.mode, source.key
    with open_rejects(source.rejects) as keep, progress(inputs) as watch:
        streams = FORMATS[DatasetFormat(target.value)].streams
        if streams and options.merge is not Merge.LAST and options.splits is None:
            shards = (
                importer.shards(name, mode=mode, key=key, on_problem=keep, progress=watch(name)) for name in inputs
            )
            written = _write(chain.from_iterable(shards), output, target, options)
        else:
            data, _ = importer.read(inputs, mode=mode, key=key, on_problem=keep, progress=watch(inputs[0]))
            written = _write(data, output, target, options)
    _print_import(out, importer.report)
    return written


def _write(
    dataset: Dataset | Iterable[Dataset], output: str, target: Target, options: DatasetOptions
) -> list[_Written]:
    """One file or folder, or one for each split; YOLO has its splits in one folder."""
    name, splits = DatasetFormat(target.value), options.splits
    own = rate_option(name, options.fps)
    if target is Target.COCO:
        own["points"] = options.points.value
    if splits is None or not isinstance(dataset, Dataset):
        return [_Written(output, write_dataset(dataset, output, name, **own))]
    if target in _SPLIT_INSIDE:
        return [_Written(output, write_dataset(dataset, output, name, splits=splits, seed=options.seed))]
    parts = split_dataset(dataset, splits, seed=options.seed)
    paths = {split: _part_path(output, split) for split in parts}
    standing = [path for path in paths.values() if FORMATS[name].is_folder and Path(path).exists()]
    if standing:
        raise UsageError(f"{standing[0]} exists: name an output whose parts are all new")
    return [_Written(paths[split], write_dataset(part, paths[split], name, **own)) for split, part in parts.items()]


def _outputs(output: str, target: Target, splits: Splits | None) -> list[str]:
    """The files or folders that are written."""
    if splits is None or target in _SPLIT_INSIDE:
        return [output]
    return [_part_path(output, name) for name in split_names(splits)]


def _part_path(output: str, split: str) -> str:
    """Where a part goes: ``out.json`` becomes ``out-train.json``."""
    if output == STANDARD:
        raise UsageError("several parts cannot go to standard output: name an output file")
    path = Path(output)
    return str(path.with_name(f"{path.stem}-{split}{path.suffix}"))


@contextmanager
def _opened(inputs: Sequence[str], from_: Target | None) -> Iterator[tuple[DatasetFormat | None, Sequence[Source]]]:
    """The format as :func:`dataset_format` has it, and the inputs; one that was looked at to tell it is open."""
    if from_ is not None or len(inputs) > 1:
        yield dataset_format(inputs, from_), inputs
        return
    with recognise(inputs[0]) as found:
        yield found.format, [found.source]


def dataset_format(inputs: Sequence[str], from_: Target | None = None) -> DatasetFormat | None:
    """The format of the only input, where it is a dataset or is said to be; None for recorded answers.

    Raises ``UsageError`` where there are several inputs, and one is a dataset.
    """
    if from_ is Target.JSONL:
        return None
    if from_ is Target.PARQUET:
        raise UsageError("whole answers in Parquet are not converted: read them with read_parquet")
    found = [_guessed(path) if from_ is None else DatasetFormat(from_.value) for path in inputs]
    for path, each in zip(inputs, found, strict=True):
        if each is not None and len(inputs) > 1:
            raise UsageError(
                f"{path} is a dataset ({each.value}): convert one at a time, or add --from jsonl if it holds answers"
            )
    return found[0]


def _guessed(path: str) -> DatasetFormat | None:
    try:
        return None if path == STANDARD else guess_format(path)
    except UsageError:
        return None


def _print_import(out: Console, report: ImportReport) -> None:
    outcomes = ", ".join(f"{count} {status.value}" for status, count in report.statuses if count)
    out.print(visible(f"read {report.recordings} answers: {outcomes or 'none'}; {report.truncated} cut off"))
    rows = [(each.count, each.code.meaning, each.example) for each in report.losses]
    print_table(out, "left out", ("count", "what", "first"), rows)
    if report.unplaced:
        out.print(
            f"{report.unplaced} annotations were left out: their image is unknown, or its size (see --images, --sizes)"
        )


def sizes_from(images: str | None, sizes: str | None, *, ignore_exif: bool) -> Sizes | None:
    """What two options say of the sizes of pictures: a folder of them, or a list."""
    if images is not None and sizes is not None:
        raise UsageError("--images and --sizes both say how large pictures are: use one of them")
    if sizes is not None:
        return read_sizes(sizes)
    return None if images is None else sizes_in(images, apply_orientation=not ignore_exif)


def label_map_from(path: str | None, *, ignore_case: bool) -> LabelMap | None:
    """What two options say of the mentions that are one label."""
    if path is None and not ignore_case:
        return None
    return LabelMap(ignore_case=ignore_case, synonyms={} if path is None else read_label_map(path))


def categories_from(named: Sequence[str] | None, path: str | None) -> Sequence[str] | None:
    """What two options say of the labels, in order."""
    if named and path is not None:
        raise UsageError("--category and --categories both list the labels: use one of them")
    return named if path is None else read_labels(path)


def splits_from(text: str | None) -> Splits | None:
    """What ``--split`` says: shares, or a file that lists pictures."""
    if text is None:
        return None
    if Path(text).suffix.lower() in (".csv", ".json"):
        return read_splits(text)
    parts = [part.partition("=") for part in text.split(",")]
    try:
        shares = {name: float(share) for name, _, share in parts}
    except ValueError:
        shares = {}
    if len(shares) < len(parts):
        raise UsageError(f"--split must be like train=0.8,val=0.2, or a CSV or JSON file, not {text!r}")
    return shares


def transform_from(scale: str | None, crop: str | None) -> ImageTransform:
    """What the two options say."""
    factors = (1.0, 1.0) if scale is None else _numbers("--scale", scale, {1, 2}, "FACTOR or X,Y")
    if crop is None:
        return ImageTransform(scale=(factors[0], factors[-1]))
    left, top, width, height = _numbers("--crop", crop, {4}, "LEFT,TOP,WIDTH,HEIGHT")
    return ImageTransform(scale=(factors[0], factors[-1]), crop=(left, top, int(width), int(height)))


def _numbers(option: str, text: str, counts: set[int], wanted: str) -> tuple[float, ...]:
    try:
        numbers = tuple(map(float, text.split(",")))
    except ValueError:
        numbers = ()
    if len(numbers) not in counts or not all(map(isfinite, numbers)):
        raise UsageError(f"{option} must be {wanted}, not {text!r}")
    return numbers


def _report_console(output: str) -> Console:
    """Where the report goes: beside the data, if that is standard output."""
    if output != STANDARD:
        return console()
    from rich.console import Console

    return Console(file=sys.stderr, markup=False, highlight=False, emoji=False)
