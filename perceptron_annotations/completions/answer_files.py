"""The door of files of answers: how a file begins → what it holds and how it is laid out; then its lines.

Every reader of answers asks here, and so does what recognises datasets; neither the suffix of a file nor where it came
from matters, but for ``*.sse``. The file stays as it is: what is looked at is read again by whoever reads it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Container, Iterator
from enum import Enum, auto
from pathlib import Path
from typing import NamedTuple

import msgspec
from msgspec import structs

from ..file_kinds import foreign_kind, is_parquet
from ..files import DECODE_ERRORS, SHOWN_BYTES, Block, Fault, InputFile, count_lines
from ..json_head import JsonHead, json_head
from ..problems import OnProblem, Problem, ProblemCode

#: Bytes of a file that are looked at.
HEAD_BYTES = 2**16
#: What a line of stored documents, and of a dataset, says that it is.
DOCUMENT_SCHEMA = "perceptron-annotations/document"
DATASET_SCHEMA = "perceptron-annotations/dataset"
_OWN = "perceptron-annotations/"
#: What else this package writes.
_OTHERS = {
    DATASET_SCHEMA: "it holds a dataset: read it with read_dataset, or inspect it",
    "perceptron-annotations/evaluation": "it is a report of evaluate: name what was evaluated",
}

_EVENTS = re.compile(rb"(?:(?:event|id|retry)?:[^\n]*\r?\n|\s)*+data:\s*[{\[]")
#: What tasks of Label Studio have beside what may be a text or an answer.
TASK_MEMBERS = ("data", "annotation_id", "annotator")


class AnswerForm(Enum):
    """What a file of answers holds."""

    RECORDINGS = auto()
    #: Server-sent events.
    TRANSCRIPT = auto()
    #: What ``write_documents`` writes.
    DOCUMENTS = auto()
    #: Parquet, whatever its columns are.
    TABLE = auto()


class Layout(Enum):
    """How JSON stands in a file."""

    LINES = auto()
    #: The items of one array.
    ARRAY = auto()
    #: One object, on several lines.
    OBJECT = auto()


class AnswerFile(NamedTuple):
    """What a file holds, as far as its beginning tells."""

    form: AnswerForm
    layout: Layout = Layout.LINES
    #: Why nothing in it can be read, if so.
    fault: Fault | None = None
    #: Whether it is certain that these are answers; else it may be a dataset.
    is_certain: bool = True
    #: What is seen of its first object.
    json: JsonHead | None = None


def answer_file(file: InputFile) -> AnswerFile:
    """What an open file holds. What begins as nothing known does is taken for recordings, whose lines are told."""
    head = file.head(HEAD_BYTES) if file.first_line == 1 else b""  # in the midst of a file are its lines
    if is_parquet(head):
        return AnswerFile(AnswerForm.TABLE)
    fault = foreign_kind(head)
    if fault is not None:
        return AnswerFile(AnswerForm.RECORDINGS, fault=fault)
    if is_transcript(file.path) or _EVENTS.match(head):
        return AnswerFile(AnswerForm.TRANSCRIPT)
    found = json_head(head)
    if found is None:
        return AnswerFile(AnswerForm.RECORDINGS, is_certain=False)
    layout = Layout.ARRAY if found.is_array else Layout.OBJECT if found.spans_lines else Layout.LINES
    schema = found.text("schema")
    if schema == DOCUMENT_SCHEMA:
        return AnswerFile(AnswerForm.DOCUMENTS, layout, json=found)
    if schema.startswith(_OWN):
        fault = Fault(ProblemCode.FOREIGN_FILE, _OTHERS.get(schema, f"it says that it is {schema}, not answers"))
    return AnswerFile(AnswerForm.RECORDINGS, layout, fault, is_certain=_is_answer(found), json=found)


def is_transcript(path: str | Path) -> bool:
    """Whether a file holds server-sent events, by its name: ``*.sse`` or ``*.sse.gz``."""
    return str(path).lower().endswith((".sse", ".sse.gz"))


def _is_answer(found: JsonHead) -> bool:
    """Whether an object is a recorded answer, or what a service sends in place of one."""
    if found.has_array("choices") or found.has_object("response") or found.has_object("error"):
        return True
    if is_request(found.members) or is_reject(found.members):  # of which a reader says what they are
        return True
    if found.has_text("text") and not any(name in found.members for name in TASK_MEMBERS):
        return True
    return found.has_array("results") and (found.has_text("object") or found.has_text("model"))


def is_request(members: Container[str]) -> bool:
    """Whether an object is a line of the input of a batch, by its members."""
    return all(name in members for name in ("method", "url", "body"))


def is_reject(members: Container[str]) -> bool:
    """Whether an object is a line of a file of rejects, by its members."""
    return all(name in members for name in ("line_number", "code", "raw"))


def json_blocks(
    file: InputFile,
    layout: Layout,
    *,
    progress: Callable[[int], None] | None = None,
    count_lines: Callable[[bytes], int] = count_lines,
) -> Iterator[Block]:
    """The lines of a file, many at a time, each with one object: the items of an array count as lines.

    An array or an object on several lines is read whole. Raises what :meth:`InputFile.read` raises.
    """
    if layout is Layout.LINES:
        yield from file.blocks(progress=progress, count_lines=count_lines)
        return
    data = file.read()
    values, rest, fault = _values(data)
    if not values and _OBJECT_LINE.search(data):  # an object was cut off, and good lines come after it
        yield Block(1, data)
        return
    for number, value in enumerate(values, 1):
        yield Block(number, value.replace(b"\n", b" ") + b"\n")
    if fault is not None:
        yield Block(len(values) + 1, rest[:SHOWN_BYTES], fault)


def place_in(layout: Layout, on_problem: OnProblem) -> OnProblem:
    """``on_problem``, told the number of an item where a reader of lines says that of a line."""
    if layout is not Layout.ARRAY:
        return on_problem

    def tell(problem: Problem) -> None:
        on_problem(structs.replace(problem, place=problem.place.replace("line", "item", 1)))

    return tell


#: A whole object on a line of its own.
_OBJECT_LINE = re.compile(rb"^\{.+\}\r?$", re.MULTILINE)
#: What stands between the items of an array.
_BETWEEN = re.compile(r"[\s,]*")


def _values(data: bytes) -> tuple[list[bytes], bytes, Fault | None]:
    """The items of an array, or the one object that data are; what follows them, and what is wrong there."""
    is_array = data.lstrip().startswith(b"[")
    try:
        if is_array:
            return [bytes(each) for each in msgspec.json.decode(data, type=list[msgspec.Raw])], b"", None
        msgspec.json.decode(data, type=msgspec.Raw)
    except DECODE_ERRORS as error:
        return _values_before(data.decode("utf-8", "surrogateescape"), error, is_array=is_array)
    return [data], b"", None


def _values_before(text: str, error: Exception, *, is_array: bool) -> tuple[list[bytes], bytes, Fault | None]:
    """The items, or objects, before what cannot be decoded; and that."""
    values: list[bytes] = []
    decode = json.JSONDecoder().raw_decode
    place = text.find("[") + 1 if is_array else 0
    try:
        while True:
            place = _BETWEEN.match(text, place).end()  # type: ignore[union-attr]
            _, end = decode(text, place)
            values.append(text[place:end].encode("utf-8", "surrogateescape"))
            place = end
    except (ValueError, RecursionError):
        pass
    if not is_array and place >= len(text):
        return values, b"", None
    rest = text[place:].encode("utf-8", "surrogateescape")
    code = ProblemCode.UNREADABLE_LINE if rest else ProblemCode.TORN_LINE
    return values, rest, Fault(code, f"not JSON from here on: {error}")
