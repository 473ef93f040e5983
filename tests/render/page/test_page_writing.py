"""What a page holds: verdicts that add up to the report, images, notes, data that cannot leave their script, files."""

import json
import re
import shutil
import subprocess
import sys
from base64 import b64decode, b64encode
from hashlib import sha256
from html import unescape
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from benchmarks.scenes import write_scenes
from perceptron_annotations import evaluate
from perceptron_annotations.errors import FileError, UsageError
from perceptron_annotations.evaluation import read_predictions, read_truth
from perceptron_annotations.problems import ProblemCode
from perceptron_annotations.render import write_page
from perceptron_annotations.render.page.shell import page_script
from tests.corpora import ROOT
from tests.render.page.recorded import line, mixed, predictions

pytestmark = pytest.mark.backend

OXLINT = shutil.which("oxlint", path=str(Path(sys.executable).parent))
WAYS = """innerHTML outerHTML insertAdjacentHTML document.write eval( Function( setTimeout( createContextualFragment
DOMParser srcdoc fetch( XMLHttpRequest WebSocket sendBeacon import(""".split()
BROWSER = ROOT / "perceptron_annotations" / "render" / "page" / "browser"


def island(html, name):
    """The data of a page, as a browser would find them: up to the first end of a script."""
    start = html.index(f'id="{name}">') + len(f'id="{name}">')
    return json.loads(html[start : html.index("</script>", start)])


def page_of(path):
    html = path.read_text(encoding="utf-8")
    return island(html, "page-head"), island(html, "page-cards")


@pytest.fixture(scope="module")
def scenes(tmp_path_factory):
    folder = tmp_path_factory.mktemp("scenes")
    write_scenes(folder, 60)
    return folder


# -- what it says ------------------------------------------------------------------------------------------------------


def test_verdicts_add_up_to_what_evaluate_reports(scenes, tmp_path):
    truth = read_truth(scenes / "truth.json")
    first, second = (read_predictions(scenes / name, truth) for name in ("answers.jsonl", "other.jsonl"))
    write_page(first, tmp_path / "page.html", truth=truth, compare=second)
    _, cards = page_of(tmp_path / "page.html")
    assert len(cards) == 60
    for side, model in enumerate((first, second)):
        scores = evaluate(model, truth).detection.overall[0]
        counts = [card["answers"][side]["counts"] for card in cards]
        assert [sum(column) for column in zip(*counts, strict=True)] == [
            scores.true_positives,
            scores.false_positives,
            scores.false_negatives,
        ]
        shapes = [shape for card in cards for shape in card["answers"][side].get("shapes", [])]
        assert sum(shape["verdict"] == "tp" for shape in shapes) == scores.true_positives
        assert sum(len(card["answers"][side].get("missed", [])) for card in cards) == scores.false_negatives


def test_images_without_an_answer_and_answers_of_one_model_have_cards(tmp_path):
    truth = json.dumps({"images": [{"id": 1, "file_name": "a.jpg", "width": 10, "height": 10}], "categories": []})
    (tmp_path / "truth.json").write_text(truth)
    known = read_truth(tmp_path / "truth.json")
    other = predictions(tmp_path / "other.jsonl", [line("b.jpg", "<point> (1,2) </point>")])
    one = predictions(tmp_path / "one.jsonl", [line("c.jpg", "nothing")])
    write_page(one, tmp_path / "page.html", compare=other, truth=known)
    _, cards = page_of(tmp_path / "page.html")
    answered = {card["assets"][0]["name"]: [each and each["outcome"] for each in card["answers"]] for card in cards}
    assert answered == {"c.jpg": ["empty", None], "b.jpg": [None, "ok"], "a.jpg": [None, None]}


def test_a_dataset_is_shown_without_words(scenes, tmp_path):
    truth = read_truth(scenes / "truth.json")
    write_page(truth.dataset, tmp_path / "page.html", images=scenes / "photos")
    head, cards = page_of(tmp_path / "page.html")
    assert (len(cards), head["labels"]) == (60, list(dict.fromkeys(head["labels"])))
    x1, y1, x2, y2 = cards[0]["answers"][0]["shapes"][0]["at"]
    assert 0 <= x1 < x2 <= 1000
    assert 0 <= y1 < y2 <= 1000


def test_reasoning_comes_from_the_text_and_from_the_service(tmp_path):
    lines = [line("a.jpg", "<think>one</think>yes"), line("b.jpg", "yes", reasoning_content="two")]
    write_page(predictions(tmp_path / "a.jsonl", lines), tmp_path / "page.html")
    _, cards = page_of(tmp_path / "page.html")
    assert [card["answers"][0]["reasoning"] for card in cards] == ["one", "two"]
    assert [card["answers"][0]["prompt"] for card in cards] == ["What is there?"] * 2
    assert cards[1]["answers"][0]["place"].endswith("a.jsonl:2")


# -- images ------------------------------------------------------------------------------------------------------------


def test_images_are_small_upright_copies_joined_by_name(tmp_path):
    (tmp_path / "photos").mkdir()
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    Image.new("RGB", (3000, 2000), "red").save(tmp_path / "photos" / "a.jpg", exif=exif)
    write_page(
        predictions(tmp_path / "a.jsonl", [line("x/a", "nothing")]), tmp_path / "p.html", images=tmp_path / "photos"
    )
    html = (tmp_path / "p.html").read_text(encoding="utf-8")
    (source,) = island(html, "page-images")
    image = Image.open(BytesIO(b64decode(source.removeprefix("data:image/webp;base64,"))))
    assert image.height == 1280
    assert image.width == pytest.approx(853, abs=1)


def test_what_is_missing_or_broken_is_told_and_the_rest_is_drawn(tmp_path):
    (tmp_path / "photos").mkdir()
    Image.new("RGB", (30, 20)).save(tmp_path / "photos" / "a.png")
    whole = (tmp_path / "photos" / "a.png").read_bytes()
    (tmp_path / "photos" / "broken.png").write_bytes(whole[:40])
    lines = [line(name, "nothing") for name in ("a.png", "broken.png", "gone.png")]
    problems = []
    answers = predictions(tmp_path / "a.jsonl", lines)
    report = write_page(answers, tmp_path / "p.html", images=tmp_path / "photos", on_problem=problems.append)
    assert [problem.code for problem in problems] == [ProblemCode.MISSING_IMAGE]
    assert (report.cards, report.images) == (3, 1)
    assert "1 of 3 images are not in the folder, for example gone.png" in report.notes[0]


def test_without_pillow_the_page_says_what_to_install(scenes, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "PIL", None)
    report = write_page(read_predictions(scenes / "answers.jsonl"), tmp_path / "p.html", images=scenes / "photos")
    assert report.images == 0
    assert "Images need Pillow" in report.notes[0]
    assert page_of(tmp_path / "p.html")[1][0]["assets"][0].keys() == {"name", "width", "height"}


# -- the file ----------------------------------------------------------------------------------------------------------


def test_the_policy_names_exactly_the_style_and_the_script_of_the_page(tmp_path):
    write_page(mixed(tmp_path), tmp_path / "page.html")
    html = (tmp_path / "page.html").read_text(encoding="utf-8")
    policy = unescape(re.search(r'Content-Security-Policy" content="([^"]*)"', html)[1])
    for tag, directive in (("style", "style-src"), ("script", "script-src")):
        (text,) = re.findall(f"<{tag}>(.*?)</{tag}>", html, re.DOTALL)
        digest = b64encode(sha256(text.encode()).digest()).decode()
        assert f"{directive} 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none'; img-src data: blob:;")
    assert "unsafe" not in policy


def test_data_cannot_leave_their_script(tmp_path):
    text = "</script><!-- \u2028 & <!--title-->"
    write_page(predictions(tmp_path / "a.jsonl", [line("a.jpg", text)]), tmp_path / "page.html", title=text)
    html = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "\u2028" not in html[html.index('<script type="application/json"') :]
    assert html.count("</script>") == 4
    head, cards = page_of(tmp_path / "page.html")
    assert head["title"] == text
    assert "".join(cards[0]["answers"][0]["pieces"]) == text


def test_scripts_make_no_markup_of_texts():
    """No way of a browser to make elements or code of a text is in our scripts."""
    script = page_script()
    for way in WAYS:
        assert way not in script
    template = (BROWSER / "page.html").read_text(encoding="utf-8")
    assert not re.search(r"\son\w+=|https?:|style=", template)


@pytest.mark.skipif(OXLINT is None, reason="oxlint is not installed: pip install oxlint")
def test_scripts_are_clean(tmp_path):
    (tmp_path / "page.js").write_text(page_script(), encoding="utf-8")
    command = [OXLINT, "-c", str(ROOT / ".oxlintrc.json"), str(tmp_path / "page.js")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert max(len(path.read_text().splitlines()) for path in BROWSER.glob("*.js")) <= 400


def test_a_folder_is_new_and_whole_or_absent(scenes, tmp_path):
    answers = read_predictions(scenes / "answers.jsonl")
    report = write_page(answers, f"{tmp_path}/out/", images=scenes / "photos")
    files = [path for path in (tmp_path / "out").rglob("*") if path.is_file()]
    assert report.bytes == sum(path.stat().st_size for path in files)
    assert sorted({path.suffix for path in files}) == [".html", ".js", ".webp"]
    with pytest.raises(FileError):
        write_page(answers, f"{tmp_path}/out/")

    def stop(done, total):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_page(answers, f"{tmp_path}/other/", images=scenes / "photos", progress=stop)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out"]


def test_what_is_not_answers_is_refused_in_a_line(tmp_path):
    with pytest.raises(UsageError, match="read_predictions"):
        write_page("answers.jsonl", tmp_path / "page.html")
