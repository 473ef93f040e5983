"""A sample of the mutations of ``benchmarks.fuzz_envelopes``, another one in each run."""

import random

from benchmarks.fuzz_envelopes import run


def test_no_answer_is_lost_in_silence():
    seed = random.randrange(2**32)
    print("seed", seed)
    cases = run(1400, seed)
    assert len(cases) >= 10
    assert set(cases.values()) == {100}
