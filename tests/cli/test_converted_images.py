"""``convert`` puts images beside their labels, or says where they belong; ``--strict`` counts what reading drops."""

import json

import pytest

from perceptron_annotations.datasets import read_yolo
from tests.cli.test_cli import run
from tests.datasets.examples import png
from tests.datasets.test_foreign import FOLDER


@pytest.fixture
def truth(tmp_path):
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "a.png").write_bytes(png(100, 50))
    image = {"id": 1, "file_name": "a.png", "width": 100, "height": 50}
    box = {"id": 1, "image_id": 1, "category_id": 1, "bbox": [1, 2, 3, 4]}
    file = {"images": [image], "annotations": [box], "categories": [{"id": 1, "name": "cat"}]}
    (tmp_path / "truth.json").write_text(json.dumps(file))
    return tmp_path / "truth.json"


def test_images_are_copied_or_their_place_is_told(truth):
    folder = truth.parent
    told = run("convert", truth, "--to", "yolo", "-o", folder / "plain")
    assert "the images are not copied: each belongs below" in " ".join(told.stdout.split())
    copied = run("convert", truth, "--to", "yolo", "-o", folder / "d", "--images", folder / "photos", "--copy-images")
    assert (copied.returncode, "not copied" in copied.stdout) == (0, False)
    assert len(read_yolo(folder / "d")) == 1
    for options, message in (
        (["--copy-images"], "add --images FOLDER"),
        (["--images", folder / "photos", "--copy-images", "--link-images"], "not both"),
    ):
        refused = run("convert", truth, "--to", "yolo", "-o", folder / "e", *options)
        assert (refused.returncode, message in " ".join(refused.stderr.split())) == (2, True)
    refused = run("convert", truth, "-o", folder / "e.json", "--images", folder / "photos", "--link-images")
    assert (refused.returncode, "coco has no images beside it" in " ".join(refused.stderr.split())) == (2, True)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("coco_run_length.json", 1),
        ("coco_one_broken", 1),
        ("cvat_subsets.xml", 1),
        ("roboflow_coco", 1),
        ("cvat_coco", 0),
    ],
)
def test_field_a4_strict_counts_what_reading_drops(tmp_path, path, status):
    """Datasets D2 too: ``--strict`` forbids losses of reading as well as those of writing."""
    result = run("convert", FOLDER / path, "--to", "dataset-jsonl", "-o", tmp_path / "out.jsonl", "--strict")
    assert result.returncode == status
    assert (tmp_path / "out.jsonl").exists()


def test_field_a3_a_folder_in_which_all_is_broken(tmp_path):
    (tmp_path / "in").mkdir()
    for name in ("a.json", "b.json"):
        (tmp_path / "in" / name).write_text('{"images": [')
    result = run("convert", tmp_path / "in", "--to", "csv", "-o", tmp_path / "out.csv")
    assert result.returncode == 2
    assert not (tmp_path / "out.csv").exists()
