"""What attributes say is remembered by their text: it must say the same each time, and not fill the memory."""

import pytest

from perceptron_annotations import Frame, Mode, Span
from perceptron_annotations.markup import plain_elements
from perceptron_annotations.markup.attributes import KEPT, KEPT_LENGTH
from perceptron_annotations.markup.parsing import parse_purely


def read(text, mode=Mode.LENIENT, frame=Frame.GRID):
    return parse_purely(text, Span(0, len(text)), mode=mode, cut=False, frame=frame)


@pytest.mark.parametrize(
    "attributes",
    [
        ' mention="a"',
        ' mention="a" mention="b"',
        ' id="3" color=red',
        ' t="never"',
        ' asset_idx="-1" id="3"',
        ' mention="&lt;point&gt;" t="1.5 seconds" asset_idx="2"',
        ' confidence="0.5"',
        ' confidence="2"',
    ],
)
def test_twice_is_the_same_as_once(attributes):
    for tag, body in (("point", "(1,2)"), ("point_box", "(1,2) (3,4)"), ("polygon", "(1,2) (3,1) (5,9)")):
        once = f"<{tag}{attributes}> {body} </{tag}>"
        first, second = read(once), read(once)
        assert (first.annotations, first.issues, first.nodes) == (second.annotations, second.issues, second.nodes)
        both = read(f"{once} {once}")
        assert both.annotations == first.annotations * 2
        assert [issue.code for issue in both.issues] == [issue.code for issue in first.issues] * 2
        upper = read(once.upper().replace(attributes.upper(), attributes))  # by the other way through the parser
        assert (upper.annotations, [issue.code for issue in upper.issues]) == (
            first.annotations,
            [issue.code for issue in first.issues],
        )


def test_the_memory_is_bounded():
    for number in range(KEPT + 100):
        read(f'<point mention="{number}"> (1,2) </point>')
    assert len(plain_elements._kept_points) <= KEPT
    longest = "x" * KEPT_LENGTH
    assert read(f'<point mention="{longest}"> (1,2) </point>').points[0].mention == longest
    assert not [text for text in plain_elements._kept_points if len(text) > KEPT_LENGTH]


def test_a_ring_that_only_seems_plain_is_salvaged():
    text = "<polygon> 0,0 1,0 1,1 9 </polygon>"
    assert read(text).polygons == ()
    assert len(read(text, Mode.SALVAGE).polygons) == 1
    commas = read("<polygon> (1,2), (3,1), (5,9) </polygon>")
    assert len(commas.polygons) == 1
    assert [issue.code.value for issue in commas.issues] == ["ignored_text"]
