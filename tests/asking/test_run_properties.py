"""Runs against services that fail by chance, in virtual time, cut off at random moments: what always holds."""

import asyncio
import random
from collections import Counter
from contextlib import suppress
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from perceptron_annotations import Request
from perceptron_annotations.asking import Asker, AskLimits, Question
from perceptron_annotations.asking.retrying import wait_before
from perceptron_annotations.completions import FaultKind, ServiceError, ServiceFault
from tests.asking import virtual_time
from tests.asking.test_ask import completion, fake, lines

GOOD, LATER, NO, GONE, SLOW, WAIT, CAPPED = "good", "later", "no", "gone", "slow", "wait", "capped"
#: What comes of a try, and whether another one is worth it.
OUTCOMES = st.sampled_from([GOOD, GOOD, GOOD, CAPPED, LATER, NO, GONE, SLOW, WAIT])
TIMEOUT = 20.0


class HTTPError(Exception):
    """As clients raise it."""

    def __init__(self, status, headers):
        self.response = type("Response", (), {"status_code": status, "headers": headers, "content": b'{"error": "x"}'})


class Service:
    """Fails as it is told, question by question, then answers; remembers each request with its time."""

    def __init__(self, plans, seed):
        self.plans = {key: list(plan) for key, plan in plans.items()}
        self.random = random.Random(seed)
        self.asked = []
        self.in_flight = self.most_in_flight = 0

    async def create(self, **kwargs):
        key = kwargs["messages"][-1]["content"]
        plan = self.plans[key]
        outcome = plan.pop(0) if plan else GOOD
        self.asked.append((key, outcome, asyncio.get_running_loop().time()))
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            await asyncio.sleep(100 if outcome == SLOW else self.random.uniform(0, 5))
        finally:
            self.in_flight -= 1
        if outcome == GONE:
            raise ConnectionResetError
        if outcome in (LATER, NO, WAIT):
            raise HTTPError(400 if outcome == NO else 429, {"retry-after": "30"} if outcome == WAIT else {})
        return completion(reason="length" if outcome == CAPPED else "stop")


async def asked(service, keys, path, limits, stop_after=None):
    asker = Asker(fake(service.create), model="m", path=path, limits=limits)
    replies = []
    if stop_after is not None:
        asyncio.get_running_loop().call_later(stop_after, asker.abandon)
    questions = [Question(request=Request(prompt=key), key=key) for key in keys]
    with suppress(ServiceError):  # many failures in a row
        async for reply in asker.ask_async(questions):
            replies.append(reply)  # noqa: PERF401 - those before an error are kept
    return replies, asker.report


def is_whole(line):
    choices = line["response"].get("choices")
    return bool(choices) and choices[0]["finish_reason"] in ("stop", "length")


@settings(max_examples=30, deadline=None)
@given(
    plans=st.lists(st.lists(OUTCOMES, max_size=5), min_size=1, max_size=12),
    limits=st.builds(
        AskLimits,
        concurrency=st.integers(1, 6),
        tries=st.integers(1, 4),
        timeout=st.just(TIMEOUT),
        first_wait=st.sampled_from([0.0, 1.0, 8.0]),
    ),
    cuts=st.lists(st.floats(0, 60), max_size=4),
    seed=st.integers(0, 10),
)
def test_runs_that_fail_and_are_cut_off(tmp_path_factory, plans, limits, cuts, seed):
    path = tmp_path_factory.mktemp("run") / "a.jsonl"
    service = Service({f"q{number}": plan for number, plan in enumerate(plans)}, seed)
    keys = list(service.plans)
    whole = set()
    for stop_after in [*cuts, *[None] * 30]:
        first = len(service.asked)
        (replies, report), _ = virtual_time.run(asked(service, keys, path, limits, stop_after))
        sent = service.asked[first:]
        assert not whole & {key for key, _, _ in sent}
        check(replies, report, sent, limits)
        recorded = lines(path)
        whole = {line["key"] for line in recorded if is_whole(line)}
        assert {reply.key for reply in replies} <= {line["key"] for line in recorded}
        if stop_after is None and not report.failed and report.stopped is None:
            break
    assert Counter(line["key"] for line in recorded if is_whole(line)) == Counter(keys)
    assert service.most_in_flight <= limits.concurrency


def check(replies, report, sent, limits):
    """One run: no more tries than allowed, waits that were asked for, and counts that agree."""
    assert report.requests == len(sent)
    assert report.asked >= len(replies)
    for key in {key for key, _, _ in sent}:
        tries = [(outcome, time) for each, outcome, time in sent if each == key]
        assert len(tries) <= limits.tries
        assert all(outcome not in (GOOD, CAPPED, NO) for outcome, _ in tries[:-1])
        for (outcome, time), (_, later) in pairwise(tries):
            assert later - time >= {WAIT: 30, SLOW: TIMEOUT}.get(outcome, 0)
    for reply in replies:
        tries = [time for key, _, time in sent if key == reply.key]
        assert len(reply.asked_at) == len(tries)
        assert [round(b - a, 3) for a, b in pairwise(reply.asked_at)] == [round(b - a, 3) for a, b in pairwise(tries)]


faults = st.builds(
    ServiceFault,
    kind=st.sampled_from(FaultKind),
    message=st.just("x"),
    status=st.sampled_from([None, 400, 409, 429, 500]),
    retry_after=st.one_of(st.none(), st.floats(0, 500)),
)


@given(faults, st.integers(2, 40), st.integers(1, 40), st.floats(0, 10), st.floats(0, 300))
def test_waits_are_within_their_bounds(fault, number, tries, first, longest):
    limits = AskLimits(tries=tries, first_wait=first, longest_wait=longest)
    wait = wait_before(number, fault, limits)
    may_pass = fault.kind in {FaultKind.RATE_LIMIT, FaultKind.TIMEOUT, FaultKind.SERVER} or fault.status == 409
    is_too_long = fault.retry_after is not None and fault.retry_after > longest
    assert (wait is None) == (number > tries or not may_pass or is_too_long)
    if wait is not None and fault.retry_after is not None:
        assert fault.retry_after <= wait <= fault.retry_after + first
    elif wait is not None:
        assert 0 <= wait <= min(first * 2 ** (number - 2), longest)


def test_waits_differ_and_grow():
    fault = ServiceFault(kind=FaultKind.SERVER, message="x")
    limits = AskLimits(tries=10, first_wait=1, longest_wait=60)
    means = [sum(wait_before(number, fault, limits) for _ in range(2000)) / 2000 for number in range(2, 8)]
    for mean, wanted in zip(means, [0.5, 1, 2, 4, 8, 16], strict=True):
        assert abs(mean - wanted) < 0.1 * wanted
