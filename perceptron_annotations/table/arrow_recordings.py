"""Files of recorded answers → batches of Arrow that have all that a later step needs, for engines that read by file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from ..completions.answer_files import AnswerForm, answer_file
from ..completions.answer_reading import AnswerDialect
from ..files import InputFile, Source, open_input
from ..frames import Frame
from ..markup.document import Mode, ModeName
from ..problems import Problem
from .arrow_layouts import PLACES, PROBLEM, ArrowLayout, laid_out, recordings_schema
from .arrow_schema import pa
from .read import BATCH_SIZE, iter_recorded
from .recorded_columns import recorded_to_arrow
from .recorded_table import RecordedTable

if TYPE_CHECKING:
    from pyarrow import RecordBatch


def read_arrow(
    source: Source,
    *,
    layout: ArrowLayout = "plain",
    mode: Mode | ModeName = Mode.LENIENT,
    key: str | None = None,
    frame: Frame | None = None,
    dialect: AnswerDialect | None = None,
    batch_size: int = BATCH_SIZE,
) -> Iterator[RecordBatch]:
    r"""The recorded answers of a file, or of a span of one, as batches of Arrow with ``recordings_schema(layout)``.

    A row is an answer, or a problem: what :func:`read_table` tells ``on_problem`` comes as a row whose ``problem`` is
    not null, so that no engine loses it, and whose other columns are null. ``id`` is unique over all files: of an
    answer it has the file, the line and the choice (``answers.jsonl:12#0``), whether the file was read whole or in
    spans. With ``problem`` null, the rows are what ``write_parquet`` stores of recordings: ``from_arrow`` takes them,
    and so do datasets and evaluation once they are in Parquet. Raises ``FileError`` if the file cannot be opened.

    >>> from pathlib import Path
    >>> _ = Path("one.jsonl").write_text('{"key": "a.jpg", "text": "<point> (1,2) </point>"}\noops\n')
    >>> for batch in pa.table.read_arrow("one.jsonl"):
    ...     print(batch.column("id").to_pylist(), batch.column("status").to_pylist())
    ['one.jsonl:1#0'] ['ok']
    ['one.jsonl:line 2!unreadable_line'] [None]

    Args:
        source: A file that ``read_table`` reads, or a span of one, from ``split_files``.
        layout: ``"plain"`` for columns that every engine takes, ``"arrow"`` for those of ``to_arrow``.
        mode: How the answers are parsed.
        key: The field that joins an answer to its image; see ``read_recordings``.
        frame: What the coordinates count, as for ``parse``.
        dialect: How the answers are written, as for ``read_table``.
        batch_size: A batch has so many answers or a few more; the last one has the rest.
    """
    schema = recordings_schema(layout=layout)
    problems: list[Problem] = []
    with open_input(source) as file:
        rows = _Rows(file)
        for recorded in iter_recorded(
            file,
            texts=True,
            mode=mode,
            key=key,
            frame=frame,
            dialect=dialect,
            batch_size=batch_size,
            on_problem=problems.append,
        ):
            if len(recorded.table.responses):
                yield from laid_out(rows.answers(recorded), layout).cast(schema).to_batches()
            if problems:
                yield rows.problems(problems, schema)
                problems.clear()


class _Rows:
    """Makes the rows of one file."""

    def __init__(self, file: InputFile) -> None:
        self._path = file.path
        self._counts_rows = answer_file(file).form is AnswerForm.TABLE  # whose lines are those of other files
        self._count = 0
        self._seen: Counter[str] = Counter()

    def answers(self, recorded: RecordedTable) -> Any:
        """The rows of some answers."""
        data = recorded_to_arrow(recorded)
        lines, choices = data["line"].to_pylist(), data["choice"].to_pylist()
        if self._counts_rows:
            lines = range(self._count + 1, self._count + len(data) + 1)
        self._count += len(data)
        ids = [f"{self._path}:{line}#{choice}" for line, choice in zip(lines, choices, strict=True)]
        for place, (field, values) in enumerate(
            zip(PLACES, (pa.array(ids), pa.array([self._path] * len(ids)), pa.nulls(len(ids), PROBLEM)), strict=True)
        ):
            data = data.add_column(place, field, values)
        return data

    def problems(self, found: Sequence[Problem], schema: Any) -> RecordBatch:
        """The rows of some problems."""
        known = {
            "id": [self._id(problem) for problem in found],
            "file": [self._path] * len(found),
            "problem": [
                {"code": each.code.value, "message": each.message, "place": each.place, "raw": each.raw}
                for each in found
            ],
        }
        columns = [
            pa.array(known[field.name], field.type) if field.name in known else pa.nulls(len(found), field.type)
            for field in schema
        ]
        return pa.RecordBatch.from_arrays(columns, schema=schema)

    def _id(self, problem: Problem) -> str:
        name = f"{self._path}:{problem.place}!{problem.code.value}"
        self._seen[name] += 1
        return name if self._seen[name] == 1 else f"{name}~{self._seen[name]}"
