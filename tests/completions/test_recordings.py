"""Lines of every form, and of no form."""

import gzip
import io
import json
import sys
import warnings
from contextlib import closing

import pytest

from perceptron_annotations import Point, Recording, read_recordings
from perceptron_annotations.completions import RecordedAsset
from perceptron_annotations.errors import FileError, MarkupError
from perceptron_annotations.limits import use_limits
from perceptron_annotations.problems import ProblemCode, ProblemWarning

pytestmark = pytest.mark.backend

POINT = "<point> (1,2) </point>"
BODY = {"id": "c1", "model": "m", "choices": [{"message": {"content": POINT}, "finish_reason": "stop"}]}


def write(tmp_path, *lines):
    path = tmp_path / "in.jsonl"
    data = b"\n".join(line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines) + b"\n"
    path.write_bytes(data)
    return path


def read(tmp_path, *lines, **options):
    return list(read_recordings(write(tmp_path, *lines), **options))


def read_all(tmp_path, *lines, **options):
    """The recordings, and the problems."""
    problems = []
    return read(tmp_path, *lines, on_problem=problems.append, **options), problems


@pytest.mark.parametrize(
    ("line", "key"),
    [
        (BODY, "c1"),
        ({**BODY, "id": 7}, "7"),
        ({"id": "b", "custom_id": "mine", "response": {"status_code": 200, "body": BODY}, "error": None}, "mine"),
        ({"response": BODY, "request": {"messages": []}, "assets": []}, "c1"),
        ({"key": "k", "response": BODY}, "k"),
        ({"text": POINT, "key": "t"}, "t"),
        ({"text": POINT}, "1"),
    ],
)
def test_forms(tmp_path, line, key):
    (recording,) = read(tmp_path, line)
    assert isinstance(recording, Recording)
    assert (recording.key, recording.text, recording.line_number, recording.choice) == (key, POINT, 1, 0)
    assert recording.document().points == (Point(1, 2),)
    assert json.loads(recording.raw) == line


@pytest.mark.parametrize(
    ("message", "text", "reasoning"),
    [
        ({"content": None, "tool_calls": []}, "", None),
        ({"content": [{"type": "text", "text": "a"}, {"type": "image"}, {"type": "text", "text": "b"}]}, "ab", None),
        ({"content": "a", "reasoning_content": "r", "reasoning": "s"}, "a", "r"),
        ({"content": "a", "reasoning": "s", "reasoning_details": [{"text": "t"}]}, "a", "s"),
        ({"content": "a", "reasoning_details": [{"text": "t"}, {"data": "x"}, {"summary": "u"}]}, "a", "tu"),
        ({"content": "<think>r</think>a"}, "a", "r"),
        ({"content": "<think>r</think>a", "reasoning": "s"}, "a", "s"),
    ],
)
def test_messages(tmp_path, message, text, reasoning):
    (recording,) = read(tmp_path, {"choices": [{"message": message}]})
    assert (recording.text, recording.reasoning) == (text, reasoning)


def test_reasoning_is_no_answer_and_spans_index_the_content(tmp_path):
    content = f"<think>{POINT}</think>x {POINT}<|im_end|>"
    (recording,) = read(tmp_path, {"choices": [{"message": {"content": content}}]})
    document = recording.document()
    assert document.source == content
    assert len(document.points) == 1
    assert document.spans[0].of(content) == POINT
    assert document.spans[0].start > content.index("</think>")
    assert document.prose == "x "
    assert document.to_markup() == f"x {POINT}"
    (cut,) = read(tmp_path, {"choices": [{"message": {"content": f"<think>{POINT}"}}]})
    assert cut.document().truncated
    assert cut.document().annotations == ()


def test_every_choice_is_a_recording(tmp_path):
    choices = [
        {"message": {"content": "a"}},
        {"index": 5, "message": {"content": 5}},
        {"message": {"content": None}, "finish_reason": "length"},
    ]
    (first, last), (bad,) = read_all(tmp_path, {"id": "x", "choices": choices})
    assert (first.choice, first.text) == (0, "a")
    assert bad.code is ProblemCode.INVALID_COMPLETION
    assert bad.message == "choice 1: the content is not a text, but a number"
    assert (last.choice, last.text, last.finish_reason) == (2, "", "length")
    assert last.document().truncated


def test_strict_mode_names_the_answer(tmp_path):
    (recording,) = read(tmp_path, {"key": "k7", "text": "<point> bad </point>"})
    with pytest.raises(MarkupError, match="answer k7: invalid_point_coords"):
        recording.document(mode="strict")


def test_assets_and_frames(tmp_path):
    assets = [{"file_name": "a.png", "width": 4, "height": 3}, {"file_name": "b.png"}]
    (recording,) = read(tmp_path, {"text": POINT, "assets": assets})
    assert recording.assets == (RecordedAsset("a.png", 4, 3), RecordedAsset("b.png"))
    assert recording.frames.count == 2
    assert read(tmp_path, {"text": POINT})[0].frames is None


@pytest.mark.parametrize(
    ("line", "code", "message"),
    [
        (b"{]", "unreadable_line", "not a recording"),
        (b"[1]", "not_a_recording", "not a recording: Expected"),
        (b"\xff\xfe{\x00", "wrong_encoding", "UTF-16"),
        (b'{"text": "\xff"}', "wrong_encoding", "not a recording: 'utf-8'"),
        (b"[" * 100_000, "not_a_recording", "not a recording"),
        (b'{"text": ' + b"9" * 5000 + b"}", "invalid_completion", "not a recording"),
        ({}, "not_a_recording", "none of choices, response and text"),
        ({"choices": []}, "missing_answer", "no choices"),
        (
            {"choices": "x"},
            "invalid_completion",
            "choices is not an array, but a text",
        ),
        ({"response": {"choices": [], "model": 5}}, "missing_answer", "no choices"),
        ({"response": "words"}, "invalid_completion", "not a completion"),
        (
            {"error": {"message": "too  much\nat once", "code": 429}},
            "service_error",
            "the service sent an error: too much at once (429)",
        ),
        ({"response": {"error": "plain words"}}, "service_error", "the service sent an error: plain words"),
        ({"object": "error", "message": "no"}, "service_error", "the service sent an error: no"),
        (
            {"error": {"message": '{"error": {"message": "inner"}}'}},
            "service_error",
            "the service sent an error: inner",
        ),
        ({"custom_id": "x", "response": {"status_code": 500, "body": {}}}, "service_error", "status 500"),
        (
            {"custom_id": "x", "response": None, "error": {"code": "expired"}},
            "service_error",
            "error: without a message (expired)",
        ),
        ({"choices": [{"error": {"message": "late"}, "message": {"content": ""}}]}, "service_error", "choice 0: late"),
    ],
)
def test_problems(tmp_path, line, code, message):
    (kept,), (rejected,) = read_all(tmp_path, line, {"text": "next"})
    assert message in rejected.message
    assert rejected.code == code
    assert (rejected.path, rejected.place) == (str(tmp_path / "in.jsonl"), "line 1")
    assert rejected.raw.encode("utf-8", "surrogateescape") == (
        line if isinstance(line, bytes) else json.dumps(line).encode()
    )
    assert kept.text == "next"


def test_a_cut_last_line_is_a_problem(tmp_path):
    path = tmp_path / "in.jsonl"
    path.write_bytes(b'{"text": "a"}\n{"text": "b')
    problems = []
    (kept,) = read_recordings(path, on_problem=problems.append)
    assert kept.text == "a"
    assert problems[0].code is ProblemCode.TORN_LINE
    assert problems[0].message.startswith("the file is cut off inside this line")
    with pytest.warns(ProblemWarning, match=r"^1 torn_line; first: .*in.jsonl: line 2: ") as caught:
        assert [each.text for each in read_recordings(path)] == ["a"]
    assert caught[0].filename == __file__
    path.write_bytes(b'{"text": "a"}')
    assert [recording.text for recording in read_recordings(path)] == ["a"]


def test_encodings(tmp_path):
    path = tmp_path / "in.jsonl"
    path.write_bytes(b'\xef\xbb\xbf{"text": "\xc3\xa9\xe2\x80\xa8x"}\r\n\r\n{"text": "\\ud800"}\n')
    first, second = read_recordings(path)
    assert first.text == "é\u2028x"
    assert (second.text, second.line_number) == ("\ud800", 3)


def test_gzip_whole_and_cut(tmp_path):
    path = tmp_path / "in.jsonl.gz"
    whole = gzip.compress(b"".join(json.dumps({"text": f"{n} {POINT * n}"}).encode() + b"\n" for n in range(500)))
    path.write_bytes(whole)
    assert len(list(read_recordings(path))) == 500
    path.write_bytes(whole[: len(whole) // 2])
    problems = []
    assert list(read_recordings(path, on_problem=problems.append))
    assert [problem.code for problem in problems] == [ProblemCode.TORN_LINE, ProblemCode.DAMAGED_GZIP]


def test_oversized_line(tmp_path):
    with use_limits(line_bytes=100):
        (kept,), (rejected,) = read_all(tmp_path, {"text": "x" * 500}, {"text": "next"})
    assert rejected.code is ProblemCode.OVERSIZED_LINE
    assert "over the limit of 100" in rejected.message
    assert kept.text == "next"


@pytest.mark.parametrize(("field", "key"), [("image", "7"), ("request.meta.image", "a.png")])
def test_key_field(tmp_path, field, key):
    line = {"text": "x", "image": 7, "request": {"meta": {"image": "a.png"}}}
    assert read(tmp_path, line, key=field)[0].key == key
    _, (missing,) = read_all(tmp_path, line, key="request.meta")
    assert missing.code is ProblemCode.MISSING_KEY
    assert missing.message == "no text or number in the key field 'request.meta'"


def test_standard_input(monkeypatch):
    stream = io.TextIOWrapper(io.BufferedReader(io.BytesIO(b'{"text": "a"}\n')))
    monkeypatch.setattr(sys, "stdin", stream)
    assert [recording.text for recording in read_recordings("-")] == ["a"]


def test_files_that_cannot_be_opened(tmp_path):
    with pytest.raises(FileError, match=r"is a directory: name the files in it, for example .*\*\.jsonl"):
        list(read_recordings(tmp_path))
    with pytest.raises(FileError, match=r"cannot read .*: No such file"):
        list(read_recordings(tmp_path / "none"))
    (tmp_path / "empty").touch()
    assert list(read_recordings(tmp_path / "empty")) == []


def chunk(content="", finish_reason=None):
    """A chunk of a stream as it is sent."""
    choice = {"index": 0, "delta": {"content": content}, "finish_reason": finish_reason}
    return b"data: " + json.dumps({"id": "s", "choices": [choice]}).encode() + b"\n\n"


STREAM = chunk(POINT) * 50
ENDED = STREAM + chunk(finish_reason="stop")
ERROR = b'data: {"error": "overloaded"}\n\n'
DONE = b"data: [DONE]\n\n"


@pytest.mark.parametrize(
    ("name", "data", "codes"),
    [
        ("a.sse", ENDED + DONE, []),
        ("a.sse", ENDED, []),
        ("a.sse", STREAM, ["interrupted_stream"]),
        ("a.sse", STREAM + ERROR, ["service_error"]),
        ("a.sse", ENDED + ERROR + DONE, ["service_error"]),
        ("a.sse", STREAM + b"data: {broken\n\n" + DONE, ["invalid_chunk"]),
        ("a.sse.gz", gzip.compress(ENDED + DONE)[:-6], ["damaged_gzip"]),
        ("a.sse.gz", gzip.compress(STREAM)[:-6], ["damaged_gzip", "interrupted_stream"]),
    ],
)
def test_a_stream_with_answers_tells_its_problems(tmp_path, name, data, codes):
    path = tmp_path / name
    path.write_bytes(data)
    problems = []
    (recording,) = read_recordings(path, on_problem=problems.append)
    assert recording.text.startswith(POINT)
    assert [problem.code for problem in problems] == codes
    assert {(problem.path, problem.place) for problem in problems} <= {(str(path), "line 1")}


def test_a_key_that_a_stream_lacks(tmp_path):
    path = tmp_path / "a.sse"
    for data, code in ((ENDED + DONE, ProblemCode.MISSING_KEY), (ERROR, ProblemCode.SERVICE_ERROR)):
        path.write_bytes(data)
        problems = []
        assert list(read_recordings(path, key="image", on_problem=problems.append)) == []
        assert [problem.code for problem in problems] == [code]


BAD_THEN_GOOD = (b"{]", {"text": "a"}, {"text": "b"})


def test_a_caller_that_stops_is_warned(tmp_path):
    path = write(tmp_path, *BAD_THEN_GOOD)

    def read_first():
        for recording in read_recordings(path):
            assert recording.text == "a"
            break

    with pytest.warns(ProblemWarning, match=r"^1 unreadable_line; first: ") as caught:
        read_first()
    assert [each.filename for each in caught] == [__file__]
    with pytest.warns(ProblemWarning) as caught, closing(read_recordings(path)) as recordings:
        next(recordings)
    assert len(caught) == 1
    assert next(recordings, None) is None


def test_no_exception_is_hidden_by_a_warning(tmp_path):
    path = write(tmp_path, *BAD_THEN_GOOD)

    def stop(error):
        with closing(read_recordings(path)) as recordings:
            next(recordings)
            if error:
                raise error

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(KeyError, match="mine"):
            stop(KeyError("mine"))
        with pytest.raises(ProblemWarning, match="1 unreadable_line"):
            stop(None)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        recordings = read_recordings(path)
        next(recordings)
        with pytest.raises(KeyError, match="mine"):
            recordings.throw(KeyError("mine"))
    assert caught == []


def chunk(content):
    """An event of a stream."""
    delta = {"choices": [{"index": 0, "delta": {"content": content}}], "id": "c"}
    return f"data: {json.dumps(delta)}\n\n".encode()


@pytest.mark.parametrize(
    ("rest", "code"),
    [
        (b": comment\n" * 400_000, ProblemCode.OVERSIZED_FILE),
        (b"\n" * 4_000_000, ProblemCode.OVERSIZED_FILE),
        (b"data: " + b"x" * (17 * 2**20), ProblemCode.OVERSIZED_EVENT),
    ],
)
def test_reliability_m4_a_transcript_has_a_limit(tmp_path, rest, code):
    """What stands before it is kept."""
    path = tmp_path / "a.sse.gz"
    path.write_bytes(gzip.compress(chunk("<point> (1,2) </point>") + rest))
    problems = []
    with use_limits(transcript_bytes=3 * 2**20 if code is ProblemCode.OVERSIZED_FILE else 64 * 2**20):
        (recording,) = read_recordings(path, on_problem=problems.append)
    assert recording.document().points == (Point(x=1, y=2),)
    assert recording.ending.truncates
    assert problems[0].code is code
