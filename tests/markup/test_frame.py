"""Answers whose coordinates are not on the grid: the frame is stated by the caller, at every door."""

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from perceptron_annotations import (
    AnnotationTable,
    Box,
    Clip,
    Completion,
    Frame,
    IssueCode,
    Mode,
    Point,
    Recording,
    Status,
    StreamParser,
    parse,
    parse_batch,
    read_recordings,
    read_table,
)
from perceptron_annotations import Polygon as Ring
from perceptron_annotations.completions import CompletionStream, DocumentRecord, read_documents, write_documents
from perceptron_annotations.errors import FrameError, UnwritableError
from perceptron_annotations.markup import read_json_answer
from tests import strategies

C = IssueCode
UNIT, SCREEN = Frame.UNIT, Frame.pixels(1000, 500)

#: (answer, frame, annotations in lenient mode, codes)
CASES = [
    ("<point>200 300</point>", SCREEN, [Point(200, 300, frame=SCREEN)], []),
    ("<point> (0.25,0.5) </point>", UNIT, [Point(0.25, 0.5, frame=UNIT)], []),
    ("<point> .25 1. </point>", UNIT, [Point(0.25, 1, frame=UNIT)], []),
    (
        '<point_box mention="a>b" t="1.5" asset_idx="1"> (0,0.5) (1,1) </point_box>',
        UNIT,
        [Box(0, 0.5, 1, 1, mention="a>b", t=1.5, asset_idx=1, frame=UNIT)],
        [],
    ),
    ('<clip mention="a" t="1 seconds 2 seconds" />', UNIT, [Clip(1, 2, mention="a")], []),
    (
        '<collection mention="c"> <polygon> (0,0) (1,0) (0.5,1) </polygon> </collection>',
        UNIT,
        [Ring(((0, 0), (1, 0), (0.5, 1)), mention="c", frame=UNIT)],
        [],
    ),
    ("<point> (1.5,0.5) </point>", UNIT, [Point(1.5, 0.5, frame=UNIT)], [C.OUT_OF_RANGE]),
    ("<point> (1000,500) </point>", SCREEN, [Point(1000, 500, frame=SCREEN)], []),
    ("<point> (999,501) </point>", SCREEN, [Point(999, 501, frame=SCREEN)], [C.OUT_OF_RANGE]),
    ("<point_box> (0.5,0.5) (0.1,0.1) </point_box>", UNIT, [Box(0.5, 0.5, 0.1, 0.1, frame=UNIT)], [C.SWAPPED_CORNERS]),
    ("<point> (-0.5,0.5) </point>", UNIT, [], [C.INVALID_POINT_COORDS]),
    ("<point> [0.5,0.5] </point>", UNIT, [], [C.INVALID_POINT_COORDS]),
    ('[{"type": "point", "x": 0.5, "y": 2}]', UNIT, [Point(0.5, 2, frame=UNIT)], [C.OUT_OF_RANGE]),
    ("[{'point': (0.5,0.25)}]", UNIT, [Point(0.5, 0.25, frame=UNIT)], [C.REPR_FORM]),
]


@pytest.mark.parametrize(("text", "frame", "annotations", "codes"), CASES)
def test_a_frame_is_stated(text, frame, annotations, codes):
    """field A7: "with a frame other than GRID decimals are read in lenient too, and the range warnings follow"."""
    document = parse(text, frame=frame)
    assert list(document.annotations) == annotations
    assert [issue.code for issue in document.issues] == codes
    assert (document.frame, document.read_in) == (frame, frame)
    parser = StreamParser(frame=frame)
    for char in text:
        parser.feed(char)
    assert parser.close() == document
    assert parser.close().annotations == document.annotations
    table = parse_batch([text, "nothing"], frame=frame)
    assert table == AnnotationTable.from_documents([document, parse("nothing", frame=frame)])
    assert table.frame is frame.kind


def test_salvage_takes_its_near_misses_in_any_frame():
    for text in ("<point> (-0.5,0.5) </point>", "<point> [-0.5,0.5] </point>", "<point> (-0.5,0.5)"):
        document = parse(text, mode="salvage", frame=UNIT)
        assert document.points in ((Point(-0.5, 0.5, frame=UNIT),), ())
    assert parse("<point> (0.5,0.5)", mode="salvage", frame=UNIT).points == (Point(0.5, 0.5, frame=UNIT),)
    assert parse("<point> (0.5,0.5) </point>", mode="salvage", frame=UNIT).issues == ()


@given(strategies.texts, st.sampled_from([UNIT, SCREEN]), st.sampled_from([Mode.LENIENT, Mode.SALVAGE]))
@example("<point>(٣,٤)", UNIT, Mode.SALVAGE)
@example("<point>(٣,٤)</point>", SCREEN, Mode.LENIENT)
def test_what_the_grid_reads_every_frame_reads(text, frame, mode):
    """The frame changes what numbers mean, and lets fractions be read; nothing that is read on the grid is lost."""
    on_grid, stated = parse(text, mode=mode), parse(text, mode=mode, frame=frame)

    def bare(annotation):
        return annotation if isinstance(annotation, Clip) else annotation.replace(frame=Frame.GRID)

    found = [(bare(each), span) for each, span in zip(stated.annotations, stated.spans, strict=True)]
    if len(found) == len(on_grid.annotations):
        assert found == list(zip(on_grid.annotations, on_grid.spans, strict=True))
    assert set(on_grid.spans) <= set(stated.spans)


@pytest.mark.parametrize("text", ["<point> (٣,٤) </point>", "<point> (٣.٥,.٤) </point>"])
def test_digits_beyond_ascii_are_read_in_every_frame(text):
    """The grid takes them, as the SDK does; Python's own ``float`` says what they are."""
    (point,) = parse(text, frame=SCREEN).points
    assert point.coordinates[0] in ((3.0, 4.0), (float("٣.٥"), float(".٤")))


def test_markup_is_written_on_the_grid_only():
    with pytest.raises(UnwritableError, match="markup is written on the grid"):
        parse("<point> (0.25,0.5) </point>", frame=UNIT).to_markup()


def test_a_frame_is_a_frame():
    for use in (
        lambda: parse("x", frame="unit"),
        lambda: StreamParser(frame="unit"),
        lambda: parse_batch(["x"], frame="unit"),
        lambda: CompletionStream(frame="unit"),
        lambda: Recording(key="a", text="x").document(frame="unit"),
    ):
        with pytest.raises(FrameError, match=r"frame must be a Frame such as Frame\.UNIT"):
            use()


def test_json_answers_have_a_frame():
    (point,) = read_json_answer('[{"type": "point", "x": 0.5, "y": 1}]', frame=UNIT).annotations
    assert point == Point(0.5, 1, frame=UNIT)


# -- the doors of completions and files ------------------------------------------------------------------------------

TEXT = '<think>hm</think><point mention="a"> (0.25,0.5) </point>'
BODY = {"choices": [{"message": {"role": "assistant", "content": TEXT}, "finish_reason": "stop"}]}
FOUND = Point(0.25, 0.5, mention="a", frame=UNIT)


def test_completions():
    assert Completion.decode(BODY).answer.parse(frame=UNIT).points == (FOUND,)
    stream = CompletionStream(frame=UNIT)
    events = stream.feed_chunk({"choices": [{"index": 0, "delta": {"content": TEXT}, "finish_reason": "stop"}]})
    assert [each.event.annotation for each in events if hasattr(each.event, "annotation")] == [FOUND]


def test_files(tmp_path):
    path = tmp_path / "answers.jsonl"
    sized = {"key": "b", "text": TEXT, "assets": [{"width": 640, "height": 480}]}
    path.write_text("\n".join(json.dumps(line) for line in ({"key": "a", "response": BODY}, sized)) + "\n")
    recordings = list(read_recordings(path))
    assert [recording.document(frame=UNIT).points for recording in recordings] == [(FOUND,)] * 2
    table = read_table(path, frame=UNIT, threads=2)
    assert (table.frame, table.coords.tolist()) == (UNIT.kind, [[0.25, 0.5]] * 2)
    assert table.responses.sizes.tolist() == [[640, 480]]
    assert read_table(path, frame=SCREEN).responses.sizes.tolist() == [[1000, 500]] * 2
    assert read_table(path).status.tolist() == [Status.UNREADABLE] * 2


def test_stored_documents_come_back(tmp_path):
    record = DocumentRecord.of(Recording(key="a", text="<point> (0.25,0.5) </point>"), frame=UNIT)
    moved = DocumentRecord(key="b", document=record.document.to_pixels(640, 480))
    path = tmp_path / "documents.jsonl"
    write_documents([record, moved], path)
    back = list(read_documents(path))
    assert back == [record, moved]
    assert back[1].document.points == (Point(160, 240, frame=Frame.pixels(640, 480)),)
