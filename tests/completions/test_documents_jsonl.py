"""Documents as JSON lines, read back equal."""

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from perceptron_annotations import AssetFrames, Frame, Mode, parse
from perceptron_annotations.completions import DocumentRecord, read_documents, write_documents
from perceptron_annotations.problems import ProblemCode, ProblemWarning
from tests import strategies
from tests.test_fixtures import RECORDINGS

pytestmark = pytest.mark.backend

FIELDS = ("nodes", "annotations", "spans", "tracks", "collections", "issues", "status", "truncated", "frame", "prose")


def assert_reads_back(records, path):
    assert write_documents(records, path) == len(records)
    again = list(read_documents(path))
    assert again == records
    for before, after in zip(records, again, strict=True):
        for field in FIELDS:
            assert getattr(after.document, field) == getattr(before.document, field)


def test_every_fixture(tmp_path):
    for mode in (Mode.LENIENT, Mode.SALVAGE):
        assert_reads_back([DocumentRecord.of(recording, mode=mode) for recording in RECORDINGS], tmp_path / "out.jsonl")


@example([parse("<|im_end|>", mode="salvage")])
@given(st.lists(st.builds(parse, strategies.texts, mode=st.sampled_from(["lenient", "salvage"])), max_size=3))
def test_generated_documents(tmp_path_factory, documents):
    """“A lossless JSONL form of Documents, read back equal.”"""
    path = tmp_path_factory.mktemp("jsonl") / "out.jsonl"
    assert_reads_back([DocumentRecord(key="k", document=document) for document in documents], path)


def test_frames_are_kept(tmp_path):
    document = parse('<point asset_idx="0"> (1,2) </point>', finish_reason="length")
    documents = [document.to(Frame.UNIT), document.to_pixels(640, 480), document.to(AssetFrames.of([(3, 4), (5, 6)]))]
    assert_reads_back([DocumentRecord(key="k", document=each) for each in documents], tmp_path / "out.jsonl")


@pytest.mark.parametrize(
    ("change", "code", "message"),
    [
        ({"schema": "x"}, ProblemCode.UNKNOWN_SCHEMA, "not perceptron-annotations/document version 1"),
        ({"version": 2}, ProblemCode.UNKNOWN_SCHEMA, "version 2"),
        ({"source": "<point> (9,9) </point>"}, ProblemCode.CHANGED_DOCUMENT, "not what its source says"),
        ({"answer": 5}, ProblemCode.INVALID_DOCUMENT, "Expected"),
    ],
)
def test_foreign_and_edited_lines_are_told(tmp_path, change, code, message):
    path = tmp_path / "out.jsonl"
    write_documents([DocumentRecord(key="k", document=parse("<point> (1,2) </point>"))], path)
    line = json.loads(path.read_text())
    path.write_text(json.dumps(line | change) + "\n" + json.dumps(line) + "\n{")
    problems = []
    (kept,) = read_documents(path, on_problem=problems.append)
    edited, broken = problems
    assert (edited.code, edited.place) == (code, "line 1")
    assert message in edited.message
    assert kept.key == "k"
    assert (broken.code, broken.raw) == (ProblemCode.TORN_LINE, "{")
    with pytest.warns(ProblemWarning, match="first: .*out.jsonl: line 1: "):
        assert list(read_documents(path)) == [kept]


def test_what_a_reader_in_another_language_sees(tmp_path):
    path = tmp_path / "out.jsonl"
    write_documents([DocumentRecord(key="k", document=parse('<point mention="a"> (1,2) </point> <clip'))], path)
    line = json.loads(path.read_text())
    assert line["annotations"] == [{"type": "point", "x": 1.0, "y": 2.0, "mention": "a"}]
    assert line["spans"] == [[0, 34]]
    assert line["status"] == "partial"
    assert line["issues"] == [
        {"code": "truncated_element", "severity": "error", "span": [35, 40], "detail": "<clip", "recovered": False}
    ]
