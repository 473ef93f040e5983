"""What values show at the end of a cell of a notebook. `findings/newcomer.md`, M8 and minor 1."""

import time
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from lxml import html

import perceptron_annotations as pa
from perceptron_annotations.issues import CATALOG, IssueCode

pytestmark = pytest.mark.backend

ANSWERS = {
    "ok": '<point_box mention="cat"> (1,2) (300,400) </point_box>',
    "empty": "There is nothing there.",
    "unreadable": "<point> nothing </point>",
    "partial": '<point mention="dog"> (1,2) </point> and <point> nothing </point>',
}
HOSTILE = ["</style><script>alert(1)</script>", "<img src=x onerror=alert(1)>", '"><b>', "&lt;i&gt;", "\x1b[2J\ud800"]


def shown(value):
    """The form of a notebook as a tree; it is XML, and an HTML reader finds the same elements."""
    written = value._repr_html_()
    root = ET.fromstring(written)  # noqa: S314 - our own text
    read = html.fromstring(written)
    assert [each.tag for each in read.iter()] == [each.tag.rpartition("}")[2] for each in root.iter()]
    assert "http" not in written.replace("http://www.w3.org/2000/svg", "")
    assert not [each for each in root.iter() if each.tag.rpartition("}")[2] in ("script", "img", "link", "iframe", "a")]
    assert not [
        name for each in root.iter() for name in each.attrib if name.startswith("on") or name in ("href", "src")
    ]
    return root


def words(root):
    return " ".join("".join(each for each in root.itertext() if each.strip()).split())


@pytest.mark.parametrize("status", ANSWERS)
def test_newcomer_minor_1_outcomes_differ_in_words(status):
    page = words(shown(pa.parse(ANSWERS[status])))
    meanings = {
        "ok": "everything was read",
        "empty": "no annotation, and nothing that looks like one",
        "unreadable": "all of it was lost",
        "partial": "something was read and something was lost",
    }
    assert [name for name, meaning in meanings.items() if meaning in page] == [status]
    assert status.upper() in page


def test_newcomer_minor_1_issues_show_with_place_and_meaning():
    document = pa.parse("<point> nothing </point>, <point> (5000,1) </point>")
    root = shown(document)
    page = words(root)
    for issue in document.issues:
        assert issue.code.value in page
        assert CATALOG[issue.code].summary in page
        assert f"{issue.span.start}–{issue.span.end}" in page
    marked = [each for each in root.iter("span") if "issue" in each.get("class", "")]
    assert ["".join(each.itertext()) for each in marked] == ["<point> nothing </point>", "<point> (5000,1) </point>"]
    assert "invalid_point_coords" in marked[0].get("title")


def test_issues_that_overlap_are_all_marked():
    document = pa.parse('<collection><point mention="a" mention="b"> x </point>')
    root = shown(document)
    titles = " ".join(each.get("title", "") for each in root.iter("span"))
    assert {issue.code.value for issue in document.issues} <= {code for code in IssueCode if code.value in titles}
    whole = "".join("".join(each.itertext()) for each in root.iter("p") if "answer" in each.get("class", ""))
    assert whole == document.source


def test_elements_stand_in_the_answer_as_their_names():
    root = shown(pa.parse('Two: <point mention="cat"> (1,2) </point> and <point> (3,4) </point>.'))
    (answer,) = [each for each in root.iter("p") if "answer" in each.get("class", "")]
    assert "".join(answer.itertext()) == "Two: cat and point."


def test_a_cut_off_answer_says_so():
    assert "the answer was cut off" in words(shown(pa.parse('<point mention="cat"> (1,2) </point> <point> (3')))
    assert "cut off" not in words(shown(pa.parse(ANSWERS["ok"])))


def test_reasoning_is_folded_away():
    answer = pa.Completion.decode(
        {"choices": [{"message": {"content": "<think>hm hm</think><point> (1,2) </point>"}, "finish_reason": "stop"}]}
    ).answer
    root = shown(answer.document)
    folded = [each for each in root.iter("details") if "hm hm" in "".join(each.itertext())]
    assert folded
    assert "open" not in folded[0].attrib


@pytest.mark.parametrize("mention", HOSTILE)
def test_hostile_text_is_text(mention):
    text = f"{mention} <point mention='{mention}'> (1,2) </point> <point> {mention} </point>"
    root = shown(pa.parse(text))
    assert not [each for each in root.iter() if each.tag in ("script", "img", "b", "i") and each.text == mention]
    shown(pa.parse_batch([text] * 3))


def test_a_large_document_stays_small():
    text = "".join(
        f"<point_box> ({n % 900},{n % 7}) (1{n % 9},{n % 8}) </point_box> <point> x </point>" for n in range(5000)
    )
    document = pa.parse(text)
    start = time.perf_counter()
    written = document._repr_html_()
    assert time.perf_counter() - start < 2
    assert len(written) < 500_000
    assert "more issues" in written


def test_newcomer_m8_a_value_shows_itself():
    for value in (
        pa.Box(1, 2, 3, 4, mention="cat"),
        pa.Clip(1, 2),
        pa.Track((pa.Point(1, 2),)),
        pa.Collection((pa.Point(1, 2),), mention="toys"),
    ):
        assert list(shown(value).iter("{http://www.w3.org/2000/svg}svg"))


def test_the_formatter_of_notebooks_takes_the_forms():
    formatters = pytest.importorskip("IPython.core.formatters")
    found = dataset()
    recorded, report = pa.datasets.from_recordings([pa.Recording(key="a", text="none")], sizes={"a": (4, 4)})
    read = (pa.Point(1, 2), pa.parse("no"), pa.parse_batch(["no"]), completion("no"), completion("no").answer)
    for value in (*read, found, recorded, report, pa.evaluate(found, found)):
        data, _ = formatters.DisplayFormatter().format(value)
        assert data["text/html"] == value._repr_html_()
        assert data["text/plain"]


def test_newcomer_m8_a_document_is_shown_on_its_image(tmp_path):
    images = pytest.importorskip("PIL.Image")
    document = pa.parse('<point_box mention="cat"> (250,250) (750,750) </point_box>')
    image = images.new("RGB", (200, 100), "white")
    found = document.show(image)
    assert found.size == (200, 100)
    assert image.getcolors() == [(20_000, (255, 255, 255))]
    assert found.getpixel((50, 50)) != (255, 255, 255)
    assert found.getpixel((100, 50)) == (255, 255, 255)
    image.save(tmp_path / "a.png")
    assert document.show(tmp_path / "a.png").tobytes() == found.tobytes()


# -- tables ------------------------------------------------------------------------------------------------------------


def test_a_table_shows_outcomes_rows_and_issues():
    table = pa.parse_batch(
        [*ANSWERS.values(), "<clip t='1 seconds 2 seconds'/>"],
    )
    root = shown(table)
    page = words(root)
    for part in (
        ("2 empty", "1 unreadable", "1 partial", "invalid_point_coords")
        if False
        else ("unreadable", "partial", "invalid_point_coords")
    ):
        assert part in page
    assert CATALOG[IssueCode.INVALID_POINT_COORDS].summary in page
    heads = [each.text for each in root.iter("th")]
    assert {"response", "kind", "mention", "coordinates"} <= set(heads)


def test_a_table_of_a_million_rows_shows_its_head_at_once():
    table = pa.parse_batch(['<point_box mention="cat"> (1,2) (300,400) </point_box>'] * 1000)
    table = table.take(np.tile(np.arange(1000), 1000))
    times = []
    for _ in range(3):
        start = time.perf_counter()
        written = table._repr_html_()
        times.append(time.perf_counter() - start)
    assert min(times) < 0.1
    assert len(written) < 30_000
    assert "999,990 more" in written


# -- datasets ----------------------------------------------------------------------------------------------------------


def dataset(images=2, labels=("cat", "dog")):
    builder = pa.datasets.DatasetBuilder()
    for number in range(images):
        asset = pa.datasets.DatasetAsset(file_name=f"image {number}.jpg", width=640, height=480, split="train")
        image = builder.add_asset(asset)
        for place, label in enumerate(labels):
            builder.add(image, pa.AnnotationKind.BOX, [(10 * place, 0), (10 * place + 5, 9)], label)
    return builder.build()


def test_newcomer_minor_1_a_dataset_shows_images_and_labels():
    root = shown(dataset(30))
    page = words(root)
    assert "30 assets" in page
    assert "image 0.jpg" in page
    assert "640 × 480" in page
    assert "train" in page
    assert "cat" in page
    assert list(root.iter("{http://www.w3.org/2000/svg}svg"))


def test_a_dataset_shows_keypoints_tracks_clips_and_images_of_unknown_size():
    builder = pa.datasets.DatasetBuilder()
    builder.add_label("person", skeleton=pa.datasets.Skeleton(("nose", "tail"), edges=((0, 1),)))
    image = builder.add_asset(pa.datasets.DatasetAsset(file_name="a.png"))
    builder.add(image, pa.AnnotationKind.BOX, [(0, 0), (90, 90)], "person", keypoints=[[5, 5, 2], [80, 80, 1]])
    clip = builder.add_asset(pa.datasets.DatasetAsset(file_name="a.mp4", width=64, height=48, kind="video"))
    builder.add(clip, pa.AnnotationKind.CLIP, [], "jump", t=1, until=2)
    ball = builder.new_object()
    for t in (0, 1):
        builder.add(clip, pa.AnnotationKind.POINT, [(9, t)], "ball", t=t, track=True, object=ball)
    root = shown(builder.build())
    found = {each.get("class") for each in root.iter() if each.get("class")}
    assert {"bone", "keypoint", "clip", "frame", "trail"} <= found
    assert "size unknown" in words(root)


def test_an_empty_dataset_says_so():
    assert "0 assets" in words(shown(pa.datasets.DatasetBuilder().build()))


def test_an_image_without_objects_differs_from_one_that_was_not_read():
    recorded = [
        pa.Recording(key="a.png", text="nothing there"),
        pa.Recording(key="b.png", text="<point> bad </point>"),
    ]
    found, report = pa.datasets.from_recordings(recorded, sizes={"a.png": (64, 48), "b.png": (64, 48)})
    page = words(shown(found))
    assert "empty" in page
    assert "unreadable" in page
    page = words(shown(report))
    assert "2 recordings" in page
    assert "unreadable" in page


def test_a_dataset_of_hostile_names():
    found = dataset(2, HOSTILE[:4])
    renamed = found.with_assets([pa.datasets.DatasetAsset(file_name=name, width=10, height=10) for name in HOSTILE[:2]])
    assert HOSTILE[1] in words(shown(renamed))


def test_a_large_dataset_is_shown_at_once():
    found = dataset(5000, [f"label {number}" for number in range(20)])
    start = time.perf_counter()
    written = found._repr_html_()
    assert time.perf_counter() - start < 0.5
    assert len(written) < 200_000


# -- reports and completions -------------------------------------------------------------------------------------------


def test_newcomer_minor_1_a_report_shows_its_tables():
    report = pa.evaluate(dataset(), dataset(3))
    root = shown(report)
    page = words(root)
    assert "answers about 2 of 3 images" in page
    assert "f1@0.5" in page
    heads = [each.text for each in root.iter("th")]
    assert "95 % interval" in heads


def completion(content, reason="stop", **fields):
    return pa.Completion.decode({"choices": [{"message": {"content": content} | fields, "finish_reason": reason}]})


def test_a_completion_shows_its_answers_and_how_they_ended():
    page = words(shown(completion(ANSWERS["ok"], "length")))
    assert "cut off" in page
    assert "cat" in page
    page = words(shown(completion("", None, refusal="I cannot look at <this>")))
    assert "I cannot look at <this>" in page


def test_a_completion_with_a_fault_shows_it():
    fault = pa.Completion.decode({"error": {"message": "slow <down>", "code": 429}})
    page = words(shown(fault))
    assert "slow <down>" in page
    assert "429" in page


def test_a_completion_without_an_answer_says_so():
    assert "no choices" in words(shown(pa.Completion.decode({"choices": []})))
