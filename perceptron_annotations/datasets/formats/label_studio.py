"""Label Studio: a JSON list of tasks, with rectangles, polygons and key points in per cent of the image.

``x`` and ``y`` of a rectangle are its top left corner, not its centre. ``from_name`` and ``to_name`` must be those of
the project's labelling configuration.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import msgspec
import numpy as np
from msgspec import Struct
from msgspec.structs import fields
from numpy.typing import NDArray

from ...files import DECODE_ERRORS, Source, decode_file, encode_json
from ...geometry import AnnotationKind
from ...losses import LossCode, LossReport
from ...outputs import write_whole
from ...problems import OnProblem, ProblemCode
from ..builder import DatasetBuilder
from ..dataset import Attributes, Dataset, DatasetAsset
from ..keypoints import HIDDEN, MISSING
from ._details import enter_skeletons, skeletons_by_label, text_of
from ._named_poses import NamedPose, NamedShape, enter_poses
from ._reading import Reading, reading
from ._selection import ImageShapes, Shape, ShapeSelection, vocabulary
from .label_studio_results import LABELS, PERCENT, PLAIN, SAID, TYPES, Result, objects_in, said_of, shape_of

#: How the address of an image ends, and what it is called in most tasks.
_IMAGE = re.compile(r"\.(?:jpe?g|png|webp|bmp|gif|tiff?|avif|heic)(?:[?#].*)?$", re.IGNORECASE)
_USUAL = ("image", "img", "photo", "url")
#: The name of what makes predictions, unless another is given.
_MODEL = "perceptron-annotations"
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
    model_version: str = _MODEL,
    image_root: str = "",
) -> LossReport:
    """Write tasks to import, one for each image, with pre-annotations.

    Shapes are clipped to their image, since Label Studio refuses what reaches beyond it; a box or polygon of which
    nothing remains is left out. The score of an object is written with its shape. Keypoints are points whose parent is
    the first shape of the object, named by their labels. Attributes are choices of the shape: the configuration needs
    ``Choices`` of their names with ``perRegion="true"``, and one named ``occluded`` for keypoints that are hidden.

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
    selection = ShapeSelection(dataset, tuple(TYPES), scores=True, holds=(LossCode.KEYPOINTS, LossCode.ATTRIBUTE))
    skeletons = skeletons_by_label(dataset)
    tasks = []
    for image in selection.images():
        writing = _Results(dataset, image, from_name, to_name)
        found = [result for shape in _clipped(image, selection) for result in writing.of(shape, selection)]
        made: dict[str, Any] = {"result": found}
        if as_predictions:
            made["model_version"] = model_version
        kind = "predictions" if as_predictions else "annotations"
        meta: dict[str, Any] = {"width": image.width, "height": image.height}
        if image.asset.split is not None:
            meta["split"] = image.asset.split
        if used := {shape.label for shape in image.shapes} & skeletons.keys():
            meta["skeletons"] = {label: skeletons[label] for label in sorted(used)}
        name = image.asset.file_name
        address = image_root + (quote(name) if image_root.endswith(_QUERY) else name)
        tasks.append({"data": {to_name: address}, "meta": meta, kind: [made]})
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


class _Results:
    """The results of the shapes of an image."""

    def __init__(self, dataset: Dataset, image: ImageShapes, from_name: str, to_name: str) -> None:
        self._dataset, self._from_name = dataset, from_name
        self._size = np.array([image.width, image.height])
        self._common = {
            "to_name": to_name,
            "original_width": image.width,
            "original_height": image.height,
            "image_rotation": 0,
        }

    def of(self, shape: Shape, selection: ShapeSelection) -> list[dict[str, Any]]:
        """A shape, what is said of it, and its labelled keypoints, whose parent it is."""
        row, dataset = shape.row, self._dataset
        made = self._shape(f"r{row}", shape.kind, shape.label, shape.coords)
        if not np.isnan(dataset.table.score[row]):
            made["score"] = float(dataset.table.score[row])
        attributes = () if dataset.attributes is None else dataset.attributes[row]
        return [made, *self._said(f"r{row}", attributes), *self._keypoints(shape, selection)]

    def _keypoints(self, shape: Shape, selection: ShapeSelection) -> Iterator[dict[str, Any]]:
        """The labelled keypoints beside a shape."""
        row, dataset = shape.row, self._dataset
        skeleton = dataset.skeletons[dataset.label[row]] if dataset.label[row] >= 0 else None
        triples = np.reshape([] if dataset.keypoints is None else dataset.keypoints.as_list(row), (-1, 3))
        if skeleton is None or not len(triples):
            return
        inside, is_missing = np.clip(triples[:, :2], 0.0, self._size), triples[:, 2] == MISSING
        if is_missing.all():
            selection.lose(LossCode.KEYPOINTS, row)
        elif (triples[is_missing, :2] != 0).any():
            selection.lose(LossCode.KEYPOINT_PLACE, row)
        if (inside != triples[:, :2])[~is_missing].any():
            selection.lose(LossCode.CLIPPED, row)
        for index, (name, at, seen) in enumerate(zip(skeleton.names, inside, triples[:, 2].tolist(), strict=True)):
            if seen != MISSING:
                number = f"r{row}k{index}"
                yield self._shape(number, AnnotationKind.POINT, name, at[None]) | {"parentID": f"r{row}"}
                yield from self._said(number, (("occluded", True),) if seen == HIDDEN else ())

    def _said(self, number: str, attributes: Attributes) -> Iterator[dict[str, Any]]:
        """The attributes of a shape: choices of the same region."""
        for name, value in attributes:
            chosen = {"choices": [text_of(value)]}
            yield {"id": number, "type": "choices", "from_name": name, **self._common, "value": chosen}

    def _shape(self, number: str, kind: AnnotationKind, label: str, coords: NDArray[np.float64]) -> dict[str, Any]:
        """A shape in per cent of the image."""
        name = TYPES[kind]
        value: dict[str, Any] = {name: [label]}
        percent = coords / self._size * PERCENT
        if kind is AnnotationKind.POLYGON:
            value |= {"points": percent.tolist(), "closed": True}
        else:
            (x, y), (right, bottom) = percent.min(axis=0).tolist(), percent.max(axis=0).tolist()
            value |= {"x": x, "y": y}
            is_point = kind is AnnotationKind.POINT
            value |= {"width": 0.5} if is_point else {"width": right - x, "height": bottom - y, "rotation": 0}
        return {"id": number, "type": name, "from_name": self._from_name, **self._common, "value": value}


# -- reading ---------------------------------------------------------------------------------------------------------


class _Made(Struct):
    result: list[Any] = []
    was_cancelled: bool = False
    ground_truth: bool = False


#: What is read of a result; what a relation has is told with it.
_READ = frozenset([each.encode_name for each in fields(Result)]) | {"from_id", "to_id", "direction"}


class _Task(Struct):
    data: dict[str, Any] = {}
    annotations: list[_Made] = []
    predictions: list[_Made] = []
    meta: dict[str, Any] = {}
    id: int | str | None = None


def read_label_studio(path: Source, *, on_problem: OnProblem | None = None) -> Dataset:
    """Read exported tasks, as JSON or JSON-MIN: the annotation of each, or its predictions if it has no annotation.

    Of several annotations of a task, the one that is marked as the ground truth counts, else the first; cancelled ones
    do not. A point whose parent is a labelled rectangle or polygon is a keypoint of it, named by its label; what is
    chosen or written of a shape is an attribute. Turned rectangles, brushes, ellipses, texts and shapes on a turned
    image are left out. The image of a task is the entry of its data that its shapes are on, else one that looks like an
    image; if that is the address of a local file that Label Studio serves, the path in it. ``on_problem`` is called
    with each problem; without it, one ``ProblemWarning`` counts them. Raises ``FileError`` if the file is not a list of
    tasks.

    >>> from pathlib import Path
    >>> _ = Path("tasks.json").write_text('[{"data": {"image": "/data/local-files/?d=red%20room.png"}}]')
    >>> pa.datasets.read_label_studio("tasks.json").assets[0].file_name
    'red room.png'
    """
    with reading(path, on_problem) as source:
        builder, known = DatasetBuilder(), DatasetBuilder()
        images: list[tuple[int, list[NamedPose]]] = []
        for number, entry in enumerate(decode_file(source.data(), path, list[Any], "list of Label Studio tasks")):
            place = f"task {number}"
            whole = _whole_task(entry)
            try:
                task = msgspec.convert(whole, _Task)
            except DECODE_ERRORS as error:
                source.problem(ProblemCode.MALFORMED_ENTRY, place, error)
                continue
            found = _results(source, task, place)
            name = image_in(task.data, [each.to_name for each in found])
            if name is None:
                source.problem(ProblemCode.MALFORMED_ENTRY, place, "its data does not name an image")
                continue
            if "skeletons" in task.meta:
                enter_skeletons(source, known, task.meta["skeletons"], place)
            _leave_unread(source, whole, name)
            images.append(_read_task(source, builder, task, found, _file_name(name), place))
        enter_poses(source, builder, images, known.skeletons)
        return source.checked(builder.build())


def _read_task(
    source: Reading, builder: DatasetBuilder, task: _Task, found: list[Result], name: str, place: str
) -> tuple[int, list[NamedPose]]:
    """Enter the image of a task, and return its number and its objects."""
    sized = next((each for each in found if each.original_width and each.original_height), None)
    width = sized.original_width if sized else _size(task.meta.get("width"))
    height = sized.original_height if sized else _size(task.meta.get("height"))
    split = task.meta.get("split")
    asset = builder.add_asset(
        DatasetAsset(
            file_name=name,
            width=width,
            height=height,
            source_id=_text(task.id),
            split=split if isinstance(split, str) else None,
        )
    )
    regions = {each.id for each in found if each.id is not None and each.type not in SAID}
    shapes: list[NamedShape] = []
    for number, result in enumerate(found):
        where = f"{place}: result {number}"
        if result.type in SAID and result.id in regions:
            continue
        if width is None or height is None:
            source.problem(ProblemCode.MISSING_SIZE, where, f"the size of {name} is unknown")
            continue
        shape = shape_of(source, result, np.array([width, height]), where)
        if shape is not None:
            shapes.append(shape._replace(attributes=said_of(source, found, result.id, where)))
    return asset, objects_in(source, shapes)


def _results(source: Reading, task: _Task, place: str) -> list[Result]:
    """The results of the annotation that counts, else of the predictions, without what only adds to a shape."""
    found = []
    for made in _that_count(source, task, place):
        for entry in made.result:
            try:
                found.append(msgspec.convert(entry, Result))
            except DECODE_ERRORS as error:
                source.problem(ProblemCode.MALFORMED_ENTRY, place, error)
    labelled = {each.id for each in found if each.id is not None and each.type in LABELS}
    return [each for each in found if each.id not in labelled or each.type not in PLAIN]


def _that_count(source: Reading, task: _Task, place: str) -> list[_Made]:
    """The annotation of a task that counts, or its predictions; the others are told."""
    made = [each for each in task.annotations if not each.was_cancelled]
    for _ in range(len(task.annotations) - len(made)):
        source.problem(ProblemCode.UNSUPPORTED_ENTRY, place, "a cancelled annotation")
    if not made:
        return [] if task.annotations else task.predictions
    for _ in made[1:]:
        source.problem(ProblemCode.DUPLICATE_ENTRY, place, "an annotation of the same task by somebody else")
    if any(each.result for each in task.predictions):
        source.problem(ProblemCode.UNSUPPORTED_ENTRY, place, "predictions, since the task has an annotation")
    return [next((each for each in made if each.ground_truth), made[0])]


def _whole_task(entry: Any) -> Any:
    """A task of JSON-MIN as one of JSON: its shapes are lists beside the data, under the names of their tags."""
    if not isinstance(entry, dict) or "data" in entry:
        return entry
    results = [
        {"type": next((kind for kind in LABELS if kind in value), ""), "value": value, "to_name": None}
        | {key: value[key] for key in ("original_width", "original_height") if key in value}
        for values in entry.values()
        if isinstance(values, list)
        for value in values
        if isinstance(value, dict)
    ]
    data = {key: value for key, value in entry.items() if isinstance(value, str)}
    others = {key: value for key, value in entry.items() if not isinstance(value, str | list)}
    return {"id": None, **others, "data": data, "annotations": [{"result": results}]}


def _leave_unread(source: Reading, task: dict[str, Any], image: str) -> None:
    """Note what a task says beside its shapes, and its data beside the ``image``."""
    source.leave_unread("tasks", task, _Task.__struct_fields__)
    data = {
        key: value[1:] if isinstance(value, list) and value[:1] == [image] else value
        for key, value in task.get("data", {}).items()
    }
    source.leave_unread("data", {key: value for key, value in data.items() if value != image}, ())
    source.leave_unread("meta", task.get("meta", {}), ("width", "height", "split", "skeletons"))
    for made in [*task.get("annotations", ()), *task.get("predictions", ())]:
        own = ("id", "model_version") if made.get("model_version") == _MODEL else ("id",)
        source.leave_unread("annotations", made, (*_Made.__struct_fields__, *own))
        for result in made.get("result", ()):
            if isinstance(result, dict):
                usual = ["origin"] if result.get("origin") == "manual" else []
                source.leave_unread("results", result, _READ.union(usual))


def image_in(data: Mapping[str, Any], tags: Sequence[str | None]) -> str | None:
    """The text in the data of a task that names its image; ``tags`` are those that its shapes are on."""
    firsts = {key: value[0] if isinstance(value, list) and value else value for key, value in data.items()}
    texts = {key: value for key, value in firsts.items() if isinstance(value, str)}
    likely = [texts[tag] for tag in tags if tag in texts]
    likely += [text for text in texts.values() if _IMAGE.search(text)]
    likely += [texts[key] for key in _USUAL if key in texts]
    return next(iter([*likely, *texts.values()]), None)


def _file_name(text: str) -> str:
    """The path in the address of a local file, decoded; any other text as it is."""
    _, _, path = text.partition(_LOCAL_FILES)
    return unquote(path) or text


def _size(value: Any) -> float | None:
    return value if isinstance(value, int | float) and value > 0 else None


def _text(value: int | str | None) -> str | None:
    return None if value is None else str(value)
