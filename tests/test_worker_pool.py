"""Calls in worker processes: in order, whatever dies, and gone when nobody wants them any more."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from perceptron_annotations.errors import FileError
from perceptron_annotations.limits import current_limits, use_limits
from perceptron_annotations.worker_pool import WorkerDiedError, WorkerPool, results_in_order

pytestmark = pytest.mark.skipif(not Path("/proc").exists(), reason="kills processes by signal 9")


def squares(numbers):
    """The later calls of some are done before the first ones."""
    time.sleep(0.02 * (3 - numbers[0] % 3))
    yield from (number**2 for number in numbers)


def arrays(size):
    yield {"bytes": os.urandom(3), "pair": np.arange(size).reshape(2, -1), "text": "猫\ud800"}


def dies_once(path):
    """Gives a result, and the process is killed before the second, unless it was before."""
    yield "first"
    if not Path(path).exists():
        Path(path).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    yield "second"


def dies(number):
    yield number
    os.kill(os.getpid(), signal.SIGKILL)


def fails(path):
    os.write(1, b"what is printed is not a reply\n")
    raise FileError(f"cannot read {path}")


def limit(_):
    yield current_limits().line_bytes


def never_ends(_):
    number = 0
    while True:
        yield number
        number += 1


def unpicklable(_):
    yield lambda: None


def take(pool, function, *arguments):
    return list(pool.call(function, *arguments).results())


def test_results_come_in_the_order_of_the_calls():
    given = [range(start, start + 4) for start in range(0, 60, 4)]
    wanted = [number**2 for number in range(60)]
    for processes in (1, 3):
        assert list(results_in_order(squares, given, processes=processes)) == wanted


def test_one_pool(tmp_path, capfd):
    """What goes wrong in a call is told by that call alone; the others have their results."""
    with WorkerPool(2) as pool:
        [made] = take(pool, arrays, 2_000_000)
        assert (len(made["bytes"]), made["text"]) == (3, "猫\ud800")
        np.testing.assert_array_equal(made["pair"], np.arange(2_000_000).reshape(2, -1))
        assert take(pool, dies_once, str(tmp_path / "died")) == ["first", "second"]
        with pytest.raises(FileError, match="cannot read a") as caught:
            take(pool, fails, "a")
        assert "in fails" in caught.value.__notes__[0]
        with use_limits(line_bytes=17):
            assert take(pool, limit, None) == [17]
        with pytest.raises(WorkerDiedError, match="signal 9"):
            take(pool, dies, 1)
        with pytest.raises((AttributeError, TypeError, RuntimeError, WorkerDiedError)):
            take(pool, unpicklable, None)
        with pytest.raises((AttributeError, TypeError)):
            take(pool, lambda each: iter([each]), None)
        dropped = pool.call(never_ends, None)
        assert next(dropped.results()) == 0
        assert take(pool, limit, None) == [current_limits().line_bytes]
    assert "what is printed is not a reply" in capfd.readouterr().err


def test_it_ends_while_workers_are_busy():
    start = time.monotonic()
    with WorkerPool(2) as pool:
        calls = [pool.call(never_ends, None) for _ in range(5)]
        assert next(calls[0].results()) == 0
    assert time.monotonic() - start < 10


def test_workers_do_not_run_the_program_again(tmp_path):
    """A script without a guard may use them, from any folder."""
    script = tmp_path / "script.py"
    script.write_text(
        "import operator\nprint('once')\n"
        "from perceptron_annotations.table import split_files\n"
        "from perceptron_annotations.worker_pool import results_in_order\n"
        "print(list(results_in_order(iter, [[1], [2]], processes=2)))\n"
    )
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(path or str(Path.cwd()) for path in sys.path)}
    found = subprocess.run([sys.executable, script], cwd=tmp_path, env=environment, capture_output=True, check=True)
    assert found.stdout.split(b"\n")[:2] == [b"once", b"[1, 2]"]
