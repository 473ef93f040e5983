"""Files of recorded completions → one :class:`Recording` for each answer, and a ``Problem`` for what holds none.

A line is a chat completion or multilook body, a line of OpenAI Batch output, ``{"response": body, "request": …,
"assets": […]}`` or ``{"text": …}``; a file ``*.sse`` is the transcript of one stream. Nothing stops a file: what cannot
be read goes to ``on_problem`` with its line number and its text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeAlias

import msgspec
from msgspec import Struct
from msgspec.structs import force_setattr, replace

from ..checked import Checked
from ..errors import EnvelopeError, MarkupError
from ..field_numbers import of_python
from ..files import DECODE_ERRORS, Fault, InputFile, Line, Source, decode_json, is_torn, open_input
from ..frames import AssetFrames
from ..issues import Span
from ..limits import beyond, current_limits
from ..markup.document import Document, Mode, checked_mode, parse_within
from ..problems import OnProblem, Problem, ProblemCode, reporting
from .completion import FIRST_ERROR_STATUS, Answer, Completion
from .completion_stream import CompletionStream
from .ending import Ending, ending_of
from .envelope import Body, Choice, body_in, decode_choice, first_key
from .faults import error_text
from .logprobs import TokenLogprobs, UnusableLogprobsError, read_logprobs
from .reasoning import split_reasoning


class RecordedAsset(Struct, metaclass=Checked, frozen=True, gc=False, omit_defaults=True):
    """An image or video that was sent with the prompt; its size in pixels, if it is recorded.

    >>> pa.completions.RecordedAsset("cups.jpg", 640, 480)
    RecordedAsset(file_name='cups.jpg', width=640, height=480)
    """

    file_name: str | None = None
    width: int | float | None = None
    height: int | float | None = None

    def check(self) -> None:
        """Make numbers of NumPy Python's."""
        for name in ("width", "height"):
            force_setattr(self, name, of_python(getattr(self, name)))


class Recording(Struct, frozen=True, gc=False, kw_only=True):
    """One recorded answer.

    ``key`` joins it to its image and its truth; ``choice`` is its place among the choices of its line. ``text`` is the
    answer without its reasoning, at ``offset`` in the message's whole ``content`` (None if that is the same).

    >>> asset = pa.completions.RecordedAsset("cups.jpg", 640, 480)
    >>> recording = pa.Recording(key="cups.jpg", text="<point> (500,500) </point>", assets=(asset,))
    >>> point = recording.document().to(recording.frames).points[0]
    >>> point.x, point.y
    (320.0, 240.0)
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
    #: How it ended; ``finish_reason`` is what the service said.
    ending: Ending = Ending.UNSTATED
    #: Of its tokens, by their places in ``content``, if the service sent them.
    logprobs: TokenLogprobs | None = None

    def document(self, *, mode: Mode | str = Mode.LENIENT) -> Document:
        """The answer parsed; spans index the whole content. Raises ``MarkupError`` in strict mode."""
        source = self.text if self.content is None else self.content
        answer = Span(self.offset, self.offset + len(self.text))
        try:
            return parse_within(source, answer, mode=checked_mode(mode), cut=self.ending.truncates)
        except MarkupError as error:
            where = f"answer {self.key}" + (f", choice {self.choice}" if self.choice else "")
            raise MarkupError(error.issue, error.source, where) from None

    @property
    def frames(self) -> AssetFrames | None:
        """The pixel frames of the assets whose sizes are recorded; None if none is."""
        sizes = {
            index: (asset.width, asset.height)
            for index, asset in enumerate(self.assets)
            if asset.width is not None and asset.height is not None
        }
        return AssetFrames.of(sizes, len(self.assets)) if sizes else None


class _Recorded(Struct, frozen=True, gc=False):
    """The fields of all forms of a line; ``response`` may be a body, or a response of OpenAI Batch around one."""

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


#: Called with what is wrong in a line.
_Report: TypeAlias = Callable[[ProblemCode, str], None]


class _Unreadable(Exception):  # noqa: N818 - it never leaves this module
    """Why a line holds no answer."""

    def __init__(self, code: ProblemCode, message: str) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message


def read_recordings(
    path: Source,
    *,
    key: str | None = None,
    on_problem: OnProblem | None = None,
    progress: Callable[[int], None] | None = None,
) -> Iterator[Recording]:
    r"""One recording for each choice of each line of a JSONL file, plain or gzipped.

    Nothing that is in a file raises. Raises ``FileError`` if it cannot be opened.

    >>> from pathlib import Path
    >>> _ = Path("cut.jsonl").write_text('{"key": "a.jpg", "text": "<point> (1,2) </point>"}\n{"key"')
    >>> problems = []
    >>> [each.key for each in pa.read_recordings("cut.jsonl", on_problem=problems.append)]
    ['a.jpg']
    >>> problems[0].code.value, problems[0].place
    ('torn_line', 'line 2')

    Args:
        path: The file, or ``-`` for standard input; ``*.sse`` and ``*.sse.gz`` are transcripts of one stream.
        key: The field that joins an answer to its image, with dots into objects (``request.metadata.image``). By
            default it is ``custom_id``, else ``key``, else the ``id`` of the completion, else the line's number.
        on_problem: Called for each line, or choice of it, that holds no answer. Without it, one ``ProblemWarning`` at
            the end counts them.
        progress: Called with the position in the file, in its own bytes.
    """
    with reporting(on_problem) as report, open_input(path) as file:
        if is_transcript(file.path):
            yield from read_transcript(file, key, report, progress)
            return
        for line in file.lines(progress=progress):
            yield from read_line(line, key=key, file=file.path, on_problem=report)


def is_transcript(path: str | Path) -> bool:
    """Whether a file holds server-sent events, by its name: ``*.sse`` or ``*.sse.gz``."""
    return str(path).lower().endswith((".sse", ".sse.gz"))


def read_transcript(
    file: InputFile, key: str | None, on_problem: OnProblem, progress: Callable[[int], None] | None = None
) -> Iterator[Recording]:
    """The answers of a recorded stream; then what was wrong with it goes to ``on_problem``.

    A stream that lacks nothing but its last event has no problem: its answers say that they are not ended.
    """
    stream = CompletionStream()
    pieces: list[bytes] = []
    fault = None
    size, most = 0, current_limits().transcript_bytes
    for block in file.blocks(progress=progress):
        size += len(block.data)
        fault = block.fault
        if size > most:
            fault = Fault(ProblemCode.OVERSIZED_FILE, f"the transcript {beyond('transcript_bytes')}")
        if fault:
            break
        pieces.append(block.data)
        try:
            stream.feed(block.data)
        except EnvelopeError as error:
            fault = Fault(ProblemCode.OVERSIZED_EVENT, str(error))
            break
    completion = stream.close()
    line = Line(1, b"".join(pieces))
    try:
        for answer in completion.answers:
            name = completion.id or Path(file.path).name.split(".")[0]
            name = name if key is None else _value_at(completion.raw, key)
            yield _of_answer(name, answer, completion.model, line)
    except _Unreadable as unreadable:
        on_problem(_of_line(line, file.path, unreadable.code, unreadable.message))
    for code, message in _stream_faults(completion, fault):
        on_problem(_of_line(line, file.path, code, message))


def _stream_faults(completion: Completion, fault: Fault | None) -> Iterator[Fault]:
    """What was wrong with a recorded stream; ``fault`` is why the file could not be read to its end."""
    if fault is not None:
        yield fault
    if completion.fault is not None:
        yield Fault(ProblemCode.SERVICE_ERROR, f"the service sent an error: {completion.fault}")
    is_finished = bool(completion.answers) and all(answer.finish_reason for answer in completion.answers)
    for problem in completion.problems:
        if not (is_finished and problem.code is ProblemCode.INTERRUPTED_STREAM):
            yield Fault(problem.code, _worded(problem))


def _worded(problem: Problem) -> str:
    """A problem of a completion in a sentence that says where in it."""
    return f"{problem.place}: {problem.message}" if problem.place else problem.message


def _of_line(line: Line, file: str, code: ProblemCode, message: str) -> Problem:
    return Problem(code=code, message=message, path=file, place=f"line {line.number}", raw=line.text)


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
        ending=answer.ending,
        logprobs=answer.logprobs,
    )


def read_line(line: Line, *, key: str | None, file: str, on_problem: OnProblem) -> Iterator[Recording]:
    """The recordings of one line; what is wrong with it or with one of its choices goes to ``on_problem``."""

    def report(code: ProblemCode, message: str) -> None:
        on_problem(_of_line(line, file, code, message))

    try:
        yield from _read_line(line, key, report)
    except _Unreadable as unreadable:
        report(unreadable.code, unreadable.message)


def _read_line(line: Line, key: str | None, report: _Report) -> Iterator[Recording]:
    if line.fault:
        raise _Unreadable(line.fault.code, line.fault.message)
    recorded = _decode(line, _Recorded)
    if recorded.text is not None:
        name = _key(line, key, recorded, None)
        message = Choice(finish_reason=recorded.finish_reason)
        yield _recording(name, recorded.text, None, message, recorded, recorded.model, line)
        return
    failed = None if recorded.error is None else f"the service sent an error: {error_text(recorded.error)}"
    if failed is not None and recorded.choices is None and body_in(recorded.response) is None:
        raise _Unreadable(ProblemCode.SERVICE_ERROR, failed)
    body = _body(line, recorded)
    failed = failed or body.fault
    if failed is not None:
        report(ProblemCode.SERVICE_ERROR, failed)
    elif not (body.choices or body.results):
        raise _Unreadable(ProblemCode.MISSING_ANSWER, "no choices")
    name = _key(line, key, recorded, body)
    if body.choices is None:
        yield from _read_multilook(line, recorded, name, report)
        return
    for index, encoded in enumerate(body.choices or ()):
        try:
            choice = decode_choice(encoded)
        except DECODE_ERRORS as error:
            report(ProblemCode.INVALID_COMPLETION, f"choice {index}: {error}")
            continue
        content = choice.text
        if choice.error is not None and not content:
            report(ProblemCode.SERVICE_ERROR, f"choice {index}: {error_text(choice.error)}")
            continue
        recording = _recording(name, content, choice.reasoning_text, choice, recorded, body.model, line)
        recording = replace(recording, choice=index, logprobs=_logprobs(index, encoded, choice, report))
        if failed is None:
            yield recording
        elif content:
            yield replace(recording, ending=Ending.ERROR)


def _logprobs(index: int, sent: dict[str, Any], choice: Choice, report: _Report) -> TokenLogprobs | None:
    """The log probabilities of a choice; those that cannot be used are told."""
    is_reasoning_apart = choice.reasoning_text is not None
    try:
        return read_logprobs(sent.get("logprobs"), choice.text, is_reasoning_apart=is_reasoning_apart)
    except UnusableLogprobsError as error:
        report(ProblemCode.UNUSABLE_LOGPROBS, f"choice {index}: {error}")
        return None


def _read_multilook(line: Line, recorded: _Recorded, key: str, report: _Report) -> Iterator[Recording]:
    """The answers to several prompts; ``#`` and the prompt's number are added to the key."""
    decoded = decode_json(line.data, dict)
    body = body_in(decoded.get("response"))
    completion = Completion.decode(decoded if body is None else body)
    for problem in completion.problems:
        report(problem.code, _worded(problem))
    for answer in completion.answers:
        if answer.fault is not None and not answer.content:
            report(ProblemCode.SERVICE_ERROR, f"prompt {answer.prompt_index}: {answer.fault}")
            continue
        found = _of_answer(f"{key}#{answer.prompt_index}", answer, completion.model, line)
        yield replace(found, assets=recorded.assets or ())


def _decode(line: Line, kind: type[_Recorded]) -> _Recorded:
    try:
        return decode_json(line.data, kind)
    except DECODE_ERRORS as error:
        if is_torn(line, error):
            what = "this line was cut off" if line.ended else "the file is cut off inside this line"
            raise _Unreadable(ProblemCode.TORN_LINE, f"{what} ({error})") from None
        raise _Unreadable(_cause(error, line.data), f"not a recording: {error}") from None


def _cause(error: Exception, data: bytes) -> ProblemCode:
    """The code for what decoding a line raised."""
    if isinstance(error, UnicodeDecodeError):
        return ProblemCode.WRONG_ENCODING
    if not isinstance(error, msgspec.ValidationError):
        return ProblemCode.UNREADABLE_LINE
    is_object = data.lstrip().startswith(b"{")
    return ProblemCode.INVALID_COMPLETION if is_object else ProblemCode.NOT_A_RECORDING


def _body(line: Line, recorded: _Recorded) -> Body:
    """The body of a completion in a line."""
    body = body_in(recorded.response)
    try:
        if body is not recorded.response:
            status = msgspec.convert(recorded.response, _BatchResponse).status_code or 0
            if status >= FIRST_ERROR_STATUS:
                error = body.get("error", body) if isinstance(body, dict) else body
                message = f"the service answered with status {status}: {error_text(error)}"
                raise _Unreadable(ProblemCode.SERVICE_ERROR, message)
        if body is not None:
            return msgspec.convert(body, Body)
        if all(each is None for each in (recorded.choices, recorded.object, recorded.message, recorded.results)):
            message = "not a recording: it has none of choices, response and text"
            raise _Unreadable(ProblemCode.NOT_A_RECORDING, message)
        return decode_json(line.data, Body)
    except msgspec.ValidationError as error:
        raise _Unreadable(ProblemCode.INVALID_COMPLETION, f"not a completion: {error}") from None


def _key(line: Line, field: str | None, recorded: _Recorded, body: Body | None) -> str:
    if field is not None:
        return _value_at(decode_json(line.data, dict), field)
    found = first_key(recorded.custom_id, recorded.key, body.id if body else None, recorded.id)
    return str(line.number) if found is None else found


def _value_at(value: Any, field: str) -> str:
    """The value of a field, with dots into objects."""
    for part in field.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    if not isinstance(value, str | int) or isinstance(value, bool):
        raise _Unreadable(ProblemCode.MISSING_KEY, f"no text or number in the key field {field!r}")
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
        ending=ending_of(
            choice.finish_reason,
            has_ended=recorded.ended,
            has_failed=choice.error is not None,
            is_refused=choice.is_refused,
            is_reasoning_cut=split.cut,
            has_calls=choice.has_calls,
        ),
    )
