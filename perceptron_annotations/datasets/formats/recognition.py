"""The door of all inputs: a file or folder → the format of a dataset, or the form of answers, that it holds.

How a file begins tells it, and its suffix only if that does not. The files that were looked at stay open, and are
handed on to the reader, so that they are opened once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from glob import has_magic
from itertools import islice
from os import fspath
from pathlib import Path
from typing import NamedTuple

from ...completions.answer_files import DATASET_SCHEMA, HEAD_BYTES, AnswerFile, AnswerForm, answer_file
from ...errors import FileError, UsageError
from ...files import STANDARD, Fault, InputFile, Source, open_input
from ...problems import ProblemCode
from ._reading import OpenFolder
from .choices import DatasetFormat
from .yolo.layout import is_yolo_without_yaml, yaml_of

#: What a suffix stands for, of files whose beginning does not tell it.
_BY_SUFFIX = {
    ".json": DatasetFormat.COCO,
    ".yaml": DatasetFormat.YOLO,
    ".yml": DatasetFormat.YOLO,
    ".xml": DatasetFormat.VOC,
    ".csv": DatasetFormat.CSV,
}
#: Columns of a foreign Parquet file that are named.
_SHOWN = 5
#: Bytes of a file that are looked at. In CVAT's files, all labels with their attributes, and all jobs, come before the
#: first track.
_HEAD = HEAD_BYTES
#: How the formats begin; the first match counts.
_JSON = (
    # Results, which are read with the file of their images, are no tasks: COCO's reader says what they are not.
    (re.compile(rb'\s*\[\s*\{[^{\[]*"image_id"\s*:'), DatasetFormat.COCO),
    (re.compile(rb"\s*\[\s*(?:\{|\])"), DatasetFormat.LABEL_STUDIO),
    (re.compile(rb'\s*\{.*?"(?:database|results)"\s*:\s*\{', re.DOTALL), DatasetFormat.ACTIVITYNET),
    (re.compile(rb'\s*\{.*?"(?:shapes|imagePath)"\s*:', re.DOTALL), DatasetFormat.LABELME),
    (re.compile(rb'\s*\{.*?"(?:videos"\s*:\s*\[\s*\{|video_id"\s*:)', re.DOTALL), DatasetFormat.COCO_VIDEO),
    (re.compile(rb'\s*\{.*?"(?:images|annotations|categories)"\s*:', re.DOTALL), DatasetFormat.COCO),
)
_XML = (
    (re.compile(rb".*?<annotations\b.*?<(?:track|perceptron_annotations)\b", re.DOTALL), DatasetFormat.CVAT_VIDEO),
    (re.compile(rb".*?<annotations\b", re.DOTALL), DatasetFormat.CVAT),
    (re.compile(rb".*?<annotation\b", re.DOTALL), DatasetFormat.VOC),
)
_YAML = ((re.compile(rb"(?:.*\n)?kpt_shape\s*:", re.DOTALL), DatasetFormat.YOLO_POSE),)
_CONTENTS = {".yaml": _YAML, ".yml": _YAML, ".xml": _XML}
#: Members of an object that only a dataset has.
_OF_DATASETS = ("images", "annotations", "categories", "videos", "shapes", "imagePath", "database")


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
    #: What it holds if it certainly holds answers.
    answers: AnswerForm | None = None
    #: Why it holds nothing that can be read, if so.
    fault: Fault | None = None
    #: Whether ``format`` is told by what is in it, and not by its suffix alone.
    is_told: bool = True


@contextmanager
def recognise(source: Source, named: DatasetFormat | AnswerForm | None = None) -> Iterator[Recognised]:
    """Tell what a file or folder holds, and keep the file open that was looked at, so that it is opened once.

    ``named`` is what somebody says that it holds; which form of answers it is, it tells itself if it can. Raises
    ``FileError`` if there is no such file or folder; an empty name is that of none, not of the working folder.
    """
    if not isinstance(source, Path) and not fspath(source):
        raise FileError("the name of an input is empty: name a file or folder")
    with ExitStack() as stack:
        path = Path(source)
        if not isinstance(source, InputFile) and fspath(source) != STANDARD:
            if path.is_dir():
                yield _as_named(_of_folder(path, stack), named)
                return
            if not path.exists():
                if has_magic(fspath(source)):
                    yield _as_named(Recognised(None, source), named)
                    return
                if "://" in fspath(source):
                    raise FileError(f"{source} is an address: download it, and name the file")
                raise FileError(f"cannot read {path}: there is no such file or folder")
        yield _as_named(_of_file(stack.enter_context(open_input(source))), named)


def _as_named(found: Recognised, named: DatasetFormat | AnswerForm | None) -> Recognised:
    if named is None:
        return found
    if isinstance(named, DatasetFormat):
        return Recognised(named, found.source)
    return Recognised(None, found.source, answers=found.answers or named)


def guess_format(path: Source) -> DatasetFormat:
    """The format of a file or folder.

    Raises ``UsageError`` that names the formats if it cannot be told, and ``FileError`` if there is no such file.

    >>> from pathlib import Path
    >>> _ = Path("tasks.json").write_text("[]")
    >>> pa.datasets.guess_format("tasks.json")
    <DatasetFormat.LABEL_STUDIO: 'label-studio'>
    """
    with recognise(path) as found:
        return checked_format(found, path)


def checked_format(
    found: Recognised, path: Source, *, for_answers: str = "convert it to one first", untold: str | None = None
) -> DatasetFormat:
    """The format that was recognised. Raises ``UsageError`` if it is not a dataset, ``FileError`` if it is nothing.

    ``for_answers`` says what to do with a file of answers; ``untold`` is said of a file of which nothing can be told.
    """
    if found.format is not None:
        return found.format
    if found.fault is not None:
        raise FileError(f"cannot read {path}: {found.fault.message}")
    if found.answers is not None:
        raise UsageError(f"{path} holds answers, not a dataset: {for_answers}")
    raise UsageError(untold or f"cannot tell the format of {path}: name one of {', '.join(DatasetFormat)}")


def _of_folder(path: Path, stack: ExitStack) -> Recognised:
    """The format of a folder: that of the first file in it that tells one, after a file that names YOLO's classes."""
    files: list[InputFile] = []
    data = yaml_of(path)
    if data is not None and data.is_file():
        files.append(stack.enter_context(open_input(data)))
        if data.name == "data.yaml" or _NAMES.search(files[0].head(_HEAD)):
            return Recognised(_of_file(files[0]).format, OpenFolder(path, files))
    if is_yolo_without_yaml(path):
        return Recognised(DatasetFormat.YOLO, OpenFolder(path, files))
    candidates = (each for suffix in (".xml", ".json") for each in sorted(path.rglob(f"*{suffix}")) if each.is_file())
    for each in islice(candidates, _MOST_FILES):
        files.append(stack.enter_context(open_input(each)))
        found = _of_text(files[-1], answer_file(files[-1]))
        if found in _FOLDERS:
            return Recognised(found, OpenFolder(path, files))
    return Recognised(None, OpenFolder(path, files))


def _of_file(file: InputFile) -> Recognised:
    """What an open file holds. What is not told by how it begins is told by its suffix."""
    found = answer_file(file)
    if found.form is AnswerForm.TABLE:
        return _of_parquet(file)
    schema = found.json is not None and found.json.text("schema") == DATASET_SCHEMA
    told = DatasetFormat.DATASET_JSONL if schema else _of_text(file, found)
    if told is not None:
        return Recognised(told, file)
    if found.fault is not None:
        return Recognised(None, file, fault=found.fault)
    if found.form is not AnswerForm.RECORDINGS or found.is_certain:
        return Recognised(None, file, answers=found.form)
    if not file.head(_HEAD).strip():
        return Recognised(None, file)
    return Recognised(_BY_SUFFIX.get(_suffix(Path(file.path))), file, is_told=False)


def _of_parquet(file: InputFile) -> Recognised:
    """What a Parquet file holds, by its columns: those of a dataset, or of answers."""
    from ...table.parquet_files import column_names

    try:
        columns = column_names(file)
    except FileError as error:
        message = str(error).removeprefix(f"cannot read {file}: ")
        return Recognised(None, file, fault=Fault(ProblemCode.UNREADABLE_FILE, message))
    if "objects" in columns and "annotations" in columns:
        return Recognised(DatasetFormat.DATASET_PARQUET, file)
    if "annotations" in columns:
        return Recognised(None, file, answers=AnswerForm.TABLE)
    message = f"it is Parquet of something else, with the columns {', '.join(columns[:_SHOWN])}"
    return Recognised(None, file, fault=Fault(ProblemCode.FOREIGN_FILE, message))


def _of_text(file: InputFile, found: AnswerFile) -> DatasetFormat | None:
    """The format that the beginning of an open file tells, whatever its suffix stands for."""
    head = file.head(_HEAD)
    patterns: tuple[tuple[re.Pattern[bytes], DatasetFormat], ...]
    if found.json is not None or head.lstrip().startswith(b"["):
        patterns = _JSON if _may_be_dataset(found) else ()
    elif head.lstrip().startswith((b"<?xml", b"<annotation")):
        patterns = _XML
    else:
        patterns = _CONTENTS.get(_suffix(Path(file.path)), ())
    return next((format for pattern, format in patterns if pattern.match(head)), None)


def _may_be_dataset(found: AnswerFile) -> bool:
    """Whether JSON that is not certainly an answer has what datasets have."""
    json = found.json
    if (json is not None and found.is_certain) or found.form is not AnswerForm.RECORDINGS:
        return False
    if json is None or json.is_array:
        return True
    return any(name in json.members for name in _OF_DATASETS) or json.has_object("results")


def _suffix(path: Path) -> str:
    """The suffix, without that of gzip."""
    return Path(path.stem if path.suffix.lower() == ".gz" else path.name).suffix.lower()
