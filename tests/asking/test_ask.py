"""Questions against a server on this machine: what is asked, tried again, recorded, and not asked twice."""

import asyncio
import json
import time
import warnings
from contextlib import aclosing
from email.utils import formatdate

import openai
import pytest

from perceptron_annotations import Completion, Request, UsageError, read_recordings, record
from perceptron_annotations.asking import Asker, AskLimits, Endpoint, PendingQuestion, Question, ask, ask_async
from perceptron_annotations.asking.loop_thread import LoopThread
from perceptron_annotations.completions import Ending, FaultKind, RecordedAsset, Service, ServiceError, image
from perceptron_annotations.errors import EnvelopeError, FileError
from perceptron_annotations.problems import ProblemCode
from tests.completions.loopback import Reply, serving

KEY = "sk-of-nobody-0123456789"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)
#: Waits that do not slow the tests.
QUICK = AskLimits(first_wait=0.01, requests_per_minute=100_000, drain=5, timeout=5)


def completion(text="<point> (1,2) </point>", reason="stop", **beside):
    choice = {"message": {"role": "assistant", "content": text}, "finish_reason": reason}
    return {"id": "c", "model": "m", "choices": [choice], **beside}


def replying(body, status=200, headers=(), **how):
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Reply([data], status=status, headers=headers, **how)


GOOD = replying(completion(usage={"prompt_tokens": 4, "completion_tokens": 3, "total_tokens": 7}))


class Script:
    """Replies one after the other, and the last one for ever."""

    def __init__(self, *replies):
        self.replies = list(replies)

    def __call__(self, asked):
        return self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setenv("TEST_KEY", KEY)
    with serving() as running:
        running.reply = GOOD
        yield running


def endpoint(server, **fields):
    named = {"service": Service.PERCEPTRON, "key_env": "TEST_KEY", "model": "perceptron-mk1"}
    return Endpoint(base_url=server.url, **named | fields)


def question(key, prompt="Where are the cups?", **fields):
    return Question(request=Request(prompt=prompt, media=image(PNG), annotation_format="point", **fields), key=key)


def lines(path):
    return [json.loads(line) for line in path.read_text().split("\n")[:-1]]


# -- what is sent and recorded -----------------------------------------------------------------------------------------


def test_what_is_asked_is_recorded(server, tmp_path):
    path = tmp_path / "a.jsonl"
    asset = RecordedAsset("cups.png", 64, 48)
    asked = Question(request=question("a").request, key="cups.png", assets=[asset])
    before = time.time()
    (reply,) = ask([asked], endpoint(server), path=path, limits=QUICK)
    assert (reply.key, reply.completion.answer.text) == ("cups.png", "<point> (1,2) </point>")
    assert before <= reply.asked_at[0] <= time.time()
    assert server.asked == [asked.request.for_perceptron("perceptron-mk1").body]
    assert server.headers[0]["authorization"] == f"Bearer {KEY}"
    (line,) = lines(path)
    assert line["asked_at"] == [round(reply.asked_at[0], 3)]
    problems = []
    (recording,) = read_recordings(path, on_problem=problems.append)
    assert (recording.key, recording.assets, recording.ending) == ("cups.png", (asset,), Ending.COMPLETE)
    assert problems == []
    expected = tmp_path / "b.jsonl"
    record(
        Completion.decode(completion(usage={"prompt_tokens": 4, "completion_tokens": 3, "total_tokens": 7})),
        expected,
        request=server.asked[0],
        assets=[asset],
        key="cups.png",
        asked_at=reply.asked_at,
    )
    assert lines(path) == lines(expected)


@pytest.mark.parametrize(
    ("service", "model", "form"),
    [
        (Service.PERCEPTRON, "perceptron-mk1", lambda request: request.for_perceptron("perceptron-mk1")),
        (
            Service.OPENROUTER,
            "perceptron/perceptron-mk1",
            lambda request: request.for_openrouter("perceptron/perceptron-mk1"),
        ),
        (Service.PERCEPTRON_CLOUD, "any", lambda request: request.for_openai_compatible("any")),
        (None, "any", lambda request: request.for_openai_compatible("any")),
    ],
)
def test_each_service_is_asked_in_its_own_form(server, service, model, form):
    pointing = {} if service in (None, Service.PERCEPTRON_CLOUD) else {"annotation_format": "box"}
    request = Request(prompt="Box every car", media=image(PNG), temperature=0.5, **pointing)
    (reply,) = ask([request], endpoint(server, service=service, model=model), limits=QUICK)
    assert reply.completion.complete
    assert server.asked == [form(request).body]


def test_a_question_may_name_its_own_model(server):
    asked = [Question(request=Request(prompt="x"), model="isaac-0.1"), Request(prompt="x")]
    assert len(list(ask(asked, endpoint(server), limits=QUICK))) == 2
    assert sorted(body["model"] for body in server.asked) == ["isaac-0.1", "perceptron-mk1"]


# -- starting again ----------------------------------------------------------------------------------------------------


def run(server, path, questions, **limits):
    asker = Asker(
        endpoint(server),
        path=path,
        limits=AskLimits(**{**{name: getattr(QUICK, name) for name in QUICK.__struct_fields__}, **limits}),
    )
    replies = list(asker.ask(questions))
    return replies, asker.report


def test_what_was_answered_is_not_asked_again(server, tmp_path):
    path = tmp_path / "a.jsonl"
    replies, report = run(server, path, [question(f"{number}.png") for number in range(20)])
    assert len(replies) == report.answered == report.asked == report.requests == 20
    assert (report.total_tokens, report.prompt_tokens, report.completion_tokens) == (140, 80, 60)
    assert (report.endings, report.faults, report.cost) == ({Ending.COMPLETE: 20}, {}, None)
    before = path.read_bytes()
    replies, report = run(server, path, [question(f"{number}.png") for number in range(21)])
    assert [reply.key for reply in replies] == ["20.png"]
    assert (report.skipped, report.answered, report.changed) == (20, 1, 0)
    assert len(server.asked) == 21
    assert path.read_bytes().startswith(before)


def test_another_prompt_model_or_image_is_asked_anew_and_told(server, tmp_path):
    path = tmp_path / "a.jsonl"
    run(server, path, [question("a.png")])
    other = Question(request=Request(prompt="Where are the cups?", media=image(PNG + b"1"), annotation_format="point"))
    for changed in (
        question("a.png", "Where are the plates?"),
        question("a.png", temperature=0.5),
        Question(request=other.request, key="a.png"),
        Question(request=question("a.png").request, key="a.png", model="isaac-0.1"),
    ):
        replies, report = run(server, path, [changed])
        assert (len(replies), report.changed, report.skipped) == (1, 1, 0)
        replies, report = run(server, path, [changed])
        assert (len(replies), report.changed, report.skipped) == (0, 0, 1)
    assert len(server.asked) == 5


def test_a_question_that_comes_five_times_has_five_answers(server, tmp_path):
    path = tmp_path / "a.jsonl"
    replies, _ = run(server, path, [question("a.png")] * 3)
    assert len(replies) == 3
    replies, report = run(server, path, [question("a.png")] * 5)
    assert (len(replies), report.skipped, len(server.asked)) == (2, 3, 5)


@pytest.mark.parametrize(
    ("first", "is_asked_again"),
    [
        (completion(), False),
        (completion(reason=None), False),  # perceptron.cloud gives no reason
        (completion(reason="length"), False),  # it was paid for, and would be cut again
        (completion(reason="content_filter"), False),
        (completion(reason="refusal"), False),
        (completion(reason="error"), True),
        (completion(reason="abort"), True),
        ({"choices": []}, True),
        ({"error": {"message": "bad input", "code": 400}}, True),
        ({"choices": [{"error": {"message": "overloaded", "code": 400}}]}, True),
    ],
)
def test_what_counts_as_answered(server, tmp_path, first, is_asked_again):
    path = tmp_path / "a.jsonl"
    server.reply = Script(replying(first), GOOD)
    _, report = run(server, path, [question("a.png")])
    assert (report.answered, report.failed) == ((0, 1) if is_asked_again else (1, 0))
    assert report.truncated == (first.get("choices", [{}])[:1] == completion(reason="length")["choices"])
    _, report = run(server, path, [question("a.png")])
    assert (report.answered, report.skipped) == ((1, 0) if is_asked_again else (0, 1))
    assert len(lines(path)) == 1 + is_asked_again


def test_torn_lines_foreign_lines_and_lines_of_others_are_passed_over(server, tmp_path):
    path = tmp_path / "a.jsonl"
    run(server, path, [question("a.png"), question("b.png")])
    first, second = path.read_bytes().splitlines(keepends=True)
    odd = [
        b"\xff\xfe\n",
        b"[1]\n",
        b'{"key": 5, "request_sha256": 7, "asked_at": {"a": 1}, "response": []}\n',
        b"null\n",
    ]
    path.write_bytes(first + b"".join(odd) + second[:-20])
    replies, report = run(server, path, [question("a.png"), question("b.png")])
    assert (len(replies), report.skipped) == (1, 1)
    assert len(lines_of_answers(path)) == 2


def lines_of_answers(path):
    return list(read_recordings(path, on_problem=lambda _: None))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"\x1f\x8b\x08\x00", "is gzipped"),
        (b'[{"text": "x"}]', "does not hold recordings"),
        (b'{"schema": "perceptron-annotations/dataset", "version": 1}\n', "does not hold recordings"),
        (b"PAR1", "does not hold recordings"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "does not hold recordings"),
    ],
)
def test_a_file_that_could_not_take_the_answers_is_refused_before_anything_is_asked(server, tmp_path, data, message):
    path = tmp_path / "a.jsonl"
    path.write_bytes(data)
    with pytest.raises(FileError, match=message):
        list(ask([question("a.png")], endpoint(server), path=path, limits=QUICK))
    with pytest.raises(FileError, match="cannot write"):
        list(ask([question("a.png")], endpoint(server), path=tmp_path / "no" / "a.jsonl", limits=QUICK))
    assert server.asked == []
    assert path.read_bytes() == data


# -- trying again ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "reply",
    [
        *[replying({"error": {"message": "later"}}, status) for status in (408, 409, 429, 500, 502, 503, 504, 529)],
        replying(b"<html>Bad gateway</html>", 502),
        replying({"error": {"message": "Provider down", "code": 502}}),
        replying(b'{"choices": [{"message": {"content": "<point> (1'),
        replying(b""),
        replying(b"null"),
        Reply([], silent=True),
        Reply([b'{"choices": [{"message"'], drop=True),
        replying(completion(), wait=4.0),
    ],
    ids=lambda reply: f"{reply.status}-{b''.join(reply.pieces)[:12]}",
)
def test_what_may_pass_is_tried_again(server, tmp_path, reply):
    path = tmp_path / "a.jsonl"
    server.reply = Script(reply, reply, GOOD)
    replies, report = run(server, path, [question("a.png")], timeout=2)
    assert (report.answered, report.requests, len(server.asked)) == (1, 3, 3)
    assert len(replies[0].asked_at) == 3
    (line,) = lines(path)
    assert len(line["asked_at"]) == 3
    assert server.asked[0] == server.asked[1] == server.asked[2]


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (replying({"error": {"message": "no"}}, 400), "bad_request"),
        (replying({"error": {"message": "no"}}, 413), "bad_request"),
        (replying({"error": {"message": "no"}}, 422), "bad_request"),
        (replying({"error": {"message": "no"}}, 403), "permission"),
    ],
)
def test_what_does_not_pass_is_recorded_and_others_go_on(server, tmp_path, reply, kind):
    path = tmp_path / "a.jsonl"
    server.reply = lambda asked: reply if asked["temperature"] == 1 else GOOD
    replies, report = run(server, path, [question("a.png", temperature=1), question("b.png", temperature=0)])
    assert (report.answered, report.failed, report.requests, report.faults) == (1, 1, 2, {kind: 1})
    (failed,) = [reply for reply in replies if reply.completion.fault]
    assert failed.completion.fault.kind == kind
    problems = []
    assert [found.key for found in read_recordings(path, on_problem=problems.append)] == ["b.png"]
    assert [problem.code for problem in problems] == [ProblemCode.SERVICE_ERROR]


def test_no_more_tries_than_allowed(server, tmp_path):
    path = tmp_path / "a.jsonl"
    server.reply = replying({"error": {"message": "down"}}, 503)
    (reply,), report = run(server, path, [question("a.png")], tries=4)
    assert (report.failed, report.requests, report.faults) == (1, 4, {"server": 1})
    assert reply.completion.fault.status == 503
    assert len(lines(path)) == 1


@pytest.mark.parametrize(
    "header",
    [
        lambda: ("retry-after", "0.4"),
        lambda: ("retry-after-ms", "400"),
        lambda: ("retry-after", formatdate(int(time.time()) + 1, usegmt=True)),  # the server's date is in whole seconds
    ],
    ids=["seconds", "milliseconds", "date"],
)
def test_retry_after_is_waited_for_by_all(server, header):
    def wait(asked):
        return GOOD if len(server.asked) > 1 else replying({"error": {"message": "wait"}}, 429, (header(),))

    server.reply = wait
    asker = Asker(endpoint(server), limits=AskLimits(concurrency=1, first_wait=0, requests_per_minute=1000))
    assert len(list(asker.ask([question("a.png"), question("b.png")]))) == 2
    assert server.times[1] - server.times[0] >= 0.4
    assert len(server.times) == 3


def test_while_the_service_asks_for_a_pause_nothing_is_sent(server):
    server.reply = Script(replying({"error": {"message": "wait"}}, 429, (("retry-after", "0.5"),)), GOOD)
    asker = Asker(endpoint(server), limits=QUICK)

    def questions():
        yield question("0.png")
        while not asker.report.requests or asker.report.in_flight:  # the first reply is still to come
            time.sleep(0.01)
        yield from (question(f"{number}.png") for number in range(1, 5))

    assert len(list(asker.ask(questions()))) == 5
    assert server.times[1] - server.times[0] >= 0.45


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (replying({"error": {"message": "Incorrect API key"}}, 401), FaultKind.AUTHENTICATION),
        (replying({"error": {"message": "no credit"}}, 402), FaultKind.QUOTA),
        (replying({"error": {"message": "no such model"}}, 404), FaultKind.NOT_FOUND),
        (replying({"error": {"message": "tomorrow"}}, 429, (("retry-after", "86400"),)), FaultKind.RATE_LIMIT),
    ],
)
def test_what_all_would_fail_of_stops_the_run(server, tmp_path, reply, kind):
    path = tmp_path / "a.jsonl"
    server.reply = reply
    asker = Asker(endpoint(server), path=path, limits=QUICK)
    replies = []
    with pytest.raises(ServiceError) as caught:
        replies.extend(asker.ask(question(f"{number}.png") for number in range(500)))
    assert caught.value.fault.kind == kind
    assert len(server.asked) <= 2 * QUICK.concurrency
    assert asker.report.failed == asker.report.requests == len(lines(path)) == len(server.asked)
    reason = "asks to wait 86,400 seconds: start again then" if kind == FaultKind.RATE_LIMIT else str(caught.value)
    assert reason in asker.report.stopped
    server.reply = GOOD
    _, report = run(server, path, [question(f"{number}.png") for number in range(30)])
    assert (report.answered, report.skipped) == (30, 0)


def test_the_limit_of_tokens_counts_what_was_recorded(server, tmp_path):
    path = tmp_path / "a.jsonl"
    run(server, path, [question("a.png")])
    _, report = run(server, path, (question(f"{n}.png") for n in range(50)), max_tokens_total=36, concurrency=1)
    assert (report.answered, report.total_tokens) == (5, 35)
    assert "36 tokens" in report.stopped
    _, report = run(server, path, [question("z.png")], max_tokens_total=36)
    assert report.asked == 0


# -- questions that cannot be sent -------------------------------------------------------------------------------------


def pending(key, prepare):
    return PendingQuestion(key=key, prepare=prepare)


def test_a_question_that_cannot_be_prepared_costs_itself(server, tmp_path):
    path = tmp_path / "a.jsonl"
    missing = tmp_path / "missing.png"
    large = bytes(15_100_000)  # base64 makes 20.1 MB of it

    def refused():
        raise OSError("the disk is gone")

    questions = [
        pending("missing.png", lambda: Question(request=Request(prompt="x", media=image(missing)))),
        pending("large.png", lambda: Question(request=Request(prompt="x", media=image(PNG + large)))),
        pending("disk.png", refused),
        Question(request=Request(prompt="x", max_completion_tokens=9000), key="cap"),  # Mk1 gives 8192
        Request(prompt="x", n=2),
        pending("good.png", lambda: question("another name")),
    ]
    replies, report = run(server, path, questions)
    assert (report.answered, report.failed, report.faults, report.requests) == (1, 5, {"not_sent": 5}, 1)
    faults = {reply.key: str(reply.completion.fault) for reply in replies if reply.completion.fault}
    assert "cannot read" in faults["missing.png"]
    assert "services take 20,000,000" in faults["large.png"]
    assert "the disk is gone" in faults["disk.png"]
    assert "at most 8192" in faults["cap"]
    assert "Perceptron gives one answer" in faults[""]
    assert [found.key for found in lines_of_answers(path)] == ["good.png"]
    assert len(lines(path)) == 6
    assert max(map(len, path.read_bytes().split(b"\n"))) < 2000


def test_what_is_wrong_with_the_questions_themselves_is_raised_after_what_was_on_its_way(server, tmp_path):
    path = tmp_path / "a.jsonl"

    def questions():
        yield question("a.png")
        yield question("b.png")
        raise ZeroDivisionError

    replies = []
    with pytest.raises(ZeroDivisionError):
        replies.extend(ask(questions(), endpoint(server), path=path, limits=QUICK))
    assert len(replies) == len(lines(path)) == len(server.asked) == 2


@pytest.mark.parametrize(
    ("asked", "message"),
    [("Where are the cups?", "not str"), (Request(prompt="x", stream=True), "leave stream out")],
)
def test_what_cannot_be_asked(server, asked, message):
    (reply,) = ask([asked], endpoint(server), limits=QUICK)
    assert message in str(reply.completion.fault)


# -- leaving early -----------------------------------------------------------------------------------------------------


def test_who_leaves_early_has_all_that_was_paid_for(server, tmp_path):
    path = tmp_path / "a.jsonl"
    server.reply = GOOD._replace(wait=0.1)
    replies = ask((question(f"{number}.png") for number in range(500)), endpoint(server), path=path, limits=QUICK)
    next(replies)
    replies.close()
    assert 1 <= len(server.asked) <= 3 * QUICK.concurrency
    assert len(lines(path)) == len(server.asked)


def test_who_leaves_early_in_a_loop_of_his_own(server, tmp_path):
    path = tmp_path / "a.jsonl"
    server.reply = GOOD._replace(wait=0.1)

    async def first():
        questions = (question(f"{number}.png") for number in range(500))
        async with aclosing(ask_async(questions, endpoint(server), path=path, limits=QUICK)) as replies:
            async for reply in replies:
                return reply.key
        return None

    assert asyncio.run(first()).endswith(".png")
    assert len(lines(path)) == len(server.asked) <= 3 * QUICK.concurrency


def test_a_task_that_is_cancelled_records_what_is_on_its_way(server, tmp_path):
    path = tmp_path / "a.jsonl"
    server.reply = GOOD._replace(wait=0.3)

    async def cancelled():
        async def consume():
            async for _ in ask_async((question(f"{n}") for n in range(500)), endpoint(server), path=path, limits=QUICK):
                pass

        task = asyncio.create_task(consume())
        await asyncio.sleep(0.8)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await asyncio.sleep(0.5)  # an asynchronous generator that nobody closes is closed by the loop

    asyncio.run(cancelled())
    assert QUICK.concurrency <= len(server.asked) == len(lines(path)) < 100


def test_only_a_few_questions_are_pulled_ahead(server):
    """However many there are, and however slow the caller is."""
    pulled = []

    def questions():
        for number in range(10_000):
            pulled.append(number)
            yield question(f"{number}.png")

    replies = ask(questions(), endpoint(server), limits=QUICK)
    for taken in range(1, 30):
        next(replies)
        time.sleep(0.02)
        assert len(pulled) <= taken + 2 * QUICK.concurrency + 2
    replies.close()


def test_stop_before_the_first_request(server, tmp_path):
    asker = Asker(endpoint(server), path=tmp_path / "a.jsonl", limits=QUICK)

    def questions():
        asker.stop()
        time.sleep(0.2)
        yield question("a.png")

    assert list(asker.ask(questions())) == []
    assert (server.asked, asker.report.stopped) == ([], "interrupted")


def test_stop_waits_for_what_is_on_its_way_but_not_for_ever(server, tmp_path):
    path = tmp_path / "a.jsonl"
    server.reply = lambda asked: GOOD._replace(wait=0.3 if asked["temperature"] else 30)
    asker = Asker(endpoint(server), path=path, limits=AskLimits(concurrency=4, drain=1, requests_per_minute=1000))
    questions = [question(f"{number}.png", temperature=number % 2) for number in range(100)]
    begin = time.monotonic()
    replies = []
    for reply in asker.ask(questions):
        replies.append(reply)
        asker.stop()
        assert asker.report.in_flight >= 2
    assert 1 <= time.monotonic() - begin < 20
    assert 2 <= len(replies) <= 4  # the first two may have made room for another before they were told to stop
    assert asker.report.in_flight == 0
    assert asker.report.stopped == "interrupted"
    assert {line["key"] for line in lines(path)} == {reply.key for reply in replies}


def test_an_asker_runs_one_run_at_a_time(server):
    asker = Asker(endpoint(server), limits=QUICK)
    first = asker.ask([question("a.png"), question("b.png")])
    next(first)
    with pytest.raises(UsageError, match="asking already"):
        next(asker.ask([question("c.png")]))
    first.close()
    assert len(list(asker.ask([question("c.png")]))) == 1


def test_asking_goes_on_while_the_caller_works(server):
    asked = 0
    for _ in ask([question(f"{n}") for n in range(30)], endpoint(server), limits=QUICK):
        if not asked:
            deadline = time.monotonic() + 20
            while len(server.asked) < 2 * QUICK.concurrency and time.monotonic() < deadline:
                time.sleep(0.01)
            asked = len(server.asked)
    assert asked >= 2 * QUICK.concurrency


# -- clients -----------------------------------------------------------------------------------------------------------


@pytest.fixture(params=[openai.OpenAI, openai.AsyncOpenAI])
def client(request, server):
    made = request.param(api_key="own", base_url=server.url, max_retries=7)
    yield made
    closing = made.close()
    if closing is not None:
        LoopThread.of_process().submit(closing).result()


def test_a_client_of_ones_own(server, client, tmp_path):
    server.reply = Script(replying({"error": {"message": "later"}}, 500), GOOD)
    asker = Asker(client, model="mine", path=tmp_path / "a.jsonl", limits=QUICK)
    (reply,) = asker.ask([Request(prompt="x")])
    assert reply.completion.complete
    assert (asker.report.requests, len(server.asked)) == (2, 2)
    assert server.asked[0] == Request(prompt="x").for_openai_compatible("mine").body
    asker = Asker(endpoint(server), client=client, limits=QUICK)
    assert len(list(asker.ask([question("a")]))) == 1
    assert server.asked[-1] == question("a").request.for_perceptron("perceptron-mk1").body
    assert server.headers[-1]["authorization"] == "Bearer own"


class FakeError(Exception):
    """An error that nobody foresaw."""


def fake(create):
    completions = type("Completions", (), {"create": staticmethod(create)})
    return type("Client", (), {"chat": type("Chat", (), {"completions": completions})})()


def test_clients_that_only_look_like_one():
    async def answers(**kwargs):
        return completion(kwargs["messages"][0]["content"])

    def answers_at_once(**kwargs):
        return openai.types.chat.ChatCompletion.model_construct(**completion(kwargs["messages"][0]["content"]))

    def fails(**kwargs):
        raise ConnectionResetError("gone")

    def is_wrong(**kwargs):
        raise FakeError

    limits = AskLimits(first_wait=0, tries=2)
    for create in (answers, answers_at_once):
        (reply,) = ask([Request(prompt="x")], fake(create), model="m", limits=limits)
        assert reply.completion.answer.text == "x"
    (reply,) = ask([Request(prompt="x")], fake(fails), model="m", limits=limits)
    assert (reply.completion.fault.type, len(reply.asked_at)) == ("connection_error", 2)
    with pytest.raises(FakeError):
        list(ask([Request(prompt="x")], fake(is_wrong), model="m", limits=limits))
    with pytest.raises(UsageError, match=r"chat\.completions\.create"):
        ask([Request(prompt="x")], "http://localhost/v1", client=object())


def test_without_a_model(server):
    (reply,) = ask([Request(prompt="x")], endpoint(server, service=None, model=None), limits=QUICK)
    assert "name the model" in str(reply.completion.fault)


def test_warnings_about_requests_are_warnings(server):
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        replies = list(ask([question("a")], endpoint(server, model="perceptron-mk9"), limits=QUICK))
    assert replies[0].completion.complete
    assert "not documented" in str(found[0].message)


# -- manners -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [503, 403])
def test_a_service_that_answers_nobody_is_left_alone(server, tmp_path, status):
    path = tmp_path / "a.jsonl"
    server.reply = replying({"error": {"message": "down"}}, status)
    asker = Asker(endpoint(server), path=path, limits=AskLimits(concurrency=3, tries=2, first_wait=0))
    replies = []
    with pytest.raises(ServiceError, match="down"):
        replies.extend(asker.ask(question(f"{number}.png") for number in range(500)))
    assert 9 <= len(replies) == len(lines(path)) <= 12


def test_questions_that_are_refused_one_by_one_are_all_asked(server):
    server.reply = replying({"error": {"message": "no"}}, 400)
    replies = list(ask([question(f"{n}") for n in range(40)], endpoint(server), limits=AskLimits(concurrency=1)))
    assert len(replies) == len(server.asked) == 40


@pytest.mark.parametrize(
    "sent",
    [
        b'"created": ' + b"9" * 30,
        b'"created": ' + b"9" * 5000,
        b'"x": [NaN, 1e999, "\\ud800", "\xff", {"\\ud800": 1}]',
        b'"x": ' + b"[" * 100 + b"]" * 100,
    ],
)
def test_whatever_a_service_sends_beside_an_answer_is_recorded(server, tmp_path, sent):
    path = tmp_path / "a.jsonl"
    server.reply = replying(json.dumps(completion()).encode()[:-1] + b", " + sent + b"}")
    replies, report = run(server, path, [question("a.png")])
    assert report.answered == len(replies) == 1
    assert [found.text for found in lines_of_answers(path)] == ["<point> (1,2) </point>"]
    assert run(server, path, [question("a.png")])[1].skipped == 1


def test_a_body_that_is_too_deep_to_be_recorded_stops_the_run(server, tmp_path, monkeypatch):
    def too_deep(value, *, keep_media):
        raise RecursionError

    monkeypatch.setattr("perceptron_annotations.completions.recording.redacted", too_deep)
    with pytest.raises(EnvelopeError, match="too deeply"):
        run(server, tmp_path / "a.jsonl", [question("a.png")])


@pytest.mark.parametrize("depth", [300, 500, 700, 900, 3000])
def test_a_deep_body_is_recorded_or_told(server, tmp_path, depth):
    path = tmp_path / "a.jsonl"
    deep = b"[" * depth + b"]" * depth
    server.reply = replying(json.dumps(completion()).encode()[:-1] + b', "x": ' + deep + b"}")
    try:
        _, report = run(server, path, [question("a.png")], tries=1)
    except EnvelopeError:
        return
    assert report.answered == len(lines_of_answers(path)) or report.faults == {"server": 1}


def test_an_error_keeps_the_status_that_only_http_said(server, tmp_path):
    path = tmp_path / "a.jsonl"
    server.reply = replying({"error": {"message": "no image"}}, 422)
    run(server, path, [question("a.png")])
    problems = []
    assert list(read_recordings(path, on_problem=problems.append)) == []
    assert problems[0].message == "the service answered with status 422: no image"


def test_two_runs_do_not_pay_for_the_same_file(server, tmp_path):
    path = tmp_path / "a.jsonl"
    first = ask([question("a.png"), question("b.png")], endpoint(server), path=path, limits=QUICK)
    next(first)
    with pytest.raises(FileError, match="another run is adding to"):
        list(ask([question("a.png")], endpoint(server), path=path, limits=QUICK))
    first.close()
    (tmp_path / ".a.jsonl.lock").write_bytes(b"")  # as a killed run leaves it
    assert list(ask([question("a.png")], endpoint(server), path=path, limits=QUICK)) == []
    assert [found.name for found in tmp_path.iterdir()] == ["a.jsonl"]


@pytest.mark.documented("Perceptron", "20 GB of media in 48 hours")
def test_the_limit_on_media_is_warned_of_once_and_counts_what_was_recorded(server, tmp_path):
    assert Endpoint.of("perceptron").media_bytes == 20_000_000_000
    path = tmp_path / "a.jsonl"
    medium = image(PNG + bytes(50_000))
    asked = endpoint(server, media_bytes=3 * len(medium.url) + 10_000)

    def large(*names):
        return [Question(request=Request(prompt="x", media=medium), key=name) for name in names]

    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        list(ask(large("a"), asked, path=path, limits=QUICK))
        assert not found
        list(ask(large("b", "c", "d", "e"), asked, path=path, limits=QUICK))
    assert len(found) == 1
    assert "within 48 hours" in str(found[0].message)
    old = path.read_text().replace('"asked_at":[1', '"asked_at":[0')
    path.write_text(old)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        list(ask(large("f"), asked, path=path, limits=QUICK))
