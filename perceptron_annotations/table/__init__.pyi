from .arrow import from_arrow, iter_parquet, parse_arrow, read_parquet, to_arrow, write_parquet
from .batch import parse_batch
from .read import iter_tables, read_table
from .table import AnnotationTable, Containers, Issues, Responses

__all__ = [
    "AnnotationTable",
    "Containers",
    "Issues",
    "Responses",
    "from_arrow",
    "iter_parquet",
    "iter_tables",
    "parse_arrow",
    "parse_batch",
    "read_parquet",
    "read_table",
    "to_arrow",
    "write_parquet",
]
