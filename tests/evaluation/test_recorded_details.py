"""What recorded answers say is read when somebody asks, and is what a look at each line says.

Issue 18, point 6: ``evaluate`` reads a file in one pass, and decodes a line again only for those who look at it.
"""

import json

import pytest

from benchmarks.corpus import Corpus, Mix
from perceptron_annotations import parse
from perceptron_annotations.completions import answer_details
from perceptron_annotations.completions.answer_details import AnswerDetails, DetailsOfAnswers, UnreadDetails
from perceptron_annotations.evaluation.recorded import first_answers, read_answers
from perceptron_annotations.table import iter_recorded

pytestmark = pytest.mark.backend

ODD = (
    '{"point_2d": [100, 200], "label": "a cat"} and two dogs',
    "[[10, 20, 30, 40]]",
    "<think>three</think> two cats <point> (1,2) </point>",
    "two <collection mention='cat'> one <point> (1,2) </point> </collection> three",
    "two <point> bad </point> cats &lt;point&gt; 3 < 4 <b>five</b>",
    "<point> (1,2) </point><point> (3,4) </point>",
    "猫 two <point> (1,2) </point> cats",
    "",
)


def write(path, answers):
    """Recordings of all kinds: whole bodies, several choices, texts; some lines hold no answer."""
    with path.open("w", encoding="utf-8") as file:
        for number, text in enumerate(answers):
            choices = [{"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}]
            body = {"id": f"r{number}", "model": "mine", "choices": choices}
            request = {"temperature": number % 3, "messages": [{"role": "user", "content": f"Question {number}?"}]}
            line = {"response": body, "request": request, "assets": [{"file_name": f"{number}.jpg"}]}
            if number % 7 == 3:
                choices.append({"index": 1, "message": {"role": "assistant", "content": "another"}})
            if number % 11 == 4:
                line = {"key": f"k{number}.jpg", "text": text, "prompt": "Where?", "model": 5}
            file.write("broken\n" if number % 50 == 9 else json.dumps(line) + "\r\n"[number % 2 :])


def recorded(path, **options):
    (found,) = iter_recorded(path, batch_size=10**9, fields=("model", "key", "request.temperature"), **options)
    return found


@pytest.mark.parametrize("mix", Mix)
def test_speed_6_details_that_are_read_late_are_those_of_the_lines(mix, tmp_path, monkeypatch):
    path = tmp_path / "a.jsonl"
    write(path, [*Corpus(3).answers(mix, 300), *ODD])
    found = recorded(path, on_problem=lambda _: None)
    monkeypatch.setattr("perceptron_annotations.table.bulk_readers.scanner", None)
    general = recorded(path, on_problem=lambda _: None)
    assert list(found.details) == list(general.details)
    assert found.details == general.details
    assert found.details[-3:] == list(general.details)[-3:]
    assert found.sent is None


@pytest.mark.parametrize("mix", Mix)
def test_speed_6_prose_from_spans_is_that_of_the_documents(mix, tmp_path):
    path = tmp_path / "a.jsonl"
    answers = [*Corpus(4).answers(mix, 300), *ODD]
    with path.open("w", encoding="utf-8") as file:
        for number, text in enumerate(answers):
            file.write(json.dumps({"key": f"{number}.jpg", "text": text}) + "\n")
    found = read_answers(path)
    assert len(found) == len(answers)
    for number, answer in enumerate(found.values()):
        said = answer.prose
        assert said == parse(answer.text).prose == answer.details.prose
        if answer.text == answers[number]:
            assert said == parse(answers[number]).prose


def test_speed_6_a_line_is_decoded_again_only_for_those_who_look_at_it(tmp_path, monkeypatch):
    path = tmp_path / "a.jsonl"
    path.write_text('{"key": "a.jpg", "text": "2 <point> (1,2) </point> cups", "prompt": "How many?"}\n' * 9)
    decoded = []
    decode = answer_details.decode_object
    monkeypatch.setattr(answer_details, "decode_object", lambda data: (decoded.append(data), decode(data))[1])
    (found,) = iter_recorded(path, fields=())
    answer = first_answers(found)["a.jpg"]
    assert (answer.prose, answer.count) == ("2  cups", 9)
    is_late = isinstance(found.details, DetailsOfAnswers) and found.details.content(3) is not None
    assert len(decoded) == (0 if is_late else 9)
    assert answer.location.prompt == "How many?"
    assert len(decoded) == (1 if is_late else 9)


def test_speed_6_details_of_answers_are_a_sequence():
    late = UnreadDetails(b'{"text": "x", "prompt": "p"}', 4, "f", ("prompt",), "k", "x")
    read = AnswerDetails(file="f", line_number=4, choice=0, prompt="p", fields={"prompt": "p"}, text="x")
    details = DetailsOfAnswers([late, read])
    assert repr(details) == repr([read, read])
    assert details == [read, read]
    assert details != [read]
    assert details != 5
    assert details.content(0) is None  # it was looked at
