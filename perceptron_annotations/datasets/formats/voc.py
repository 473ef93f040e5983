"""Pascal VOC: an XML file of boxes for each picture, below ``Annotations``.

VOC counts pixels from 1 and includes the last, but most tools write plain corners. Both ways are said, never guessed:
``one_based`` adds 1 to the left top corner when writing and takes it off when reading.
"""

from __future__ import annotations

from math import inf
from pathlib import Path
from typing import Any

import numpy as np
from lxml import etree

from ...errors import FileError
from ...files import write_folder
from ...geometry import AnnotationKind
from ...losses import LossCode, LossReport
from ...problems import ProblemCode
from ..builder import DatasetBuilder
from ..dataset import Dataset, DatasetAsset
from ..paths import OwnFiles
from ..reports import Tally
from ..validation import count_outside
from ._selection import Selecting, Shape, Sheet, vocabulary
from ._xml import child_number, child_text, element, is_xml_text, read_xml, size_text, to_bytes


def write_voc(dataset: Dataset, folder: str | Path, *, one_based: bool = False) -> LossReport:
    """Write a VOC folder, which must be new: ``Annotations/<picture>.xml``. Polygons become their bounds.

    Corners are exact floats. Raises ``UsageError`` where two pictures would share a file.
    """
    selecting = Selecting(dataset, (AnnotationKind.BOX, AnnotationKind.POLYGON))
    with write_folder(folder) as root:
        (root / "Annotations").mkdir()
        files = OwnFiles(root / "Annotations", ".xml")
        for sheet in selecting.sheets():
            name = sheet.asset.file_name
            path = files.of(name) if is_xml_text(name) and name == name.strip() else None
            if path is None:
                selecting.tally.add(LossCode.UNSAFE_FILE_NAME, name)
                selecting.objects -= len(sheet.shapes)
                continue
            path.write_bytes(to_bytes(_annotation(sheet, selecting, 1.0 if one_based else 0.0)))
    return selecting.report(len(vocabulary(dataset)))


def _annotation(sheet: Sheet, selecting: Selecting, first: float) -> Any:
    root = etree.Element("annotation")
    element(root, "folder", "")
    element(root, "filename", sheet.asset.file_name)
    size = element(root, "size")
    for tag, value in (("width", sheet.width), ("height", sheet.height), ("depth", 3)):
        element(size, tag, size_text(value))
    for shape in sheet.shapes:
        _object(root, shape, selecting, first)
    return root


def _object(root: Any, shape: Shape, selecting: Selecting, first: float) -> None:
    if shape.kind is AnnotationKind.POLYGON:
        selecting.lose(LossCode.POLYGON_AS_BOX, shape.row)
    if not is_xml_text(shape.label) or shape.label != shape.label.strip():
        selecting.lose(LossCode.UNLISTED_LABEL, shape.row)
    found = element(root, "object")
    element(found, "name", shape.label)
    for tag, value in (("pose", "Unspecified"), ("truncated", 0), ("difficult", 0)):
        element(found, tag, value)
    box = element(found, "bndbox")
    for tag, edge in zip(("xmin", "ymin", "xmax", "ymax"), shape.xyxy, strict=True):
        element(box, tag, repr(edge + first if tag.endswith("min") else edge))


def read_voc(folder: str | Path, *, one_based: bool = False, problems: Tally | None = None) -> Dataset:
    """Read a VOC folder, its ``Annotations``, or one XML file.

    Boxes outside their picture are kept and counted; a box that is malformed costs only itself, a file that is broken
    only itself. Raises ``FileError`` where there is no XML file at all.
    """
    tally = Tally() if problems is None else problems
    path = Path(folder)
    base = path / "Annotations" if (path / "Annotations").is_dir() else path
    files = [path] if path.is_file() else sorted(base.rglob("*.xml"))
    if not files:
        raise FileError(f"there is no XML file in {folder}")
    builder = DatasetBuilder()
    seen: set[str] = set()
    for file in files:
        try:
            root = read_xml(file, root="annotation")
        except FileError as error:
            tally.add(ProblemCode.UNREADABLE_FILE, str(error))
            continue
        name = child_text(root, "filename") or file.with_suffix(".jpg").name
        if name in seen:
            tally.add(ProblemCode.DUPLICATE_ENTRY, f"{file.name}: {name}")
            continue
        seen.add(name)
        width, height = child_number(root, "size/width"), child_number(root, "size/height")
        if width is None or height is None or not (0 < width < inf and 0 < height < inf):
            tally.add(ProblemCode.MISSING_SIZE, name)
            width = height = None
        asset = builder.add_asset(DatasetAsset(file_name=name, width=width, height=height))
        for number, found in enumerate(root.iterfind("object")):
            where = f"{file.name}: object {number}"
            corners = [child_number(found, f"bndbox/{tag}") for tag in ("xmin", "ymin", "xmax", "ymax")]
            if any(corner is None for corner in corners):
                tally.add(ProblemCode.MALFORMED_ENTRY, where)
                continue
            box = np.array(corners, dtype=np.float64).reshape(2, 2)
            box[0] -= 1.0 if one_based else 0.0
            if not np.isfinite(box).all():
                tally.add(ProblemCode.NON_FINITE_COORDINATES, where)
                continue
            builder.add(asset, AnnotationKind.BOX, box, child_text(found, "name"))
    return count_outside(builder.build(), tally)
