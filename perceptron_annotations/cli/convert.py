"""``convert``: recorded answers or a dataset to a file or folder of another format."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..completions.answer_reading import AnswerReading
from ..completions.ending import Ending
from ..datasets.dataset import Dataset
from ..datasets.formats.catalog import FORMATS
from ..datasets.formats.choices import DatasetFormat
from ..datasets.formats.registry import rate_option, read_dataset, size_option
from ..datasets.import_report import ImportReport
from ..datasets.media_suffixes import IMAGE_SUFFIXES
from ..datasets.policies import Merge
from ..datasets.recording_importer import SHARD_SIZE, RecordingImporter
from ..datasets.transform import ImageTransform
from ..errors import InputError, UsageError
from ..files import Source
from ..losses import Loss, LossCode, LossCounter
from ..outputs import refuse_nesting, refuse_overwriting, write_whole, written_together
from ..table.recorded_table import RecordedTable, joined
from ..table.table import AnnotationTable
from ..visible_text import visible
from .console import print_losses, report_console
from .converted_outputs import (
    DatasetOptions,
    Job,
    is_lossless,
    output_paths,
    print_written,
    refuse_nothing,
    write_parts,
)
from .filters import Selection
from .format_words import AnswerFormat, format_from
from .inputs import Reading, open_inputs, recognised
from .named_images import with_images
from .problem_table import ProblemTable

if TYPE_CHECKING:
    from rich.console import Console

#: Mentions of tracks that are printed.
_SHOWN = 5
_BY_SUFFIX: dict[str, DatasetFormat | AnswerFormat] = {
    ".json": DatasetFormat.COCO,
    ".jsonl": AnswerFormat.JSONL,
    ".ndjson": AnswerFormat.JSONL,
    ".parquet": AnswerFormat.PARQUET,
    ".pq": AnswerFormat.PARQUET,
    ".csv": DatasetFormat.CSV,
}


class AnswerOptions(NamedTuple):
    """How recorded answers are read; nothing of it is for datasets."""

    how: AnswerReading
    key: str | None
    #: Which image each key or name means; of a dataset, too.
    join: Mapping[str, str] | None
    rejects: str | None
    merge: Merge
    #: From recorded images to those of the dataset.
    transform: ImageTransform

    def given(self, *, of_dataset: bool = False) -> list[str]:
        """The options that were given, or those of them that only a dataset made of answers takes."""
        of_reading = {
            **{f"--{name}": True for name in self.how.stated},
            "--key": self.key is not None,
            "--rejects": self.rejects is not None,
        }
        of_making = {
            "--merge": self.merge is not Merge.ALL,
            "--scale": self.transform.scale != ImageTransform().scale,
            "--crop": self.transform.crop is not None,
        }
        asked = of_making | {"--join": self.join is not None} if of_dataset else of_reading | of_making
        return [option for option, is_given in asked.items() if is_given]


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
    jobs: int = 1,
) -> bool:
    """Write ``output`` and print what is in it; whether nothing was wrong and nothing was lost.

    ``lists`` are the files that other options named, and ``images`` is the folder of images.
    """
    target = _BY_SUFFIX.get(Path(output).suffix.lower()) if to is None else format_from(to)
    if target is None:
        raise UsageError(f"cannot tell the format of {output}: add --to {', '.join((*DatasetFormat, *AnswerFormat))}")
    outputs = [*output_paths(output, target, options.splits), answers.rejects]
    refuse_overwriting(outputs, [*inputs, *lists])
    if isinstance(target, DatasetFormat) and FORMATS[target].is_folder:
        for folder in output_paths(output, target, options.splits):
            refuse_nesting(folder, inputs)
    refuse_overwriting([path for path in outputs if path is not None and _is_image(path)], [images])
    job = Job(output, target, options, report_console(output))
    with recognised(inputs[0], from_) as first:
        if first.format is not None:
            _refuse_for_datasets(inputs, first.format, target, answers)
            return _convert_dataset(first.source, first.format, answers.join, job)
        reads = open_inputs(inputs, key=answers.key, rejects=answers.rejects, first=first, from_=from_, jobs=jobs)
        with reads as reading:
            sound = _convert_answers(reading, answers, job)
    if answers.rejects is not None:
        job.out.print(visible(f"{answers.rejects}: the lines without an answer"))
    return sound


def _is_image(path: str) -> bool:
    return Path(path).suffix.lower() in IMAGE_SUFFIXES


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
    job.out.print(visible(f"{job.output}: {written} answers; {reading.rejected} lines held no answer"))
    reading.problems.print(job.out)
    return reading.is_sound


def _write_parquet(reading: Reading, answers: AnswerOptions, output: str) -> int:
    from ..table.parquet_files import stored_rows, write_row_groups
    from ..table.stored_rows import row_groups_of

    stored = reading.batches(stored_rows, answers.how, texts=True)
    return write_row_groups(chain.from_iterable(row_groups_of(each, SHARD_SIZE) for each in stored), output)


def _write_jsonl(reading: Reading, answers: AnswerOptions, output: str) -> int:
    with write_whole(output) as stream:
        for lines in reading.lines(answers.how):
            stream.write(lines)
    return reading.answers


class _Importing:
    """Recorded answers on their way into a dataset, whole or in shards, and how many annotations they have."""

    def __init__(self, reading: Reading, answers: AnswerOptions, options: DatasetOptions) -> None:
        #: Annotations that were read, and those of them that were chosen.
        self.rows = self.chosen = 0
        self._reading = reading
        self._how = answers.how
        self._selection = options.selection
        self._importer = RecordingImporter(
            labels=options.categories,
            label_map=options.label_map,
            sizes=options.sizes,
            join=answers.join,
            merge=answers.merge,
            transform=answers.transform,
            keep=self._keep,
            track_ids=options.track_ids,
        )

    @property
    def report(self) -> ImportReport:
        """What was read and left out so far."""
        return self._importer.report

    def whole(self) -> Dataset:
        """All of it."""
        return self._importer.add_batch(joined(list(self._tables(sys.maxsize))))

    def shards(self) -> Iterator[Dataset]:
        """A part at a time."""
        return map(self._importer.add_batch, self._tables(SHARD_SIZE))

    def _tables(self, size: int) -> Iterator[RecordedTable]:
        return self._reading.tables(self._how, size=size)

    def _keep(self, table: AnnotationTable) -> NDArray[np.bool_]:
        kept = self._selection.rows(table)
        self.rows += len(table)
        self.chosen += int(kept.sum())
        return kept


def _answers_to_dataset(reading: Reading, answers: AnswerOptions, job: Job) -> bool:
    importing = _Importing(reading, answers, job.options)
    streams = (
        FORMATS[DatasetFormat(job.target)].streams and answers.merge is not Merge.LAST and job.options.splits is None
    )
    with written_together():
        written = write_parts(importing.shards() if streams else importing.whole(), job)
        _refuse_no_choice(importing.rows, importing.chosen, job.options.selection)
        refuse_nothing(written, importing.chosen, importing.report.losses, importing.report.names)
    _print_import(job.out, importing.report)
    reading.problems.print(job.out)
    print_written(job, written)
    return reading.is_sound and not importing.report.losses and is_lossless(written)


# -- datasets ----------------------------------------------------------------------------------------------------------


def _convert_dataset(source: Source, found: DatasetFormat, join: Mapping[str, str] | None, job: Job) -> bool:
    problems = ProblemTable()
    if job.options.track_ids:
        raise UsageError(
            f"{source} is a dataset ({found.value}), and --track-ids is for recorded answers: leave it out"
        )
    own = rate_option(found, job.options.fps) | size_option(found, job.options.sizes)
    dataset = read_dataset(source, found, on_problem=problems, **own)
    dataset, remarks = with_images(dataset, job.options.sizes, join, problems)
    job.out.print(visible(f"read {source} as {found.value}: {dataset!r}"))
    for remark in remarks:
        job.out.print(visible(remark))
    problems.print(job.out)
    if problems.first is not None and not dataset.assets:
        raise InputError(f"nothing could be read from {source}: {problems.first}")
    chosen, left_out = _chosen(dataset, job.options)
    _refuse_no_choice(len(dataset), len(chosen) + sum(loss.count for loss in left_out), job.options.selection)
    with written_together():
        written = write_parts(chosen, job)
        refuse_nothing(written, len(dataset), left_out)
    print_losses(job.out, "left out", left_out)
    print_written(job, written)
    return not len(problems) and not left_out and is_lossless(written)


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


def _refuse_no_choice(rows: int, chosen: int, selection: Selection) -> None:
    """Raise ``InputError`` if there are annotations, and ``--label`` and ``--kind`` leave none of them."""
    if rows and not chosen:
        raise InputError(f"none of {rows} annotations is left by {selection}: count or inspect shows what there is")


# -- the report --------------------------------------------------------------------------------------------------------


def _print_import(out: Console, report: ImportReport) -> None:
    outcomes = ", ".join(f"{count} {status.value}" for status, count in report.statuses if count)
    others = [f", {count} {ending.value}" for ending, count in report.endings if count and ending is Ending.REFUSAL]
    cut_off = f"{report.truncated} cut off{''.join(others)}"
    out.print(visible(f"read {report.recordings} answers: {outcomes or 'none'}; {cut_off}"))
    print_losses(out, "left out", report.losses)
    for remark in report.names.remarks:
        out.print(visible(remark))
    if report.track_labels:
        changes = ", ".join(f"{each.mention} is {each.label} ({each.count})" for each in report.track_labels[:_SHOWN])
        more = f" and {len(report.track_labels) - _SHOWN} more" if len(report.track_labels) > _SHOWN else ""
        out.print(visible(f"mentions of tracks that are ids: {changes}{more}"))
    if report.unplaced:
        out.print(
            f"{report.unplaced} annotations were dropped because their image or its size is unknown "
            "(see --sizes, --images)"
        )
