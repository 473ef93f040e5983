"""No command destroys what it reads: an output that is an input, under whatever name, is refused."""

import os
import re
import shutil

import pytest
import typer

from perceptron_annotations.cli.main import app  # noqa: TID251 - to see its options
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
    "consensus {0} -o {1}",
    "transcode {0} --from gemini --to perceptron -o {1}",
    "transcode {0} --from gemini --to perceptron -o {folder}/new.jsonl --rejects {1}",
    "consensus {0} -o {folder}/new.parquet --rejects {1}",
    "ask {0} --prompt Box --batch-file {1}",
    "evaluate {0} --truth {truth} --curves {1}",
    "evaluate {0} --truth {truth} --html {1}",
    "view {0} -o {1}",
    "view {0} --truth {truth} -o {1}",
]
#: The options that name an output.
OUTPUTS = ("-o", "--rejects", "--curves", "--html", "--batch-file")


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
    """Reliability C1 and newcomer C1: the answers that were paid for were replaced, or emptied, with status 0."""
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


def test_a_folder_is_not_written_into_one_that_is_read(tmp_path):
    """Nor does it hold one, whatever links lead there."""
    truth = ROOT / "examples" / "evaluate" / "truth.json"
    folder = tmp_path / "labelme"
    assert run("convert", truth, "--to", "labelme", "-o", folder).returncode == 0
    before = sorted(folder.rglob("*"))
    (tmp_path / "link").symlink_to(folder)
    (folder.parent / "elsewhere").mkdir()
    for output in (folder / "new", tmp_path / "link" / "new", tmp_path / "elsewhere" / ".." / "labelme" / "new"):
        assert_one_line_error(run("convert", folder, "--to", "voc", "-o", output), "is inside", "which is read")
    for output in (folder, tmp_path / "link", tmp_path):
        assert_one_line_error(run("convert", folder, "--to", "voc", "-o", output), "would be overwritten")
    assert sorted(folder.rglob("*")) == before


def test_what_a_link_in_a_folder_leads_to_is_read(tmp_path):
    truth = ROOT / "examples" / "evaluate" / "truth.json"
    folder = tmp_path / "labelme"
    assert run("convert", truth, "--to", "labelme", "-o", folder).returncode == 0
    member = (folder / "table_00.json").rename(tmp_path / "outside.json")
    (folder / "table_00.json").symlink_to(member)
    before = member.read_bytes()
    assert_one_line_error(run("convert", folder, "--to", "coco", "-o", member), "would be overwritten")
    assert member.read_bytes() == before


def test_every_output_of_every_verb_is_tried_above():
    """A new option that names an output has to be compared with the inputs too."""
    outputs = {
        (name, parameter.opts[-1])
        for name, command in typer.main.get_command(app).commands.items()
        for parameter in command.params
        if re.match("FILE|PATH", parameter.metavar or "")
        and re.search("write|into this", (parameter.help or "").lower())
    }
    assert outputs == {(words[0], word) for words in map(str.split, COMMANDS) for word in words if word in OUTPUTS}


def test_reliability_m1_links_that_lead_in_a_circle(tmp_path, paid):
    (tmp_path / "a.json").symlink_to("b.json")
    (tmp_path / "b.json").symlink_to("a.json")
    for words in (
        ("--to", "coco", "-o"),
        ("--to", "voc", "-o"),
        ("--to", "coco", "-o", tmp_path / "c.json", "--rejects"),
    ):
        assert_one_line_error(run("convert", paid, *words, tmp_path / "a.json"), "cannot write", "symbolic links")
    for words in (("check",), ("inspect",), ("convert", "--to", "coco", "-o", tmp_path / "c.json")):
        assert_one_line_error(run(words[0], tmp_path / "a.json", *words[1:]), "cannot read")
    assert (tmp_path / "a.json").is_symlink()


def test_the_parts_of_a_split_are_outputs(paid):
    train = paid.with_name("paid-train.json")
    assert run("convert", paid, "--to", "coco", "-o", train).returncode == 0
    before = train.read_bytes()
    words = ("--to", "coco", "-o", paid.with_name("paid.json"), "--split", "train=0.5,val=0.5")
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
