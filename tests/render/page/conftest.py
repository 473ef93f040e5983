"""A browser for the tests of pages, and pages to look at. Without Chromium or Playwright tests say why they skip."""

import pytest

from benchmarks.browser import chromium, missing
from benchmarks.scenes import write_scenes
from perceptron_annotations.evaluation import ReadingOptions, read_predictions, read_truth
from perceptron_annotations.render import write_page

OPTIONS = ReadingOptions(fields=("model", "reasoning"))


@pytest.fixture(scope="session")
def browser():
    if (reason := missing()) is not None:
        pytest.skip(reason)
    with chromium() as found:
        yield found


class Looking:
    """Opens pages, and notes what they ask for and what goes wrong in them."""

    def __init__(self, browser):
        self._browser = browser
        self._contexts = []
        self.requests, self.errors = [], []

    def __call__(self, path, fragment="", **options):
        options = {"viewport": {"width": 1440, "height": 900}, **options}
        context = self._browser.new_context(**options)
        self._contexts.append(context)
        page = context.new_page()
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("console", lambda message: self.errors.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("dialog", lambda dialog: (self.errors.append(f"dialog {dialog.message}"), dialog.dismiss()))
        page.goto(path.as_uri() + fragment)
        page.wait_for_selector("#count:not(:empty)", state="attached")
        return page

    def close(self):
        for context in self._contexts:
            context.close()


@pytest.fixture
def look(browser):
    looking = Looking(browser)
    yield looking
    looking.close()
    assert looking.errors == []


@pytest.fixture(scope="module")
def scenes(tmp_path_factory):
    """Forty drawn images, the truth of them, and the answers of two models."""
    folder = tmp_path_factory.mktemp("scenes")
    write_scenes(folder, 40)
    return folder


@pytest.fixture(scope="module")
def judged(scenes):
    """The page of one model beside the truth."""
    truth = read_truth(scenes / "truth.json")
    answers = read_predictions(scenes / "answers.jsonl", truth, OPTIONS)
    write_page(answers, scenes / "judged.html", truth=truth, images=scenes / "photos")
    return scenes / "judged.html"


@pytest.fixture(scope="module")
def compared(scenes):
    """The page of two models beside the truth."""
    truth = read_truth(scenes / "truth.json")
    first, second = (read_predictions(scenes / name, truth, OPTIONS) for name in ("answers.jsonl", "other.jsonl"))
    write_page(first, scenes / "compared.html", truth=truth, compare=second, images=scenes / "photos")
    return scenes / "compared.html"
