"""Answers in a Hugging Face dataset, parsed by ``map``: ``python datasets_texts.py TEXTS.parquet``."""

from __future__ import annotations

import sys

import datasets
import pyarrow as pa

from perceptron_annotations.table import parse_arrow


def parsed(rows: pa.Table) -> pa.Table:
    """The rows with the columns of their answers."""
    return pa.Table.from_batches([parse_arrow(batch) for batch in rows.combine_chunks().to_batches()])


if __name__ == "__main__":
    texts = datasets.Dataset.from_parquet(sys.argv[1])
    found = texts.with_format("arrow").map(parsed, batched=True)
    counts = found.data.table.group_by("status").aggregate([([], "count_all")]).sort_by("status")
    for row in counts.to_pylist():
        print(row["status"], row["count_all"])
