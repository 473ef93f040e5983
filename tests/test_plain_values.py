"""Values and documents as dicts for ``json.dumps``, and as fields of Pydantic."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from pydantic import BaseModel, ValidationError

from perceptron_annotations import (
    Annotation,
    Box,
    Clip,
    Collection,
    Document,
    Frame,
    Point,
    Polygon,
    Track,
    UsageError,
    parse,
)
from perceptron_annotations.completions import DocumentRecord, write_documents
from perceptron_annotations.errors import FrameError, GeometryError
from perceptron_annotations.markup import document_schema
from tests import strategies

pytestmark = pytest.mark.backend

ANSWER = 'A <point_box mention="cat"> (1,2) (3,4) </point_box> and <point> oops </point>.'


@given(strategies.values, strategies.frames)
def test_a_value_is_what_its_dict_says(value, frame):
    """newcomer minor 5: ``from_dict(to_dict())`` is the value, through ``json`` of the standard library."""
    moved = value.to(frame)
    assert type(value).from_dict(json.loads(json.dumps(moved.to_dict()))) == moved


@given(strategies.texts, st.sampled_from(["lenient", "salvage"]), st.booleans())
def test_a_document_is_what_its_dict_says(text, mode, is_cut):
    document = parse(text, mode=mode, finish_reason="length" if is_cut else None)
    if not document.collections:  # whose children may lie in several assets
        document = document.to(Frame.UNIT)
    fields = document.to_dict()
    Draft202012Validator(document_schema()).validate(fields)
    written = json.dumps(fields)
    again = Document.from_dict(json.loads(written))
    assert (again, again.annotations, again.issues) == (document, document.annotations, document.issues)


def test_the_schema_is_one_and_refuses_other_things():
    schema = document_schema()
    Draft202012Validator.check_schema(schema)
    fields = parse(ANSWER).to_dict()
    validator = Draft202012Validator(schema)
    for name, wrong in (("status", "fine"), ("annotations", [{"type": "circle"}]), ("spans", [[1]])):
        assert not validator.is_valid(fields | {name: wrong})
    del fields["source"]
    assert not validator.is_valid(fields)


def test_a_line_of_documents_has_the_same_fields(tmp_path):
    document = parse(ANSWER).to_pixels(640, 480)
    write_documents([DocumentRecord(key="a", document=document)], tmp_path / "a.jsonl")
    line = json.loads((tmp_path / "a.jsonl").read_text(encoding="utf-8"))
    fields = document.to_dict()
    assert {name: line[name] for name in fields} == fields


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        (Box, {"type": "point", "x": 1, "y": 2}),
        (Box, {"type": "box", "x1": 1, "y1": 2, "x2": 3}),
        (Point, {"type": "point", "x": "1", "y": 2}),
        (Point, {"type": "point", "x": math.nan, "y": 2}),
        (Clip, {"type": "clip", "start": -1}),
        (Polygon, {"type": "polygon", "vertices": [[0, 0], [1, 1]]}),
        (Track, {"type": "track", "waypoints": [{"type": "point", "x": math.inf, "y": 2}]}),
        (Collection, {"type": "collection", "children": [{"type": "clip", "start": -1}]}),
        (Point, {"type": "point", "x": 1, "y": 2, "frame": {"type": "frame", "kind": "grid", "width": 5, "height": 6}}),
        (
            Point,
            {"type": "point", "x": 1, "y": 2, "frame": {"type": "frame", "kind": "pixels", "width": 0, "height": 5}},
        ),
    ],
)
def test_a_dict_that_is_no_value_is_refused(kind, fields):
    with pytest.raises(UsageError):
        kind.from_dict(fields)


def test_a_document_whose_annotations_were_edited_is_refused():
    fields = parse(ANSWER).to_dict()
    fields["annotations"][0]["x1"] = 7
    with pytest.raises(UsageError, match="parse the source again"):
        Document.from_dict(fields)


class Reply(BaseModel):
    """What a web service of a user answers."""

    box: Box
    shapes: list[Annotation]
    tracks: tuple[Track, ...] = ()
    answer: Document
    frame: Frame


def test_newcomer_minor_5_fields_of_pydantic():
    """newcomer minor 5: PydanticSchemaGenerationError; with arbitrary types, serialising failed."""
    document = parse(ANSWER).to_pixels(640, 480)
    track = Track((Point(1, 2, t=0), Point(3, 4, t=1)), mention="ball")
    shapes = [*document.boxes, Point(1, 2), Clip(3)]
    reply = Reply(box=document.boxes[0], shapes=shapes, tracks=(track,), answer=document, frame=Frame.UNIT)
    written = reply.model_dump_json()
    assert json.loads(written)["box"] == document.boxes[0].to_dict()
    assert json.loads(written)["answer"] == json.loads(json.dumps(document.to_dict()))
    assert Reply.model_validate_json(written) == reply
    assert reply.model_dump()["shapes"][1] == {"type": "point", "x": 1.0, "y": 2.0}
    schema = Reply.model_json_schema()
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema).validate(json.loads(written))


@pytest.mark.parametrize("wrong", [{"type": "box", "x1": 1}, 5, Point(1, 2), {"type": "point", "x": 1, "y": 2}])
def test_pydantic_refuses_what_is_no_box(wrong):
    document = parse(ANSWER)
    with pytest.raises(ValidationError):
        Reply(box=wrong, shapes=[], answer=document, frame=Frame.GRID)


def test_to_pixels_of_a_value():
    """newcomer minor 4: only documents had it."""
    assert Box(250, 500, 1000, 1000).to_pixels(640, 480).xyxy == (160, 240, 640, 480)
    assert Clip(1, 2).to_pixels(640, 480) == Clip(1, 2)
    track = Track((Point(500, 500, t=0),)).to_pixels(10, 20)
    assert track.waypoints[0].coordinates == ((5, 10),)
    group = Collection((Point(500, 500), Clip(1))).to_pixels(10, 20)
    assert group.children[0].frame == Frame.pixels(10, 20)
    with pytest.raises(FrameError, match=r"Frame\.pixels\(640, 480\), not \(640, 480\)"):
        Box(1, 2, 3, 4).to((640, 480))


def test_a_box_from_its_corner_and_size():
    box = Box.from_xywh(10, 20, 100, 200, mention="cat", score=0.5, frame=Frame.pixels(640, 480))
    assert box == Box(10, 20, 110, 220, mention="cat", score=0.5, frame=Frame.pixels(640, 480))
    assert (box.xywh, box.center) == ((10, 20, 100, 200), (60, 120))
    assert Box(110, 20, 10, 220).center == (60, 120)
    with pytest.raises(GeometryError, match="not negative: -1 and 2"):
        Box.from_xywh(0, 0, -1, 2)
    with pytest.raises(GeometryError):
        Box.from_xywh(0, 0, math.nan, 2)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (None, "None: a completion without content has no answer to parse; pass content or ''"),
        (b"a", "bytes: decode it first, as UTF-8"),
        ({"choices": []}, "dict: for a response of a service, use Completion.decode(response).parse()"),
        (5, "not int"),
    ],
)
def test_newcomer_minor_4_what_is_no_text_is_told(given, said):
    with pytest.raises(UsageError) as told:
        parse(given)
    assert said in str(told.value)
