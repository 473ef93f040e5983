"""``python -m benchmarks.long_run``: ten million recorded answers to Parquet, from JSON Lines and from gzip.

The disk has to hold one shard and its Parquet, as printed before it begins: another process writes a shard
(``--folder``), this one converts it, both are deleted, and so on. Only the conversion is timed. The peak of memory
is that of this process over all shards of a form; the number of rows of every Parquet file is checked.
"""

from __future__ import annotations

import argparse
import gzip
import json
import multiprocessing
import resource
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

import pyarrow.parquet as pq

from benchmarks.corpus import Corpus, Mix
from benchmarks.machine import describe, spinning_threads
from perceptron_annotations.table import iter_tables, write_parquet

#: Answers that differ; their keys and images all do.
_TEXTS = 40_000
#: The answers that the size of a shard is estimated by.
_SAMPLE = 1_000
#: Quick, for it is not what is measured.
_GZIP_LEVEL = 1
_FORMS = ("jsonl", "jsonl.gz")


class Ran(NamedTuple):
    """What converting some shards took."""

    answers: int
    seconds: float
    bytes_read: int
    peak: float

    @property
    def rate(self) -> float:
        """Answers in a second."""
        return self.answers / self.seconds


def lines(first: int, count: int) -> Iterator[bytes]:
    """Recordings of kind answers as ``record`` writes them, with requests and assets."""
    texts = [json.dumps(text) for text in Corpus(3).answers(Mix.KIND, min(count, _TEXTS))]
    for number in range(first, first + count):
        yield (
            f'{{"key":"k{number}","response":{{"id":"chatcmpl-{number}","object":"chat.completion","created":1767225600,'
            f'"model":"perceptron-mk1","choices":[{{"index":0,"message":{{"role":"assistant","content":'
            f'{texts[number % len(texts)]}}},"finish_reason":"stop"}}],"usage":{{"prompt_tokens":1200,'
            f'"completion_tokens":150,"total_tokens":1350}}}},"request":{{"model":"perceptron-mk1","messages":[{{"role":'
            f'"user","content":[{{"type":"image_url","image_url":{{"url":"file:///images/{number:09}.jpg"}}}},{{"type":'
            f'"text","text":"Find all cups and say how many there are."}}]}}]}},"assets":[{{"file_name":'
            f'"{number:09}.jpg","width":1920,"height":1080}}]}}\n'
        ).encode()


def write_shard(path: str, first: int, count: int) -> None:
    """A file of recordings, compressed if its name says so."""
    with Path(path).open("wb") as raw:
        stream: BinaryIO = (
            gzip.GzipFile(fileobj=raw, mode="wb", compresslevel=_GZIP_LEVEL) if path.endswith("gz") else raw
        )  # type: ignore[assignment]
        with stream:
            stream.writelines(lines(first, count))


def beside(work: object, *arguments: object) -> None:
    """Run ``work`` in a new process, whose memory is not that of this one."""
    process = multiprocessing.get_context("spawn").Process(target=work, args=arguments)  # type: ignore[arg-type]
    process.start()
    process.join()
    if process.exitcode:
        raise SystemExit(process.exitcode)


def convert(source: Path, target: Path, answers: int, threads: int) -> float:
    """The seconds of a conversion."""
    start = time.perf_counter()
    write_parquet(iter_tables(source, threads=threads), target)
    took = time.perf_counter() - start
    rows = pq.ParquetFile(target).metadata.num_rows
    if rows != answers:
        raise SystemExit(f"{target} has {rows} rows for {answers} answers")
    return took


def run(form: str, answers: int, shard: int, threads: int, folder: Path) -> Ran:
    """All shards of one form."""
    seconds, size = 0.0, 0
    for first in range(0, answers, shard):
        count = min(shard, answers - first)
        source, target = folder / f"shard.{form}", folder / "shard.parquet"
        beside(write_shard, str(source), first, count)
        seconds += convert(source, target, count, threads)
        size += source.stat().st_size
        source.unlink()
        target.unlink()
    return Ran(answers, seconds, size, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6)


def show(form: str, answers: int, shard: int, threads: int, folder: str) -> None:
    """Run one form, and print what it took."""
    ran = run(form, answers, shard, threads, Path(folder))
    print(
        f"{form:<10}{ran.answers:>12,} answers, {threads} threads: {ran.seconds:8.1f} s, {ran.rate:9,.0f}/s, "
        f"{ran.bytes_read / ran.seconds / 1e6:6.0f} MB/s of the file, peak {ran.peak:,.0f} MB (wanted: below 1,000); "
        f"100 million would take {1e8 / ran.rate / 60:.0f} minutes",
        flush=True,
    )


def main() -> None:
    """Both forms, each in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--answers", type=int, default=10_000_000)
    parser.add_argument("--shard", type=int, default=500_000)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--folder", default=None)
    options = parser.parse_args()
    print(describe("perceptron-annotations", "msgspec", "pyarrow"))
    shard = min(options.shard, options.answers)
    size = sum(map(len, lines(0, _SAMPLE))) / _SAMPLE * shard
    print(f"a shard of {shard:,} answers has {size / 1e9:.2f} GB: {1.4 * size / 1e9:.2f} GB of disk with its Parquet")
    print(f"two plain threads of C run {spinning_threads(2):.2f}x as fast as one here", flush=True)
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        for form in _FORMS:
            beside(show, form, options.answers, shard, options.threads, folder)


if __name__ == "__main__":
    main()
