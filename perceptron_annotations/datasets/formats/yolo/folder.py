"""YOLO folders: ``data.yaml``, and a text file of labels for each picture, in shares of its size.

``labels/<split>/…`` mirrors ``images/<split>/…``; classes count from 0 in the order of ``data.yaml``; an empty file is
a picture without objects.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ....errors import FileError, MissingExtraError, UsageError
from ....files import encode_json, write_folder
from ....geometry import AnnotationKind
from ....losses import LossCode, LossReport
from ....problems import ProblemCode
from ...builder import DatasetBuilder
from ...dataset import Dataset, DatasetAsset
from ...image_sizes import image_size
from ...paths import OwnFiles, inside
from ...reports import Tally
from ...splits import Splits, split_names, split_of
from ...validation import count_outside
from .._selection import Selecting
from .labels import KeypointShape, PoseLines, ShapeLines, YoloTask, read_line

_PICTURES = (".jpg", ".jpeg", ".png", ".webp", ".bmp", ".gif")
_SPLITS = ("train", "val", "test")
#: What is no split in ``data.yaml``.
_KEYS = {"path", "names", "nc", "kpt_shape"}
_UPWARDS = re.compile(r"(?:\.\.[/\\])+")


def write_yolo(
    dataset: Dataset,
    folder: str | Path,
    *,
    task: YoloTask | str = YoloTask.DETECT,
    splits: Splits | None = None,
    seed: int = 0,
) -> LossReport:
    """Write a YOLO folder, which must be new. Pictures are not copied: put them below ``images/<split>``.

    Numbers have all their digits. Polygons become their bounds when detecting. A pose is the points of an object in
    their order, all of them visible; where others have more, missing ones stand behind them. ``splits`` are shares by
    name, such as ``{"train": 0.8, "val": 0.2}``, or the split of each picture; without them all is ``train``. Raises
    ``UsageError`` where two pictures would share a label file, and for splits that have no plain name of their own.
    """
    selecting, lines = _lines(dataset, YoloTask(task))
    splits = splits or {"train": 1.0}
    names, parts = split_of(dataset, splits, seed), split_names(splits)
    if taken_names := _KEYS & set(parts):
        raise UsageError(f"{min(taken_names)} means something else in data.yaml: give the split another name")
    with write_folder(folder) as root:
        for split in parts:
            (root / "images" / split).mkdir(parents=True, exist_ok=True)
        files = {split: OwnFiles(root / "labels" / split, ".txt") for split in parts}
        for number in selecting.sized():
            name = dataset.assets[number].file_name
            path = files[names[name]].of(name)
            if path is None:
                selecting.tally.add(LossCode.UNSAFE_FILE_NAME, name)
                continue
            found = lines.of_asset(number)
            selecting.objects += len(found)
            with open(path, "wb") as file:  # noqa: PTH123 - there are as many as pictures
                file.write("".join(found).encode())
        (root / "data.yaml").write_text(_data(lines, parts), encoding="utf-8", newline="\n")
    return selecting.report(len(lines.labels))


def _lines(dataset: Dataset, task: YoloTask) -> tuple[Selecting, ShapeLines | PoseLines]:
    """What the label files of a task hold."""
    if task is YoloTask.POSE:
        selecting = Selecting(dataset, (AnnotationKind.POINT, AnnotationKind.BOX), groups=True)
        return selecting, PoseLines(dataset, selecting)
    selecting = Selecting(dataset, (AnnotationKind.BOX, AnnotationKind.POLYGON))
    return selecting, ShapeLines(dataset, selecting, task)


def _data(lines: ShapeLines | PoseLines, splits: list[str]) -> str:
    """``data.yaml``; JSON strings are YAML too."""
    parts = [f"{split}: {_quoted(f'images/{split}')}" for split in splits]
    shape = [] if lines.keypoints is None else [f"kpt_shape: {list(lines.keypoints)}"]
    names = [f"  {code}: {_quoted(label)}" for code, label in enumerate(lines.labels)] or ["  {}"]
    return "\n".join(["path: .", *parts, *shape, "names:", *names]) + "\n"


def _quoted(text: str) -> str:
    return encode_json(text).decode("utf-8")


# -- reading ---------------------------------------------------------------------------------------------------------


def read_yolo(folder: str | Path, *, problems: Tally | None = None) -> Dataset:
    """Read a YOLO folder, or its ``data.yaml``: detection and segmentation, with a score in a sixth column, and poses.

    Of a pose, points that are not labelled are left out, and so is a box that is the bounds of the points. Sizes are
    those of the pictures, after their EXIF orientation; what has no picture is left out and counted. Needs PyYAML (the
    ``yolo`` extra). Raises ``FileError`` where there is no ``data.yaml``, or one that does not say what a pose is.
    """
    tally = Tally() if problems is None else problems
    root = Path(folder)
    if root.suffix.lower() not in (".yaml", ".yml"):
        root /= "data.yaml"
    data = _load(root)
    names = data.get("names")
    labels = dict(enumerate(names)) if isinstance(names, list) else dict(names) if isinstance(names, dict) else {}
    builder = DatasetBuilder([str(labels[code]) for code in sorted(labels)])
    reading = _Reading(builder, labels, _keypoints(data.get("kpt_shape"), root), tally)
    base = _below(root.parent, str(data.get("path") or "."), tally) or root.parent
    for split in (*_SPLITS, *sorted(set(map(str, data)) - {*_SPLITS, *_KEYS})):
        where = data.get(split)
        pictures = _below(base, where, tally) if isinstance(where, str) else None
        if pictures is None:
            continue
        if pictures.is_dir():
            _read_split(reading, pictures)
        elif split in _SPLITS:
            tally.add(ProblemCode.DANGLING_REFERENCE, f"{split}: there is no folder {where}")
    return count_outside(builder.build(), tally)


def _below(folder: Path, name: str, tally: Tally) -> Path | None:
    """A folder that ``data.yaml`` names. None leads out: ``../train/images``, as tools write it, is below."""
    if name in ("", "."):
        return folder
    found = inside(folder, name)
    if found is None:
        tally.add(ProblemCode.UNSAFE_FILE_NAME, name)
        found = inside(folder, _UPWARDS.sub("", name))
    return found


def _load(path: Path) -> dict[str, Any]:
    try:
        import yaml
    except ImportError:
        raise MissingExtraError("reading YOLO needs PyYAML: pip install 'perceptron-annotations[yolo]'") from None
    try:
        data = yaml.safe_load(path.read_bytes())
    except OSError as error:
        raise FileError(f"cannot read {path}: {error.strerror}") from None
    except yaml.YAMLError as error:
        raise FileError(f"{path} is no YAML: {' '.join(str(error).split())}") from None
    if not isinstance(data, dict):
        raise FileError(f"{path} is no description of a YOLO dataset: it has no names")
    return data


class _Reading(NamedTuple):
    """What all label files share."""

    builder: DatasetBuilder
    labels: Mapping[int, Any]
    keypoints: KeypointShape | None
    tally: Tally


def _keypoints(value: Any, path: Path) -> KeypointShape | None:
    """What ``kpt_shape`` says. Raises ``FileError``."""
    match value:
        case None:
            return None
        case [int(points), int(numbers)] if points >= 0 and numbers in (2, 3):
            return KeypointShape(points, numbers)
    raise FileError(f"{path}: kpt_shape must be a count of points and 2 or 3, not {value!r}")


def _read_split(reading: _Reading, pictures: Path) -> None:
    """The pictures below a folder, and the label files that mirror them."""
    builder, tally = reading.builder, reading.tally
    parts = list(pictures.parts)
    at = len(parts) - 1 - parts[::-1].index("images") if "images" in parts else len(parts) - 1
    texts = Path(*parts[:at], "labels", *parts[at + 1 :])
    found = {
        path.relative_to(pictures).with_suffix("") for path in pictures.rglob("*") if path.suffix.lower() in _PICTURES
    }
    orphans = {path.relative_to(texts).with_suffix("") for path in texts.rglob("*.txt")} - found
    for orphan in sorted(orphans):
        tally.add(ProblemCode.MISSING_SIZE, f"{orphan.as_posix()}.txt: there is no picture below {pictures.name}")
    for picture in sorted(path for path in pictures.rglob("*") if path.suffix.lower() in _PICTURES):
        name = picture.relative_to(pictures)
        size = image_size(picture)
        if size is None or not (size.width and size.height):
            tally.add(ProblemCode.MISSING_SIZE, name.as_posix())
            continue
        asset = builder.add_asset(DatasetAsset(file_name=name.as_posix(), width=size.width, height=size.height))
        path = (texts / name).with_suffix(".txt")
        if path.is_file():
            text = path.read_bytes().decode("utf-8-sig", "replace")
            for number, line in enumerate(text.splitlines(), start=1):
                if line.strip():
                    _read_line(reading, asset, line, np.array(size[:2]), f"{path.name}:{number}")


def _read_line(reading: _Reading, asset: int, text: str, size: NDArray[np.float64], where: str) -> None:
    """Enter what a line says."""
    found = read_line(text, reading.keypoints, size)
    if isinstance(found, ProblemCode):
        reading.tally.add(found, where)
    elif found.code not in reading.labels:
        reading.tally.add(ProblemCode.DANGLING_REFERENCE, f"{where}: class {found.code}")
    else:
        label, number = str(reading.labels[found.code]), reading.builder.new_object()
        for kind, coords in found.shapes:
            reading.builder.add(asset, kind, coords, label, object=number, score=found.score)
