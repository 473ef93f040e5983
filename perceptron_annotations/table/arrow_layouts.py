"""The layouts in which Arrow data go to engines, and the schemas that these can be told before anything runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypeAlias, TypeVar, get_args

from ..errors import UsageError
from .arrow_schema import RECORDED, SCHEMA, pa

if TYPE_CHECKING:
    from pyarrow import RecordBatch, Schema, Table

#: ``"plain"`` has strings and lists alone, which every engine takes. ``"arrow"`` has dictionaries, lists of a fixed
#: size and large lists, which take less memory; Spark and daft refuse some of them.
ArrowLayout: TypeAlias = Literal["plain", "arrow"]
Data = TypeVar("Data", "RecordBatch", "Table")

#: The columns that ``parse_arrow`` adds.
PARSED = ("status", "truncated", "ending", "annotations", "containers", "issues")
#: What was wrong in a file; null in the row of an answer.
PROBLEM = pa.struct({"code": pa.string(), "message": pa.string(), "place": pa.string(), "raw": pa.string()})
#: The columns that ``read_arrow`` has before those of recorded answers.
PLACES = pa.schema({"id": pa.string(), "file": pa.string(), "problem": PROBLEM})


def annotations_schema(base: Schema | None = None, *, layout: ArrowLayout = "plain") -> Schema:
    """The schema of what ``parse_arrow`` makes of batches with the schema ``base``: its columns, and those of answers.

    Engines that must know the result before anything runs take it: Spark's ``mapInArrow`` (through
    ``pyspark.sql.pandas.types.from_arrow_schema``), Polars' ``map_batches``, daft, a reader of record batches.
    Without ``base`` it has the columns of answers alone. Raises ``UsageError`` for another layout.

    >>> import pyarrow
    >>> schema = pa.table.annotations_schema(pyarrow.schema({"text": pyarrow.string()}))
    >>> schema.names
    ['text', 'status', 'truncated', 'ending', 'annotations', 'containers', 'issues']
    """
    schema = pa.schema([]) if base is None else base
    for name in PARSED:
        schema = schema.append(laid_out_field(SCHEMA.field(name), layout))
    return schema


def recordings_schema(*, layout: ArrowLayout = "plain") -> Schema:
    """The schema of what ``read_arrow`` gives. Raises ``UsageError`` for another layout.

    >>> pa.table.recordings_schema().names[:4]
    ['id', 'file', 'problem', 'key']
    """
    return pa.schema([laid_out_field(field, layout) for field in (*PLACES, *SCHEMA, *RECORDED)])


def laid_out_field(field: Any, layout: ArrowLayout) -> Any:
    """A field with the type that it has in a layout."""
    if layout not in get_args(ArrowLayout):
        raise UsageError(f"layout must be one of {', '.join(get_args(ArrowLayout))}, not {layout!r}")
    return field.with_type(plain_type(field.type)) if layout == "plain" else field


def plain_type(kind: Any) -> Any:
    """A type without dictionaries, and with the one kind of list and of string that every engine has."""
    if pa.types.is_dictionary(kind):
        return plain_type(kind.value_type)
    if pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind):
        return pa.list_(kind.field(0).with_type(plain_type(kind.value_type)))
    if pa.types.is_struct(kind):
        return pa.struct([field.with_type(plain_type(field.type)) for field in kind])
    return pa.string() if pa.types.is_large_string(kind) else kind


def laid_out(data: Data, layout: ArrowLayout) -> Data:
    """Data in a layout."""
    fields = [laid_out_field(field, layout) for field in data.schema]
    return data.cast(pa.schema(fields, data.schema.metadata)) if layout == "plain" else data
