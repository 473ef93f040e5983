"""The command, run as a user runs it."""

import csv
import json
import os
import pty
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from perceptron_annotations import __version__, backend, read_recordings
from perceptron_annotations.table import read_parquet
from tests.corpora import ROOT

FIXTURES = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "fixtures").glob("*.jsonl"))
BAD = "<point> bad </point>"


def run(*arguments, data=None, stdin=None):
    environment = {**os.environ, "PYTHONUTF8": "1"}
    return subprocess.run(
        [sys.executable, "-m", "perceptron_annotations", *map(str, arguments)],
        cwd=ROOT,
        **({"stdin": stdin} if stdin else {"input": data}),
        capture_output=True,
        text=True,
        encoding="utf-8",
        env=environment,
        check=False,
    )


def assert_one_line_error(result, *words):
    assert result.returncode == 2
    assert result.stderr.startswith("error: ")
    assert result.stderr.count("\n") == 1
    for word in words:
        assert word in result.stderr


def test_help_and_version():
    assert run("--version").stdout.startswith(f"perceptron-annotations {__version__} ({backend} parser, Python 3.")
    for verb in ("parse", "convert", "check"):
        assert verb in run("--help").stdout
        assert run(verb, "--help").returncode == 0


@pytest.mark.backend
def test_parse_prints_a_table():
    result = run("parse", 'A <point_box mention="cat"> (1,2) (30,40) </point_box> and ' + BAD)
    assert result.returncode == 0
    assert "cat" in result.stdout
    assert "(1,2) (30,40)" in result.stdout
    assert "invalid_point_coords" in result.stdout
    assert "partial: 1 annotations, 1 issues" in result.stdout


@pytest.mark.parametrize("mention", ["[/]", "[red]x[/red]", "\x1b[2J", "\u202eevil", "a\nb", ":smile:"])
def test_model_text_reaches_the_terminal_as_text(mention):
    result = run("parse", f'<point mention="{mention}"> (1,2) </point>')
    shown = mention if mention.isprintable() else mention.encode("unicode_escape").decode()
    assert shown in result.stdout
    assert "\x1b" not in result.stdout
    assert "\u202e" not in result.stdout


@pytest.mark.parametrize("form", ["table", "json", "markup"])
def test_no_escape_code_of_an_answer_reaches_a_terminal(form):
    parent, child = pty.openpty()
    text = '<point mention="x\x1b[2J\u009b2J"> (1,2) </point> \x1b]0;owned\x07'
    subprocess.run(
        [sys.executable, "-m", "perceptron_annotations", "parse", "-f", form, text], cwd=ROOT, stdout=child, check=True
    )
    os.close(child)
    shown = b""
    while True:
        try:
            shown += os.read(parent, 65536)
        except OSError:  # how a pty on Linux says that its other end is closed
            break
    os.close(parent)
    assert b"\x1b[2J" not in shown
    assert b"\x1b]0;" not in shown
    assert "\u009b".encode() not in shown


@pytest.mark.backend
def test_parse_other_forms(tmp_path):
    answer = tmp_path / "answer.txt"
    answer.write_text("\ufeffsee <POINT> 500 250 </POINT>", encoding="utf-8")
    assert run("parse", answer, "-f", "markup").stdout == "see <point> (500,250) </point>\n"
    line = json.loads(run("parse", "-", "-f", "json", "--size", "200x100", data=answer.read_text()).stdout)
    assert line["annotations"][0]["x"] == 100
    assert line["annotations"][0]["y"] == 25
    assert "(100,25)" in run("parse", answer, "--size", "200x100").stdout


@pytest.mark.backend
def test_parse_filters():
    text = '<point mention="a"> (1,2) </point> <clip mention="b" t="1" />'
    assert run("parse", text, "-f", "markup", "--label", "b").stdout == '<clip mention="b" t="1 seconds" />\n'
    assert run("parse", text, "-f", "markup", "--kind", "point").stdout == '<point mention="a"> (1,2) </point>\n'
    assert "1 annotations" in run("parse", text, "--kind", "clip").stdout
    assert_one_line_error(run("parse", text, "-f", "json", "--kind", "clip"), "--format table or markup")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("parse", "nothing.txt"), ("no file nothing.txt", "--text")),
        (("parse", "fixtures"), ("is a directory",)),
        (("parse", BAD, "--size", "big"), ("WIDTHxHEIGHT",)),
        (("convert", "tests/ops", "-o", "out.json"), ("is a directory", "*.jsonl")),
        (("convert", "fixtures/none.jsonl", "-o", "out.json"), ("cannot read",)),
        (("convert", FIXTURES[0], "-o", "out.xml"), ("add --to coco, coco-video, yolo",)),
        (("convert", FIXTURES[0], "-o", "none/out.json"), ("folder does not exist",)),
        (("convert", FIXTURES[0], "-o", "/proc/out.json"), ("cannot write",)),
        (("convert", FIXTURES[0], "-o", "out.jsonl", "--label", "x"), ("--to dataset-jsonl",)),
    ],
)
def test_errors_are_one_line_that_says_what_to_do(arguments, words):
    before = set(ROOT.iterdir())
    assert_one_line_error(run(*arguments), *words)
    assert set(ROOT.iterdir()) == before


@pytest.mark.backend
def test_strict_shows_the_place():
    result = run("parse", "--mode", "strict", f"\x1b[2J {BAD}")
    assert result.returncode == 2
    first, line, marks = result.stderr.splitlines()
    assert first.startswith("error: invalid_point_coords")
    assert line[marks.index("^") :] == BAD


def test_convert_to_coco_says_what_it_did(tmp_path):
    rejects = tmp_path / "rejects.jsonl"
    result = run("convert", *FIXTURES, "--to", "coco", "-o", tmp_path / "out.json", "--rejects", rejects)
    assert result.returncode == 0
    coco = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    assert f"{len(coco['images'])} images, {len(coco['annotations'])} annotations" in result.stdout
    assert "read 83 answers" in result.stdout
    assert "what coco does not hold" in result.stdout
    assert "a video, which the format cannot hold" in result.stdout
    lines = [json.loads(line) for line in rejects.read_text(encoding="utf-8").splitlines()]
    assert len(lines) == 8
    assert {"line_number", "code", "reason", "raw", "file"} == set(lines[0])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.json", "rejects.jsonl"]


def test_convert_filters_and_categories(tmp_path):
    line = {"text": '<point mention="a"> (1,2) </point> <point_box mention="b"> (1,2) (3,4) </point_box>'}
    line["assets"] = [{"file_name": "x.png", "width": 10, "height": 10}]
    out = tmp_path / "out.json"
    for arguments, expected in (
        ((), ["a", "b"]),
        (("--kind", "box"), ["b"]),
        (("--label", "a"), ["a"]),
        (("--points", "omit"), ["a", "b"]),
        (("--category", "z", "--category", "b"), ["z", "b"]),
    ):
        assert run("convert", "-", "-o", out, *arguments, data=json.dumps(line)).returncode == 0
        assert [category["name"] for category in json.loads(out.read_text())["categories"]] == expected


def test_convert_to_the_picture_that_was_scaled_or_cut(tmp_path):
    text = '<point_box mention="cat"> (100,200) (500,600) </point_box>'
    line = json.dumps({"text": text, "id": "a", "assets": [{"width": 200, "height": 100}]})
    out = tmp_path / "out.json"
    for options, size, bbox in (
        ((), (200, 100), [20, 20, 80, 40]),
        (("--scale", "2"), (400, 200), [40, 40, 160, 80]),
        (("--scale", "2,3"), (400, 300), [40, 60, 160, 120]),
        (("--crop", "5,7,640,480"), (640, 480), [25, 27, 80, 40]),
        (("--scale", "0.5", "--crop", "5,7,640,480"), (640, 480), [15, 17, 40, 20]),
    ):
        assert run("convert", "-", "-o", out, *options, data=line).returncode == 0
        found = json.loads(out.read_text())
        assert (found["images"][0]["width"], found["images"][0]["height"]) == size
        assert found["annotations"][0]["bbox"] == bbox
    for options, message in (
        (("--scale", "0"), "scale must be numbers above zero"),
        (("--crop", "1,2"), "--crop must be LEFT,TOP,WIDTH,HEIGHT"),
        (("--crop", "-1,2,3,4"), "crop must be LEFT,TOP from 0"),
    ):
        result = run("convert", "-", "-o", out, *options, data=line)
        assert result.returncode == 2
        assert message in result.stderr


@pytest.mark.backend
def test_convert_to_jsonl_on_standard_output():
    result = run("convert", FIXTURES[0], "--to", "jsonl", "-o", "-")
    assert result.returncode == 0
    assert len([json.loads(line) for line in result.stdout.splitlines()]) == 9
    assert "9 answers; 4 lines held no answer" in result.stderr


@pytest.mark.backend
def test_check(tmp_path):
    result = run("check", *FIXTURES)
    assert result.returncode == 0
    assert "83 answers" in result.stdout
    assert "repeated_element" in result.stdout
    assert run("check", "--strict", *FIXTURES).returncode == 1
    good = tmp_path / "good.jsonl"
    good.write_text('{"text": "<point> (1,2) </point>"}\n')
    assert run("check", "--strict", good).returncode == 0
    empty = tmp_path / "empty.jsonl"
    empty.touch()
    assert_one_line_error(run("check", "--strict", empty), "no recorded answer could be read")


def test_an_empty_file_gives_nothing_but_an_empty_dataset_is_one(tmp_path):
    (tmp_path / "empty.jsonl").touch()
    result = run("convert", tmp_path / "empty.jsonl", "-o", tmp_path / "out.json")
    assert_one_line_error(result, "no recorded answer could be read", "there is nothing in it")
    assert not (tmp_path / "out.json").exists()
    (tmp_path / "empty.json").write_text('{"images": [], "annotations": [], "categories": []}')
    assert run("convert", tmp_path / "empty.json", "--to", "csv", "-o", tmp_path / "out.csv").returncode == 0
    assert len((tmp_path / "out.csv").read_text().splitlines()) == 1


@pytest.mark.backend
def test_parquet(tmp_path):
    output, rejects = tmp_path / "out.parquet", tmp_path / "rejects.jsonl"
    result = run("convert", *FIXTURES, "-o", output, "--rejects", rejects)
    assert result.returncode == 0
    table = read_parquet(output)
    assert f"{len(table.responses)} answers; 8 lines held no answer" in result.stdout.replace("\n", " ")
    assert len(rejects.read_text().splitlines()) == 8
    good = [each for path in FIXTURES for each in read_recordings(path, on_problem=lambda _: None)]
    assert table.to_annotations() == [list(each.document().annotations) for each in good]
    assert table.responses.key == tuple(each.key for each in good)


def test_count(tmp_path):
    path = tmp_path / "a.jsonl"
    track = '<track mention="cats"> <point t="0"> (1,2) </point> <point t="1"> (1,3) </point> </track>'
    texts = ['<point mention="Cat"> (1,2) </point> <point> (3,4) </point>', track, ""]
    path.write_text("".join(json.dumps({"text": text}) + "\n" for text in [*texts, "{"]) + "{\n")
    plain = json.loads(run("count", path, "-f", "json").stdout)
    assert (plain["responses"], plain["rejected"]) == (4, 1)
    assert [tuple(row.values()) for row in plain["labels"]] == [
        ("Cat", 1, 1, 1),
        ("cats", 1, 2, 1),
        (None, 1, 1, 1),
    ]
    merged = run("count", path, "--ignore-case", "--singular").stdout
    assert re.search(r"cat +│ 2 +│ 3 +│ 2", merged)
    assert "4 answers; 1 lines held no answer" in merged


def test_dedupe(tmp_path):
    box = '<point_box mention="{}"> (0,0) (10,10) </point_box>'
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps({"text": box.format("a") * 3 + box.format("b")}) + "\n")
    result = run("dedupe", path, "-o", tmp_path / "out.parquet")
    assert result.returncode == 0
    assert "1 responses, 2 of 4 annotations" in result.stdout.replace("\n", " ")
    assert read_parquet(tmp_path / "out.parquet").labels.tolist() == ["a", "b"]
    run("dedupe", path, "-o", tmp_path / "out.parquet", "--across-labels")
    assert read_parquet(tmp_path / "out.parquet").labels.tolist() == ["a"]


@pytest.mark.backend
def test_hostile_answers(tmp_path):
    path = tmp_path / "hostile.jsonl"
    texts = [
        "<collection>" * 100_000,
        "<" * 10**6,
        f"<point> ({'9' * 5000},1) </point>",
        "\ud800\x1b[2J<point> \x07 </point>",
    ]
    path.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts))
    for arguments in (("check", path), ("convert", path, "-o", tmp_path / "out.jsonl")):
        result = run(*arguments)
        assert result.returncode == 0
        assert result.stderr == ""
        assert "\x1b" not in result.stdout


def test_device_files_stay_what_they_are():
    pipe = Path("/dev/null")
    assert run("convert", FIXTURES[0], "--to", "jsonl", "-o", pipe).returncode == 0
    assert not pipe.is_file()


def answers_and_truth(tmp_path):
    """Two answers about pictures whose sizes only the truth knows."""
    box = '<point_box mention="{}"> (0,0) ({},500) </point_box>'
    lines = [{"text": box.format("cat", 500), "key": "a.png"}, {"text": "<point_box> (x) </point_box>", "key": "b.png"}]
    answers = tmp_path / "answers.jsonl"
    answers.write_text("".join(json.dumps(line) + "\n" for line in lines))
    truth = tmp_path / "truth.json"
    boxes = [
        {"id": n, "image_id": n, "category_id": 1, "bbox": [0, 0, 50, 25], "area": 1250, "iscrowd": 0} for n in (1, 2)
    ]
    images = [{"id": n, "file_name": name, "width": 100, "height": 50} for n, name in ((1, "a.png"), (2, "b.png"))]
    truth.write_text(json.dumps({"images": images, "annotations": boxes, "categories": [{"id": 1, "name": "Cat"}]}))
    return answers, truth


def test_evaluate(tmp_path):
    answers, truth = answers_and_truth(tmp_path)
    result = run("evaluate", answers, "--truth", truth, "--ignore-case")
    assert result.returncode == 0
    assert "1 ok, 1 unreadable" in result.stdout
    report = json.loads(run("evaluate", answers, "--truth", truth, "--ignore-case", "-f", "json").stdout)
    (half, _) = report["detection"]["overall"]
    assert (half["precision"], half["recall"], report["outcomes"]["unreadable_rate"]) == (1, 0.5, 0.5)
    assert report["readable"]["detection"]["overall"][0]["recall"] == 1
    assert metric(run("evaluate", answers, "--truth", truth, "-f", "json"), "recall@0.5") == 0
    markdown = run("evaluate", answers, "--truth", truth, "--ignore-case", "-f", "markdown", "--iou", "0.9").stdout
    assert "| all | 0.9 | 1.000 | 0.500 | 0.667 | 1 | 0 | 1 |" in markdown
    table = run("evaluate", answers, "--truth", truth, "--ignore-case", "-f", "csv").stdout
    assert ",,all,detection,,recall@0.5,0.5," in table
    assert run("evaluate", answers, "--truth", truth, "--ignore-case", "--fail-under", "f1=0.6").returncode == 0
    low = run("evaluate", answers, "--truth", truth, "--fail-under", "f1=0.6")
    assert low.returncode == 1
    assert "f1 is 0.0000, below 0.6" in low.stderr
    low = run("evaluate", answers, "--truth", truth, "--fail-under", "f1=0.6", "-f", "json")
    assert metric(low, "f1@0.5") == 0  # what a program reads is whole
    for text, message in (
        ("f1", "METRIC=VALUE"),
        ("f1=nan", "METRIC=VALUE"),
        ("speed=1", "choose from precision@0.5"),
        ("count_mae=1", "unknown metric 'count_mae'"),
    ):
        failed = run("evaluate", answers, "--truth", truth, "--fail-under", text)
        assert failed.returncode == 2
        assert message in failed.stderr
    assert metric(run("evaluate", truth, "--truth", truth, "-f", "json"), "f1@0.5") == 1


def metric(result, name):
    """A metric of the JSON that ``evaluate`` printed."""
    return json.loads(result.stdout)["detection"]["metrics"][name]["value"]


def test_evaluate_compares_slices_and_draws(tmp_path):
    answers, truth = answers_and_truth(tmp_path)
    picture = tmp_path / "curves.png"
    options = ("--ignore-case", "--compare", truth, "--by", "size", "--by", "key", "--curves", picture)
    result = run("evaluate", answers, "--truth", truth, *options)
    assert result.returncode == 0, result.stderr
    assert picture.read_bytes().startswith(b"\x89PNG")
    for words in ("truth compared with answers", "difference", "by size", "up to 0.3 MP", "by key", "most mistakes"):
        assert words in result.stdout
    missing = run("evaluate", answers, "--truth", truth, "--by", "nothing")
    assert missing.returncode == 2
    assert "has a field 'nothing'" in missing.stderr
    assert (
        "temporal: neither side has anything" in run("evaluate", answers, "--truth", truth, "--task", "temporal").stdout
    )
    counting = run("evaluate", answers, "--truth", truth, "--task", "counting", "-f", "json")
    assert "detection" not in json.loads(counting.stdout)


def test_evaluate_of_other_images(tmp_path):
    answers, truth = answers_and_truth(tmp_path)
    truth.write_text(truth.read_text().replace('"a.png"', '"x/c.png"').replace('"b.png"', '"x/d.png"'))
    failed = run("evaluate", answers, "--truth", truth)
    assert failed.returncode == 2
    assert "no image of the truth, for example x/c.png" in failed.stderr
    failed = run("evaluate", answers, "--truth", answers)
    assert failed.returncode == 2
    assert "make one of it with convert" in failed.stderr


def test_nothing_is_markup_in_a_report(tmp_path):
    """Names of pictures and fields are the models' and the user's: no formula, no tag, no escape code."""
    answers, truth = answers_and_truth(tmp_path)
    name = "\x1b[31m<img src=x>.png"
    lines = answers.read_text().splitlines()
    prompt = "Find \x1b[2J <b> | it"
    more = {"text": "nothing", "assets": [{"file_name": name, "width": 9, "height": 9}], "a|<b>": "\x1b[1m"}
    first = {**json.loads(lines[0]), "a|<b>": "\x1b[1m", "prompt": prompt}
    answers.write_text("\n".join(map(json.dumps, [first, first, more])) + "\n" + "\n".join(lines[1:]) + "\n")
    for output in ("markdown", "table"):
        result = run("evaluate", answers, "--truth", truth, "--by", "a|<b>", "--by", "prompt", "-f", output)
        assert result.returncode == 0, result.stderr
        assert "\x1b" not in result.stdout
        assert "images with several answers: 1" in result.stdout
        if output == "markdown":
            assert r"**by a\|\<b\>**" in result.stdout
            assert "<img" not in result.stdout.replace(r"\<img", "")


def test_evaluate_says_ties_in_a_line(tmp_path):
    _, truth = answers_and_truth(tmp_path)
    results = tmp_path / "results.json"
    results.write_text(json.dumps([{"image_id": 1, "category_id": 1, "bbox": [0, 0, 50, 25], "score": 0.5}] * 2))
    result = run("evaluate", results, "--truth", truth)
    assert result.stderr.startswith("warning: 100% of the scores equal")
    assert result.stderr.count("\n") == 1
    assert "no average precision" not in run("evaluate", results, "--truth", truth, "--task", "detection").stdout


def test_curves_of_files_of_one_name(tmp_path):
    answers, truth = answers_and_truth(tmp_path)
    other = tmp_path / "other" / answers.name
    other.parent.mkdir()
    other.write_bytes(answers.read_bytes())
    picture = tmp_path / "curves.svg"
    result = run("evaluate", answers, "--truth", truth, "--compare", other, "--curves", picture)
    assert result.returncode == 0, result.stderr
    assert picture.read_text().count("<!-- other/answers -->") == 2  # as short as tells them apart


def test_evaluate_reads_coco_results(tmp_path):
    _, truth = answers_and_truth(tmp_path)
    results = tmp_path / "results.json"
    entries = [{"image_id": 1, "category_id": 1, "bbox": [0, 0, 50, 25], "score": 0.5}]
    results.write_text(json.dumps(entries))
    report = json.loads(run("evaluate", results, "--truth", truth, "-f", "json").stdout)
    # One of two is found: precision is 1 up to a recall of one half, which is 51 of 101 points.
    assert report["average_precision"]["metrics"]["ap50"]["value"] == pytest.approx(51 / 101)


def test_from_one_dataset_to_another(tmp_path):
    _, truth = answers_and_truth(tmp_path)
    result = run("convert", truth, "--to", "voc", "-o", tmp_path / "voc")
    assert result.returncode == 0
    assert "read" in result.stdout
    assert run("convert", tmp_path / "voc", "-o", tmp_path / "back.csv").returncode == 0
    assert metric(run("evaluate", tmp_path / "back.csv", "--truth", truth, "-f", "json"), "f1@0.5") == 1
    shown = run("inspect", truth).stdout
    assert "Cat" in shown
    assert "2 assets" in shown
    assert "CVAT for images" in run("formats").stdout
    strict = run("convert", *FIXTURES, "--to", "coco", "-o", tmp_path / "o.json", "--strict")
    assert (strict.returncode, strict.stderr) == (1, "")
    assert (tmp_path / "o.json").is_file()


def test_newcomer_m2_an_answer_without_an_image_says_what_to_add(tmp_path):
    """The key is the name of the image, but nothing says its size: the message names the options that do."""
    answers, sizes, out = tmp_path / "answers.jsonl", tmp_path / "sizes.csv", tmp_path / "out.json"
    answers.write_text('{"key": "a.jpg", "text": "<point_box mention=\\"cat\\"> (1,2) (3,4) </point_box>"}\n')
    lost = run("convert", answers, "--to", "coco", "-o", out)
    assert_one_line_error(lost, "everything was dropped", "an answer without an image of its own", "a.jpg", "--sizes")
    sizes.write_text("file_name,width,height\na.jpg,100,100\n")
    assert run("convert", answers, "--to", "coco", "-o", out, "--sizes", sizes, "--strict").returncode == 0


def test_frames_of_videos(tmp_path):
    """Answers know no frame rate, and CVAT's files say none: it is asked for, when writing and when reading."""
    text = '<track mention="cat"> <point t="0.4"> (1,2) </point> <point t="0.8"> (3,4) </point> </track>'
    line = {"text": text, "key": "k", "assets": [{"file_name": "a.mp4", "width": 1000, "height": 1000}]}
    answers, folder, out = tmp_path / "answers.jsonl", tmp_path / "video", tmp_path / "out.csv"
    answers.write_text(json.dumps(line) + "\n")
    lost = run("convert", answers, "--to", "cvat-video", "-o", tmp_path / "none")
    assert_one_line_error(lost, "everything was dropped", "a video whose frame rate is unknown")
    assert run("convert", answers, "--to", "cvat-video", "-o", folder, "--fps", "25").returncode == 0
    text = (folder / "a.xml").read_text()
    assert [f'<points frame="{frame}"' in text for frame in (10, 20, 21)] == [True] * 3
    assert run("convert", folder, "-o", out).returncode == 0
    (folder / "a.xml").write_text(re.sub("<fps>.*</fps>", "", text))
    for verb in (("convert", folder, "-o", out), ("inspect", folder)):
        assert_one_line_error(run(*verb), "does not state its frame rate", "--fps")
        assert run(*verb, "--fps", "50").returncode == 0
    assert [row["t"] for row in csv.DictReader(out.read_text().splitlines())] == ["0.2", "0.4"]
    assert_one_line_error(run("inspect", folder, "--fps", "0"), "fps must be a positive number of frames per second")
    assert_one_line_error(run("convert", answers, "-o", tmp_path / "o.jsonl", "--fps", "5"), "--to dataset-jsonl")


def test_sizes_of_pictures_for_answers(tmp_path):
    answers, truth = answers_and_truth(tmp_path)
    out = tmp_path / "out.json"
    assert run("convert", answers, "-o", out, "--sizes", truth).returncode == 0
    assert json.loads(out.read_text())["annotations"][0]["bbox"] == [0, 0, 50, 25]
    both = run("convert", answers, "-o", out, "--sizes", truth, "--images", tmp_path)
    assert both.returncode == 2
    assert "use one of them" in both.stderr


def test_a_write_that_is_ended_leaves_nothing(tmp_path):
    arguments = ["convert", "-", "--to", "csv", "-o", "out.csv", "--rejects", "bad.jsonl"]
    command = [sys.executable, "-m", "perceptron_annotations", *arguments]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, cwd=tmp_path, stdin=subprocess.PIPE, env=environment) as process:
        process.stdin.write(b'{"key": "a.jpg", "text": "nothing"}\n' * 20_000)  # what it is, is told by how it begins
        process.stdin.flush()
        deadline = time.monotonic() + 60
        while len(list(tmp_path.iterdir())) < 2:  # both are begun
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.01)
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=20)
    assert process.returncode == 143
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no such device")
@pytest.mark.parametrize(
    "arguments",
    [
        ("convert", "examples/evaluate/small.jsonl", "--to", "coco", "-o", "-"),
        ("convert", FIXTURES[0], "--to", "parquet", "-o", "-"),
        ("convert", "examples/evaluate/small.jsonl", "--to", "csv", "-o", "/dev/null"),
        ("formats",),
    ],
)
def test_standard_output_without_space(arguments):
    with Path("/dev/full").open("w") as full:
        command = [sys.executable, "-m", "perceptron_annotations", *arguments]
        result = subprocess.run(command, cwd=ROOT, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert_one_line_error(result, "standard output", "No space left")


def test_options_reach_a_dataset_or_are_refused(tmp_path):
    _, truth = answers_and_truth(tmp_path)
    out = tmp_path / "out.json"
    assert run("convert", truth, "-o", out, "--ignore-case", "--category", "cat", "--category", "new").returncode == 0
    assert [each["name"] for each in json.loads(out.read_text())["categories"]] == ["cat", "new"]
    result = run("convert", truth, "-o", out, "--category", "new")
    assert_one_line_error(result, "everything was dropped", "a label that is not in the list of labels", "Cat")
    assert len(json.loads(out.read_text())["annotations"]) == 2
    out.unlink()
    answers_only = (
        *(("--scale", "2"), ("--crop", "0,0,9,9"), ("--merge", "last")),
        *(("--key", "id"), ("--rejects", tmp_path / "r"), ("--mode", "salvage")),
    )
    for option, value in answers_only:
        assert_one_line_error(run("convert", truth, "-o", out, option, value), option, "is for recorded answers")
    assert_one_line_error(run("convert", truth, truth, "-o", out), "one at a time")
    for name in ("jsonl", "parquet"):
        assert_one_line_error(run("convert", truth, "--to", name, "-o", out), f"--to dataset-{name}")
    assert not out.exists()


def test_parts_are_written_all_or_none(tmp_path):
    """A part that cannot be written is found before any other is."""
    _, truth = answers_and_truth(tmp_path)
    (tmp_path / "out-val").mkdir()
    (tmp_path / "out-val" / "kept.txt").touch()
    split = ("--split", "train=0.5,val=0.5")
    assert_one_line_error(
        run("convert", truth, "--to", "voc", "-o", tmp_path / "out", *split), "out-val is a folder that is not empty"
    )
    assert not (tmp_path / "out-train").exists()
    (tmp_path / "out-val" / "kept.txt").unlink()
    assert run("convert", truth, "--to", "voc", "-o", tmp_path / "out", *split).returncode == 0
    assert (tmp_path / "out-train").is_dir()


def test_options_that_whole_answers_do_not_take(tmp_path):
    answers, truth = answers_and_truth(tmp_path)
    for option in (("--sizes", truth), ("--merge", "first")):
        assert_one_line_error(run("convert", answers, "-o", tmp_path / "o.jsonl", *option), "--to dataset-jsonl")
    same = run("convert", answers, "-o", tmp_path / "o.csv", "--rejects", tmp_path / "." / "o.csv")
    assert_one_line_error(same, "are the same file")
    assert_one_line_error(run("convert", answers, "--to", "voc", "-o", "-"), "cannot be written to standard output")


def test_the_format_to_read_is_named_where_the_file_does_not_tell(tmp_path):
    answers, truth = answers_and_truth(tmp_path)
    plain = tmp_path / "truth"
    plain.write_bytes(truth.read_bytes())
    assert run("inspect", plain).stdout.splitlines()[1:] == run("inspect", truth).stdout.splitlines()[1:]
    rows = tmp_path / "rows"
    run("convert", truth, "--to", "csv", "-o", rows)
    assert_one_line_error(run("inspect", rows), "cannot tell the format", "--from")
    assert run("inspect", rows, "--from", "csv").returncode == 0
    assert run("convert", rows, "--from", "csv", "-o", tmp_path / "out.json").returncode == 0
    named = tmp_path / "answers.json"
    named.write_bytes(answers.read_bytes())
    for inputs in ([named], [named, named]):
        assert run("convert", *inputs, "--from", "jsonl", "-o", tmp_path / "o.jsonl").returncode == 0
        assert run("convert", *inputs, "-o", tmp_path / "o.jsonl").returncode == 0
    assert_one_line_error(run("inspect", answers, "--from", "parquet"), "use check or count")
    for verb in (["inspect"], ["convert", "-o", tmp_path / "x.csv"]):
        assert_one_line_error(run(*verb, tmp_path / "none"), "cannot read", "none")


def test_progress_is_told_for_each_input_in_every_format(tmp_path):
    """Formats that take a whole dataset read all inputs in one call; the bar moves through each of them."""
    code = (
        "import sys, contextlib, perceptron_annotations.cli.inputs as inputs\n"
        "inputs.progress = lambda names: contextlib.nullcontext(lambda name: lambda at: print('at', name, at))\n"
        "from perceptron_annotations.cli.main import main; main()"
    )
    files = ["examples/evaluate/small.jsonl", "examples/evaluate/large.jsonl"]
    for target in ("csv", "yolo"):
        words = ["convert", *files, "--to", target, "-o", tmp_path / target]
        result = subprocess.run(
            [sys.executable, "-c", code, *words], cwd=ROOT, capture_output=True, text=True, check=True
        )
        assert [line.split()[1] for line in result.stdout.splitlines() if line.startswith("at ")] == files
