"""A tool that is always there reads our COCO files; ``tests/peers`` has the tools in environments of their own."""

import contextlib
import io

from pycocotools.coco import COCO

from perceptron_annotations import AnnotationKind, write_dataset
from perceptron_annotations.datasets import DatasetAsset, DatasetBuilder


def dataset():
    builder = DatasetBuilder(["cat", "red cup"])
    for number, name in enumerate(("a.png", "b.png")):
        asset = builder.add_asset(DatasetAsset(file_name=name, width=64, height=48))
        builder.add(asset, AnnotationKind.BOX, [(4, 8), (20 + number, 30)], "cat")
        builder.add(asset, AnnotationKind.BOX, [(30, 8), (40, 40)], "red cup")
    return builder.build()


def test_pycocotools_reads(tmp_path):
    write_dataset(dataset(), tmp_path / "a.json", "coco")
    with contextlib.redirect_stdout(io.StringIO()):
        found = COCO(str(tmp_path / "a.json"))
    assert [each["bbox"] for each in found.loadAnns(found.getAnnIds(imgIds=[1]))] == [[4, 8, 16, 22], [30, 8, 10, 32]]
