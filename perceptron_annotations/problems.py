"""What was wrong in a file or body that was read: reported while it is read, one :class:`Problem` at a time.

A reader keeps what it can read. What it cannot read goes to ``on_problem``, the callback that every reader takes.
Without a callback, a single :class:`ProblemWarning` counts the problems by code, at the end or if the caller stops
before. A reader never raises for bad content, and never yields problems between its results.
"""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeAlias

from msgspec import Struct

from .codes import Code
from .errors import InputError


class ProblemCode(Code):
    """Why something that was read is not in the result, or not as it was written."""

    # Files of lines.
    UNREADABLE_LINE = "unreadable_line", "a line is not valid JSON"
    TORN_LINE = "torn_line", "a line was cut off while it was written"
    OVERSIZED_LINE = "oversized_line", "a line is longer than the limit of 64 MiB"
    DAMAGED_GZIP = "damaged_gzip", "compressed data is cut off or damaged"
    WRONG_ENCODING = "wrong_encoding", "a file or a line of it is not UTF-8"
    FOREIGN_FILE = "foreign_file", "a file is of a kind that is not read here, such as an image or an archive"

    # Recorded completions.
    NOT_A_RECORDING = "not_a_recording", "a line is JSON, but does not hold a completion"
    INVALID_COMPLETION = "invalid_completion", "an answer of a completion cannot be read"
    INVALID_FIELD = "invalid_field", "a field beside an answer has the wrong type; it is left out"
    MIXED_REASONING = "mixed_reasoning", "reasoning stands inside an answer; what it marks counts as the answer's"
    UNUSABLE_LOGPROBS = "unusable_logprobs", "log probabilities cannot be read, or are not of the answer; it has none"
    MISSING_ANSWER = "missing_answer", "a completion has no answer"
    SERVICE_ERROR = "service_error", "the service sent an error, in place of an answer or after a part of it"
    MISSING_KEY = "missing_key", "the field named by key is missing, or is not text or a number"

    # Streams.
    INTERRUPTED_STREAM = "interrupted_stream", "a stream ended before the service had finished it"
    BROKEN_CONNECTION = "broken_connection", "what the stream came from failed before its end"
    INVALID_CHUNK = "invalid_chunk", "an event of a stream is not a chunk, or not a whole one"
    OVERSIZED_FILE = "oversized_file", "a file is larger than the limit; what comes after it is not read"
    OVERSIZED_EVENT = "oversized_event", "an event of a stream is longer than the limit"
    NOT_A_STREAM = "not_a_stream", "what came in place of a stream is not a completion"

    # Answers in JSON.
    INVALID_ITEM = "invalid_item", "an item of a JSON answer does not fit the schema"
    UNREADABLE_ITEM = "unreadable_item", "an item of a JSON answer is not valid JSON; what comes after it is not read"
    NOT_A_LIST = "not_a_list", "a JSON answer is not a list of annotations"

    # Stored documents.
    UNKNOWN_SCHEMA = "unknown_schema", "a line has another schema or version"
    INVALID_DOCUMENT = "invalid_document", "a field of a stored document is missing, or has the wrong type"
    CHANGED_DOCUMENT = "changed_document", "the annotations of a stored document are not those of its source"

    # Files of datasets.
    UNREADABLE_FILE = "unreadable_file", "a file of a dataset cannot be read"
    UNSUPPORTED_ENTRY = "unsupported_entry", "an entry is of a kind that a dataset cannot hold"
    UNREAD_FIELD = "unread_field", "fields say what a dataset has no place for, such as a licence; they are left out"
    MALFORMED_ENTRY = "malformed_entry", "an entry has a missing or invalid field"
    DANGLING_REFERENCE = "dangling_reference", "an entry refers to something that does not exist"
    DUPLICATE_ENTRY = "duplicate_entry", "an entry comes twice; the first one counts"
    NON_FINITE_COORDINATES = "non_finite_coordinates", "coordinates are infinite or not a number"
    OUT_OF_BOUNDS = "out_of_bounds", "a shape reaches beyond its image; it is kept as it is"
    MISSING_SIZE = "missing_size", "the size of an image is unknown"
    SIZE_MISMATCH = "size_mismatch", "the recorded size differs from that of the image file"
    MISSING_IMAGE = "missing_image", "an image file does not exist or cannot be read"
    UNSAFE_FILE_NAME = "unsafe_file_name", "a file name leads out of its folder"


class Problem(Struct, frozen=True, kw_only=True):
    """One thing that was wrong in what was read.

    >>> from perceptron_annotations.problems import ProblemCode
    >>> print(Problem(code=ProblemCode.MISSING_ANSWER, message="no choices", path="a.jsonl", place="line 3"))
    a.jsonl: line 3: missing_answer: no choices
    """

    code: ProblemCode
    #: What is wrong, in a sentence for people; it may quote the input.
    message: str
    #: The file, or empty if it was not read from one.
    path: str = ""
    #: Where in the file: ``"line 3"``, ``"image 7"``; empty for all of it.
    place: str = ""
    #: The text that could not be read: a whole line, or an item of a JSON answer; empty for other input.
    raw: str = ""

    def __str__(self) -> str:
        return ": ".join(part for part in (self.path, self.place, self.code.value, self.message) if part)


#: A callback that gets each problem when it is found, for example ``problems.append``.
OnProblem: TypeAlias = Callable[[Problem], None]


class ProblemWarning(UserWarning):
    """A reader found problems, and ``on_problem`` was not given. ``.counts`` has the number for each code."""

    def __init__(self, first: Problem, counts: dict[ProblemCode, int]) -> None:
        super().__init__(first, counts)
        self.first = first
        self.counts = counts

    def __str__(self) -> str:
        counted = ", ".join(f"{count} {code.value}" for code, count in self.counts.items())
        return f"{counted}; first: {self.first} (pass on_problem= to get each of them)"


@contextmanager
def reporting(on_problem: OnProblem | None) -> Iterator[OnProblem]:
    """The callback for problems: ``on_problem`` itself, or one that counts and warns once when the reader is done.

    >>> found = []
    >>> with reporting(found.append) as report:
    ...     report(Problem(code=ProblemCode.MISSING_ANSWER, message="no choices", path="a.jsonl", place="line 3"))
    >>> print(found[0])
    a.jsonl: line 3: missing_answer: no choices
    """
    if on_problem is not None:
        yield on_problem
        return
    counts: Counter[ProblemCode] = Counter()
    first: list[Problem] = []

    def count(problem: Problem) -> None:
        counts[problem.code] += 1
        if not first:
            first.append(problem)

    def warn() -> None:
        if first:
            warnings.warn(ProblemWarning(first[0], dict(counts)), stacklevel=level_of_caller())

    try:
        yield count
    except GeneratorExit as closing:  # the caller wants no more results
        try:
            warn()
        except ProblemWarning:  # warnings are errors
            if closing.__context__ is None:  # else the error that made the caller stop is the one to raise
                raise
        raise
    warn()


def level_of_caller() -> int:
    """The ``stacklevel`` of the first frame outside this package, however deep the caller is in it.

    >>> level_of_caller() >= 1
    True
    """
    from inspect import currentframe

    package, level, frame = __name__.partition(".")[0], 0, currentframe()
    while frame is not None and frame.f_globals.get("__name__", "").partition(".")[0] in (package, "contextlib"):
        level, frame = level + 1, frame.f_back
    return level


def refuse_no_answers(count: int, first: Problem | None, *paths: str) -> None:
    """Raise ``InputError`` with the first problem if no answer was read from the files.

    >>> refuse_no_answers(0, None, "a.jsonl")
    Traceback (most recent call last):
    ...
    perceptron_annotations.errors.InputError: no recorded answer could be read from a.jsonl: there is nothing in it
    """
    if not count:
        if first is not None and not first.place:  # of the file as a whole
            raise InputError(f"cannot read {first.path}: {first.message}")
        why = "there is nothing in it" if first is None else str(first)
        raise InputError(f"no recorded answer could be read from {', '.join(paths)}: {why}")
