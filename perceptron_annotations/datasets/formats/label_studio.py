"""Label Studio: a JSON list of tasks, with rectangles, polygons and key points in per cent of the picture.

The corner of a rectangle is its left top one, not its centre. ``from_name`` and ``to_name`` must be those of the
project's labelling configuration.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import msgspec
import numpy as np
from msgspec import Struct

from ...files import encode_json, read_json, write_whole
from ...geometry import AnnotationKind
from ...losses import LossCode, LossReport
from ...problems import ProblemCode
from ..builder import DatasetBuilder
from ..dataset import Dataset, DatasetAsset
from ..reports import Tally
from ..validation import count_outside
from ._selection import Selecting, Shape, Sheet, vocabulary

_TYPES = {
    AnnotationKind.POINT: "keypointlabels",
    AnnotationKind.BOX: "rectanglelabels",
    AnnotationKind.POLYGON: "polygonlabels",
}
_KINDS = {name: kind for kind, name in _TYPES.items()}
_PERCENT = 100.0
#: What an address ends with before a path that is quoted there.
_QUERY = "?d="
#: Before the path of a picture that Label Studio serves from a folder.
_LOCAL_FILES = f"/data/local-files/{_QUERY}"


def write_label_studio(
    dataset: Dataset,
    path: str | Path,
    *,
    as_predictions: bool = True,
    from_name: str = "label",
    to_name: str = "image",
    model_version: str = "perceptron-annotations",
    picture_root: str = "",
) -> LossReport:
    """Write tasks to import, one for each picture, with pre-annotations; or annotations, unless ``as_predictions``.

    ``picture_root`` is put in front of each file name, which is quoted after a root that ends with ``?d=``, as in
    ``/data/local-files/?d=``. Shapes are clipped to their picture, since Label Studio refuses what reaches beyond it; a
    box or polygon of which nothing is left is left out. A score stands beside its shape. All shapes have the same
    ``from_name``: that of ``RectangleLabels`` in the configuration where there are boxes alone, or that of ``Labels``
    beside ``Rectangle``, ``Polygon`` and ``KeyPoint``.
    """
    selecting = Selecting(dataset, tuple(_TYPES), scores=True)
    tasks = []
    for sheet in selecting.sheets():
        found = [
            _result(shape, sheet, from_name, to_name, float(dataset.table.score[shape.row]))
            for shape in _clipped(sheet, selecting)
        ]
        made: dict[str, Any] = {"result": found}
        if as_predictions:
            made["model_version"] = model_version
        kind = "predictions" if as_predictions else "annotations"
        size = {"width": sheet.width, "height": sheet.height}
        name = sheet.asset.file_name
        address = picture_root + (quote(name) if picture_root.endswith(_QUERY) else name)
        tasks.append({"data": {to_name: address}, "meta": size, kind: [made]})
    with write_whole(path) as stream:
        stream.write(encode_json(tasks) + b"\n")
    return selecting.report(len(vocabulary(dataset)))


def _clipped(sheet: Sheet, selecting: Selecting) -> Iterator[Shape]:
    """The shapes of a picture, as far as they lie in it."""
    size = np.array([sheet.width, sheet.height])
    for shape in sheet.shapes:
        coords = np.clip(shape.coords, 0.0, size)
        if (coords == shape.coords).all():
            yield shape
            continue
        selecting.lose(LossCode.CLIPPED, shape.row)
        low, high = coords.min(axis=0), coords.max(axis=0)
        if shape.kind is not AnnotationKind.POINT and (low == high).any():
            selecting.lose(LossCode.ZERO_AREA, shape.row)
            selecting.objects -= 1
        else:
            yield shape._replace(coords=coords, xyxy=(*low.tolist(), *high.tolist()))


def _result(shape: Shape, sheet: Sheet, from_name: str, to_name: str, score: float) -> dict[str, Any]:
    size = np.array([sheet.width, sheet.height])
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
        "original_width": sheet.width,
        "original_height": sheet.height,
        "image_rotation": 0,
        "value": value,
    }
    return made if np.isnan(score) else made | {"score": score}


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


def read_label_studio(path: str | Path, *, problems: Tally | None = None) -> Dataset:
    """Read exported tasks: their annotations, or their predictions where there are none.

    Turned rectangles, brushes, ellipses and texts are not held: they are counted. The picture is the first text in a
    task's data; of a local file that is served, its path. Raises ``FileError`` where the file is no list of tasks.
    """
    tally = Tally() if problems is None else problems
    entries = read_json(path, list[Any], "list of Label Studio tasks")
    builder = DatasetBuilder()
    for number, entry in enumerate(entries):
        where = f"task {number}"
        try:
            task = msgspec.convert(entry, _Task)
        except (msgspec.ValidationError, RecursionError) as error:
            tally.add(ProblemCode.MALFORMED_ENTRY, f"{where}: {error}")
            continue
        name = next((text for text in task.data.values() if isinstance(text, str)), None)
        if name is None:
            tally.add(ProblemCode.MALFORMED_ENTRY, f"{where}: its data names no picture")
            continue
        found = _results(task, tally, where)
        sized = next((each for each in found if each.original_width and each.original_height), None)
        width = sized.original_width if sized else _size(task.meta.get("width"))
        height = sized.original_height if sized else _size(task.meta.get("height"))
        asset = builder.add_asset(
            DatasetAsset(file_name=_file_name(name), width=width, height=height, source_id=_text(task.id))
        )
        for result in found:
            if width is None or height is None:
                tally.add(ProblemCode.MISSING_SIZE, name)
            else:
                _add(builder, asset, result, np.array([width, height]), tally, where)
    return count_outside(builder.build(), tally)


def _results(task: _Task, tally: Tally, where: str) -> list[_Result]:
    found = []
    for made in task.annotations or task.predictions:
        for entry in made.result:
            try:
                found.append(msgspec.convert(entry, _Result))
            except (msgspec.ValidationError, RecursionError) as error:
                tally.add(ProblemCode.MALFORMED_ENTRY, f"{where}: {error}")
    return found


def _add(builder: DatasetBuilder, asset: int, result: _Result, size: Any, tally: Tally, where: str) -> None:
    kind, value = _KINDS.get(result.type), result.value
    if kind is None or value.get("rotation"):
        tally.add(ProblemCode.UNSUPPORTED_ENTRY, f"{where}: {'a turned rectangle' if kind else result.type}")
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
        tally.add(ProblemCode.MALFORMED_ENTRY, f"{where}: {result.type}")
        return
    with np.errstate(over="ignore"):
        coords = coords / _PERCENT * size
    if not np.isfinite(coords).all():
        tally.add(ProblemCode.NON_FINITE_COORDINATES, f"{where}: {result.type}")
        return
    builder.add(asset, kind, coords, label, score=result.score, source=result.id or "")


def _file_name(text: str) -> str:
    """The path in the address of a local file, which is quoted there; any other text as it stands."""
    _, _, path = text.partition(_LOCAL_FILES)
    return unquote(path) or text


def _size(value: Any) -> float | None:
    return value if isinstance(value, int | float) and value > 0 else None


def _text(value: int | str | None) -> str | None:
    return None if value is None else str(value)
