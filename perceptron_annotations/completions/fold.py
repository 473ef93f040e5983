"""Chunks of a streamed completion → the body that the service would have sent at once.

Texts are appended; a name keeps its first value; a count or a reason to finish keeps its last. Choices are told apart
by their ``index``, and so are tool calls.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from .envelope import plain_text

#: Fields of a delta or of a piece of reasoning that are appended.
_APPENDED = frozenset({"content", "reasoning_content", "reasoning", "refusal", "text", "summary", "data", "arguments"})
_NOT_KEPT = frozenset({"choices", "object", "error"})


class _Merged:
    """An object that arrives in pieces."""

    def __init__(self) -> None:
        self.fields: dict[str, Any] = {}
        self._texts: dict[str, list[str]] = {}

    def add(self, piece: Mapping[str, Any]) -> None:
        """Take the fields of a piece; a field that is not appended keeps its first value that is not empty."""
        for name, value in piece.items():
            if name in _APPENDED and isinstance(value, str):
                self._texts.setdefault(name, []).append(value)
                self.fields.setdefault(name, None)
            elif self.fields.get(name) in (None, ""):
                self.fields[name] = value

    def whole(self) -> dict[str, Any]:
        """The object, texts joined; a text that was only ever empty stays null."""
        return self.fields | {name: "".join(texts) or None for name, texts in self._texts.items()}


class _List:
    """Objects of a list that arrive in pieces, each with its ``index``; its place in the piece if it has no index."""

    def __init__(self) -> None:
        self._items: dict[int, _Merged] = {}
        self._functions: dict[int, _Merged] = {}

    def add(self, pieces: Iterable[Any]) -> None:
        for place, piece in enumerate(pieces):
            if not isinstance(piece, dict):
                continue
            index = piece.get("index")
            at = index if type(index) is int else place
            function = piece.get("function")
            self._items.setdefault(at, _Merged()).add({k: v for k, v in piece.items() if k != "function"})
            if isinstance(function, dict):
                self._functions.setdefault(at, _Merged()).add(function)

    def whole(self) -> list[dict[str, Any]]:
        found = []
        for at in sorted(self._items):
            item = self._items[at].whole()
            item.pop("index", None)
            if at in self._functions:
                item["function"] = self._functions[at].whole()
            found.append(item)
        return found


class _Choice:
    """One choice while it arrives."""

    def __init__(self, index: int) -> None:
        self._fields: dict[str, Any] = {"index": index}
        self._message = _Merged()
        self._calls = _List()
        self._details: list[dict[str, Any]] = []
        self._logprobs: dict[str, list[Any]] = {}

    def add(self, choice: Mapping[str, Any]) -> None:
        for name, value in choice.items():
            if name == "logprobs" and isinstance(value, dict):
                for key, entries in value.items():
                    self._logprobs.setdefault(key, []).extend(entries if isinstance(entries, list) else ())
            elif name.endswith("finish_reason") and not isinstance(value, str | None):
                continue  # it costs itself
            elif name not in ("delta", "index") and (value is not None or name not in self._fields):
                self._fields[name] = value
        delta = choice.get("delta")
        if not isinstance(delta, dict):
            return
        rest = {name: value for name, value in delta.items() if name not in ("tool_calls", "reasoning_details")}
        if isinstance(rest.get("content"), list):
            rest["content"] = plain_text(rest["content"])
        self._message.add(rest)
        if isinstance(delta.get("tool_calls"), list):
            self._calls.add(delta["tool_calls"])
        if isinstance(delta.get("reasoning_details"), list):
            self._details += [detail for detail in delta["reasoning_details"] if isinstance(detail, dict)]

    def whole(self) -> dict[str, Any]:
        message = {"role": "assistant"} | {k: v for k, v in self._message.whole().items() if k != "role" or v}
        message.setdefault("content", None)
        if calls := self._calls.whole():
            message["tool_calls"] = calls
        if self._details:
            message["reasoning_details"] = _joined(self._details)
        logprobs = {"logprobs": self._logprobs} if self._logprobs else {}
        return {"finish_reason": None} | self._fields | {"message": message} | logprobs


class Fold:
    """Takes chunks one by one; :meth:`body` is the body that they make so far."""

    def __init__(self) -> None:
        self._fields: dict[str, Any] = {}
        self._choices: dict[int, _Choice] = {}

    def add(self, chunk: Mapping[str, Any]) -> None:
        """Take a chunk."""
        for name, value in chunk.items():
            if name in _NOT_KEPT or value is None:
                continue
            if name == "usage" or name not in self._fields:
                self._fields[name] = value
        for index, choice in choices_of(chunk):
            if index not in self._choices:
                self._choices[index] = _Choice(index)
            self._choices[index].add(choice)

    def body(self) -> dict[str, Any]:
        """The body of a chat completion."""
        choices = [self._choices[index].whole() for index in sorted(self._choices)]
        return {"object": "chat.completion", **self._fields, "choices": choices}


def choices_of(chunk: Mapping[str, Any]) -> list[tuple[int, Mapping[str, Any]]]:
    """The choices of a chunk with their index; a choice without an index has its place."""
    choices = chunk.get("choices")
    found: list[tuple[int, Mapping[str, Any]]] = []
    for place, choice in enumerate(choices if isinstance(choices, list) else ()):
        if isinstance(choice, dict):
            index = choice.get("index")
            found.append((index if type(index) is int else place, choice))
    return found


def _joined(details: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Pieces of reasoning; those of one type and index that follow each other are joined."""
    found: list[_Merged] = []
    last: tuple[Any, Any] | None = None
    for detail in details:
        what = detail.get("type"), detail.get("index")
        if what != last or what[1] is None:
            found.append(_Merged())
        last = what
        found[-1].add(detail)
    return [merged.whole() for merged in found]
