"""YOLO folders: ``data.yaml``, and a text file of labels for each picture, in shares of its size.

``labels/<split>/…`` mirrors ``images/<split>/…``; classes count from 0 in the order of ``data.yaml``; an empty file is
a picture without objects. A box is clipped to its picture by its corners, since training refuses what is beyond 1.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import FileError, MissingExtraError, UsageError
from ..files import encode_json, write_folder
from ..table.table import Kind
from .dataset import Dataset, DatasetAsset, DatasetBuilder
from .paths import inside
from .pictures import picture_size
from .reports import Loss, LossReport, Problem, Tally
from .shapes import Selecting, Shape, Sheet, vocabulary
from .splits import split_of

_PICTURES = (".jpg", ".jpeg", ".png", ".webp", ".bmp", ".gif")
_BOX_FIELDS = 5
_SPLITS = ("train", "val", "test")
_UPWARDS = re.compile(r"(?:\.\.[/\\])+")


class YoloTask(StrEnum):
    """What a line holds."""

    DETECT = "detect"
    """A class and a box."""
    SEGMENT = "segment"
    """A class and one ring; a box is its four corners."""


def write_yolo(
    dataset: Dataset,
    folder: str | Path,
    *,
    task: YoloTask | str = YoloTask.DETECT,
    splits: Mapping[str, float] | None = None,
    seed: int = 0,
) -> LossReport:
    """Write a YOLO folder, which must be new. Pictures are not copied: put them below ``images/<split>``.

    Numbers have all their digits. Polygons become their bounds when detecting. ``splits`` are shares by name, such as
    ``{"train": 0.8, "val": 0.2}``; without them all is ``train``. Raises ``UsageError`` where two pictures would share
    a label file.
    """
    task = YoloTask(task)
    selecting = Selecting(dataset, (Kind.BOX, Kind.POLYGON))
    labels = vocabulary(dataset)
    codes = {label: code for code, label in enumerate(labels)}
    names = split_of(dataset, splits or {"train": 1.0}, seed)
    with write_folder(folder) as root:
        taken: dict[Path, str] = {}
        for sheet in selecting.sheets():
            name = sheet.asset.file_name
            path = inside(root / "labels" / names[name], name, ".txt")
            if path is None:
                selecting.tally.add(Loss.NAME, name)
                selecting.objects -= len(sheet.shapes)
                continue
            if taken.setdefault(path, name) != name:
                raise UsageError(f"{name} and {taken[path]} would share the label file {path.name}: rename one")
            lines = [_line(shape, codes[shape.label], sheet, task, selecting) for shape in sheet.shapes]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("".join(f"{line}\n" for line in lines if line), encoding="utf-8", newline="\n")
        for split in splits or {"train": 1.0}:
            (root / "images" / split).mkdir(parents=True, exist_ok=True)
        (root / "data.yaml").write_text(_data(labels, list(splits or ["train"])), encoding="utf-8", newline="\n")
    return selecting.report(len(labels))


def _line(shape: Shape, code: int, sheet: Sheet, task: YoloTask, selecting: Selecting) -> str:
    """A line of a label file, or nothing where no part of the shape lies in the picture."""
    size = np.array([sheet.width, sheet.height])
    coords = shape.coords
    clipped = np.clip(coords, 0.0, size)
    if not np.array_equal(clipped, coords):
        selecting.lose(Loss.OUTSIDE, shape.row)
    if shape.kind is Kind.BOX or task is YoloTask.DETECT:
        low, high = clipped.min(axis=0), clipped.max(axis=0)
        if not (high > low).all():
            selecting.lose(Loss.EMPTY, shape.row)
            selecting.objects -= 1
            return ""
        if shape.kind is Kind.POLYGON:
            selecting.lose(Loss.SHAPE, shape.row)
        (x1, y1), (x2, y2) = (low / size).tolist(), (high / size).tolist()
        if task is YoloTask.DETECT:
            return f"{code} {(x1 + x2) / 2!r} {(y1 + y2) / 2!r} {x2 - x1!r} {y2 - y1!r}"
        selecting.lose(Loss.BOX, shape.row)
        numbers = [x1, y1, x2, y1, x2, y2, x1, y2]
    else:
        numbers = (clipped / size).ravel().tolist()
    return " ".join([str(code), *map(repr, numbers)])


def _data(labels: list[str], splits: list[str]) -> str:
    """``data.yaml``; JSON strings are YAML too."""
    lines = [f"{split}: {_quoted(f'images/{split}')}" for split in splits]
    names = [f"  {code}: {_quoted(label)}" for code, label in enumerate(labels)] or ["  {}"]
    return "\n".join(["path: .", *lines, "names:", *names]) + "\n"


def _quoted(text: str) -> str:
    return encode_json(text).decode("utf-8")


# -- reading ---------------------------------------------------------------------------------------------------------


def read_yolo(folder: str | Path, *, problems: Tally | None = None) -> Dataset:
    """Read a YOLO folder, or its ``data.yaml``: detection and segmentation, with a score in a sixth column.

    Sizes are those of the pictures, after their EXIF orientation; what has no picture is left out and counted. Needs
    PyYAML (the ``yolo`` extra). Raises ``FileError`` where there is no ``data.yaml``.
    """
    tally = Tally() if problems is None else problems
    root = Path(folder)
    if root.suffix.lower() not in (".yaml", ".yml"):
        root /= "data.yaml"
    data = _load(root)
    names = data.get("names")
    labels = dict(enumerate(names)) if isinstance(names, list) else dict(names) if isinstance(names, dict) else {}
    builder = DatasetBuilder([str(labels[code]) for code in sorted(labels)])
    base = _below(root.parent, str(data.get("path") or "."), tally) or root.parent
    for split in (
        "train",
        "val",
        "test",
        *sorted(set(map(str, data)) - {"train", "val", "test", "path", "names", "nc"}),
    ):
        where = data.get(split)
        pictures = _below(base, where, tally) if isinstance(where, str) else None
        if pictures is None:
            continue
        if pictures.is_dir():
            _read_split(builder, pictures, labels, tally)
        elif split in _SPLITS:
            tally.add(Problem.DANGLING, f"{split}: there is no folder {where}")
    return builder.build()


def _below(folder: Path, name: str, tally: Tally) -> Path | None:
    """A folder that ``data.yaml`` names. None leads out: ``../train/images``, as tools write it, is below."""
    if name in ("", "."):
        return folder
    found = inside(folder, name)
    if found is None:
        tally.add(Problem.NAME, name)
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


def _read_split(builder: DatasetBuilder, pictures: Path, labels: Mapping[int, Any], tally: Tally) -> None:
    """The pictures below a folder, and the label files that mirror them."""
    parts = list(pictures.parts)
    at = len(parts) - 1 - parts[::-1].index("images") if "images" in parts else len(parts) - 1
    texts = Path(*parts[:at], "labels", *parts[at + 1 :])
    found = {
        path.relative_to(pictures).with_suffix("") for path in pictures.rglob("*") if path.suffix.lower() in _PICTURES
    }
    orphans = {path.relative_to(texts).with_suffix("") for path in texts.rglob("*.txt")} - found
    for orphan in sorted(orphans):
        tally.add(Problem.NO_SIZE, f"{orphan.as_posix()}.txt: there is no picture below {pictures.name}")
    for picture in sorted(path for path in pictures.rglob("*") if path.suffix.lower() in _PICTURES):
        name = picture.relative_to(pictures)
        size = picture_size(picture)
        if size is None or not (size.width and size.height):
            tally.add(Problem.NO_SIZE, name.as_posix())
            continue
        asset = builder.add_asset(DatasetAsset(file_name=name.as_posix(), width=size.width, height=size.height))
        path = (texts / name).with_suffix(".txt")
        if path.is_file():
            text = path.read_bytes().decode("utf-8-sig", "replace")
            for number, line in enumerate(text.splitlines(), start=1):
                _read_line(builder, asset, line.split(), labels, np.array(size[:2]), tally, f"{path.name}:{number}")


def _read_line(
    builder: DatasetBuilder,
    asset: int,
    words: list[str],
    labels: Mapping[int, Any],
    size: Any,
    tally: Tally,
    where: str,
) -> None:
    if not words:
        return
    try:
        code, numbers = int(words[0]), np.array([float(word) for word in words[1:]])
    except ValueError:
        tally.add(Problem.MALFORMED, where)
        return
    if code not in labels:
        tally.add(Problem.DANGLING, f"{where}: class {code}")
    elif not np.isfinite(numbers).all():
        tally.add(Problem.NOT_FINITE, where)
    elif len(numbers) in (_BOX_FIELDS - 1, _BOX_FIELDS):
        centre, extent = numbers[:2] * size, numbers[2:4] * size
        score = float(numbers[4]) if len(numbers) == _BOX_FIELDS else None
        corners = np.array([centre - extent / 2, centre + extent / 2])
        builder.add(asset, Kind.BOX, corners, str(labels[code]), score=score)
    elif len(numbers) >= 6 and len(numbers) % 2 == 0:  # noqa: PLR2004
        builder.add(asset, Kind.POLYGON, numbers.reshape(-1, 2) * size, str(labels[code]))
    else:
        tally.add(Problem.MALFORMED, where)
