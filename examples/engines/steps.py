"""The steps of a large job as functions of Arrow tables: every engine maps these, and a notebook calls them.

1. :func:`spans_of` and :func:`read`: folders of recordings → rows of answers, and of what could not be read;
2. :func:`label_counts`: rows → how many objects of each label, to be added up;
3. :func:`with_part`: rows → the same, each with the part that its image belongs to;
4. :func:`write_dataset_part`: the rows of one part → a part of a dataset, and ``join_parts`` makes one file of them;
5. :func:`evaluate_part`: the rows of one part and the truth about its images → sums, to be added up.

:func:`finish_part` does the last two at once, so that an engine brings the rows of a part together once.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

from perceptron_annotations import FileSpan, evaluation, ops
from perceptron_annotations.datasets import Dataset, RecordingImporter, read_dataset_parquet, shard_of, write_part
from perceptron_annotations.table import from_arrow, read_arrow, recordings_schema, split_files

#: How many parts a dataset is divided into; the same everywhere, whatever the number of workers.
PARTS = 4
#: The columns of :func:`read`, and those of :func:`with_part`.
ROWS = recordings_schema()
PART_ROWS = ROWS.append(pa.field("part", pa.int32()))
COUNTS = pa.schema({"label": pa.string(), "objects": pa.int64()})


def spans_of(folder: str, size: int) -> list[FileSpan]:
    """What workers read apart."""
    return split_files(folder, size)


def read(span: FileSpan) -> Iterator[pa.RecordBatch]:
    """The rows of one span: answers, and problems."""
    yield from read_arrow(span)


def answers_in(rows: pa.Table) -> pa.Table:
    """The rows that are answers, in the order of their names, so that it does not matter who read which first."""
    return rows.filter(rows["problem"].is_null()).sort_by("id")


def label_counts(rows: pa.Table) -> pa.Table:
    """How many objects of each label there are in some rows."""
    found = ops.count_labels(from_arrow(answers_in(rows)))
    return pa.table([list(found.labels), found.counts.sum(axis=0)], schema=COUNTS)


def with_part(rows: pa.Table) -> pa.Table:
    """The answers with the number of the part that their image belongs to."""
    answers = rows.filter(rows["problem"].is_null())
    names = [assets[0]["file_name"] if assets else None for assets in answers["assets"].to_pylist()]
    parts = [shard_of(name or key, PARTS) for name, key in zip(names, answers["key"].to_pylist(), strict=True)]
    return answers.append_column(PART_ROWS.field("part"), pa.array(parts, pa.int32()))


def dataset_of(rows: pa.Table) -> Dataset:
    """The dataset of some answers; those about one image are among them, or none is."""
    return RecordingImporter().add_arrow(answers_in(rows))


def write_dataset_part(rows: pa.Table, folder: str) -> None:
    """Write the rows of one part; a worker that runs again replaces what it wrote."""
    write_part(dataset_of(rows), folder, rows["part"][0].as_py())


def evaluate_part(rows: pa.Table, truth: str) -> pa.Table:
    """Compare the rows of one part with the part of the truth that has the same number, in ``truth``."""
    true = read_dataset_parquet(Path(truth) / f"part-{rows['part'][0].as_py():05}.parquet")
    options = evaluation.EvaluationOptions(tasks=(evaluation.Task.DETECTION, evaluation.Task.COUNTING))
    return evaluation.PartialEvaluation.of(dataset_of(rows), true, options).to_arrow()


def finish_part(rows: pa.Table, folder: str, truth: str) -> pa.Table:
    """Write the rows of one part, and compare them with the truth."""
    write_dataset_part(rows, folder)
    return evaluate_part(rows, truth)
