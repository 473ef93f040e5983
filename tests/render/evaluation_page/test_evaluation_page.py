"""The page of an evaluation: what it says, where its links lead, and that names stay text."""

import json
import re
from pathlib import Path

import pytest
from lxml import html

import perceptron_annotations as pa
from perceptron_annotations.errors import UsageError
from tests.cli.in_process import run
from tests.render.evaluation_page.conftest import IMAGES, dataset, evaluated

HOSTILE = '</script><script>alert(1)</script><img src=x onerror=alert(2)>"'


def hostile(name):
    return f"{HOSTILE}{name}"


def written(report, tmp_path, **options):
    path = tmp_path / "report.html"
    assert report.write_html(path, **options) == path.stat().st_size
    return path


def page_of(path):
    return html.fromstring(path.read_text(encoding="utf-8"))


def picks_of(page):
    """The title and the images of each list that a section links to, by the number of its link."""
    cards = [card["assets"][0]["name"] for card in json.loads(page.get_element_by_id("page-cards").text)]
    picks = json.loads(page.get_element_by_id("page-picks").text)
    return {number: (title, [cards[place] for place in places]) for number, (title, places) in enumerate(picks, 1)}


def cells(table):
    """The rows of a matrix as texts, the heads of rows and columns among them."""
    return [["".join(cell.itertext()) for cell in row] for row in table.iter("tr")]


# -- what it says ------------------------------------------------------------------------------------------------------


def test_the_matrix_has_the_numbers_of_the_matrix(tmp_path):
    page = page_of(written(evaluated(), tmp_path))
    (table,) = page.find_class("confusion")
    head, *rows = cells(table)
    assert head[1:] == ["cat", "dog", "not found"]
    assert [row[0] for row in rows] == ["cat", "dog", "nothing there"]
    found = pa.evaluation.confusion_matrix(dataset(1), dataset(0)).matrix.tolist()
    assert found == [[1, 2, 0], [0, 1, 1], [1, 0, 0]]
    assert [[int(cell.replace("·", "0")) for cell in row[1:]] for row in rows] == found


def test_each_cell_leads_to_its_images(tmp_path):
    page = page_of(written(evaluated(), tmp_path))
    picks = picks_of(page)
    expected = {
        "cat predicted as cat": ["b.jpg"],
        "cat predicted as dog": ["a.jpg", "e.jpg"],
        "dog predicted as dog": ["e.jpg"],
        "dog not found": ["c.jpg"],
        "cat predicted where nothing is": ["d.jpg"],
    }
    (table,) = page.find_class("confusion")
    linked = [int(link.get("href").rpartition("=")[2]) for link in table.iter("a")]
    assert dict(picks[number] for number in linked) == expected


def test_mistakes_by_label_count_and_lead_to_images(tmp_path):
    page = page_of(written(evaluated(), tmp_path))
    (table,) = page.find_class("mistakes")
    rows = {row[0]: row[1:4] for row in cells(table)[1:]}
    assert rows == {"cat": ["1", "1", "2"], "dog": ["1", "2", "1"]}
    named = dict(picks_of(page).values())
    assert named["false positives of dog"] == ["a.jpg", "e.jpg"]
    assert named["false negatives of cat"] == ["a.jpg", "e.jpg"]
    assert len(table.find_class("cut")) == 6


def test_the_worst_images_are_overlays(tmp_path):
    page = page_of(written(evaluated(), tmp_path))
    (gallery,) = page.find_class("gallery")
    captions = ["".join(each.itertext()) for each in gallery.iter("figcaption")]
    assert captions[:2] == ["a.jpg: 1 FP, 1 FN", "e.jpg: 1 TP, 1 FP, 1 FN"]
    assert sorted(captions[2:]) == ["c.jpg: 1 FN", "d.jpg: 1 FP"]
    first = next(gallery.iter("figure"))
    dashes = [each.get("stroke-dasharray") for each in first.find_class("shape")]
    assert len(set(dashes)) == 2
    assert None not in dashes  # true positives alone are solid


def test_tables_and_remarks_are_those_of_the_report(tmp_path):
    report = evaluated(compare=True)
    page = page_of(written(report, tmp_path))
    said = " ".join(page.get_element_by_id("view-metrics").text_content().split())
    assert "answers about 6 of 6 images" in said
    assert "large compared with small" in said
    for name, found in report.metrics.items():
        if name.startswith("f1"):
            assert name in said
            assert f"{found.value:.3f}" in said
    assert "TP, FP and FN are true positives" in said


def test_two_models_stand_side_by_side(tmp_path):
    page = page_of(written(evaluated(compare=True), tmp_path))
    assert len(page.find_class("confusion")) == 2
    assert [each.text for each in page.get_element_by_id("view-confusion").iter("figcaption")] == ["small", "large"]
    chart = page.find_class("chart")[0]
    assert len(chart.find_class("curve")) == 2
    assert len(json.loads(page.get_element_by_id("page-head").text)["sides"]) == 2


def test_without_images_it_says_so(tmp_path):
    page = page_of(written(evaluated(), tmp_path))
    assert "No folder with images was given" in page.get_element_by_id("page-head").text
    assert not list(page.iter("image"))


def test_images_are_below_the_shapes(tmp_path):
    images = pytest.importorskip("PIL.Image")
    for name in IMAGES:
        images.new("RGB", (100, 100), "white").save(tmp_path / name)
    page = page_of(written(evaluated(), tmp_path, images=tmp_path))
    (gallery,) = page.find_class("gallery")
    assert len(list(gallery.iter("image"))) == 4
    assert all(each.get("href").startswith("data:image/webp;base64,") for each in page.iter("image"))
    assert len(list(page.find_class("mistakes")[0].iter("image"))) == 6


@pytest.mark.parametrize("kind", ["point", "clip", "nothing"])
def test_other_tasks_have_a_page_too(tmp_path, kind):
    builders = pa.datasets.DatasetBuilder(), pa.datasets.DatasetBuilder()
    for builder, label in zip(builders, ("run", "jump"), strict=True):
        asset = builder.add_asset(pa.datasets.DatasetAsset(file_name="a.mp4", width=64, height=48))
        if kind == "point":
            builder.add(asset, pa.AnnotationKind.POINT, [(5, 5)], label)
        if kind == "clip":
            builder.add(asset, pa.AnnotationKind.CLIP, [], label, t=1, until=3)
    truth, predictions = (builder.build() for builder in builders)
    report = pa.evaluate(predictions, truth, distance=5 if kind == "point" else None)
    page = page_of(written(report, tmp_path))
    said = page.get_element_by_id("view-metrics").text_content()
    assert "answers about 1 of 1 image" in said
    if kind != "nothing":
        assert {"1–3 s of a.mp4"} <= {each.text for each in page.find_class("chip")} or kind == "point"
        assert "run" in page.get_element_by_id("view-mistakes").text_content()


def test_a_report_without_datasets_is_refused(tmp_path):
    report = evaluated()
    (part,) = [report.partial]
    joined = pa.evaluation.EvaluationReport(outcomes=report.outcomes, partial=part)
    with pytest.raises(UsageError, match="this one holds no datasets"):
        joined.write_html(tmp_path / "report.html")
    assert not list(tmp_path.iterdir())


def test_many_labels_stay_a_table_that_can_be_read(tmp_path):
    def many(offset):
        builder = pa.datasets.DatasetBuilder()
        image = builder.add_asset(pa.datasets.DatasetAsset(file_name="a.jpg", width=1000, height=1000))
        for number in range(60):
            corners = [(number, number), (number + 900, number + 900)]
            builder.add(image, pa.AnnotationKind.BOX, corners, f"label {number + offset:03}")
        return builder.build()

    page = page_of(written(pa.evaluate(many(30), many(0)), tmp_path))
    (table,) = page.find_class("confusion")
    assert len(cells(table)) == 27
    assert "65 labels with fewer mistakes left out" in page.get_element_by_id("view-confusion").text_content()


# -- names stay text ---------------------------------------------------------------------------------------------------


def test_hostile_names_are_text(tmp_path):
    path = written(evaluated(hostile, compare=True), tmp_path)
    page = page_of(path)
    assert len(list(page.iter("script"))) == len(re.findall(r"<script", path.read_text(encoding="utf-8")))
    for section in page.find_class("sheet"):
        for each in section.iter():
            assert each.tag not in ("script", "img", "style", "iframe", "object")
            assert not [name for name in each.attrib if name.startswith("on") or name in ("src", "style")]
            assert (each.get("href") or "#").startswith(("#", "data:image/webp"))
    assert hostile("cat") in page.get_element_by_id("view-mistakes").text_content()
    (table, _) = page.find_class("confusion")
    assert hostile("cat") in {each.get("title") for each in table.iter("th")}  # its text is shortened


# -- the command -------------------------------------------------------------------------------------------------------


@pytest.fixture
def files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for side, name in enumerate(("truth.json", "small.json", "large.json")):
        pa.write_dataset(dataset(side), name, format="coco")
    return tmp_path


def test_the_option_writes_a_page_and_the_report(files):
    result = run("evaluate", "small.json", "--truth", "truth.json", "--html", "report.html", "-f", "json")
    assert result.status == 0, result.err
    assert json.loads(result.out)["version"]
    assert "report.html: 6 answers" in result.err
    assert page_of(files / "report.html").find_class("confusion")


def test_a_folder_has_the_same_sections(files):
    result = run("evaluate", "small.json", "--truth", "truth.json", "--html", "report/")
    assert result.status == 0, result.err
    page = page_of(files / "report" / "index.html")
    assert page.find_class("confusion")
    assert json.loads(page.get_element_by_id("page-picks").text)


def test_what_is_read_is_not_overwritten(files):
    before = Path("truth.json").read_bytes()
    result = run("evaluate", "small.json", "--truth", "truth.json", "--html", "truth.json")
    assert result.status == 2
    assert Path("truth.json").read_bytes() == before


# -- in a browser ------------------------------------------------------------------------------------------------------


def shown_names(page):
    page.wait_for_function("document.querySelectorAll('.card').length > 0")
    return sorted(page.locator(".card .name").all_text_contents())


@pytest.mark.parametrize("name", ["report.html", "report/"])
def test_a_click_on_a_cell_shows_its_answers(visit, tmp_path, name):
    evaluated().write_html(f"{tmp_path / name.rstrip('/')}{name[-1:] if name.endswith('/') else ''}")
    path = tmp_path / name
    page = visit(path / "index.html" if name.endswith("/") else path, "confusion")
    page.locator(".confusion a", has_text="2").click()
    assert shown_names(page) == ["a.jpg", "e.jpg"]
    assert page.locator("#count").text_content() == "2 of 6 answers"
    assert page.locator("#picked option:checked").text_content() == "cat predicted as dog"
    page.locator("#picked").select_option("")
    page.wait_for_function("document.querySelectorAll('.card').length === 6")
    page.go_back()


def test_a_caption_of_a_worst_image_opens_its_answer(visit, tmp_path):
    page = visit(written(evaluated(), tmp_path), "mistakes")
    page.locator(".gallery a", has_text="c.jpg").click()
    assert shown_names(page) == ["c.jpg"]


def test_the_page_begins_with_the_metrics(visit, tmp_path):
    page = visit(written(evaluated(compare=True), tmp_path))
    assert page.locator("#view-metrics").is_visible()
    assert not page.locator("#view-answers").is_visible()
    tabs = page.locator('[role="tab"]').all_text_contents()
    assert tabs == ["Metrics", "Curves", "Confusion", "Mistakes", "Answers"]
    for name in ("Curves", "Confusion", "Mistakes", "Answers"):
        page.locator('[role="tab"]', has_text=name).click()
        assert page.locator(f"#view-{name.lower()}").is_visible()


def test_hostile_names_do_not_run(visit, tmp_path):
    """The fixture fails if a dialog opened, an error was logged, or anything was asked for."""
    page = visit(written(evaluated(hostile, compare=True), tmp_path), "confusion")
    page.locator(".confusion a", has_text="2").first.click()
    assert shown_names(page) == [hostile("a.jpg"), hostile("e.jpg")]
    page.locator(".card").first.click()
    assert HOSTILE in page.locator("#detail").text_content()
    page.locator('[role="tab"]', has_text="Mistakes").click()
    assert hostile("cat") in page.locator("#view-mistakes").text_content()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_can_be_read_in_both_themes(visit, tmp_path, scheme):
    """The text of charts and tables has the colour of the page, which is light on dark or dark on light."""
    page = visit(written(evaluated(), tmp_path), "curves")
    page.emulate_media(color_scheme=scheme)
    script = """name => {
        const luminance = colour => { const [r, g, b] = colour.match(/[0-9.]+/g).map(Number); return (r + g + b) / 3; };
        const element = document.querySelector(name);
        const style = getComputedStyle(element);
        return [luminance(style.fill === 'none' || !element.closest('svg') ? style.color : style.fill),
                luminance(getComputedStyle(document.body).backgroundColor)];
    }"""
    for name in (".chart text", "#view-metrics td"):
        ink, paper = page.evaluate(script, name)
        assert abs(ink - paper) > 120
