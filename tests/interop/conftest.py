"""A small dataset: nothing on the first image; boxes, a polygon and a point on the second."""

import pytest

from perceptron_annotations import AnnotationKind
from perceptron_annotations.datasets import DatasetAsset, DatasetBuilder


@pytest.fixture
def dataset():
    builder = DatasetBuilder(["cat", "dog"])
    for name in ("a.png", "b.png"):
        builder.add_asset(DatasetAsset(file_name=name, width=100, height=50))
    builder.add(1, AnnotationKind.BOX, [(5, 6), (1, 2)], "dog", score=0.5)
    builder.add(1, AnnotationKind.POLYGON, [(0, 0), (9, 0), (9, 8)], None, score=0.25)
    builder.add(1, AnnotationKind.POINT, [(1, 1)], "cat")
    builder.add(1, AnnotationKind.BOX, [(3, 3), (3, 9)], "cat", score=1.0)
    return builder.build()
