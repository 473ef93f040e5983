"""Scale F4 and F5: whatever an engine wrote of ``parse_arrow`` and ``read_arrow`` is read back, and goes on.

The engines are heavy: ``python -m pytest tests/engines --heavy`` installs them in environments of their own.
"""

import json
import os
import subprocess
import sys

import pytest

from perceptron_annotations.datasets import join_parts
from perceptron_annotations.table import iter_parquet, read_parquet, read_table, to_arrow
from tests.cli.in_process import run
from tests.corpora import ROOT
from tests.engines.engine_runs import engine_python
from tests.engines.engine_writing import ENGINES
from tests.engines.job_inputs import HEIGHT, WIDTH, write_inputs

#: In the gate's own environment.
HERE = ("duckdb", "polars")
#: The columns that come from the texts.
PARSED = ["key", "status", "truncated", "ending", "annotations", "containers", "issues"]


@pytest.fixture(scope="module")
def answers(tmp_path_factory):
    """Recorded answers in one file, and the truth about their images."""
    folder = tmp_path_factory.mktemp("answers")
    write_inputs(folder, 1, shards=1, lines=100)
    path = next((folder / "recordings").rglob("*.jsonl")).rename(folder / "answers.jsonl")
    join_parts(folder / "truth", folder / "truth.json", "coco")
    names = sorted(set(read_table(path, on_problem=lambda _: None).responses.key))
    sizes = ["file_name,width,height", *(f"{name},{WIDTH},{HEIGHT}" for name in names)]
    (folder / "sizes.csv").write_text("\n".join(sizes))
    return path


def written(engine, kind, answers, folder):
    """The file or folder that the engine filled."""
    output = folder / "found.parquet"
    python = sys.executable if engine in HERE else engine_python(engine)
    words = [python, "-m", "tests.engines.engine_writing", engine, kind, answers, output]
    own = {"PYTHONPATH": str(ROOT), "PYSPARK_PYTHON": str(python), "SPARK_LOCAL_IP": "127.0.0.1"}
    done = subprocess.run(words, env={**os.environ, **own}, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return output


def printed(verb, *words):
    """What a verb prints, without the names of its inputs."""
    result = run(verb, *words)
    assert result.status == 0, result.err
    return result.out


@pytest.mark.heavy(sample="polars")
@pytest.mark.parametrize("engine", ENGINES)
def test_rows_of_an_engine_are_answers_as_the_files_were(answers, engine, tmp_path):
    """``read_arrow``: the verbs give the same for what the engine wrote as for the recordings."""
    found = written(engine, "read", answers, tmp_path)
    wanted = json.loads(printed("count", answers, "--format", "json"))
    assert json.loads(printed("count", found, "--format", "json"))["labels"] == wanted["labels"]
    for source, name in ((answers, "wanted.json"), (found, "found.json")):
        run("convert", source, "-o", tmp_path / name, "--to", "coco")
    assert (tmp_path / "found.json").read_bytes() == (tmp_path / "wanted.json").read_bytes()
    reports = [
        json.loads(printed("evaluate", source, "--truth", answers.with_name("truth.json"), "--format", "json"))
        for source in (answers, found)
    ]
    assert reports[0]["detection"] == reports[1]["detection"]
    assert reports[0]["counting"] == reports[1]["counting"]


@pytest.mark.heavy(sample="duckdb")
@pytest.mark.parametrize("engine", ENGINES)
def test_texts_that_an_engine_parsed_are_read_back(answers, engine, tmp_path):
    """``parse_arrow``: the same table as ours, whole and in batches, and the verbs take it."""
    found = written(engine, "parsed", answers, tmp_path)
    wanted = read_table(answers, on_problem=lambda _: None)
    (file,) = found.glob("*.parquet") if found.is_dir() else [found]
    assert to_arrow(read_parquet(file)).select(PARSED).equals(to_arrow(wanted).select(PARSED))
    assert sum(len(table.responses) for table in iter_parquet(file)) == len(wanted.responses)
    printed("count", found)
    sizes = answers.with_name("sizes.csv")
    run("convert", found, "-o", tmp_path / "found.json", "--to", "coco", "--sizes", sizes)
    images = {each["file_name"] for each in json.loads((tmp_path / "found.json").read_text())["images"]}
    assert images <= set(wanted.responses.key)
    report = json.loads(printed("evaluate", found, "--truth", answers.with_name("truth.json"), "--format", "json"))
    assert report["detection"]["overall"][0]["true_positives"] > 0
