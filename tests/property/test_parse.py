"""What holds of every document, whatever the model wrote."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perceptron_annotations import Collection, Mode, Severity, Status, Track, parse
from perceptron_annotations.errors import MarkupError
from perceptron_annotations.markup.nodes import Element, Outside, Text, elements
from tests import strategies
from tests.oracle.compare import is_subsequence

any_text = st.one_of(strategies.texts, st.text(), st.text(st.characters(codec=None, categories=None), max_size=30))
reading_modes = st.sampled_from([Mode.LENIENT, Mode.SALVAGE])


def assert_tiles(nodes, start, end):
    for node in nodes:
        assert node.span.start == start
        assert node.span.end >= start
        start = node.span.end
    assert start == end


@given(any_text, reading_modes)
def test_nodes_tile_the_source(text, mode):
    """“Every character of an answer is accounted for.”"""
    document = parse(text, mode=mode)
    assert_tiles(document.nodes, 0, len(text))
    for element in elements(document.nodes):
        if element.children:
            assert_tiles(element.children, element.children[0].span.start, element.children[-1].span.end)
            assert element.span.start < element.children[0].span.start
            assert element.children[-1].span.end <= element.span.end


@given(any_text, reading_modes)
def test_spans_index_the_source(text, mode):
    """“``spans[i]`` belongs to ``annotations[i]``”, and the text there says the same by itself."""
    document = parse(text, mode=mode)
    assert len(document.spans) == len(document.annotations)
    for annotation, span in zip(document.annotations, document.spans, strict=True):
        alone = parse(span.of(text), mode=Mode.SALVAGE).annotations
        assert [type(other) for other in alone] == [type(annotation)]
        assert alone[0].replace(mention=None, asset_idx=None) == annotation.replace(
            mention=None, asset_idx=None
        ) or annotation.t != getattr(alone[0], "t", None)  # a collection may give it a time
    starts = [span.start for span in document.spans]
    assert starts == sorted(starts)
    for issue in document.issues:
        assert 0 <= issue.span.start <= issue.span.end <= len(text)


@given(any_text)
def test_lenient_never_raises(text):
    """“Malformed text of a model is data”: lone surrogates and NUL included."""
    for mode in (Mode.LENIENT, Mode.SALVAGE):
        document = parse(text, mode=mode)
        assert document.source == text
        assert document == parse(text, mode=mode)
        assert hash(document) == hash(parse(text, mode=mode))


@given(any_text)
def test_salvage_holds_lenient_and_lenient_holds_strict(text):
    """“Salvage may add annotations, never change those of lenient.”"""
    lenient = parse(text)
    assert is_subsequence(lenient.annotations, parse(text, mode=Mode.SALVAGE).annotations)
    try:
        strict = parse(text, mode="strict")
    except MarkupError as error:
        assert error.issue == next(issue for issue in lenient.issues if issue.severity is Severity.ERROR)
        return
    assert strict.annotations == lenient.annotations
    assert strict.issues == lenient.issues


@given(any_text, reading_modes)
def test_status_and_issues(text, mode):
    """“Outcomes, never confused.”"""
    document = parse(text, mode=mode)
    lost = any(issue.failure for issue in document.issues)
    kept = bool(document.annotations)
    expected = {(False, False): Status.EMPTY, (True, False): Status.OK, (True, True): Status.PARTIAL}
    assert document.status is expected.get((kept, lost), Status.UNREADABLE)
    assert set(document.errors) | set(document.warnings) == set(document.issues)


@given(any_text, reading_modes)
def test_views_are_the_annotations(text, mode):
    """“``annotations`` is flat, in document order”; tracks and collections are views."""
    document = parse(text, mode=mode)
    views = [*document.points, *document.boxes, *document.polygons, *document.clips]
    assert sorted(map(repr, views)) == sorted(map(repr, document.annotations))
    values = [element.value for element in elements(document.nodes)]
    assert len(document.tracks) == sum(isinstance(value, Track) for value in values)
    assert len(document.collections) == sum(isinstance(value, Collection) for value in values)


@given(any_text)
def test_prose_is_text_alone(text):
    """Prose is the text between elements; a document without elements is its own prose."""
    document = parse(text)
    assert all(isinstance(node, Text | Element | Outside) for node in document.nodes)
    if not any(isinstance(node, Element) for node in document.nodes):
        assert document.prose == text


@pytest.mark.parametrize("text", ["", "no markup at all", "a < b > c", "\ud800\0"])
def test_no_markup(text):
    document = parse(text)
    assert document.status is Status.EMPTY
    assert document.prose == text
    assert document.annotations == document.issues == ()
