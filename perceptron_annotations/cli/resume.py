"""``convert --resume``: answers to a folder of parts, one for each span of the inputs; a run goes on where one ended.

A part is named by its file and its first byte, takes its place when it is whole, and then gets its line in the
manifest. Parts whose input has not changed are skipped. What changed is done again, and what killed runs left is
removed.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import closing, nullcontext
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from .. import __version__
from ..completions.shard_names import answer_shards
from ..errors import FileError, UsageError
from ..file_spans import FileSpan
from ..files import STANDARD, encode_json, system_errors
from ..frames import Frame
from ..outputs import append_alone, remove_written, write_whole
from ..problems import Problem, refuse_no_answers
from ..table.answer_spans import split_files
from ..table.parquet_files import stored_rows, write_row_groups
from ..table.stored_rows import StoredRows, row_groups_of
from ..temporaries import remove_all_left_over
from ..visible_text import visible
from ..worker_pool import WorkerDiedError, results_in_order
from .answer_readers import TableReader
from .console import console
from .convert import AnswerOptions
from .converted_outputs import DatasetOptions
from .format_words import AnswerFormat, format_from
from .inputs import recognised, rejected
from .problem_table import ProblemTable
from .resume_manifest import Fingerprint, Manifest, Part, part_name

#: Bytes of a span, and answers of a row group.
PART_BYTES, ROW_GROUP = 2**26, 20_000


class _Work(NamedTuple):
    """A span that is to become a part of a folder."""

    span: FileSpan
    folder: str
    read: TableReader[StoredRows]


def refuse_for_parts(output: str | None, to: str | None, answers: AnswerOptions, options: DatasetOptions) -> None:
    """Raise ``UsageError`` for what parts of answers do not allow."""
    if output is not None:
        raise UsageError("--resume names the folder that is written: leave out --output")
    is_parquet = to is None or format_from(to) is AnswerFormat.PARQUET
    if not is_parquet or not options.is_default or answers.given(of_dataset=True):
        raise UsageError(
            "--resume writes whole answers in parquet: leave out other formats and options of datasets, and convert "
            "the folder when it is done"
        )


def convert_parts(inputs: Sequence[str], folder: str, *, from_: str | None, answers: AnswerOptions, jobs: int) -> bool:
    """Write the parts that are not there yet, and print what is in all of them; whether nothing was wrong."""
    if STANDARD in inputs:
        raise UsageError("standard input cannot be read again: name files, for --resume to go on with")
    target = Path(folder)
    manifest = Manifest(target, _told(answers))
    files = [path for name in inputs for path in _files(name, from_)]
    with system_errors("write", folder):
        target.mkdir(exist_ok=True)
    with append_alone(manifest.path):
        spans = split_files(files, PART_BYTES)
        kept = _kept(manifest, spans)
        _sweep(target, manifest, [*kept, *_of_others(manifest, files)])
        try:
            _make([span for span in spans if part_name(span) not in kept], target, manifest, answers, jobs)
        finally:
            remove_all_left_over(target)
    parts = [manifest.parts[part_name(span)] for span in spans]
    return _report(inputs, folder, parts, len(kept), len(manifest.parts) - len(parts), answers.rejects)


def _told(answers: AnswerOptions) -> dict[str, str]:
    """The options that decide what is in a part."""
    how = answers.how
    given = {"--mode": how.mode.value, "--frame": str(how.frame or Frame.GRID), "--key": answers.key or ""}
    dialect = {} if how.dialect is None else {"--dialect": repr(how.dialect)}  # with all that it declares
    return {"version": __version__} | given | dialect


def _files(name: str, from_: str | None) -> Iterator[str]:
    """The files of answers that an input stands for. Raises ``UsageError`` for a dataset."""
    for shard in answer_shards(name):
        path = os.fspath(shard)
        with recognised(path, from_) as found:
            if found.format is not None:
                raise UsageError(f"{path} is a dataset ({found.format.value}), and --resume is for answers")
        yield path


def _kept(manifest: Manifest, spans: Sequence[FileSpan]) -> set[str]:
    """The names of the parts that are whole, and whose input has not changed."""
    folder, kept = manifest.path.parent, set()
    for span in spans:
        part = manifest.parts.get(part_name(span))
        if part is None or (part.stop, part.first_line) != (span.stop, span.first_line):
            continue
        if (not part.answers or (folder / part.name).is_file()) and part.input.is_of(span):
            kept.add(part.name)
    return kept


def _of_others(manifest: Manifest, files: Sequence[str]) -> list[str]:
    """The parts of files that are not among the inputs of this run; they stay."""
    return [part.name for part in manifest.parts.values() if part.path not in files]


def _sweep(folder: Path, manifest: Manifest, kept: Sequence[str]) -> None:
    """Forget the parts that are done again, and remove them and what killed runs left."""
    manifest.keep(kept)
    remove_all_left_over(folder)
    for path in folder.glob("part-*.parquet"):
        if path.name not in kept:
            remove_written(path)


def _make(spans: Sequence[FileSpan], folder: Path, manifest: Manifest, answers: AnswerOptions, jobs: int) -> None:
    """Write the parts of some spans."""
    read = TableReader(stored_rows, answers.how, answers.key, texts=True, size=ROW_GROUP)
    works = [_Work(span, os.fspath(folder), read) for span in spans]
    try:
        with closing(results_in_order(_written, works, processes=jobs)) as parts:
            for part in parts:
                manifest.add(part)
    except WorkerDiedError as died:
        raise FileError(
            f"cannot read all of the inputs: each process that read a part was ended ({died}). If memory is short, use "
            "fewer of them (--jobs)"
        ) from None


def _written(work: _Work) -> Iterator[Part]:
    """Write a part, in this process or in a worker. A span without answers has no file."""
    span, problems = work.span, list[Problem]()
    before = Fingerprint.of(span)
    made = work.read(span, on_problem=problems.append)
    first, unsound = next(made, None), 0
    answers = 0
    if first is not None:

        def rows() -> Iterator[StoredRows]:
            nonlocal answers, unsound
            for each in chain([first], made):
                answers, unsound = answers + each.answers, unsound + each.unsound
                yield each.value

        write_row_groups(row_groups_of(rows(), ROW_GROUP), Path(work.folder) / part_name(span))
    yield Part(
        path=span.path,
        start=span.start,
        stop=span.stop,
        first_line=span.first_line,
        input=before,
        answers=answers,
        unsound=unsound,
        problems=problems,
    )


def _report(
    inputs: Sequence[str], folder: str, parts: Sequence[Part], kept: int, others: int, rejects: str | None
) -> bool:
    """Print what is in the parts of the inputs; whether nothing was wrong."""
    problems, count = ProblemTable(), 0
    with write_whole(rejects) if rejects is not None else nullcontext() as sink:
        for problem in chain.from_iterable(part.problems for part in parts):
            problems(problem)
            if problem.raw:
                count += 1
                if sink is not None:
                    sink.write(encode_json(rejected(problem)) + b"\n")
    answers = sum(part.answers for part in parts)
    refuse_no_answers(answers, problems.first, *inputs)
    out = console()
    out.print(visible(f"{folder}: {answers} answers in {len(parts)} parts; {count} lines held no answer"))
    if kept:
        out.print(f"{kept} parts were there already")
    if others:
        out.print(f"{others} parts of files that are not among the inputs stay")
    problems.print(out)
    return not (len(problems) or any(part.unsound for part in parts))
