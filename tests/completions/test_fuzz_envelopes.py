"""A sample of the mutations of ``benchmarks.fuzz_envelopes``."""

from benchmarks.fuzz_envelopes import run


def test_no_answer_is_lost_in_silence():
    cases = run(1600, seed=20)
    assert len(cases) >= 10
    assert set(cases.values()) == {100}
