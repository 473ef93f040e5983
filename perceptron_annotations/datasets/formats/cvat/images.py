"""CVAT for images 1.1: one XML file of boxes, polygons and points for all pictures."""

from __future__ import annotations

from pathlib import Path

from lxml import etree

from ....files import write_whole
from ....losses import LossCode, LossReport
from ....problems import ProblemCode
from ...builder import DatasetBuilder
from ...dataset import Dataset, DatasetAsset
from ...reports import Tally
from ...validation import count_outside
from .._selection import Selecting, vocabulary
from .._xml import element, is_xml_text, read_xml, size_text, to_bytes
from .shapes import TAGS, finite, shape_attributes, shape_rows


def write_cvat(dataset: Dataset, path: str | Path) -> LossReport:
    """Write CVAT for images 1.1. Numbers have all their digits; the rings of one object become one shape each."""
    selecting = Selecting(dataset, tuple(TAGS))
    root = etree.Element("annotations")
    element(root, "version", "1.1")
    labels = element(element(element(root, "meta"), "task"), "labels")
    for name in vocabulary(dataset):
        element(element(labels, "label"), "name", name)
    for number, sheet in enumerate(selecting.sheets()):
        name = sheet.asset.file_name
        if not is_xml_text(name):
            selecting.tally.add(LossCode.UNSAFE_FILE_NAME, name)
        image = element(
            root, "image", id=number, name=name, width=size_text(sheet.width), height=size_text(sheet.height)
        )
        for shape in sheet.shapes:
            if not is_xml_text(shape.label):
                selecting.lose(LossCode.UNLISTED_LABEL, shape.row)
            places = shape_attributes(shape.kind, shape.coords)
            element(image, TAGS[shape.kind], label=shape.label, source="auto", occluded=0, **places, z_order=0)
    with write_whole(path) as stream:
        stream.write(to_bytes(root))
    return selecting.report(len(vocabulary(dataset)))


def read_cvat(path: str | Path, *, problems: Tally | None = None) -> Dataset:
    """Read CVAT for images 1.1.

    Lines, masks, cuboids, turned shapes and tracks are not held: they are counted. Several points of one element are
    points of one object. Raises ``FileError`` where the file is no XML of this kind.
    """
    tally = Tally() if problems is None else problems
    root = read_xml(Path(path), root="annotations")
    names = [name.text for name in root.iterfind("meta//labels/label/name") if name.text]
    builder = DatasetBuilder(names)
    for track in root.iterfind("track"):
        tally.add(ProblemCode.UNSUPPORTED_ENTRY, f"track {track.get('id')}, of CVAT for video")
    seen: set[str] = set()
    for image in root.iterfind("image"):
        name = image.get("name") or ""
        if not name or name in seen:
            tally.add(
                ProblemCode.DUPLICATE_ENTRY if name else ProblemCode.MALFORMED_ENTRY, f"image {name or image.get('id')}"
            )
            continue
        seen.add(name)
        width, height = finite(image.get("width")), finite(image.get("height"))
        if not (width and height):
            tally.add(ProblemCode.MISSING_SIZE, name)
            width = height = None
        asset = builder.add_asset(DatasetAsset(file_name=name, width=width, height=height, source_id=image.get("id")))
        for place, shape in enumerate(image.iterchildren(tag=etree.Element)):
            number = builder.new_object()
            for kind, coords in shape_rows(shape, tally, f"{name}: shape {place}"):
                builder.add(asset, kind, coords, shape.get("label") or None, object=number)
    return count_outside(builder.build(), tally)
