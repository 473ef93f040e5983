"""The mixes of ``benchmarks/corpus.py`` hold what they are said to hold."""

import pytest

from benchmarks import corpus
from benchmarks.contents import contents_of
from benchmarks.corpus import Corpus, Mix

COUNT = 2000


@pytest.fixture(scope="module")
def held():
    return {mix: contents_of(Corpus(1).answers(mix, COUNT)) for mix in Mix}


def test_equal_seeds_give_equal_answers():
    for mix in Mix:
        assert Corpus(3).answers(mix, 20) == Corpus(3).answers(mix, 20) != Corpus(4).answers(mix, 20)


def test_kind(held):
    kind = held[Mix.KIND]
    assert kind.kinds == pytest.approx(1.17, abs=0.05)  # a collection and a track hold boxes
    assert kind.foreign_answers == pytest.approx(0.08, abs=0.02)
    assert kind.warnings < 0.05
    assert 0.005 < kind.not_wholly_readable < 0.03


@pytest.mark.parametrize("mix", [Mix.MIXED, Mix.WARNED, Mix.WILD])
def test_several_kinds_strays_and_mentions_that_are_not_ascii(held, mix):
    assert held[mix].kinds > 3
    assert held[mix].foreign_mentions == pytest.approx(0.2, abs=0.02)
    texts = Corpus(1).answers(mix, COUNT)
    assert sum("<b>" in text for text in texts) > COUNT / 10
    assert sum("&lt;" in text for text in texts) > COUNT / 10


@pytest.mark.parametrize(("mix", "warnings"), [(Mix.WARNED, 2.1), (Mix.WILD, 6.6)])
def test_warnings(held, mix, warnings):
    assert held[mix].warnings == pytest.approx(warnings, rel=0.05)
    assert held[Mix.MIXED].warnings < 0.05


def test_wild_quotes(held):
    assert held[Mix.WILD].odd_quotes == pytest.approx(0.2, abs=0.02)
    assert held[Mix.WILD].unquoted_foreign == pytest.approx(0.09, abs=0.015)
    for mix in (Mix.KIND, Mix.MIXED, Mix.WARNED):
        assert held[mix].odd_quotes < 0.001
        assert held[mix].unquoted_foreign < 0.001


@pytest.mark.parametrize(("mix", "share"), [(Mix.MIXED, 0.02), (Mix.WARNED, 0), (Mix.WILD, 0.02)])
def test_random_edits(monkeypatch, mix, share):
    edited = []
    edit = corpus._Writer._edited
    monkeypatch.setattr(corpus._Writer, "_edited", lambda self, text: edited.append(text) or edit(self, text))
    Corpus(1).answers(mix, COUNT)
    assert len(edited) / COUNT == pytest.approx(share, abs=0.01)
