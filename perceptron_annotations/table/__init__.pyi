from .answer_spans import split_files
from .arrow_export import to_arrow
from .arrow_import import from_arrow
from .arrow_layouts import ArrowLayout, annotations_schema, recordings_schema
from .arrow_recordings import read_arrow
from .arrow_texts import parse_arrow
from .batch import parse_batch
from .columnar import Column
from .parquet_files import iter_parquet, read_parquet, write_parquet
from .read import iter_recorded, iter_tables, read_table
from .recorded_table import RecordedTable
from .side_tables import Containers, Issues, Responses
from .table import AnnotationTable

__all__ = [
    "AnnotationTable",
    "ArrowLayout",
    "Column",
    "Containers",
    "Issues",
    "RecordedTable",
    "Responses",
    "annotations_schema",
    "from_arrow",
    "iter_parquet",
    "iter_recorded",
    "iter_tables",
    "parse_arrow",
    "parse_batch",
    "read_arrow",
    "read_parquet",
    "read_table",
    "recordings_schema",
    "split_files",
    "to_arrow",
    "write_parquet",
]
