"""What is recorded is read back, whole or not at all, and holds no secrets."""

import hashlib
import io
import json

import pytest

from perceptron_annotations import (
    Completion,
    CompletionStream,
    Request,
    UsageError,
    read_recordings,
    read_table,
    record,
)
from perceptron_annotations.completions import Ending, RecordedAsset, image
from perceptron_annotations.completions.recording import append_whole
from perceptron_annotations.errors import FileError
from perceptron_annotations.problems import ProblemCode
from tests.completions.chunks import chunks, sse
from tests.completions.test_completion_stream import BOX, completion
from tests.corpora import ROOT

pytestmark = pytest.mark.backend

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 9


def test_there_and_back(tmp_path):
    path = tmp_path / "a.jsonl"
    request = Request(prompt="x", media=(image(PNG),), annotation_format="box").for_perceptron().body
    secrets = {"extra_headers": {"Authorization": "Bearer s3cret"}, "api_key": "s3cret", "max_completion_tokens": 5}
    record(
        Completion.decode(completion(BOX)),
        path,
        request=request | secrets,
        assets=[RecordedAsset("a.png", 10, 20)],
        key="k",
    )
    record(CompletionStream().read_all([sse(chunks(completion(BOX)), done=False)]), path)
    record(Completion.decode({"error": {"message": "no"}}), path)
    text = path.read_text()
    assert "s3cret" not in text
    sent = json.loads(text.split("\n")[0])["request"]
    assert sent["max_completion_tokens"] == 5
    url = sent["messages"][0]["content"][0]["image_url"]["url"]
    assert url == "data:image/png;sha256," + hashlib.sha256(image(PNG).url.encode()).hexdigest()
    problems = []
    whole, cut = read_recordings(path, on_problem=problems.append)
    asset = RecordedAsset("a.png", 10, 20)
    assert (whole.key, whole.text, whole.assets, whole.ending) == ("k", BOX, (asset,), Ending.COMPLETE)
    assert not whole.document().truncated
    assert (cut.text, cut.ending, cut.document().truncated) == (BOX, Ending.CUT, True)
    assert [problem.code for problem in problems] == [ProblemCode.SERVICE_ERROR]
    table = read_table(path, on_problem=lambda _: None)
    assert table.responses.truncated.tolist() == [False, True]
    record(Completion.decode(completion(BOX)), path, request=request, keep_media=True)
    assert image(PNG).url in path.read_text()


def test_a_line_that_was_cut_is_ended(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'{"text": "cut')
    record(Completion.decode(completion("x")), path)
    problems = []
    (good,) = read_recordings(path, on_problem=problems.append)
    assert [problem.code for problem in problems] == [ProblemCode.UNREADABLE_LINE]
    assert good.text == "x"


class FullDisk(io.FileIO):
    """Takes ten bytes of a line."""

    def write(self, data):
        return super().write(data[:10])


def test_a_full_disk_leaves_what_was_there(tmp_path):
    path = tmp_path / "a.jsonl"
    record(Completion.decode(completion("x")), path)
    before = path.read_bytes()
    with FullDisk(path, "a+") as file, pytest.raises(OSError, match="no space left"):
        append_whole(file, b"a line of more than ten bytes\n")
    assert path.read_bytes() == before
    with pytest.raises(FileError, match="cannot write"):
        record(Completion.decode(completion("x")), tmp_path)
    with pytest.raises(UsageError, match="not dict"):
        record({}, path)


def test_transcripts(tmp_path):
    path = tmp_path / "one.sse"
    path.write_bytes(sse(chunks(completion(f"<think>hm</think>{BOX}"))))
    (found,) = read_recordings(path)
    assert (found.key, found.text, found.reasoning, found.ending) == ("c", BOX, "hm", Ending.COMPLETE)
    assert read_table(path).xyxy.tolist() == [[1, 2, 3, 4]]
    assert [each.key for each in read_recordings(path, key="model")] == ["m"]
    path.write_bytes(sse(chunks(completion(BOX))[:-1], done=False))
    problems = []
    (cut,) = read_recordings(path, on_problem=problems.append)
    assert cut.document().truncated
    assert [problem.code for problem in problems] == ["interrupted_stream"]
    path.write_bytes(sse([{"error": {"message": "no", "code": 500}}]))
    problems = []
    assert list(read_recordings(path, on_problem=problems.append)) == []
    path.write_bytes(b"")
    assert list(read_recordings(path, on_problem=problems.append)) == []
    assert [(problem.code, problem.message) for problem in problems] == [
        (ProblemCode.SERVICE_ERROR, "the service sent an error: no (500)"),
        (ProblemCode.INTERRUPTED_STREAM, "the stream ended before it was done"),
    ]


def test_an_event_without_end(tmp_path):
    path = tmp_path / "one.sse"
    path.write_bytes(b"data: " + b"x" * (17 * 2**20))
    problems = []
    assert list(read_recordings(path, on_problem=problems.append)) == []
    assert [problem.code for problem in problems] == [ProblemCode.OVERSIZED_EVENT]


def test_multilook(tmp_path):
    path = tmp_path / "a.jsonl"
    answer = {"index": 0, "message": {"content": BOX}, "finish_reason": "stop"}
    body = {
        "id": "m",
        "object": "chat.completion.multilook",
        "results": [
            {"prompt_index": 0, "completions": [answer, answer]},
            {"prompt_index": 1, "error": {"message": "busy"}},
        ],
    }
    path.write_text(json.dumps(body) + "\n" + json.dumps({"response": body, "key": "k"}) + "\n")
    problems = []
    assert [(each.key, each.choice) for each in read_recordings(path, on_problem=problems.append)] == [
        ("m#0", 0),
        ("m#0", 1),
        ("k#0", 0),
        ("k#0", 1),
    ]
    assert [problem.message for problem in problems] == ["prompt 1: busy"] * 2
    assert read_table(path, on_problem=lambda _: None).responses.key == ("m#0", "m#0", "k#0", "k#0")


def test_transcripts_among_the_fixtures():
    for name, key, boxes, points in (
        ("perceptron_mk1_stream", "mk1-stream-crossing", 4, 0),
        ("openrouter_stream", "or-stream-fridge", 0, 1),
    ):
        (found,) = read_recordings(ROOT / "fixtures" / f"{name}.sse")
        document = found.document()
        assert (found.key, len(document.boxes), len(document.points)) == (key, boxes, points)
        assert found.ending is Ending.COMPLETE
