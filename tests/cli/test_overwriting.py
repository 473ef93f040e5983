"""No command destroys what it reads: an output that is an input, under whatever name, is refused."""

import os
import shutil

import pytest

from tests.cli.test_cli import assert_one_line_error, run
from tests.corpora import ROOT

#: The recording, what else is beside it, and a command that would write to the first name after the last dash.
COMMANDS = [
    "check {0} --rejects {1}",
    "count {0} --rejects {1}",
    "dedupe {0} -o {1}",
    "dedupe {0} -o {folder}/new.parquet --rejects {1}",
    "convert {0} --to jsonl -o {1}",
    "convert {0} --to coco -o {1}",
    "convert {0} --to parquet -o {1}",
    "convert {0} --to coco -o {folder}/new.json --rejects {1}",
    "evaluate {0} --truth {truth} --curves {1}",
]


@pytest.fixture
def paid(tmp_path):
    path = tmp_path / "paid.jsonl"
    shutil.copy(ROOT / "fixtures" / "perceptron_mk1.jsonl", path)
    (tmp_path / "link.jsonl").symlink_to(path)
    os.link(path, tmp_path / "hard.jsonl")
    (tmp_path / "below").mkdir()
    return path


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("other", ["paid.jsonl", "link.jsonl", "hard.jsonl", "below/../paid.jsonl"])
def test_an_output_that_is_an_input_is_refused(paid, command, other):
    before = paid.read_bytes()
    truth = ROOT / "examples" / "evaluate" / "truth.json"
    words = command.format(paid, paid.parent / other, folder=paid.parent, truth=truth).split()
    assert_one_line_error(run(*words), "would be overwritten")
    assert paid.read_bytes() == before
    assert {path.name for path in paid.parent.iterdir()} == {"paid.jsonl", "link.jsonl", "hard.jsonl", "below"}


def test_the_lists_beside_the_answers_are_inputs_too(paid):
    sizes = paid.parent / "sizes.csv"
    sizes.write_text("file_name,width,height\na.jpg,10,10\n")
    assert_one_line_error(run("convert", paid, "--sizes", sizes, "--to", "csv", "-o", sizes), "would be overwritten")
    assert sizes.read_text().startswith("file_name,width")


def test_a_file_of_a_folder_that_is_read_is_an_input(tmp_path):
    truth = ROOT / "examples" / "evaluate" / "truth.json"
    folder = tmp_path / "labelme"
    assert run("convert", truth, "--to", "labelme", "-o", folder).returncode == 0
    member = folder / "table_00.json"
    before = member.read_bytes()
    assert_one_line_error(run("convert", folder, "--to", "coco", "-o", member), "would be overwritten")
    assert member.read_bytes() == before
    assert run("convert", folder, "--to", "coco", "-o", folder / "new.json").returncode == 0


def test_the_parts_of_a_split_are_outputs(paid):
    train = paid.with_name("paid-train.json")
    assert run("convert", paid, "--to", "coco", "-o", train).returncode == 0
    before = train.read_bytes()
    words = ("--to", "coco", "-o", paid.with_name("paid.json"), "--split", "train=1,val=1")
    assert_one_line_error(run("convert", train, *words), "would be overwritten")
    assert train.read_bytes() == before


def test_standard_input_is_an_input(paid):
    before = paid.read_bytes()
    with paid.open("rb") as stream:
        result = run("check", "-", "--rejects", paid, stdin=stream)
    assert_one_line_error(result, "would be overwritten")
    assert paid.read_bytes() == before


def test_standard_output_is_one_output(paid):
    result = run("convert", paid, "--to", "jsonl", "-o", "-", "--rejects", "-")
    assert_one_line_error(result, "two outputs cannot both go to standard output")
