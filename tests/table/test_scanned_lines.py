"""Lines of recordings that the compiled scanner finds and reads itself, and those that it leaves."""

import json

import pytest

from perceptron_annotations import read_table
from perceptron_annotations.completions.answer_reading import AnswerReading
from perceptron_annotations.completions.bulk import Contents
from perceptron_annotations.completions.recorded_lines import LineReader
from perceptron_annotations.files import Block
from perceptron_annotations.markup.backend import scanner
from perceptron_annotations.table import iter_recorded
from perceptron_annotations.table.line_columns import LineColumns, Wanted
from perceptron_annotations.table.read import table_of_recordings
from perceptron_annotations.table.scanned_lines import BlockScanner, line_scanner
from perceptron_annotations.table.table_parts import Parsing, TableParts

pytestmark = [
    pytest.mark.backend,
    pytest.mark.skipif(scanner is None, reason="only the compiled scanner reads lines"),
]
PARSING, WANTED = Parsing(AnswerReading()), Wanted(texts=True)
TEXT = 'I see <point mention="cat"> (1,2) </point>'
CHOICE = {"index": 0, "message": {"role": "assistant", "content": TEXT}, "finish_reason": "stop"}
BODY = {"id": "c1", "object": "chat.completion", "created": 5, "model": "m", "choices": [CHOICE]}
USAGE = {"prompt_tokens": 3, "cost": 0.25, "prompt_tokens_details": {"cached_tokens": None, "other": [1.5, {"a": "b"}]}}
ASSETS = [{"file_name": "é.png", "width": 640, "height": 480}, {"file_name": None, "width": None}]


def encoded(line):
    return json.dumps(line, ensure_ascii=False).encode("utf-8", "surrogatepass")


def changed(line, **fields):
    return encoded({**line, **fields})


def inside(**message):
    """A line whose message has other fields."""
    return changed(BODY, choices=[{**CHOICE, "message": {**CHOICE["message"], **message}}])


def no_document(place):
    raise AssertionError(place)


def new_scanner():
    return line_scanner(PARSING.reader(no_document), WANTED)


def is_scanned(line):
    found = LineColumns(WANTED)
    taken = new_scanner().feed_lines(line + b"\n", 0, found) == len(line) + 1
    assert taken == (len(found.keys) == 1)
    return taken


def scanned(data, threads=1):
    """The recorded table of a block, and what was told."""
    told = []
    reader = LineReader(key=None, file="f", on_problem=told.append)
    blocks = BlockScanner(new_scanner, WANTED, threads)
    parts = TableParts(PARSING, WANTED)
    for each in blocks.contents([Block(1, data)], reader):
        parts.add(each)
    closing = Contents()
    for each in reader.close():
        closing.add_recording(each)
    parts.add(closing)
    return parts.recorded(), told


def in_general(data):
    """The same by the way of all lines."""
    told = []
    reader = LineReader(key=None, file="f", on_problem=told.append)
    found = [each for line in Block(1, data).lines() for each in reader.read(line)] + [*reader.close()]
    return table_of_recordings(found, AnswerReading()), [each.assets for each in found], told


def assert_equal(data, threads=1):
    (recorded, told), (table, assets, wanted) = scanned(data, threads), in_general(data)
    assert recorded.table.responses.key == table.responses.key
    assert recorded.table == table
    assert repr(recorded.assets) == repr(assets)
    assert told == wanted


PLAIN = {
    "a body": encoded(BODY),
    "a body with usage": changed(BODY, usage=USAGE, system_fingerprint="x", service_tier=None),
    "recorded": encoded({"key": "k", "response": BODY, "request": {"messages": [{"content": 'a "b" \\ é'}]}}),
    "assets": encoded({"key": "k", "response": BODY, "assets": ASSETS, "ended": True}),
    "OpenAI Batch": encoded({"custom_id": "b", "response": {"status_code": 200, "body": BODY}, "error": None}),
    "a text": encoded({"key": 7, "text": TEXT, "finish_reason": "length", "model": "m"}),
    "reasoning apart": inside(reasoning="hm", reasoning_details=[{"type": "t", "text": "hm"}], refusal=None),
    "escapes": json.dumps({"key": "é😀", "text": f"{TEXT} \u2028 \x00 \t é 😀"}).encode(),
    "white space": b' \t{ "key" :\t"k" , "text" : "x" } \r'.lstrip(),
    "a word that begins as a tag of reasoning does": changed(
        BODY, id="c2", choices=[{**CHOICE, "message": {"content": "I think so"}}]
    ),
}
LEFT = {
    "two choices": changed(BODY, choices=[CHOICE, CHOICE]),
    "no choices": changed(BODY, choices=[]),
    "an error": changed(BODY, error={"message": "busy"}),
    "a status": encoded({"key": "k", "response": {"status_code": 500, "body": BODY}}),
    "a chunk": changed(BODY, object="chat.completion.chunk"),
    "reasoning in the content": inside(content="<think>hm</think>x"),
    "reasoning in another case": inside(content="<Thinking>hm</Thinking>x"),
    "reasoning in other tags": inside(content="◁think▷hm◁/think▷x"),
    "a tool call": inside(tool_calls=[{"id": "t"}]),
    "parts": inside(content=[{"type": "text", "text": "x"}]),
    "no content": inside(content=None),
    "a special token": inside(content="x<|im_end|>"),
    "another reason to finish": changed(BODY, choices=[{**CHOICE, "finish_reason": "tool_calls"}]),
    "log probabilities": changed(BODY, choices=[{**CHOICE, "logprobs": {"content": []}}]),
    "no key": changed(BODY, id=None),
    "a key of another type": changed(BODY, id=1.5),
    "not ended": changed(BODY, ended=False),
    "a text beside choices": changed(BODY, text="x"),
    "a size that is not whole": encoded({"text": "x", "key": "k", "assets": [{"width": 1.5}]}),
    "an escape in a name": encoded(BODY).replace(b'"id"', b'"i\\u0064"'),
    "a name twice": encoded(BODY).replace(b'"id"', b'"id": "other", "id"'),
    "a wrong escape that is skipped": changed(BODY, other="x").replace(b'"other": "x', b'"other": "\\x'),
    "half a surrogate that is skipped": changed(BODY, other="x").replace(b'"other": "x', b'"other": "\\udc00'),
    "no UTF-8 where it is skipped": changed(BODY, other="x").replace(b'"other": "x', b'"other": "\xff'),
    "a surrogate in UTF-8": changed(BODY, other="x").replace(b'"other": "x', b'"other": "\xed\xa0\x80'),
    "too long a form in UTF-8": changed(BODY, other="x").replace(b'"other": "x', b'"other": "\xe0\x80\x80'),
    "a control character": changed(BODY, other="x").replace(b'"other": "x', b'"other": "\x01'),
    "half a surrogate in the text": encoded(BODY).replace(b"I see", b"\\ud800"),
    "no UTF-8 in the text": encoded(BODY).replace(b"I see", b"\xc3"),
    "a leading zero": encoded(BODY).replace(b'"created": 5', b'"created": 05'),
    "a number that is none": encoded(BODY).replace(b'"created": 5', b'"created": +5'),
    "a number with an exponent": changed(BODY, other=5).replace(b'"other": 5', b'"other": 1e400'),
    "a comma too many": encoded(BODY)[:-1] + b",}",
    "two objects": encoded(BODY) * 2,
    "no end": encoded(BODY)[:-1],
    "a list": b"[" + encoded(BODY) + b"]",
    "deep nesting": changed(BODY, other=0).replace(b'"other": 0', b'"other": ' + b"[" * 50 + b"]" * 50),
    "nothing": b"",
}


@pytest.mark.parametrize("line", PLAIN.values(), ids=PLAIN)
def test_scale_f11_lines_with_one_answer_and_nothing_else_to_tell_are_scanned(line):
    assert is_scanned(line)
    assert_equal(line + b"\n")
    assert_equal(line)  # the last line may have no end


@pytest.mark.parametrize("line", LEFT.values(), ids=LEFT)
def test_scale_f11_all_other_lines_are_left_and_come_to_the_same(line):
    assert not is_scanned(line)
    assert_equal(b"\n".join([PLAIN["a body"], line, PLAIN["a text"], line, line, line, PLAIN["assets"], b""]))


@pytest.mark.parametrize("threads", [1, 2])
def test_lines_of_a_stream_go_to_the_reader_that_folds_them(threads):
    chunk = {"id": "s", "object": "chat.completion.chunk", "model": "m"}
    chunks = [encoded({**chunk, "choices": [{"index": 0, "delta": {"content": piece}}]}) for piece in ("a", "b")]
    end = encoded({**chunk, "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
    assert_equal(b"\n".join([PLAIN["a body"], *chunks, PLAIN["a text"], end, PLAIN["assets"], b""]), threads)


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_scale_f11_threads_read_a_file_in_order(tmp_path, monkeypatch, threads):
    """Blocks of a few lines each, so that they are read beside each other, with problems at their own lines."""
    monkeypatch.setattr("perceptron_annotations.files.BLOCK_BYTES", 2000)
    lines = [encoded({"key": f"k{number}", "text": f"{number} {TEXT}"}) for number in range(300)]
    lines[7] = lines[150] = b"{broken"
    lines[200] = PLAIN["recorded"]
    path = tmp_path / "some.jsonl"
    path.write_bytes(b"\n".join(lines) + b"\n")
    told = []
    table = read_table(path, threads=threads, on_problem=told.append)
    wanted, _, problems = in_general(path.read_bytes())
    assert table == wanted
    assert table.responses.key == wanted.responses.key
    assert [each.place for each in told] == [each.place for each in problems] == ["line 8", "line 151"]


def test_texts_and_models_are_kept_if_they_are_wanted(tmp_path):
    path = tmp_path / "some.jsonl"
    path.write_bytes(b"\n".join([PLAIN["assets"], PLAIN["a text"], LEFT["two choices"], PLAIN["escapes"]]))
    (recorded,) = iter_recorded(path, texts=True)
    assert recorded.sent.texts[:4] == [TEXT] * 4
    assert recorded.sent.texts[4].endswith(" \u2028 \x00 \t é 😀")
    assert recorded.sent.choices == [0, 0, 0, 1, 0]
    assert recorded.sent.models == ["m", "m", "m", "m", None]
    assert recorded.sent.finish_reasons == ["stop", "length", "stop", "stop", None]
    assert [len(each) for each in recorded.assets] == [2, 0, 0, 0, 0]
