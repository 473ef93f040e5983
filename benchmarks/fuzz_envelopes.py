"""``python -m benchmarks.fuzz_envelopes --count 200000``: bodies, chunks and lines mutated; no answer lost in silence.

Each case plants texts in completions, knows where they are, and mutates what is sent or recorded of them: values,
names, bytes, lines, events and chunks. What must hold:

- nothing raises but the errors of this package;
- a planted text that the mutation left is in an answer, or a problem names its line, or an ending tells of a loss;
- the fast reader of lines and the scanner of lines give what the general one gives, bytes that are no JSON included;
- chunks fold to the body that they were cut from, and what is recorded is read back.

The first case that breaks a rule ends the run with status 1 and prints it. The same seed gives the same cases.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from benchmarks.envelope_drawing import EnvelopeDrawing, encoded
from perceptron_annotations.completions.answer_reading import AnswerReading
from perceptron_annotations.completions.bulk import Contents, read_contents, rest_of
from perceptron_annotations.completions.completion import Completion
from perceptron_annotations.completions.completion_stream import CompletionStream
from perceptron_annotations.completions.ending import ENDING_CODES
from perceptron_annotations.completions.recorded_lines import LineReader
from perceptron_annotations.completions.recording import record
from perceptron_annotations.completions.recording_files import read_recordings
from perceptron_annotations.completions.recordings import Recording
from perceptron_annotations.errors import AnnotationsError
from perceptron_annotations.files import Block
from perceptron_annotations.markup.document import Document
from perceptron_annotations.problems import Problem
from perceptron_annotations.table.line_columns import Wanted
from perceptron_annotations.table.read import table_of_recordings
from perceptron_annotations.table.recorded_table import Sent
from perceptron_annotations.table.scanned_lines import BlockScanner, line_scanner
from perceptron_annotations.table.table_parts import Parsing, TableParts

#: What is recorded is synced, which costs nothing in memory.
_MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of a random name is made in it


class Found(NamedTuple):
    """What a reader made of a case."""

    texts: list[str]
    problems: list[Problem]
    is_told: bool
    #: The lines with an answer that says that it is not whole.
    unsound: frozenset[int] = frozenset()

    def holds(self, plant: str) -> bool:
        """Whether a planted text is in an answer."""
        return any(plant in text for text in self.texts)


class BrokenRule(Exception):  # noqa: N818 - it ends the run
    """What a case showed."""


class Envelopes(EnvelopeDrawing):
    """Draws cases of all families; each checks itself and raises :class:`BrokenRule`."""

    def __init__(self, seed: int, folder: Path) -> None:
        super().__init__(seed)
        self._path = folder / "recorded.jsonl"
        self.families: dict[str, Callable[[], None]] = {
            "values of other types": lambda: self._lines(self._retyped),
            "other names": lambda: self._lines(self._renamed),
            "missing parts": lambda: self._lines(self._removed),
            "wrapped values": lambda: self._lines(self._wrapped),
            "more entries": lambda: self._lines(self._repeated),
            "damaged bytes": lambda: self._lines(None, self._damaged),
            "lines cut, joined and mixed": lambda: self._lines(None, self._mixed),
            "strange strings, names and numbers": self._misspelt_lines,
            "plain lines, misspelt": self._plain_lines,
            "whole bodies": self._bodies,
            "chunks on lines": self._chunk_lines,
            "events": self._events,
            "events with damage": lambda: self._events(is_damaged=True),
            "errors between": lambda: self._lines(self._failed),
            "folded": self._folded,
            "recorded": self._recorded,
        }

    # -- families ----------------------------------------------------------------------------------------------------

    def _lines(
        self, mutate: Callable[[dict[str, Any]], None] | None, damage: Callable[[bytes], bytes] | None = None
    ) -> None:
        drawn = [self._line() for _ in range(self._rng.choice([1, 1, 2, 3]))]
        for line, _ in drawn:
            if mutate is not None and self._rng.random() < 0.8:
                mutate(line)
        data = b"".join(encoded(line) + b"\n" for line, _ in drawn)
        if damage is not None:
            data = damage(data)
        self._check_lines(data, [plant for _, plants in drawn for plant in plants])

    def _check_lines(self, data: bytes, plants: list[str]) -> None:
        found = _read_lines(data)
        for plant in plants:
            at = data.find(plant.encode())
            if at < 0 or found.holds(plant):
                continue
            number = data.count(b"\n", 0, at) + 1
            place = f"line {number}"
            is_told = any(problem.place == place or plant in problem.raw for problem in found.problems)
            if not is_told and number not in found.unsound:
                raise BrokenRule(f"{plant} is lost in silence\n{data!r}\n{found}")

    def _misspelt_lines(self) -> None:
        """Lines that only have to be read in one way: what is misspelt may be another field, and no answer at all."""
        drawn = [self._line()[0] for _ in range(self._rng.choice([1, 1, 2, 3]))]
        _read_lines(self._misspelt(b"".join(encoded(line) + b"\n" for line in drawn)))

    def _plain_lines(self) -> None:
        """Lines that the scanner reads, but for a few of them."""
        plants = [self._plant() for _ in range(self._rng.randint(1, 5))]
        whole = [encoded(self._plain(plant)) + b"\n" for plant in plants]
        self._check_lines(b"".join(whole), plants)
        _read_lines(b"".join(self._misspelt(line) for line in whole))

    def _bodies(self) -> None:
        plants = [self._plant() for _ in range(self._rng.choice([1, 1, 2]))]
        body = self._body(plants)
        self._rng.choice([self._retyped, self._renamed, self._removed, self._wrapped, self._repeated, self._failed])(
            body
        )
        data = self._rng.choice([b"", b"\xef\xbb\xbf"]) + encoded(body)
        try:
            completion = Completion.decode(data, status=self._rng.choice([None, None, 200, 500]))
        except AnnotationsError as error:
            raise BrokenRule(f"{data!r} raised {error!r}") from error
        self._check(_found(completion), plants, data)

    def _check(self, found: Found, plants: list[str], data: bytes) -> None:
        lost = [plant for plant in plants if plant.encode() in data and not found.holds(plant)]
        if lost and not found.is_told:
            raise BrokenRule(f"{lost} are lost in silence\n{data!r}\n{found}")

    def _folded(self) -> None:
        body = self._chat([self._plant() for _ in range(self._rng.choice([1, 1, 2, 3]))])
        chunks = self._chunks(body)
        stream = CompletionStream()
        if self._rng.random() < 0.5:
            for chunk in chunks:
                stream.feed_chunk(chunk)
        else:
            data = self._framed(chunks)
            size = self._rng.randint(1, 200)
            for at in range(0, len(data), size):
                stream.feed(data[at : at + size])
        whole, folded = Completion.decode(body), stream.close()
        by_index = sorted(folded.answers, key=lambda answer: answer.raw["index"])
        said = [(a.content, a.reasoning, a.ending, a.tool_calls, a.finish_reason) for a in by_index]
        wanted = [(a.content, a.reasoning, a.ending, a.tool_calls, a.finish_reason) for a in whole.answers]
        if said != wanted or folded.usage != whole.usage or folded.problems:
            raise BrokenRule(f"{body}\nfolds to\n{folded}")

    def _events(self, *, is_damaged: bool = False) -> None:
        plants = [self._plant() for _ in range(self._rng.choice([1, 1, 2]))]
        chunks = self._chunks(self._chat(plants))
        if self._rng.random() < 0.7:
            mutate = self._rng.choice([self._retyped, self._renamed, self._removed, self._wrapped, self._failed])
            mutate(self._rng.choice(chunks))
        if self._rng.random() < 0.3:
            at = self._rng.randrange(len(chunks))
            chunks[at : at + 1] = self._rng.choice([[], [chunks[at]] * 2, [{"error": {"message": "no"}}, chunks[at]]])
        data = self._framed(chunks)
        if self._rng.random() < 0.3:
            data = data.replace(b"data: {", self._rng.choice([b"data: ping\n\ndata: {", b"data: null\n\ndata: {"]), 1)
        if is_damaged:
            data = self._damaged(data) if self._rng.random() < 0.7 else data[: self._rng.randrange(len(data) + 1)]
        stream = CompletionStream()
        size = self._rng.randint(1, 400)
        for at in range(0, len(data), size):
            stream.feed(data[at : at + size])
        seen = b"\n".join(line for line in data.replace(b"\r", b"\n").split(b"\n") if not _is_quiet(line))
        self._check(_found(stream.close()), plants, seen)

    def _chunk_lines(self) -> None:
        streams, plants = [], []
        for _ in range(self._rng.choice([1, 2, 2])):
            planted = [self._plant() for _ in range(self._rng.choice([1, 1, 2]))]
            plants += planted
            streams.append(self._chunks(self._chat(planted)))
        lines = []
        while any(streams):
            stream = self._rng.choice([stream for stream in streams if stream])
            lines += [stream.pop(0) for _ in range(min(len(stream), self._rng.choice([1, 3, 99])))]
        if self._rng.random() < 0.7:
            mutate = self._rng.choice([self._retyped, self._renamed, self._removed, self._wrapped, self._failed])
            mutate(self._rng.choice(lines))
        data = b"".join(encoded(line) + b"\n" for line in lines)
        if self._rng.random() < 0.3:
            data = self._mixed(data)
        self._check(_read_lines(data), plants, data)

    def _recorded(self) -> None:
        plants = [self._plant() for _ in range(self._rng.choice([1, 1, 2]))]
        body = self._chat(plants)
        stream = CompletionStream()
        chunks = self._chunks(body)
        for chunk in chunks[: self._rng.randint(0, len(chunks))] if self._rng.random() < 0.5 else chunks:
            stream.feed_chunk(chunk)
        if self._rng.random() < 0.3:
            stream.feed_chunk({"error": {"message": "overloaded", "code": 502}})
        completion = stream.close() if self._rng.random() < 0.7 else Completion.decode(body)
        self._path.unlink(missing_ok=True)
        record(completion, self._path, key="k")
        problems: list[Problem] = []
        found = list(read_recordings(self._path, on_problem=problems.append))
        said = [(each.content, each.reasoning, each.ending, each.choice) for each in found]
        wanted = [
            (a.content, a.reasoning, a.ending, a.index) for a in completion.answers if a.content or a.fault is None
        ]
        if said != wanted or (not problems and completion.fault is not None):
            raise BrokenRule(f"{completion}\nis read back as\n{said}\n{problems}")


def _is_quiet(line: bytes) -> bool:
    """Whether a line of a stream holds nothing by the standard: a comment, or another field than its data."""
    return line.partition(b":")[0] in (b"", b"event", b"id", b"retry") or line in (b"data", b"data:")


def _found(completion: Completion) -> Found:
    texts = [f"{answer.content}\n{answer.reasoning}" for answer in completion.answers]
    is_told = bool(completion.problems) or completion.fault is not None
    is_told = is_told or any(not answer.ending.is_sound for answer in completion.answers)
    for answer in completion.answers:
        _ = answer.text
    return Found(texts, [*completion.problems], is_told)


def _read_lines(data: bytes) -> Found:
    """What all readers find in a file, which must be the same."""
    problems: list[Problem] = []
    reader = LineReader(key=None, file="f", on_problem=problems.append)
    block = Block(1, data)
    recordings = [found for line in block.lines() for found in reader.read(line)] + list(reader.close())
    told: list[Problem] = []
    fast = LineReader(key=None, file="f", on_problem=told.append)
    contents: list[Contents] = [read_contents(block, fast), rest_of(fast)]
    bulk = [
        (key, text, assets, ending)
        for each in contents
        for key, text, assets, ending in zip(each.keys, each.texts, each.assets, each.endings, strict=True)
    ]
    general = [(each.key, each.content, each.assets, ENDING_CODES[each.ending]) for each in recordings]
    if bulk != general or told != problems:
        raise BrokenRule(f"the readers differ on {data!r}\n{bulk}\n{told}\n{general}\n{problems}")
    _compare_scanned(data, recordings, problems)
    is_told = bool(problems) or any(not each.ending.is_sound for each in recordings)
    unsound = frozenset([each.line_number for each in recordings if not each.ending.is_sound])
    return Found([f"{each.content}\n{each.reasoning}" for each in recordings], problems, is_told, unsound)


def _compare_scanned(data: bytes, recordings: list[Recording], problems: list[Problem]) -> None:
    """Whether the scanner of lines makes the same table of a file, with all that is said beside it."""
    told: list[Problem] = []
    parsing, wanted = Parsing(AnswerReading()), Wanted(texts=True)
    blocks = BlockScanner(lambda: line_scanner(parsing.reader(_no_document), wanted), wanted, threads=1)
    reader = LineReader(key=None, file="f", on_problem=told.append)
    parts = TableParts(parsing, wanted)
    for each in blocks.contents([Block(1, data)], reader):
        parts.add(each)
    parts.add(rest_of(reader))
    found = parts.recorded()
    general = Contents()
    for recording in recordings:
        general.add_recording(recording)
    sent = Sent(general.texts, general.choices, general.models, general.finish_reasons, general.lines)
    table = table_of_recordings(recordings, AnswerReading())
    said = (found.table.responses.key, repr([*found.assets]), found.sent, told)
    expected = (table.responses.key, repr(general.assets), sent, problems)
    if said != expected or found.table != table:
        raise BrokenRule(f"the scanner of lines differs on {data!r}\n{said}\n{expected}\n{found.table!r}\n{table!r}")


def _no_document(place: int) -> Document:
    raise BrokenRule(f"the scanner of lines asks for a document, number {place}")


def run(count: int, seed: int) -> Counter[str]:
    """So many cases, the families in turn; how many there were of each. Raises :class:`BrokenRule`."""
    cases: Counter[str] = Counter()
    with TemporaryDirectory(dir=_MEMORY if _MEMORY.is_dir() else None) as folder:
        drawn = Envelopes(seed, Path(folder))
        families = list(drawn.families.items())
        for number in range(count):
            name, check = families[number % len(families)]
            check()
            cases[name] += 1
    return cases


def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    start = time.perf_counter()
    try:
        cases = run(options.count, options.seed)
    except BrokenRule as broken:
        print(broken)
        return 1
    for name, number in cases.items():
        print(f"{number:>10,} {name}")
    print(
        f"{sum(cases.values()):>10,} cases, seed {options.seed}, in {time.perf_counter() - start:.0f} s: no rule broken"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
