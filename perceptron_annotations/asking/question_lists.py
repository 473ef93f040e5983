"""A list of questions, as CSV or JSON Lines: a row for each, with its images, its prompt and its key.

What a column is called tells what it holds; all columns are fields for the prompt. A row that cannot be used costs
itself alone.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

from ..csv_lines import read_records
from ..errors import UsageError
from ..files import DECODE_ERRORS, InputFile, Line, decode_json, is_torn
from ..problems import OnProblem, Problem, ProblemCode

#: What columns are called. Several images are ``image``, ``image_2``, ``image_3``, or a list in JSON Lines.
IMAGE_COLUMNS = ("image", "images", "file_name", "filename", "file", "path", "image_url", "url", "video")
PROMPT_COLUMN = "prompt"
KEY_COLUMNS = ("key", "custom_id", "id")
_NUMBERED = re.compile(rf"({'|'.join(IMAGE_COLUMNS)})[ _]?[0-9]+")
#: What stands between the cells of a CSV file: as RFC 4180 has it, as spreadsheets write it where a comma is the
#: decimal point, and as text copied from them.
_SEPARATORS = (",", ";", "\t")
#: How much of a file is looked at for its first line.
_HEAD_BYTES = 2**16


class ListedRow(NamedTuple):
    """A row of a list: where its images are, as written, and its fields."""

    images: tuple[str, ...]
    fields: Mapping[str, str]
    #: ``list.csv, line 3``.
    place: str

    @property
    def prompt(self) -> str | None:
        """The prompt of the row, if it has one."""
        return self.fields.get(PROMPT_COLUMN) or None

    @property
    def key(self) -> str | None:
        """The key of the row, if it has one."""
        return next((self.fields[name] for name in KEY_COLUMNS if self.fields.get(name)), None)


def is_json_list(head: bytes) -> bool:
    """Whether a list that begins with ``head`` is JSON Lines."""
    return head.lstrip().startswith(b"{")


def csv_separator(head: bytes) -> str | None:
    """What separates the cells of a CSV file with a column of images; None if its first line has none."""
    first = head.decode("utf-8", "replace").lstrip("\r\n").partition("\n")[0].rstrip("\r")
    names = {each: _names(first.split(each)) for each in _SEPARATORS}
    return next((each for each, found in names.items() if any(map(_is_image_column, found))), None)


def read_list(file: InputFile, on_problem: OnProblem) -> Iterator[ListedRow]:
    """The rows of an open list. A row that cannot be used goes to ``on_problem``.

    Raises ``UsageError`` if the list has no column of images.
    """
    head = file.head(_HEAD_BYTES)
    if is_json_list(head):
        return _json_rows(file, on_problem)
    separator = csv_separator(head)
    if separator is None:
        raise UsageError(
            f"{file.path} has no column of images: its first line must name the columns, one of them "
            f"{', '.join(IMAGE_COLUMNS[:-1])} or {IMAGE_COLUMNS[-1]}"
        )
    return _csv_rows(file, separator, on_problem)


class _Refusing(NamedTuple):
    """Tells of rows that cannot be used."""

    path: str
    on_problem: OnProblem

    def tell(self, code: ProblemCode, message: str, number: int, raw: str = "") -> None:
        self.on_problem(Problem(code=code, message=message, path=self.path, place=f"line {number}", raw=raw))


# -- CSV ---------------------------------------------------------------------------------------------------------------


def _csv_rows(file: InputFile, separator: str, on_problem: OnProblem) -> Iterator[ListedRow]:
    refusing = _Refusing(file.path, on_problem)
    names: list[str] = []
    for number, cells, fault in read_records(file, separator=separator):
        if fault is not None:
            refusing.tell(fault.code, fault.message, number, separator.join(cells))
        elif not names:
            names = _names(cells)
        elif len(cells) > len(names) and any(cells[len(names) :]):
            message = f"the row has {len(cells)} cells for {len(names)} columns: quote cells with {separator!r} in them"
            refusing.tell(ProblemCode.MALFORMED_ENTRY, message, number, separator.join(cells))
        elif any(map(str.strip, cells)):
            fields = {name: cell for name, cell in zip(names, cells, strict=False) if name}
            images = tuple([text for name, text in fields.items() if _is_image_column(name) and text.strip()])
            yield from _checked(ListedRow(images, fields, f"{file.path}, line {number}"), number, refusing)


def _names(cells: Iterable[str]) -> list[str]:
    return [cell.strip().strip('"') for cell in cells]


def _is_image_column(name: str) -> bool:
    return name in IMAGE_COLUMNS or _NUMBERED.fullmatch(name) is not None


# -- JSON Lines --------------------------------------------------------------------------------------------------------


def _json_rows(file: InputFile, on_problem: OnProblem) -> Iterator[ListedRow]:
    refusing = _Refusing(file.path, on_problem)
    for line in file.lines():
        found = _json_row(line, refusing.tell)
        if found is not None:
            fields = {name: text for name, value in found.items() if (text := _text_of(value)) is not None}
            images = _json_images(found)
            yield from _checked(ListedRow(images, fields, f"{file.path}, line {line.number}"), line.number, refusing)


def _json_row(line: Line, tell: Callable[[ProblemCode, str, int, str], None]) -> dict[str, object] | None:
    if line.fault is not None:
        tell(line.fault.code, line.fault.message, line.number, line.text)
        return None
    try:
        return decode_json(line.data, dict)
    except DECODE_ERRORS as error:
        code = ProblemCode.TORN_LINE if is_torn(line, error) else ProblemCode.UNREADABLE_LINE
        tell(code, str(error), line.number, line.text)
        return None


def _json_images(row: Mapping[str, object]) -> tuple[str, ...]:
    """The images of a row; what is not a text in their place is left, and refused with the row."""
    found: list[object] = []
    for name, value in row.items():
        if _is_image_column(name) and value is not None:
            found += value if isinstance(value, list) else [value]
    return tuple([each if isinstance(each, str) else "" for each in found])


def _text_of(value: object) -> str | None:
    """A field as text: JSON, if it is not a text."""
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)


def _checked(row: ListedRow, number: int, refusing: _Refusing) -> Iterator[ListedRow]:
    """The row, if it has images."""
    if row.images and all(map(str.strip, row.images)):
        yield row
        return
    refusing.tell(ProblemCode.MALFORMED_ENTRY, "the row names no image", number, json.dumps(dict(row.fields)))
