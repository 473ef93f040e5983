"""``python -m benchmarks.large``: memory, and files that are larger than it.

Each figure is of a process of its own. A table's peak is what the process needs above what it had with the answers in
memory; the file of recordings is written to a temporary folder (``--folder``) and removed.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.corpus import Corpus, Mix
from benchmarks.machine import describe
from perceptron_annotations import AnnotationTable, parse_batch, read_table
from perceptron_annotations.table import iter_tables

_MB = 1e6


def resident() -> float:
    """Megabytes that this process holds now."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / _MB


def peak() -> float:
    """Megabytes that this process held at most."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / _MB


def columns_of(table: AnnotationTable) -> float:
    """Megabytes of all columns."""
    return sum(each.nbytes for each in (table, table.responses, table.containers, table.issues)) / _MB


def run(work: Callable[..., None], *arguments: object) -> None:
    """Run ``work`` in a new process."""
    process = multiprocessing.get_context("spawn").Process(target=work, args=arguments)
    process.start()
    process.join()
    if process.exitcode:
        raise SystemExit(process.exitcode)


def list_to_table(answers: int, threads: int) -> None:
    """The memory that a batch needs above its answers."""
    texts = Corpus(1).answers(Mix.KIND, answers)
    parse_batch(texts[:1000])
    before = resident()
    start = time.perf_counter()
    table = parse_batch(texts, threads=threads)
    took = time.perf_counter() - start
    columns = columns_of(table)
    needed = peak() - before
    print(
        f"{answers:>9,} answers, {threads} threads: columns {columns:.0f} MB, peak {needed:.0f} MB above the answers: "
        f"{needed / columns:.2f} x the columns, or columns + {max(0.0, needed - columns):.0f} MB; {took:.2f} s"
    )


def file_to_table(path: str) -> None:
    """The memory that a file needs, read whole."""
    before = resident()
    table = read_table(path)
    columns = columns_of(table)
    needed = peak() - before
    print(
        f"{Path(path).stat().st_size / _MB:>9,.0f} MB file as one table: columns {columns:.0f} MB and "
        f"{len(table.responses):,} keys, peak {needed:.0f} MB: {needed / columns:.2f} x the columns"
    )


def file_in_batches(path: str, threads: int) -> None:
    """The speed and the memory of the iterator."""
    start = time.perf_counter()
    responses = annotations = 0
    for table in iter_tables(path, threads=threads):
        responses += len(table.responses)
        annotations += len(table)
    took = time.perf_counter() - start
    size = Path(path).stat().st_size / _MB
    print(
        f"{size:>9,.0f} MB file a batch at a time, {threads} threads: {size / took:.0f} MB/s, peak memory of the whole "
        f"process {peak():.0f} MB ({responses:,} responses, {annotations:,} annotations)"
    )


def write_file(path: Path, size: int) -> None:
    """Recordings of about ``size`` bytes; their keys differ, and their answers are 50,000 that repeat."""
    texts = [json.dumps(text) for text in Corpus(2).answers(Mix.KIND, 50_000)]
    written = number = 0
    with path.open("w", encoding="utf-8") as file:
        while written < size:
            lines = "".join(
                f'{{"id":"c-{number + place}","object":"chat.completion","model":"perceptron-mk1","choices":['
                f'{{"index":0,"message":{{"role":"assistant","content":{text}}},"finish_reason":"stop"}}]}}\n'
                for place, text in enumerate(texts)
            )
            number += len(texts)
            written += file.write(lines)


def main() -> None:
    """Run all of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--answers", type=int, default=1_000_000)
    parser.add_argument("--gigabytes", type=float, default=2.0)
    parser.add_argument("--folder", default=None)
    options = parser.parse_args()
    print(describe("perceptron-annotations", "msgspec", "numpy"))
    for threads in (1, 2):
        run(list_to_table, options.answers, threads)
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        small, large = Path(folder) / "small.jsonl", Path(folder) / "large.jsonl"
        write_file(small, 100_000_000)
        run(file_to_table, str(small))
        write_file(large, int(options.gigabytes * 1e9))
        for threads in (1, 2):
            run(file_in_batches, str(large), threads)


if __name__ == "__main__":
    main()
