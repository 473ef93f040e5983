"""What every dialect promises, whatever its surface: tiling, chunks, modes, writing, pickling, linear work."""

import pickle
import sys
from contextlib import contextmanager

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import perceptron_annotations as pa
from perceptron_annotations.dialects import dialect_named, write_answer
from perceptron_annotations.markup.piece_builder import PieceBuilder
from perceptron_annotations.received_text import Received
from tests.dialects.forms import NAMES, SIZE, broken, hostile, rounding, shapes, values
from tests.property.test_stream import assert_events_tell

#: So many dialects share the seconds that the gate has for them.
quick = settings(max_examples=max(8, settings().max_examples // 18), deadline=None)
every = pytest.mark.parametrize("name", NAMES)
#: Presets that differ in their numbers and not in how they are written are read by the same code.
each_surface = pytest.mark.parametrize("name", {dialect_named(name).surface: name for name in NAMES}.values())


def parse(text, name, **options):
    return pa.parse(text, dialect=name, image_size=SIZE, **options)


def told(text, name, ends=(), *, salvage=False):
    """What a reader tells of a text that arrives in chunks: nodes, annotations, issues, and whether it was cut."""
    dialect = dialect_named(name)
    reader = dialect.surface.reader(7, salvage=salvage)
    builder = PieceBuilder(dialect, dialect.scale.frame(SIZE))
    at = 0
    for end in [*sorted(ends), len(text)]:
        builder.tell(reader.read(text[at:end]))
        at = end
    builder.tell(reader.finish())
    return builder.nodes, builder.annotations, builder.issues, reader.truncated


@each_surface
@quick
@given(st.data())
def test_any_chunks_say_what_the_whole_says(name, data):
    """The pieces tile the answer, "in order and without a gap, and say the same however the text is cut"."""
    text, salvage = data.draw(broken(name)), data.draw(st.booleans())
    whole = told(text, name, salvage=salvage)
    at = 7
    for node in whole[0]:
        assert node.span.start == at < node.span.end
        at = node.span.end
    assert at == 7 + len(text)
    ends = data.draw(st.lists(st.integers(0, len(text))))
    assert told(text, name, ends, salvage=salvage) == whole
    assert told(text, name, range(len(text)), salvage=salvage) == whole


@each_surface
@quick
@given(st.data())
def test_a_stream_ends_as_the_whole(name, data):
    """“Closes with the document equal to ``parse(text, dialect=…)``.”"""
    text, mode = data.draw(broken(name)), data.draw(st.sampled_from(["lenient", "salvage"]))
    parser = pa.StreamParser(dialect=name, image_size=SIZE, mode=mode)
    size = data.draw(st.integers(1, 9))
    events = [event for at in range(0, len(text), size) for event in parser.feed(text[at : at + size])]
    document = parser.close()
    assert document == parse(text, name, mode=mode)
    assert_events_tell([*events, *parser.closing_events], document)


@each_surface
@quick
@given(st.data())
def test_lenient_never_raises_and_strict_raises_what_lenient_tells(name, data):
    text = data.draw(broken(name))
    document = parse(text, name)
    assert len(parse(text, name, mode="salvage").annotations) >= len(document.annotations)
    if document.errors:
        with pytest.raises(pa.errors.MarkupError):
            parse(text, name, mode="strict")
    else:
        assert parse(text, name, mode="strict").annotations == document.annotations
    assert pickle.loads(pickle.dumps(document)) == document  # noqa: S301 - our own


@every
@quick
@given(st.data())
def test_what_is_written_is_read_back(name, data):
    """But for the dialect's rounding."""
    given_values = data.draw(values(name))
    document = parse(write_answer(given_values, name, image_size=SIZE), name)
    assert [(type(each), each.mention) for each in document.annotations] == [
        (type(each), each.mention) for each in given_values
    ]
    assert not document.errors
    for found, wanted in zip(document.annotations, given_values, strict=True):
        expected = [number for pair in wanted.to(document.frame).coordinates for number in pair]
        numbers = [number for pair in found.coordinates for number in pair]
        assert numbers == pytest.approx(expected, abs=rounding(name) * 1.001)


@each_surface
@quick
@given(st.data())
def test_an_answer_cut_anywhere_keeps_what_is_whole(name, data):
    """Only the last annotation before the cut may differ: its label may be cut, or its polygon."""
    text = write_answer(data.draw(values(name)), name, image_size=SIZE)
    whole = parse(text, name).annotations
    document = parse(text[: data.draw(st.integers(0, len(text)))], name)
    assert document.annotations[:-1] == whole[: max(len(document.annotations) - 1, 0)]
    assert len(document.annotations) <= len(whole)


@each_surface
def test_one_bad_element_costs_itself(name):
    """A stretch of an answer that is lost costs the elements that it touches, and those beside them nothing."""
    shape = shapes(name)[0]
    text = write_answer([shape] * 3, name, image_size=SIZE)
    (_, before), (_, after) = parse(text, name).spans[0], parse(text, name).spans[1]
    for cut in range(before + 1, after - 1):
        document = parse(text[:cut] + text[cut + 1 :], name)
        assert len(document.annotations) >= 1, text[:cut] + "|" + text[cut + 1 :]


@every
def test_a_dialect_is_a_value(name):
    dialect = dialect_named(name)
    assert pickle.loads(pickle.dumps(dialect)) == dialect == dialect.replace()  # noqa: S301 - our own
    assert hash(dialect.surface) == hash(dialect.replace(name="x").surface)
    assert dialect.source
    assert dialect.date


@contextmanager
def counted():
    """The calls and the characters that are looked up again, in a list of one number."""
    seen = [0]
    looked_up = Received.__getitem__

    def count(received, key):
        seen[0] += key.stop - key.start
        return looked_up(received, key)

    def profile(frame, event, argument):
        seen[0] += event in ("call", "c_call")

    Received.__getitem__ = count
    sys.setprofile(profile)
    try:
        yield seen
    finally:
        sys.setprofile(None)
        Received.__getitem__ = looked_up


def work(text, name, step):
    with counted() as seen:
        told(text, name, range(0, len(text), step))
    return seen[0]


@each_surface
def test_hostile_answers_cost_linear_work(name):
    """Each third of a long text is as much work as the one before; the first may be less, while windows fill.

    Seconds at 10, 100 and 1,000 kB are measured by ``benchmarks.dialects``.
    """
    for part in hostile(name):
        third = part * (260 // len(part) + 1)
        told(third, name)  # patterns are compiled once
        for step in (1, 3 * len(third)):
            one, two, three = (work(third * count, name, step) for count in (1, 2, 3))
            assert three - two < 1.35 * (two - one) + 200, (part, step)
