"""Tables of Arrow as they are stored: handed from process to process whole, and cut into row groups.

pyarrow's own pickling of a table forgets which items of lists cannot be null, so the same rows would be other bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from .arrow_schema import pa

if TYPE_CHECKING:
    from pyarrow import Table


class StoredRows:
    """A table without dictionaries; it is pickled as Arrow sends it, in one piece of memory for each batch."""

    __slots__ = ("table",)

    def __init__(self, table: Table) -> None:
        self.table = table

    def __len__(self) -> int:
        return int(self.table.num_rows)

    def __reduce__(self) -> tuple[Callable[[Any, list[Any]], StoredRows], tuple[Any, list[Any]]]:
        batches = [batch.serialize() for batch in self.table.to_batches()]
        return _unpickled, (self.table.schema.serialize(), batches)


def _unpickled(schema: Any, batches: list[Any]) -> StoredRows:
    known = pa.ipc.read_schema(schema)
    return StoredRows(pa.Table.from_batches([pa.ipc.read_record_batch(each, known) for each in batches], known))


def row_groups_of(tables: Iterable[StoredRows], size: int) -> Iterator[Table]:
    """The rows of some tables in groups of ``size``, wherever the tables are cut; the last has the rest."""
    waiting: list[Table] = []
    count = 0
    for each in tables:
        waiting.append(each.table)
        count += len(each)
        if count < size:
            continue
        whole = pa.concat_tables(waiting)
        for start in range(0, count - size + 1, size):
            yield whole.slice(start, size).combine_chunks()
        rest = count % size
        waiting, count = [whole.slice(count - rest)] * bool(rest), rest
    if waiting:
        yield pa.concat_tables(waiting).combine_chunks()
