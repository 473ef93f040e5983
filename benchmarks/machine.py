"""What a benchmark ran on."""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import platform
import statistics
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

_SPUN_BYTES = 20_000_000
_SPUN_ROUNDS = 10_000_000


def describe(*packages: str) -> str:
    """The processor, Python and the versions of ``packages``, in one line each."""
    lines = [f"machine: {_processor()}, {os.cpu_count()} cores", f"python:  {platform.python_version()}"]
    for package in packages:
        try:
            lines.append(f"{package}: {version(package)}")
        except PackageNotFoundError:
            lines.append(f"{package}: run from the source tree")
    return "\n".join(lines)


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def spinning_threads(threads: int) -> float:
    """How many times as fast as one so many threads of C run outside the interpreter's lock: at best ``threads``."""
    data = bytes(_SPUN_BYTES)

    def spin(workers: int) -> float:
        with ThreadPoolExecutor(workers) as pool:
            start = time.perf_counter()
            list(pool.map(lambda _: hashlib.sha256(data).digest(), range(2 * threads)))
            return time.perf_counter() - start

    spin(threads)
    return statistics.median(spin(1) / spin(threads) for _ in range(5))


def spinning_processes(processes: int) -> float:
    """How many times as fast as one so many processes of plain Python run: at best ``processes``."""
    with ProcessPoolExecutor(processes, multiprocessing.get_context("spawn")) as pool:
        list(pool.map(_spun, [1] * processes * 2))

        def seconds(workers: int) -> float:
            start = time.perf_counter()
            for _ in range(2 * processes // workers):
                list(pool.map(_spun, [_SPUN_ROUNDS] * workers))
            return time.perf_counter() - start

        return statistics.median(seconds(1) / seconds(processes) for _ in range(5))


def _spun(rounds: int) -> int:
    return sum(range(rounds))
