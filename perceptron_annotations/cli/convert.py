"""``convert``: recorded answers or a dataset to a file or folder of another format."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..completions.documents_jsonl import DocumentRecord, write_documents
from ..completions.ending import Ending
from ..datasets.assets import Sizes
from ..datasets.dataset import Dataset
from ..datasets.formats.catalog import FORMATS
from ..datasets.formats.choices import DatasetFormat, PointPolicy
from ..datasets.formats.registry import rate_option, read_dataset, write_dataset
from ..datasets.policies import Merge
from ..datasets.recording_importer import ImportReport, RecordingImporter
from ..datasets.splits import Splits, split_dataset, split_names
from ..datasets.transform import ImageTransform
from ..datasets.validation import check_sizes
from ..errors import InputError, UsageError
from ..files import STANDARD, Source
from ..frames import Frame
from ..losses import Loss, LossCode, LossCounter, LossReport
from ..markup.document import Mode
from ..ops.label_counts import LabelMap
from ..outputs import refuse_nesting, refuse_overwriting, written_together
from ..table.table import AnnotationTable
from ..visible_text import visible
from .console import print_losses, report_console
from .filters import Selection
from .inputs import Reading, open_inputs, recognised
from .options import AnswerFormat, format_from
from .problem_table import ProblemTable

if TYPE_CHECKING:
    from rich.console import Console

_BY_SUFFIX: dict[str, DatasetFormat | AnswerFormat] = {
    ".json": DatasetFormat.COCO,
    ".jsonl": AnswerFormat.JSONL,
    ".ndjson": AnswerFormat.JSONL,
    ".parquet": AnswerFormat.PARQUET,
    ".pq": AnswerFormat.PARQUET,
    ".csv": DatasetFormat.CSV,
}
#: Formats that have their splits in one folder.
_SPLIT_INSIDE = (DatasetFormat.YOLO, DatasetFormat.YOLO_SEGMENT, DatasetFormat.YOLO_POSE)


class AnswerOptions(NamedTuple):
    """How recorded answers are read; nothing of it is for datasets."""

    mode: Mode
    frame: Frame
    key: str | None
    rejects: str | None
    merge: Merge
    #: From recorded images to those of the dataset.
    transform: ImageTransform

    def given(self, *, of_dataset: bool = False) -> list[str]:
        """The options that were given, or those of them that only a dataset made of answers takes."""
        of_reading = {
            "--mode": self.mode is not Mode.LENIENT,
            "--frame": self.frame != Frame.GRID,
            "--key": self.key is not None,
            "--rejects": self.rejects is not None,
        }
        of_making = {
            "--merge": self.merge is not Merge.ALL,
            "--scale": self.transform.scale != ImageTransform().scale,
            "--crop": self.transform.crop is not None,
        }
        asked = of_making if of_dataset else of_reading | of_making
        return [option for option, is_given in asked.items() if is_given]


class DatasetOptions(NamedTuple):
    """What is wanted of a dataset that is written; nothing of it is for whole answers."""

    selection: Selection
    categories: Sequence[str] | None
    points: PointPolicy
    #: What knows the size of an image by its name.
    sizes: Sizes | None
    #: Which labels are one.
    label_map: LabelMap | None
    #: Which image belongs to which part; None for one part.
    splits: Splits | None
    seed: int
    #: The frame rate of videos that do not state one.
    fps: float | None

    @property
    def is_default(self) -> bool:
        """Whether none of them was given."""
        given = (self.categories, self.label_map, self.splits, self.fps, self.sizes)
        return self.selection.everything and all(each is None for each in given)


class Job(NamedTuple):
    """What is to be written, and where."""

    output: str
    target: DatasetFormat | AnswerFormat
    options: DatasetOptions
    #: Where the report is printed.
    out: Console


def convert_files(
    inputs: Sequence[str],
    output: str,
    *,
    to: str | None,
    from_: str | None,
    answers: AnswerOptions,
    options: DatasetOptions,
    lists: Sequence[str],
    images: str | None,
) -> bool:
    """Write ``output`` and print what is in it; whether nothing was wrong and nothing was lost.

    ``lists`` are the files that other options named, and ``images`` is the folder of images.
    """
    target = _BY_SUFFIX.get(Path(output).suffix.lower()) if to is None else format_from(to)
    if target is None:
        raise UsageError(f"cannot tell the format of {output}: add --to {', '.join((*DatasetFormat, *AnswerFormat))}")
    outputs = [*_outputs(output, target, options.splits), answers.rejects]
    refuse_overwriting(outputs, [*inputs, *lists])
    if isinstance(target, DatasetFormat) and FORMATS[target].is_folder:
        for folder in _outputs(output, target, options.splits):
            refuse_nesting(folder, inputs)
    refuse_overwriting([path for path in outputs if path is not None and _is_image(path)], [images])
    job = Job(output, target, options, report_console(output))
    with recognised(inputs[0], from_) as first:
        if first.format is not None:
            _refuse_for_datasets(inputs, first.format, target, answers)
            return _convert_dataset(first.source, first.format, job)
        reads = open_inputs(inputs, key=answers.key, rejects=answers.rejects, first=first.source, from_=from_)
        with reads as reading:
            sound = _convert_answers(reading, answers, job)
    if answers.rejects is not None:
        job.out.print(visible(f"{answers.rejects}: the lines without an answer"))
    return sound


def _is_image(path: str) -> bool:
    return Path(path).suffix.lower() in (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".gif", ".tif", ".tiff")


def _refuse_for_datasets(
    inputs: Sequence[str], found: DatasetFormat, target: DatasetFormat | AnswerFormat, answers: AnswerOptions
) -> None:
    """Raise ``UsageError`` for what only recorded answers allow."""
    if len(inputs) > 1:
        raise UsageError(
            f"{inputs[0]} is a dataset ({found.value}): convert one at a time, or add --from jsonl if it holds answers"
        )
    if isinstance(target, AnswerFormat):
        raise UsageError(
            f"{inputs[0]} is a dataset ({found.value}), and {target.value} holds answers: use --to "
            f"dataset-{target.value}, or --from jsonl if it does hold answers"
        )
    if given := answers.given():
        raise UsageError(
            f"{inputs[0]} is a dataset ({found.value}), and {', '.join(given)} is for recorded answers: leave it out, "
            "or add --from jsonl"
        )


# -- answers -----------------------------------------------------------------------------------------------------------


def _convert_answers(reading: Reading, answers: AnswerOptions, job: Job) -> bool:
    if isinstance(job.target, DatasetFormat):
        return _answers_to_dataset(reading, answers, job)
    if not job.options.is_default or answers.given(of_dataset=True):
        raise UsageError(
            f"{job.target.value} keeps whole answers, so labels, images and sizes cannot be chosen: use --to "
            f"dataset-{job.target.value} for a dataset"
        )
    write = _write_parquet if job.target is AnswerFormat.PARQUET else _write_jsonl
    written = write(reading, answers, job.output)
    job.out.print(visible(f"{job.output}: {written} answers; {len(reading.problems)} lines held no answer"))
    reading.problems.print(job.out)
    return reading.is_sound


def _write_parquet(reading: Reading, answers: AnswerOptions, output: str) -> int:
    from ..table.parquet_files import write_parquet

    return write_parquet(reading.tables(answers.mode, answers.frame), output)


def _write_jsonl(reading: Reading, answers: AnswerOptions, output: str) -> int:
    def records() -> Iterator[DocumentRecord]:
        for recording in reading.recordings():
            record = DocumentRecord.of(recording, mode=answers.mode, frame=answers.frame)
            reading.note_document(record.document, record.ending)
            yield record

    return write_documents(records(), output)


class _Importing:
    """Recorded answers on their way into a dataset, whole or in shards, and how many annotations they have."""

    def __init__(self, reading: Reading, answers: AnswerOptions, options: DatasetOptions) -> None:
        self.rows = 0
        self._reading = reading
        self._mode, self._frame = answers.mode, answers.frame
        self._selection = options.selection
        self._importer = RecordingImporter(
            labels=options.categories,
            label_map=options.label_map,
            sizes=options.sizes,
            merge=answers.merge,
            transform=answers.transform,
            keep=self._keep,
        )

    @property
    def report(self) -> ImportReport:
        """What was read and left out so far."""
        return self._importer.report

    def whole(self) -> Dataset:
        """All of it."""
        reading = self._reading
        watch: Callable[[int], None] | None = None

        def sources() -> Iterator[Source]:
            nonlocal watch
            for source, current in reading.sources():
                watch = current
                yield source

        def tell(position: int) -> None:
            if watch is not None:
                watch(position)

        dataset, report = self._importer.read(
            sources(), mode=self._mode, key=reading.key, on_problem=reading.note, progress=tell, frame=self._frame
        )
        self._finish(report)
        return dataset

    def shards(self) -> Iterator[Dataset]:
        """A part at a time."""
        reading = self._reading
        for source, watch in reading.sources():
            yield from self._importer.shards(
                source,
                mode=self._mode,
                key=reading.key,
                on_problem=reading.note,
                progress=watch,
                frame=self._frame,
            )
        self._finish(self.report)

    def _finish(self, report: ImportReport) -> None:
        self._reading.answers = report.recordings
        self._reading.unsound = report.unsound
        self._reading.finish()

    def _keep(self, table: AnnotationTable) -> NDArray[np.bool_]:
        kept = self._selection.rows(table)
        self.rows += len(table)
        return kept


def _answers_to_dataset(reading: Reading, answers: AnswerOptions, job: Job) -> bool:
    importing = _Importing(reading, answers, job.options)
    streams = (
        FORMATS[DatasetFormat(job.target)].streams and answers.merge is not Merge.LAST and job.options.splits is None
    )
    with written_together():
        written = _write(importing.shards() if streams else importing.whole(), job)
        _refuse_nothing(written, importing.rows, importing.report.losses)
    _print_import(job.out, importing.report)
    reading.problems.print(job.out)
    _print_written(job, written)
    return reading.is_sound and not importing.report.losses and _is_lossless(written)


# -- datasets ----------------------------------------------------------------------------------------------------------


def _convert_dataset(source: Source, found: DatasetFormat, job: Job) -> bool:
    problems = ProblemTable()
    dataset = read_dataset(source, found, on_problem=problems, **rate_option(found, job.options.fps))
    if job.options.sizes is not None:
        dataset = check_sizes(dataset, job.options.sizes, on_problem=problems)
    job.out.print(visible(f"read {source} as {found.value}: {dataset!r}"))
    problems.print(job.out)
    if problems.first is not None and not dataset.assets:
        raise InputError(f"nothing could be read from {source}: {problems.first}")
    chosen, left_out = _chosen(dataset, job.options)
    with written_together():
        written = _write(chosen, job)
        _refuse_nothing(written, len(dataset), left_out)
    print_losses(job.out, "left out", left_out)
    _print_written(job, written)
    return not len(problems) and not left_out and _is_lossless(written)


def _chosen(dataset: Dataset, options: DatasetOptions) -> tuple[Dataset, tuple[Loss, ...]]:
    """What is wanted of a dataset, under the labels that are wanted; and what is not in the list of labels."""
    some = dataset.take(options.selection.rows(dataset.table))
    if options.label_map is not None:
        some = some.relabelled(options.label_map)
    if options.categories is None:
        return some, ()
    listed, losses = some.with_labels(options.categories), LossCounter()
    example = next((label for label in some.labels if label not in options.categories), "")
    losses.add(LossCode.UNLISTED_LABEL, example, len(some) - len(listed))
    return listed, losses.losses


# -- outputs -----------------------------------------------------------------------------------------------------------


class _Written(NamedTuple):
    """A file or folder, and what is in it."""

    path: str
    report: LossReport


def _write(dataset: Dataset | Iterable[Dataset], job: Job) -> list[_Written]:
    """One file or folder, or one for each split."""
    name, splits = DatasetFormat(job.target), job.options.splits
    own = rate_option(name, job.options.fps)
    if name is DatasetFormat.COCO:
        own["points"] = job.options.points
    parts = {job.output: dataset}
    if splits is not None and isinstance(dataset, Dataset):
        if name in _SPLIT_INSIDE:
            own |= {"splits": splits, "seed": job.options.seed}
        else:
            split = split_dataset(dataset, splits, seed=job.options.seed)
            parts = {_part_path(job.output, part): content for part, content in split.items()}
    return [_Written(path, write_dataset(content, path, name, **own)) for path, content in parts.items()]


def _refuse_nothing(written: Sequence[_Written], rows: int, losses: Sequence[Loss]) -> None:
    """Raise ``InputError`` if something was to be written and nothing is."""
    reports = [part.report for part in written]
    has_objects = any(report.objects > 0 for report in reports)
    has_assets = any(report.assets > 0 for report in reports)
    if has_objects or not (rows or losses) or (has_assets and not rows):
        return
    lost = sorted((*losses, *(loss for report in reports for loss in report.losses)), key=lambda loss: -loss.count)
    why = "no annotation is left by --label and --kind"
    if lost:
        why = f"{lost[0].count} x {lost[0].code.meaning}, first {lost[0].example}"
    hint = " (see --sizes and --images)" if any(loss.code is LossCode.MISSING_SIZE for loss in lost) else ""
    raise InputError(f"everything was dropped, so nothing is written: {why}{hint}")


def _outputs(output: str, target: DatasetFormat | AnswerFormat, splits: Splits | None) -> list[str]:
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


def _is_lossless(written: Sequence[_Written]) -> bool:
    return not any(part.report.losses for part in written)


# -- the report --------------------------------------------------------------------------------------------------------


def _print_import(out: Console, report: ImportReport) -> None:
    outcomes = ", ".join(f"{count} {status.value}" for status, count in report.statuses if count)
    others = [f", {count} {ending.value}" for ending, count in report.endings if count and ending is Ending.REFUSAL]
    cut_off = f"{report.truncated} cut off{''.join(others)}"
    out.print(visible(f"read {report.recordings} answers: {outcomes or 'none'}; {cut_off}"))
    print_losses(out, "left out", report.losses)
    if report.unplaced:
        out.print(
            f"{report.unplaced} annotations were dropped because their image or its size is unknown "
            "(see --sizes, --images)"
        )


def _print_written(job: Job, written: Sequence[_Written]) -> None:
    for path, report in written:
        told = f"{report.assets} images, {report.objects} annotations, {report.labels} labels"
        job.out.print(visible(f"wrote {path}: {told}"))
        print_losses(job.out, f"what {job.target.value} does not hold", report.losses)
