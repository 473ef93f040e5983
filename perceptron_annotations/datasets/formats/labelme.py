"""LabelMe: a JSON file for each image, with rectangles, polygons and points in pixels."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from msgspec import Struct, field
from numpy.typing import NDArray

from ...files import Source, decode_file, encode_json
from ...geometry import AnnotationKind
from ...losses import LossReport
from ...outputs import write_folder
from ...problems import OnProblem, ProblemCode
from ..builder import DatasetBuilder
from ..dataset import Dataset, DatasetAsset
from ..image_files import ImageFiles
from ..paths import OwnFiles
from ._reading import Reading, reading
from ._selection import ImageShapes, ShapeSelection, vocabulary

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


class _File(Struct):
    shapes: list[Any]
    image_path: str = field(name="imagePath", default="")
    image_height: float | None = field(name="imageHeight", default=None)
    image_width: float | None = field(name="imageWidth", default=None)
    version: str = "5.0.0"
    flags: dict[str, Any] = {}
    image_data: str | None = field(name="imageData", default=None)


def write_labelme(dataset: Dataset, folder: str | Path, *, images: ImageFiles | None = None) -> LossReport:
    """Write a LabelMe folder, which must be new: ``<image>.json`` where LabelMe expects the image to be too.

    The shapes of one object have one ``group_id``. ``images`` puts the image files beside. If two images would share a
    file, the second is written under another name, and counted.

    >>> builder = pa.datasets.DatasetBuilder()
    >>> asset = builder.add_asset(pa.datasets.DatasetAsset(file_name="a.png", width=64, height=48))
    >>> builder.add(asset, pa.AnnotationKind.BOX, [[4, 8], [20, 30]], "cat")
    >>> pa.datasets.write_labelme(builder.build(), "labelme").objects
    1
    """
    selection = ShapeSelection(dataset, tuple(_TYPES), groups=True)
    selection.lose_splits()
    with write_folder(folder) as root:
        files = OwnFiles(root, ".json")
        for image in selection.images():
            own = selection.image_file(files, image)
            if own is None:
                continue
            groups = _groups(dataset, image)
            shapes = [
                _Shape(shape.label, [(x, y) for x, y in shape.coords.tolist()], _TYPES[shape.kind], group)
                for shape, group in zip(image.shapes, groups, strict=True)
            ]
            file = _File(shapes, Path(own.name).name, image.height, image.width)
            own.path.write_bytes(encode_json(file) + b"\n")
            if images is not None:
                images.place(image.asset.file_name, own.path.parent / Path(own.name).name, selection.losses)
    return selection.report(len(vocabulary(dataset)))


def _groups(dataset: Dataset, image: ImageShapes) -> list[int | None]:
    """The group of each shape: a number from 1 if its object has other shapes too."""
    objects = [int(dataset.object[shape.row]) for shape in image.shapes]
    several = [number for number, count in Counter(objects).items() if count > 1]
    groups = {number: group for group, number in enumerate(several, start=1)}
    return [groups.get(number) for number in objects]


# -- reading ---------------------------------------------------------------------------------------------------------


def read_labelme(folder: Source, *, on_problem: OnProblem | None = None) -> Dataset:
    """Read a LabelMe folder, or one of its files.

    Shapes of one label and ``group_id`` are one object. A rectangle may have two corners or four. Circles, lines and
    masks are left out, and so is a broken file of a folder. ``on_problem`` is called with each problem; without it, one
    ``ProblemWarning`` counts them. Raises ``FileError`` if there is no JSON file, or if none of them is LabelMe's.

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
        for file in source.files(".json"):
            with source.costs_itself(file):
                found = decode_file(source.data(file), file, _File, "LabelMe file")
                below = file.relative_to(base).parent if file != base else Path()
                image = Path(found.image_path.replace("\\", "/")).name
                name = (below / image).as_posix() if image else file.stem
                asset = builder.add_asset(
                    DatasetAsset(file_name=name, width=found.image_width, height=found.image_height)
                )
                objects: dict[tuple[str, int], int] = {}
                for number, entry in enumerate(found.shapes):
                    _add(source, builder, asset, entry, objects, f"{file.name}: shape {number}")
        return source.checked(builder.build())


def _add(
    source: Reading,
    builder: DatasetBuilder,
    asset: int,
    entry: Any,
    objects: dict[tuple[str, int], int],
    place: str,
) -> None:
    """Enter a shape; ``objects`` are those of the image by label and group."""
    try:
        shape = msgspec.convert(entry, _Shape)
    except (msgspec.ValidationError, RecursionError) as error:
        source.problem(ProblemCode.MALFORMED_ENTRY, place, error)
        return
    kind = _KINDS.get(shape.shape_type)
    if kind is None:
        source.problem(ProblemCode.UNSUPPORTED_ENTRY, place, f"shape_type {shape.shape_type}")
        return
    points = np.array(shape.points, dtype=np.float64).reshape(-1, 2)
    if kind is AnnotationKind.BOX and len(points) == _CORNERS:
        kind, points = _rectangle(points)
    least, most = _COUNTS[kind]
    if not (least <= len(points) <= (most or len(points))):
        source.problem(ProblemCode.MALFORMED_ENTRY, place, f"a {shape.shape_type} of {len(points)} points")
    elif not np.isfinite(points).all():
        source.problem(ProblemCode.NON_FINITE_COORDINATES, place)
    else:
        number = None
        if shape.group_id is not None:
            number = objects.setdefault((shape.label, shape.group_id), builder.new_object())
        builder.add(asset, kind, points, shape.label, object=number)


def _rectangle(corners: NDArray[np.float64]) -> tuple[AnnotationKind, NDArray[np.float64]]:
    """The four corners of a rectangle, as X-AnyLabeling has them: a box, or if they are turned, a polygon."""
    bounds = np.array([corners.min(axis=0), corners.max(axis=0)])
    is_upright = len(np.unique(corners, axis=0)) == _CORNERS and ((corners == bounds[0]) | (corners == bounds[1])).all()
    return (AnnotationKind.BOX, bounds) if is_upright else (AnnotationKind.POLYGON, corners)
