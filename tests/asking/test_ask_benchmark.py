"""A sample of ``benchmarks/ask.py``: the rate that is promised, and steps that can be timed."""

from benchmarks.ask import rate, steps, write_images


def test_twenty_requests_a_second_with_sixteen_at_once(tmp_path):
    paths = write_images(tmp_path, 64, 100_000)
    requests_a_second, _ = rate(paths, tmp_path, 0.4)  # 40 a second are possible
    assert requests_a_second >= 20
    assert [*steps(paths[0], tmp_path)] == ["image", "request", "hash", "client", "decode", "line", "disk"]
