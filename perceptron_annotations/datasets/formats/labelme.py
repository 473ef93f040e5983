"""LabelMe: a JSON file for each image, with rectangles, polygons and points in pixels."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from msgspec import UNSET, Struct, UnsetType, field
from numpy.typing import NDArray

from ...files import DECODE_ERRORS, Source, decode_file, encode_json
from ...geometry import AnnotationKind
from ...losses import LossCode, LossReport
from ...outputs import write_folder
from ...problems import OnProblem, ProblemCode
from ..builder import DatasetBuilder
from ..dataset import Dataset, DatasetAsset
from ..image_files import ImageFiles
from ..keypoints import HIDDEN, MISSING
from ..paths import OwnFiles
from ._details import Value, enter_skeletons, read_attributes, skeletons_by_label
from ._named_poses import NamedPose, NamedShape, enter_poses
from ._reading import Reading, reading
from ._selection import ImageShapes, Shape, ShapeSelection, vocabulary
from ._unread import others_in
from .labelme_groups import objects_of

_TYPES = {AnnotationKind.POINT: "point", AnnotationKind.BOX: "rectangle", AnnotationKind.POLYGON: "polygon"}
_KINDS = {name: kind for kind, name in _TYPES.items()}
#: How many points a shape of each type has: at least, and at most.
_COUNTS = {AnnotationKind.POINT: (1, 1), AnnotationKind.BOX: (2, 2), AnnotationKind.POLYGON: (3, None)}


#: How many points a rectangle has in files of X-AnyLabeling.
_CORNERS = 4


class _Shape(Struct):
    label: str
    points: list[tuple[float, float]]
    shape_type: str = "polygon"
    group_id: int | None = None
    flags: dict[str, Any] = {}
    description: str | UnsetType | None = UNSET
    #: Fields of X-AnyLabeling, which LabelMe keeps.
    difficult: bool | UnsetType | None = UNSET
    attributes: Any = UNSET


#: What is read of a file: all but the image itself, which LabelMe puts into it unless it is told not to.
_READ = ("shapes", "imagePath", "imageHeight", "imageWidth", "version", "flags", "perceptron_annotations")


class _Own(Struct):
    skeletons: Any


class _File(Struct):
    shapes: list[Any]
    image_path: str = field(name="imagePath", default="")
    image_height: float | None = field(name="imageHeight", default=None)
    image_width: float | None = field(name="imageWidth", default=None)
    version: str = "5.0.0"
    flags: dict[str, Any] = {}
    image_data: str | None = field(name="imageData", default=None)
    #: What LabelMe does not know, and keeps.
    perceptron_annotations: _Own | UnsetType = UNSET


def write_labelme(dataset: Dataset, folder: str | Path, *, images: ImageFiles | None = None) -> LossReport:
    """Write a LabelMe folder, which must be new: ``<image>.json`` where LabelMe expects the image to be too.

    The rings of one object are polygons of one ``group_id``, and its keypoints are points of the same group, named by
    their labels; a keypoint that is missing has no point. Attributes that are true or false are flags. ``images`` puts
    the image files beside. If two images would share a file, the second is written under another name, and counted.

    >>> builder = pa.datasets.DatasetBuilder()
    >>> asset = builder.add_asset(pa.datasets.DatasetAsset(file_name="a.png", width=64, height=48))
    >>> builder.add(asset, pa.AnnotationKind.BOX, [[4, 8], [20, 30]], "cat")
    >>> pa.datasets.write_labelme(builder.build(), "labelme").objects
    1
    """
    holds = (LossCode.KEYPOINTS, LossCode.IGNORE, LossCode.ATTRIBUTE)
    selection = ShapeSelection(dataset, tuple(_TYPES), groups=True, holds=holds)
    selection.lose_splits()
    skeletons = skeletons_by_label(dataset)
    with write_folder(folder) as root:
        files = OwnFiles(root, ".json")
        for image in selection.images():
            own = selection.image_file(files, image)
            if own is None:
                continue
            file = _File(_shapes(dataset, image, selection), Path(own.name).name, image.height, image.width)
            used = {shape.label for shape in image.shapes} & skeletons.keys()
            if used:
                file.perceptron_annotations = _Own({label: skeletons[label] for label in sorted(used)})
            own.path.write_bytes(encode_json(file) + b"\n")
            if images is not None:
                images.place(image.asset.file_name, own.path.parent / Path(own.name).name, selection.losses)
    return selection.report(len(vocabulary(dataset)))


def _shapes(dataset: Dataset, image: ImageShapes, selection: ShapeSelection) -> list[_Shape]:
    """The shapes of an image: those of each object, then its keypoints."""
    objects: dict[int, list[Shape]] = {}
    for shape in image.shapes:
        objects.setdefault(int(dataset.object[shape.row]), []).append(shape)
    groups = _free_groups(dataset, image)
    found = []
    for shapes in objects.values():
        made = [_shape(dataset, shape) for shape in shapes]
        keypoints = [point for shape in shapes for point in _points(dataset, shape, selection)]
        are_rings = all(shape.kind is AnnotationKind.POLYGON for shape in shapes)
        if keypoints or (len(shapes) > 1 and are_rings):
            group = next(groups)
            selection.objects -= len(shapes) - 1
            for each in (*made, *keypoints):
                each.group_id = group
        elif len(shapes) > 1:
            selection.losses.add(LossCode.SPLIT_RINGS, "objects of several rows")
        found += [*made, *keypoints]
    return found


def _free_groups(dataset: Dataset, image: ImageShapes) -> Iterator[int]:
    """Numbers of groups that no shape of an image has already."""
    attributes = dataset.attributes
    taken = {dict(attributes[shape.row]).get("group_id") for shape in image.shapes} if attributes is not None else set()
    return (number for number in count(1) if number not in taken)


def _shape(dataset: Dataset, shape: Shape) -> _Shape:
    """A shape, and what is said of it."""
    made = _Shape(shape.label, [(x, y) for x, y in shape.coords.tolist()], _TYPES[shape.kind])
    others: dict[str, Value] = {}
    for name, value in () if dataset.attributes is None else dataset.attributes[shape.row]:
        if isinstance(value, bool):
            made.flags = made.flags | {name: value}
        elif name == "description" and isinstance(value, str):
            made.description = value
        elif name == "group_id" and isinstance(value, int):
            made.group_id = value
        else:
            others[name] = value
    if others:
        made.attributes = others
    if dataset.ignore[shape.row]:
        made.difficult = True
    return made


def _points(dataset: Dataset, shape: Shape, selection: ShapeSelection) -> list[_Shape]:
    """The labelled keypoints beside a shape."""
    skeleton = dataset.skeletons[dataset.label[shape.row]] if dataset.label[shape.row] >= 0 else None
    if dataset.keypoints is None or skeleton is None:
        return []
    triples = np.reshape(dataset.keypoints.as_list(shape.row), (-1, 3))
    if len(triples) and not triples[:, 2].any():
        selection.lose(LossCode.KEYPOINTS, shape.row)
    elif (triples[:, :2][triples[:, 2] == MISSING] != 0).any():
        selection.lose(LossCode.KEYPOINT_PLACE, shape.row)
    names = skeleton.names if len(triples) else ()
    return [
        _Shape(name, [(x, y)], "point", flags={"occluded": True} if seen == HIDDEN else {})
        for name, (x, y, seen) in zip(names, triples.tolist(), strict=True)
        if seen != MISSING
    ]


# -- reading ---------------------------------------------------------------------------------------------------------


def read_labelme(folder: Source, *, on_problem: OnProblem | None = None) -> Dataset:
    """Read a LabelMe folder, or one of its files.

    A rectangle may have two corners or four. Polygons of one group and label are one object, and points of a group with
    a rectangle or with such polygons are its keypoints, which their labels name; a point that is occluded is hidden.
    Flags, descriptions and other groups are attributes. Circles, lines and masks are left out, and so is a broken file
    of a folder. ``on_problem`` is called with each problem; without it, one ``ProblemWarning`` counts them. Raises
    ``FileError`` if there is no JSON file, or if none of them is LabelMe's.

    >>> from pathlib import Path
    >>> _ = Path("a.json").write_text(
    ...     '{"imagePath": "a.png", "imageWidth": 64, "imageHeight": 48, "shapes": '
    ...     '[{"label": "cat", "shape_type": "rectangle", "points": [[4, 8], [20, 30]]}]}'
    ... )
    >>> pa.datasets.read_labelme("a.json").labels
    ('cat',)
    """
    with reading(folder, on_problem) as source:
        base = source.path
        builder = DatasetBuilder()
        known = DatasetBuilder()
        sheets: list[tuple[int, list[NamedPose]]] = []
        for file in source.files(".json"):
            with source.costs_itself(file):
                data = source.data(file)
                found = decode_file(data, file, _File, "LabelMe file")
                source.leave_unread("the files", others_in(data, _READ), ())
                below = file.relative_to(base).parent if file != base else Path()
                image = Path(found.image_path.replace("\\", "/")).name
                name = (below / image).as_posix() if image else file.stem
                asset = builder.add_asset(
                    DatasetAsset(file_name=name, width=found.image_width, height=found.image_height)
                )
                if any(found.flags.values()):
                    source.problem(ProblemCode.UNSUPPORTED_ENTRY, file.name, "flags of the image")
                if isinstance(found.perceptron_annotations, _Own):
                    enter_skeletons(source, known, found.perceptron_annotations.skeletons, file.name)
                entries = [
                    _read(source, entry, f"{file.name}: shape {number}") for number, entry in enumerate(found.shapes)
                ]
                sheets.append((asset, objects_of([each for each in entries if each is not None])))
        enter_poses(source, builder, sheets, known.skeletons)
        return source.checked(builder.build())


def _read(source: Reading, entry: Any, place: str) -> NamedShape | None:
    """What an entry says; None, and a problem, if it cannot be read."""
    try:
        shape = msgspec.convert(entry, _Shape)
    except DECODE_ERRORS as error:
        source.problem(ProblemCode.MALFORMED_ENTRY, place, error)
        return None
    kind = _KINDS.get(shape.shape_type)
    if kind is None:
        source.problem(ProblemCode.UNSUPPORTED_ENTRY, place, f"shape_type {shape.shape_type}")
        return None
    points = np.array(shape.points, dtype=np.float64).reshape(-1, 2)
    if kind is AnnotationKind.BOX and len(points) == _CORNERS:
        kind, points = _rectangle(points)
    least, most = _COUNTS[kind]
    if not (least <= len(points) <= (most or len(points))):
        source.problem(ProblemCode.MALFORMED_ENTRY, place, f"a {shape.shape_type} of {len(points)} points")
        return None
    if not np.isfinite(points).all():
        source.problem(ProblemCode.NON_FINITE_COORDINATES, place)
        return None
    said = read_attributes(source, shape.flags, place)
    if shape.attributes is not UNSET:
        said |= read_attributes(source, shape.attributes, place)
    if shape.description is not UNSET and shape.description:
        said["description"] = shape.description
    source.leave_unread("shapes", entry, _Shape.__struct_fields__)
    return NamedShape(kind, points, shape.label, place, said, is_ignored=shape.difficult is True, group=shape.group_id)


def _rectangle(corners: NDArray[np.float64]) -> tuple[AnnotationKind, NDArray[np.float64]]:
    """The four corners of a rectangle, as X-AnyLabeling has them: a box, or if they are turned, a polygon."""
    bounds = np.array([corners.min(axis=0), corners.max(axis=0)])
    is_upright = len(np.unique(corners, axis=0)) == _CORNERS and ((corners == bounds[0]) | (corners == bounds[1])).all()
    return (AnnotationKind.BOX, bounds) if is_upright else (AnnotationKind.POLYGON, corners)
