"""``python -m benchmarks.fuzz_envelopes --count 200000``: bodies, chunks and lines mutated; no answer lost in silence.

Each case plants texts in completions, knows where they are, and mutates what is sent or recorded of them: values,
names, bytes, lines, events and chunks. What must hold:

- nothing raises but the errors of this package;
- a planted text that the mutation left is in an answer, or a problem names its line, or an ending tells of a loss;
- the fast reader of lines gives what the general one gives;
- chunks fold to the body that they were cut from, and what is recorded is read back.

The first case that breaks a rule ends the run with status 1 and prints it. The same seed gives the same cases.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from perceptron_annotations.completions.bulk import Contents, read_contents, rest_of
from perceptron_annotations.completions.completion import Completion
from perceptron_annotations.completions.completion_stream import CompletionStream
from perceptron_annotations.completions.ending import ENDING_CODES
from perceptron_annotations.completions.recorded_lines import LineReader
from perceptron_annotations.completions.recording import record
from perceptron_annotations.completions.recording_files import read_recordings
from perceptron_annotations.errors import AnnotationsError
from perceptron_annotations.files import Block
from perceptron_annotations.problems import Problem

_STRANGE: tuple[Any, ...] = (
    None,
    True,
    False,
    0,
    -1,
    5.0,
    1.5,
    10**30,
    "",
    "x",
    [],
    ["x"],
    [5],
    {},
    {"x": 1},
    [[]],
    [{}],
)
_NAMES = ("text", "content", "choices", "message", "delta", "error", "object", "index", "usage", "results", "id", "key")
_BYTES = b'\x00\xff\xc3"{}[],:\\ \nxX0\xef\xbb\xbf'
_REASONS = ("stop", "stop", "stop", "length", "tool_calls", "content_filter", "error", None, "", "end_turn")
#: What is recorded is synced, which costs nothing in memory.
_MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of a random name is made in it
_LINE_ENDS = (b"\n", b"\r\n", b"\r")


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


class Envelopes:
    """Draws cases of all families; each checks itself and raises :class:`BrokenRule`."""

    def __init__(self, seed: int, folder: Path) -> None:
        self._rng = random.Random(seed)
        self._path = folder / "recorded.jsonl"
        self._planted = 0
        self.families: dict[str, Callable[[], None]] = {
            "values of other types": lambda: self._lines(self._retyped),
            "other names": lambda: self._lines(self._renamed),
            "missing parts": lambda: self._lines(self._removed),
            "wrapped values": lambda: self._lines(self._wrapped),
            "more entries": lambda: self._lines(self._repeated),
            "damaged bytes": lambda: self._lines(None, self._damaged),
            "lines cut, joined and mixed": lambda: self._lines(None, self._mixed),
            "whole bodies": self._bodies,
            "chunks on lines": self._chunk_lines,
            "events": self._events,
            "events with damage": lambda: self._events(is_damaged=True),
            "errors between": lambda: self._lines(self._failed),
            "folded": self._folded,
            "recorded": self._recorded,
        }

    # -- what is planted ---------------------------------------------------------------------------------------------

    def _plant(self) -> str:
        self._planted += 1
        return f"plant{self._planted}x"

    def _content(self, plant: str) -> str:
        before = self._rng.choice(["", "", "see ", "<think>hm</think>", "é猫 "])
        return f'{before}<point mention="{plant}"> (12,34) </point>' + self._rng.choice(
            ["", " done", "\n", "<|im_end|>"]
        )

    def _message(self, plant: str) -> dict[str, Any]:
        content: Any = self._content(plant)
        if self._rng.random() < 0.2:
            content = [{"type": "text", "text": content}, {"type": "text", "text": " more"}]
        message = {"role": "assistant", "content": content}
        if self._rng.random() < 0.3:
            message |= {"reasoning": "why", "reasoning_details": [{"type": "reasoning.text", "text": "why"}]}
        if self._rng.random() < 0.1:
            message["tool_calls"] = [{"id": "t", "type": "function", "function": {"name": "f", "arguments": "{}"}}]
        if self._rng.random() < 0.1:
            message["refusal"] = self._rng.choice([None, "no"])
        return message

    def _choice(self, plant: str, index: int) -> dict[str, Any]:
        reason = self._rng.choice(_REASONS)
        if self._rng.random() < 0.15:
            return {"index": index, "text": self._content(plant), "finish_reason": reason or "stop"}
        return {"index": index, "message": self._message(plant), "finish_reason": reason}

    def _body(self, plants: list[str]) -> dict[str, Any]:
        choices = [self._choice(plant, index) for index, plant in enumerate(plants)]
        body: dict[str, Any] = {"id": f"c{self._planted}", "object": "chat.completion", "created": 1, "model": "m"}
        if self._rng.random() < 0.15:
            body["results"] = [{"prompt_index": 0, "completions": choices}]
        else:
            body["choices"] = choices
        if self._rng.random() < 0.5:
            body["usage"] = {"prompt_tokens": 1, "cost": 0.5, "prompt_tokens_details": {"cached_tokens": 1}}
        return body

    def _line(self) -> tuple[dict[str, Any], list[str]]:
        plants = [self._plant() for _ in range(self._rng.choice([1, 1, 1, 2]))]
        form = self._rng.randrange(5)
        if form == 0:
            line = {"key": "k", "text": self._content(plants[0]), "assets": [{"file_name": "a.png", "width": 4}]}
            return line, plants[:1]
        body = self._body(plants)
        if form == 1:
            return {"custom_id": "b", "response": {"status_code": 200, "body": body}, "error": None}, plants
        if form == 2:
            return {
                "key": "k",
                "response": body,
                "request": {"messages": []},
                "ended": self._rng.random() < 0.9,
            }, plants
        return body, plants

    # -- mutations of values -----------------------------------------------------------------------------------------

    def _somewhere(self, value: Any) -> tuple[Any, Any]:
        """An object or array inside ``value``, and a name or place in it."""
        at = value
        while True:
            names = list(at) if isinstance(at, dict) else list(range(len(at)))
            inner = [name for name in names if isinstance(at[name], dict | list) and at[name]]
            if not inner or self._rng.random() < 0.25:
                return at, self._rng.choice(names)
            at = at[self._rng.choice(inner)]

    def _retyped(self, line: dict[str, Any]) -> None:
        at, name = self._somewhere(line)
        at[name] = self._rng.choice(_STRANGE)

    def _renamed(self, line: dict[str, Any]) -> None:
        at, name = self._somewhere(line)
        if isinstance(at, dict):
            other = self._rng.choice([f"x{name}", f"{name}s", str(name).upper(), *_NAMES])
            if other not in at:
                at[other] = at.pop(name)

    def _removed(self, line: dict[str, Any]) -> None:
        at, name = self._somewhere(line)
        del at[name]

    def _wrapped(self, line: dict[str, Any]) -> None:
        at, name = self._somewhere(line)
        value = at[name]
        ways = [
            lambda: [value],
            lambda: {self._rng.choice(_NAMES): value},
            lambda: json.dumps(value),
            lambda: [[value]],
        ]
        if isinstance(value, list) and value:
            ways.append(lambda: value[0])
        at[name] = self._rng.choice(ways)()

    def _repeated(self, line: dict[str, Any]) -> None:
        lists = [line]
        for each in lists:
            lists += [
                inner for inner in (each.values() if isinstance(each, dict) else each) if isinstance(inner, dict | list)
            ]
        chosen = [each for each in lists if isinstance(each, list)]
        if chosen:
            entries = self._rng.choice(chosen)
            entry = self._rng.choice([*_STRANGE, *entries])
            entries.insert(self._rng.randint(0, len(entries)), entry)

    def _failed(self, line: dict[str, Any]) -> None:
        error = self._rng.choice(
            [{"message": "no", "code": 502}, "no", {}, "", False, {"error": {"message": "in"}}, ["no"]]
        )
        at, _ = self._somewhere(line)
        target = at if isinstance(at, dict) else line
        target[self._rng.choice(["error", "error", "detail", "errors", "object", "status_code"])] = error

    # -- mutations of bytes ------------------------------------------------------------------------------------------

    def _damaged(self, data: bytes) -> bytes:
        for _ in range(self._rng.randint(1, 3)):
            at = self._rng.randrange(len(data) + 1)
            end = min(len(data), at + self._rng.choice([0, 1, 1, 3]))
            middle = bytes(self._rng.choices(_BYTES, k=self._rng.choice([0, 1, 1, 2])))
            data = data[:at] + middle + data[end:]
        return data

    def _mixed(self, data: bytes) -> bytes:
        lines = data.split(b"\n")[:-1]
        for _ in range(self._rng.randint(1, 3)):
            at = self._rng.randrange(len(lines))
            way = self._rng.randrange(6)
            if way == 0:
                lines[at] = lines[at][: self._rng.randrange(len(lines[at]) + 1)]
            elif way == 1:
                lines[at : at + 2] = [b"".join(lines[at : at + 2])]
            elif way == 2:
                lines.insert(at, self._rng.choice([b"", b" ", b"null", b"{}", b"[]", b"hello", b'{"a": NaN}', b"\xff"]))
            elif way == 3:
                lines[at] += b"\r"
            else:
                lines[at] = b" " + lines[at] + b"\t"
        return b"\n".join(lines) + self._rng.choice([b"\n", b""])

    # -- families ----------------------------------------------------------------------------------------------------

    def _lines(
        self, mutate: Callable[[dict[str, Any]], None] | None, damage: Callable[[bytes], bytes] | None = None
    ) -> None:
        drawn = [self._line() for _ in range(self._rng.choice([1, 1, 2, 3]))]
        for line, _ in drawn:
            if mutate is not None and self._rng.random() < 0.8:
                mutate(line)
        data = b"".join(_encoded(line) + b"\n" for line, _ in drawn)
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

    def _bodies(self) -> None:
        plants = [self._plant() for _ in range(self._rng.choice([1, 1, 2]))]
        body = self._body(plants)
        self._rng.choice([self._retyped, self._renamed, self._removed, self._wrapped, self._repeated, self._failed])(
            body
        )
        data = self._rng.choice([b"", b"\xef\xbb\xbf"]) + _encoded(body)
        try:
            completion = Completion.decode(data, status=self._rng.choice([None, None, 200, 500]))
        except AnnotationsError as error:
            raise BrokenRule(f"{data!r} raised {error!r}") from error
        self._check(_found(completion), plants, data)

    def _check(self, found: Found, plants: list[str], data: bytes) -> None:
        lost = [plant for plant in plants if plant.encode() in data and not found.holds(plant)]
        if lost and not found.is_told:
            raise BrokenRule(f"{lost} are lost in silence\n{data!r}\n{found}")

    def _chunks(self, body: dict[str, Any]) -> list[dict[str, Any]]:
        """The chunks of a body, with each planted text whole in one of them."""
        head = {"id": body["id"], "object": "chat.completion.chunk", "created": 1, "model": "m"}
        streams = []
        for index, choice in enumerate(body["choices"]):
            message = choice["message"]
            content = message["content"]
            places = sorted(self._rng.sample(range(len(content) + 1), min(len(content), self._rng.randint(0, 4))))
            start, end = content.find("plant"), content.find('"> (')
            cuts = [0, *[place for place in places if not start < place <= end + 2], len(content)]
            deltas: list[dict[str, Any]] = [{"role": "assistant", "content": ""}]
            deltas += [{"reasoning": message["reasoning"][at]} for at in range(len(message.get("reasoning", "")))]
            deltas += [{"content": content[a:b]} for a, b in pairwise(cuts)]
            if "tool_calls" in message:
                deltas.append({"tool_calls": [{"index": 0, **message["tool_calls"][0]}]})
            pieces = [{"index": index, "delta": delta, "finish_reason": None} for delta in deltas]
            streams.append([*pieces, {"index": index, "delta": {}, "finish_reason": choice["finish_reason"]}])
        found = []
        while any(streams):
            stream = self._rng.choice([stream for stream in streams if stream])
            found.append(head | {"choices": [stream.pop(0)]})
        if body.get("usage"):
            found.append(head | {"choices": [], "usage": body["usage"]})
        return found

    def _chat(self, plants: list[str]) -> dict[str, Any]:
        """A body whose content is a text, as chunks make it."""
        choices = []
        for index, plant in enumerate(plants):
            message: dict[str, Any] = {"role": "assistant", "content": self._content(plant)}
            if self._rng.random() < 0.3:
                message["reasoning"] = "why"
            if self._rng.random() < 0.1:
                message["tool_calls"] = [{"id": "t", "type": "function", "function": {"name": "f", "arguments": "{}"}}]
            choices.append({"index": index, "message": message, "finish_reason": self._rng.choice(["stop", "length"])})
        usage = {"usage": {"total_tokens": 3}} if self._rng.random() < 0.5 else {}
        return {
            "id": f"c{self._planted}",
            "object": "chat.completion",
            "created": 1,
            "model": "m",
            "choices": choices,
        } | usage

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

    def _framed(self, chunks: list[dict[str, Any]]) -> bytes:
        """Chunks as server-sent events, framed as some server does."""
        end = self._rng.choice(_LINE_ENDS)
        gap = self._rng.choice([end, end, b""])
        comment = self._rng.choice([b"", b": OPENROUTER PROCESSING" + end + end])
        name = self._rng.choice([b"data: ", b"data:"])
        events = [comment + name + _encoded(chunk) + end + gap for chunk in chunks]
        return self._rng.choice([b"", b"\xef\xbb\xbf"]) + b"".join(events) + b"data: [DONE]" + end + gap

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
        data = b"".join(_encoded(line) + b"\n" for line in lines)
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


def _encoded(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")


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
    """What both readers find in a file, which must be the same."""
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
    is_told = bool(problems) or any(not each.ending.is_sound for each in recordings)
    unsound = frozenset([each.line_number for each in recordings if not each.ending.is_sound])
    return Found([f"{each.content}\n{each.reasoning}" for each in recordings], problems, is_told, unsound)


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
