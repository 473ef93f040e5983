"""``python -m tests.engines.engine_writing ENGINE parsed|read ANSWERS OUTPUT``: Parquet as an engine writes it.

``parsed``: the texts of the answers lie in a file of Parquet, which the engine reads and maps with ``parse_arrow``.
``read``: the rows of ``read_arrow`` are given to the engine, which writes them.
"""

import sys
from functools import partial
from pathlib import Path

import pyarrow as pa
from pyarrow import parquet

from perceptron_annotations.table import annotations_schema, parse_arrow, read_arrow, recordings_schema

parsed_batch = partial(parse_arrow, finish_reason="finish_reason")


def parsed(rows):
    """The rows of a table or batch with the columns of their answers."""
    table = rows if isinstance(rows, pa.Table) else pa.Table.from_batches([rows])
    return pa.Table.from_batches(map(parsed_batch, table.to_batches()), annotations_schema(table.schema))


def with_polars(texts, rows, output):
    import polars as pl

    if rows is None:
        rows = parsed(pl.read_parquet(texts).to_arrow(compat_level=pl.CompatLevel.oldest()))
    pl.from_arrow(rows).write_parquet(output)


def with_duckdb(texts, rows, output):
    import duckdb

    if rows is None:
        given = duckdb.read_parquet(str(texts)).to_arrow_reader()
        rows = pa.RecordBatchReader.from_batches(annotations_schema(given.schema), map(parsed_batch, given))
    duckdb.connect().from_arrow(rows).write_parquet(str(output))


def with_datafusion(texts, rows, output):
    from datafusion import SessionContext

    context = SessionContext()
    if rows is None:
        rows = parsed(context.read_parquet(str(texts)).to_arrow_table())
    context.from_arrow(rows).write_parquet(str(output))


def with_daft(texts, rows, output):
    import daft

    if rows is None:
        rows = parsed(daft.read_parquet(str(texts)).to_arrow())
    daft.from_arrow(rows).write_parquet(str(output))


def with_datasets(texts, rows, output):
    import datasets

    if rows is None:
        given = datasets.Dataset.from_parquet(str(texts), cache_dir=str(output.parent / "cache"))
        done = given.with_format("arrow").map(parsed, batched=True)
    else:
        done = datasets.Dataset(rows)
    done.to_parquet(str(output))


def with_ray(texts, rows, output):
    import ray

    ray.init(include_dashboard=False, num_cpus=2)
    if rows is None:
        done = ray.data.read_parquet(str(texts)).map_batches(parsed, batch_format="pyarrow")
    else:
        done = ray.data.from_arrow(rows)
    done.write_parquet(str(output))


def with_spark(texts, rows, output):
    from pyspark.sql import SparkSession
    from pyspark.sql.pandas.types import from_arrow_schema

    spark = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false").getOrCreate()
    if rows is None:
        schema = from_arrow_schema(annotations_schema(parquet.read_schema(texts)))
        done = spark.read.parquet(str(texts)).mapInArrow(lambda batches: map(parsed_batch, batches), schema)
    else:
        done = spark.createDataFrame(rows).coalesce(1)  # in order
    done.write.parquet(str(output))
    spark.stop()


ENGINES = {
    "polars": with_polars,
    "duckdb": with_duckdb,
    "datafusion": with_datafusion,
    "daft": with_daft,
    "datasets": with_datasets,
    "ray": with_ray,
    "spark": with_spark,
}


def main(engine, kind, answers, output):
    rows = pa.Table.from_batches(read_arrow(answers), recordings_schema())
    texts = Path(output).with_name("texts.parquet")
    parquet.write_table(
        rows.filter(rows["problem"].is_null()).select(["key", "text", "finish_reason"]), texts, row_group_size=20
    )
    ENGINES[engine](texts, rows if kind == "read" else None, Path(output))


if __name__ == "__main__":
    main(*sys.argv[1:])
