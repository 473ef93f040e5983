"""Issue 18, item 1: the words of issues stay bytes until somebody reads them."""

import pickle

import numpy as np
import pytest

import perceptron_annotations as pa
from perceptron_annotations.issues import DETAIL_LIMIT
from perceptron_annotations.table import concat, texts
from perceptron_annotations.table.texts import Texts

WORDS = ["", "cat", "猫", "a\0b", "🚲", "lone \ud800 surrogate"]


def test_they_are_a_sequence_of_strings():
    found = Texts.of(WORDS)
    assert list(found) == WORDS
    assert [found[each] for each in range(-6, 6)] == WORDS * 2
    assert found[1:4] == tuple(WORDS[1:4])
    assert found == WORDS
    assert found == tuple(WORDS)
    assert found != WORDS[1:]
    assert found == Texts.of(tuple(WORDS))
    assert found != Texts.of(["c", "at"])
    assert Texts.of(["c", "at"]) != Texts.of(["ca", "t"])
    assert pickle.loads(pickle.dumps(found)) == found  # noqa: S301 - our own
    with pytest.raises(IndexError):
        found[6]


def test_joined_texts_forget_what_stood_around_them():
    found = Texts.of(["x", "yz", "w"])
    inner = Texts(found.offsets[1:], found.data)
    assert Texts.joined([inner, found]) == ["yz", "w", "x", "yz", "w"]
    assert Texts.joined([Texts.of([]), inner]) == ["yz", "w"]


def test_a_batch_makes_no_string_of_a_detail_that_nobody_reads(monkeypatch):
    answers = ["<point> x </point>", "<point> (5000,1) </point>", '<point id="1"> (1,2) </point>'] * 3
    table = pa.parse_batch(answers)
    wanted = [issue.detail for answer in answers for issue in pa.parse(answer).issues]
    made = []
    real = texts.Texts.__getitem__
    monkeypatch.setattr(texts.Texts, "__getitem__", lambda self, index: made.append(index) or real(self, index))
    monkeypatch.setattr(texts.Texts, "__iter__", lambda self: made.append("all") or iter(()))
    twice = concat.concat([table, table])
    assert pa.table.from_arrow(pa.table.to_arrow(twice)) == twice
    assert made == []
    monkeypatch.undo()
    assert list(twice.issues.details) == wanted * 2


@pytest.mark.parametrize("char", ["x", "é", "猫", "🚲"])
@pytest.mark.parametrize("count", [DETAIL_LIMIT - 1, DETAIL_LIMIT, DETAIL_LIMIT + 1, 1000])
def test_long_words_are_cut_at_the_same_character(char, count):
    """The oracle is ``excerpt``: at most 120 characters, the last an ellipsis if there were more."""
    body = char * count
    (detail,) = pa.parse_batch([f"<point> {body} </point>"]).issues.details
    assert detail == (body if count <= DETAIL_LIMIT else body[: DETAIL_LIMIT - 1] + "…")


def test_details_are_read_only():
    details = pa.parse_batch(["<point> x </point>"]).issues.details
    assert isinstance(details, Texts)
    for array in (details.offsets, details.data):
        assert not array.flags.writeable
        with pytest.raises(ValueError, match="read-only"):
            array[:] = np.zeros_like(array)
