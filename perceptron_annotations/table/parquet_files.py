"""Tables ⇄ files of Parquet: the columns of ``to_arrow``, a row group for each table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, TypeAlias

from ..errors import FileError, UsageError
from ..files import Source, open_input
from ..outputs import write_whole
from ..problems import OnProblem, reporting
from .arrow_export import to_arrow
from .arrow_import import from_arrow
from .arrow_schema import pa
from .batch import parse_batch
from .recorded_columns import answers_among, recorded_from_arrow, recorded_to_arrow
from .recorded_table import RecordedTable
from .stored_rows import StoredRows
from .table import AnnotationTable

if TYPE_CHECKING:
    from pyarrow import Table


#: A table, alone or with what the files of its answers say besides.
_AnyTable: TypeAlias = AnnotationTable | RecordedTable


def write_parquet(tables: _AnyTable | Iterable[_AnyTable], path: str | Path) -> int:
    """Write one table, or several as the row groups of one file; returns how many responses were written.

    Tables that ``iter_recorded`` gives are written with the names of their images, so that what is made of the file
    (a dataset, an evaluation) is what is made of the recordings. The tables of a file are all such, or none is.
    The file replaces ``path`` when all is written. Raises ``UsageError`` if the tables are in several frames.

    >>> pa.table.write_parquet(pa.parse_batch(["<point> (1,2) </point>"]), "annotations.parquet")
    1
    """
    return write_row_groups(map(stored_columns, _every(tables)), path)


def _every(tables: _AnyTable | Iterable[_AnyTable]) -> Iterator[_AnyTable]:
    if isinstance(tables, AnnotationTable | RecordedTable):
        yield tables
    else:
        yield from tables  # type: ignore[misc]  # mypy takes a RecordedTable for the tuple of its fields


def stored_columns(table: _AnyTable) -> Table:
    """The columns of a table as they are written."""
    return without_dictionaries(recorded_to_arrow(table) if isinstance(table, RecordedTable) else to_arrow(table))


def stored_rows(table: _AnyTable) -> StoredRows:
    """The same, to be handed from process to process."""
    return StoredRows(stored_columns(table))


def write_row_groups(tables: Iterable[Table], path: str | Path) -> int:
    """Write what :func:`stored_columns` gives as the row groups of one file; see :func:`write_parquet`."""
    every = iter(tables)
    first = next(every, None)
    if first is None:
        first = stored_columns(parse_batch([]))
    count = 0
    with write_whole(path) as stream, parquet_writer(stream, first.schema) as writer:
        for table in chain([first], every):
            if table.schema.metadata != first.schema.metadata:
                raise UsageError("the tables of one file must be in one frame: bring them to one first")
            if len(table.schema) != len(first.schema):
                raise UsageError("the tables of one file must all be of recorded answers, or none")
            if len(table):
                writer.write_table(table, row_group_size=len(table))
            count += len(table)
    return count


def parquet_writer(stream: IO[bytes], schema: Any) -> Any:
    """A writer of Parquet; each page has a checksum, by which a reader knows that its numbers are what was written."""
    from pyarrow import parquet

    return parquet.ParquetWriter(stream, schema, write_page_checksum=True)


def without_dictionaries(data: Table) -> Table:
    """Words as plain strings: Parquet has its own dictionaries, and many readers fail on nested ones of Arrow."""
    return data.cast(
        pa.schema([field.with_type(_plain_type(field.type)) for field in data.schema], data.schema.metadata)
    )


def _plain_type(kind: Any) -> Any:
    if pa.types.is_dictionary(kind):
        return kind.value_type
    if pa.types.is_large_list(kind):
        return pa.large_list(_plain_type(kind.value_type))
    if pa.types.is_struct(kind):
        return pa.struct([field.with_type(_plain_type(field.type)) for field in kind])
    return kind


def read_parquet(path: Source, *, on_problem: OnProblem | None = None) -> AnnotationTable:
    """A file that :func:`write_parquet` or an engine wrote, as one table; ``-`` is standard input.

    Rows of ``read_arrow`` that are a problem are left out and told to ``on_problem``; without it, one
    ``ProblemWarning`` counts them. Raises ``FileError`` if the file cannot be read, is damaged, or does not hold a
    table of annotations.

    >>> _ = pa.table.write_parquet(pa.parse_batch(["<point> (1,2) </point>"]), "one.parquet")
    >>> pa.table.read_parquet("one.parquet").coords.tolist()
    [[1.0, 2.0]]
    """
    with reporting(on_problem) as report, open_parquet(path) as file:
        return from_arrow(answers_among(read_whole(file), str(path), report))


def iter_parquet(path: Source, *, on_problem: OnProblem | None = None) -> Iterator[AnnotationTable]:
    """The row groups of a file, each as a table, for files larger than memory. Raises ``FileError``.

    Rows that are a problem are left out, as by :func:`read_parquet`.
    Standard input (``-``) is read whole first, because Parquet begins at its end.

    >>> tables = [pa.parse_batch(["<point> (1,2) </point>"])] * 3
    >>> _ = pa.table.write_parquet(tables, "three.parquet")
    >>> [len(table) for table in pa.table.iter_parquet("three.parquet")]
    [1, 1, 1]
    """
    with reporting(on_problem) as report, open_parquet(path) as file:
        for group in range(file.num_row_groups):
            yield from_arrow(answers_among(file.read_row_group(group), str(path), report))


def recorded_tables(path: Source, wanted: Sequence[str] | None, on_problem: OnProblem) -> Iterator[RecordedTable]:
    """The row groups of a file, with what is said of its answers besides; ``wanted`` as for ``recorded_from_arrow``.

    Rows that are a problem are told to ``on_problem``. Raises ``FileError``.
    """
    first = 0
    with open_parquet(path) as file:
        for group in range(file.num_row_groups):
            answers = answers_among(file.read_row_group(group), str(path), on_problem)
            recorded = recorded_from_arrow(answers, str(path), first, wanted)
            yield recorded
            first += len(recorded.assets)


def column_names(path: Source) -> list[str]:
    """The names of the columns of a Parquet file. Raises ``FileError``."""
    with open_parquet(path) as file:
        names: list[str] = file.schema_arrow.names
    return names


def read_whole(file: Any) -> Any:
    """All row groups of a file as one ``pyarrow.Table``."""
    try:
        return file.read()
    except pa.ArrowNotImplementedError:  # dictionaries in lists that differ between the row groups of an engine
        return pa.concat_tables([file.read_row_group(group) for group in range(file.num_row_groups)])


@contextmanager
def open_parquet(path: Source) -> Iterator[Any]:
    """A Parquet file; what is not a regular file is read whole. Checksums of pages are verified, if there are any.

    Errors of Arrow, of the system and of what is in the file, while it is opened and while it is read, are raised as
    ``FileError``.
    """
    from pyarrow import parquet

    with open_input(path) as opened, opened.random_access() as stream:
        try:
            with parquet.ParquetFile(stream, page_checksum_verification=True) as file:
                yield file
        except (OSError, pa.ArrowException, ValueError) as error:
            raise FileError(f"cannot read {path}: {error}") from None
