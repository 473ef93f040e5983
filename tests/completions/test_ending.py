"""How an answer ended is told apart from what it says, and by the same word at every door."""

import json

import pytest

from perceptron_annotations import (
    Completion,
    CompletionStream,
    evaluate,
    parse_batch,
    read_dataset,
    read_recordings,
    read_table,
    record,
    write_dataset,
)
from perceptron_annotations.completions import Ending
from perceptron_annotations.datasets import RecordingImporter
from perceptron_annotations.render.report_remarks import report_summary
from tests.completions.chunks import chunks, sse
from tests.completions.test_completion_stream import BOX

pytestmark = pytest.mark.backend

CALL = {"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}
#: A choice, and how it ended.
CHOICES = [
    ({"message": {"content": BOX}, "finish_reason": "stop"}, "complete"),
    ({"message": {"content": BOX}, "finish_reason": "interrupted"}, "complete"),
    ({"message": {"content": "", "tool_calls": [CALL]}, "finish_reason": "tool_calls"}, "complete"),
    ({"message": {"content": BOX}}, "unstated"),
    ({"message": {"content": BOX}, "finish_reason": None}, "unstated"),
    ({"message": {"content": BOX}, "finish_reason": ""}, "unstated"),
    ({"message": {"content": BOX}, "finish_reason": "tired"}, "unstated"),
    ({"message": {"content": BOX}, "finish_reason": "tool_calls"}, "unstated"),
    ({"message": {"content": BOX, "tool_calls": [CALL]}, "finish_reason": "stop"}, "unstated"),
    ({"message": {"content": BOX}, "finish_reason": "length"}, "length"),
    ({"message": {"content": None, "refusal": "I cannot."}, "finish_reason": "stop"}, "refusal"),
    ({"message": {"content": BOX, "refusal": "No more."}, "finish_reason": "length"}, "length"),
    ({"message": {"content": BOX}, "finish_reason": "refusal"}, "refusal"),
    ({"message": {"content": BOX}, "finish_reason": "content_filter"}, "content_filter"),
    ({"message": {"content": BOX}, "finish_reason": "error"}, "error"),
    ({"message": {"content": BOX}, "finish_reason": "stop", "error": {"message": "no"}}, "error"),
    ({"message": {"content": "<think>" + BOX}, "finish_reason": "stop"}, "cut"),
    ({"message": {"content": "<think>" + BOX}, "finish_reason": "length"}, "length"),
    ({"message": {"content": "<think>hm</think>" + BOX}, "finish_reason": "stop"}, "complete"),
    ({"message": {"content": BOX}, "finish_reason": "abort"}, "cut"),
]
TRUNCATING = {"length", "content_filter", "error", "cut"}


def without_reason(content):
    """A body whose service does not say why the answer ended."""
    return {"id": "c", "choices": [{"index": 0, "message": {"content": content}}]}


def endings(path):
    """The endings of a file of recordings, by the reader of tables and by that of recordings."""
    table = read_table(path, on_problem=lambda _: None)
    every = [list(Ending)[code] for code in table.responses.ending]
    recordings = list(read_recordings(path, on_problem=lambda _: None))
    assert every == [found.ending for found in recordings]
    assert table.responses.truncated.tolist() == [found.document().truncated for found in recordings]
    return every


@pytest.mark.parametrize(("choice", "ending"), CHOICES)
def test_every_door_tells_how_an_answer_ended(choice, ending, tmp_path):
    body = {"id": "a", "choices": [choice]}
    answer = Completion.decode(body).answer
    assert answer.ending == ending
    assert answer.complete == (ending == "complete")
    assert answer.document.truncated == (ending in TRUNCATING)
    path = tmp_path / "a.jsonl"
    for line in (body, {"response": body}, {"response": {"status_code": 200, "body": body}, "custom_id": "c"}):
        path.write_text(json.dumps(line) + "\n")
        assert endings(path) == [ending]


def test_a_text_says_how_it_ended_or_does_not(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text(
        '{"text": "x"}\n{"text": "x", "finish_reason": "stop"}\n{"text": "x", "finish_reason": "length"}\n'
        '{"text": "<think>", "key": "k"}\n{"text": "x", "ended": false}\n'
    )
    assert endings(path) == ["unstated", "complete", "length", "cut", "cut"]
    table = parse_batch(["<point> (1,2) </point>", "<point"])
    assert [list(Ending)[code] for code in table.responses.ending] == ["unstated", "unstated"]


@pytest.mark.documented("perceptron.cloud", "A stream has no `finish_reason`, and ends with `[DONE]`")
def test_a_stream_without_a_reason_is_unstated_if_it_is_done():
    """As perceptron.cloud sends it."""
    pieces = chunks(without_reason(BOX))
    done = CompletionStream().read_all([sse(pieces)])
    assert (done.answer.ending, done.complete) == (Ending.UNSTATED, False)
    broken = CompletionStream().read_all([sse(pieces, done=False)])
    assert broken.answer.ending is Ending.CUT


def test_core_m9_what_came_before_an_error_stays_when_it_is_recorded(tmp_path):
    """core M9: a recording of a stream that ended in an error keeps its answers."""
    stream = CompletionStream()
    events = sse(chunks(without_reason(BOX)), done=False)
    found = stream.read_all([events, b'data: {"error": {"message": "overloaded", "code": 502}}\n\n'])
    assert found.answer.ending is Ending.ERROR
    assert found.answer.document.truncated
    assert not found.complete
    path = tmp_path / "a.jsonl"
    record(found, path, key="k")
    problems = []
    (recording,) = read_recordings(path, on_problem=problems.append)
    assert (recording.key, recording.text, recording.ending) == ("k", BOX, Ending.ERROR)
    assert recording.document() == found.answer.document
    assert ["overloaded" in problem.message for problem in problems] == [True]
    assert endings(path) == ["error"]


def test_core_m16_a_refusal_may_be_a_part_of_the_content():
    """core m16: OpenAI's messages have it as a part, beside parts with text or alone."""
    part = {"type": "refusal", "refusal": "I cannot help."}
    for content in ([part], [{"type": "text", "text": BOX}, part]):
        body = {"choices": [{"message": {"content": content}, "finish_reason": "stop"}]}
        answer = Completion.decode(body).answer
        streamed = CompletionStream().read_all([sse(chunks(without_reason([part])))]).answer
        assert (answer.refusal, answer.ending) == ("I cannot help.", Ending.REFUSAL)
        assert (streamed.refusal, streamed.ending) == ("I cannot help.", Ending.REFUSAL)


def test_core_m16_a_refusal_is_not_an_image_without_objects():
    """core m16."""
    refused = Completion.decode(
        {"choices": [{"message": {"content": None, "refusal": "No."}, "finish_reason": "stop"}]}
    )
    assert (refused.answer.ending, refused.complete) == (Ending.REFUSAL, False)


def test_the_endings_of_several_tables_and_threads_stay_in_order(tmp_path):
    path = tmp_path / "many.jsonl"
    choices = [choice for choice, _ in CHOICES]
    path.write_text(
        "".join(json.dumps({"id": str(n), "choices": [each]}) + "\n" for n, each in enumerate(choices * 300))
    )
    wanted = [ending for _, ending in CHOICES] * 300
    one = read_table(path)
    assert [list(Ending)[code] for code in one.responses.ending] == wanted
    assert read_table(path, threads=2) == one
    assert type(one).concat([one, one]).responses.ending.tolist() == one.responses.ending.tolist() * 2


def test_endings_stay_with_their_images(tmp_path):
    """Through an import and both own formats of datasets, the worst of several answers; and the reports count them."""
    path = tmp_path / "a.jsonl"
    rows = [
        ("a.png", "stop", None),
        ("b.png", "stop", "No."),
        ("b.png", "stop", None),
        ("c.png", "content_filter", None),
    ]
    path.write_text(
        "".join(
            json.dumps(
                {
                    "key": key,
                    "response": {
                        "choices": [{"message": {"content": BOX, "refusal": refusal}, "finish_reason": reason}]
                    },
                    "assets": [{"file_name": key, "width": 100, "height": 100}],
                }
            )
            + "\n"
            for key, reason, refusal in rows
        )
    )
    dataset, report = RecordingImporter().read(path)
    assert dict(report.endings) == dict.fromkeys(Ending, 0) | {
        Ending.COMPLETE: 2,
        Ending.REFUSAL: 1,
        Ending.CONTENT_FILTER: 1,
    }
    assert report.unsound == 2
    wanted = ["complete", "refusal", "content_filter"]
    for name in ("d.jsonl", "d.parquet"):
        write_dataset(dataset, tmp_path / name, format=f"dataset-{name[2:]}")
        back = read_dataset(tmp_path / name)
        assert [list(Ending)[code] for code in back.table.responses.ending] == wanted
    evaluated = evaluate(dataset, dataset)
    assert evaluated.outcomes.endings == {Ending.REFUSAL: 1, Ending.CONTENT_FILTER: 1}
    assert "endings: 1 refusal, 1 content_filter" in report_summary(evaluated.outcomes)
