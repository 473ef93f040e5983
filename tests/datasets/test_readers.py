"""Files that other tools accept, and theirs that we read. Heavy tools are skipped where they are not installed:

``pip install supervision`` beside the ``test`` extra runs them.
"""

import contextlib
import io

import numpy as np
import pytest
from pycocotools.coco import COCO

from perceptron_annotations import DatasetAsset, DatasetBuilder, Kind, read_coco, read_voc, read_yolo, write_dataset
from tests.datasets.examples import objects


def dataset():
    builder = DatasetBuilder(["cat", "red cup"])
    for number, name in enumerate(("a.png", "b.png")):
        asset = builder.add_asset(DatasetAsset(file_name=name, width=64, height=48))
        builder.add(asset, Kind.BOX, [(4, 8), (20 + number, 30)], "cat")
        builder.add(asset, Kind.BOX, [(30, 8), (40, 40)], "red cup")
    return builder.build()


def pictures(folder):
    """Real pictures, which other tools open."""
    cv2 = pytest.importorskip("cv2", reason="comes with the peers")
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("a.png", "b.png"):
        cv2.imwrite(str(folder / name), np.zeros((48, 64, 3), dtype=np.uint8))
    return folder


def boxes_of(detections):
    return sorted(np.round(detections.xyxy, 3).tolist())


WANTED = [[4, 8, 20, 30], [30, 8, 40, 40]]


@pytest.mark.parametrize("name", ["coco", "yolo", "voc"])
def test_supervision_reads_and_writes(tmp_path, name):
    supervision = pytest.importorskip("supervision", reason="a heavy peer, in an environment of its own")
    path = tmp_path / ("out.json" if name == "coco" else "out")
    write_dataset(dataset(), path, name)
    if name == "coco":
        found = supervision.DetectionDataset.from_coco(str(pictures(tmp_path / "p")), str(path))
    elif name == "yolo":
        images = pictures(path / "images" / "train")
        found = supervision.DetectionDataset.from_yolo(
            str(images), str(path / "labels" / "train"), str(path / "data.yaml")
        )
    else:
        found = supervision.DetectionDataset.from_pascal_voc(str(pictures(tmp_path / "p")), str(path / "Annotations"))
    assert sorted(found.classes) == ["cat", "red cup"]
    first = next(detections for image, _, detections in found if image.endswith("a.png"))
    # supervision takes one off the left top corner of VOC.
    shift = np.array([1, 1, 0, 0]) if name == "voc" else 0
    assert boxes_of(first) == (np.array(WANTED) - shift).tolist()
    back = tmp_path / "back"
    if name == "coco":
        found.as_coco(annotations_path=str(back / "a.json"))
        again = read_coco(back / "a.json")
    elif name == "yolo":
        found.as_yolo(
            images_directory_path=str(back / "images" / "train"),
            annotations_directory_path=str(back / "labels" / "train"),
            data_yaml_path=str(back / "data.yaml"),
        )
        (back / "data.yaml").write_text((back / "data.yaml").read_text() + "train: images/train\n")
        again = read_yolo(back)
    else:
        found.as_pascal_voc(annotations_directory_path=str(back / "Annotations"))
        again = read_voc(back, one_based=True)
    assert {label for _, _, shapes in objects(again).values() for label, *_ in shapes} == {"cat", "red cup"}
    start, end = again.rows_by_asset()[:2]
    np.testing.assert_allclose(sorted(again.table.xyxy[start:end].tolist()), np.array(WANTED) - shift, atol=0.01)


def test_pycocotools_reads(tmp_path):
    write_dataset(dataset(), tmp_path / "a.json", "coco")
    with contextlib.redirect_stdout(io.StringIO()):
        found = COCO(str(tmp_path / "a.json"))
    assert [each["bbox"] for each in found.loadAnns(found.getAnnIds(imgIds=[1]))] == [[4, 8, 16, 22], [30, 8, 10, 32]]
