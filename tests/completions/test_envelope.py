"""Every body that carries text is read or rejected, never empty; a field beside the answer costs itself alone."""

import json

import pytest

from perceptron_annotations import Completion, CompletionStream, read_recordings, read_table
from perceptron_annotations.completions import Ending, RecordedAsset
from perceptron_annotations.problems import ProblemCode
from tests.completions.chunks import DONE, chunks, sse
from tests.completions.test_completion_stream import BOX, completion

pytestmark = pytest.mark.backend


def read(path, data, **options):
    """Recordings and problems of a file; the table has the same."""
    path.write_bytes(data)
    problems, told = [], []
    found = list(read_recordings(path, on_problem=problems.append, **options))
    table = read_table(path, on_problem=told.append, **options)
    assert (table.responses.key or ()) == tuple(each.key for each in found)
    assert [list(Ending)[code] for code in table.responses.ending] == [each.ending for each in found]
    documents = [each.document() for each in found]
    assert table == type(table).from_documents(documents, keys=[each.key for each in found]).replace(
        responses=table.responses
    )
    assert told == problems
    return found, problems


def lines(*values):
    """Values as lines of JSON."""
    return b"".join(value if isinstance(value, bytes) else json.dumps(value).encode() + b"\n" for value in values)


def body(choice, **fields):
    return {"id": "a", "choices": [choice], **fields}


READ = [
    {"object": "text_completion", "choices": [{"text": BOX, "finish_reason": "stop"}]},
    {"choices": [{"text": BOX, "finish_reason": "stop"}]},
    {"choices": [{"message": {"content": None}, "text": BOX, "finish_reason": "stop"}]},
    {"choices": [{"message": {"text": BOX}, "finish_reason": "stop"}]},
    {"choices": [{"message": {"content": [BOX]}, "finish_reason": "stop"}]},
    {"choices": [{"message": {"content": {"type": "text", "text": BOX}}, "finish_reason": "stop"}]},
    {"choices": [{"delta": {"content": BOX}, "finish_reason": "stop"}]},
    {"object": "chat.completion.chunk", "choices": [{"message": {"content": BOX}, "finish_reason": "stop"}]},
]


@pytest.mark.parametrize("sent", READ)
def test_core_c1_a_neighbouring_shape_is_read(sent, tmp_path):
    """core C1: bodies of a neighbouring shape were read as empty."""
    found = Completion.decode(sent)
    assert (found.answer.content, found.complete, found.problems) == (BOX, True, ())
    (recording,), problems = read(tmp_path / "a.jsonl", lines(sent))
    assert (recording.text, recording.ending, problems) == (BOX, "complete", [])
    streamed = CompletionStream().read_all([sse([sent])])
    assert (streamed.answer.content, streamed.complete) == (BOX, True)


UNREADABLE = [
    {"finish_reason": "stop"},
    {"message": None, "finish_reason": "stop"},
    {"message": BOX},
    {"message": {"content": 5}},
    {"message": {"content": {"parts": [BOX]}}},
    {"text": {"parts": [BOX]}},
    BOX,
]


@pytest.mark.parametrize("choice", UNREADABLE)
def test_core_c1_a_choice_that_says_nothing_is_told(choice, tmp_path):
    """core C1: a choice without a message was an empty answer."""
    found = Completion.decode(body(choice))
    assert (found.answers, found.complete) == ((), False)
    assert [problem.code for problem in found.problems] == [ProblemCode.INVALID_COMPLETION]
    recordings, problems = read(tmp_path / "a.jsonl", lines(body(choice)))
    assert not recordings
    assert [(problem.code, bool(problem.raw)) for problem in problems] == [(ProblemCode.INVALID_COMPLETION, True)]


@pytest.mark.parametrize("delta", [BOX, 5, {"content": {"parts": [BOX]}}, {"content": 5}])
def test_core_c1_a_piece_that_cannot_be_read_cuts_the_answer(delta):
    pieces = [body({"index": 0, "delta": {"content": "a"}}), body({"index": 0, "delta": delta})]
    found = CompletionStream().read_all([sse([*pieces, body({"index": 0, "delta": {}, "finish_reason": "stop"})])])
    assert (found.answer.content, found.answer.ending) == ("a", Ending.CUT)
    assert [problem.code for problem in found.problems] == [ProblemCode.INVALID_CHUNK]


def test_core_c1_lines_of_chunks_are_folded(tmp_path):
    """core C1: each line that held a chunk was one more empty answer."""
    one, two = chunks(completion(BOX)), chunks(completion("nothing") | {"id": "d"})
    mixed = [chunk for pair in zip(one, two, strict=False) for chunk in pair] + one[len(two) :] + two[len(one) :]
    for sent in ([*one, *two], mixed):
        found, problems = read(tmp_path / "a.jsonl", lines(*sent))
        assert sorted((each.key, each.text, each.ending) for each in found) == [
            ("c", BOX, "complete"),
            ("d", "nothing", "complete"),
        ]
        assert not problems
    cut, problems = read(tmp_path / "a.jsonl", lines(*one[:-1], completion("next") | {"id": "n"}))
    assert [(each.key, each.text, each.ending) for each in cut] == [("n", "next", "complete"), ("c", BOX, "cut")]
    assert [(problem.code, problem.raw) for problem in problems] == [(ProblemCode.INTERRUPTED_STREAM, "")]
    again, _ = read(tmp_path / "a.jsonl", lines(*one, *one))
    assert [each.text for each in again] == [BOX, BOX]
    nameless = [{**chunk, "id": None} for chunk in one]
    found, _ = read(tmp_path / "a.jsonl", lines(*nameless, *nameless))
    assert [(each.key, each.text) for each in found] == [("1", BOX), (str(len(one) + 1), BOX)]
    wrapped = [{"key": "k", "response": chunk, "assets": [{"file_name": "a.png"}]} for chunk in one]
    (found,), _ = read(tmp_path / "a.jsonl", lines(*wrapped))
    assert (found.key, found.text, found.assets) == ("k", BOX, (RecordedAsset("a.png"),))


def test_core_c1_pieces_of_a_text_completion_are_folded(tmp_path):
    pieces = [
        {"id": "t", "object": "text_completion", "choices": [{"index": 0, "text": text, "finish_reason": reason}]}
        for text, reason in ((BOX[:9], None), (BOX[9:], None), ("", "stop"))
    ]
    (found,), problems = read(tmp_path / "a.jsonl", lines(*pieces))
    assert (found.text, found.ending, problems) == (BOX, "complete", [])
    assert CompletionStream().read_all([sse(pieces)]).answer.content == BOX


def test_core_m4_events_without_blank_lines_between_them(tmp_path):
    """core M4: what ``for line in response.iter_lines()`` records."""
    content = f"see {BOX}"
    events = chunks(completion(content))
    data = b"".join(line + b"\n" for line in sse(events).split(b"\n") if line)
    path = tmp_path / "a.sse"
    for sent in (data, data.replace(b"data: [DONE]\n", b"data: ping\ndata: [DONE]"), data.replace(b"\n", b"\r\n")):
        found, problems = read(path, sent)
        assert [(each.text, each.ending) for each in found] == [(content, "complete")]
        assert [problem.code for problem in problems] == [ProblemCode.INVALID_CHUNK] * (b"ping" in sent)
    stream = CompletionStream()
    early = [event for at in range(0, len(data) - 60, 7) for event in stream.feed(data[at : at + 7])]
    assert early, "events come while the stream is open"
    spread = json.dumps(events[1], indent=1).replace("\n", "\ndata: ")
    kept = [sse(events[:1], done=False), f"data: {spread}\n\n".encode(), sse(events[2:])]
    assert CompletionStream().read_all(kept).answer.content == content


def test_the_last_event_needs_no_line_end_if_it_is_whole():
    """core M4."""
    data = sse(chunks(completion(BOX)), done=False).rstrip()
    found = CompletionStream().read_all([data])
    assert (found.answer.content, found.answer.finish_reason) == (BOX, "stop")
    cut = CompletionStream().read_all([data[:-1]])
    assert cut.answer.ending is Ending.CUT


def test_core_m8_a_byte_order_mark_and_numbers_of_python(tmp_path):
    """core m8."""
    sent = json.dumps(completion(BOX)).encode()
    assert Completion.decode(b"\xef\xbb\xbf" + sent).complete
    assert CompletionStream().read_all([b"\xef\xbb\xbf" + sent]).complete
    odd = json.dumps(completion(BOX) | {"score": float("nan"), "limits": [float("-inf")]}).encode()
    for data in (odd, odd + b"\n"):
        (found,), problems = read(tmp_path / "a.jsonl", data)
        assert (found.text, problems) == (BOX, [])


ODD_FIELDS = [
    ({"tool_calls": {}}, "message.tool_calls is not an array, but an object"),
    ({"tool_calls": [5]}, "message.tool_calls[0] is not an object, but a number"),
    ({"tool_calls": [{"function": []}]}, "message.tool_calls[0].function is not an object, but an array"),
    ({"reasoning_details": {}}, "message.reasoning_details is not an array, but an object"),
    ({"reasoning_details": ["x"]}, "message.reasoning_details[0] is not an object, but a text"),
    ({"reasoning_content": ["a"]}, "message.reasoning_content is not a text, but an array"),
    ({"refusal": False}, "message.refusal is not a text, but a boolean"),
]
ODD_AROUND = [
    ({"index": "0"}, {}, None),
    ({"finish_reason": {"a": 1}}, {}, "finish_reason is not a text, but an object"),
    ({"native_finish_reason": 5}, {}, "native_finish_reason is not a text, but a number"),
    ({}, {"model": {}}, "model is not a text or a whole number, but an object"),
    ({}, {"provider": ["p"]}, "provider is not a text or a whole number, but an array"),
    ({}, {"created": True}, "created is not a whole number, but a boolean"),
    ({}, {"usage": {"cost": "0.001"}}, "usage.cost is not a number, but a text"),
    ({}, {"usage": "much"}, "usage is not an object, but a text"),
    ({}, {"object": 5}, None),
    ({}, {"system_fingerprint": 7, "service_tier": {}}, None),
]


@pytest.mark.parametrize(
    ("message", "choice", "fields", "told"),
    [(message, {}, {}, told) for message, told in ODD_FIELDS] + [({}, *each) for each in ODD_AROUND],
)
def test_core_m8_a_field_of_another_type_costs_itself_alone(message, choice, fields, told, tmp_path):
    """core M8: it cost the whole answer."""
    sent = body({"message": {"content": BOX, **message}, "finish_reason": "stop", **choice}, **fields)
    found = Completion.decode(sent)
    assert found.answer.content == BOX
    assert [problem.message for problem in found.problems] == ([] if told is None else [told])
    assert {problem.code for problem in found.problems} <= {ProblemCode.INVALID_FIELD}
    (recording,), problems = read(tmp_path / "a.jsonl", lines(sent))
    assert (recording.text, recording.key, recording.ending) == (BOX, "a", found.answer.ending)
    place = "" if not (message or choice) else "choice 0: "
    assert [problem.message for problem in problems] == ([] if told is None else [place + told])
    assert not any(problem.raw for problem in problems)


@pytest.mark.parametrize(
    ("fields", "assets"),
    [
        ({"assets": [{"file_name": "a.png", "width": "640", "height": 480}]}, (RecordedAsset("a.png", None, 480),)),
        ({"assets": ["a.png", {"file_name": "b.png"}]}, (RecordedAsset(), RecordedAsset("b.png"))),
        ({"assets": {"file_name": "a.png"}}, ()),
    ],
)
def test_core_m8_an_odd_asset_costs_itself_alone(fields, assets, tmp_path):
    (recording,), problems = read(tmp_path / "a.jsonl", lines({"key": "k", "text": BOX, **fields}))
    assert (recording.text, recording.assets) == (BOX, assets)
    assert [problem.code for problem in problems] == [ProblemCode.INVALID_FIELD]


def test_tool_calls_as_ollama_sends_them():
    call = {"function": {"name": "f", "arguments": {"x": 1}}}
    found = Completion.decode(body({"message": {"content": "", "tool_calls": [call]}, "finish_reason": "tool_calls"}))
    assert found.answer.tool_calls[0].function.arguments == '{"x":1}'
    assert found.complete


def test_core_m10_the_choice_of_an_event_is_the_index_of_its_answer():
    """core M10: indices that do not start at 0, have gaps, or come in another order."""
    for indices in ((1,), (0, 2), (1, 0), (7, 3, 5)):
        stream = CompletionStream()
        sent = [
            {"choices": [{"index": index, "delta": {"content": f"{index} {BOX}"}, "finish_reason": "stop"}]}
            for index in indices
        ]
        events = [each for each in stream.read([sse(sent)]) if each.choice >= 0]
        answers = stream.completion.answers
        assert [answer.index for answer in answers] == list(range(len(indices)))
        assert [answer.raw["index"] for answer in answers] == list(indices)
        for index, place in zip(indices, sorted({each.choice for each in events}), strict=True):
            assert answers[place].content == f"{index} {BOX}"


@pytest.mark.parametrize(
    ("sent", "status", "message"),
    [
        ({"detail": "Unauthorized"}, None, "Unauthorized"),
        ({"detail": "Unauthorized"}, 401, "Unauthorized"),
        ({"detail": [{"loc": ["body", "n"], "msg": "too large"}, {"msg": "missing"}]}, 422, "too large; missing"),
        ({"errors": [{"message": "a"}, {"message": "b"}]}, 400, "a; b"),
    ],
)
def test_core_m5_errors_of_other_frameworks(sent, status, message):
    """core m5."""
    assert Completion.decode(sent, status=status).fault.message == message
    assert CompletionStream().read_all([sse([sent])]).fault.message == message


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"Retry-After": "7"}, 7),
        ({"retry-after-ms": "1500", "retry-after": "9"}, 1.5),
        ({"Retry-After": "Wed, 21 Oct 2015 07:28:30 GMT", "Date": "Wed, 21 Oct 2015 07:28:00 GMT"}, 30),
        ({"Retry-After": "Wed, 21 Oct 2015 07:28:30 GMT"}, 0),
        ({"Retry-After": "soon"}, None),
        ({}, None),
    ],
)
def test_core_m5_the_time_to_wait(headers, wait):
    """core m5: a date and milliseconds."""
    assert Completion.decode({"error": "slow"}, status=429, headers=headers).fault.retry_after == wait


def test_core_m6_reasoning_that_changes_its_name():
    """core m6."""
    sent = [{"delta": {"reasoning": "th"}}, {"delta": {"reasoning_content": "ink"}}, {"delta": {"content": BOX}}]
    stream = CompletionStream()
    events = list(stream.read([sse([{"choices": [{"index": 0, **each}]} for each in sent])]))
    assert stream.completion.answer.reasoning == "think"
    assert [each.event.text for each in events[:2]] == ["th", "ink"]
    both = [{"delta": {"reasoning": "th", "reasoning_content": "th"}}, {"delta": {"reasoning": "ink"}}]
    found = CompletionStream().read_all([sse([{"choices": [{"index": 0, **each}]} for each in both])])
    assert found.answer.reasoning == "think"


def test_core_m7_a_function_call_of_the_form_before_tool_calls():
    """core m7: its streamed arguments were not joined."""
    pieces = [{"function_call": {"name": "f", "arguments": ""}}] + [
        {"function_call": {"arguments": text}} for text in ('{"a"', ": 1}")
    ]
    sent = [{"choices": [{"index": 0, "delta": piece}]} for piece in pieces]
    sent.append({"choices": [{"index": 0, "delta": {}, "finish_reason": "function_call"}]})
    (call,) = CompletionStream().read_all([sse(sent)]).answer.tool_calls
    assert (call.function.name, call.function.arguments) == ("f", '{"a": 1}')
    assert CompletionStream().read_all([sse(sent)]).complete


@pytest.mark.parametrize("index", [{}, {"index": 0}])
def test_core_m7_whole_tool_calls_of_one_index(index):
    """core m7: as Gemini's API sends them; they became one call with the arguments ``{}{}``."""
    calls = [{"id": name, "type": "function", "function": {"name": name, "arguments": "{}"}, **index} for name in "ab"]
    sent = [{"choices": [{"index": 0, "delta": {"tool_calls": [call]}}]} for call in calls]
    found = CompletionStream().read_all([sse(sent)]).answer.tool_calls
    assert [(call.id, call.function.arguments) for call in found] == [("a", "{}"), ("b", "{}")]


@pytest.mark.parametrize("key", [None, "custom_id"])
def test_reliability_c3_a_damaged_byte_in_an_ignored_field(key, tmp_path):
    """reliability C3 a: it stopped the file if a key was named."""
    damaged = lines({"custom_id": "c", "note": "x", **completion(BOX)}).replace(b'"x"', b'"\xff"')
    found, problems = read(tmp_path / "a.jsonl", damaged + lines({"custom_id": "d", "text": BOX}), key=key)
    assert [(each.key, each.text) for each in found] == [("c", BOX), ("d", BOX)]
    assert not problems


def test_reliability_c3_a_damaged_byte_beside_the_answer_costs_its_field(tmp_path):
    damaged = lines(completion(BOX) | {"model": "x"}).replace(b'"x"', b'"\xff"')
    (found,), problems = read(tmp_path / "a.jsonl", damaged)
    assert (found.text, found.model) == (BOX, None)
    assert [(problem.code, problem.message) for problem in problems] == [
        (ProblemCode.INVALID_FIELD, "model is not a text or a whole number, but a text that is not UTF-8")
    ]
    found, problems = read(tmp_path / "a.jsonl", lines(completion(BOX)).replace(b"cat", b"c\xfft"))
    assert not found
    assert [problem.code for problem in problems] == [ProblemCode.WRONG_ENCODING]


def test_reliability_c3_b_a_damaged_byte_in_multilook(tmp_path):
    """reliability C3 b: it stopped the file with every verb."""
    sent = {"note": "x", "id": "m", "results": [{"prompt_index": 0, "completions": completion(BOX)["choices"]}]}
    found, problems = read(tmp_path / "a.jsonl", lines(sent).replace(b'"x"', b'"\xff"') + lines({"text": "y"}))
    assert [(each.key, each.text) for each in found] == [("m#0", BOX), ("2", "y")]
    assert not problems


def test_reliability_c3_c_a_lone_surrogate_as_a_key(tmp_path):
    """reliability C3 c: it raised UnicodeEncodeError."""
    sent = completion(BOX)
    sent["choices"][0]["message"]["\ud800"] = 1
    (found,), problems = read(tmp_path / "a.jsonl", lines(sent, {"text": "y"})[: -len(lines({"text": "y"}))])
    assert (found.text, problems) == (BOX, [])
    assert Completion.decode(sent).complete


def test_numbers_with_thousands_of_digits_beside_the_answer(tmp_path):
    data = lines(completion(BOX) | {"created": 5}).replace(b'"created": 5', b'"created": ' + b"9" * 5000)
    (found,), problems = read(tmp_path / "a.jsonl", data)
    assert found.text == BOX
    assert [problem.code for problem in problems] == [ProblemCode.INVALID_FIELD]


def test_an_oversized_event_keeps_what_came_before_it(tmp_path, monkeypatch):
    events = chunks(completion(BOX))
    data = sse(events[:-1], done=False) + b"data: " + b"x" * 1000 + b"\n\n" + DONE
    stream = CompletionStream(max_event_bytes=800)
    stream.feed(data)
    found = stream.close()
    assert (found.answer.content, found.answer.ending) == (BOX, Ending.CUT)
    assert [problem.code for problem in found.problems] == [ProblemCode.OVERSIZED_EVENT]
    monkeypatch.setattr(
        CompletionStream.__init__, "__kwdefaults__", CompletionStream.__init__.__kwdefaults__ | {"max_event_bytes": 800}
    )
    (recording,), problems = read(tmp_path / "a.sse", data)
    assert (recording.text, recording.ending) == (BOX, "cut")
    assert [(problem.code, problem.raw) for problem in problems] == [(ProblemCode.OVERSIZED_EVENT, "")]


def test_events_after_the_end_and_lines_that_are_not_fields_are_told():
    """Two transcripts in one file, and a transcript without the names of the fields."""
    one = sse(chunks(completion(BOX)))
    found = CompletionStream().read_all([one, one])
    assert (found.answer.content, found.complete) == (BOX, True)
    assert [problem.code for problem in found.problems] == [ProblemCode.INVALID_CHUNK]
    bare = one.replace(b"data: {", b"{")
    assert ProblemCode.INVALID_CHUNK in [each.code for each in CompletionStream().read_all([b":\n\n", bare]).problems]


def test_core_m13_reasoning_inside_an_answer_is_told(tmp_path):
    """core m13: later blocks of reasoning, and tags of other models."""
    content = f"<think>a</think>{BOX} <think>or <point> (9,9) </point></think>"
    found = Completion.decode(completion(content))
    assert [problem.code for problem in found.problems] == [ProblemCode.MIXED_REASONING]
    (recording,), problems = read(tmp_path / "a.jsonl", lines(completion(content)))
    assert [problem.code for problem in problems] == [ProblemCode.MIXED_REASONING]
    assert recording.document() == found.answer.document
    other = f"◁think▷<point> (9,9) </point>◁/think▷{BOX}"
    for sent in (completion(other), {"key": "c", "text": other}):
        (recording,), problems = read(tmp_path / "a.jsonl", lines(sent, sent)[: len(lines(sent))])
        assert (recording.text, recording.reasoning, problems) == (BOX, "<point> (9,9) </point>", [])
        assert len(recording.document().annotations) == 1


def test_a_multilook_line_with_an_error_keeps_its_other_answers(tmp_path):
    results = [
        {"prompt_index": 0, "completions": completion(BOX)["choices"]},
        {"prompt_index": 1, "error": {"message": "too busy"}},
    ]
    (found,), problems = read(tmp_path / "a.jsonl", lines({"id": "m", "results": results}))
    assert (found.key, found.text) == ("m#0", BOX)
    assert [problem.message for problem in problems] == ["prompt 1: too busy"]


@pytest.mark.parametrize(
    "choice",
    [
        {"message": {"content": ""}, "text": BOX, "finish_reason": "stop"},
        {"message": {"content": ""}, "delta": {"content": BOX}, "finish_reason": "stop"},
        {"message": {"content": BOX}, "delta": {"content": ""}, "finish_reason": "stop"},
    ],
)
def test_core_c1_an_empty_text_beside_the_answer_does_not_hide_it(choice, tmp_path):
    """core C1: bodies and chunks that fill in several of the fields."""
    body = {"id": "a", "choices": [choice]}
    assert Completion.decode(body).answer.content == BOX
    stream = CompletionStream()
    stream.feed_chunk(body)
    assert stream.close().answer.content == BOX
    found, problems = read(tmp_path / "a.jsonl", lines(body))
    assert ([each.text for each in found], problems) == ([BOX], [])


def test_core_c1_a_content_of_parts_that_cannot_be_read_is_told(tmp_path):
    """core C1: the text is inside an object, so there is one, and it is not empty."""
    message = {"content": [{"type": "text", "text": {"value": BOX}}]}
    body = {"id": "a", "choices": [{"message": message, "finish_reason": "stop"}]}
    completion = Completion.decode(body)
    assert (completion.answers, completion.complete) == ((), False)
    found, problems = read(tmp_path / "a.jsonl", lines(body))
    assert found == []
    assert [problem.code for problem in problems] == [ProblemCode.INVALID_COMPLETION]


def test_the_whole_message_beside_each_piece_is_not_read_twice():
    """As Perplexity streams: ``delta`` has the piece, and ``message`` all that has come so far."""
    stream = CompletionStream()
    for end in range(0, len(BOX) + 5, 5):
        choice = {"index": 0, "message": {"content": BOX[: end + 5]}, "delta": {"content": BOX[end : end + 5]}}
        stream.feed_chunk({"id": "a", "choices": [choice]})
    last = {"index": 0, "message": {"content": BOX}, "delta": {}, "finish_reason": "stop"}
    stream.feed_chunk({"id": "a", "choices": [last]})
    assert stream.close().answer.content == BOX


@pytest.mark.parametrize("kind", [str, float])
def test_choices_whose_index_is_written_otherwise_stay_apart(kind):
    """Each chunk has one choice, so its place does not tell them apart."""
    stream = CompletionStream()
    for index, text in [(0, "a"), (1, "b"), (0, "c")]:
        stream.feed_chunk({"choices": [{"index": kind(index), "delta": {"content": text}}]})
    assert [answer.content for answer in stream.close().answers] == ["ac", "b"]


@pytest.mark.parametrize("data", ['{"message": "busy", "type": "overloaded_error"}', "busy"])
def test_an_event_that_is_named_error_is_an_error(data):
    """Some gateways name the event instead of the field."""
    stream = CompletionStream()
    stream.feed_chunk({"choices": [{"index": 0, "delta": {"content": BOX}}]})
    stream.feed(f"event: error\ndata: {data}\n\n".encode())
    completion = stream.close()
    assert (completion.fault.message, completion.answer.content) == ("busy", BOX)
    assert completion.answer.ending is Ending.ERROR


@pytest.mark.parametrize("name", ["id", "status", "extra"])
def test_a_piece_of_an_answer_under_another_name_is_told(name):
    """Found by the fuzz of envelopes: one word without spaces passed for an id."""
    deltas = [{"content": "<point ment"}, {name: 'ion="cat"> '}, {"content": "(12,34) </point>"}]
    stream = CompletionStream()
    stream.feed(sse([{"choices": [{"index": 0, "delta": delta}]} for delta in deltas]))
    found = stream.close()
    assert any(name in problem.message for problem in found.problems)


def test_an_id_beside_a_piece_is_no_answer():
    stream = CompletionStream()
    stream.feed(
        sse([{"choices": [{"index": 0, "delta": {"content": "a"}}, {"index": 0, "delta": {"id": "msg_1:a/b"}}]}])
    )
    assert not any("known" in problem.message for problem in stream.close().problems)


@pytest.mark.parametrize("name", ["text", "error"])
def test_a_line_that_hides_its_answer_is_not_taken_for_the_rest_of_a_stream(name, tmp_path):
    """Found by the fuzz of envelopes: the loss was told at the first line of the stream, or not at all."""
    piece = {"choices": [{"index": 0, "delta": {"content": BOX}, "finish_reason": None}]}
    sent = lines(
        {"custom_id": "b", "response": {"status_code": 200, "body": piece}},
        {"custom_id": "b", "response": {"status_code": 200, name: completion("hidden")}},
    )
    (cut,), problems = read(tmp_path / "a.jsonl", sent)
    assert (cut.text, cut.ending) == (BOX, "cut")
    assert {problem.place: "hidden" in problem.raw for problem in problems} == {"line 1": False, "line 2": True}


def test_an_error_ends_the_stream_of_its_name(tmp_path):
    piece = {"id": "s", "choices": [{"index": 0, "delta": {"content": BOX}, "finish_reason": None}]}
    (broken,), problems = read(tmp_path / "a.jsonl", lines(piece, {"id": "s", "error": {"message": "busy"}}))
    assert (broken.text, broken.ending) == (BOX, "error")
    assert [problem.code for problem in problems] == [ProblemCode.SERVICE_ERROR]


def test_a_response_that_hides_an_answer_beside_a_text_is_told(tmp_path):
    """Found by the fuzz of envelopes: the text was taken, and nobody heard of the rest."""
    hidden = {"choicez": completion("hidden")["choices"]}
    (found,), problems = read(tmp_path / "a.jsonl", lines({"key": "k", "text": BOX, "response": hidden}))
    assert found.text == BOX
    assert [(problem.code, problem.place) for problem in problems] == [(ProblemCode.INVALID_FIELD, "line 1")]
    assert "choicez" in problems[0].message
    _, problems = read(tmp_path / "a.jsonl", lines({"key": "k", "text": BOX, "response": {"status_code": 200}}))
    assert problems == []
