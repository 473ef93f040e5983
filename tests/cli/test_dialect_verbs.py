"""``transcode`` and ``doctor``: what they write, what they print, and how they end."""

import json

import pytest

import perceptron_annotations as pa
from tests.cli.test_cli import assert_one_line_error, run

QWEN = '[{"bbox_2d": [100, 200, 300, 400], "label": "cat"}]'


def recorded(path, texts, **fields):
    assets = [{"file_name": "{}.jpg", "width": 640, "height": 480}]
    lines = [
        json.dumps({"key": f"{n}.jpg", "text": text, "assets": [assets[0] | {"file_name": f"{n}.jpg"}], **fields})
        for n, text in enumerate(texts)
    ]
    path.write_text("\n".join(lines) + "\n")
    return path


def test_transcode_to_our_own_markup(tmp_path):
    answers = recorded(tmp_path / "a.jsonl", [QWEN, "There is none."], model="qwen3-vl")
    ours = tmp_path / "ours.jsonl"
    result = run("transcode", answers, "--from", "qwen3-vl", "--to", "perceptron", "-o", ours)
    assert result.returncode == 0, result.stderr
    first, second = pa.read_recordings(ours)
    assert first.document().boxes == (pa.Box(100, 200, 300, 400, mention="cat"),)
    assert (first.model, first.assets[0].width, second.text) == ("qwen3-vl", 640, "")
    assert "the words around the annotations" in result.stdout


def test_transcode_tells_what_a_coarser_dialect_loses(tmp_path):
    answers = recorded(tmp_path / "a.jsonl", [QWEN.replace("100", "104")])
    result = run("transcode", answers, "--from", "qwen3-vl", "--to", "json-xyxy-100", "-o", tmp_path / "b.jsonl")
    assert "moved by at most 4 of a thousandth" in result.stdout
    assert json.loads((tmp_path / "b.jsonl").read_text())["text"] == '[{"bbox_2d": [10, 20, 30, 40], "label": "cat"}]'


def test_transcode_asks_for_sizes_and_keeps_what_is_there(tmp_path):
    answers = tmp_path / "a.jsonl"
    answers.write_text(json.dumps({"key": "a", "text": QWEN}) + "\n")
    output = tmp_path / "b.jsonl"
    output.write_text("old")
    result = run("transcode", answers, "--from", "qwen3-vl", "--to", "qwen2.5-vl", "-o", output)
    assert_one_line_error(result, "image_size")
    assert output.read_text() == "old"
    sizes = tmp_path / "sizes.csv"
    sizes.write_text("file_name,width,height\na,640,480\n")
    assert (
        run("transcode", answers, "--from", "qwen3-vl", "--to", "qwen2.5-vl", "--sizes", sizes, "-o", output).returncode
        == 0
    )
    assert json.loads(output.read_text())["text"] == '[{"bbox_2d": [64, 95, 193, 190], "label": "cat"}]'


def test_pixels_are_those_of_the_image_that_was_sent(tmp_path):
    answers = tmp_path / "a.jsonl"
    asset = {"file_name": "a.jpg", "width": 1600, "height": 1200, "sent_width": 400, "sent_height": 300}
    text = '[{"bbox_2d": [40, 30, 200, 150]}]'
    answers.write_text(json.dumps({"key": "a", "text": text, "assets": [asset]}) + "\n")
    output = tmp_path / "b.jsonl"
    assert run("transcode", answers, "--from", "json-xyxy-pixels", "--to", "perceptron", "-o", output).returncode == 0
    assert json.loads(output.read_text())["text"] == "<point_box> (100,100) (500,500) </point_box>"


@pytest.mark.parametrize("jobs", [1, 2])
def test_convert_takes_the_sizes_that_a_dialect_needs(tmp_path, jobs):
    """The pixels of Qwen2.5-VL are those of the image after its resize rule, 644x476 for 640x480."""
    answers = tmp_path / "a.jsonl"
    answers.write_text(json.dumps({"key": "a.jpg", "text": '[{"bbox_2d": [0, 0, 322, 238], "label": "cat"}]'}) + "\n")
    sizes = tmp_path / "sizes.csv"
    sizes.write_text("file_name,width,height\na.jpg,640,480\n")
    options = ["--dialect", "qwen2.5-vl", "--jobs", jobs, "-o", tmp_path / "coco.json"]
    assert_one_line_error(run("convert", answers, *options), "a.jpg has no recorded size")
    assert run("convert", answers, *options, "--sizes", sizes).returncode == 0
    (found,) = json.loads((tmp_path / "coco.json").read_text())["annotations"]
    assert found["bbox"] == pytest.approx([0, 0, 320, 240])


def test_a_misspelt_dialect_is_refused(tmp_path):
    answers = recorded(tmp_path / "a.jsonl", [QWEN])
    result = run("transcode", answers, "--from", "qwen3vl", "--to", "gemini", "-o", tmp_path / "b.jsonl")
    assert_one_line_error(result, "did you mean 'qwen3-vl'?")


@pytest.fixture
def truth(tmp_path):
    """COCO with a box in each of twelve images, each in another place."""
    images = [{"id": n, "file_name": f"{n}.jpg", "width": 640, "height": 480} for n in range(12)]
    boxes = [
        {
            "id": n,
            "image_id": n,
            "category_id": 1,
            "bbox": [20 + 30 * n, 10 + 7 * n, 150, 90 + 5 * n],
            "area": 1,
            "iscrowd": 0,
        }
        for n in range(12)
    ]
    path = tmp_path / "truth.json"
    path.write_text(json.dumps({"images": images, "annotations": boxes, "categories": [{"id": 1, "name": "cat"}]}))
    return path


def test_the_doctor_says_what_the_truth_tells(tmp_path, truth):
    document = json.loads(truth.read_text())
    texts = [
        json.dumps([{"box_2d": [y / 4.8, x / 6.4, (y + h) / 4.8, (x + w) / 6.4], "label": "cat"}])
        for x, y, w, h in (each["bbox"] for each in document["annotations"])
    ]
    answers = recorded(tmp_path / "a.jsonl", texts)
    result = run("doctor", answers, "--truth", truth)
    assert result.returncode == 0, result.stderr
    assert "json-yxyx-percent agrees with the truth better than every other" in result.stdout
    unsure = run("doctor", answers, "--strict")
    assert unsure.returncode == 1
    assert "cannot tell" in unsure.stdout
