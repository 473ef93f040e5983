"""``python -m benchmarks.file_stages``: recordings in JSON Lines → a table, stage by stage, beside msgspec alone.

Two files: bare bodies as services send them, and lines as ``record`` writes them, with requests and assets. msgspec
decodes the same blocks into the fields that an answer needs, each block dropped before the next. Times are CPU seconds
of one process, the least of several turns, so other work on the machine counts little; only the row of two threads is
by the clock, and beside it stands what two threads of plain C reach at the same time.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks.corpus import Corpus, Mix
from benchmarks.machine import describe, spinning_threads
from perceptron_annotations import parse_batch, read_table
from perceptron_annotations.completions.answer_reading import AnswerReading
from perceptron_annotations.completions.plain_lines import LINES
from perceptron_annotations.files import open_input
from perceptron_annotations.markup.document import Document
from perceptron_annotations.table.line_columns import LineColumns, Scanned, Wanted
from perceptron_annotations.table.scanned_lines import line_scanner
from perceptron_annotations.table.table_parts import Parsing, TableParts

_WANTED = Wanted(assets=False)


def least(work: Callable[[], object], turns: int) -> float:
    """The CPU seconds of the quickest turn."""
    found = []
    for _ in range(turns):
        start = time.process_time()
        work()
        found.append(time.process_time() - start)
    return min(found)


def clock(work: Callable[[], object]) -> float:
    """Seconds by the clock."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def write(texts: Sequence[str], path: Path, *, is_bare: bool) -> None:
    """Recordings of some answers."""
    usage = {"prompt_tokens": 1200, "completion_tokens": 150, "total_tokens": 1350}
    with path.open("w", encoding="utf-8") as file:
        for number, text in enumerate(texts):
            choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
            body = {"id": f"chatcmpl-{number}", "object": "chat.completion", "created": 1767225600, "usage": usage}
            body |= {"model": "perceptron-mk1", "choices": [choice]}
            url = {"url": f"file:///images/{number:06}.jpg"}
            parts = [{"type": "image_url", "image_url": url}, {"type": "text", "text": "Find all cups."}]
            request = {"model": "perceptron-mk1", "messages": [{"role": "user", "content": parts}]}
            assets = [{"file_name": f"{number:06}.jpg", "width": 1920, "height": 1080}]
            line = body if is_bare else {"key": f"k{number}", "response": body, "request": request, "assets": assets}
            file.write(json.dumps(line, ensure_ascii=False) + "\n")


def no_document(place: int) -> Document:
    """The scanner of lines leaves what it does not decide."""
    raise AssertionError(place)


def show(name: str, path: Path, texts: Sequence[str], turns: int) -> None:
    """Print the stages of one file."""
    parsing = Parsing(AnswerReading())
    with open_input(path) as file:
        blocks = [block.data for block in file.blocks()]

    def decoded() -> None:
        for data in blocks:
            LINES.decode_lines(data)

    def cut() -> None:
        with open_input(path) as file:
            for _ in file.blocks(count_lines=lambda _: 0):  # NumPy counts them in no time
                pass

    def scanned(parts: TableParts | None = None) -> None:
        lines = line_scanner(parsing.reader(no_document), _WANTED)
        for data in blocks:
            found, at = LineColumns(_WANTED), 0
            while at < len(data):  # past the lines that are left
                at = lines.feed_lines(data, at, found)
                at = data.find(b"\n", at) + 1 or len(data)
            if parts is not None:
                parts.add(Scanned(found, lines.scanner))

    def collected() -> None:
        scanned(TableParts(parsing, _WANTED))

    def built() -> None:
        parts = TableParts(parsing, _WANTED)
        scanned(parts)
        parts.table()

    alone, reading, scanning = least(decoded, turns), least(cut, turns), least(scanned, turns)
    collecting, building = least(collected, turns), least(built, turns)
    parsing_list, whole = least(lambda: parse_batch(texts), turns), least(lambda: read_table(path), turns)
    size, count = path.stat().st_size, len(texts)
    print(f"\n{name}, {count:,} answers, {size / 1e6:.0f} MB{'':<12}{'ms':>8}{'µs a line':>12}{'share':>8}")
    stages = {
        "reading and cutting the file": reading,
        "finding the answers in the lines": scanning - parsing_list,
        "scanning them (parse_batch of the list)": parsing_list,
        "appending block to block": collecting - scanning,
        "the table of the columns": building - collecting,
        "read_table": whole,
        "msgspec alone": alone,
    }
    for stage, took in stages.items():
        print(f"{stage:<42}{took * 1e3:>8.1f}{took / count * 1e6:>12.2f}{took / whole:>8.0%}")
    print(f"read_table runs at {alone / whole:.0%} of msgspec's rate (wanted: 40 %), {size / whole / 1e6:.0f} MB/s")
    pairs = [(clock(lambda: read_table(path)), clock(lambda: read_table(path, threads=2))) for _ in range(turns)]
    faster = statistics.median(one / two for one, two in pairs)
    print(f"two threads: {faster:.2f}x as fast as one (wanted: 1.4x); two of plain C: {spinning_threads(2):.2f}x")


def main() -> None:
    """Run both files."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--answers", type=int, default=40_000)
    parser.add_argument("--turns", type=int, default=9)
    parser.add_argument("--mix", type=Mix, default=Mix.KIND, choices=list(Mix))
    options = parser.parse_args()
    print(describe("perceptron-annotations", "msgspec", "numpy"))
    texts = Corpus(1).answers(options.mix, options.answers)
    print(f"mix: {options.mix}")
    with tempfile.TemporaryDirectory() as folder:
        for name, is_bare in (("bare bodies", True), ("with requests and assets", False)):
            path = Path(folder) / "answers.jsonl"
            write(texts, path, is_bare=is_bare)
            show(name, path, texts, options.turns)


if __name__ == "__main__":
    main()
