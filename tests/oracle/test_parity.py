"""Where SDK 0.4.0 reports no error, we return the same; where it does, the same error at the same place, and no less.

The SDK runs live beside us. Its ``expects`` families are compared at ``expects=None`` only: we always read all kinds.
What is meant to differ stands in ``test_differences.py`` and nowhere else.
"""

import pytest
from hypothesis import assume, example, given
from perceptron.pointing.parser import collect_annotations

from perceptron_annotations import Collection, parse
from perceptron_annotations.interop import from_sdk
from tests import corpora, strategies
from tests.oracle.compare import assert_parity, assert_strict_parity, overflows

RECORDED = [param for param in corpora.EVERY if not overflows(param.values[0])]


@pytest.mark.parametrize("text", RECORDED)
def test_recorded_answers(text):
    assert_parity(text)


@pytest.mark.parametrize("text", RECORDED)
def test_recorded_answers_in_strict_mode(text):
    assert_strict_parity(text)


def test_real_outputs_are_there():
    if not corpora.REAL:
        pytest.skip(f"the answers that others published are not here: {corpora.REAL_OUTPUTS}")


@given(strategies.answers)
def test_canonical_answers(text):
    assert_parity(text)
    assert_strict_parity(text)


@given(strategies.mutated())
def test_mutated_answers(text):
    assume(not overflows(text))
    assert_parity(text)
    assert_strict_parity(text)


@given(strategies.soups)
# An inner container that the outer one's close tag closes, a cut container, waypoints that agree late on an asset.
@example("<collection><track><point>(1,2)</point></collection><point>(3,4)</point>")
@example('<collection t="2"><track mention="k"><point>(1,2)</point><point asset_idx="1">(3,4)</point>')
@example("<track><track><point>(1,2)</point></track><point>(3,4)</point></track>")
def test_soups(text):
    assert_parity(text)
    assert_strict_parity(text)


@given(strategies.texts)
@example('<collection asset_idx="3"> <track> <point> (1,2) </point> </track> </collection>')
@example('<collection> <track asset_idx="0"> <point> (1,2) </point> </track> <clip t="1" /> </collection>')
def test_collections_are_the_trees_of_the_sdk(text):
    assume(not overflows(text))
    found = collect_annotations(text)
    assume(not found.errors)
    theirs = [from_sdk(part["value"]) for part in found.parsed if part["kind"] == "collection"]
    assert list(parse(text).collections) == theirs
    ours = [node.value for node in parse(text).nodes if isinstance(getattr(node, "value", None), Collection)]
    assert ours == theirs
