"""A browser for the pages of evaluations, and what they are made of."""

import pytest

import perceptron_annotations as pa
from benchmarks.browser import chromium, missing

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


@pytest.fixture(scope="session")
def browser():
    reason = missing()
    if reason is not None:
        pytest.skip(reason)
    with chromium() as found:
        yield found


@pytest.fixture
def visit(browser, tmp_path):
    """Opens a page, and fails at the end if it ran or asked for anything that it should not."""
    context = browser.new_context(viewport={"width": 1300, "height": 900})
    told, asked = [], []

    def opened(path, view=None):
        page = context.new_page()
        page.on("console", lambda message: told.append(message.text))
        page.on("pageerror", lambda error: told.append(str(error)))
        page.on("dialog", lambda dialog: (told.append(dialog.message), dialog.dismiss()))
        page.on("request", lambda request: asked.append(request.url))
        page.goto(path.as_uri() + (f"#view={view}" if view else ""))
        return page

    yield opened
    context.close()
    assert told == []
    assert [url for url in asked if not url.startswith(("data:", tmp_path.as_uri()))] == []
