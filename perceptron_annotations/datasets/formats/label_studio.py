"""Label Studio: a JSON list of tasks, with rectangles, polygons and key points in per cent of the image.

``x`` and ``y`` of a rectangle are its top left corner, not its centre. ``from_name`` and ``to_name`` must be those of
the project's labelling configuration.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import msgspec
import numpy as np
from msgspec import Struct

from ...files import DECODE_ERRORS, Source, decode_file, encode_json
from ...geometry import AnnotationKind
from ...losses import LossCode, LossReport
from ...outputs import write_whole
from ...problems import OnProblem, ProblemCode
from ..builder import DatasetBuilder
from ..dataset import Dataset, DatasetAsset
from ._reading import Reading, reading
from ._selection import ImageShapes, Shape, ShapeSelection, vocabulary

_TYPES = {
    AnnotationKind.POINT: "keypointlabels",
    AnnotationKind.BOX: "rectanglelabels",
    AnnotationKind.POLYGON: "polygonlabels",
}
_KINDS = {name: kind for kind, name in _TYPES.items()}
_PERCENT = 100.0
#: The end of an address after which a path follows, percent-encoded.
_QUERY = "?d="
#: What precedes the path of an image that Label Studio serves from a folder.
_LOCAL_FILES = f"/data/local-files/{_QUERY}"


def write_label_studio(
    dataset: Dataset,
    path: str | Path,
    *,
    as_predictions: bool = True,
    from_name: str = "label",
    to_name: str = "image",
    model_version: str = "perceptron-annotations",
    image_root: str = "",
) -> LossReport:
    """Write tasks to import, one for each image, with pre-annotations.

    Shapes are clipped to their image, since Label Studio refuses what reaches beyond it; a box or polygon of which
    nothing remains is left out. The score of an object is written with its shape.

    Args:
        dataset: What to write; assets without a size are left out.
        path: The file to write.
        as_predictions: Write predictions, which annotators see as suggestions; else annotations.
        from_name: The name of the labelling tag in the configuration, the same for all shapes: that of
            ``RectangleLabels`` if there are only boxes, or that of ``Labels`` used with ``Rectangle``, ``Polygon`` and
            ``KeyPoint``.
        to_name: The name of the image tag in the configuration.
        model_version: The name that Label Studio shows for predictions.
        image_root: Put in front of each file name, which is percent-encoded if the root ends with ``?d=``, as in
            ``/data/local-files/?d=``.

    >>> builder = pa.datasets.DatasetBuilder()
    >>> asset = builder.add_asset(pa.datasets.DatasetAsset(file_name="a.png", width=64, height=48))
    >>> builder.add(asset, pa.AnnotationKind.BOX, [[4, 8], [20, 30]], "cat")
    >>> pa.datasets.write_label_studio(builder.build(), "tasks.json", image_root="s3://bucket/").objects
    1
    """
    selection = ShapeSelection(dataset, tuple(_TYPES), scores=True)
    tasks = []
    for image in selection.images():
        found = [
            _result(shape, image, from_name, to_name, float(dataset.table.score[shape.row]))
            for shape in _clipped(image, selection)
        ]
        made: dict[str, Any] = {"result": found}
        if as_predictions:
            made["model_version"] = model_version
        kind = "predictions" if as_predictions else "annotations"
        size = {"width": image.width, "height": image.height}
        name = image.asset.file_name
        address = image_root + (quote(name) if image_root.endswith(_QUERY) else name)
        tasks.append({"data": {to_name: address}, "meta": size, kind: [made]})
    with write_whole(path) as stream:
        stream.write(encode_json(tasks) + b"\n")
    return selection.report(len(vocabulary(dataset)))


def _clipped(image: ImageShapes, selection: ShapeSelection) -> Iterator[Shape]:
    """The shapes of an image, clipped to it."""
    size = np.array([image.width, image.height])
    for shape in image.shapes:
        coords = np.clip(shape.coords, 0.0, size)
        if (coords == shape.coords).all():
            yield shape
            continue
        selection.lose(LossCode.CLIPPED, shape.row)
        low, high = coords.min(axis=0), coords.max(axis=0)
        if shape.kind is not AnnotationKind.POINT and (low == high).any():
            selection.lose(LossCode.ZERO_AREA, shape.row)
            selection.objects -= 1
        else:
            yield shape._replace(coords=coords, xyxy=(*low.tolist(), *high.tolist()))


def _result(shape: Shape, image: ImageShapes, from_name: str, to_name: str, score: float) -> dict[str, Any]:
    size = np.array([image.width, image.height])
    kind = _TYPES[shape.kind]
    value: dict[str, Any] = {kind: [shape.label]}
    if shape.kind is AnnotationKind.POLYGON:
        value |= {"points": (shape.coords / size * _PERCENT).tolist(), "closed": True}
    else:
        (x, y), (right, bottom) = (np.reshape(shape.xyxy, (2, 2)) / size * _PERCENT).tolist()
        value |= {"x": x, "y": y}
        value |= (
            {"width": 0.5}
            if shape.kind is AnnotationKind.POINT
            else {"width": right - x, "height": bottom - y, "rotation": 0}
        )
    made = {
        "id": f"r{shape.row}",
        "type": kind,
        "from_name": from_name,
        "to_name": to_name,
        "original_width": image.width,
        "original_height": image.height,
        "image_rotation": 0,
        "value": value,
    }
    return made if np.isnan(score) else made | {"score": score}


# -- reading ---------------------------------------------------------------------------------------------------------


class _Result(Struct):
    type: str
    value: dict[str, Any]
    original_width: float | None = None
    original_height: float | None = None
    id: str | None = None
    score: float | None = None


class _Made(Struct):
    result: list[Any] = []


class _Task(Struct):
    data: dict[str, Any] = {}
    annotations: list[_Made] = []
    predictions: list[_Made] = []
    meta: dict[str, Any] = {}
    id: int | str | None = None


def read_label_studio(path: Source, *, on_problem: OnProblem | None = None) -> Dataset:
    """Read exported tasks: the annotations of each, or its predictions if it has no annotations.

    Turned rectangles, brushes, ellipses and texts are left out. The image of a task is the first text in its data; if
    that is the address of a local file that Label Studio serves, the path in it. ``on_problem`` is called with each
    problem; without it, one ``ProblemWarning`` counts them. Raises ``FileError`` if the file is not a list of tasks.

    >>> from pathlib import Path
    >>> _ = Path("tasks.json").write_text('[{"data": {"image": "/data/local-files/?d=red%20room.png"}}]')
    >>> pa.datasets.read_label_studio("tasks.json").assets[0].file_name
    'red room.png'
    """
    with reading(path, on_problem) as source:
        builder = DatasetBuilder()
        for number, entry in enumerate(decode_file(source.data(), path, list[Any], "list of Label Studio tasks")):
            try:
                task = msgspec.convert(entry, _Task)
            except DECODE_ERRORS as error:
                source.problem(ProblemCode.MALFORMED_ENTRY, f"task {number}", error)
                continue
            name = next((text for text in task.data.values() if isinstance(text, str)), None)
            if name is None:
                source.problem(ProblemCode.MALFORMED_ENTRY, f"task {number}", "its data does not name an image")
                continue
            _read_task(source, builder, task, _file_name(name), f"task {number}")
        return source.checked(builder.build())


def _read_task(source: Reading, builder: DatasetBuilder, task: _Task, name: str, place: str) -> None:
    """Enter the image of a task and its shapes."""
    found = _results(source, task, place)
    sized = next((each for each in found if each.original_width and each.original_height), None)
    width = sized.original_width if sized else _size(task.meta.get("width"))
    height = sized.original_height if sized else _size(task.meta.get("height"))
    asset = builder.add_asset(DatasetAsset(file_name=name, width=width, height=height, source_id=_text(task.id)))
    for number, result in enumerate(found):
        if width is None or height is None:
            source.problem(ProblemCode.MISSING_SIZE, f"{place}: result {number}", f"the size of {name} is unknown")
        else:
            _add(source, builder, asset, result, np.array([width, height]), f"{place}: result {number}")


def _results(source: Reading, task: _Task, place: str) -> list[_Result]:
    found = []
    for made in task.annotations or task.predictions:
        for entry in made.result:
            try:
                found.append(msgspec.convert(entry, _Result))
            except DECODE_ERRORS as error:
                source.problem(ProblemCode.MALFORMED_ENTRY, place, error)
    return found


def _add(source: Reading, builder: DatasetBuilder, asset: int, result: _Result, size: Any, place: str) -> None:
    kind, value = _KINDS.get(result.type), result.value
    if kind is None or value.get("rotation"):
        source.problem(ProblemCode.UNSUPPORTED_ENTRY, place, "a turned rectangle" if kind else result.type)
        return
    labels = value.get(result.type)
    label = labels[0] if isinstance(labels, list) and labels and isinstance(labels[0], str) else None
    try:
        if kind is AnnotationKind.POLYGON:
            coords = np.array(value["points"], dtype=np.float64).reshape(-1, 2)
        else:
            corner = np.array([value["x"], value["y"]], dtype=np.float64)
            coords = corner[None]
            if kind is AnnotationKind.BOX:
                coords = np.array([corner, corner + np.array([value["width"], value["height"]], dtype=np.float64)])
    except (KeyError, TypeError, ValueError, OverflowError):
        source.problem(ProblemCode.MALFORMED_ENTRY, place, result.type)
        return
    with np.errstate(over="ignore"):
        coords = coords / _PERCENT * size
    if not np.isfinite(coords).all():
        source.problem(ProblemCode.NON_FINITE_COORDINATES, place)
        return
    builder.add(asset, kind, coords, label, score=result.score, source=result.id or "")


def _file_name(text: str) -> str:
    """The path in the address of a local file, decoded; any other text as it is."""
    _, _, path = text.partition(_LOCAL_FILES)
    return unquote(path) or text


def _size(value: Any) -> float | None:
    return value if isinstance(value, int | float) and value > 0 else None


def _text(value: int | str | None) -> str | None:
    return None if value is None else str(value)
