"""YOLO folders: ``data.yaml``, and a text file of labels for each image, in fractions of its size.

``labels/<split>/…`` mirrors ``images/<split>/…``; classes count from 0 in the order of ``data.yaml``; an empty file is
that of an image without objects.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np
from msgspec import structs
from numpy.typing import NDArray

from ....errors import FileError, UsageError
from ....files import Source
from ....geometry import AnnotationKind
from ....losses import LossCode, LossReport
from ....markup.document import Status
from ....outputs import write_folder
from ....problems import OnProblem, ProblemCode
from ....words import member_of
from ...builder import DatasetBuilder
from ...dataset import Dataset, DatasetAsset
from ...image_files import ImageFiles
from ...image_sizes import ImageSize, image_size
from ...keypoints import MOST_KEYPOINTS, Skeleton
from ...known_sizes import Sizes, size_lookup
from ...media_suffixes import IMAGE_SUFFIXES
from ...paths import OwnFiles, is_inside
from ...splits import Splits, split_names, split_of
from .._reading import Reading, reading
from .._selection import ShapeSelection
from .._yaml import Value, whole, yaml_text
from ..choices import YoloTask, YoloTaskName
from .labels import ShapeLines, read_line
from .layout import NOT_SPLITS, OWN, SPLITS, LabelledImage, read_layout
from .pose_lines import KeypointShape, PoseLines, skeletons_of


def write_yolo(
    dataset: Dataset,
    folder: str | Path,
    *,
    task: YoloTask | YoloTaskName = YoloTask.DETECT,
    splits: Splits | None = None,
    seed: int = 0,
    images: ImageFiles | None = None,
) -> LossReport:
    """Write a YOLO folder, which must be new. Its images belong below ``images/<split>``.

    Numbers have all their digits, and shapes are clipped to their image. If two images would share a label file, the
    second is written under another name, and counted. Raises ``UsageError`` if the name of a split is not plain or
    means something else in ``data.yaml``.

    Args:
        dataset: What to write; assets without a size are left out.
        folder: The folder to make.
        task: What a line holds. To detect, polygons become their bounding boxes; to segment, boxes become polygons. A
            pose is the box and the keypoints of an object, and objects without keypoints are left out. In a dataset
            without any skeleton, such as that of a model's points, it is the points of an object in their order, all
            marked as visible. If other objects have more keypoints, missing ones follow.
        splits: Shares by name, such as ``{"train": 0.8, "val": 0.2}``, or the split of each image by its file name;
            without them, an image has its own split, else ``train``.
        seed: Gives another division by the same shares.
        images: Puts the image files where they belong.

    >>> builder = pa.datasets.DatasetBuilder()
    >>> asset = builder.add_asset(pa.datasets.DatasetAsset(file_name="a.png", width=64, height=48))
    >>> builder.add(asset, pa.AnnotationKind.BOX, [[4, 8], [20, 30]], "cat")
    >>> pa.datasets.write_yolo(builder.build(), "yolo", task="segment", splits={"train": 0.8, "val": 0.2}).objects
    1
    """
    selection, lines = _lines(dataset, member_of(YoloTask, task, "task"))
    if splits is None:
        dataset = dataset.with_assets(
            [structs.replace(asset, split=asset.split or SPLITS[0]) for asset in dataset.assets]
        )
    names = split_of(dataset, splits, seed)
    parts = list(dict.fromkeys(names)) or [SPLITS[0]] if splits is None else split_names(splits)
    if taken_names := NOT_SPLITS & set(parts):
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
            if images is not None:
                images.place(dataset.assets[number].file_name, root / "images" / own.name, selection.losses)
            found = lines.of_asset(number)
            selection.objects += found.lines
            with open(own.file, "wb") as file:  # noqa: PTH123 - faster, and there are as many files as images
                file.write(found.text)
        (root / "data.yaml").write_text(_data(lines, parts), encoding="utf-8", newline="\n")
    return selection.report(len(lines.labels))


def _name_in(split: str, asset: DatasetAsset) -> str:
    """The name of an image below ``images``: in the folder of its split, in which it may be already.

    A name that leads out of all folders stays as it is.
    """
    name = asset.file_name
    is_there = split == asset.split and name.startswith(f"{split}/")
    return f"{split}/{name}" if is_inside(name) and not is_there else name


def _lines(dataset: Dataset, task: YoloTask) -> tuple[ShapeSelection, ShapeLines | PoseLines]:
    """What the label files of a task hold."""
    if task is YoloTask.POSE:
        kinds = (AnnotationKind.POINT, AnnotationKind.BOX, AnnotationKind.POLYGON)
        selection = ShapeSelection(dataset, kinds, groups=True, holds=(LossCode.KEYPOINTS, LossCode.OWN_BOX))
        return selection, PoseLines(dataset, selection)
    selection = ShapeSelection(dataset, (AnnotationKind.BOX, AnnotationKind.POLYGON))
    return selection, ShapeLines(dataset, selection, task)


def _data(lines: ShapeLines | PoseLines, splits: list[str]) -> str:
    """``data.yaml``.

    Ultralytics asks for ``val`` always, and takes ``path`` from where it runs, not from where the file is: without one,
    the splits are found from any folder. If ``train`` or ``val`` is missing, the first split stands in.
    """
    stand_ins = [split for split in SPLITS[:2] if split not in splits]
    folders = {split: split for split in splits} | dict.fromkeys(stand_ins, splits[0])
    parts = [f"{split}: {yaml_text(f'images/{folder}')}" for split, folder in folders.items()]
    own = [f"{OWN}:", f"  stand_ins: {stand_ins}"] if stand_ins else []
    names = [f"  {code}: {yaml_text(label)}" for code, label in enumerate(lines.labels)] or ["  {}"]
    return "\n".join([*parts, *lines.lines_of_data, "names:", *names, *own]) + "\n"


# -- reading ---------------------------------------------------------------------------------------------------------


def read_yolo(folder: Source, *, sizes: Sizes | None = None, on_problem: OnProblem | None = None) -> Dataset:
    """Read a YOLO folder, or its ``data.yaml``: detection and segmentation, with a score in a sixth column, and poses.

    The splits of ``data.yaml`` are folders, lists of images, or several of both; without it, ``classes.txt`` or
    ``obj.names`` has the classes. An image that two splits name is read once. A pose is a box with keypoints, missing
    ones included, which ``kpt_names`` names and ``flip_idx`` pairs; but a single visible keypoint whose box has no size
    is a point, as ``write_yolo`` writes it. Sizes are those of the image files, after their EXIF orientation, else
    those that ``sizes`` knows by file name; the objects of an image without a size have no place, and are left out.
    ``on_problem`` is called with each problem; without it, one ``ProblemWarning`` counts them. Needs PyYAML (the
    ``yolo`` extra) for ``data.yaml``. Raises ``FileError`` if no file says what the classes are, or if ``kpt_shape`` is
    malformed.

    >>> from pathlib import Path
    >>> _ = Path("data.yaml").write_text("train: images/train\\nnames: [cat]")
    >>> _ = Path("images/train").mkdir(parents=True)
    >>> pa.datasets.read_yolo(".").labels
    ('cat',)
    """
    with reading(folder, on_problem) as source:
        layout = read_layout(source)
        labels = layout.labels
        builder = DatasetBuilder([labels[code] for code in sorted(labels)])
        shape = _keypoints(layout.data.get("kpt_shape"), source.path)
        skeletons = {} if shape is None else skeletons_of(source, layout.data, labels, shape.points)
        for label, skeleton in skeletons.items():
            if len(skeleton) > 1:
                builder.add_label(label, skeleton)
        files = _LabelFiles(source, builder, labels, shape, skeletons, size_lookup(sizes))
        for image in layout.images:
            files.read(image)
        return source.checked(builder.build())


def _keypoints(value: Value, path: Path) -> KeypointShape | None:
    """What ``kpt_shape`` says. Raises ``FileError``."""
    match value:
        case None:
            return None
        case [str(points), "2" | "3" as numbers] if (count := whole(points)) is not None and count <= MOST_KEYPOINTS:
            return KeypointShape(count, int(numbers))
    raise FileError(f"{path}: kpt_shape must be a count of points and 2 or 3, with at most {MOST_KEYPOINTS} points")


class _LabelFiles(NamedTuple):
    """What all label files have in common."""

    source: Reading
    builder: DatasetBuilder
    labels: Mapping[int, str]
    keypoints: KeypointShape | None
    #: By label.
    skeletons: Mapping[str, Skeleton]
    size_of: Callable[[str], ImageSize | None]

    def read(self, found: LabelledImage) -> None:
        """Enter an image and what its label file says."""
        lines = self._lines(found)
        name, size = self._measured(found)
        if size is None:
            why = "the image cannot be read" if found.image else "there is no image of that name"
            lost = f", so its {len(lines)} objects have no place: give its size" if lines else ""
            self.source.problem(ProblemCode.MISSING_SIZE, name if found.image else f"{name}.txt", why + lost)
            asset = DatasetAsset(file_name=name, split=found.split)
            self.builder.add_asset(asset, Status.UNREADABLE if lines else None)
            return
        asset = DatasetAsset(file_name=name, width=size.width, height=size.height, split=found.split)
        place = self.builder.add_asset(asset)
        for number, line in lines:
            self._read_line(place, line, np.array(size[:2]), f"{Path(name).stem}.txt: line {number}")

    def _measured(self, found: LabelledImage) -> tuple[str, ImageSize | None]:
        """The name and the size of an image; if there is no image, of one that ``size_of`` knows by such a name."""
        if found.image is not None:
            size = image_size(found.image)
            return found.name, size if size is not None and size.width and size.height else self.size_of(found.name)
        stem = found.name.removeprefix(f"{found.split}/")
        for name in (found.name, stem):
            for suffix in sorted(IMAGE_SUFFIXES):
                if (size := self.size_of(f"{name}{suffix}")) is not None:
                    return f"{found.name}{suffix}", size
        return found.name, None

    def _lines(self, found: LabelledImage) -> list[tuple[int, str]]:
        """The lines of a label file with their numbers, without the blank ones."""
        if found.labels is None:
            return []
        try:
            text = self.source.data(found.labels).decode("utf-8", "replace")
        except FileError as error:
            self.source.problem(ProblemCode.UNREADABLE_FILE, found.labels.name, error)
            return []
        return [(number, line) for number, line in enumerate(text.splitlines(), start=1) if line.strip()]

    def _read_line(self, asset: int, text: str, size: NDArray[np.float64], place: str) -> None:
        """Enter what a line says."""
        found = read_line(text, self.keypoints, size)
        if isinstance(found, ProblemCode):
            self.source.problem(found, place)
        elif found.code not in self.labels:
            self.source.problem(ProblemCode.DANGLING_REFERENCE, place, f"class {found.code} is not in data.yaml")
        else:
            label = self.labels[found.code]
            if found.is_doubtful:
                why = "the visibility of a keypoint is not 0, 1 or 2"
                self.source.problem(ProblemCode.MALFORMED_ENTRY, place, why)
            if found.keypoints is not None:
                self.builder.add_label(label, self.skeletons[label])
            self.builder.add(asset, found.kind, found.coords, label, score=found.score, keypoints=found.keypoints)
