"""What holds of every table, whatever the answers."""

import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from perceptron_annotations import AnnotationTable, Collection, Mode, Track, parse, parse_batch, to_markup
from perceptron_annotations.errors import MarkupError
from tests import strategies

any_text = st.one_of(strategies.texts, st.text(st.characters(codec=None, categories=None), max_size=30))
batches = st.lists(any_text, max_size=6)
tables = st.lists(strategies.texts, max_size=5).map(parse_batch)


@given(batches, st.sampled_from([Mode.LENIENT, Mode.SALVAGE]), st.integers(1, 3))
def test_a_batch_equals_its_answers_one_by_one(texts, mode, threads):
    """“``parse_batch(texts)`` equals ``[parse(t) for t in texts]`` in every column.”"""
    documents = [parse(text, mode=mode) for text in texts]
    table = parse_batch(texts, mode=mode, threads=threads)
    assert table == AnnotationTable.from_documents(documents)
    assert table.to_annotations() == [list(document.annotations) for document in documents]
    assert table.status.tolist() == [document.status for document in documents]
    assert table.issues.codes.tolist() == [issue.code for document in documents for issue in document.issues]


@given(batches)
def test_strict_raises_the_earliest(texts):
    """“Strict raises the earliest with ``.response``.”"""
    for place, text in enumerate(texts):
        try:
            parse(text, mode=Mode.STRICT)
        except MarkupError as error:
            with pytest.raises(MarkupError) as raised:
                parse_batch(texts, mode=Mode.STRICT)
            assert (raised.value.response, raised.value.issue) == (place, error.issue)
            return
    assert len(parse_batch(texts, mode=Mode.STRICT).responses) == len(texts)


@given(st.lists(st.lists(strategies.values, max_size=4), max_size=4))
def test_values_there_and_back(responses):
    """“``.to_annotations()`` and ``from_annotations(...)`` both ways without loss.”"""
    table = AnnotationTable.from_annotations(responses)
    assert AnnotationTable.from_annotations(table.to_values()) == table
    assert AnnotationTable.from_annotations(table.to_annotations()).to_annotations() == table.to_annotations()
    read = [parse(to_markup(values)).annotations for values in responses]
    assert [len(each) for each in read] == [len(each) for each in table.to_annotations()]


@given(batches)
def test_groups_of_a_batch(texts):
    """Tracks and collections come back with the members that they have in the documents."""
    table = parse_batch(texts)
    for values, document in zip(table.to_values(), map(parse, texts), strict=True):
        found = [value for value in values if isinstance(value, Collection)]
        assert sorted(map(_leaves, found)) == sorted(
            _leaves(each) for each in document.collections if each.children or not each.complete
        )
    again = AnnotationTable.from_annotations(table.to_values()).to_annotations()
    for found, wanted, document in zip(again, table.to_annotations(), map(parse, texts), strict=True):
        if document.errors:  # a container where none may be: its members stand between those of another
            assert sorted(map(repr, found)) == sorted(map(repr, wanted))
        else:
            assert found == wanted


def _leaves(value):
    if isinstance(value, Collection):
        return sum(map(_leaves, value.children))
    return len(value.waypoints) if isinstance(value, Track) else 1


@given(tables, st.data())
def test_taking_rows(table, data):
    rows = data.draw(st.lists(st.integers(-len(table), len(table) - 1), max_size=8)) if len(table) else []
    flat = [each for response in table.to_annotations() for each in response]
    taken = table.take(rows)
    assert [flat[row] for row in rows] == [
        annotation
        for row in range(len(taken))
        for response in taken.take([row]).to_annotations()
        for annotation in response
    ]
    mask = np.array(data.draw(st.lists(st.booleans(), min_size=len(table), max_size=len(table))), dtype=bool)
    assert table[mask] == table.take(np.flatnonzero(mask))
    assert table[mask].responses is table.responses
    assert table[:] == table


@given(st.lists(tables, min_size=1, max_size=3), tables)
def test_joining(several, last):
    """Joining is associative, and a table of a batch is the join of the tables of its answers."""
    joined = AnnotationTable.concat([*several, last])
    assert joined == AnnotationTable.concat([AnnotationTable.concat(several), last])
    assert joined.to_annotations() == [each for table in [*several, last] for each in table.to_annotations()]


@given(batches)
def test_a_batch_is_the_join_of_its_answers(texts):
    assert parse_batch(texts) == AnnotationTable.concat([parse_batch([]), *(parse_batch([text]) for text in texts)])


@given(tables, st.sampled_from(["mention", "t", "score", "kind", "response"]))
def test_sorting(table, name):
    ordered = table.sort(name)
    column = getattr(ordered, name).astype(float)
    known = column[~np.isnan(column)]
    assert np.all(known[:-1] <= known[1:])
    assert np.isnan(column[len(known) :]).all()


@given(tables)
def test_bounds_are_those_of_the_values(table):
    flat = [each for response in table.to_annotations() for each in response]
    for value, bounds in zip(flat, table.xyxy, strict=True):
        assert np.isnan(bounds).all() if not hasattr(value, "xyxy") else tuple(bounds) == value.xyxy


@given(tables)
def test_pickling(table):
    again = pickle.loads(pickle.dumps(table))  # noqa: S301 - our own
    assert again == table
    assert not again.coords.flags.writeable
