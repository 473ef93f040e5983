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
from ._details import Value, text_of, value_of
from ._reading import Reading, reading
from ._selection import ImageShapes, Shape, ShapeSelection, vocabulary
from ._xml import child_number, child_text, element, is_xml_text, read_xml, size_text, to_bytes

#: The list of images that belong to no split, which is also that of train and val together.
_UNDIVIDED = "trainval"
_EDGES = ("xmin", "ymin", "xmax", "ymax")
#: Marks of an object that are attributes, beside ``difficult``, and the pose of one whose pose is not known.
_MARKS = ("truncated", "occluded")
_NO_POSE = "Unspecified"
#: What is read of an object.
_TAGS = frozenset({"name", "pose", "difficult", "bndbox", "attributes", *_MARKS})
#: Where CVAT and datumaro list all labels.
_LABELMAP = "labelmap.txt"
#: What is read of an image. The depth is that of its pixels; tools without a database write "Unknown".
_IMAGE_TAGS = frozenset({"filename", "size", "object"})
_NO_DATABASE = "Unknown"
#: Folders that are splits.
_FOLDERS = ("train", "val", "valid", "test")


def write_voc(
    dataset: Dataset, folder: str | Path, *, one_based: bool = False, images: ImageFiles | None = None
) -> LossReport:
    """Write a VOC folder, which must be new: ``Annotations/<image>.xml``. Polygons become their bounding boxes.

    What metrics ignore is ``difficult``; attributes other than VOC's own ``truncated``, ``occluded`` and ``pose`` are
    written as CVAT and datumaro write them. Corners are exact floats. ``ImageSets/Main`` lists the images of each
    split, and ``trainval.txt`` those without one. If two images would share a file, the second is written under another
    name, and counted.

    Args:
        dataset: What to write; assets without a size are left out.
        folder: The folder to make.
        one_based: Add 1 to the top left corners, as VOC itself counts.
        images: Puts the image files into ``JPEGImages``.

    >>> builder = pa.datasets.DatasetBuilder()
    >>> asset = builder.add_asset(pa.datasets.DatasetAsset(file_name="a.png", width=64, height=48))
    >>> builder.add(asset, pa.AnnotationKind.BOX, [[4, 8], [20, 30]], "cat")
    >>> pa.datasets.write_voc(builder.build(), "voc").objects
    1
    """
    kinds = (AnnotationKind.BOX, AnnotationKind.POLYGON)
    selection = ShapeSelection(dataset, kinds, holds=(LossCode.IGNORE, LossCode.ATTRIBUTE))
    objects = _Objects(dataset, selection, 1.0 if one_based else 0.0)
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
            own.path.write_bytes(to_bytes(_annotation(own.name, image, objects)))
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


def _annotation(name: str, image: ImageShapes, objects: _Objects) -> Any:
    root = etree.Element("annotation")
    element(root, "folder", "")
    element(root, "filename", name)
    size = element(root, "size")
    for tag, value in (("width", image.width), ("height", image.height), ("depth", 3)):
        element(size, tag, size_text(value))
    for shape in image.shapes:
        objects.write(root, shape)
    return root


class _Objects:
    """Writes objects; ``first`` is the number of the first pixel."""

    def __init__(self, dataset: Dataset, selection: ShapeSelection, first: float) -> None:
        self._dataset, self._selection, self._first = dataset, selection, first

    def write(self, root: Any, shape: Shape) -> None:
        """Write a shape below ``root``."""
        if shape.kind is AnnotationKind.POLYGON:
            self._selection.lose(LossCode.POLYGON_AS_BOX, shape.row)
        if not _is_kept(shape.label):
            self._selection.lose(LossCode.UNLISTED_LABEL, shape.row)
        attributes = {} if self._dataset.attributes is None else dict(self._dataset.attributes[shape.row])
        if not all(_is_kept(text_of(text)) for each in attributes.items() for text in each):
            self._selection.lose(LossCode.ATTRIBUTE, shape.row)
        found = element(root, "object")
        element(found, "name", shape.label)
        pose = attributes.pop("pose") if isinstance(attributes.get("pose"), str) else _NO_POSE
        marks = {name: attributes.pop(name) for name in _MARKS if isinstance(attributes.get(name), bool)}
        element(found, "pose", pose)
        element(found, "truncated", int(bool(marks.get("truncated"))))
        if marks.get("occluded"):
            element(found, "occluded", 1)
        element(found, "difficult", int(self._dataset.ignore[shape.row]))
        box = element(found, "bndbox")
        for tag, edge in zip(_EDGES, shape.xyxy, strict=True):
            element(box, tag, repr(edge + self._first if tag.endswith("min") else edge))
        others = element(found, "attributes") if attributes else None
        for name, value in attributes.items():
            made = element(others, "attribute")
            element(made, "name", name)
            element(made, "value", text_of(value))


def _is_kept(text: str) -> bool:
    """Whether a text comes back as it is."""
    return bool(text) and is_xml_text(text) and text == text.strip()


# -- reading ---------------------------------------------------------------------------------------------------------


def read_voc(folder: Source, *, one_based: bool = False, on_problem: OnProblem | None = None) -> Dataset:
    """Read a VOC folder, its ``Annotations``, or one XML file.

    The splits are those of ``ImageSets/Main``, else of folders named ``train``, ``valid`` or ``test``. The name of an
    image begins with the folder that its XML file is in, if it does not say so itself. What is ``difficult`` is what
    metrics ignore; ``truncated``, ``occluded`` and ``pose`` are attributes. Parts are left out. Boxes outside their
    image are kept and told; a malformed box or a broken file is left out, and the rest is read. ``on_problem`` is
    called with each problem; without it, one ``ProblemWarning`` counts them. Raises ``FileError`` if there is no XML
    file at all.

    >>> from pathlib import Path
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
        if (source.path / _LABELMAP).is_file():
            source.problem(ProblemCode.UNREAD_FIELD, _LABELMAP, "not read: labels without objects, colours and parts")
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
    source.leave_unread("images", {**root.attrib, **_said_of_image(root)}, _IMAGE_TAGS)
    for number, found in enumerate(root.iterfind("object")):
        corners = [child_number(found, f"bndbox/{tag}") for tag in _EDGES]
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
        for tag in sorted({each.tag for each in found.iterchildren(tag=etree.Element)} - _TAGS):
            source.problem(ProblemCode.UNSUPPORTED_ENTRY, f"{place}: object {number}", f"<{tag}> of an object")
        is_ignored = child_text(found, "difficult") == "1"
        label, attributes = child_text(found, "name"), _attributes(found)
        builder.add(asset, AnnotationKind.BOX, box, label, ignore=is_ignored, attributes=attributes)


def _said_of_image(root: Any) -> dict[str, str]:
    """The texts below an image, by their tags; "0" is what tools write of an image that is not segmented."""
    texts = {each.tag: " ".join(" ".join(each.itertext()).split()) for each in root.iterchildren(tag=etree.Element)}
    return {tag: text for tag, text in texts.items() if not {"0", _NO_DATABASE}.issuperset(text.split())}


def _attributes(found: Any) -> dict[str, Value]:
    """What is said of an object beside its label and box, apart from what every object says."""
    said: dict[str, Value] = {name: True for name in _MARKS if child_text(found, name) == "1"}
    pose = child_text(found, "pose")
    if pose not in (None, _NO_POSE):
        said["pose"] = str(pose)
    for each in found.iterfind("attributes/attribute"):
        name = child_text(each, "name")
        if name is not None:
            said[name] = value_of(child_text(each, "value") or "")
    return said
