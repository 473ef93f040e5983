"""Answers that stand in a column of a table, parsed where they are by Polars: ``python polars_texts.py TEXTS.parquet``.

The table has a column ``text`` with the contents of messages. Lazy frames must know the schema beforehand.
"""

from __future__ import annotations

import sys

import polars as pl
import pyarrow as pa

from perceptron_annotations.table import annotations_schema, parse_arrow


def parsed(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with the columns of its answers."""
    data = frame.to_arrow(compat_level=pl.CompatLevel.oldest())
    return pl.from_arrow(pa.Table.from_batches(map(parse_arrow, data.to_batches())))


if __name__ == "__main__":
    texts = pl.scan_parquet(sys.argv[1]).select("text")
    added = pl.from_arrow(annotations_schema().empty_table()).schema
    found = texts.map_batches(parsed, schema=texts.collect_schema() | added)
    print(found.group_by("status").len().sort("status").collect())
