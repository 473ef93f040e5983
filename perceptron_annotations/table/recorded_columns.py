"""Tables of recorded answers ⇄ Arrow: the columns of a table, and beside them those of the recordings.

With them the answers can be joined with their images, and go on into datasets and evaluation, as from the recordings.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..completions.answer_details import AnswerDetails
from ..completions.reasoning import split_reasoning
from ..dialects.known_dialects import dialect_if_known
from ..problems import OnProblem, Problem, ProblemCode
from .arrow_columns import fields, lists, numbers, texts_or_none
from .arrow_export import lists_of, strings_of, to_arrow
from .arrow_import import checked_column, from_arrow
from .arrow_layouts import PROBLEM
from .arrow_schema import ASSET, OPTIONAL, RECORDED, pa
from .recorded_assets import RecordedAssets
from .recorded_table import RecordedTable, Sent
from .table import AnnotationTable

if TYPE_CHECKING:
    from pyarrow import RecordBatch, Table


def recorded_to_arrow(recorded: RecordedTable) -> Table:
    """A table of recorded answers as ``to_arrow`` makes it, with the columns of the recordings after its own."""
    found, sent = to_arrow(recorded.table), recorded.sent
    columns = {"assets": _assets(RecordedAssets.of(recorded.assets))}
    if sent is not None:
        columns |= {
            "text": strings_of(sent.texts).cast(pa.large_string()),
            "choice": pa.array(sent.choices, pa.int32()),
            "model": strings_of(sent.models),
            "finish_reason": strings_of(sent.finish_reasons),
            "line": pa.array(sent.lines, pa.int64()),
        }
    if recorded.dialects:
        columns["dialect"] = strings_of([name or None for name in recorded.dialects])
    for field in RECORDED:
        values = columns.get(field.name)
        found = found.append_column(field, pa.nulls(found.num_rows, field.type) if values is None else values)
    return found


def _assets(assets: RecordedAssets) -> Any:
    sides = [*assets.sizes.T, *assets.sent_sizes().T]
    columns = [strings_of(assets.names), *(pa.array(each, from_pandas=True) for each in sides)]
    return lists_of(assets.offsets, pa.StructArray.from_arrays(columns, fields=list(ASSET)))


def answers_among(data: Table, path: str, on_problem: OnProblem) -> Table:
    """The rows that are answers; what is wrong with those of ``read_arrow`` that are not is told to ``on_problem``."""
    if "problem" not in data.column_names or not _is_ours(data["problem"].type):
        return data
    known = {code.value: code for code in ProblemCode}
    for row in data.filter(data["problem"].is_valid()).to_pylist():
        said = row["problem"]
        on_problem(
            Problem(
                code=known.get(said["code"], ProblemCode.NOT_A_RECORDING),
                message=said["message"] or "",
                path=row.get("file") or path,
                place=said["place"] or "",
                raw=said["raw"] or "",
            )
        )
    return data.filter(data["problem"].is_null())


def _is_ours(kind: Any) -> bool:
    """Whether that is the type of our column of problems, whatever an engine calls strings."""
    return bool(pa.types.is_struct(kind)) and [field.name for field in kind] == [field.name for field in PROBLEM]


def recorded_answers(data: Table | RecordBatch) -> RecordedTable:
    """The answers among the rows of ``read_arrow``, without those that are a problem. Raises ``UsageError``."""
    table = pa.Table.from_batches([data]) if isinstance(data, pa.RecordBatch) else data
    if "problem" in table.column_names:
        table = table.filter(table["problem"].is_null())
    return recorded_from_arrow(table, "", 0, None)


def recorded_from_arrow(data: Table, path: str, first: int, wanted: Sequence[str] | None) -> RecordedTable:
    """Some rows of a file, of which the first has the number ``first``, from 0.

    ``wanted`` are the recorded fields of the details, None for no details. Columns that the data lack, as those of
    older versions and of engines do, are as if nothing had been recorded. Raises ``UsageError`` if they are not a table
    of annotations.
    """
    table = _with_keys(from_arrow(data), first)
    sent = _sent(data, first)
    dialects = [name or "" for name in texts_or_none(_column(data, "dialect"), "dialect")]
    details = [] if wanted is None else list(_details(table, sent, dialects, path, first, wanted))
    return RecordedTable(table, _recorded_assets(data, table), details, sent, dialects if any(dialects) else ())


def _with_keys(table: AnnotationTable, first: int) -> AnnotationTable:
    """The table with numbers of its rows as keys, if it has none, as lines without a name have their numbers."""
    responses = table.responses
    if responses.key is not None or not len(responses):
        return table
    keys = tuple([str(number) for number in range(first + 1, first + len(responses) + 1)])
    return table.replace(responses=responses.replace(key=keys))


def _sent(data: Table, first: int) -> Sent:
    choices = numbers(_column(data, "choice"), np.int32, "choice")
    return Sent(
        texts=[text or "" for text in texts_or_none(_column(data, "text"), "text")],
        choices=np.maximum(choices, 0).tolist(),
        models=texts_or_none(_column(data, "model"), "model"),
        finish_reasons=texts_or_none(_column(data, "finish_reason"), "finish_reason"),
        lines=_lines(data, first),
    )


def _lines(data: Table, first: int) -> list[int]:
    """The lines of the recordings; the numbers of the rows if the data do not say."""
    column = _column(data, "line")
    if column.null_count:
        return list(range(first + 1, first + len(data) + 1))
    lines: list[int] = numbers(column, np.int64, "line").tolist()
    return lines


def _column(data: Table, name: str) -> Any:
    """A column, of nulls if the data do not have it."""
    return checked_column(data, name) if name in data.column_names else pa.nulls(len(data))


def _recorded_assets(data: Table, table: AnnotationTable) -> RecordedAssets:
    """The assets of each answer, at least their sizes."""
    column = _column(data, "assets")
    if pa.types.is_null(column.type) or column.null_count:
        offsets, sizes = table.responses.size_offsets, table.responses.sizes
        return RecordedAssets([None] * len(sizes), offsets, sizes, {})
    offsets, structs = lists(column, "assets")
    found = fields(structs, ASSET, "assets", optional=OPTIONAL)
    names = texts_or_none(found.pop("file_name"), "assets.file_name")
    sides = [numbers(column, np.float64, f"assets.{side}") for side, column in found.items()]
    return RecordedAssets.of_columns(names, offsets, np.column_stack(sides[:2]), np.column_stack(sides[2:]))


def _details(
    table: AnnotationTable, sent: Sent, dialects: Sequence[str], path: str, first: int, wanted: Sequence[str]
) -> Iterator[AnswerDetails]:
    keys = table.responses.key or ()
    for row, (key, text) in enumerate(zip(keys, sent.texts, strict=True)):
        known = {"key": key, "model": sent.models[row], "finish_reason": sent.finish_reasons[row]}
        values = {field: known.get(field) for field in wanted}
        yield AnswerDetails(
            file=path,
            line_number=first + row + 1,
            choice=sent.choices[row],
            prompt=None,
            fields={field: value for field, value in values.items() if value is not None},
            text=split_reasoning(text).answer.of(text),
            dialect=dialect_if_known(dialects[row]),
        )
