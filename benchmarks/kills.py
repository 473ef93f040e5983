"""``python -m benchmarks.kills``: the job on engines, whose processes are killed at random moments.

Each engine is installed in an environment of its own, which is kept. For each kind of process that can die there is a
number of runs: one process of that kind is killed by its pid at a moment drawn from the length of a run that nobody
disturbs; after the death of a driver the job is run again, as an operator would. What comes out must be equal to what
one process writes, with nothing left over. Prints a row for each kill; exit status 1 if one shows a difference.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.machine import describe
from tests.engines.engine_runs import PARTS, REQUIREMENTS, EngineRun, differences
from tests.engines.job_inputs import write_inputs
from tests.engines.killed_runs import VICTIMS, killed_run


def undisturbed(engine: str, inputs: Path, wanted: Path, output: Path) -> float:
    """The seconds of a run that nobody disturbs, which must write the same."""
    start = time.monotonic()
    run = EngineRun(engine, inputs, output)
    run.driver.wait()
    took = time.monotonic() - start
    found = differences(run.finish(), wanted)
    if found:
        raise SystemExit(f"{engine} without a kill: {found}")
    return took


def kill_often(victim: str, times: int, inputs: Path, wanted: Path, folder: Path) -> bool:
    """Run until ``times`` kills have hit, and print each; whether none of them showed a difference."""
    output = folder / "found"
    kills = []
    duration = undisturbed(VICTIMS[victim][0], inputs, wanted, output)
    print(f"\n{victim}: a run takes {duration:.0f} s", flush=True)
    for seed in range(3 * times):
        shutil.rmtree(output)
        kill = killed_run(victim, seed, inputs, wanted, output, duration)
        kills.append(kill)
        result = "equal" if not kill.differences else f"NOT EQUAL: {kill.differences}"
        hit = "done before" if kill.hit is None else kill.hit[:60]
        left = f", {kill.stragglers} processes did not end by themselves" if kill.stragglers else ""
        print(f"  {kill.moment:6.1f} s  {hit:<60}  {result}{left}", flush=True)
        if sum(each.hit is not None for each in kills) == times:
            break
    shutil.rmtree(output)
    hits = [kill for kill in kills if kill.hit is not None]
    good = sum(not kill.differences for kill in hits)
    print(f"{victim}: {len(hits)} kills hit, {good} results equal and nothing left over", flush=True)
    return len(hits) == times and not any(kill.differences for kill in kills)


def main() -> None:
    """Kill each kind of process so many times."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=10)
    parser.add_argument("--only", action="append", choices=VICTIMS, help="what is killed; may be repeated")
    options = parser.parse_args()
    os.environ["PEERS"] = "required"
    versions = [REQUIREMENTS[engine][0] for engine in ("ray", "spark")]
    print(describe("perceptron-annotations", "pyarrow"), *versions, sep="\n")
    with tempfile.TemporaryDirectory() as name:
        inputs = Path(name) / "job"
        write_inputs(inputs, PARTS)
        wanted = EngineRun("one process", inputs, inputs / "wanted").finish()
        good = [kill_often(victim, options.times, inputs, wanted, Path(name)) for victim in options.only or VICTIMS]
    sys.exit(not all(good))


if __name__ == "__main__":
    main()
