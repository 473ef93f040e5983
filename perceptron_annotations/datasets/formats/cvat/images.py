"""CVAT for images 1.1: one XML file of boxes, polygons and points for all images."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from lxml import etree

from ....files import Source
from ....geometry import AnnotationKind
from ....losses import LossCode, LossReport
from ....outputs import write_whole
from ....problems import OnProblem, ProblemCode
from ...builder import DatasetBuilder
from ...dataset import Dataset, DatasetAsset
from ...keypoints import MISSING
from ...paths import OwnNames
from .._reading import Reading, reading
from .._selection import ImageShapes, Shape, ShapeSelection, vocabulary
from .._xml import element, is_xml_text, read_xml, size_text, to_bytes
from .shapes import (
    TAGS,
    finite,
    leave_meta_unread,
    leave_unread,
    read_attributes,
    shape_attributes,
    shape_rows,
    split_of_subset,
    state_of,
    write_attributes,
)
from .skeletons import read_labels, read_pose, write_labels, write_pose


def write_cvat(dataset: Dataset, path: str | Path) -> LossReport:
    """Write CVAT for images 1.1. Numbers have all their digits; the rings of one object become one shape each.

    An object with keypoints is a skeleton, which has no other shape: a box that is not just the bounds of the labelled
    keypoints is counted. Attributes are written as texts; ``occluded``, ``z_order`` and ``group_id`` are CVAT's own.

    CVAT knows an image by its name, so the second image of one name is written under another name, and counted.

    >>> builder = pa.datasets.DatasetBuilder()
    >>> asset = builder.add_asset(pa.datasets.DatasetAsset(file_name="a.png", width=64, height=48))
    >>> builder.add(asset, pa.AnnotationKind.BOX, [[4, 8], [20, 30]], "cat")
    >>> pa.datasets.write_cvat(builder.build(), "images.xml").objects
    1
    """
    selection = ShapeSelection(dataset, tuple(TAGS), holds=(LossCode.KEYPOINTS, LossCode.ATTRIBUTE))
    selection.lose_skeletons(lambda skeleton: not skeleton.flip)
    root = etree.Element("annotations")
    element(root, "version", "1.1")
    write_labels(element(element(root, "meta"), "task"), dataset)
    names = OwnNames()
    for number, image in enumerate(selection.images()):
        found = _image(root, number, selection.own_name(names, image.asset.file_name), image, selection)
        _Shapes(found, dataset, selection).write(image.shapes)
    with write_whole(path) as stream:
        stream.write(to_bytes(root))
    return selection.report(len(vocabulary(dataset)))


def _image(root: Any, number: int, name: str, image: ImageShapes, selection: ShapeSelection) -> Any:
    if not is_xml_text(name):
        selection.losses.add(LossCode.UNSAFE_FILE_NAME, name)
    size = {"width": size_text(image.width), "height": size_text(image.height)}
    subset = {} if image.asset.split is None else {"subset": image.asset.split}
    return element(root, "image", id=number, name=name, **subset, **size)


class _Shapes:
    """Writes the shapes of an image below its element."""

    def __init__(self, image: Any, dataset: Dataset, selection: ShapeSelection) -> None:
        self._image, self._dataset, self._selection = image, dataset, selection

    def write(self, shapes: Sequence[Shape]) -> None:
        """Write the shapes; those of an object with keypoints are left out, since a skeleton has no other shape."""
        keypoints, objects = self._dataset.keypoints, self._dataset.object
        rows = set() if keypoints is None else set(np.flatnonzero(keypoints.counts).tolist())
        posed = {int(objects[shape.row]) for shape in shapes if shape.row in rows}
        for shape in shapes:
            if not is_xml_text(shape.label):
                self._selection.lose(LossCode.UNLISTED_LABEL, shape.row)
            if int(objects[shape.row]) not in posed:
                coords = shape_attributes(shape.kind, shape.coords)
                self._describe(
                    shape.row, element(self._image, TAGS[shape.kind], label=shape.label, source="auto", **coords)
                )
                continue
            if shape.kind is AnnotationKind.POLYGON:
                self._selection.lose(LossCode.POLYGON, shape.row)
            if shape.row in rows:
                self._write_pose(shape)
            else:
                self._selection.objects -= 1

    def _write_pose(self, shape: Shape) -> None:
        keypoints, skeleton = self._dataset.keypoints, self._dataset.skeletons[self._dataset.label[shape.row]]
        if keypoints is None or skeleton is None:
            return
        triples = np.reshape(keypoints.as_list(shape.row), (-1, 3))
        labelled = triples[triples[:, 2] > MISSING, :2]
        bounds = [*labelled.min(axis=0), *labelled.max(axis=0)] if len(labelled) else []
        if shape.kind is AnnotationKind.BOX and list(shape.xyxy) != bounds:
            self._selection.lose(LossCode.BOX, shape.row)
        made = write_pose(self._image, skeleton, triples, label=shape.label, source="auto")
        self._describe(shape.row, made)

    def _describe(self, row: int, made: Any) -> None:
        """The attributes of an object."""
        attributes = () if self._dataset.attributes is None else self._dataset.attributes[row]
        for name, value in state_of(attributes).items():
            made.set(name, str(value))
        write_attributes(made, attributes)
        if not all(is_xml_text(f"{name}{value}") for name, value in attributes):
            self._selection.lose(LossCode.ATTRIBUTE, row)


# -- reading ---------------------------------------------------------------------------------------------------------


def read_cvat(path: Source, *, on_problem: OnProblem | None = None) -> Dataset:
    """Read CVAT for images 1.1: a file, or all files of a folder.

    Lines, masks, cuboids, turned shapes and tracks are left out. The points of one element are points of one object; a
    skeleton is a box with keypoints, the bounds of those that are labelled.
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
    read_labels(source, builder, root)
    leave_meta_unread(source, root)
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
    source.leave_unread("images", image.attrib, ("id", "name", "width", "height", "subset"))
    split = split_of_subset(image.get("subset"))
    asset = builder.add_asset(
        DatasetAsset(file_name=name, width=width, height=height, source_id=image.get("id"), split=split)
    )
    for number, shape in enumerate(image.iterchildren(tag=etree.Element)):
        label, place = shape.get("label") or None, f"{name}: shape {number}"
        attributes = read_attributes(shape)
        if shape.tag == "skeleton":
            leave_unread(source, shape)
            pose = read_pose(source, shape, builder.skeletons.get(label or ""), place)
            if pose is not None:
                kind = AnnotationKind.BOX
                builder.add(asset, kind, pose.box, label, attributes=attributes, keypoints=pose.keypoints)
            continue
        own = builder.new_object()
        for kind, coords in shape_rows(source, shape, place):
            builder.add(asset, kind, coords, label, object=own, attributes=attributes)
