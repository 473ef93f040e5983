"""The job on Spark: ``spark-submit --py-files steps.py,one_process.py spark_job.py RECORDINGS TRUTH OUTPUT``.

Needs the package on every machine. Spark runs a task again if its executor dies; if the driver dies, run the job again.
Every step gives the same if it runs twice: rows have names, and a part of a dataset replaces the one of its number.
"""

from __future__ import annotations

import pickle
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pyarrow as pa
import steps
from one_process import finish
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.pandas.types import from_arrow_schema

from perceptron_annotations.evaluation import sums_schema


def read(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """The rows of some spans."""
    for batch in batches:
        for span in batch.column("span").to_pylist():
            yield from steps.read(pickle.loads(span))  # noqa: S301 - made below


def mapped(step: Callable[[pa.Table], pa.Table]) -> Callable[[Iterable[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    """A step for ``mapInArrow``."""

    def run(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            yield from step(pa.Table.from_batches([batch])).to_batches()

    return run


def main(spark: SparkSession, recordings: str, truth: str, output: str) -> None:
    """Run the job."""
    folder, truth = Path(output).resolve(), str(Path(truth).resolve())
    folder.mkdir(parents=True, exist_ok=True)
    spans = [(pickle.dumps(span),) for span in steps.spans_of(str(Path(recordings).resolve()), 2_000_000)]
    listed = spark.createDataFrame(spans, "span binary").repartition(len(spans))
    listed.mapInArrow(read, from_arrow_schema(steps.ROWS)).write.parquet(str(folder / "answers"), mode="overwrite")
    rows = spark.read.parquet(str(folder / "answers"))
    counts = rows.mapInArrow(mapped(steps.label_counts), from_arrow_schema(steps.COUNTS))
    parts = rows.mapInArrow(mapped(steps.with_part), from_arrow_schema(steps.PART_ROWS)).groupBy("part")
    dataset = str(folder / "parts")
    sums = parts.applyInArrow(lambda some: steps.finish_part(some, dataset, truth), from_arrow_schema(sums_schema()))
    finish(_table(counts), _table(sums), folder)


def _table(found: DataFrame) -> pa.Table:
    """A small result as one table."""
    return found.toArrow()


if __name__ == "__main__":
    session = SparkSession.builder.getOrCreate()
    main(session, *sys.argv[1:])
    session.stop()
