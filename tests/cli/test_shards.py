"""Scale F5: folders and patterns of shards are inputs of every verb, as the files in them are."""

import gzip
import shutil

import pytest

from tests.cli.in_process import run
from tests.corpora import ROOT

FIXTURES = sorted((ROOT / "fixtures").glob("*.jsonl"))
EXAMPLES = ROOT / "examples" / "evaluate"


@pytest.fixture
def shards(tmp_path):
    """The fixtures at two depths, one gzipped, with what engines leave beside them."""
    folder = tmp_path / "shards"
    (folder / "day=2").mkdir(parents=True)
    for number, path in enumerate(FIXTURES):
        shutil.copy(path, folder / "day=2" / path.name if number % 2 else folder / path.name)
    packed = folder / FIXTURES[0].name
    (folder / f"{packed.name}.gz").write_bytes(gzip.compress(packed.read_bytes()))
    packed.unlink()
    (folder / "_SUCCESS").touch()
    (folder / ".a.jsonl.crc").write_bytes(b"crc")
    return folder


def files(folder):
    return sorted(path for path in folder.rglob("*.jsonl*") if not path.name.startswith("."))


@pytest.mark.parametrize("verb", ["count", "check"])
def test_what_is_printed(shards, verb):
    wanted = run(verb, *files(shards))
    assert wanted.status == 0
    assert run(verb, shards) == wanted
    one, other = shards / "day=2", shards / "*.jsonl*"
    beside = [path for path in files(shards) if path.parent == shards]
    assert run(verb, one, other) == run(verb, *files(one), *beside)


@pytest.mark.parametrize("options", [["--to", "parquet"], ["--to", "jsonl"], ["--to", "coco"], ["--to", "csv"]])
def test_what_is_written(shards, tmp_path, options):
    one, other = tmp_path / "one", tmp_path / "other"
    wanted = run("convert", *files(shards), "-o", one, *options)
    found = run("convert", shards, "-o", other, *options)
    assert found == wanted._replace(out=wanted.out.replace(str(one), str(other)))
    assert other.read_bytes() == one.read_bytes()


def test_parquet_of_an_engine_goes_on(shards, tmp_path):
    """From shards of Parquet to a dataset, without the recordings."""
    parts = tmp_path / "parts"
    parts.mkdir()
    for number, path in enumerate(files(shards)):
        assert run("convert", path, "-o", parts / f"part-{number}.parquet").status == 0
    one, other = tmp_path / "one.json", tmp_path / "other.json"
    assert run("convert", *files(shards), "-o", one, "--to", "coco").status == 0
    assert run("convert", parts, "-o", other, "--to", "coco").status == 0
    assert other.read_bytes() == one.read_bytes()


def test_evaluate(tmp_path):
    lines = (EXAMPLES / "large.jsonl").read_bytes().splitlines(keepends=True)
    folder = tmp_path / "answers"
    folder.mkdir()
    (folder / "a.jsonl").write_bytes(b"".join(lines[:3]))
    (folder / "b.jsonl").write_bytes(b"".join(lines[3:]))
    options = ["--truth", EXAMPLES / "truth.json", "--format", "csv"]
    wanted = run("evaluate", EXAMPLES / "large.jsonl", *options)
    assert wanted.status == 0
    for given in (folder, folder / "*.jsonl"):
        found = run("evaluate", given, *options)
        assert found.out.replace(str(given), "") == wanted.out.replace(str(EXAMPLES / "large.jsonl"), "")


def test_a_folder_that_is_a_dataset_is_one(shards, tmp_path):
    """Even if answers lie in it."""
    assert run("convert", *files(shards), "-o", tmp_path / "voc", "--to", "voc").status == 0
    shutil.copy(FIXTURES[0], tmp_path / "voc" / "answers.jsonl")
    found = run("count", tmp_path / "voc")
    assert (found.status, "is a dataset (voc)" in found.err) == (2, True)
    assert run("convert", tmp_path / "voc", "-o", tmp_path / "again.json", "--to", "coco").status == 0


def test_an_output_among_the_shards_is_not_overwritten(shards):
    (shards / "o.parquet").write_bytes(b"mine")
    found = run("convert", shards, "-o", shards / "o.parquet")
    assert (found.status, (shards / "o.parquet").read_bytes()) == (2, b"mine")
    assert "would be overwritten" in found.err


def test_a_pattern_without_a_match(tmp_path):
    found = run("count", tmp_path / "*.jsonl")
    assert found.status == 2
    assert "no file matches it" in found.err
