"""A folder of hostile inputs, each with its one-line outcome on the command line: an error, or a counted problem."""

import gzip
import json
from collections import Counter

import pytest

from perceptron_annotations import AnnotationKind, UsageError, read_dataset, write_dataset
from perceptron_annotations.datasets import DatasetAsset, DatasetBuilder, read_coco_results
from perceptron_annotations.datasets.formats.registry import FORMATS
from perceptron_annotations.errors import FileError
from perceptron_annotations.losses import LossCode
from perceptron_annotations.problems import ProblemCode
from tests.cli.test_cli import run
from tests.datasets.examples import png

IMAGE = {"id": 1, "file_name": "a.png", "width": 9, "height": 9}
BOX = {"id": 1, "image_id": 1, "category_id": 1, "bbox": [1, 1, 2, 2], "area": 4, "iscrowd": 0}
COCO = {"images": [IMAGE], "annotations": [BOX], "categories": [{"id": 1, "name": "cat"}]}
LINE = json.dumps({"text": "<point> (1,2) </point>", "key": "k", "assets": [{"width": 9, "height": 9}]})
VOC = "<annotation><filename>{}</filename><size><width>9</width><height>9</height></size></annotation>"
TRACK = (
    "<annotations><meta><task><original_size><width>9</width><height>9</height></original_size><source>{}</source></task>"
    "<perceptron_annotations><fps>{}</fps></perceptron_annotations></meta><track id='0' label='cat'>"
    "<box frame='{}' outside='0' xtl='1' ytl='1' xbr='{}' ybr='3'/></track></annotations>"
)
FRAMES = {
    "videos": [{"id": 1, "name": "a.mp4", "width": 9, "height": 9, "fps": 25}],
    "images": [{"id": 1, "video_id": 1, "frame_id": 1, "file_name": "a/000001.jpg"}],
    "annotations": [BOX | {"instance_id": 1}],
    "categories": COCO["categories"],
}


def xxe(folder):
    (folder / "a.xml").write_text('<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + VOC.format("&x;"))
    return "inspect", folder


def billion_laughs(folder):
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    (folder / "a.xml").write_text(f'<!DOCTYPE a [<!ENTITY l0 "ha">{entities}]>' + VOC.format("&l9;"))
    return "inspect", folder


def xxe_of_a_video(folder):
    entity = '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    (folder / "a.xml").write_text(entity + TRACK.format("&x;", 25, 1, 3))
    return "inspect", folder


def a_frame_beyond_all_videos(folder):
    (folder / "a.xml").write_text(TRACK.format("a.mp4", 25, 10**400, 3))
    return "inspect", folder / "a.xml"


def a_frame_before_the_first(folder):
    (folder / "a.xml").write_text(TRACK.format("a.mp4", 25, -1, 3))
    return "convert", folder, "-o", folder / "out.csv"


def a_frame_rate_that_is_none(folder):
    (folder / "a.xml").write_text(TRACK.format("a.mp4", "nan", 1, 3))
    return "inspect", folder / "a.xml"


def coordinates_that_are_none(folder):
    (folder / "a.xml").write_text(TRACK.format("a.mp4", 25, 1, "nan"))
    return "inspect", folder / "a.xml"


def videos_that_lead_out(folder):
    (folder / "a.xml").write_text(TRACK.format("../../out.mp4", 25, 1, 3))
    return "convert", folder / "a.xml", "--to", "cvat-video", "-o", folder / "out"


def frames_of(folder, **fields):
    image = FRAMES["images"][0] | fields
    (folder / "c.json").write_text(json.dumps(FRAMES | {"images": [image]}))
    return "inspect", folder / "c.json"


def an_image_beyond_all_videos(folder):
    return frames_of(folder, frame_id=10**400)


def an_image_before_the_first(folder):
    return frames_of(folder, frame_id=-1)


def an_image_of_no_video(folder):
    return frames_of(folder, video_id=7)


def coordinates_beyond_all_numbers(folder):
    ring = BOX | {"segmentation": [[10**400, 0, 1, 1, 2, 2]]}
    (folder / "c.json").write_text(json.dumps(FRAMES | {"annotations": [ring]}))
    return "convert", folder / "c.json", "-o", folder / "out.csv"


def nan_in_json(folder):
    (folder / "c.json").write_text(json.dumps(FRAMES | {"annotations": [BOX | {"bbox": [float("nan"), 0, 1, 1]}]}))
    return "inspect", folder / "c.json"


def names_that_lead_out(folder):
    (folder / "c.json").write_text(json.dumps(COCO | {"images": [IMAGE | {"file_name": "../../out.png"}]}))
    return "convert", folder / "c.json", "--to", "voc", "-o", folder / "out"


def a_picture_that_claims_much(folder):
    (folder / "images").mkdir()
    (folder / "labels").mkdir()
    (folder / "images" / "a.png").write_bytes(png(2**31 - 1, 2**31 - 1))
    (folder / "labels" / "a.txt").write_text("0 0.5 0.5 0.5 0.5\n")
    (folder / "data.yaml").write_text("train: images\nnames: [cat]\n")
    return "inspect", folder


def truncated_gzip(folder):
    (folder / "a.jsonl.gz").write_bytes(gzip.compress((LINE + "\n").encode() * 1000)[:-20])
    return "convert", folder / "a.jsonl.gz", "-o", folder / "out.json"


def gzip_bomb(folder):
    with gzip.open(folder / "a.jsonl.gz", "wb") as file:
        for _ in range(80):
            file.write(b"\0" * 2**20)
        file.write(f"\n{LINE}\n".encode())
    return "convert", folder / "a.jsonl.gz", "-o", folder / "out.json"


def formulas(folder):
    (folder / "c.json").write_text(json.dumps(COCO | {"categories": [{"id": 1, "name": "=cmd|' /C calc'!A0"}]}))
    return "convert", folder / "c.json", "-o", folder / "out.csv"


def latin_1(folder):
    (folder / "a.jsonl").write_bytes(LINE.replace('"k"', '"é"').encode("latin-1") + b"\n" + LINE.encode() + b"\n")
    return "convert", folder / "a.jsonl", "-o", folder / "out.json"


def crlf_and_bom(folder):
    (folder / "a.jsonl").write_bytes(b"\xef\xbb\xbf" + LINE.encode() + b"\r\n" + LINE.encode() + b"\r\n")
    return "convert", folder / "a.jsonl", "-o", folder / "out.json"


def deep_json(folder):
    (folder / "c.json").write_text('{"images": ' + "[" * 100_000)
    return "inspect", folder / "c.json"


def labels_with_escape_codes(folder):
    (folder / "c.json").write_text(json.dumps(COCO | {"categories": [{"id": 1, "name": "\x1b[2J wiped"}]}))
    return "inspect", folder / "c.json"


@pytest.mark.parametrize(
    ("make", "status", "outcome"),
    [
        (xxe, 2, "document type declaration"),
        (billion_laughs, 2, "document type declaration"),
        (xxe_of_a_video, 2, "document type declaration"),
        (a_frame_beyond_all_videos, 0, "an entry has a missing or invalid field"),
        (a_frame_before_the_first, 0, "an entry has a missing or invalid field"),
        (a_frame_rate_that_is_none, 2, "does not state its frame rate"),
        (coordinates_that_are_none, 0, "an entry has a missing or invalid field"),
        (videos_that_lead_out, 2, "a file name that leads out of the folder"),
        (an_image_beyond_all_videos, 0, "an entry has a missing or invalid field"),
        (an_image_before_the_first, 0, "an entry has a missing or invalid field"),
        (an_image_of_no_video, 0, "an entry refers to something that does not exist"),
        (coordinates_beyond_all_numbers, 0, "an entry has a missing or invalid field"),
        (nan_in_json, 2, "is not a COCO file of videos"),
        (names_that_lead_out, 2, "a file name that leads out of the folder"),
        (a_picture_that_claims_much, 0, "1 asset, 1 object"),
        (truncated_gzip, 0, "compressed data is cut off or damaged"),
        (gzip_bomb, 0, "a line is longer than the limit of 64 MiB"),
        (formulas, 0, "1 annotations"),
        (latin_1, 0, "a file or a line of it is not UTF-8"),
        (crlf_and_bom, 0, "read 2 answers"),
        (deep_json, 2, "is not a COCO file"),
        (labels_with_escape_codes, 0, "\\x1b[2J wiped"),
    ],
)
def test_outcome(tmp_path, make, status, outcome):
    result = run(*make(tmp_path))
    said = " ".join((result.stdout + result.stderr).split())
    assert result.returncode == status, said
    assert outcome in said
    assert "Traceback" not in said
    assert "root:" not in said
    assert "\x1b" not in result.stdout
    assert not list(tmp_path.parent.glob("out.*"))
    if (tmp_path / "out.csv").exists():
        assert "\n=cmd" not in (tmp_path / "out.csv").read_text()
        assert ",=cmd" not in (tmp_path / "out.csv").read_text()


@pytest.mark.parametrize("name", [name for name, info in FORMATS.items() if info.streams])
@pytest.mark.parametrize("text", ["", "\r", "a\rb", "a\r\nb", "\n", "'", "''=1", "\x1b[2J", "\0", "a\ud800", ' ";,\t'])
def test_formats_that_hold_all_hold_any_label(tmp_path, name, text):
    """What UTF-8 cannot hold is replaced, and counted, but for JSON, which escapes it."""
    builder = DatasetBuilder([text])
    asset = builder.add_asset(DatasetAsset(file_name="a.png", width=9, height=9))
    builder.add(asset, AnnotationKind.BOX, [[0, 0], [1, 1]], text, source=text)
    report = write_dataset(builder.build(), tmp_path / "d", name)
    back = read_dataset(tmp_path / "d", name)
    assert len(back) == 1
    if report.losses:
        assert report.count(LossCode.UNLISTED_LABEL) == 1
        assert "\ud800" in text
    else:
        assert (back.labels, back.label_of(0)) == ((text,), text)


@pytest.mark.parametrize("name", FORMATS)
def test_a_file_name_that_no_file_can_have(tmp_path, name):
    builder = DatasetBuilder(["cat"])
    asset = builder.add_asset(DatasetAsset(file_name="a\ud800.png", width=9, height=9))
    builder.add(asset, AnnotationKind.POLYGON, [[0, 0], [1, 0], [1, 1]], "cat")
    report = write_dataset(builder.build(), tmp_path / "d", name)
    assert report.assets == 1 or report.losses


@pytest.mark.parametrize("number", ["nan", "inf", "-inf", "1e999", "1e308", "9" * 400])
def test_numbers_that_are_none(tmp_path, number):
    """What is read is written to COCO, whose JSON has finite numbers alone."""
    voc = VOC.format("a.png").replace("<width>9", f"<width>{number}")
    (tmp_path / "a.xml").write_text(voc)
    (tmp_path / "a.csv").write_text(f"file_name,width,height,score\na.png,9,9,{number}\nb.png,9,{number},\n")
    value = f'{{"x": 1, "y": 1, "width": {number}, "height": 1, "rectanglelabels": ["c"]}}'
    result = f'{{"type": "rectanglelabels", "original_width": 1e308, "original_height": 9, "value": {value}}}'
    task = f'[{{"data": {{"image": "a.png"}}, "annotations": [{{"result": [{result}]}}]}}]'
    (tmp_path / "a.json").write_text(task)
    for name in ("a.xml", "a.csv", "a.json"):
        problems = []
        try:
            dataset = read_dataset(tmp_path / name, on_problem=problems.append)
        except FileError:  # the JSON of an infinite number is none
            continue
        write_dataset(dataset, tmp_path / "out.json", "coco")
        assert problems or number == "1e308"


@pytest.mark.parametrize("number", [float("nan"), float("inf"), -float("inf")])
def test_a_dataset_has_finite_coordinates(number):
    builder = DatasetBuilder(["cat"])
    builder.add(builder.add_asset(DatasetAsset(file_name="a.png")), AnnotationKind.POINT, [[0, number]], "cat")
    with pytest.raises(UsageError, match="finite numbers"):
        builder.build()


@pytest.mark.parametrize(
    ("field", "message"),
    [
        ({"span": [5, 2]}, "a span from 5 to 2"),
        ({"span": [-3, 0]}, "a span from -3 to 0"),
        ({"kind": "clip", "vertices": []}, "a clip without its start"),
    ],
)
def test_a_shape_that_no_dataset_holds_costs_itself(tmp_path, field, message):
    """It cost the whole file of our own format."""
    builder = DatasetBuilder(["cat"])
    asset = builder.add_asset(DatasetAsset(file_name="a.png", width=9, height=9))
    for _ in range(2):
        builder.add(asset, AnnotationKind.BOX, [[1, 2], [3, 4]], "cat", span=(0, 9))
    write_dataset(builder.build(), tmp_path / "a.jsonl", "dataset-jsonl")
    *head, image = map(json.loads, (tmp_path / "a.jsonl").read_text().splitlines())
    image["shapes"][0] |= field
    (tmp_path / "a.jsonl").write_text("".join(json.dumps(line) + "\n" for line in [*head, image]))
    assert len(read_dataset(tmp_path / "a.jsonl", on_problem=(problems := []).append)) == 1
    assert [(each.code, each.place, each.message) for each in problems] == [
        (ProblemCode.MALFORMED_ENTRY, "line 3: shape 0", message)
    ]


def test_reliability_m1_numbers_that_nothing_holds(tmp_path):
    """The minor m1: a score of 10^400 and a span beyond 64 bits, which were tracebacks, cost their entries."""
    written, problems = tmp_path / "own.jsonl", []
    (tmp_path / "truth.json").write_text(json.dumps(COCO))
    write_dataset(read_dataset(tmp_path / "truth.json"), written, "dataset-jsonl")
    lines = [json.loads(line) for line in written.read_text().splitlines()]
    (image,) = (line for line in lines if "asset" in line)
    image["shapes"][0] |= {"span": [0, 2**63]}
    written.write_text("".join(json.dumps(line) + "\n" for line in lines))
    read_dataset(written, on_problem=problems.append)
    for field in ({"score": 10**400}, {"perceptron_annotations": {"score": 10**400}}):
        entries = [entry | field for entry in COCO["annotations"]]
        (tmp_path / "truth.json").write_text(json.dumps(COCO | {"annotations": entries}))
        read_dataset(tmp_path / "truth.json", on_problem=problems.append)
    assert {each.code for each in problems} == {ProblemCode.MALFORMED_ENTRY}
    assert len(problems) == 1 + 2 * len(COCO["annotations"])


def test_numbers_that_overflow_are_problems(tmp_path):
    (tmp_path / "truth.json").write_text(json.dumps(COCO))
    result = {"image_id": 1, "category_id": 1, "bbox": [1e308, 0, 1e308, 1], "score": 0.5}
    (tmp_path / "results.json").write_text(json.dumps([result]))
    read_coco_results(tmp_path / "results.json", tmp_path / "truth.json", on_problem=(problems := []).append)
    for folder in ("images/train", "labels/train"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "data.yaml").write_text("train: images/train\nnames: [cat]\n")
    (tmp_path / "images" / "train" / "a.png").write_bytes(png(9, 9))
    (tmp_path / "labels" / "train" / "a.txt").write_text("0 1e308 0.5 1e308 0.5\n0 1e308 1 1e308 0 1 1\n")
    assert len(read_dataset(tmp_path, "yolo", on_problem=problems.append)) == 0
    assert [*Counter(each.code for each in problems).items()] == [(ProblemCode.NON_FINITE_COORDINATES, 3)]
