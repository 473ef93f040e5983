"""The job on Ray Data: ``python ray_job.py RECORDINGS TRUTH OUTPUT``. Needs ``ray[data]`` on every machine.

Ray runs a span again if its worker dies. Every step gives the same if it runs twice: rows have names, and a part of a
dataset replaces the one of its number.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import ray
import steps
from one_process import finish


def read(batch: dict[str, Any]) -> Iterator[pa.Table]:
    """The rows of some spans."""
    for span in batch["item"]:
        for rows in steps.read(span):
            yield pa.Table.from_batches([rows])


def main(recordings: str, truth: str, output: str) -> None:
    """Run the job."""
    folder = Path(output).resolve()
    folder.mkdir(parents=True)
    spans = steps.spans_of(str(Path(recordings).resolve()), 2_000_000)
    ray.data.from_items(spans, override_num_blocks=len(spans)).map_batches(read, batch_size=1).write_parquet(
        str(folder / "answers")
    )
    rows = ray.data.read_parquet(str(folder / "answers"))
    counts = rows.map_batches(steps.label_counts, batch_format="pyarrow")
    parts = rows.map_batches(steps.with_part, batch_format="pyarrow").groupby("part")
    written = partial(steps.write_dataset_part, folder=str(folder / "parts"))
    parts.map_groups(written, batch_format="pyarrow").materialize()
    evaluated = partial(steps.evaluate_part, truth=str(Path(truth).resolve()))
    sums = parts.map_groups(evaluated, batch_format="pyarrow")
    finish(_table(counts), _table(sums), folder)


def _table(found: ray.data.Dataset) -> pa.Table:
    """A small result as one table."""
    return pa.concat_tables(ray.get(found.to_arrow_refs()), promote_options="permissive")


if __name__ == "__main__":
    ray.init(include_dashboard=False, runtime_env={"env_vars": {"PYTHONPATH": str(Path(__file__).parent)}})
    main(*sys.argv[1:])
