"""The bar that a person sees on a terminal: it moves while the input is read, and while the output is written."""

import json
import os
import pty
import re
import subprocess
import sys

import pytest

from benchmarks.scenes import write_scenes
from tests.corpora import ROOT

#: Runs ``convert`` with a bar for any input, and a format that waits in the middle of its writing.
SLOW = """
import sys, time
from perceptron_annotations.cli import console, converted_outputs
from perceptron_annotations.cli.main import main

console._WORTH_A_BAR = 0
original = converted_outputs.write_dataset

def write_dataset(dataset, path, name, **options):
    from perceptron_annotations.outputs import write_folder, write_whole
    if name == "yolo":
        with write_folder(path + ".slow") as folder:
            for number in range(1234):
                (folder / str(number)).touch()
            time.sleep(1.5)
    else:
        with write_whole(path + ".slow") as stream:
            stream.write(bytes(3_100_000))
            stream.flush()
            time.sleep(1.5)
    return original(dataset, path, name, **options)

converted_outputs.write_dataset = write_dataset
main()
"""


def terminal(*arguments, cwd, program=SLOW):
    """What a command shows on a terminal, without escape codes."""
    parent, child = pty.openpty()
    environment = {**os.environ, "COLUMNS": "120", "TERM": "xterm", "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        [sys.executable, "-c", program, *arguments], cwd=cwd, stdout=subprocess.DEVNULL, stderr=child, env=environment
    ) as process:
        os.close(child)
        shown = b""
        while True:
            try:
                shown += os.read(parent, 65536)
            except OSError:  # how a pty on Linux says that its other end is closed
                break
    os.close(parent)
    assert process.returncode == 0, shown.decode()
    return re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", shown.decode())


@pytest.mark.parametrize(("name", "told"), [("label-studio", "writing: 3.1 MB"), ("yolo", "writing: 1,234 files")])
def test_newcomer_2_the_bar_goes_on_while_the_output_is_written(tmp_path, name, told):
    line = {
        "text": "<point_box> (1,2) (30,40) </point_box>",
        "assets": [{"file_name": "a.jpg", "width": 9, "height": 9}],
    }
    (tmp_path / "a.jsonl").write_text(json.dumps(line) + "\n")
    shown = terminal("convert", "a.jsonl", "--to", name, "-o", "out.json" if name != "yolo" else "out", cwd=tmp_path)
    assert told in shown


def test_view_counts_the_images_that_are_in_the_page(tmp_path):
    write_scenes(tmp_path / "scenes", 3)
    words = ("view", "answers.jsonl", "--images", "photos", "-o", "page.html")
    program = "from perceptron_annotations.cli.main import main; main()"
    assert "3 of 3 images" in terminal(*words, cwd=tmp_path / "scenes", program=program)
