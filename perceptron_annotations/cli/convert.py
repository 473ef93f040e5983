"""``convert``: recorded answers to one file of another format. Each format has a function that writes and reports."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ..completions.recordings import Recording, Reject
from ..datasets.dataset import Dataset
from ..datasets.gather import GatherReport, SizeOf, gather
from ..datasets.jsonl import DocumentRecord, write_documents
from ..datasets.placement import Placement
from ..datasets.registry import DatasetFormat, guess_format, read_dataset, write_dataset
from ..datasets.reports import LossReport, Tally
from ..datasets.sizes import read_sizes, sizes_in
from ..errors import UsageError
from ..files import STANDARD
from ..markup.document import Mode
from .console import console, print_table, visible
from .inputs import open_inputs
from .options import Merge, Points, Target
from .selection import Selection

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


class DatasetOptions(NamedTuple):
    """What a dataset takes of the answers, and how; nothing of it is for whole answers."""

    selection: Selection
    categories: Sequence[str] | None
    placement: Placement
    points: Points
    #: What knows the size of a picture by its name.
    sizes: SizeOf | None
    merge: Merge
    strict: bool

    @property
    def is_default(self) -> bool:
        """Whether nothing was asked for."""
        return self.selection.everything and self.categories is None and self.placement == Placement()


def run(
    inputs: Sequence[str],
    output: str,
    *,
    to: Target | None,
    mode: Mode,
    key: str | None,
    rejects: str | None,
    options: DatasetOptions,
) -> None:
    """Write ``output`` and say what is in it."""
    target = to or _BY_SUFFIX.get(Path(output).suffix.lower())
    if target is None:
        raise UsageError(f"cannot tell the format of {output}: add --to {', '.join(Target)}")
    out = _report_console(output)
    source = _Source(inputs, mode, key, rejects)
    if target not in (Target.PARQUET, Target.JSONL):
        _to_dataset(out, source, output, target, options)
    elif not options.is_default:
        raise UsageError(
            f"{target.value} holds whole answers: use --label, --kind, --category, --scale and --crop with --to coco"
        )
    elif target is Target.PARQUET:
        _to_parquet(out, source, output)
    else:
        _to_jsonl(out, source, output)
    if rejects is not None:
        out.print(visible(f"{rejects}: the lines without an answer"))


class _Source(NamedTuple):
    """What to read, and how."""

    inputs: Sequence[str]
    mode: Mode
    key: str | None
    rejects: str | None


def _to_parquet(out: Console, source: _Source, output: str) -> None:
    from ..table.arrow import write_parquet
    from .tables import open_tables

    with open_tables(source.inputs, mode=source.mode, key=source.key, rejects=source.rejects) as tables:
        written = write_parquet(tables, output)
    out.print(visible(f"{output}: {written} responses; {tables.rejected} lines held no answer"))


def _to_jsonl(out: Console, source: _Source, output: str) -> None:
    with open_inputs(source.inputs, key=source.key, rejects=source.rejects) as recordings:
        counted = _Counted(recordings, source.mode)
        written = write_documents(counted, output)
    out.print(visible(f"{output}: {written} documents; {counted.rejected} lines held no answer"))


def _to_dataset(out: Console, source: _Source, output: str, target: Target, options: DatasetOptions) -> None:
    dataset = _dataset_of(out, source, options)
    own = {"points": options.points.value} if target is Target.COCO else {}
    report = write_dataset(dataset, output, DatasetFormat(target.value), **own)
    out.print(visible(f"wrote {output}: {report.assets} images, {report.objects} annotations, {report.labels} labels"))
    rows = [(each.count, each.reason.value, each.example) for each in report.losses]
    print_table(out, f"what {target.value} does not hold", ("count", "what", "first"), rows)
    if options.strict:
        _refuse_loss(report, output)


def _dataset_of(out: Console, source: _Source, options: DatasetOptions) -> Dataset:
    """A dataset that stands in a file or folder of a known format, or the one that recorded answers make."""
    found = dataset_format(source.inputs)
    if found is not None:
        problems = Tally()
        dataset = read_dataset(source.inputs[0], found, problems=problems)
        out.print(visible(f"read {source.inputs[0]} as {found.value}: {dataset!r}"))
        rows = [(each.count, each.reason.value, each.example) for each in problems.counted()]
        print_table(out, "problems", ("count", "what", "first"), rows)
        return dataset.take(options.selection.rows(dataset.table))
    with open_inputs(source.inputs, key=source.key, rejects=source.rejects) as recordings:
        gathered = gather(
            recordings,
            mode=source.mode,
            labels=options.categories,
            sizes=options.sizes,
            merge=options.merge.value,
            placement=options.placement,
            keep=options.selection.rows,
        )
    _print_gathered(out, gathered.report)
    return gathered.dataset


def dataset_format(inputs: Sequence[str]) -> DatasetFormat | None:
    """The format of the only input, where it is a dataset; None for recorded answers."""
    if len(inputs) != 1 or inputs[0] == STANDARD:
        return None
    try:
        return guess_format(inputs[0])
    except UsageError:
        return None


def _refuse_loss(report: LossReport, output: str) -> None:
    if report.losses:
        raise UsageError(f"{output} was written, but it does not hold all, and --strict forbids that")


def _print_gathered(out: Console, report: GatherReport) -> None:
    outcomes = ", ".join(f"{count} {status.value}" for status, count in report.statuses if count)
    out.print(visible(f"read {report.recordings} answers: {outcomes or 'none'}; {report.truncated} cut off"))
    rows = [(omitted.count, omitted.reason.value, omitted.example) for omitted in report.omitted]
    print_table(out, "left out", ("count", "what", "first"), rows)
    if report.unplaced:
        out.print(f"{report.unplaced} annotations could not be placed, for want of a picture with a size")


def sizes_from(images: str | None, sizes: str | None, *, ignore_exif: bool) -> SizeOf | None:
    """What two options say of the sizes of pictures: a folder of them, or a list."""
    if images is not None and sizes is not None:
        raise UsageError("--images and --sizes both say how large pictures are: use one of them")
    if sizes is not None:
        return read_sizes(sizes).get
    return None if images is None else sizes_in(images, apply_orientation=not ignore_exif)


def placement_from(scale: str | None, crop: str | None) -> Placement:
    """What the two options say."""
    factors = (1.0, 1.0) if scale is None else _numbers("--scale", scale, {1, 2}, "FACTOR or X,Y")
    if crop is None:
        return Placement(scale=(factors[0], factors[-1]))
    left, top, width, height = _numbers("--crop", crop, {4}, "LEFT,TOP,WIDTH,HEIGHT")
    return Placement(scale=(factors[0], factors[-1]), crop=(left, top, int(width), int(height)))


def _numbers(option: str, text: str, counts: set[int], wanted: str) -> tuple[float, ...]:
    try:
        numbers = tuple(map(float, text.split(",")))
    except ValueError:
        numbers = ()
    if len(numbers) not in counts:
        raise UsageError(f"{option} must be {wanted}, not {text!r}")
    return numbers


def _report_console(output: str) -> Console:
    """Where the report goes: beside the data, if that is standard output."""
    if output != STANDARD:
        return console()
    from rich.console import Console

    return Console(file=sys.stderr, markup=False, highlight=False, emoji=False)


class _Counted:
    """The documents of recordings, while it counts the rejects between them."""

    def __init__(self, recordings: Iterator[Recording | Reject], mode: Mode) -> None:
        self.rejected = 0
        self._recordings = recordings
        self._mode = mode

    def __iter__(self) -> Iterator[DocumentRecord]:
        for recording in self._recordings:
            if isinstance(recording, Reject):
                self.rejected += 1
            else:
                yield DocumentRecord.of(recording, mode=self._mode)
