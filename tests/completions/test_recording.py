"""What is recorded is read back, whole or not at all, and holds no secrets."""

import errno
import gzip
import hashlib
import json
import os
import subprocess
import sys
import time

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
from perceptron_annotations.completions import Ending, MultilookRequest, RecordedAsset, image
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
    assert url == f"data:image/png;{removed(image(PNG).url)},"
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
    assert [problem.code for problem in problems] == [ProblemCode.TORN_LINE]
    assert good.text == "x"


def test_reliability_m12_every_cut_of_a_line_is_torn_and_costs_only_itself(tmp_path):
    path = tmp_path / "a.jsonl"
    request = {"messages": [{"role": "user", "content": 'Büchse "\ud83d\n'}], "temperature": 0.5, "stream": True}
    record(Completion.decode(completion(BOX)), path, request=request, key="k")
    line = path.read_bytes()
    for size in range(1, len(line)):
        path.write_bytes(line + line[:size])
        record(Completion.decode(completion("next")), path)
        assert path.read_bytes().startswith(line + line[:size] + b"\n")
        problems = []
        texts = [found.text for found in read_recordings(path, on_problem=problems.append)]
        assert (texts[0], texts[-1]) == (BOX, "next")
        assert [(each.code, each.place) for each in problems] == ([] if len(texts) == 3 else [("torn_line", "line 2")])
        assert len(texts) == (3 if size == len(line) - 1 else 2)


def short_write(path, theirs=b""):
    """A disk that takes ten bytes and then is full, after another writer, who takes no lock, has had its turn."""
    real = os.write

    def write(descriptor, data):
        if len(data) < 100:  # the rest of a line
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        count = real(descriptor, data[: len(data) - 50])
        with path.open("ab") as other:
            other.write(theirs)
        return count

    return write


@pytest.mark.parametrize("theirs", [b"", b'{"text": "theirs"}\n'])
def test_reliability_m12_a_full_disk_removes_nothing_of_others(tmp_path, monkeypatch, theirs):
    path = tmp_path / "a.jsonl"
    record(Completion.decode(completion("x")), path)
    before = path.read_bytes()
    with monkeypatch.context() as patched:
        patched.setattr(os, "write", short_write(path, theirs))
        with pytest.raises(FileError, match=r"cannot write .*: No space left"):
            record(Completion.decode(completion("a line of more than a hundred bytes" * 9)), path)
    after = path.read_bytes()
    assert after == before if not theirs else after.startswith(before) and after.endswith(theirs)
    with pytest.raises(FileError, match="cannot write"):
        record(Completion.decode(completion("x")), tmp_path)
    with pytest.raises(UsageError, match="not dict"):
        record({}, path)


def test_reliability_m12_one_process_waits_for_the_other(tmp_path):
    fcntl = pytest.importorskip("fcntl")
    path = tmp_path / "a.jsonl"
    code = (
        "import sys; from perceptron_annotations import Completion, record; print(flush=True)\n"
        "record(Completion.decode({'choices': [{'message': {'content': 'second'}}]}), sys.argv[1])"
    )
    with path.open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        second = subprocess.Popen([sys.executable, "-c", code, str(path)], stdout=subprocess.PIPE)
        second.stdout.readline()
        time.sleep(0.3)
        assert second.poll() is None
        file.write(b'{"text": "first"}\n')
    assert second.wait() == 0
    second.stdout.close()
    assert [found.text for found in read_recordings(path)] == ["first", "second"]


def test_reliability_m10_a_record_is_on_the_disk(tmp_path, monkeypatch):
    synced, real = [], os.fsync
    monkeypatch.setattr(os, "fsync", lambda number: synced.append(os.fstat(number).st_ino) or real(number))
    path = tmp_path / "a.jsonl"
    record(Completion.decode(completion("x")), path)
    assert synced == [path.stat().st_ino, tmp_path.stat().st_ino]
    record(Completion.decode(completion("x")), path)
    assert synced[2:] == [path.stat().st_ino]


def test_reliability_m12_a_record_that_does_not_reach_the_disk_is_removed(tmp_path, monkeypatch):
    """So that recording it again does not make it two."""
    path = tmp_path / "a.jsonl"
    record(Completion.decode(completion("x")), path)
    before = path.read_bytes()

    def fsync(descriptor):
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", fsync)
        with pytest.raises(FileError, match=r"cannot write .*: Input/output error"):
            record(Completion.decode(completion("y")), path)
    assert path.read_bytes() == before


def test_a_gzipped_file_is_not_recorded_to(tmp_path):
    """Readers take what comes after the gzip data for damage, so the answer would be lost."""
    path = tmp_path / "a.jsonl.gz"
    before = gzip.compress(b'{"text": "paid"}\n')
    path.write_bytes(before)
    with pytest.raises(FileError, match="is gzipped"):
        record(Completion.decode(completion("x")), path)
    assert path.read_bytes() == before


#: Where a secret may hide in a request, as found in the wild: none of these is a field that says what was asked.
SECRETS = {
    **dict.fromkeys(
        ["accessToken", "clientSecret", "bearer", "credentials", "auth", "private_key", "passwd"], "s3cret"
    ),
    **dict.fromkeys(["session", "tokens", "sig", "api_key", "user", "safety_identifier", "extra_query"], "s3cret"),
    "extra_headers": {"Authorization": "Bearer s3cret", "x-api-key": "s3cret", "X-Title": "kept"},
    "metadata": {"note": "s3cret"},
    "temperature": {"token": "s3cret"},
    "vision_config": {
        "annotation_format": "box",
        "apiKey": "s3cret",
        "internal_tools": {"focus": True, "key": "s3cret"},
    },
    "tools": [{"type": "mcp", "headers": {"x": "s3cret"}, "function": {"name": "f", "token": "s3cret"}}],
    "extra_body": {"top_k": 5, "access_key": "s3cret", "extra_body": {"key": "s3cret"}},
    "provider": {"order": ["a"], "credentials": "s3cret"},
}
URLS = [
    "https://user:s3cret@host/a.png",
    "HTTPS://s3cret@host",
    " https://user:s3cret@host/a.png",
    "see https://user:s3cret@host/a.png, or not",
    '{"url": "https:\\/\\/user:s3cret@host/a.png"}',
    "https://b.s3.amazonaws.com/a.png?X-Amz-Credential=s3cret&X-Amz-Signature=s3cret",
    "https://a.blob.core.windows.net/a.png?sv=2024&sig=s3cret",
    "https://storage.googleapis.com/a.png?X-Goog-Signature=s3cret#x",
    "https://host/a.png?accessToken=s3cret",
    "https://host/a.png?w=5&v=s3cretS3CRETs3cretS3CRETs3cret0123",
    "https://host/#access_token=s3cret",
    "https://user:pass/s3cret@host:443/a.png",
    "https://user:'s3cret@host/a?key=s3cret",
    '{"url": "https:\\/\\/host\\/a.png?X-Amz-Date=1\\u0026X-Amz-Signature=s3cret"}',
]
MEDIA = [
    "data:image/png;base64,czNjcmV0",
    "DATA:image/png;base64,czNjcmV0",
    "\n data:image/png;base64,czNjcmV0",
    "data:,czNjcmV0",
    "data:;base64,czNjcmV0",
    "data:image/svg+xml;charset=utf-8,<svg>czNjcmV0</svg>",
    "an image: ![](data:image/png;base64,czNjcmV0) and more",
    "![](data:image/png;base64," + ("A" * 76 + "\n") * 3 + "czNjcmV0)",
]


LONG = "0123456789abcdef" * 4


def removed(text):
    data = text.encode()
    return f"removed;bytes={len(data)};sha256={hashlib.sha256(data).hexdigest()}"


def recorded(tmp_path, body, **named):
    path = tmp_path / "a.jsonl"
    path.unlink(missing_ok=True)
    record(Completion.decode(body), path, **named)
    return path.read_text()


def test_reliability_m12_what_is_kept_of_a_request_is_listed(tmp_path):
    content = [{"type": "text", "text": "Find it", "key": "s3cret"}, {"type": "unknown", "blob": "s3cret"}]
    message = {"role": "user", "content": content, "token": "s3cret"}
    request = SECRETS | {"model": "m", "messages": [message, {"role": "user", "content": "Now"}]}
    text = recorded(tmp_path, completion(BOX), request=request)
    assert "s3cret" not in text
    line = json.loads(text)
    assert line["request"] == {
        "extra_headers": {"X-Title": "kept"},
        "temperature": {},
        "vision_config": {"annotation_format": "box", "internal_tools": {"focus": True}},
        "tools": [{"type": "mcp", "function": {"name": "f"}}],
        "extra_body": {"top_k": 5},
        "provider": {"order": ["a"]},
        "model": "m",
        "messages": [
            {"role": "user", "content": [{"type": "text", "text": "Find it"}, {"type": "unknown"}]},
            {"role": "user", "content": "Now"},
        ],
    }
    canonical = json.dumps(request, sort_keys=True, separators=(",", ":")).encode()
    assert line["request_sha256"] == hashlib.sha256(canonical).hexdigest()


def test_what_our_requests_say_is_kept_whole(tmp_path):
    schema = {
        "type": "object",
        "properties": {"password": {"type": "string"}},
        "additionalProperties": False,
        "required": ["password"],
    }
    tool = {"type": "function", "function": {"name": "f", "parameters": schema}}
    common = {"system": "s", "temperature": 0.5, "top_p": 0.9, "top_k": 5, "max_completion_tokens": 9, "stream": True}
    url = image("https://example.org/a.png")
    bodies = [
        Request(prompt="x", media=(url,), annotation_format="box", **common).for_perceptron("perceptron-mk1"),
        Request(prompt="x", media=(url,), annotation_format="box", **common).for_perceptron("isaac-0.1"),
        Request(prompt="x", annotation_format="box", reasoning_effort="low", schema=schema, **common).for_openrouter(),
        Request(prompt="x", regex="a+", n=2, **common).for_openai_compatible("m"),
        Request(prompt="x", tools=(tool,), tool_choice="auto", **common).for_openai_compatible("m"),
        MultilookRequest(prompts=["a", ("b", url)], media=(url,), system="s").for_perceptron(),
    ]
    for payload in bodies:
        line = json.loads(recorded(tmp_path, completion(BOX), request=payload.body))
        assert line["request"] == json.loads(json.dumps(payload.body))


@pytest.mark.parametrize("url", URLS)
def test_reliability_m12_credentials_in_urls_are_removed_everywhere(tmp_path, url):
    body = completion(f"{BOX} {url}") | {"extra": {"url": url}}
    request = {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": url}}]}]}
    asset = RecordedAsset(url, 10, 20)
    text = recorded(tmp_path, body, request=request, assets=[asset], key=url, keep_media=True)
    assert "s3cret" not in text
    assert text.count("removed;bytes=") >= 5
    assert json.loads(text)["response"]["choices"][0]["message"]["content"].startswith(BOX)


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://user:pw@host/a.png", "https://removed;bytes=7@host/a.png"),
        ("https://host/a.png?code=123456&w=9", "https://host/a.png?removed;bytes=15"),
        (f"https://host/?v={LONG}&key=pw", f"https://host/?removed;bytes={len(LONG) + 9}"),
        (f"https://host/?sig={LONG}&otp=1", f"https://host/?{removed(f'sig={LONG}&otp=1')}"),
    ],
)
def test_reliability_m12_a_short_secret_cannot_be_guessed_from_its_marker(tmp_path, url, kept):
    """A hash is written only of what holds a signature or token; a long value under another name may be public."""
    assert json.loads(recorded(tmp_path, completion(BOX) | {"url": url}))["response"]["url"] == kept


@pytest.mark.parametrize("data", MEDIA)
def test_reliability_m12_media_are_removed_everywhere(tmp_path, data):
    parts = [{"type": "image_url", "image_url": {"url": data}}, {"type": "text", "text": data}]
    sound = {"type": "input_audio", "input_audio": {"data": "czNjcmV0", "format": "wav"}}
    request = {"messages": [{"role": "user", "content": [*parts, sound]}]}
    body = completion(BOX) | {"data": [{"b64_json": "czNjcmV0"}], "audio": {"data": "czNjcmV0"}, "images": [data]}
    text = recorded(tmp_path, body, request=request)
    assert "czNjcmV0" not in text
    line = json.loads(text)
    assert line["response"]["data"] == [{"b64_json": removed("czNjcmV0")}]
    assert line["request"]["messages"][0]["content"][2]["input_audio"] == {"data": removed("czNjcmV0"), "format": "wav"}
    kept = recorded(tmp_path, body, request=request, keep_media=True)
    assert json.loads(kept)["response"] == json.loads(json.dumps(body))
    assert json.loads(kept)["request"] == request


@pytest.mark.parametrize(
    "text",
    [
        "Data: 3 cups, 2 plates",
        "data:3 cups, and https://example.org/a.png?w=100&page=2#top",
        "mail me@example.org: the data:image says a,b; see http://example.org/~me/?q=red+cups",
        "a://b and http://[::1]:80/@a and http://host:80/me@x?file=a_very_long_name_of_an_image.png",
        "The answer is https://example.org/search?q=cats (http://example.org/@me)",
    ],
)
def test_the_rest_of_an_answer_is_kept_to_the_letter(tmp_path, text):
    body = completion(f"{text} {BOX}") | {"other": [text, {"data": text, "url": text}], "n": 10**30, "x": None}
    request = {"messages": [{"role": "user", "content": text}]}
    line = json.loads(recorded(tmp_path, body, request=request))
    assert (line["response"], line["request"]) == (body, request)


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
