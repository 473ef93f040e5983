"""Which format a file or folder has: told from its name, and from how one file begins.

That file stays open, and is handed on to the reader, so that it is opened once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from os import fspath
from pathlib import Path
from typing import NamedTuple

from ...errors import FileError, UsageError
from ...files import STANDARD, InputFile, Source, open_input
from ._reading import OpenFolder
from .choices import DatasetFormat

_BY_SUFFIX = {
    ".json": DatasetFormat.COCO,
    ".yaml": DatasetFormat.YOLO,
    ".yml": DatasetFormat.YOLO,
    ".xml": DatasetFormat.VOC,
    ".csv": DatasetFormat.CSV,
    ".parquet": DatasetFormat.DATASET_PARQUET,
}
#: Bytes of a file that are looked at. In CVAT's files, all labels with their attributes, and all jobs, come before the
#: first track.
_HEAD = 2**16
_POSE = ((re.compile(rb"(?:.*\n)?kpt_shape\s*:", re.DOTALL), DatasetFormat.YOLO_POSE),)
#: How the formats of one suffix begin; the first match counts.
_CONTENTS: dict[str, tuple[tuple[re.Pattern[bytes], DatasetFormat], ...]] = {
    ".json": (
        (re.compile(rb"\s*\["), DatasetFormat.LABEL_STUDIO),
        (re.compile(rb'\s*\{.*?"(?:database)"\s*:', re.DOTALL), DatasetFormat.ACTIVITYNET),
        (re.compile(rb'\s*\{.*?"(?:shapes|imagePath)"\s*:', re.DOTALL), DatasetFormat.LABELME),
        (re.compile(rb'\s*\{.*?"(?:videos|video_id)"\s*:', re.DOTALL), DatasetFormat.COCO_VIDEO),
    ),
    ".yaml": _POSE,
    ".yml": _POSE,
    ".xml": (
        (re.compile(rb".*?<annotations\b.*?<(?:track|perceptron_annotations)\b", re.DOTALL), DatasetFormat.CVAT_VIDEO),
        (re.compile(rb".*?<annotations\b", re.DOTALL), DatasetFormat.CVAT),
    ),
    ".jsonl": ((re.compile(rb'\s*\{"schema":\s*"perceptron-annotations/dataset"'), DatasetFormat.DATASET_JSONL),),
}


class Recognised(NamedTuple):
    """What a path holds."""

    #: None if it is not a dataset whose format can be told.
    format: DatasetFormat | None
    #: What to read it from: the path, with the file open that was looked at.
    source: Source


@contextmanager
def recognise(source: Source) -> Iterator[Recognised]:
    """Tell the format of a file or folder, and keep the file open that was looked at, so that it is opened once.

    Raises ``FileError`` if there is no such file or folder.
    """
    with ExitStack() as stack:
        path = Path(source)
        if isinstance(source, InputFile):
            yield Recognised(_of_file(source), source)
        elif fspath(source) == STANDARD:
            yield Recognised(None, source)
        elif path.is_dir():
            file = _telling_file(path)
            if file is None:
                yield Recognised(DatasetFormat.LABELME if next(path.rglob("*.json"), None) else None, source)
                return
            first = stack.enter_context(open_input(file))
            found = _of_file(first)
            if file.suffix == ".xml" and found is not DatasetFormat.CVAT_VIDEO:
                found = DatasetFormat.VOC
            yield Recognised(found, OpenFolder(path, first))
        elif not path.exists():
            raise FileError(f"cannot read {path}: there is no such file or folder")
        elif _suffix(path) in _CONTENTS and path.is_file():
            first = stack.enter_context(open_input(source))
            yield Recognised(_of_file(first), first)
        else:
            yield Recognised(_BY_SUFFIX.get(_suffix(path)), source)


def guess_format(path: Source) -> DatasetFormat:
    """The format of a file or folder.

    Raises ``UsageError`` that names the formats if it cannot be told, and ``FileError`` if there is no such file.

    >>> from pathlib import Path
    >>> _ = Path("tasks.json").write_text("[]")
    >>> pa.datasets.guess_format("tasks.json")
    <DatasetFormat.LABEL_STUDIO: 'label-studio'>
    """
    with recognise(path) as found:
        return checked_format(found.format, path)


def checked_format(found: DatasetFormat | None, path: Source) -> DatasetFormat:
    """The format that was recognised. Raises ``UsageError`` if there is none."""
    if found is None:
        raise UsageError(f"cannot tell the format of {path}: name one of {', '.join(DatasetFormat)}")
    return found


def _telling_file(folder: Path) -> Path | None:
    """The file that says which format a folder has."""
    data = folder / "data.yaml"
    return data if data.is_file() else next(filter(Path.is_file, folder.rglob("*.xml")), None)


def _of_file(file: InputFile) -> DatasetFormat | None:
    """The format of an open file. JSON Lines may be anything else, so their suffix alone says nothing."""
    suffix, head = _suffix(Path(file.path)), file.head(_HEAD)
    for pattern, found in _CONTENTS.get(suffix, ()):
        if pattern.match(head):
            return found
    return _BY_SUFFIX.get(suffix)


def _suffix(path: Path) -> str:
    return ".jsonl" if path.name.lower().endswith(".jsonl.gz") else path.suffix.lower()
