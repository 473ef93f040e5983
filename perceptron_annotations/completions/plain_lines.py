"""Lines of recorded completions that hold answers and nothing else to tell: decoded into the fields of an answer alone.

Most lines are such, and decoding them so is several times as fast as looking at each field by itself. A line that does
not fit (an error of a service, a field of another type, reasoning in the content, a tool call) is read by the general
way of ``recorded_lines``, which gives the same for those that fit. The rules are those of ``envelope``.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import msgspec
from msgspec import UNSET, Raw, Struct, UnsetType

from ..files import DECODE_ERRORS, Line
from .completion import FIRST_ERROR_STATUS
from .ending import Ending
from .envelope import first_key, first_reasoning
from .reasoning import may_think, split_reasoning
from .recorded_lines import LineReader, value_at
from .recordings import Recording
from .sent import decode_object
from .sent_assets import RecordedAsset


class PlainAnswers(NamedTuple):
    """The answers of a line."""

    key: str
    model: str | None
    assets: tuple[RecordedAsset, ...]
    choices: list[PlainChoice]
    #: One for each choice.
    endings: list[Ending]


class _Detail(Struct, gc=False):
    text: str | None = None
    summary: str | None = None


class _Message(Struct, gc=False):
    content: Any = None
    refusal: Any = None
    tool_calls: Any = None
    function_call: Any = None
    reasoning_content: str | None = None
    reasoning: str | None = None
    reasoning_details: list[_Detail] | None = None


class PlainChoice(Struct, gc=False):
    """One choice, as far as an answer needs it."""

    message: _Message | None = None
    delta: Any = None
    text: Any = None
    finish_reason: str | None = None
    native_finish_reason: str | None = None
    error: Any = None
    logprobs: Raw = Raw(b"")


class _TokenDetails(Struct, gc=False):
    cached_tokens: int | None = None
    audio_tokens: int | None = None
    reasoning_tokens: int | None = None


class _Usage(Struct, gc=False):
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    total_tokens: int | None = None
    prompt_tokens_details: _TokenDetails | None = None
    completion_tokens_details: _TokenDetails | None = None
    cost: float | None = None


class _Body(Struct, gc=False):
    id: str | int | None = None
    object: str | None = None
    model: str | int | None = None
    created: int | None = None
    provider: str | int | None = None
    choices: list[PlainChoice] | None = None
    usage: _Usage | None = None
    error: Any = None
    message: Any = None


class _Response(_Body, gc=False):
    body: _Body | UnsetType | None = UNSET
    status_code: int | None = None


class PlainLine(_Body, gc=False):
    """A line, as far as its answers need it."""

    custom_id: str | None = None
    key: str | int | None = None
    response: _Response | None = None
    text: str | None = None
    finish_reason: str | None = None
    assets: tuple[RecordedAsset, ...] | None = None
    results: Any = None
    ended: bool = True


#: Decodes lines of recordings, as far as an answer needs them.
LINES = msgspec.json.Decoder(PlainLine)
#: What the ``object`` of a body can be that is not an error, nor a piece of a stream.
PLAIN_OBJECTS = (None, "chat.completion")
_ENDINGS = {None: Ending.UNSTATED, "stop": Ending.COMPLETE, "length": Ending.LENGTH}
_NO_LOGPROBS = (Raw(b""), Raw(b"null"))


def recordings_in(line: Line, reader: LineReader) -> Iterable[Recording]:
    """The recordings of a line: of one that fits at once, of any other by ``reader``, which tells what is wrong."""
    found = None if line.fault or reader.has_streams else plain_recordings(line, reader.key)
    return reader.read(line) if found is None else found


def plain_recordings(line: Line, key: str | None = None) -> list[Recording] | None:
    """The recordings of a line, named by the field ``key``; None if it has to be read by the general way."""
    try:
        found = plain_answers(LINES.decode(line.data))
        name = found and (found.key if key is None else value_at(decode_object(line.data), key))
    except DECODE_ERRORS:
        return None
    if found is None or name is None:
        return None
    return [_recording(found, place, name, line) for place in range(len(found.choices))]


def plain_answers(line: PlainLine) -> PlainAnswers | None:
    """The answers of a line; None if it has to be read by the general way."""
    body = _body(line) if line.text is None else _text_body(line, line.text)
    if body is None or body.error is not None or body.object not in PLAIN_OBJECTS or not body.choices:
        return None
    key = first_key(line.custom_id, line.key, body.id, line.id)
    endings = [ending for choice in body.choices if (ending := plain_ending(choice)) is not None]
    if key is None or line.error is not None or not line.ended or len(endings) < len(body.choices):
        return None
    model = None if body.model is None else str(body.model)
    return PlainAnswers(key, model, line.assets or (), body.choices, endings)


def plain_ending(choice: PlainChoice) -> Ending | None:
    """How an answer ended; None if that, or what the answer is, has to be found out by the general way."""
    message = choice.message
    if choice.logprobs not in _NO_LOGPROBS:
        return None
    if message is None or type(message.content) is not str or choice.error is not None:
        return None
    if choice.delta is not None or choice.text is not None:
        return None
    if message.refusal is not None or message.tool_calls is not None or message.function_call is not None:
        return None
    return None if may_think(message.content) else _ENDINGS.get(choice.finish_reason)


def _body(line: PlainLine) -> _Body | None:
    """The body that a line is, or has."""
    response = line.response
    if response is None:
        return line
    if (response.status_code or 0) >= FIRST_ERROR_STATUS:
        return None
    return response if response.body is UNSET else response.body


def _text_body(line: PlainLine, text: str) -> _Body | None:
    """The body that a line with a text stands for."""
    if line.choices is not None or line.response is not None or line.results is not None:
        return None
    choice = PlainChoice(message=_Message(content=text), finish_reason=line.finish_reason)
    return _Body(model=line.model, choices=[choice])


def _recording(found: PlainAnswers, place: int, key: str, line: Line) -> Recording:
    """The recording of one answer of a line."""
    choice = found.choices[place]
    message = choice.message or _Message()
    content: str = message.content
    answer = split_reasoning(content).answer
    details = [each.text or each.summary for each in message.reasoning_details or ()]
    return Recording(
        key=key,
        text=answer.of(content),
        reasoning=first_reasoning(message.reasoning_content, message.reasoning, details),
        model=found.model,
        finish_reason=choice.finish_reason,
        assets=found.assets,
        raw=line.text,
        choice=place,
        line_number=line.number,
        content=content,
        offset=answer.start,
        ending=found.endings[place],
    )
