"""Answers that were read and stored, as documents in JSON Lines or as tables in Parquet → tables again.

They say themselves how they were read, and are not read otherwise. A part of a file is in memory at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby, islice
from typing import TYPE_CHECKING

import numpy as np

from ..completions.answer_details import DetailedLine, in_dialect
from ..completions.answer_files import AnswerFile, AnswerForm
from ..completions.documents_jsonl import StoredDocument, stored_documents
from ..completions.ending import ENDING_CODES
from ..completions.sent_assets import RecordedAsset
from ..dialects.known_dialects import dialect_if_known
from ..errors import FileError, FrameError, UsageError
from ..files import InputFile
from ..frames import AssetFrames, Frame, FrameKind
from ..markup.document import Document
from ..problems import OnProblem, Problem, ProblemCode
from .build import sizes_in
from .from_values import table_of_documents
from .recorded_table import RecordedTable, Sent

if TYPE_CHECKING:
    from ..completions.answer_details import AnswerDetails

#: Documents in one table.
_SHARE = 2048


def stored_answers(
    file: InputFile,
    found: AnswerFile,
    *,
    fields: Sequence[str] | None,
    on_problem: OnProblem,
    progress: Callable[[int], None] | None = None,
) -> Iterator[RecordedTable]:
    """The answers of an open file of documents, or of a table; see ``iter_recorded``."""
    if found.form is AnswerForm.DOCUMENTS:
        stored = stored_documents(file, found, on_problem, progress)
        for frame, some in groupby(stored, key=_frame_of_table):
            while share := list(islice(some, _SHARE)):
                yield _table_of(share, frame, file.path, fields)
        return
    from .parquet_files import recorded_tables

    try:
        yield from recorded_tables(file, fields, on_problem)
    except (FileError, UsageError) as error:
        message = str(error).removeprefix(f"cannot read {file.path}: ")
        on_problem(Problem(code=ProblemCode.UNREADABLE_FILE, message=message, path=file.path))


def _frame_of_table(stored: StoredDocument) -> Frame:
    """What coordinates of a document count in a table: those of a dialect, and of other grids, the 0–1000 grid."""
    document = stored.as_read
    is_on_grid = document.dialect or document.read_in.kind is FrameKind.GRID
    return Frame.GRID if is_on_grid else document.read_in


def _table_of(stored: Sequence[StoredDocument], frame: Frame, path: str, fields: Sequence[str] | None) -> RecordedTable:
    """The table of documents whose frame in it is one."""
    records = [each.record for each in stored]
    table = table_of_documents((each.as_read for each in stored), [each.key for each in records])
    assets = [_sized(each.assets, each.document, frame) for each in records]
    sides = [side for each in assets for asset in each for side in (asset.width, asset.height)]
    sizes = sizes_in(frame, [len(each) for each in assets], sides)
    endings = np.array([ENDING_CODES[each.ending] for each in records], dtype=np.uint8)
    responses = table.responses.replace(ending=endings, size_offsets=sizes.offsets, sizes=sizes.values)
    sent = Sent(
        texts=[each.document.source for each in records],
        choices=[each.choice for each in records],
        models=[each.model for each in records],
        finish_reasons=[each.finish_reason for each in records],
        lines=[each.line.number for each in stored],
    )
    details = [] if fields is None else [_details(each, path, fields) for each in stored]
    dialects = [each.as_read.dialect for each in stored]
    named = dialects if any(dialects) else ()
    return RecordedTable(table.replace(responses=responses, frame=frame.kind), assets, details, sent, named)


def _details(stored: StoredDocument, path: str, fields: Sequence[str]) -> AnswerDetails:
    record = stored.record
    known = {
        "key": record.key,
        "model": record.model,
        "finish_reason": record.finish_reason,
        "reasoning": record.reasoning,
    }
    details = DetailedLine(stored.line, path, fields).of(record.choice, record.document.source, known)
    name = stored.as_read.dialect
    return in_dialect(details, dialect_if_known(name))


def _sized(assets: tuple[RecordedAsset, ...], document: Document, read_in: Frame) -> tuple[RecordedAsset, ...]:
    """The assets with the sizes that a document in pixels has, if they were not recorded."""
    if read_in.kind is FrameKind.PIXELS or not isinstance(document.frame, AssetFrames):
        return assets
    return tuple([_with_size(asset, index, document.frame) for index, asset in enumerate(assets)])


def _with_size(asset: RecordedAsset, index: int, frames: AssetFrames) -> RecordedAsset:
    if asset.width is not None and asset.height is not None:
        return asset
    try:
        frame = frames.resolve(index)
    except FrameError:
        return asset
    return RecordedAsset(asset.file_name, frame.width, frame.height)
