"""The job in one process: ``python one_process.py RECORDINGS TRUTH OUTPUT``.

RECORDINGS is a folder of recorded answers, TRUTH one of the parts of the truth, OUTPUT a folder that is made. What is
in memory are some thousand answers, then one part, however many there are. The programs for engines beside this one
write the same.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import pyarrow as pa
import steps
from pyarrow import dataset, parquet

from perceptron_annotations import FileSpan
from perceptron_annotations.datasets import join_parts
from perceptron_annotations.evaluation import ReducedEvaluation

#: Rows of a part that are written together; so many of each part are in memory.
PLACED_TOGETHER = 200


def read_answers(spans: Iterable[FileSpan], path: Path) -> pa.Table:
    """Write the rows of all spans to a file of Parquet; the counts of their labels."""
    path.parent.mkdir(parents=True, exist_ok=True)
    counts = [steps.COUNTS.empty_table()]
    with parquet.ParquetWriter(path, steps.ROWS, compression="zstd") as writer:
        for span in spans:
            for batch in steps.read(span):
                writer.write_batch(batch)
                counts.append(steps.label_counts(pa.Table.from_batches([batch])))
    return _added_up(pa.concat_tables(counts))


def place(answers: Path, placed: Path) -> None:
    """Divide the rows of a folder or file: a folder of ``placed`` for each part."""
    batches = dataset.dataset(answers, schema=steps.ROWS).to_batches(
        batch_size=8192, batch_readahead=1, fragment_readahead=1
    )
    dataset.write_dataset(
        (row for batch in batches for row in steps.with_part(pa.Table.from_batches([batch])).to_batches()),
        placed,
        schema=steps.PART_ROWS,
        format="ipc",
        file_options=dataset.IpcFileFormat().make_write_options(compression="zstd"),
        partitioning=["part"],
        basename_template=f"{answers.stem}-{{i}}.arrow",
        existing_data_behavior="overwrite_or_ignore",
        max_open_files=steps.PARTS,
        min_rows_per_group=PLACED_TOGETHER,
    )


def parts_of(placed: Path, parts: Iterable[int]) -> Iterator[pa.Table]:
    """The rows of each of these parts that has any."""
    for part in parts:
        if (placed / str(part)).is_dir():
            rows = dataset.dataset(placed / str(part), schema=steps.ROWS, format="ipc").to_table()
            yield rows.append_column(steps.PART_ROWS.field("part"), pa.array([part] * len(rows), pa.int32()))


def finish(counts: pa.Table, sums: pa.Table, output: Path) -> None:
    """Write what came of all rows: the counts, the dataset of all parts, and the metrics."""
    lines = [f"{row['label']},{row['objects']}" for row in _added_up(counts).to_pylist()]
    (output / "counts.csv").write_text("\n".join(["label,objects", *lines, ""]))
    join_parts(output / "parts", output / "coco.json", "coco")
    reduced = ReducedEvaluation.from_arrow(sums)
    metrics = [f"{name},{each.value:.6f}" for name, each in reduced.estimates("detection").items()]
    (output / "metrics.csv").write_text("\n".join(["metric,value", f"images,{reduced.images}", *metrics, ""]))


def _added_up(counts: pa.Table) -> pa.Table:
    """One row for each label, sorted."""
    found = counts.group_by("label").aggregate([("objects", "sum")]).sort_by("label")
    return found.rename_columns(["label", "objects"])


def main(recordings: str, truth: str, output: str) -> None:
    """Run the job."""
    folder = Path(output)
    placed = folder / "placed"
    counts = read_answers(steps.spans_of(recordings, 2_000_000), folder / "answers" / "answers.parquet")
    shutil.rmtree(placed, ignore_errors=True)  # of a run that was killed
    place(folder / "answers", placed)
    sums = [steps.finish_part(rows, str(folder / "parts"), truth) for rows in parts_of(placed, range(steps.PARTS))]
    finish(counts, pa.concat_tables(sums), folder)
    shutil.rmtree(placed)


if __name__ == "__main__":
    main(*sys.argv[1:])
