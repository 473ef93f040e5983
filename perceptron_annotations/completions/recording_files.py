"""Files of recorded completions → one :class:`Recording` for each answer, and a ``Problem`` for what holds none.

A transcript is that of one stream; any other file has a recording on each line, in one of the forms of
``recorded_lines``, or an array of recordings. Nothing stops a file: what cannot be read goes to ``on_problem`` with its
line number and its text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from ..errors import EnvelopeError
from ..files import Fault, InputFile, Line, Source, open_input
from ..limits import beyond, current_limits
from ..problems import OnProblem, Problem, ProblemCode, reporting
from .answer_files import AnswerForm, answer_file, json_blocks, place_in
from .completion import Completion
from .completion_stream import CompletionStream
from .plain_lines import recordings_in
from .recorded_lines import LineReader, fault_message, missing_key, problem_of, value_at, worded
from .recordings import Recording, recording_of


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
        path: The file, or ``-`` for standard input: JSON Lines, a JSON array of such lines, one saved response, or the
            transcript of a stream (server-sent events).
        key: The field that joins an answer to its image, with dots into objects (``request.metadata.image``). By
            default it is ``custom_id``, else ``key``, else the ``id`` of the completion, else the line's number.
        on_problem: Called for each line, or choice of it, that holds no answer, and for what is wrong beside an answer;
            then the ``raw`` of the problem is empty. Without it, one ``ProblemWarning`` at the end counts them.
        progress: Called with the position in the file, in its own bytes.
    """
    with reporting(on_problem) as report, open_input(path) as file:
        found = answer_file(file)
        fault = found.fault or _STORED.get(found.form)
        if fault is not None:
            report(Problem(code=fault.code, message=fault.message, path=file.path))
            return
        if found.form is AnswerForm.TRANSCRIPT:
            yield from read_transcript(file, key, report, progress)
            return
        tell = place_in(found.layout, report)
        reader = LineReader(key=key, file=file.path, on_problem=tell, ends_early=file.ends_early)
        for block in json_blocks(file, found.layout, progress=progress):
            for line in block.lines():
                yield from recordings_in(line, reader)
        yield from reader.close()


#: Answers that were read already.
_STORED = {
    AnswerForm.DOCUMENTS: Fault(
        ProblemCode.FOREIGN_FILE, "it holds documents: read it with read_documents, or as a table with read_table"
    ),
    AnswerForm.TABLE: Fault(ProblemCode.FOREIGN_FILE, "it is Parquet: read it with read_table or read_parquet"),
}


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
            break
        pieces.append(block.data)
        if fault or not _feed(stream, block.data):
            break
    completion = stream.close()
    line = Line(1, b"".join(pieces))
    found = completion.id or Path(file.path).name.split(".")[0]
    name = found if key is None else value_at(completion.raw, key)
    kept = [answer for answer in completion.answers if name is not None and (answer.content or answer.fault is None)]
    for answer in kept:
        yield recording_of(answer, key=name or "", model=completion.model, line_number=1, raw=line.text)
    if name is None and completion.answers:
        on_problem(problem_of(line, file.path, ProblemCode.MISSING_KEY, missing_key(key or "")))
    for code, message in _stream_faults(completion, fault):
        raw = "" if kept else line.text
        on_problem(Problem(code=code, message=message, path=file.path, place="line 1", raw=raw))


def _feed(stream: CompletionStream, data: bytes) -> bool:
    """Whether the stream could take more bytes; if not, it says so when it is closed."""
    try:
        stream.feed(data)
    except EnvelopeError:
        return False
    return True


def _stream_faults(completion: Completion, fault: Fault | None) -> Iterator[Fault]:
    """What was wrong with a recorded stream; ``fault`` is why the file could not be read to its end."""
    if fault is not None:
        yield fault
    if completion.fault is not None:
        yield Fault(ProblemCode.SERVICE_ERROR, fault_message(completion.fault))
    is_finished = bool(completion.answers) and all(answer.finish_reason for answer in completion.answers)
    for problem in completion.problems:
        if not (is_finished and problem.code is ProblemCode.INTERRUPTED_STREAM):
            yield Fault(problem.code, worded(problem))
