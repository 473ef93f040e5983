from .arrow import from_arrow, iter_parquet, parse_arrow, read_parquet, to_arrow, write_parquet
from .batch import parse_batch
from .columnar import Column
from .read import RecordedTable, iter_recorded, iter_tables, read_table
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
