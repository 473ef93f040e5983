"""YOLO folders: ``data.yaml``, and a text file of labels for each image, in fractions of its size.

``labels/<split>/…`` mirrors ``images/<split>/…``; classes count from 0 in the order of ``data.yaml``; an empty file is
that of an image without objects.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from os.path import commonpath
from pathlib import Path
from typing import NamedTuple

import numpy as np
from msgspec import structs
from numpy.typing import NDArray

from ....errors import FileError, UsageError
from ....files import Source
from ....geometry import AnnotationKind
from ....losses import LossReport
from ....outputs import write_folder
from ....problems import OnProblem, ProblemCode
from ...builder import DatasetBuilder
from ...dataset import Dataset, DatasetAsset
from ...image_sizes import image_size
from ...paths import OwnFiles, inside
from ...splits import Splits, split_names, split_of
from .._reading import Reading, reading
from .._selection import ShapeSelection
from .._yaml import Value, read_yaml, whole, yaml_text
from ..choices import YoloTask
from .labels import KeypointShape, PoseLines, ShapeLines, read_line

_IMAGES = (".jpg", ".jpeg", ".png", ".webp", ".bmp", ".gif")
_SPLITS = ("train", "val", "test")
#: Keys of ``data.yaml`` that do not name a split.
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
    """Write a YOLO folder, which must be new. Images are not copied: put them below ``images/<split>``.

    Numbers have all their digits, and shapes are clipped to their image. If two images would share a label file, the
    second is written under another name, and counted. Raises ``UsageError`` if the name of a split is not plain or
    means something else in ``data.yaml``.

    Args:
        dataset: What to write; assets without a size are left out.
        folder: The folder to make.
        task: What a line holds. To detect, polygons become their bounding boxes; to segment, boxes become polygons. A
            pose is the points of an object in their order, all marked as visible; if other objects have more points,
            missing ones follow.
        splits: Shares by name, such as ``{"train": 0.8, "val": 0.2}``, or the split of each image by its file name;
            without them, an image has its own split, else ``train``.
        seed: Gives another division by the same shares.

    >>> builder = pa.datasets.DatasetBuilder()
    >>> asset = builder.add_asset(pa.datasets.DatasetAsset(file_name="a.png", width=64, height=48))
    >>> builder.add(asset, pa.AnnotationKind.BOX, [[4, 8], [20, 30]], "cat")
    >>> pa.datasets.write_yolo(builder.build(), "yolo", task="segment", splits={"train": 0.8, "val": 0.2}).objects
    1
    """
    selection, lines = _lines(dataset, YoloTask(task))
    if splits is None:
        dataset = dataset.with_assets(
            [structs.replace(asset, split=asset.split or _SPLITS[0]) for asset in dataset.assets]
        )
    names = split_of(dataset, splits, seed)
    parts = list(dict.fromkeys(names)) or [_SPLITS[0]] if splits is None else split_names(splits)
    if taken_names := _KEYS & set(parts):
        raise UsageError(f"{min(taken_names)} means something else in data.yaml: give the split another name")
    with write_folder(folder) as root:
        for split in parts:
            (root / "images" / split).mkdir(parents=True, exist_ok=True)
        files = OwnFiles(root / "labels", ".txt")
        for number in selection.sized_assets():
            name = _name_in(names[number], dataset.assets[number])
            own = selection.own_file(files, name)
            if own is None:
                continue
            found = lines.of_asset(number)
            selection.objects += len(found)
            with open(own.path, "wb") as file:  # noqa: PTH123 - faster, and there are as many files as images
                file.write("".join(found).encode())
        (root / "data.yaml").write_text(_data(lines, parts), encoding="utf-8", newline="\n")
    return selection.report(len(lines.labels))


def _name_in(split: str, asset: DatasetAsset) -> str:
    """The name of an image below ``images``: in the folder of its split, in which it may be already.

    A name that leads out of all folders stays as it is.
    """
    name = asset.file_name
    is_there = split == asset.split and name.startswith(f"{split}/")
    return name if is_there or inside(Path(), name) is None else f"{split}/{name}"


def _lines(dataset: Dataset, task: YoloTask) -> tuple[ShapeSelection, ShapeLines | PoseLines]:
    """What the label files of a task hold."""
    if task is YoloTask.POSE:
        selection = ShapeSelection(dataset, (AnnotationKind.POINT, AnnotationKind.BOX), groups=True)
        return selection, PoseLines(dataset, selection)
    selection = ShapeSelection(dataset, (AnnotationKind.BOX, AnnotationKind.POLYGON))
    return selection, ShapeLines(dataset, selection, task)


def _data(lines: ShapeLines | PoseLines, splits: list[str]) -> str:
    """``data.yaml``; JSON strings are YAML too."""
    parts = [f"{split}: {yaml_text(f'images/{split}')}" for split in splits]
    shape = [] if lines.keypoints is None else [f"kpt_shape: {list(lines.keypoints)}"]
    names = [f"  {code}: {yaml_text(label)}" for code, label in enumerate(lines.labels)] or ["  {}"]
    return "\n".join(["path: .", *parts, *shape, "names:", *names]) + "\n"


# -- reading ---------------------------------------------------------------------------------------------------------


def read_yolo(folder: Source, *, on_problem: OnProblem | None = None) -> Dataset:
    """Read a YOLO folder, or its ``data.yaml``: detection and segmentation, with a score in a sixth column, and poses.

    Of a pose, points that are not labelled are left out, and so is a box that is just the bounding box of the points.
    Sizes are those of the image files, after their EXIF orientation; labels without an image are left out.
    ``on_problem`` is called with each problem; without it, one ``ProblemWarning`` counts them. Needs PyYAML (the
    ``yolo`` extra). Raises ``FileError`` if there is no ``data.yaml``, or if its ``kpt_shape`` is malformed.

    >>> from pathlib import Path
    >>> _ = Path("data.yaml").write_text("train: images/train\\nnames: [cat]")
    >>> _ = Path("images/train").mkdir(parents=True)
    >>> pa.datasets.read_yolo(".").labels
    ('cat',)
    """
    with reading(folder, on_problem) as source:
        root = source.path
        if root.suffix.lower() not in (".yaml", ".yml"):
            root /= "data.yaml"
        data = _load(source, root)
        labels = _labels(source, data.get("names"))
        builder = DatasetBuilder([labels[code] for code in sorted(labels)])
        files = _LabelFiles(source, builder, labels, _keypoints(data.get("kpt_shape"), root))
        path = data.get("path")
        base = _below(source, root.parent, path if isinstance(path, str) else ".") or root.parent
        folders = {}
        for split in (*_SPLITS, *sorted(data.keys() - {*_SPLITS, *_KEYS})):
            name = data.get(split)
            images = _below(source, base, name) if isinstance(name, str) else None
            if images is None:
                continue
            folders[split] = images
            if not images.is_dir() and split in _SPLITS:
                source.problem(ProblemCode.DANGLING_REFERENCE, split, f"there is no folder {name}")
        top = _top(folders.values())
        for split, images in folders.items():
            if images.is_dir():
                _read_split(files, images, top, split)
        return source.checked(builder.build())


def _top(folders: Iterable[Path]) -> Path:
    """The folder that holds the images of all splits: the ``images`` folder that they share, else what is around it."""
    tops = [next((each for each in (folder, *folder.parents) if each.name == "images"), folder) for folder in folders]
    return Path(commonpath(tops)) if tops else Path()


def _below(source: Reading, folder: Path, name: str) -> Path | None:
    """A folder that ``data.yaml`` names, which is always below; ``../train/images``, as some tools write, too."""
    if name in ("", "."):
        return folder
    found = inside(folder, name)
    if found is None:
        source.problem(ProblemCode.UNSAFE_FILE_NAME, "data.yaml", name)
        found = inside(folder, _UPWARDS.sub("", name))
    return found


def _load(source: Reading, path: Path) -> dict[str, Value]:
    data = read_yaml(source, path)
    if not isinstance(data, dict):
        raise FileError(f"{path} does not describe a YOLO dataset: it has no names")
    return data


def _labels(source: Reading, names: Value) -> dict[int, str]:
    """The label of each class; they are listed in their order, or by number."""
    pairs = names.items() if isinstance(names, dict) else enumerate(names) if isinstance(names, list) else ()
    labels = {}
    for code, name in pairs:
        number = whole(code) if isinstance(code, str) else code
        if number is None or not isinstance(name, str):
            source.problem(ProblemCode.MALFORMED_ENTRY, "data.yaml", f"the name of class {code} is not a text")
        else:
            labels[number] = name
    return labels


class _LabelFiles(NamedTuple):
    """What all label files have in common."""

    source: Reading
    builder: DatasetBuilder
    labels: Mapping[int, str]
    keypoints: KeypointShape | None


def _keypoints(value: Value, path: Path) -> KeypointShape | None:
    """What ``kpt_shape`` says. Raises ``FileError``."""
    match value:
        case None:
            return None
        case [str(points), "2" | "3" as numbers] if (count := whole(points)) is not None:
            return KeypointShape(count, int(numbers))
    raise FileError(f"{path}: kpt_shape must be a count of points and 2 or 3")


def _read_split(files: _LabelFiles, images: Path, top: Path, split: str) -> None:
    """The images of a split below a folder, and the label files that mirror them; ``top`` holds those of all splits."""
    source = files.source
    parts = list(images.parts)
    at = len(parts) - 1 - parts[::-1].index("images") if "images" in parts else len(parts) - 1
    texts = Path(*parts[:at], "labels", *parts[at + 1 :])
    found = sorted(path for path in images.rglob("*") if path.suffix.lower() in _IMAGES)
    names = {path.relative_to(images).with_suffix("") for path in found}
    orphans = {path.relative_to(texts).with_suffix("") for path in texts.rglob("*.txt")} - names
    for orphan in sorted(orphans):
        place = f"{orphan.as_posix()}.txt"
        source.problem(ProblemCode.MISSING_SIZE, place, f"there is no image of that name below {images.name}")
    for image in found:
        name = image.relative_to(images)
        size = image_size(image)
        if size is None or not (size.width and size.height):
            source.problem(ProblemCode.MISSING_SIZE, name.as_posix(), "the image cannot be read")
            continue
        own = image.relative_to(top).as_posix()
        asset = files.builder.add_asset(DatasetAsset(file_name=own, width=size.width, height=size.height, split=split))
        path = (texts / name).with_suffix(".txt")
        for number, line in enumerate(_lines_of(source, path), start=1):
            if line.strip():
                _read_line(files, asset, line, np.array(size[:2]), f"{path.name}: line {number}")


def _lines_of(source: Reading, path: Path) -> list[str]:
    """The lines of a label file; none if there is no such file, or if it cannot be read, which is told."""
    try:
        return source.data(path).decode("utf-8", "replace").splitlines() if path.is_file() else []
    except FileError as error:
        source.problem(ProblemCode.UNREADABLE_FILE, path.name, error)
        return []


def _read_line(files: _LabelFiles, asset: int, text: str, size: NDArray[np.float64], place: str) -> None:
    """Enter what a line says."""
    found = read_line(text, files.keypoints, size)
    if isinstance(found, ProblemCode):
        files.source.problem(found, place)
    elif found.code not in files.labels:
        files.source.problem(ProblemCode.DANGLING_REFERENCE, place, f"class {found.code} is not in data.yaml")
    else:
        label, number = files.labels[found.code], files.builder.new_object()
        for kind, coords in found.shapes:
            files.builder.add(asset, kind, coords, label, object=number, score=found.score)
