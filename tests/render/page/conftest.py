"""Pages to look at."""

import pytest

from benchmarks.scenes import write_scenes
from perceptron_annotations.evaluation import ReadingOptions, read_predictions, read_truth
from perceptron_annotations.render import write_page

OPTIONS = ReadingOptions(fields=("model", "reasoning"))


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
