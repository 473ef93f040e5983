"""Both parsers against a reader that was written from the specification alone.

The compiled scanner may make the same mistake as the pure parser, after which it was built; this reader cannot, or only
by chance. ``python -m benchmarks.fuzz_reference`` compares them on more answers.
"""

import pytest
from hypothesis import given
from msgspec.structs import replace

from benchmarks.fuzz import Hostile
from perceptron_annotations import Mode, Span, parse
from perceptron_annotations.issues import IssueCode
from perceptron_annotations.markup.parsing import parse_purely
from tests import strategies
from tests.corpora import EVERY
from tests.oracle.reference_comparison import difference
from tests.oracle.reference_reader import CODES

#: Answers of the fuzzer that are compared, which takes about a second.
SAMPLE = 4000


def assert_as_specified(text):
    pure = parse_purely(text, Span(0, len(text)), mode=Mode.LENIENT, cut=False)
    for document in (parse(text), pure):
        assert difference(text, document) is None


@pytest.mark.parametrize("text", EVERY)
def test_the_corpora(text):
    assert_as_specified(text)


def test_the_families_of_the_fuzzer():
    hostile = Hostile(20)
    for _ in range(SAMPLE):
        assert_as_specified(hostile.draw())


@given(strategies.texts)
def test_what_the_properties_are_tested_on(text):
    assert_as_specified(text)


def test_every_code_that_it_tells_is_one():
    assert {code.value for code in IssueCode} >= CODES


@pytest.mark.parametrize("field", ["annotations", "spans", "tracks", "collections", "issues", "nodes"])
def test_it_sees_what_is_missing(field):
    text = 'a <collection mention="c"> <track> <point> (5000,1) </point> </track> </collection> b'
    document = parse(text)
    assert difference(text, document) is None
    assert difference(text, replace(document, **{field: ()})) is not None
