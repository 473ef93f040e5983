"""Files of recorded completions → one :class:`Recording` for each answer, and a :class:`Reject` for each bad line.

A line is a chat completion or multilook body, a line of OpenAI Batch output, ``{"response": body, "request": …,
"assets": […]}`` or ``{"text": …}``; a file ``*.sse`` is the transcript of one stream. Nothing stops a file: what cannot
be read is told with its line number and kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from ..errors import EnvelopeError, MarkupError
from ..files import DECODE_ERRORS, Line, decode_json, open_input, read_lines
from ..frames import AssetFrames
from ..issues import Span
from ..markup.document import Document, Mode, checked_mode, parse_within
from .completion import FIRST_ERROR_STATUS, Answer, Completion
from .completion_stream import CompletionStream
from .envelope import Body, Choice, decode_choice
from .faults import error_text
from .reasoning import split_reasoning


class RecordedAsset(Struct, frozen=True, gc=False, omit_defaults=True):
    """A picture or video that was sent with the prompt; its size in pixels where the recording has it."""

    file_name: str | None = None
    width: int | float | None = None
    height: int | float | None = None


class Recording(Struct, frozen=True, gc=False, kw_only=True):
    """One recorded answer.

    ``key`` joins it to its picture and its truth; ``choice`` is its place among the choices of its line. ``text`` is
    the answer without its reasoning, at ``offset`` of the message's whole ``content`` (the same where that is None).
    """

    key: str
    text: str
    reasoning: str | None = None
    model: str | None = None
    finish_reason: str | None = None
    assets: tuple[RecordedAsset, ...] = ()
    raw: str = ""
    choice: int = 0
    line_number: int = 0
    content: str | None = None
    offset: int = 0
    #: The output ended inside the reasoning.
    reasoning_cut: bool = False
    #: False where the stream broke off.
    ended: bool = True

    def document(self, *, mode: Mode | str = Mode.LENIENT) -> Document:
        """The answer read; spans index the whole content. Raises ``MarkupError`` in strict mode."""
        source = self.text if self.content is None else self.content
        answer = Span(self.offset, self.offset + len(self.text))
        cut = self.reasoning_cut or self.finish_reason == "length" or not self.ended
        try:
            return parse_within(source, answer, mode=checked_mode(mode), cut=cut)
        except MarkupError as error:
            where = f"answer {self.key}" + (f", choice {self.choice}" if self.choice else "")
            raise MarkupError(error.issue, error.source, where) from None

    @property
    def frames(self) -> AssetFrames | None:
        """The pixel frames of the assets whose sizes are recorded; None where none is."""
        sizes = {
            index: (asset.width, asset.height)
            for index, asset in enumerate(self.assets)
            if asset.width is not None and asset.height is not None
        }
        return AssetFrames.of(sizes, len(self.assets)) if sizes else None


class Reject(Struct, frozen=True, gc=False):
    """A line, or a choice of it, that holds no answer: why, and all of it."""

    line_number: int
    reason: str
    raw: str
    file: str = ""


class _Recorded(Struct, frozen=True, gc=False):
    """All forms of a line at once; ``response`` may be a body, or a Batch response around one."""

    id: str | int | None = None
    custom_id: str | None = None
    key: str | int | None = None
    response: Any = None
    text: str | None = None
    model: str | None = None
    finish_reason: str | None = None
    assets: tuple[RecordedAsset, ...] | None = None
    choices: list[Any] | None = None
    error: Any = None
    object: str | None = None
    message: Any = None
    results: Any = None
    ended: bool = True


class _BatchResponse(Struct, frozen=True, gc=False):
    body: Any
    status_code: int | None = None


class _Unreadable(Exception):  # noqa: N818 - it never leaves this module
    """Why a line holds no answer."""


def read_recordings(
    path: str | Path, *, key: str | None = None, progress: Callable[[int], None] | None = None
) -> Iterator[Recording | Reject]:
    """One recording for each choice of each line of a JSONL file, plain or gzipped, or of standard input (``-``).

    ``key`` names the field that joins an answer to its picture, with dots into objects (``request.metadata.image``).
    By default it is ``custom_id``, else ``key``, else the ``id`` of the completion, else the line's number. What holds
    no answer comes as a :class:`Reject` in its place. Raises ``FileError`` only where the file cannot be opened.
    """
    if is_transcript(path):
        yield from _read_transcript(path, key, progress)
        return
    for line in read_lines(path, progress=progress):
        yield from read_line(line, key=key, file=str(path))


def is_transcript(path: str | Path) -> bool:
    """Whether a file holds server-sent events, by its name: ``*.sse`` or ``*.sse.gz``."""
    return str(path).lower().endswith((".sse", ".sse.gz"))


def _read_transcript(
    path: str | Path, key: str | None, progress: Callable[[int], None] | None
) -> Iterator[Recording | Reject]:
    """The answers of a recorded stream, and why it gives no more."""
    stream = CompletionStream()
    pieces: list[bytes] = []
    with open_input(path) as file:
        for block in file.blocks(progress=progress):
            pieces.append(block.data)
            if block.fault:
                break
            try:
                stream.feed(block.data)
            except EnvelopeError as error:
                yield Reject(1, str(error), "", str(path))
                return
    completion = stream.close()
    line = Line(1, b"".join(pieces))
    try:
        name = _value_at(completion.raw, key) if key is not None else completion.id or Path(path).name.split(".")[0]
        for answer in completion.answers:
            yield _of_answer(name, answer, completion.model, line)
        if not completion.answers:
            reason = "; ".join(completion.problems)
            raise _Unreadable(reason if completion.fault is None else f"the service sent an error: {completion.fault}")
    except _Unreadable as unreadable:
        yield Reject(1, str(unreadable), line.text, str(path))


def _of_answer(key: str, answer: Answer, model: str | None, line: Line) -> Recording:
    return Recording(
        key=key,
        text=answer.text,
        reasoning=answer.reasoning,
        model=model,
        finish_reason=answer.finish_reason,
        raw=line.text,
        choice=answer.index,
        line_number=line.number,
        content=answer.content,
        offset=answer.split.answer.start,
        reasoning_cut=answer.split.cut,
        ended=answer.ended,
    )


def read_line(line: Line, *, key: str | None, file: str) -> Iterator[Recording | Reject]:
    """The recordings of one line, or why there are none."""
    try:
        yield from _read_line(line, key, file)
    except _Unreadable as unreadable:
        yield Reject(line.number, str(unreadable), line.text, file)


def _read_line(line: Line, key: str | None, file: str) -> Iterator[Recording | Reject]:
    if line.fault:
        raise _Unreadable(line.fault.message)
    recorded = _decode(line, _Recorded)
    if recorded.text is not None:
        name = _key(line, key, recorded, None)
        message = Choice(finish_reason=recorded.finish_reason)
        yield _recording(name, recorded.text, None, message, recorded, recorded.model, line)
        return
    body = _body(line, recorded)
    if body.fault is not None:
        raise _Unreadable(body.fault)
    name = _key(line, key, recorded, body)
    if body.choices is None:
        yield from _read_multilook(line, recorded, name, file)
        return
    for index, encoded in enumerate(body.choices or ()):
        try:
            choice = decode_choice(encoded)
        except msgspec.ValidationError as error:
            yield Reject(line.number, f"choice {index}: {error}", line.text, file)
            continue
        content = choice.message.text if choice.message else ""
        if choice.error is not None and not content:
            yield Reject(line.number, f"choice {index}: {error_text(choice.error)}", line.text, file)
            continue
        reasoning = choice.message.reasoning_text if choice.message else None
        recording = _recording(name, content, reasoning, choice, recorded, body.model, line)
        yield replace(recording, choice=index)


def _read_multilook(line: Line, recorded: _Recorded, key: str, file: str) -> Iterator[Recording | Reject]:
    """The answers to several prompts; ``#`` and the prompt's number are added to the key."""
    decoded = decode_json(line.data, dict)
    body = decoded.get("response", decoded)
    completion = Completion.decode(body.get("body", body))
    for problem in completion.problems:
        yield Reject(line.number, problem, line.text, file)
    for answer in completion.answers:
        if answer.fault is not None and not answer.content:
            yield Reject(line.number, f"prompt {answer.prompt_index}: {answer.fault}", line.text, file)
            continue
        found = _of_answer(f"{key}#{answer.prompt_index}", answer, completion.model, line)
        yield replace(found, assets=recorded.assets or (), ended=recorded.ended)


def _decode(line: Line, kind: type[_Recorded]) -> _Recorded:
    try:
        return decode_json(line.data, kind)
    except DECODE_ERRORS as error:
        if not line.ended and not isinstance(error, msgspec.ValidationError):
            raise _Unreadable(f"the file is cut off inside this line ({error})") from None
        raise _Unreadable(f"not a recording: {error}") from None


def _body(line: Line, recorded: _Recorded) -> Body:
    """The completion of a line, unwrapped."""
    body = recorded.response
    if recorded.error is not None:
        raise _Unreadable(f"the service sent an error: {error_text(recorded.error)}")
    try:
        if isinstance(body, dict) and "body" in body:
            wrapped = msgspec.convert(body, _BatchResponse)
            status = wrapped.status_code or 0
            body = wrapped.body
            if status >= FIRST_ERROR_STATUS:
                error = body.get("error", body) if isinstance(body, dict) else body
                raise _Unreadable(f"the service answered with status {status}: {error_text(error)}")
        if body is not None:
            return msgspec.convert(body, Body)
        if all(each is None for each in (recorded.choices, recorded.object, recorded.message, recorded.results)):
            raise _Unreadable("not a recording: it has none of choices, response and text")
        return decode_json(line.data, Body)
    except msgspec.ValidationError as error:
        raise _Unreadable(f"not a completion: {error}") from None


def _key(line: Line, field: str | None, recorded: _Recorded, body: Body | None) -> str:
    if field is not None:
        return _value_at(decode_json(line.data, dict), field)
    candidates = (recorded.custom_id, recorded.key, body.id if body else None, recorded.id)
    return str(next((name for name in candidates if name is not None), line.number))


def _value_at(value: Any, field: str) -> str:
    """What stands in a field, with dots into objects."""
    for part in field.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    if not isinstance(value, str | int) or isinstance(value, bool):
        raise _Unreadable(f"no text or number in the key field {field!r}")
    return str(value)


def _recording(
    key: str,
    content: str,
    reasoning: str | None,
    choice: Choice,
    recorded: _Recorded,
    model: str | None,
    line: Line,
) -> Recording:
    split = split_reasoning(content)
    if reasoning is None and split.reasoning is not None:
        reasoning = split.reasoning.of(content)
    return Recording(
        key=key,
        text=split.answer.of(content),
        reasoning=reasoning,
        model=model,
        finish_reason=choice.finish_reason,
        assets=recorded.assets or (),
        raw=line.text,
        line_number=line.number,
        content=content,
        offset=split.answer.start,
        reasoning_cut=split.cut,
        ended=recorded.ended,
    )
