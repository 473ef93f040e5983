"""The job in one process: ``python one_process.py RECORDINGS TRUTH OUTPUT``.

RECORDINGS is a folder of recorded answers, TRUTH one of the parts of the truth, OUTPUT a folder that is made. The
programs for engines beside this one write the same.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pyarrow as pa
import steps
from pyarrow import compute, parquet

from perceptron_annotations.datasets import join_parts
from perceptron_annotations.evaluation import ReducedEvaluation


def finish(counts: pa.Table, sums: pa.Table, output: Path) -> None:
    """Write what came of all rows: the counts, the dataset of all parts, and the metrics."""
    counted = counts.group_by("label").aggregate([("objects", "sum")]).sort_by("label")
    lines = [f"{row['label']},{row['objects_sum']}" for row in counted.to_pylist()]
    (output / "counts.csv").write_text("\n".join(["label,objects", *lines, ""]))
    join_parts(output / "parts", output / "coco.json", "coco")
    reduced = ReducedEvaluation.from_arrow(sums)
    metrics = [f"{name},{each.value:.6f}" for name, each in reduced.estimates("detection").items()]
    (output / "metrics.csv").write_text("\n".join(["metric,value", f"images,{reduced.images}", *metrics, ""]))


def main(recordings: str, truth: str, output: str) -> None:
    """Run the job."""
    folder = Path(output)
    (folder / "answers").mkdir(parents=True)
    batches = [batch for span in steps.spans_of(recordings, 2_000_000) for batch in steps.read(span)]
    rows = pa.Table.from_batches(batches, steps.ROWS)
    parquet.write_table(rows, folder / "answers" / "answers.parquet")
    placed = steps.with_part(rows)
    parts = [placed.filter(compute.equal(placed["part"], part)) for part in range(steps.PARTS)]
    parts = [part for part in parts if len(part)]
    for part in parts:
        steps.write_dataset_part(part, str(folder / "parts"))
    sums = pa.concat_tables([steps.evaluate_part(part, truth) for part in parts])
    finish(steps.label_counts(rows), sums, folder)


if __name__ == "__main__":
    main(*sys.argv[1:])
