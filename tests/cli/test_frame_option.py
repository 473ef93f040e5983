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
    assert "--frame must be unit, sent or WIDTHxHEIGHT such as 1920x1080, not 'large'" in refused.stderr


def answers(path, *lines):
    """Answers about a.png, of 1600 by 1200 pixels, which was sent with 400 by 300; and about b.png, sent as it is."""
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


SCALED = {"file_name": "a.png", "width": 1600, "height": 1200, "sent_width": 400, "sent_height": 300}
WHOLE = {"file_name": "b.png", "width": 200, "height": 100}


def box(*corners):
    return '<point_box mention="cat"> ({},{}) ({},{}) </point_box>'.format(*corners)


def test_pixels_of_the_image_that_was_sent_become_those_of_the_original(tmp_path):
    """issue 21: both sizes are recorded, so that coordinates stay exact whatever they count"""
    lines = [
        {"key": "a", "text": box(100, 150, 300, 300), "assets": [SCALED]},
        {"key": "b", "text": box(100, 50, 200, 100), "assets": [WHOLE]},
    ]
    path, output = answers(tmp_path / "answers.jsonl", *lines), tmp_path / "coco.json"
    assert run("convert", path, "--frame", "sent", "-o", output).returncode == 0
    assert read_coco(output).table.xyxy.tolist() == [[400, 600, 1200, 1200], [100, 50, 200, 100]]
    assert run("check", path, "--frame", "sent", "--strict").returncode == 0
    dataset, _ = from_recordings(read_recordings(path), frame=Frame.SENT)
    assert dataset.table.xyxy.tolist() == [[400, 600, 1200, 1200], [100, 50, 200, 100]]
    for name in ("documents.jsonl", "table.parquet"):
        assert run("convert", path, "--frame", "sent", "-o", tmp_path / name).returncode == 0
        assert run("convert", tmp_path / name, "-o", output).returncode == 0
        assert read_coco(output).table.xyxy.tolist() == [[400, 600, 1200, 1200], [100, 50, 200, 100]], name


def test_beyond_the_image_that_was_sent_is_an_issue(tmp_path):
    path = answers(tmp_path / "answers.jsonl", {"key": "a", "text": box(100, 150, 500, 300), "assets": [SCALED]})
    (recording,) = read_recordings(path)
    inside = recording.document(frame=Frame.pixels(1600, 1200))
    assert len(recording.document(frame=Frame.SENT).issues) == len(inside.issues) + 1
    (found,) = recording.document(frame=Frame.SENT).boxes
    assert found.frame == Frame.pixels(400, 300)


def test_several_images_that_were_sent(tmp_path):
    text = box(100, 150, 300, 300).replace("mention", 'asset_idx="0" mention') + box(100, 50, 200, 100)
    path = answers(tmp_path / "answers.jsonl", {"key": "both", "text": text, "assets": [SCALED, WHOLE]})
    dataset, report = from_recordings(read_recordings(path), frame=Frame.SENT)
    assert report.losses == ()
    found = dict(zip(dataset.table.responses.key, dataset.table.xyxy.tolist(), strict=True))
    assert found == {"a.png": [400, 600, 1200, 1200], "b.png": [100, 50, 200, 100]}
    refused = run("convert", path, "--frame", "sent", "-o", tmp_path / "documents.jsonl")
    assert (refused.returncode, "in different sizes" in refused.stderr) == (2, True)


def test_a_size_that_was_not_recorded_is_asked_for(tmp_path):
    path = answers(tmp_path / "answers.jsonl", {"key": "a", "text": box(1, 2, 3, 4)})
    refused = run("check", path, "--frame", "sent")
    assert (refused.returncode, "--frame WIDTHxHEIGHT" in refused.stderr) == (2, True)
    refused = run("parse", box(1, 2, 3, 4), "--frame", "sent")
    assert (refused.returncode, "recorded answers only" in refused.stderr) == (2, True)
