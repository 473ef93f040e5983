"""The words of an answer are those that the SDK's ``strip_tags`` leaves."""

import pytest
from hypothesis import assume, given
from perceptron.pointing.parser import strip_tags

from perceptron_annotations import parse
from tests import corpora, strategies


@pytest.mark.parametrize("text", corpora.EVERY)
def test_recorded_answers(text):
    if "9" * 4300 in text:
        pytest.skip("the SDK crashes on it")
    assert parse(text).prose == strip_tags(text)


@given(strategies.texts)
def test_generated_answers(text):
    assert parse(text).prose == strip_tags(text)


@given(strategies.texts)
def test_nothing_but_prose_is_unchanged(text):
    assume("<" not in text)
    assert parse(text).prose == strip_tags(text) == text
