"""What the pages of evaluations are made of, and a browser for them."""

import pytest

import perceptron_annotations as pa

BOX = [(10, 10), (50, 50)]
OTHER = [(60, 60), (90, 90)]
#: What each image has: true boxes, and boxes of the first and of the second model.
IMAGES = {
    "a.jpg": ([("cat", BOX)], [("dog", BOX)], [("cat", BOX)]),
    "b.jpg": ([("cat", BOX)], [("cat", BOX)], [("cat", BOX)]),
    "c.jpg": ([("dog", BOX)], [], [("dog", BOX)]),
    "d.jpg": ([], [("cat", OTHER)], []),
    "e.jpg": ([("cat", BOX), ("dog", OTHER)], [("dog", BOX), ("dog", OTHER)], [("cat", BOX)]),
    "f.jpg": ([], [], []),
}


def dataset(side, rename=str):
    """The truth (0), the first model (1) or the second (2)."""
    builder = pa.datasets.DatasetBuilder()
    for name, sides in IMAGES.items():
        image = builder.add_asset(pa.datasets.DatasetAsset(file_name=rename(name), width=100, height=100))
        for label, corners in sides[side]:
            builder.add(image, pa.AnnotationKind.BOX, corners, rename(label))
    return builder.build()


def evaluated(rename=str, compare=False):
    model, other = (
        pa.evaluation.Predictions(dataset=dataset(side, rename), name=rename(name))
        for side, name in ((1, "small.json"), (2, "large.json"))
    )
    truth = dataset(0, rename)
    return pa.evaluate(model, truth, compare=other if compare else None, thresholds=[0.5])


@pytest.fixture
def visit(look, tmp_path):
    """Opens a page at a view; the test fails if the page asked for anything beside itself."""
    yield lambda path, view="": look(path, f"#view={view}" if view else "")
    assert [url for url in look.requests if not url.startswith(("data:", tmp_path.as_uri()))] == []
