"""``--frame``: answers that are not on the grid, from the file to a dataset."""

import json

import pytest

from perceptron_annotations import Box, Frame, read_recordings
from perceptron_annotations.datasets import from_recordings, read_coco
from tests.cli.test_cli import run


@pytest.mark.parametrize(("frame", "word"), [(Frame.UNIT, "unit"), (Frame.pixels(2, 4), "2x4")])
def test_datasets_and_the_command(tmp_path, frame, word):
    """field A7"""
    box = Box(0.25, 0.5, 0.75, 1, frame=Frame.UNIT).to(frame)
    text = f'<point_box mention="cat"> ({box.x1},{box.y1}) ({box.x2},{box.y2}) </point_box>'
    line = {"key": "a", "text": text, "assets": [{"file_name": "a.png", "width": 640, "height": 480}]}
    path, output = tmp_path / "answers.jsonl", tmp_path / "coco.json"
    path.write_text(json.dumps(line) + "\n")
    dataset, _ = from_recordings(read_recordings(path), frame=frame)
    assert dataset.table.xyxy.tolist() == [[160, 240, 480, 480]]
    assert run("convert", str(path), "--frame", word, "-o", str(output)).returncode == 0
    assert read_coco(output).table.xyxy.tolist() == [[160, 240, 480, 480]]
    assert run("check", str(path), "--frame", word, "--strict").returncode == 0
    assert run("parse", text, "--frame", word, "--strict").returncode == 0


def test_without_it_they_are_unreadable():
    text = "<point> (0.25,0.5) </point>"
    assert run("parse", text, "--strict").returncode == 1
    refused = run("parse", text, "--frame", "large")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "--frame must be unit or WIDTHxHEIGHT such as 1920x1080, not 'large'" in refused.stderr
