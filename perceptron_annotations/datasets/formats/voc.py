"""Pascal VOC: an XML file of boxes for each image, below ``Annotations``.

VOC counts pixels from 1 and its boxes include their last pixel, but most tools write plain corners. The file does not
say which, so the caller does: ``one_based`` adds 1 to the top left corner when writing and subtracts it when reading.
"""

from __future__ import annotations

from math import inf
from pathlib import Path, PureWindowsPath
from posixpath import splitext
from typing import Any

import numpy as np
from lxml import etree
from msgspec import structs

from ...files import Source
from ...geometry import AnnotationKind
from ...losses import LossCode, LossReport
from ...outputs import write_folder
from ...problems import OnProblem, ProblemCode
from ..builder import DatasetBuilder
from ..dataset import Dataset, DatasetAsset
from ..image_files import ImageFiles
from ..paths import OwnFiles, inside
from ._reading import Reading, reading
from ._selection import ImageShapes, Shape, ShapeSelection, vocabulary
from ._xml import child_number, child_text, element, is_xml_text, read_xml, size_text, to_bytes

#: The list of images that belong to no split, which is also that of train and val together.
_UNDIVIDED = "trainval"
#: Folders that are splits.
_FOLDERS = ("train", "val", "valid", "test")


def write_voc(
    dataset: Dataset, folder: str | Path, *, one_based: bool = False, images: ImageFiles | None = None
) -> LossReport:
    """Write a VOC folder, which must be new: ``Annotations/<image>.xml``. Polygons become their bounding boxes.

    Corners are exact floats. ``ImageSets/Main`` lists the images of each split, and ``trainval.txt`` those without one.
    ``images`` puts the image files into ``JPEGImages``. If two images would share a file, the second is written under
    another name, and counted.

    >>> builder = pa.datasets.DatasetBuilder()
    >>> asset = builder.add_asset(pa.datasets.DatasetAsset(file_name="a.png", width=64, height=48))
    >>> builder.add(asset, pa.AnnotationKind.BOX, [[4, 8], [20, 30]], "cat")
    >>> pa.datasets.write_voc(builder.build(), "voc").objects
    1
    """
    selection = ShapeSelection(dataset, (AnnotationKind.BOX, AnnotationKind.POLYGON))
    with write_folder(folder) as root:
        (root / "Annotations").mkdir()
        files = OwnFiles(root / "Annotations", ".xml")
        listed: dict[str, list[str]] = {}
        for image in selection.images():
            name = image.asset.file_name
            if not is_xml_text(name) or name != name.strip():
                selection.lose_image(image)
                continue
            own = selection.image_file(files, image)
            if own is None:
                continue
            listed.setdefault(image.asset.split or _UNDIVIDED, []).append(splitext(own.name)[0])
            if images is not None:
                images.place(name, root / "JPEGImages" / own.name, selection.losses)
            own.path.write_bytes(to_bytes(_annotation(own.name, image, selection, 1.0 if one_based else 0.0)))
        _write_lists(root / "ImageSets" / "Main", listed, selection)
    return selection.report(len(vocabulary(dataset)))


def _write_lists(folder: Path, listed: dict[str, list[str]], selection: ShapeSelection) -> None:
    """A list of the images of each split, by their names without suffix."""
    folder.mkdir(parents=True)
    for split, names in listed.items():
        path = inside(folder, f"{split}.txt")
        if path is None or path.parent != folder:
            selection.losses.add(LossCode.SPLIT, split, len(names))
        else:
            path.write_text("".join(f"{name}\n" for name in names), encoding="utf-8", newline="\n")


def _annotation(name: str, image: ImageShapes, selection: ShapeSelection, first: float) -> Any:
    root = etree.Element("annotation")
    element(root, "folder", "")
    element(root, "filename", name)
    size = element(root, "size")
    for tag, value in (("width", image.width), ("height", image.height), ("depth", 3)):
        element(size, tag, size_text(value))
    for shape in image.shapes:
        _write_object(root, shape, selection, first)
    return root


def _write_object(root: Any, shape: Shape, selection: ShapeSelection, first: float) -> None:
    if shape.kind is AnnotationKind.POLYGON:
        selection.lose(LossCode.POLYGON_AS_BOX, shape.row)
    if not is_xml_text(shape.label) or shape.label != shape.label.strip():
        selection.lose(LossCode.UNLISTED_LABEL, shape.row)
    found = element(root, "object")
    element(found, "name", shape.label)
    for tag, value in (("pose", "Unspecified"), ("truncated", 0), ("difficult", 0)):
        element(found, tag, value)
    box = element(found, "bndbox")
    for tag, edge in zip(("xmin", "ymin", "xmax", "ymax"), shape.xyxy, strict=True):
        element(box, tag, repr(edge + first if tag.endswith("min") else edge))


# -- reading ---------------------------------------------------------------------------------------------------------


def read_voc(folder: Source, *, one_based: bool = False, on_problem: OnProblem | None = None) -> Dataset:
    """Read a VOC folder, its ``Annotations``, or one XML file.

    The splits are those of ``ImageSets/Main``, else of folders named ``train``, ``valid`` or ``test``. The name of an
    image begins with the folder that its XML file is in, if it does not say so itself.
    Boxes outside their image are kept and told; a malformed box or a broken file is left out, and the rest is read.
    ``on_problem`` is called with each problem; without it, one ``ProblemWarning`` counts them. Raises ``FileError`` if
    there is no XML file at all.

    >>> from pathlib import Path, PureWindowsPath
    >>> _ = Path("a.xml").write_text(
    ...     "<annotation><filename>a.png</filename><size><width>64</width><height>48</height></size><object>"
    ...     "<name>cat</name><bndbox><xmin>4</xmin><ymin>8</ymin><xmax>20</xmax><ymax>30</ymax></bndbox></object>"
    ...     "</annotation>"
    ... )
    >>> pa.datasets.read_voc("a.xml").table.xyxy.tolist()
    [[4.0, 8.0, 20.0, 30.0]]
    """
    with reading(folder, on_problem) as source:
        builder = DatasetBuilder()
        files = source.files(".xml", "Annotations")
        splits = _listed_splits(source)
        base = _annotations_of(source.path)
        for file in files:
            with source.costs_itself(file):
                root = read_xml(source, file, root="annotation")
                below = file.parent.relative_to(base) if source.path != file else Path()
                name = child_text(root, "filename") or file.with_suffix(".jpg").name
                if not PureWindowsPath(name).is_relative_to(PureWindowsPath(below)):
                    name = (below / name).as_posix()
                split = splits.get((below / file.stem).as_posix()) or _split_of_folder(below)
                _read_image(source, builder, root, DatasetAsset(file_name=name, split=split), 1.0 if one_based else 0.0)
        return source.checked(builder.build())


def _annotations_of(path: Path) -> Path:
    """The folder that the XML files are below."""
    return path / "Annotations" if (path / "Annotations").is_dir() else path


def _listed_splits(source: Reading) -> dict[str, str]:
    """The split of each image, by its name without suffix, from the lists in ``ImageSets/Main``.

    ``trainval.txt`` is not a split, nor are lists of one class, such as ``cat_train.txt``.
    """
    found: dict[str, str] = {}
    for path in sorted((source.path / "ImageSets" / "Main").glob("*.txt")):
        is_of_class = path.stem.endswith(tuple(f"_{split}" for split in (*_FOLDERS, _UNDIVIDED)))
        if path.is_file() and path.stem != _UNDIVIDED and not is_of_class:
            for line in source.data(path).decode("utf-8", "replace").splitlines():
                found.setdefault(line.strip(), path.stem)
    return found


def _split_of_folder(below: Path) -> str | None:
    """The split whose folder the XML file is in, as Roboflow has it."""
    return below.parts[0] if below.parts and below.parts[0] in _FOLDERS else None


def _read_image(source: Reading, builder: DatasetBuilder, root: Any, image: DatasetAsset, first: float) -> None:
    """Enter an image and its boxes; ``first`` is the number of the first pixel."""
    place = image.file_name
    width, height = child_number(root, "size/width"), child_number(root, "size/height")
    if width is None or height is None or not (0 < width < inf and 0 < height < inf):
        source.problem(ProblemCode.MISSING_SIZE, place)
        width = height = None
    asset = builder.add_asset(structs.replace(image, width=width, height=height))
    for number, found in enumerate(root.iterfind("object")):
        corners = [child_number(found, f"bndbox/{tag}") for tag in ("xmin", "ymin", "xmax", "ymax")]
        if any(corner is None for corner in corners):
            source.problem(
                ProblemCode.MALFORMED_ENTRY, f"{place}: object {number}", "bndbox does not have four numbers"
            )
            continue
        box = np.array(corners, dtype=np.float64).reshape(2, 2)
        box[0] -= first
        if not np.isfinite(box).all():
            source.problem(ProblemCode.NON_FINITE_COORDINATES, f"{place}: object {number}")
            continue
        builder.add(asset, AnnotationKind.BOX, box, child_text(found, "name"))
