"""The job on Ray Data: ``python ray_job.py RECORDINGS TRUTH OUTPUT``. Needs ``ray[data]`` on every machine.

Ray runs a span again if its worker dies. If the driver dies, run the job again: the rows that were written are known by
their ``id`` in Ray's own checkpoints, and are not written twice. Every later step gives the same if it runs twice.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import ray
import steps
from one_process import finish
from ray.data import DataContext, Datasource, ReadTask
from ray.data.block import BlockMetadata
from ray.data.checkpoint import CheckpointConfig

from perceptron_annotations import FileSpan


class Recordings(Datasource):
    """Rows of recorded answers, read a span at a time."""

    def __init__(self, spans: list[FileSpan]) -> None:
        super().__init__()
        self._spans = spans

    def estimate_inmemory_data_size(self) -> None:
        """It is not known beforehand."""

    def get_read_tasks(self, *_: Any, **__: Any) -> list[ReadTask]:
        """One for each span."""
        nothing_known = BlockMetadata(num_rows=None, size_bytes=None, exec_stats=None)
        return [ReadTask(partial(_read, span), nothing_known, schema=steps.ROWS) for span in self._spans]


def _read(span: FileSpan) -> Iterator[pa.Table]:
    """The rows of a span."""
    for rows in steps.read(span):
        yield pa.Table.from_batches([rows])


def main(recordings: str, truth: str, output: str) -> None:
    """Run the job."""
    folder = Path(output).resolve()
    answers, done = folder / "answers", folder / "checkpoints"
    folder.mkdir(parents=True, exist_ok=True)
    context = DataContext.get_current()
    context.checkpoint_config = CheckpointConfig("id", str(done), delete_checkpoint_on_success=False)
    spans = steps.spans_of(str(Path(recordings).resolve()), 2_000_000)
    ray.data.read_datasource(Recordings(spans), override_num_blocks=len(spans)).write_parquet(str(answers))
    context.checkpoint_config = None  # what follows replaces its results
    rows = ray.data.read_parquet(str(answers))
    counts = rows.map_batches(steps.label_counts, batch_format="pyarrow")
    parts = rows.map_batches(steps.with_part, batch_format="pyarrow").groupby("part", steps.PARTS)
    part = partial(steps.finish_part, folder=str(folder / "parts"), truth=str(Path(truth).resolve()))
    sums = parts.map_groups(part, batch_format="pyarrow")
    finish(_table(counts), _table(sums), folder)
    shutil.rmtree(done)


def _table(found: ray.data.Dataset) -> pa.Table:
    """A small result as one table."""
    return pa.concat_tables(ray.get(found.to_arrow_refs()), promote_options="permissive")


if __name__ == "__main__":
    ray.init(include_dashboard=False, runtime_env={"working_dir": str(Path(__file__).parent)})
    main(*sys.argv[1:])
