"""Writing and reading back."""

from hypothesis import example, given
from hypothesis import strategies as st

from perceptron_annotations import Box, Clip, Collection, Mode, Point, Polygon, Track, parse
from perceptron_annotations import to_markup as write
from perceptron_annotations.errors import UnwritableError
from perceptron_annotations.geometry import Shape
from tests import strategies


def as_written(value):
    """``value`` with a collection's ``t`` on its shapes: the markup has no other place for it."""
    if not isinstance(value, Collection) or value.t is None:
        return value
    children = [c.replace(t=value.t) if isinstance(c, Shape) and c.t is None else c for c in value.children]
    return value.replace(children=tuple(children), t=None)


def to_the_microsecond(annotations):
    """The markup holds no finer times."""
    fields = ("t", "start", "end")
    finer = [{name: getattr(each, name, None) for name in fields} for each in annotations]
    whole = [{name: round(time, 6) for name, time in times.items() if time is not None} for times in finer]
    return [each.replace(**times) for each, times in zip(annotations, whole, strict=True)]


@given(strategies.values)
def test_write_then_read(value):
    """“``parse(to_markup(x))`` gives x back.”"""
    document = parse(write(value), mode=Mode.STRICT)
    view = {Track: document.tracks, Collection: document.collections}.get(type(value), document.annotations)
    assert view == (as_written(value),)


@given(st.lists(strategies.values, max_size=4))
def test_several_values(values):
    document = parse(write(values), mode=Mode.STRICT)
    assert [node.value for node in document.nodes if hasattr(node, "value")] == [as_written(v) for v in values]


@given(strategies.values)
def test_canonical_text_is_a_fixed_point(value):
    """“Canonical text is a fixed point.”"""
    text = write(value)
    assert parse(text).to_markup() == text


@given(strategies.texts)
@example("<collection> <point> (1,2) </point> <track> <track>")
@example("say <point mention=\"oops <point mention='a'> (1,2) </point> <point mention='b'> (3,4) </point>")
def test_documents(text):
    """The canonical form of an answer keeps its annotations and prose, has no errors, and is its own canonical form."""
    document = parse(text)
    again = parse(document.to_markup())
    assert list(again.annotations) == to_the_microsecond(document.annotations)
    assert again.errors == ()
    assert again.to_markup() == document.to_markup()


@given(strategies.texts)
@example("<<|im_end|>point> (1,2) </point>")
@example('<clip t="0.0000011" />')
@example('<track> <point asset_idx="1"> (1,2) </point> <point asset_idx="2"> (3,4)')
def test_salvaged_documents(text):
    document = parse(text, mode=Mode.SALVAGE)
    try:
        canonical = document.to_markup()
    except UnwritableError:
        coordinates = [pair for shape in document.annotations if isinstance(shape, Shape) for pair in shape.coordinates]
        assert any(not number.is_integer() or number < 0 for pair in coordinates for number in pair)
        return
    assert list(parse(canonical).annotations) == to_the_microsecond(document.annotations)


def test_one_of_each():
    """The form itself, from the specification's section 3."""
    assert write(Point(1, 2, mention='a & "b"', t=2, asset_idx=0)) == (
        '<point mention="a &amp; &quot;b&quot;" t="2.0 seconds" asset_idx="0"> (1,2) </point>'
    )
    assert write(Box(1, 2, 3, 4, t=1 / 30)) == '<point_box t="0.033333 seconds"> (1,2) (3,4) </point_box>'
    assert write(Polygon(((1, 2), (3, 4), (5, 6)))) == "<polygon> (1,2) (3,4) (5,6) </polygon>"
    assert (
        write(Clip(1, 2.5, mention="x", asset_idx=1)) == '<clip mention="x" asset_idx="1" t="1 seconds 2.5 seconds" />'
    )
    track = Track((Point(1, 2, t=0), Point(3, 4, t=1)), mention="m", asset_idx=1)
    assert write(track) == (
        '<track mention="m" asset_idx="1"> <point t="0.0 seconds"> (1,2) </point> '
        '<point t="1.0 seconds"> (3,4) </point> </track>'
    )
    collection = Collection((Point(1, 2), Clip(3), track), t=2, mention="c", asset_idx=1)
    assert write(collection) == (
        '<collection mention="c" asset_idx="1"> <point t="2.0 seconds"> (1,2) </point> <clip t="3 seconds" /> '
        + write(track).replace(' asset_idx="1"', "")
        + " </collection>"
    )
