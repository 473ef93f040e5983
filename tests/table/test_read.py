"""Files of recordings as tables: the same as ``read_recordings``, whichever way a line takes."""

import gzip
import json
import warnings

import numpy as np
import pytest
from msgspec import structs

from perceptron_annotations import AnnotationTable, Mode, ProblemWarning, parse, read_recordings, read_table
from perceptron_annotations.completions import AnswerDetails, answer_details
from perceptron_annotations.datasets import RecordingImporter
from perceptron_annotations.errors import FileError, MarkupError
from perceptron_annotations.problems import ProblemCode
from perceptron_annotations.table import iter_recorded, iter_tables
from tests.corpora import ROOT

FIXTURES = sorted((ROOT / "fixtures").glob("*.jsonl"))
GOOD = '<point mention="a"> (1,2) </point>'


def body(text=GOOD, **fields):
    choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
    return {"id": "c-1", "object": "chat.completion", "choices": [choice]} | fields


def write(path, *lines, end="\n"):
    encoded = [line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines]
    path.write_bytes(b"\n".join(encoded) + end.encode())
    return path


def expected(path, key=None):
    problems = []
    return list(read_recordings(path, key=key, on_problem=problems.append)), problems


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.stem)
def test_the_fixtures(path, threads):
    good, rejects = expected(path)
    rejected = []
    table = read_table(path, threads=threads, on_problem=rejected.append)
    documents = AnnotationTable.from_documents([each.document() for each in good], keys=[each.key for each in good])
    assert rejected == rejects
    assert table.replace(responses=documents.responses) == documents
    assert table.responses.key == documents.responses.key
    assert table.responses.status.tolist() == documents.responses.status.tolist()
    assert table.responses.truncated.tolist() == [each.document().truncated for each in good]
    sizes = [[(a.width, a.height) for a in each.assets] for each in good]
    assert [
        [tuple(None if np.isnan(v) else v for v in size) for size in table.responses.sizes[start:end].tolist()]
        for start, end in zip(table.responses.size_offsets, table.responses.size_offsets[1:], strict=False)
    ] == sizes


ODD_LINES = {
    "blank lines": [b"", body(), b"  ", body()],
    "an error": [body(), {"error": {"message": "busy"}}, body()],
    "a bad line": [body(), b"{", body()],
    "a wrong type": [body(), body() | {"choices": 3}, body()],
    "parts": [body([{"type": "text", "text": GOOD}, {"type": "image_url"}]), body()],
    "two choices": [body(choices=body()["choices"] * 2)],
    "a choice with an error": [body(choices=[{"error": {"message": "cut"}, "message": {"content": ""}}]), body()],
    "thoughts": [body(f"<think> {GOOD} </think> {GOOD}"), body(f"{GOOD}</think>"), body(f"<think>{GOOD}")],
    "special tokens": [body(f"{GOOD}<|im_end|>"), body(f"<|x|> {GOOD} <|y|>")],
    "no id": [{"text": GOOD}, {"choices": body()["choices"]}],
    "a batch": [{"custom_id": "q", "response": {"status_code": 200, "body": body()}}],
    "a failed batch": [{"custom_id": "q", "response": {"status_code": 500, "body": {"error": {"message": "no"}}}}],
    "cut off": [
        body(choices=[body()["choices"][0] | {"finish_reason": "length"}]),
        {"text": GOOD, "finish_reason": "length"},
    ],
    "sizes": [{"text": GOOD, "assets": [{"width": 4, "height": 3}, {"file_name": "a"}]}, {"text": GOOD}],
    "lone surrogates": [body(GOOD.replace("a", "\ud800"))],
}


#: What is set apart may stand in quotes, of tags that are prose too.
ODD_TAGS = {
    "thoughts in a tag": [body('<point mention="a</think>b"> (1,2) </point>'), body(f'{GOOD} <point t="1 <think>">')],
    "special tokens in a tag": [
        body('<point> x </point "<|x|>">'),
        body('<polygon t="1 <|im_end|> 2" /> <point id="<|x|>"> (1,2) </point>'),
    ],
}


@pytest.mark.parametrize("mode", [Mode.LENIENT, Mode.SALVAGE])
@pytest.mark.parametrize("lines", (ODD_LINES | ODD_TAGS).values(), ids=ODD_LINES | ODD_TAGS)
def test_odd_lines(tmp_path, lines, mode):
    path = write(tmp_path / "odd.jsonl", *lines)
    good, rejects = expected(path)
    rejected = []
    table = read_table(path, mode=mode, on_problem=rejected.append)
    documents = [each.document(mode=mode) for each in good]
    wanted = AnnotationTable.from_documents(documents, keys=[each.key for each in good])
    assert rejected == rejects
    assert table.replace(responses=wanted.responses) == wanted
    assert (table.responses.key, table.status.tolist()) == (wanted.responses.key, wanted.status.tolist())
    assert table.responses.truncated.tolist() == [document.truncated for document in documents]


def test_a_key_of_the_users_choice(tmp_path):
    path = write(tmp_path / "a.jsonl", body() | {"meta": {"image": 7}}, body())
    rejected = []
    table = read_table(path, key="meta.image", on_problem=rejected.append)
    assert table.responses.key == ("7",)
    assert "no text or number in the key field" in rejected[0].message


def test_problems_are_warned_of(tmp_path):
    path = write(tmp_path / "a.jsonl", body(), b"{", b"[")
    first = r"first: .*a.jsonl: line 2: torn_line: this line was cut off .*\(pass on_problem= to get each of them\)$"
    for read in (read_table, lambda path: AnnotationTable.concat(list(iter_tables(path)))):
        with pytest.warns(ProblemWarning, match="^1 torn_line, 1 not_a_recording; " + first) as caught:
            assert len(read(path)) == 1
        assert caught[0].filename == __file__
        assert caught[0].message.counts == {ProblemCode.TORN_LINE: 1, ProblemCode.NOT_A_RECORDING: 1}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert len(read_table(path, on_problem=lambda problem: None)) == 1


FIELDS = ("model", "finish_reason", "key", "prompt", "request.temperature", "temperature", "assets", "none")


def by_hand(path, key=None):
    """The details of all answers by a second reading of their lines, one by one."""
    for recording in read_recordings(path, key=key, on_problem=lambda _: None):
        line = {} if path.suffix == ".sse" else json.loads(recording.raw)
        response = line.get("response") or {}
        response = response.get("body") or response
        request = line.get("request") or {}
        messages = (request.get("body") or request).get("messages", line.get("messages", ()))
        asked = [message["content"] for message in messages if message["role"] == "user"]
        prompt = request.get("prompt", line.get("prompt"))
        if asked and prompt is None:
            parts = [{"text": asked[-1]}] if isinstance(asked[-1], str) else asked[-1]
            prompt = " ".join(part["text"] for part in parts if "text" in part)
        found = {
            "model": line.get("model") or response.get("model") or request.get("model") or recording.model,
            "finish_reason": recording.finish_reason,
            "key": line.get("key", response.get("key", recording.key)),
            "prompt": prompt,
            "request.temperature": request.get("temperature"),
            "temperature": line.get("temperature", request.get("temperature")),
        }
        yield AnswerDetails(
            file=str(path),
            line_number=recording.line_number,
            choice=recording.choice,
            prompt=prompt,
            fields={name: str(value) for name, value in found.items() if value is not None},
            text=recording.text,
        )


def read_details(paths, **options):
    keep = {"batch_size": 10**9, "mode": Mode.LENIENT, "key": None, "on_problem": lambda _: None, "fields": FIELDS}
    (recorded,) = iter_recorded(paths, **keep | options)
    assert len(recorded.assets) == len(recorded.table.responses)
    assert len(recorded.details) in (0, len(recorded.assets))
    return list(recorded.details)


@pytest.mark.parametrize("path", [*FIXTURES, *sorted((ROOT / "fixtures").glob("*.sse"))], ids=lambda path: path.name)
def test_details_of_the_fixtures(path):
    found = read_details(path)
    assert found == list(by_hand(path))
    assert [each.prose for each in found] == [parse(each.text).prose for each in found]
    assert read_details([path], fields=()) == [structs.replace(each, fields={}) for each in found]


ASKED = [{"role": "user", "content": "first"}, {"role": "assistant", "content": "x"}, {"role": "user", "content": "Q"}]
PARTS = [{"role": "user", "content": [{"type": "image_url"}, {"type": "text", "text": "a"}, {"text": "b"}]}]


@pytest.mark.parametrize(
    "lines",
    [
        *ODD_LINES.values(),
        [{"response": body(), "request": {"messages": ASKED, "temperature": 0.5}, "key": "k"}, body(), b"{"],
        [{"response": {"status_code": 200, "body": body()}, "request": {"body": {"messages": PARTS}}}],
        [body(messages=ASKED, temperature=2), body(model="m"), {"text": GOOD, "prompt": "P", "key": 7}],
        [body(choices=[{"message": {"content": GOOD}, "finish_reason": reason} for reason in ("stop", "length")])],
    ],
)
def test_details_of_odd_lines(tmp_path, lines):
    path = write(tmp_path / "odd.jsonl", *lines)
    assert read_details(path) == list(by_hand(path))
    assert read_details([path, path]) == list(by_hand(path)) * 2
    assert all("<point" not in each.prose for each in read_details(path))


def test_details_are_linear_and_only_read_if_wanted(tmp_path, monkeypatch):
    calls = []
    real = answer_details.decode_object
    monkeypatch.setattr(answer_details, "decode_object", lambda data: calls.append(data) or real(data))
    path = write(tmp_path / "a.jsonl", body(choices=body()["choices"] * 50), body(), {"results": []}, b"{", body())
    assert read_table(path, on_problem=lambda _: None).responses.key == ("c-1",) * 52
    assert read_details(path, fields=None) == []
    assert calls == []
    assert len(read_details(path)) == 52
    assert len(calls) == 3, "once for each line with an answer"


def test_an_importer_tells_problems_as_every_reader_does(tmp_path):
    path = write(tmp_path / "a.jsonl", body(), b"{", b"[")
    problems = []
    RecordingImporter().read(path, on_problem=problems.append)
    assert [problem.place for problem in problems] == ["line 2", "line 3"]
    with pytest.warns(ProblemWarning, match="1 torn_line, 1 not_a_recording"):
        RecordingImporter().read(path)


def test_a_batch_at_a_time(tmp_path):
    path = write(
        tmp_path / "a.jsonl", *[body(f"{GOOD} {number}" + "x" * 500, id=str(number)) for number in range(9000)]
    )
    whole = read_table([path, path])
    seen = []
    for threads in (1, 2):
        tables = list(iter_tables([path, path], batch_size=3000, threads=threads, progress=seen.append))
        assert len(tables) > 3
        assert all(len(table.responses) >= 3000 for table in tables[:-1])
        assert AnnotationTable.concat(tables) == whole
    assert max(seen) == path.stat().st_size
    assert list(iter_tables(write(tmp_path / "none.jsonl", end=""))) == []


def test_strict_names_the_answer(tmp_path):
    path = write(tmp_path / "a.jsonl", body(), body("<point> x </point>", id="bad"))
    with pytest.raises(MarkupError, match=r"^answer bad: invalid_point_coords"):
        read_table(path, mode="strict")


def test_files_of_every_sort(tmp_path):
    lines = [body(id=str(number)) for number in range(3)]
    plain = write(tmp_path / "plain.jsonl", *lines)
    wanted = read_table(plain)
    data = plain.read_bytes()
    for name, content in {
        "no_end": data.rstrip(b"\n"),
        "bom": b"\xef\xbb\xbf" + data,
        "crlf": data.replace(b"\n", b"\r\n"),
        "zipped": gzip.compress(data),
    }.items():
        path = tmp_path / name
        path.write_bytes(content)
        assert read_table(path) == wanted, name
    damaged = tmp_path / "damaged"
    damaged.write_bytes(gzip.compress(data * 1000)[:-20])
    rejected = []
    assert len(read_table(damaged, on_problem=rejected.append).responses) > 0
    assert "gzip data is cut off" in rejected[-1].message
    assert len(read_table(write(tmp_path / "none.jsonl", end="")).responses) == 0
    with pytest.raises(FileError, match="cannot read"):
        read_table(tmp_path / "missing.jsonl")
