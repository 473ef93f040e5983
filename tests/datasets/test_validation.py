"""What is wrong in a dataset that can be read: it is counted with its place, and the dataset stays what it is."""

import json

import pytest

from perceptron_annotations import AnnotationKind, read_dataset, write_dataset
from perceptron_annotations.datasets import DatasetAsset, DatasetBuilder, DatasetFormat, sizes_in
from perceptron_annotations.datasets.formats.registry import FORMATS
from perceptron_annotations.datasets.validation import check_sizes
from perceptron_annotations.problems import ProblemCode
from tests.cli.test_cli import run
from tests.datasets.examples import objects, png
from tests.datasets.test_formats import FILES

#: The formats of pictures that hold boxes, but those that clip what they write.
KEEPING = [name for name in DatasetFormat if AnnotationKind.BOX in FORMATS[name].holds and not FORMATS[name].frames]
KEEPING = [name for name in KEEPING if name not in (DatasetFormat.YOLO, DatasetFormat.LABEL_STUDIO)]


def dataset(box):
    builder = DatasetBuilder()
    asset = builder.add_asset(DatasetAsset(file_name="a.png", width=30, height=20))
    builder.add(asset, AnnotationKind.BOX, [(0, 0), (30.0005, 20)], "cat")
    builder.add(asset, AnnotationKind.BOX, box, "cup")
    return builder.build()


@pytest.mark.parametrize("name", KEEPING)
def test_shapes_beyond_their_picture_are_kept_and_counted(tmp_path, name):
    """“Boxes outside the picture”: by every reader alike, but not what rounding makes."""
    path = tmp_path / FILES.get(name, "out")
    write_dataset(dataset([(10, 10), (31, 15)]), path, name)
    problems = []
    found = read_dataset(path, name, on_problem=problems.append)
    assert objects(found) == objects(dataset([(10, 10), (31, 15)]))
    assert [(each.code, each.path, each.place) for each in problems] == [
        (ProblemCode.OUT_OF_BOUNDS, str(path), "a.png: cup")
    ]


def test_sizes_are_those_of_the_pictures(tmp_path):
    """“Sizes that disagree with the picture.”"""
    builder = DatasetBuilder()
    for name, width in (("a.png", 30), ("b.png", None), ("c.png", 30), ("d.png", 30)):
        builder.add_asset(DatasetAsset(file_name=name, width=width, height=20))
    for name, size in (("a.png", (30, 20)), ("b.png", (7, 8)), ("c.png", (20, 30))):
        (tmp_path / name).write_bytes(png(*size))
    problems = []
    found = check_sizes(builder.build(), sizes_in(tmp_path), on_problem=problems.append)
    assert [(asset.width, asset.height) for asset in found.assets] == [(30, 20), (7, 8), (30, 20), (30, 20)]
    assert found.table.responses.sizes.tolist() == [[30, 20], [7, 8], [30, 20], [30, 20]]
    assert [(each.code, each.place, each.message) for each in problems] == [
        (ProblemCode.SIZE_MISMATCH, "c.png", "30x20 in the dataset, 20x30 in the image"),
        (ProblemCode.MISSING_IMAGE, "d.png", ProblemCode.MISSING_IMAGE.meaning),
    ]


def test_on_the_command_line(tmp_path):
    (tmp_path / "pictures").mkdir()
    (tmp_path / "pictures" / "a.png").write_bytes(png(20, 30))
    images = [{"id": 1, "file_name": "a.png", "width": 30, "height": 20}]
    annotation = {"id": 1, "image_id": 1, "category_id": 1, "bbox": [20, 0, 20, 10]}
    coco = {"images": images, "annotations": [annotation], "categories": [{"id": 1, "name": "cat"}]}
    (tmp_path / "a.json").write_text(json.dumps(coco))
    shown = run("inspect", tmp_path / "a.json", "--images", tmp_path / "pictures").stdout
    assert "20x30 in the image" in shown
    assert "reaches beyond its image" in shown
    told = run("convert", tmp_path / "a.json", "-o", tmp_path / "out.csv", "--images", tmp_path / "pictures").stdout
    assert "20x30 in the image" in told


def test_evaluate_says_what_is_wrong(tmp_path):
    """On standard error, so that a report in JSON stays whole."""
    write_dataset(dataset([(10, 10), (31, 15)]), tmp_path / "a.csv", "csv")
    done = run("evaluate", tmp_path / "a.csv", "--truth", tmp_path / "a.csv", "--format", "json")
    assert json.loads(done.stdout)
    assert done.stderr.count("1 x a shape reaches beyond its image; it is kept as it is; first: a.png: cup") == 2
