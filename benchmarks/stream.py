"""``python -m benchmarks.stream``: 2,000 boxes inside one open collection, as they arrive.

The same answer is fed in deltas of 16 characters to a ``StreamParser``, and to the SDK's extractor (on a tenth of it:
its work grows with the square there), and parsed once by the pure parser. The last lines say how many characters have
to come before the first annotation is told.
"""

from __future__ import annotations

import importlib
import statistics
import time
from collections.abc import Callable
from typing import Any

from benchmarks.machine import describe
from perceptron_annotations import AnnotationFound, CompletionStream, Mode, Span, StreamParser
from perceptron_annotations.markup.parsing import parse_purely

_DELTA = 16
_ROUNDS = 7


def answer(boxes: int) -> str:
    """An answer that is one collection."""
    inner = " ".join(
        f'<point_box mention="cup {row}"> ({row % 900},{row % 700}) (950,960) </point_box>' for row in range(boxes)
    )
    return f'I see them: <collection mention="cups"> {inner} </collection> and no more.'


def seconds(work: Callable[[], object]) -> float:
    """The median of some runs."""
    found = []
    for _ in range(_ROUNDS):
        start = time.perf_counter()
        work()
        found.append(time.perf_counter() - start)
    return statistics.median(found)


def deltas(text: str) -> list[str]:
    """As a service sends it."""
    return [text[at : at + _DELTA] for at in range(0, len(text), _DELTA)]


def stream(pieces: list[str]) -> object:
    """Markup alone."""
    parser = StreamParser()
    for piece in pieces:
        parser.feed(piece)
    return parser.close()


def completion(chunks: list[dict[str, Any]]) -> object:
    """Whole chunks of a completion, folded and decoded."""
    reader = CompletionStream()
    for chunk in chunks:
        reader.feed_chunk(chunk)
    return reader.close().answer.document


def sdk_work(pieces: list[str]) -> Callable[[], object] | None:
    """The SDK's parser for streams, if it is installed."""
    try:
        module = importlib.import_module("perceptron.pointing.parser")
        parser_type = module.StreamingAnnotationParser
    except (ImportError, AttributeError):
        return None

    def work() -> object:
        parser = parser_type()
        for piece in pieces:
            parser.feed(piece)
        return parser

    return work


def first_annotation(text: str, delta: int) -> int:
    """How many characters have come when the first annotation is told."""
    parser = StreamParser()
    for at in range(0, len(text), delta):
        if any(isinstance(event, AnnotationFound) for event in parser.feed(text[at : at + delta])):
            return min(at + delta, len(text))
    return len(text)


def main() -> None:
    """Run all of it."""
    print(describe("perceptron-annotations", "perceptron"))
    text = answer(2000)
    pieces = deltas(text)
    chunks = [{"choices": [{"index": 0, "delta": {"content": piece}}]} for piece in pieces]
    whole = Span(0, len(text))
    once = seconds(lambda: parse_purely(text, whole, mode=Mode.LENIENT, cut=False))
    markup, folded = seconds(lambda: stream(pieces)), seconds(lambda: completion(chunks))
    print(f"\n2,000 boxes, {len(text):,} characters, {len(pieces):,} deltas")
    print(f"parsed once, pure parser   {once * 1e3:8.1f} ms")
    print(f"StreamParser               {markup * 1e3:8.1f} ms  {markup / once:6.2f}x")
    print(f"CompletionStream           {folded * 1e3:8.1f} ms  {folded / once:6.2f}x")
    for boxes in (1000, 4000):
        other = deltas(answer(boxes))
        print(f"StreamParser, {boxes:,} boxes  {seconds(lambda other=other: stream(other)) * 1e3:8.1f} ms")  # type: ignore[misc]
    text = answer(20)
    needed = text.index("</point_box>") + len("</point_box>")
    told = ", ".join(f"{first_annotation(text, delta)} in deltas of {delta}" for delta in (1, _DELTA))
    print(f"\nthe first annotation ends at character {needed} and is told at {told}")


if __name__ == "__main__":
    main()
