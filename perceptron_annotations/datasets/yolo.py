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
from .dataset import UNNAMED, Dataset, DatasetAsset, DatasetBuilder
from .paths import inside
from .pictures import picture_size
from .reports import Loss, LossReport, Problem, Tally
from .shapes import Selecting, vocabulary
from .splits import Splits, split_names, split_of

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
    splits: Splits | None = None,
    seed: int = 0,
) -> LossReport:
    """Write a YOLO folder, which must be new. Pictures are not copied: put them below ``images/<split>``.

    Numbers have all their digits. Polygons become their bounds when detecting. ``splits`` are shares by name, such as
    ``{"train": 0.8, "val": 0.2}``, or the split of each picture; without them all is ``train``. Raises ``UsageError``
    where two pictures would share a label file.
    """
    selecting = Selecting(dataset, (Kind.BOX, Kind.POLYGON))
    lines = _Lines(dataset, selecting, YoloTask(task))
    splits = splits or {"train": 1.0}
    names, parts = split_of(dataset, splits, seed), split_names(splits)
    with write_folder(folder) as root:
        for split in parts:
            (root / "images" / split).mkdir(parents=True, exist_ok=True)
        taken: dict[str, str] = {}
        made: set[str] = set()
        for number in selecting.sized():
            name = dataset.assets[number].file_name
            path = inside(root / "labels" / names[name], name, ".txt")
            if path is None:
                selecting.tally.add(Loss.NAME, name)
                continue
            place, parent = str(path), str(path.parent)
            if taken.setdefault(place, name) != name:
                raise UsageError(f"{name} and {taken[place]} would share the label file {path.name}: rename one")
            if parent not in made:
                path.parent.mkdir(parents=True, exist_ok=True)
                made.add(parent)
            found = lines.of_asset(number)
            selecting.objects += len(found)
            with open(place, "wb") as file:  # noqa: PTH123 - there are as many as pictures
                file.write("".join(found).encode())
        (root / "data.yaml").write_text(_data(lines.labels, parts), encoding="utf-8", newline="\n")
    return selecting.report(len(lines.labels))


class _Lines:
    """The lines of all label files, in the order of assets."""

    def __init__(self, dataset: Dataset, selecting: Selecting, task: YoloTask) -> None:
        self.labels = vocabulary(dataset)
        self._table = dataset.table
        self._is_segment = task is YoloTask.SEGMENT
        sizes = np.array([(asset.width or np.nan, asset.height or np.nan) for asset in dataset.assets]).reshape(-1, 2)
        rows = selecting.rows()
        rows = rows[np.isfinite(sizes[dataset.asset[rows]]).all(axis=1)]
        self._sizes = sizes[dataset.asset[rows]]
        bounds = dataset.table.xyxy[rows].reshape(-1, 2, 2)
        clipped = np.clip(bounds, 0.0, self._sizes[:, None])
        selecting.lose(Loss.OUTSIDE, *rows[(clipped != bounds).any(axis=(1, 2))].tolist())
        is_box = dataset.table.kind[rows] == Kind.BOX
        if self._is_segment:
            selecting.lose(Loss.BOX, *rows[is_box].tolist())
        else:
            selecting.lose(Loss.SHAPE, *rows[~is_box].tolist())
        solid = (clipped[:, 1] > clipped[:, 0]).all(axis=1) | (self._is_segment & ~is_box)
        selecting.lose(Loss.EMPTY, *rows[~solid].tolist())
        self._rows, self._is_box, self._sizes = rows[solid], is_box[solid], self._sizes[solid]
        self._shares = clipped[solid] / self._sizes[:, None]
        code = dataset.label[self._rows]
        unnamed = self.labels.index(UNNAMED) if UNNAMED in self.labels else -1
        self._codes = np.where(code < 0, unnamed, code)
        self._ends = np.searchsorted(dataset.asset[self._rows], np.arange(len(dataset.assets) + 1))

    def of_asset(self, number: int) -> list[str]:
        """The lines of one label file."""
        some = slice(self._ends[number], self._ends[number + 1])
        low, high = self._shares[some, 0], self._shares[some, 1]
        codes = self._codes[some].tolist()
        if not self._is_segment:
            numbers = np.hstack([(low + high) / 2, high - low]).tolist()
            return [f"{code} {x!r} {y!r} {w!r} {h!r}\n" for code, (x, y, w, h) in zip(codes, numbers, strict=True)]
        rings = []
        for place in range(some.start, some.stop):
            if self._is_box[place]:
                (x1, y1), (x2, y2) = self._shares[place].tolist()
                rings.append([x1, y1, x2, y1, x2, y2, x1, y2])
            else:
                size = self._sizes[place]
                corners = np.clip(self._table.vertices(int(self._rows[place])), 0.0, size) / size
                rings.append(corners.ravel().tolist())
        return [" ".join([str(code), *map(repr, ring)]) + "\n" for code, ring in zip(codes, rings, strict=True)]


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
