"""No more than so many requests in any 60 seconds, as a property: with a simulated clock, and over restarts."""

import asyncio
import time

from hypothesis import example, given, settings
from hypothesis import strategies as st

from perceptron_annotations import Request
from perceptron_annotations.asking import AskLimits, RateWindow, ask_async
from tests.asking import virtual_time
from tests.asking.test_ask import completion, fake, lines


def most_in_any(times, seconds):
    """The most of ``times`` in any half-open window: an oracle that counts."""
    return max((sum(begin <= time < begin + seconds for time in times) for begin in times), default=0)


gaps = st.one_of(st.just(0.0), st.floats(0, 5), st.floats(0, 200))


@given(st.integers(1, 8), st.sampled_from([1.0, 60.0]), st.lists(gaps, max_size=60))
def test_never_too_many_and_never_too_late(limit, seconds, waits):
    window, now, sent = RateWindow(limit=limit, seconds=seconds), 0.0, []
    for wait in waits:
        now += wait
        delay = window.delay(now)
        assert delay >= 0
        if delay:  # an instant earlier would be too early
            assert most_in_any([*sent, now + delay * (1 - 1e-9) - 1e-9], seconds) > limit
        now += delay
        assert window.delay(now) < 1e-9
        window.add(now)
        sent.append(now)
        assert most_in_any([round(time, 6) for time in sent], seconds - 1e-5) <= limit


@given(st.integers(1, 8), st.lists(st.tuples(gaps, st.booleans()), max_size=60))
def test_never_too_many_over_restarts(limit, steps):
    """A new window that is given the recorded times goes on as the old one would have."""
    window, now, sent = RateWindow(limit=limit), 0.0, []
    for wait, restarts in steps:
        now += wait
        if restarts:
            old = window.delay(now)
            window = RateWindow(limit=limit, times=sent)
            assert window.delay(now) == old
        now += window.delay(now)
        window.add(now)
        sent.append(now)
        assert most_in_any([round(time, 6) for time in sent], 60 - 1e-5) <= limit


@given(st.integers(1, 5), st.lists(st.floats(0, 1000), max_size=20), st.permutations(range(20)))
def test_recorded_times_come_in_any_order(limit, times, order):
    shuffled = [times[place] for place in order if place < len(times)]
    assert RateWindow(limit=limit, times=times).delay(500) == RateWindow(limit=limit, times=shuffled).delay(500)


def test_a_clock_that_goes_back_does_not_let_more_through():
    window = RateWindow(limit=1, seconds=60)
    window.add(100.0)
    window.add(40.0)
    assert window.delay(100.0) == 60.0


class Service:
    """Remembers when it was asked, in the time of the loop; answers after a time that differs."""

    def __init__(self, offset):
        self.times = []
        self.offset = offset

    @property
    def client(self):
        async def create(**kwargs):
            self.times.append(self.offset + asyncio.get_running_loop().time())
            await asyncio.sleep(0.1 + len(self.times) % 7)
            return completion()

        return fake(create)


async def asked(service, keys, path, limits):
    questions = [Request(prompt=key) for key in keys]
    async for _ in ask_async(questions, service.client, model="m", path=path, limits=limits):
        pass


@settings(max_examples=15, deadline=None)
@given(rate=st.integers(1, 40), concurrency=st.integers(1, 20), runs=st.lists(st.integers(0, 60), max_size=4))
@example(rate=300, concurrency=16, runs=[700])
def test_a_run_keeps_the_rate_over_restarts(tmp_path_factory, rate, concurrency, runs):
    """The wall clock goes on with the virtual one from run to run, and the file has the times."""
    path = tmp_path_factory.mktemp("run") / "a.jsonl"
    limits = AskLimits(concurrency=concurrency, requests_per_minute=rate)
    real, elapsed, sent = time.time, 0.0, []
    start = real()
    try:
        for number, count in enumerate(runs):
            time.time = lambda elapsed=elapsed: start + elapsed
            service = Service(elapsed - 1000.0)
            _, seconds = virtual_time.run(asked(service, [f"{number}-{n}" for n in range(count)], path, limits))
            assert len(service.times) == count
            elapsed += seconds
            sent += service.times
    finally:
        time.time = real
    assert most_in_any([round(time, 4) for time in sent], 60) <= rate
    if sent:
        assert len(lines(path)) == sum(runs)
        # and it is used: all windows but the last are full, but for the time that one takes to answer
        assert max(sent) <= 61.0 * (len(sent) // rate) + 8 * (len(sent) / concurrency + 1)
