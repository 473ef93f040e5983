"""The compiled scanner and the pure parser: two implementations may only exist because these tests hold them equal.

``python -m benchmarks.fuzz`` compares them on far more, and far uglier, answers.
"""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from msgspec.structs import astuple

from perceptron_annotations import Mode, Span
from perceptron_annotations.errors import MarkupError
from perceptron_annotations.markup.backend import scanner
from perceptron_annotations.markup.columns import Columns
from perceptron_annotations.markup.flatten import Flattener
from perceptron_annotations.markup.parsing import parse_purely, parse_within
from tests import strategies
from tests.corpora import EVERY

pytestmark = pytest.mark.skipif(scanner is None, reason="the pure parser was asked for, so there is nothing to compare")

any_text = st.one_of(strategies.texts, st.text(), st.text(st.characters(codec=None, categories=None), max_size=30))


def read(text, mode, parse, answer=None, *, cut=False):
    try:
        return repr(astuple(parse(text, answer or Span(0, len(text)), mode=mode, cut=cut)))
    except MarkupError as error:
        return repr(error.issue)


@pytest.mark.parametrize("text", EVERY)
def test_documents_of_the_corpora(text):
    for mode in Mode:
        assert read(text, mode, parse_within) == read(text, mode, parse_purely)


@given(any_text, st.sampled_from(Mode))
@example("<collection> <collection> <point> (1,2) </point> </collection> </collection>", Mode.LENIENT)
@example("<track> <collection> <point> (1,2) </point> </collection> </track>", Mode.LENIENT)
@example('<point mention="AT&T"> (1,2) </point> <point mention="&#xFDD0;"> (1,2) </point>', Mode.LENIENT)
@example("é <point> (1,2) </point> 猫 <point> (1,2) </point> 🎉 <po", Mode.LENIENT)
def test_documents(text, mode):
    """“Two implementations … held equal by a property test”, spans, nodes, values and issues included."""
    assert read(text, mode, parse_within) == read(text, mode, parse_purely)


@given(any_text, any_text, any_text, st.sampled_from(Mode), st.booleans())
@example("é", "猫 <point> (1,2) </point> 🎉", "", Mode.SALVAGE, True)
@example("", "", "x", Mode.STRICT, False)
def test_documents_of_a_part(before, text, behind, mode, cut):
    """What is around an answer is ``Outside``, and moves its spans."""
    source, answer = before + text + behind, Span(len(before), len(before) + len(text))
    assert read(source, mode, parse_within, answer, cut=cut) == read(source, mode, parse_purely, answer, cut=cut)


@given(st.lists(any_text, max_size=6))
def test_columns(texts):
    """The same of what a batch is made of, byte for byte."""

    def flat(*chosen):
        made = Flattener()
        for text in chosen:
            made.add(parse_purely(text, Span(0, len(text)), mode=Mode.LENIENT, cut=False))
        return made.columns()

    reader = scanner.Scanner(lambda index: flat(texts[index]))
    reader.feed(texts)
    for name, ours, pure in zip(Columns._fields, reader.columns(), flat(*texts), strict=True):
        assert (ours if isinstance(ours, list) else bytes(ours)) == (pure if isinstance(pure, list) else bytes(pure)), (
            name
        )
