from .arrow_export import to_arrow
from .arrow_import import from_arrow
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
    "Column",
    "Containers",
    "Issues",
    "RecordedTable",
    "Responses",
    "from_arrow",
    "iter_parquet",
    "iter_recorded",
    "iter_tables",
    "parse_arrow",
    "parse_batch",
    "read_parquet",
    "read_table",
    "to_arrow",
    "write_parquet",
]
