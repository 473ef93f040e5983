"""Runs of the job of ``examples/engines`` in which one process is killed by its pid."""

import os
import random
import signal
import time
from typing import NamedTuple

from tests.engines.engine_runs import EngineRun, differences

#: What dies: the engine, and how the commands of its processes begin or what they hold; None for the driver itself.
VICTIMS = {
    "ray worker": ("ray", "ray::"),
    "ray driver": ("ray", None),
    "spark executor": ("spark", "CoarseGrainedExecutorBackend"),
    "spark driver": ("spark", None),
    "one process": ("one process", None),
}
#: A worker of Ray that does nothing at the moment.
_IDLE = "ray::IDLE"


class Kill(NamedTuple):
    """One run with one kill."""

    #: Seconds after the start of the job, or after the first worker was there.
    moment: float
    #: The command of the process that was killed; None if the job was done before.
    hit: str | None
    differences: list[str]
    #: Processes that did not end by themselves after the death of their driver.
    stragglers: int


def killed_run(victim, seed, inputs, wanted, output, duration):
    """Run the job, kill one of its processes somewhere in ``duration`` seconds, and compare what it wrote."""
    engine, words = VICTIMS[victim]
    draw = random.Random(f"{victim} {seed}")
    moment = draw.uniform(0, duration)
    run = EngineRun(engine, inputs, output)
    stragglers, hit = 0, None
    try:
        if words is not None:
            _wait_until(lambda: _workers(run, words), run)
        deadline = time.monotonic() + moment
        _wait_until(lambda: time.monotonic() >= deadline, run)
        hit = _kill(run, words, draw)
        if hit and words is None:
            run.driver.wait()
            stragglers = run.end()
            run = EngineRun(engine, inputs, output)
    finally:
        run.finish()
    return Kill(moment, hit, differences(output, wanted), stragglers)


def _kill(run, words, draw):
    """Kill the driver, or one of the workers that have something to do, if the job is not done."""
    found = {}
    _wait_until(lambda: found.update(_workers(run, words) if words else {run.driver.pid: "driver"}) or found, run)
    if not (found and run.is_running):
        return None
    pid = draw.choice(sorted(found))
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return None
    return found[pid]


def _workers(run, words):
    return {pid: name for pid, name in run.processes().items() if words in name and _IDLE not in name}


def _wait_until(holds, run):
    while run.is_running and not holds():
        time.sleep(0.05)
