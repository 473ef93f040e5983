"""One job in one process, on Ray and on Spark, with processes that are killed: equal to the byte.

The engines are heavy: ``python -m pytest tests/engines --heavy`` installs each in an environment of its own and runs
all of it; the gate runs the job in one process. ``python -m benchmarks.kills`` kills ten times each. Nothing was
tried on a cluster of several machines.
"""

import json
import re
import subprocess
import sys
from collections import Counter

import duckdb
import pytest
from pyarrow import compute, dataset

from perceptron_annotations import read_dataset, read_recordings
from perceptron_annotations.completions import answer_shards
from perceptron_annotations.datasets import join_parts
from tests.cli.in_process import run
from tests.datasets.examples import objects
from tests.engines.engine_runs import PARTS, PROGRAMS, EngineRun, differences
from tests.engines.job_inputs import write_inputs
from tests.engines.killed_runs import VICTIMS, killed_run

#: Seconds in which a process is killed.
WITHIN = 20


@pytest.fixture(scope="module")
def inputs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("job")
    write_inputs(folder, PARTS)
    return folder


@pytest.fixture(scope="module")
def wanted(inputs):
    """What one process writes."""
    return EngineRun("one process", inputs, inputs / "wanted").finish()


@pytest.mark.heavy(sample="one process")
@pytest.mark.parametrize("engine", ["one process", "ray", "spark"])
def test_every_engine_gives_what_one_process_gives(inputs, wanted, engine, tmp_path):
    """Rows, counts, metrics and the bytes of the dataset; and nothing of ours is left over."""
    assert differences(EngineRun(engine, inputs, tmp_path / "found").finish(), wanted) == []


@pytest.mark.heavy(sample="one process")
@pytest.mark.parametrize("victim", VICTIMS)
def test_a_process_that_is_killed_changes_nothing(inputs, wanted, victim, tmp_path):
    """Whatever dies, and whenever: workers are started again by their engine, drivers by whoever runs them."""
    within = 0.5 if victim == "one process" else WITHIN
    kill = killed_run(victim, 1, inputs, wanted, tmp_path / "found", within)
    assert kill.hit is not None
    assert kill.differences == []


@pytest.mark.heavy(sample="1 jobs")
@pytest.mark.parametrize("jobs", [1, 2], ids=lambda jobs: f"{jobs} jobs")
def test_the_commands_give_what_the_job_gives(inputs, wanted, jobs, tmp_path):
    """The five steps as commands: rows, counts, objects and metrics. Ids follow the order of reading, so bytes differ.

    That the bytes do not depend on ``--jobs`` is in ``tests/cli/test_jobs.py``.
    """
    recordings = inputs / "recordings"
    join_parts(inputs / "truth", tmp_path / "truth.json", "coco")
    wanted_rows = dataset.dataset(wanted / "answers").to_table()
    wanted_rows = wanted_rows.filter(compute.is_null(wanted_rows["problem"]))
    verb("convert", recordings, "-o", tmp_path / "answers.parquet", "--jobs", jobs)
    rows = dataset.dataset(tmp_path / "answers.parquet").to_table()
    assert [str(row) for row in rows.to_pylist()] == [
        str(row) for row in wanted_rows.select(rows.column_names).to_pylist()
    ]
    counts = json.loads(verb("count", recordings, "--jobs", jobs, "--format", "json"))["labels"]
    found = {each["label"]: each["objects"] for each in counts}
    lines = (wanted / "counts.csv").read_text().splitlines()[1:]
    assert found == {label: int(count) for label, count in (line.split(",") for line in lines)}
    verb("convert", recordings, "-o", tmp_path / "coco.json", "--jobs", jobs)
    assert in_any_order(tmp_path / "coco.json") == in_any_order(wanted / "coco.json")
    words = ("--truth", tmp_path / "truth.json", "--task", "detection", "--format", "json", "--jobs", jobs)
    metrics = json.loads(verb("evaluate", recordings, *words))["detection"]["metrics"]
    lines = (wanted / "metrics.csv").read_text().splitlines()[2:]
    assert {f"{name},{each['value']:.6f}" for name, each in metrics.items() if each["value"] is not None} <= set(lines)
    assert len(metrics) == len(lines)


def in_any_order(path):
    """The objects of each image."""
    found = objects(read_dataset(path))
    return {name: (*size, sorted(map(str, shapes))) for name, (*size, shapes) in found.items()}


def verb(*words):
    """What the command prints."""
    result = run(*words)
    assert result.status == 0, result.err
    return result.out


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
