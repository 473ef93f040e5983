"""A line of a file of recordings → the details of its answers: where they are, what was asked, and other fields.

The line is decoded as plain values, because a field that a user names can be anywhere in it. That is done when somebody
looks at the details of its answer, and nothing is decoded for those that nobody looks at.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from itertools import chain
from typing import Any, NamedTuple, Self, TypeVar, overload

from msgspec import Struct
from msgspec.structs import replace

from ..dialects.dialect import Dialect
from ..files import DECODE_ERRORS, Line
from ..frames import Frame
from ..markup.parsing import parse
from .envelope import body_in, plain_reasoning
from .reasoning import split_reasoning
from .sent import decode_object

#: Where a prompt can be, apart from messages.
_PROMPTS = ("prompt", "question", "request.prompt")
_MESSAGES = ("request.messages", "request.body.messages", "body.messages", "messages")
#: Where a field of the response or of the request can be, after the line itself.
_BODIES = ("response.body", "response", "request.body", "request")


class AnswerDetails(Struct, frozen=True, kw_only=True, dict=True):
    """What a file of recordings says about one answer, besides its annotations; see ``table.iter_recorded``.

    >>> details = pa.completions.AnswerDetails(
    ...     file="a.jsonl", line_number=3, choice=0, prompt="How many?", fields={}, text="2 <point> (1,2) </point>"
    ... )
    >>> details.prose
    '2 '
    """

    #: The file as it was named.
    file: str
    line_number: int
    #: Its place among the choices of its line.
    choice: int
    #: What was asked: a recorded prompt, else the text of the last message of the user in the recorded request.
    prompt: str | None
    #: The recorded fields that were asked for, as text; without those that are not recorded.
    fields: Mapping[str, str]
    #: The answer without its reasoning.
    text: str
    #: How it is written, if not in our own markup.
    dialect: Dialect | None = None

    def __hash__(self) -> int:  # ``fields`` is a mapping
        return hash((self.file, self.line_number, self.choice, self.prompt, self.text))

    @cached_property
    def prose(self) -> str:
        """The answer without its markup; it is parsed when this is first asked for."""
        return parse(self.text, dialect=self.dialect, frame=Frame.GRID).prose


class UnreadDetails(NamedTuple):
    """A line of a file that holds one answer, from which the details are read when somebody asks for them."""

    line: bytes
    line_number: int
    file: str
    fields: Sequence[str]
    key: str
    #: The whole message.
    content: str
    #: How it is written, if not in our own markup.
    dialect: Dialect | None = None

    def read(self) -> AnswerDetails:
        """The details of the answer."""
        line = DetailedLine(Line(self.line_number, self.line), self.file, self.fields)
        return in_dialect(line.own(0, self.content, self.key), self.dialect)


_Details = TypeVar("_Details", bound=AnswerDetails | UnreadDetails)


def in_dialect(details: _Details, dialect: Dialect | None) -> _Details:
    """The details of an answer that is written so."""
    if dialect is None:
        return details
    if isinstance(details, UnreadDetails):
        return details._replace(dialect=dialect)
    return replace(details, dialect=dialect)


class DetailsOfAnswers(Sequence[AnswerDetails]):
    """The details of some answers, each read when somebody first looks at it. It is equal to any sequence of the same.

    >>> line = b'{"key": "a", "text": "2 cups", "prompt": "How many?"}'
    >>> DetailsOfAnswers([UnreadDetails(line, 1, "a.jsonl", (), "a", "2 cups")])[0].prompt
    'How many?'
    """

    def __init__(self, details: list[AnswerDetails | UnreadDetails]) -> None:
        self._details = details

    @classmethod
    def joined(cls, parts: Sequence[Sequence[AnswerDetails]]) -> Self:
        """The details of one sequence after the other; nothing is read."""
        every = [each._details if isinstance(each, cls) else each for each in parts]  # noqa: SLF001 - its own
        return cls(list(chain.from_iterable(every)))

    def part(self, start: int, stop: int) -> DetailsOfAnswers:
        """Those of some answers; nothing is read."""
        return DetailsOfAnswers(self._details[start:stop])

    def content(self, place: int) -> str | None:
        """The whole message of an answer in our own markup whose details nobody has looked at yet; else None."""
        found = self._details[place]
        return found.content if isinstance(found, UnreadDetails) and found.dialect is None else None

    def __len__(self) -> int:
        return len(self._details)

    @overload
    def __getitem__(self, index: int, /) -> AnswerDetails: ...

    @overload
    def __getitem__(self, index: slice, /) -> list[AnswerDetails]: ...

    def __getitem__(self, index: int | slice, /) -> AnswerDetails | list[AnswerDetails]:
        if isinstance(index, slice):
            return [self[place] for place in range(*index.indices(len(self)))]
        found = self._details[index]
        if isinstance(found, UnreadDetails):
            found = self._details[index] = found.read()
        return found

    def __eq__(self, other: object) -> bool:
        return list(self) == list(other) if isinstance(other, Sequence) else NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return repr(list(self))


class DetailedLine:
    """A line of a file of recordings, for the details of its answers."""

    def __init__(self, line: Line, file: str, fields: Sequence[str]) -> None:
        self._file = file
        self._number = line.number
        self._fields = fields
        self._value = _decoded(line)
        self._prompt = _prompt(self._value)
        #: The same for all choices; a field whose value is None may be known otherwise.
        self._common = {field: self._field(field) for field in fields}

    def of(self, choice: int, content: str, known: Mapping[str, str | None]) -> AnswerDetails:
        """The details of one answer; ``known`` has fields that are read from the line by other rules."""
        values = {field: known.get(field) if value is None else value for field, value in self._common.items()}
        return AnswerDetails(
            file=self._file,
            line_number=self._number,
            choice=choice,
            prompt=self._prompt,
            fields={field: value for field, value in values.items() if value is not None},
            text=split_reasoning(content).answer.of(content),
        )

    def own(self, choice: int, content: str, key: str) -> AnswerDetails:
        """The details of one of the choices that are in the line itself."""
        reason, reasoning = self._finish_reason(choice), self._reasoning(choice)
        return self.of(choice, content, {"key": key, "finish_reason": reason, "reasoning": reasoning})

    def _finish_reason(self, choice: int) -> str | None:
        """Why a choice ended."""
        reason = _at(self._choice(choice), "finish_reason")
        return reason if isinstance(reason, str) else None

    def _reasoning(self, choice: int) -> str | None:
        """What the service sent as the reasoning of a choice, apart from its content."""
        message = _at(self._choice(choice), "message")
        return plain_reasoning(message) or None if isinstance(message, dict) else None

    def _choice(self, choice: int) -> Any:
        body = body_in(_at(self._value, "response"))
        choices = _at(self._value if body is None else body, "choices")
        return choices[choice] if isinstance(choices, list) and choice < len(choices) else None

    def _field(self, field: str) -> str | None:
        candidates = (_at(self._value, field), *(_at(self._value, f"{body}.{field}") for body in _BODIES))
        value = next((each for each in candidates if isinstance(each, str | int | float)), None)
        if value is None and field == "prompt":
            return self._prompt
        return None if value is None else str(value)


def _decoded(line: Line) -> Any:
    try:
        return decode_object(line.data)
    except DECODE_ERRORS:  # a stream, whose answers are in several lines
        return {}


def _at(value: Any, field: str) -> Any:
    for part in field.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return value


def prompt_of(raw: str) -> str | None:
    """What was asked for the answers of a line, if it says so; None for what is not one line."""
    data = raw.encode("utf-8", "surrogateescape")
    return _prompt(_decoded(Line(1, data))) if raw else None


def _prompt(line: Any) -> str | None:
    """What was asked last, in words."""
    said = next((text for text in (_at(line, field) for field in _PROMPTS) if isinstance(text, str)), None)
    if said is not None:
        return said
    for field in _MESSAGES:
        messages = _at(line, field)
        for message in reversed(messages if isinstance(messages, list) else []):
            if isinstance(message, dict) and message.get("role") == "user":
                return _words(message.get("content"))
    return None


def _words(content: Any) -> str | None:
    if isinstance(content, list):
        parts = [part.get("text") for part in content if isinstance(part, dict)]
        content = " ".join(part for part in parts if isinstance(part, str)) or None
    return content if isinstance(content, str) else None
