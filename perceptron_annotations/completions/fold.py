"""Chunks of a streamed completion → the body that the service would have sent at once.

Texts are appended; a name keeps its first value; a count or a reason to finish keeps its last. Choices are told apart
by their ``index`` and stand in the order in which they begin, so that a choice has its place from its first piece on.
Tool calls are told apart by their ``index`` too, unless another ``id`` says that a new one begins.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from ..problems import Problem, ProblemCode
from .envelope import (
    content_in,
    error_in,
    hidden_text,
    plain_reasoning,
    read_content,
    said_in,
    strange_text,
    text_reasoning,
)
from .sent import Sent, type_of

#: Fields of a delta or of a piece of reasoning that are appended.
_APPENDED = frozenset({"content", "reasoning_content", "reasoning", "refusal", "text", "summary", "data", "arguments"})
_NOT_KEPT = frozenset({"choices", "object", "error"})
#: Fields of a choice that hold a piece of its message, and its number.
_PIECES = frozenset({"message", "delta", "text", "index"})
_MOST_DIGITS = 9
#: Fields of a delta that are lists or objects in pieces, or that are read before they are appended.
_READ_APART = frozenset({"content", "tool_calls", "function_call", "reasoning_details"})


class CallPiece(NamedTuple):
    """What a chunk adds to a tool call."""

    #: The number of the call.
    number: int
    fields: dict[str, Any]


class Piece(NamedTuple):
    """What a chunk adds to a choice."""

    #: The place of the choice.
    choice: int
    content: str = ""
    reasoning: str = ""
    calls: tuple[CallPiece, ...] = ()
    reason: str | None = None


class Fold:
    """Takes chunks one by one; :meth:`body` is the body that they make so far."""

    def __init__(self) -> None:
        self._fields: dict[str, Any] = {}
        self._choices: dict[int, _Choice] = {}
        #: Whether a piece of an answer could not be read.
        self.has_holes = False
        self._lost: list[Problem] = []

    @property
    def is_finished(self) -> bool:
        """Whether there are choices, and each has a reason to finish."""
        return bool(self._choices) and all(choice.is_finished for choice in self._choices.values())

    @property
    def problems(self) -> list[Problem]:
        """What could not be read."""
        code = ProblemCode.INVALID_FIELD
        return self._lost + [
            Problem(code=code, message=f"{name} is not known, and holds a text", place=f"choice {place}")
            for place, choice in enumerate(self._choices.values())
            for name in choice.strange
        ]

    def is_beyond(self, chunk: Mapping[str, Any]) -> bool:
        """Whether a chunk goes on with a choice that has finished, as the next stream does.

        The end of a choice may come twice, and the usage after it.
        """
        sent = chunk.get("choices")
        for place, choice in enumerate(sent if isinstance(sent, list) else ()):
            if not isinstance(choice, dict) or choice.get("finish_reason"):
                continue
            known = self._choices.get(_number(choice, place))
            said = said_in(choice) if known and known.is_finished else None
            if said and (content_in(said[1]) or said[1].get("role")):
                return True
        return False

    def add(self, chunk: Mapping[str, Any]) -> list[Piece]:
        """Take a chunk; what it adds to each of its choices."""
        for name, value in chunk.items():
            if name in _NOT_KEPT or value is None:
                continue
            if name == "usage" or name not in self._fields:
                self._fields[name] = value
        sent = chunk.get("choices")
        if sent is not None and not isinstance(sent, list):
            self._lose(f"choices is not an array, but {type_of(sent)}")
        if sent is None and error_in(chunk) is None and (hidden := hidden_text(chunk)):
            self._lose(f"{hidden} is not known, and holds a text")
        pieces = []
        for place, choice in enumerate(sent if isinstance(sent, list) else ()):
            if isinstance(choice, dict):
                pieces.append(self._take(choice, place))
            else:
                self._lose(f"choice {place} is not an object, but {type_of(choice)}")
        return pieces

    def _take(self, choice: Mapping[str, Any], place: int) -> Piece:
        at = _number(choice, place)
        if at not in self._choices:
            self._choices[at] = _Choice(at, len(self._choices))
        told: list[str] = []
        piece = self._choices[at].add(choice, told)
        for message in told:
            self._lose(message)
        return piece

    def _lose(self, message: str) -> None:
        self.has_holes = True
        self._lost.append(Problem(code=ProblemCode.INVALID_CHUNK, message=f"a piece of an answer is lost: {message}"))

    def body(self) -> dict[str, Any]:
        """The body of a chat completion."""
        choices = [choice.whole() for choice in self._choices.values()]
        return {"object": "chat.completion", **self._fields, "choices": choices}


def _number(sent: Mapping[str, Any], place: int) -> int:
    """The ``index`` of a choice or a tool call, which some services write as a text or with a point; else its place."""
    index = sent.get("index")
    if isinstance(index, str) and index.isascii() and index.isdigit() and len(index) <= _MOST_DIGITS:
        return int(index)
    if type(index) is float and index.is_integer():
        return int(index)
    return index if type(index) is int else place


class _Choice:
    """One choice while it arrives."""

    def __init__(self, index: int, place: int) -> None:
        self._place = place
        self._has_begun = False  # whether there is a piece of its text
        #: Fields with a text that nobody knows.
        self.strange: dict[str, None] = {}
        self._fields: dict[str, Any] = {"index": index}
        self._message = _Merged()
        self._calls = _Calls()
        self._function = _Merged()
        self._reasoning: list[str] = []
        self._details: list[dict[str, Any]] = []
        self._logprobs: dict[str, list[Any]] = {}

    @property
    def is_finished(self) -> bool:
        """Whether it has a reason to finish."""
        return bool(self._fields.get("finish_reason"))

    def add(self, choice: Mapping[str, Any], lost: list[str]) -> Piece:
        """Take what a chunk says of it; why a piece of its text cannot be read is added to ``lost``."""
        for name, value in choice.items():
            if name == "logprobs" and isinstance(value, dict):
                for key, entries in value.items():
                    self._logprobs.setdefault(key, []).extend(entries if isinstance(entries, list) else ())
            elif name not in _PIECES and (value is not None or name not in self._fields):
                self._fields[name] = value
        reason = choice.get("finish_reason")
        reason = reason if isinstance(reason, str) and reason else None
        said = self._said(choice)
        if said is None:
            lost += [
                f"{name} is not an object, but {type_of(choice[name])}"
                for name in ("delta", "message")
                if choice.get(name) is not None
            ]
            if not lost and (strange := hidden_text(choice)):
                lost.append(f"{strange} is not known, and holds a text")
            return Piece(self._place, reason=reason)
        return self._add_delta(said, reason, lost)

    def _said(self, choice: Mapping[str, Any]) -> dict[str, Any] | None:
        """The piece of the message in a chunk. Some services repeat beside it the whole message so far."""
        delta, said = choice.get("delta"), said_in(choice)
        if said and said[0] == "message" and isinstance(delta, dict) and (self._has_begun or delta.get("content")):
            return delta
        return said and said[1]

    def _add_delta(self, delta: dict[str, Any], reason: str | None, lost: list[str]) -> Piece:
        content, wrong = read_content(content_in(delta))
        self._has_begun = self._has_begun or bool(content)
        if strange := strange_text(delta):
            self.strange.setdefault(strange)
        lost += [f"a part of the content has no text: it is {type_of(part)}" for _, part in wrong]
        rest = {name: value for name, value in delta.items() if name not in _READ_APART}
        if "content" in delta or content:
            rest["content"] = content
            rest.pop("text", None)
        self._message.add(rest)
        self._details += [detail.fields for detail in Sent(delta, []).objects("reasoning_details")]
        reasoning = text_reasoning(delta)
        if reasoning:
            self._reasoning.append(reasoning)
        elif not self._reasoning:  # else its details repeat it
            reasoning = plain_reasoning(delta)
        calls = [self._calls.add(call.fields, at) for at, call in enumerate(Sent(delta, []).objects("tool_calls"))]
        if isinstance(delta.get("function_call"), dict):
            self._function.add(delta["function_call"])
            calls.append(CallPiece(0, {"function": delta["function_call"]}))
        return Piece(self._place, content, reasoning, tuple(calls), reason)

    def whole(self) -> dict[str, Any]:
        message = {"role": "assistant"} | {k: v for k, v in self._message.whole().items() if k != "role" or v}
        message.setdefault("content", None)
        if calls := self._calls.whole():
            message["tool_calls"] = calls
        if function := self._function.whole():
            message["function_call"] = function
        if self._details:
            message["reasoning_details"] = _joined(self._details)
        reasoning = "".join(self._reasoning)
        if reasoning != text_reasoning(message):  # its pieces had several names
            message["reasoning_content"] = reasoning
        logprobs = {"logprobs": self._logprobs} if self._logprobs else {}
        return {"finish_reason": None} | self._fields | {"message": message} | logprobs


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


class _Calls:
    """Tool calls that arrive in pieces, each with its ``index``; its place in the piece if it has no index."""

    def __init__(self) -> None:
        self._calls: dict[int, _Merged] = {}
        self._functions: dict[int, _Merged] = {}
        #: The call that each index means now.
        self._current: dict[int, int] = {}

    def add(self, piece: dict[str, Any], place: int) -> CallPiece:
        sent = _number(piece, place)
        at = self._current.setdefault(sent, sent)
        known, name = self._calls[at].fields.get("id") if at in self._calls else None, piece.get("id")
        if known and name and known != name:
            at = self._current[sent] = max(self._calls) + 1
        self._calls.setdefault(at, _Merged()).add({k: v for k, v in piece.items() if k != "function"})
        if isinstance(piece.get("function"), dict):
            self._functions.setdefault(at, _Merged()).add(piece["function"])
        return CallPiece(at, piece)

    def whole(self) -> list[dict[str, Any]]:
        found = []
        for at in sorted(self._calls):
            item = self._calls[at].whole()
            item.pop("index", None)
            if at in self._functions:
                item["function"] = self._functions[at].whole()
            found.append(item)
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
