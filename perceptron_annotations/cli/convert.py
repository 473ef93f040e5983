"""``convert``: recorded answers to one file of another format. Each format has a function that writes and reports."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ..completions.recordings import Recording, Reject
from ..datasets.coco import CocoReport, PointPolicy, write_coco
from ..datasets.jsonl import DocumentRecord, write_documents
from ..datasets.placement import Placement
from ..errors import UsageError
from ..files import STANDARD
from ..markup.document import Mode
from .console import console, print_table, visible
from .inputs import open_inputs
from .options import Points, Target
from .selection import Selection

if TYPE_CHECKING:
    from rich.console import Console

_BY_SUFFIX = {
    ".json": Target.COCO,
    ".jsonl": Target.JSONL,
    ".ndjson": Target.JSONL,
    ".parquet": Target.PARQUET,
    ".pq": Target.PARQUET,
}


def run(
    inputs: Sequence[str],
    output: str,
    *,
    to: Target | None,
    mode: Mode,
    key: str | None,
    rejects: str | None,
    selection: Selection,
    points: Points,
    categories: Sequence[str] | None,
    scale: str | None,
    crop: str | None,
) -> None:
    """Write ``output`` and say what is in it."""
    target = to or _BY_SUFFIX.get(Path(output).suffix.lower())
    if target is None:
        raise UsageError(f"cannot tell the format of {output}: add --to coco, --to jsonl or --to parquet")
    placement = _placement(scale, crop)
    if target is not Target.COCO and not (selection.everything and categories is None and placement == Placement()):
        raise UsageError(
            f"{target.value} holds whole answers: use --label, --kind, --category, --scale and --crop with --to coco"
        )
    out = _report_console(output)
    source = _Source(inputs, mode, key, rejects)
    if target is Target.PARQUET:
        _to_parquet(out, source, output)
    elif target is Target.JSONL:
        _to_jsonl(out, source, output)
    else:
        _to_coco(out, source, output, selection, PointPolicy(points.value), categories, placement)
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


def _to_coco(
    out: Console,
    source: _Source,
    output: str,
    selection: Selection,
    points: PointPolicy,
    categories: Sequence[str] | None,
    placement: Placement,
) -> None:
    with open_inputs(source.inputs, key=source.key, rejects=source.rejects) as recordings:
        report = write_coco(
            recordings,
            output,
            mode=source.mode,
            points=points,
            categories=categories,
            keep=selection,
            placement=placement,
        )
    _print_coco(out, report, output)


def _placement(scale: str | None, crop: str | None) -> Placement:
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


def _print_coco(out: Console, report: CocoReport, output: str) -> None:
    outcomes = ", ".join(f"{count} {status.value}" for status, count in report.statuses if count)
    out.print(visible(f"read {report.recordings} answers: {outcomes or 'none'}; {report.truncated} cut off"))
    out.print(
        visible(
            f"wrote {output}: {report.images} images, {report.annotations} annotations, {report.categories} categories"
        )
    )
    rows = [(omitted.count, omitted.reason.value, omitted.example) for omitted in report.omitted]
    print_table(out, "left out", ("count", "what", "first"), rows)
    for count, what in (
        (report.unplaced, "annotations could not be placed, for want of a picture with a size"),
        (report.outside_picture, "annotations reach beyond their picture and were written as they are"),
        (report.without_area, "annotations enclose no area and were written as they are"),
    ):
        if count:
            out.print(f"{count} {what}")
