"""One job in one process, on Ray and on Spark, with workers that are killed: equal to the byte.

The engines are heavy: ``python -m pytest tests/engines --heavy`` installs each in an environment of its own and runs
all of it; the gate runs the job in one process. Nothing was tried on a cluster of several machines.
"""

import json
import os
import re
import signal
import subprocess
import sys
from collections import Counter

import duckdb
import pytest
from pyarrow import compute, dataset

from perceptron_annotations import read_recordings
from perceptron_annotations.completions import answer_shards
from perceptron_annotations.table import recordings_schema
from tests.engines.engine_runs import PROGRAMS, kill_a_worker, start
from tests.engines.job_inputs import write_inputs

PARTS = 4
FILES = ("counts.csv", "metrics.csv", "coco.json")
CASES = ["one process", "ray", "spark", *(f"{engine} killed {n}" for engine in ("ray", "spark") for n in range(10))]


@pytest.fixture(scope="module")
def inputs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("job")
    write_inputs(folder, PARTS)
    return folder


@pytest.fixture(scope="module")
def wanted(inputs):
    """What one process writes."""
    return finished(start("one process", inputs, inputs / "wanted"), inputs / "wanted")


def finished(job, output):
    try:
        assert job.wait(timeout=600) == 0, output.with_suffix(".log").read_text()[-3000:]
    finally:
        if job.poll() is None:
            os.killpg(job.pid, signal.SIGKILL)
    return output


def rows_of(output):
    """All rows in the order of their names, without the folder that the recordings lie in; NaN is itself in words."""
    table = dataset.dataset(output / "answers", format="parquet").to_table().sort_by("id")
    assert table.schema.names == recordings_schema().names
    return [str(row).replace(row["file"].partition("recordings")[0], "") for row in table.to_pylist()]


@pytest.mark.heavy(sample="one process")
@pytest.mark.parametrize("case", CASES)
def test_every_engine_gives_what_one_process_gives(inputs, wanted, case, tmp_path):
    """Rows, counts, metrics and the bytes of the dataset; and nothing of ours is left over."""
    engine, _, seed = case.partition(" killed ")
    job = start(engine, inputs, tmp_path / "found")
    try:
        was_killed = bool(seed) and kill_a_worker(engine, job, int(seed))
    finally:
        output = finished(job, tmp_path / "found")
    assert was_killed == bool(seed)
    assert rows_of(output) == rows_of(wanted)
    for name in FILES:
        assert (output / name).read_bytes() == (wanted / name).read_bytes()
    assert not [path for path in output.rglob("*") if path.name.endswith(".part")]


def test_the_rows_are_the_answers_of_the_files(inputs, wanted):
    """By the reader that goes line by line: each answer and each problem is a row, and no name comes twice."""
    problems, good = [], Counter()
    for path in answer_shards(inputs / "recordings"):
        good.update((found.line_number, found.key) for found in read_recordings(path, on_problem=problems.append))
    table = dataset.dataset(wanted / "answers", format="parquet").to_table()
    assert len(set(table["id"].to_pylist())) == len(table) == sum(good.values()) + len(problems)
    answers = table.filter(compute.is_null(table["problem"]))
    assert Counter(zip(answers["line"].to_pylist(), answers["key"].to_pylist(), strict=True)) == good
    assert 20 < len(problems) < 100
    assert "ghost" not in (wanted / "counts.csv").read_text()
    images = json.loads((wanted / "coco.json").read_text())["images"]
    assert {image["file_name"] for image in images} <= {key for _, key in good}


def test_duckdb_counts_what_the_job_counts(wanted):
    command = [sys.executable, PROGRAMS / "duckdb_counts.py", wanted / "answers" / "answers.parquet"]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found = {label: int(elements) for label, elements, _ in (line.split("\t") for line in printed.splitlines())}
    lines = (wanted / "counts.csv").read_text().splitlines()[1:]
    assert found == {label: int(count) for label, count in (line.split(",") for line in lines)}


def test_polars_reads_texts_where_they_are(wanted, tmp_path):
    answers = wanted / "answers" / "answers.parquet"
    query = f"SELECT text FROM read_parquet('{answers}') WHERE problem IS NULL"  # noqa: S608 - our path
    duckdb.sql(query).write_parquet(str(tmp_path / "texts.parquet"))
    command = [sys.executable, PROGRAMS / "polars_texts.py", tmp_path / "texts.parquet"]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    statuses = dataset.dataset(answers).to_table()["status"].drop_null().value_counts().to_pylist()
    found = {words[0]: int(words[2]) for words in re.findall(r"(\w+) +(┆|\|) (\d+)", printed)}
    assert found == {each["values"]: each["counts"] for each in statuses}
