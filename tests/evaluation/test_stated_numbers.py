"""Numbers that the prose states."""

import pytest

from perceptron_annotations import parse
from perceptron_annotations.evaluation import StatedCount, stated_count, stated_counts


@pytest.mark.parametrize(
    ("prose", "wanted"),
    [
        ("There are three red cups and 12 plates.", [StatedCount(3, "red cups"), StatedCount(12, "plates")]),
        ("twenty-one people, Forty two birds", [StatedCount(21, "people"), StatedCount(42, "birds")]),
        ("a dog and no cats", [StatedCount(1, "dog and"), StatedCount(0, "cats")]),
        ("1.5 m, 3,000 things, v2 models, -4 degrees", []),
        ("one", []),
        ("", []),
    ],
)
def test_numbers_in_words(prose, wanted):
    assert stated_counts(prose) == wanted


def test_stated_and_shown_apart():
    document = parse('I see three cups: <point mention="cup"> (1,2) </point> <point mention="cup"> (3,4) </point>')
    assert stated_count(document.prose, "cup") == 3
    assert len(document.points) == 2
    assert stated_count("three red cups", "cup") == 3
    assert stated_count("three red cups", "red cup") == 3
    assert stated_count("three cups", "plate") is None
