"""Which format a file or folder has: told from its name, and from how it or the files in it begin.

The files that were looked at stay open, and are handed on to the reader, so that they are opened once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import islice
from os import fspath
from pathlib import Path
from typing import NamedTuple

from ...errors import FileError, UsageError
from ...files import STANDARD, InputFile, Source, open_input
from ._reading import OpenFolder
from .choices import DatasetFormat
from .yolo.layout import is_yolo_without_yaml, yaml_of

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
        # Results, which are read with the file of their images, are no tasks: COCO's reader says what they are not.
        (re.compile(rb'\s*\[\s*\{[^{\[]*"image_id"\s*:'), DatasetFormat.COCO),
        (re.compile(rb"\s*\["), DatasetFormat.LABEL_STUDIO),
        (re.compile(rb'\s*\{.*?"(?:database|results)"\s*:\s*\{', re.DOTALL), DatasetFormat.ACTIVITYNET),
        (re.compile(rb'\s*\{.*?"(?:shapes|imagePath)"\s*:', re.DOTALL), DatasetFormat.LABELME),
        (re.compile(rb'\s*\{.*?"(?:videos"\s*:\s*\[\s*\{|video_id"\s*:)', re.DOTALL), DatasetFormat.COCO_VIDEO),
        (re.compile(rb'\s*\{.*?"(?:images|annotations|categories)"\s*:', re.DOTALL), DatasetFormat.COCO),
    ),
    ".yaml": _POSE,
    ".yml": _POSE,
    ".xml": (
        (re.compile(rb".*?<annotations\b.*?<(?:track|perceptron_annotations)\b", re.DOTALL), DatasetFormat.CVAT_VIDEO),
        (re.compile(rb".*?<annotations\b", re.DOTALL), DatasetFormat.CVAT),
        (re.compile(rb".*?<annotation\b", re.DOTALL), DatasetFormat.VOC),
    ),
    ".jsonl": ((re.compile(rb'\s*\{"schema":\s*"perceptron-annotations/dataset"'), DatasetFormat.DATASET_JSONL),),
}


#: The key of the classes in a YAML file of YOLO.
_NAMES = re.compile(rb"(?m)^names\s*:")
#: Formats that are read from a folder.
_FOLDERS = (
    DatasetFormat.COCO,
    DatasetFormat.VOC,
    DatasetFormat.LABELME,
    DatasetFormat.CVAT,
    DatasetFormat.CVAT_VIDEO,
)
#: Files of a folder that are opened to see its format.
_MOST_FILES = 20


class Recognised(NamedTuple):
    """What a path holds."""

    #: None if it is not a dataset whose format can be told.
    format: DatasetFormat | None
    #: What to read it from: the path, with the file open that was looked at.
    source: Source


@contextmanager
def recognise(source: Source) -> Iterator[Recognised]:
    """Tell the format of a file or folder, and keep the file open that was looked at, so that it is opened once.

    Raises ``FileError`` if there is no such file or folder; an empty name is that of none, not of the working folder.
    """
    if not isinstance(source, Path) and not fspath(source):
        raise FileError("the name of an input is empty: name a file or folder")
    with ExitStack() as stack:
        path = Path(source)
        if isinstance(source, InputFile):
            yield Recognised(_of_file(source), source)
        elif fspath(source) == STANDARD:
            yield Recognised(None, source)
        elif path.is_dir():
            yield _of_folder(path, stack)
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


def _of_folder(path: Path, stack: ExitStack) -> Recognised:
    """The format of a folder: that of the first file in it that tells one, after a file that names YOLO's classes."""
    files: list[InputFile] = []
    data = yaml_of(path)
    if data is not None and data.is_file():
        files.append(stack.enter_context(open_input(data)))
        if data.name == "data.yaml" or _NAMES.search(files[0].head(_HEAD)):
            return Recognised(_of_file(files[0]), OpenFolder(path, files))
    if is_yolo_without_yaml(path):
        return Recognised(DatasetFormat.YOLO, OpenFolder(path, files))
    candidates = (each for suffix in (".xml", ".json") for each in sorted(path.rglob(f"*{suffix}")) if each.is_file())
    for each in islice(candidates, _MOST_FILES):
        files.append(stack.enter_context(open_input(each)))
        found = _told(files[-1])
        if found in _FOLDERS:
            return Recognised(found, OpenFolder(path, files))
    return Recognised(None, OpenFolder(path, files))


def _of_file(file: InputFile) -> DatasetFormat | None:
    """The format of an open file. JSON Lines may be anything else, so their suffix alone says nothing."""
    return _told(file) or _BY_SUFFIX.get(_suffix(Path(file.path)))


def _told(file: InputFile) -> DatasetFormat | None:
    """The format that the beginning of an open file tells, whatever its suffix stands for."""
    head = file.head(_HEAD)
    for pattern, found in _CONTENTS.get(_suffix(Path(file.path)), ()):
        if pattern.match(head):
            return found
    return None


def _suffix(path: Path) -> str:
    return ".jsonl" if path.name.lower().endswith(".jsonl.gz") else path.suffix.lower()
