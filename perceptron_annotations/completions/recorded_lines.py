"""Lines of a file of recordings → the recorded answers, by the general way: whatever form a line has.

A line is a chat completion, a completion of text, a multilook body, a line of OpenAI Batch output, ``{"response": body,
"request": …, "assets": […]}`` or ``{"text": …}``. It may also be a chunk of a stream: the chunks of one stream are
folded, and its answers come when it has ended.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
from msgspec.structs import replace

from ..errors import UsageError
from ..files import DECODE_ERRORS, Fault, Line, is_torn
from ..problems import OnProblem, Problem, ProblemCode
from .answer_files import DOCUMENT_SCHEMA, is_reject, is_request
from .completion import FIRST_ERROR_STATUS, Completion, completion_of
from .envelope import body_in, error_in, hidden_text, is_chunk
from .faults import ServiceFault, read_fault
from .fold import Fold
from .recordings import Recording, recording_of
from .sent import Sent, decode_object, type_of
from .sent_assets import RecordedAsset

#: A line without any of these is not a recording.
_BODY_FIELDS = ("choices", "object", "message", "results", "error", "detail", "errors")


class _Unreadable(Exception):  # noqa: N818 - it never leaves this module
    """Why a line holds no answer."""

    def __init__(self, code: ProblemCode, message: str) -> None:
        super().__init__(code, message)
        self.fault = Fault(code, message)


class CutStreamError(UsageError):
    """A span has a piece of a stream, and others of it may come after the span."""


class LineReader:
    """Reads the lines of one file, one after the other; at the end, :meth:`close` gives what was still open.

    What is wrong goes to ``on_problem``. The ``raw`` of a problem is the line if it cost an answer, else empty. Raises
    ``CutStreamError`` for a piece of a stream in a span that is not the last of its file.
    """

    def __init__(self, *, key: str | None, file: str, on_problem: OnProblem, ends_early: bool = False) -> None:
        self.key = key
        self.file = file
        #: Whether more lines come after the last that is read.
        self._ends_early = ends_early
        self._on_problem = on_problem
        self._streams: dict[str | None, _Stream] = {}
        self._ended: set[str | None] = set()

    @property
    def has_streams(self) -> bool:
        """Whether chunks of streams were read whose answers are still to come: all lines must be given to it then."""
        return bool(self._streams)

    def read(self, line: Line) -> Iterator[Recording]:
        """The recordings of a line."""
        try:
            yield from self._read(line)
        except _Unreadable as unreadable:
            yield from self._end_streams()
            self._lose(line, *unreadable.fault)

    def close(self) -> Iterator[Recording]:
        """The recordings of the streams that have not ended."""
        yield from self._end_streams(all_of_them=True)

    def _read(self, line: Line) -> Iterator[Recording]:
        if line.fault:
            raise _Unreadable(line.fault.code, line.fault.message)
        told: list[Problem] = []
        sent = Sent(_decoded(line), told)
        from_text = _text_body(line, sent)
        body = from_text or _body(sent)
        name = next((name for name in _names(line, sent, body) if name is not None), None)
        if is_chunk(body) or (name in self._streams and _continues(body)):
            yield from self._take_chunk(line, sent, body, name)
            return
        yield from self._end_streams()
        fault, ended = _fault(sent, body), sent.flag("ended", default=True)
        completion = completion_of(body, request=None, asset_count=None, headers={}, fault=fault, ended=ended)
        if from_text is None:
            _tell_text(sent, completion)
        yield from self._recordings(line, self._key(line, sent, name), completion, _assets(sent), told)

    def _recordings(
        self,
        line: Line,
        key: str,
        completion: Completion,
        assets: tuple[RecordedAsset, ...],
        told: list[Problem],
    ) -> Iterator[Recording]:
        """The answers of a completion; what is wrong with it is told."""
        for problem in dict.fromkeys((*told, *completion.problems)):
            if problem.code in _KEPT:
                self._tell(line, problem.code, worded(problem))
            else:
                self._lose(line, problem.code, worded(problem))
        fault = completion.fault
        if fault is not None:
            tell = self._tell if any(answer.content for answer in completion.answers) else self._lose
            tell(line, ProblemCode.SERVICE_ERROR, fault_message(fault))
        for answer in completion.answers:
            name = key if answer.prompt_index is None else f"{key}#{answer.prompt_index}"
            if answer.fault is None or answer.content:
                raw, model = line.text, completion.model
                found = recording_of(answer, key=name, model=model, line_number=line.number, raw=raw)
                yield replace(found, assets=assets) if assets else found
            elif fault is None:
                place = f"choice {answer.index}" if answer.prompt_index is None else f"prompt {answer.prompt_index}"
                self._lose(line, ProblemCode.SERVICE_ERROR, f"{place}: {answer.fault}")

    def _key(self, line: Line, sent: Sent, name: str | None) -> str:
        if self.key is not None:
            value = value_at(sent.fields, self.key)
            if value is None:
                raise _Unreadable(ProblemCode.MISSING_KEY, missing_key(self.key))
            return value
        return str(line.number) if name is None else name

    # -- streams of chunks -------------------------------------------------------------------------------------------

    def _take_chunk(self, line: Line, sent: Sent, body: dict[str, Any], name: str | None) -> Iterator[Recording]:
        if self._ends_early:
            raise CutStreamError(
                f"{self.file}: line {line.number} is a piece of a stream, of which others may come after this span: "
                "let the span end with the file, as split_files does"
            )
        yield from self._end_streams(but=name, restarting=body)
        if name not in self._streams:
            if name in self._ended and not body.get("choices"):  # its usage, after others began
                return
            self._streams[name] = _Stream(line, self._key(line, sent, name))
        self._streams[name].add(line, sent, body)

    def _end_streams(
        self, *, but: str | None = "", restarting: dict[str, Any] | None = None, all_of_them: bool = False
    ) -> Iterator[Recording]:
        """The recordings of the streams that have ended; each has, once a line of something else comes after it."""
        for name in [*self._streams]:
            stream = self._streams[name]
            is_over = stream.restarts(restarting or {}) if name == but else stream.is_finished or name is None
            if is_over or all_of_them:
                del self._streams[name]
                self._ended.add(name)
                completion = stream.completion()
                yield from self._recordings(stream.line, stream.key, completion, stream.assets, stream.problems)

    # -- problems ----------------------------------------------------------------------------------------------------

    def _lose(self, line: Line, code: ProblemCode, message: str) -> None:
        self._on_problem(problem_of(line, self.file, code, message))

    def _tell(self, line: Line, code: ProblemCode, message: str) -> None:
        self._on_problem(Problem(code=code, message=message, path=self.file, place=f"line {line.number}"))


#: Codes of problems that do not cost an answer.
_KEPT = frozenset(
    {
        ProblemCode.INVALID_FIELD,
        ProblemCode.MIXED_REASONING,
        ProblemCode.UNUSABLE_LOGPROBS,
        ProblemCode.INTERRUPTED_STREAM,
        ProblemCode.INVALID_CHUNK,
    }
)


def problem_of(line: Line, file: str, code: ProblemCode, message: str) -> Problem:
    """The problem of a line that holds no answer, or lacks one."""
    return Problem(code=code, message=message, path=file, place=f"line {line.number}", raw=line.text)


def fault_message(fault: ServiceFault) -> str:
    """What a service said of an error, in a sentence."""
    if fault.status is not None and not (fault.code or fault.type):
        return f"the service answered with status {fault.status}: {fault.message}"
    return f"the service sent an error: {fault}"


def value_at(value: Any, field: str) -> str | None:
    """The value of the key field, with dots into objects; None if it is not a text or a number."""
    for part in field.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else None


def missing_key(field: str) -> str:
    """That the key field is missing, in words."""
    return f"no text or number in the key field {field!r}"


def worded(problem: Problem) -> str:
    """A problem of a completion in a sentence that says where in it."""
    return f"{problem.place}: {problem.message}" if problem.place else problem.message


def _decoded(line: Line) -> dict[str, Any]:
    try:
        return decode_object(line.data)
    except DECODE_ERRORS as error:
        if line.data.lstrip().startswith(b"<"):
            message = "not a recording, but words: parse reads the text of one answer"
            raise _Unreadable(ProblemCode.UNREADABLE_LINE, message) from None
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


def _not_utf8(line: Line) -> _Unreadable:
    """Why a line whose answer or key is not UTF-8 is not read: what it says there cannot be guessed."""
    try:
        line.data.decode()
    except UnicodeDecodeError as error:
        return _Unreadable(ProblemCode.WRONG_ENCODING, f"not a recording: {error}")
    return _Unreadable(ProblemCode.WRONG_ENCODING, "not a recording: it is not UTF-8")


def _text_body(line: Line, sent: Sent) -> dict[str, Any] | None:
    """The body that a line with a text stands for; None if it has none, or a completion beside it."""
    text, beside = sent.fields.get("text"), body_in(sent.fields.get("response"))
    if text is None or any(_has_choices(body) for body in (sent.fields, beside)):
        return None
    if isinstance(text, bytes):
        raise _not_utf8(line)
    if not isinstance(text, str):
        raise _Unreadable(ProblemCode.INVALID_COMPLETION, f"not a recording: text is not a text, but {type_of(text)}")
    if isinstance(beside, dict) and (hidden := hidden_text(beside)):
        message = f"response.{hidden} is not read, for the line has a text"
        sent.problems.append(Problem(code=ProblemCode.INVALID_FIELD, message=message))
    choice = {"message": {"content": text}, "finish_reason": sent.fields.get("finish_reason")}
    return {"choices": [choice], "model": sent.fields.get("model")}


def _has_choices(body: Any) -> bool:
    return isinstance(body, dict) and bool(body.get("choices") or body.get("results"))


def _tell_text(sent: Sent, completion: Completion) -> None:
    """Tell of a text beside a completion, unless it says the same."""
    text = sent.fields.get("text")
    if text and not any(text == answer.text for answer in completion.answers):
        message = "text is not read, for the line has a completion"
        sent.problems.append(Problem(code=ProblemCode.INVALID_FIELD, message=message))


def _body(sent: Sent) -> dict[str, Any]:
    """The body of a completion in a line."""
    response = sent.fields.get("response")
    body = body_in(response)
    if body is None:
        if all(sent.fields.get(name) is None for name in _BODY_FIELDS):
            raise _Unreadable(ProblemCode.NOT_A_RECORDING, _what_instead(sent.fields))
        return sent.fields
    if not isinstance(body, dict):
        raise _Unreadable(ProblemCode.INVALID_COMPLETION, f"not a completion: the response is {type_of(body)}")
    return body


def _what_instead(fields: Mapping[str, Any]) -> str:
    """What a line is that is not a recording, and what to read in its place."""
    if is_request(fields):
        return "a request, not an answer: read the output file of the batch"
    if is_reject(fields):
        return "a reject, not an answer: mend what is in raw, and read that"
    if str(fields.get("schema")) == DOCUMENT_SCHEMA:
        return "a stored document among recordings: keep documents in a file of their own"
    return "not a recording: it has none of choices, response and text"


def _names(line: Line, sent: Sent, body: dict[str, Any]) -> Iterator[str | None]:
    """What a recorded line goes by, first the name that counts most."""
    for fields, name in ((sent, "custom_id"), (sent, "key"), (Sent(body, []), "id"), (sent, "id")):
        if isinstance(fields.fields.get(name), bytes):
            raise _not_utf8(line)
        yield fields.name(name)


def _fault(sent: Sent, body: dict[str, Any]) -> ServiceFault | None:
    """The error in a body or beside it, or the status of its response."""
    response = sent.fields.get("response")
    status = None if body is response or not isinstance(response, dict) else response.get("status_code")
    error = sent.fields.get("error") or error_in(body)
    if type(status) is int and status >= FIRST_ERROR_STATUS:
        return read_fault(error or body, status=status)
    return None if error is None else read_fault(error)


#: The numbers of an asset.
_SIDES = ("width", "height", "sent_width", "sent_height")


def _assets(sent: Sent) -> tuple[RecordedAsset, ...]:
    """The assets of a line; one that cannot be read keeps its place."""
    return tuple(
        [RecordedAsset(asset.text("file_name"), *map(asset.number, _SIDES)) for asset, _ in sent.entries("assets")]
    )


def _continues(body: dict[str, Any]) -> bool:
    """Whether a body may go on with a stream: its last piece has a reason to finish, or only the usage, or an error.

    One that holds a text where nobody looks for it does not: it is told of at its own line.
    """
    return body.get("object") == "text_completion" or not (_has_choices(body) or hidden_text(body))


class _Stream:
    """The chunks of one stream, each on a line of its own."""

    def __init__(self, line: Line, key: str) -> None:
        self.key = key
        self.assets: tuple[RecordedAsset, ...] = ()
        self.problems: list[Problem] = []
        self._first = line.number
        self._lines: list[bytes] = []
        self._fold = Fold()
        self._fault: ServiceFault | None = None

    @property
    def is_finished(self) -> bool:
        """Whether each of its answers has a reason to finish."""
        return self._fold.is_finished or self._fault is not None

    @property
    def line(self) -> Line:
        """All its lines as one, with the number of the first."""
        return Line(self._first, b"\n".join(self._lines))

    def restarts(self, body: dict[str, Any]) -> bool:
        """Whether a chunk belongs to the next stream of the same name."""
        return self._fold.is_beyond(body)

    def add(self, line: Line, sent: Sent, body: dict[str, Any]) -> None:
        """Take a chunk."""
        self._lines.append(line.data)
        self._fold.add(body)
        self._fault = self._fault or _fault(sent, body)
        self.assets = self.assets or _assets(sent)

    def completion(self) -> Completion:
        """The completion that its chunks make."""
        problems = [*self._fold.problems]
        if not self.is_finished:
            message = "the chunks end before the stream was done"
            problems.append(Problem(code=ProblemCode.INTERRUPTED_STREAM, message=message))
        return completion_of(
            self._fold.body(),
            request=None,
            asset_count=None,
            headers={},
            fault=self._fault,
            problems=problems,
            ended=self._fold.is_finished and not self._fold.has_holes,
        )
