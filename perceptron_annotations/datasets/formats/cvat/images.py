"""CVAT for images 1.1: one XML file of boxes, polygons and points for all images."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from lxml import etree

from ....files import Source
from ....losses import LossCode, LossReport
from ....outputs import write_whole
from ....problems import OnProblem, ProblemCode
from ...builder import DatasetBuilder
from ...dataset import Dataset, DatasetAsset
from ...paths import OwnNames
from .._reading import Reading, reading
from .._selection import ImageShapes, ShapeSelection, vocabulary
from .._xml import element, is_xml_text, read_xml, size_text, to_bytes
from .shapes import TAGS, finite, shape_attributes, shape_rows, split_of_subset


def write_cvat(dataset: Dataset, path: str | Path) -> LossReport:
    """Write CVAT for images 1.1. Numbers have all their digits; the rings of one object become one shape each.

    CVAT knows an image by its name, so the second image of one name is written under another name, and counted.

    >>> builder = pa.datasets.DatasetBuilder()
    >>> asset = builder.add_asset(pa.datasets.DatasetAsset(file_name="a.png", width=64, height=48))
    >>> builder.add(asset, pa.AnnotationKind.BOX, [[4, 8], [20, 30]], "cat")
    >>> pa.datasets.write_cvat(builder.build(), "images.xml").objects
    1
    """
    selection = ShapeSelection(dataset, tuple(TAGS))
    root = etree.Element("annotations")
    element(root, "version", "1.1")
    labels = element(element(element(root, "meta"), "task"), "labels")
    for name in vocabulary(dataset):
        element(element(labels, "label"), "name", name)
    names = OwnNames()
    for number, image in enumerate(selection.images()):
        _write_image(root, number, selection.own_name(names, image.asset.file_name), image, selection)
    with write_whole(path) as stream:
        stream.write(to_bytes(root))
    return selection.report(len(vocabulary(dataset)))


def _write_image(root: Any, number: int, name: str, image: ImageShapes, selection: ShapeSelection) -> None:
    if not is_xml_text(name):
        selection.losses.add(LossCode.UNSAFE_FILE_NAME, name)
    size = {"width": size_text(image.width), "height": size_text(image.height)}
    subset = {} if image.asset.split is None else {"subset": image.asset.split}
    found = element(root, "image", id=number, name=name, **subset, **size)
    for shape in image.shapes:
        if not is_xml_text(shape.label):
            selection.lose(LossCode.UNLISTED_LABEL, shape.row)
        coords = shape_attributes(shape.kind, shape.coords)
        element(found, TAGS[shape.kind], label=shape.label, source="auto", occluded=0, **coords, z_order=0)


# -- reading ---------------------------------------------------------------------------------------------------------


def read_cvat(path: Source, *, on_problem: OnProblem | None = None) -> Dataset:
    """Read CVAT for images 1.1: a file, or all files of a folder.

    Lines, masks, cuboids, turned shapes and tracks are left out. The points of one element are points of one object.
    ``on_problem`` is called with each problem; without it, one ``ProblemWarning`` counts them. Raises ``FileError`` if
    the file is not XML of this kind.

    >>> from pathlib import Path
    >>> _ = Path("images.xml").write_text(
    ...     '<annotations><image id="0" name="a.png" width="64" height="48">'
    ...     '<box label="cat" xtl="4" ytl="8" xbr="20" ybr="30"/></image></annotations>'
    ... )
    >>> pa.datasets.read_cvat("images.xml").labels
    ('cat',)
    """
    with reading(path, on_problem) as source:
        builder = DatasetBuilder()
        for file in source.files(".xml"):
            with source.costs_itself(file):
                _read_file(source, builder, read_xml(source, file, root="annotations"))
        return source.checked(builder.build())


def _read_file(source: Reading, builder: DatasetBuilder, root: Any) -> None:
    """Enter the labels and the images of a file."""
    for name in root.iterfind("meta//labels/label/name"):
        if name.text:
            builder.add_label(name.text)
    for track in root.iterfind("track"):
        source.problem(ProblemCode.UNSUPPORTED_ENTRY, f"track {track.get('id')}", "a track, of CVAT for video")
    for image in root.iterfind("image"):
        if not image.get("name"):
            source.problem(ProblemCode.MALFORMED_ENTRY, f"image {image.get('id')}", "it has no name")
        else:
            _read_image(source, builder, image, image.get("name"))


def _read_image(source: Reading, builder: DatasetBuilder, image: Any, name: str) -> None:
    """Enter an image and its shapes."""
    width, height = finite(image.get("width")), finite(image.get("height"))
    if not (width and height):
        source.problem(ProblemCode.MISSING_SIZE, name)
        width = height = None
    split = split_of_subset(image.get("subset"))
    asset = builder.add_asset(
        DatasetAsset(file_name=name, width=width, height=height, source_id=image.get("id"), split=split)
    )
    for place, shape in enumerate(image.iterchildren(tag=etree.Element)):
        number = builder.new_object()
        for kind, coords in shape_rows(source, shape, f"{name}: shape {place}"):
            builder.add(asset, kind, coords, shape.get("label") or None, object=number)
