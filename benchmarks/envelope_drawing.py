"""Completions with planted texts, in all the forms in which they are sent and recorded, and mutations of them."""

from __future__ import annotations

import json
import random
import re
from itertools import pairwise
from typing import Any

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
#: Pieces of strings: escapes that are wrong or rare, bytes that are not UTF-8 or at its edges, control characters.
_PIECES = (
    *(b"\\x", b"\\u12", b"\\u12G4", b"\\ud800", b"\\udc00", b"\\ud83d\\ude00", b"\\ud83dx", b"\\ud83d\\u0041"),
    *(b"\\u0000", b"\\/", b"\\b\\f\\n\\r\\t", b"\\\\", b'\\"', b"\\u00e9", b"\\uFFFF", b"\\U0041", b"\\"),
    *(
        b"\xff",
        b"\x80",
        b"\xc0\xaf",
        b"\xc3",
        b"\xed\xa0\x80",
        b"\xe0\x80\x80",
        b"\xf4\x90\x80\x80",
        b"\xf0\x80\x80\x80",
    ),
    *(b"\xe2\x80\xa8", b"\xf4\x8f\xbf\xbf", b"\xef\xbf\xbf", b"\x00", b"\x1f", b"\x7f", b"\r", b"\t", b"\xc2\x85"),
    *(b"think", b"I think so", b"<think>", b"</think>", b"<Thinking>", b"HINK>", "◁think▷".encode(), b"<|im_end|>"),
    *(b"&amp;", b"<point> (1,2) </point>", b"<b>", b"<", "é猫".encode()),
)
#: Values of fields as they may be written.
_WRITTEN = (
    *(
        b"0",
        b"-0",
        b"01",
        b"1.0",
        b"1.",
        b".5",
        b"1e2",
        b"1E400",
        b"12345678901234567890",
        b"-1",
        b"+1",
        b"399",
        b"400",
    ),
    *(b"null", b"nul", b"true", b"True", b"NaN", b'""', b'"stop"', b'"chat.completion"', b'"st\\u006fp"', b"[]", b"{}"),
    *(
        b"[" * 40 + b"]" * 40,
        b'{"a":' * 40 + b"1" + b"}" * 40,
        b"[1,]",
        b'{"a":1,}',
        b'{"a":1,"a":2}',
        b"[{}]",
        b"[1 2]",
    ),
)
_FIELDS = (
    *(b"id", b"object", b"custom_id", b"key", b"status_code", b"finish_reason", b"file_name", b"width", b"height"),
    *(b"response", b"body", b"text", b"model", b"created", b"choices", b"usage", b"error", b"message", b"results"),
    *(b"ended", b"assets", b"content", b"refusal", b"tool_calls", b"reasoning", b"reasoning_details", b"logprobs"),
    *(
        b"prompt_tokens",
        b"cost",
        b"cached_tokens",
        b"x",
        b"i\\u0064",
        b"\\u006bey",
        b"",
        b"ID",
        b"\xc3\xa9",
        b"\xff",
        b"summary",
    ),
)
_BETWEEN = (b" ", b"\t", b"\r", b"\x0b", b"\xc2\xa0", b"\x00", b",")
_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*+"|[-0-9.]+|true|false|null', re.DOTALL)
_REASONS = ("stop", "stop", "stop", "length", "tool_calls", "content_filter", "error", None, "", "end_turn")
_LINE_ENDS = (b"\n", b"\r\n", b"\r")


class EnvelopeDrawing:
    """Draws lines, bodies and chunks from a seed, and mutates values and bytes."""

    def __init__(self, seed: int) -> None:
        self._rng = random.Random(seed)
        self._planted = 0

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

    def _misspelt(self, data: bytes) -> bytes:
        """Strings, names, values and white space written in ways that readers may not agree about."""
        for _ in range(self._rng.choice([1, 1, 2, 3])):
            tokens = [match.span() for match in _TOKEN.finditer(data)]
            start, end = self._rng.choice(tokens)
            way = self._rng.choice([0, 0, 0, 1, 2, 3, 4])
            if way == 0:
                strings = [each for each in tokens if data[each[0] : each[0] + 1] == b'"']
                start, end = self._rng.choice(strings)
                at = self._rng.randint(start + 1, max(start + 1, end - 1))
                data = data[:at] + self._rng.choice(_PIECES) + data[at:]
            elif way == 1:
                data = data[:start] + self._rng.choice(_WRITTEN) + data[end:]
            elif way == 2:
                data = data[:start] + b'"' + self._rng.choice(_FIELDS) + b'"' + data[end:]
            elif way == 3:
                at = self._rng.choice([start, end])
                data = data[:at] + self._rng.choice(_BETWEEN) + data[at:]
            else:
                at = self._rng.choice([match.end() for match in re.finditer(rb"\{", data)] or [0])
                field = b'"' + self._rng.choice(_FIELDS) + b'": ' + self._rng.choice(_WRITTEN)
                data = data[:at] + field + self._rng.choice([b", ", b",", b""]) + data[at:]
        return data

    def _plain(self, plant: str) -> dict[str, Any]:
        """A line that holds one answer and nothing else to tell."""
        content = f'I see <point mention="{plant}"> (12,34) </point>' + self._rng.choice(
            ["", ' "é猫\n', "\\ & <b>", " 😀"]
        )
        choice = {"index": 0, "message": {"role": "assistant", "content": content}, "finish_reason": "stop"}
        choice["finish_reason"] = self._rng.choice(["stop", "length", None])
        body: dict[str, Any] = {
            "id": f"c{self._planted}",
            "object": "chat.completion",
            "created": 1,
            "choices": [choice],
        }
        if self._rng.random() < 0.5:
            body["usage"] = {"prompt_tokens": 1, "cost": 0.5, "prompt_tokens_details": {"cached_tokens": None}}
        asset = {"file_name": f"é{plant}.png", "width": 640, "height": None}
        line: dict[str, Any] = {"key": self._rng.choice([None, 7, "k", 'a"é']), "assets": [asset]}
        form = self._rng.randrange(4)
        if form == 0:
            return line | {"text": content, "finish_reason": choice["finish_reason"]}
        if form == 1:
            return line | {"response": body, "request": {"messages": [{"content": 'é "quoted"'}], "seed": -1.5}}
        if form == 2:
            return {"custom_id": "b", "response": {"status_code": 200, "body": body}, "error": None}
        return body

    # -- streams

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

    def _framed(self, chunks: list[dict[str, Any]]) -> bytes:
        """Chunks as server-sent events, framed as some server does."""
        end = self._rng.choice(_LINE_ENDS)
        gap = self._rng.choice([end, end, b""])
        comment = self._rng.choice([b"", b": OPENROUTER PROCESSING" + end + end])
        name = self._rng.choice([b"data: ", b"data:"])
        events = [comment + name + encoded(chunk) + end + gap for chunk in chunks]
        return self._rng.choice([b"", b"\xef\xbb\xbf"]) + b"".join(events) + b"data: [DONE]" + end + gap


def encoded(value: Any) -> bytes:
    """A value as a line of JSON, without its end."""
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")
