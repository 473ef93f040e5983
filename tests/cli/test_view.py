"""The verb ``view``: what it reads, prints and refuses."""

import pytest

from benchmarks.scenes import write_scenes
from tests.cli.in_process import run
from tests.corpora import ROOT

pytestmark = pytest.mark.backend


@pytest.fixture
def scenes(tmp_path, monkeypatch):
    write_scenes(tmp_path / "scenes", 12)
    monkeypatch.chdir(tmp_path / "scenes")
    return tmp_path / "scenes"


def test_it_says_what_it_wrote_and_how_large_it_is(scenes):
    result = run("view", "answers.jsonl", "--images", "photos", "-o", "report.html")
    size = (scenes / "report.html").stat().st_size
    assert (result.status, result.err) == (0, "")
    assert result.out == f"report.html: 12 answers, 12 images, {size / 1000:.0f} kB\n"


def test_a_slash_makes_a_folder(scenes):
    result = run("view", "answers.jsonl", "--images", "photos", "--truth", "truth.json", "-o", "report/")
    assert result.out.startswith("report/index.html: 12 answers, 12 images, ")
    assert (scenes / "report" / "index.html").is_file()
    again = run("view", "answers.jsonl", "-o", "report/")
    assert again.status == 2
    assert again.err.count("\n") == 1


def test_two_models_beside_the_truth(scenes):
    result = run(
        *("view", "answers.jsonl", "--compare", "other.jsonl", "--truth", "truth.json"),
        *("--iou", "0.75", "--title", "Tables", "-o", "report.html"),
    )
    html = (scenes / "report.html").read_text(encoding="utf-8")
    assert result.status == 0
    assert "<title>Tables</title>" in html
    assert '"threshold":0.75' in html
    assert '"sides":["answers.jsonl","other.jsonl"]' in html


def test_it_reads_whatever_evaluate_reads(scenes, tmp_path):
    for to, name in (("jsonl", "a.jsonl"), ("parquet", "a.parquet"), ("coco", "a.json"), ("yolo", "a")):
        assert run("convert", "answers.jsonl", "--to", to, "-o", tmp_path / name).status == 0
        sizes = ("--images", "photos")
        result = run("view", tmp_path / name, *sizes, "-o", tmp_path / f"{to}.html")
        assert (result.status, to) == (0, to)
        assert "12 answers" in result.out


def test_the_same_page_from_recordings_and_from_what_convert_wrote(scenes, tmp_path):
    assert run("convert", "answers.jsonl", "--to", "jsonl", "-o", tmp_path / "answers.jsonl").status == 0
    for path, name in (("answers.jsonl", "one.html"), (tmp_path / "answers.jsonl", "two.html")):
        assert run("view", path, "--truth", "truth.json", "--title", "t", "-o", tmp_path / name).status == 0
    one, two = ((tmp_path / name).read_text(encoding="utf-8") for name in ("one.html", "two.html"))
    assert one == two


def test_one_answer_is_not_several(tmp_path):
    (tmp_path / "a.jsonl").write_text('{"key": "a.jpg", "text": "<point> (1,2) </point>"}')
    assert (
        run("view", tmp_path / "a.jsonl", "-o", tmp_path / "a.html")
        .out.split(": ")[1]
        .startswith("1 answer, 0 images, ")
    )


def test_several_files_are_one_page(scenes):
    result = run("view", "answers.jsonl", "other.jsonl", "-o", "report.html")
    assert result.out.startswith("report.html: 24 answers, 0 images")
    assert "--images" in result.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["gone.jsonl", "-o", "r.html"], "gone.jsonl"),
        (["answers.jsonl", "-o", "answers.jsonl"], "would be overwritten"),
        (["answers.jsonl", "-o", "photos"], "directory"),
        (["answers.jsonl", "--truth", "answers.jsonl", "-o", "r.html"], "convert"),
        (["answers.jsonl", "--images", "nowhere", "-o", "r.html"], "nowhere"),
    ],
)
def test_what_cannot_be_done_is_a_line_and_writes_nothing(scenes, words, said):
    before = sorted(scenes.iterdir())
    result = run("view", *words)
    assert result.status == 2
    assert said in result.err
    assert result.err.count("\n") == 1
    assert sorted(scenes.iterdir()) == before


def test_strict_judges_the_answers_and_not_the_page(tmp_path):
    fixture = ROOT / "fixtures" / "perceptron_mk1.jsonl"
    assert run("view", fixture, "-o", tmp_path / "one.html").status == 0
    assert run("view", fixture, "--strict", "-o", tmp_path / "two.html").status == 1
    assert (tmp_path / "one.html").read_bytes() == (tmp_path / "two.html").read_bytes()
