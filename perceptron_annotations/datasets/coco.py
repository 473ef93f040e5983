"""COCO files: instances (objects with masks and keypoints) and results (a list with scores).

``bbox`` is ``[left, top, width, height]`` in float pixels, without the one that some tools add; ids and categories
count from 1; all rings of an object are one ``segmentation``. What COCO has no place for is counted in the report.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import numpy as np
from msgspec import UNSET, Struct, UnsetType
from numpy.typing import NDArray

from ..errors import FileError, UsageError
from ..files import encode_json, read_bytes, read_json, write_whole
from ..ops.polygons import polygon_area
from ..table.table import Kind
from .coco_bulk import read_sound_coco
from .dataset import UNNAMED, Dataset, DatasetAsset, DatasetBuilder, shards_of
from .reports import Loss, LossReport, Problem, Tally

Entry = TypeVar("Entry", bound=Struct)


#: The rings of a box: one list for all of them, never changed.
_NO_RINGS: list[list[float]] = []
#: Annotations that are encoded together.
_CHUNK = 1000


class PointPolicy(StrEnum):
    """What becomes of points, for which COCO has no kind of its own."""

    KEYPOINTS = "keypoints"
    """An annotation with one keypoint, and a bbox of no size at its place."""
    OMIT = "omit"
    """Left out and counted."""


class _Image(Struct, gc=False):
    id: int
    file_name: str
    width: float
    height: float


class _Category(Struct):
    id: int
    name: str
    supercategory: str = ""
    keypoints: list[str] | UnsetType = UNSET
    skeleton: list[list[int]] | UnsetType = UNSET


class _Own(Struct, omit_defaults=True, gc=False):
    source: str | None = None
    span: list[int] | None = None
    score: float | None = None


class _Annotation(Struct, gc=False):
    id: int
    image_id: int
    category_id: int
    bbox: list[float]
    area: float
    segmentation: list[list[float]]
    iscrowd: int = 0
    keypoints: list[float] | UnsetType = UNSET
    num_keypoints: int | UnsetType = UNSET
    #: Fields of this package; COCO's tools leave them alone.
    perceptron_annotations: _Own | UnsetType = UNSET


class _Result(Struct, gc=False):
    image_id: int
    category_id: int
    bbox: list[float]
    score: float
    segmentation: list[list[float]] | UnsetType = UNSET


# -- writing ---------------------------------------------------------------------------------------------------------


def write_coco(
    dataset: Dataset | Iterable[Dataset], path: str | Path, *, points: PointPolicy | str = PointPolicy.KEYPOINTS
) -> LossReport:
    """Write COCO instances: one annotation for each object, ids in the order of the dataset.

    Coordinates are exact, neither clamped nor rounded. An object of several rings is one annotation. Clips, and shapes
    at a time, have no place. Where a row comes from is kept in ``perceptron_annotations``. Shards are written as they
    come: an asset that was in an earlier one is the same image, and only the names of assets are kept in memory.
    """
    writing = _Writing(PointPolicy(points))
    with write_whole(path) as stream:
        info = encode_json({"info": {"description": "made by perceptron-annotations"}, "licenses": []})
        stream.write(info[:-1] + b',"annotations":[')
        for shard in shards_of(dataset):
            objects = writing.objects(shard)
            for start in range(0, len(objects), _CHUNK):
                some = encode_json(objects.annotations(start, start + _CHUNK, writing.count))
                stream.write((b"," if writing.count + start else b"") + some[1:-1])
            writing.count += len(objects)
        stream.write(b'],"images":[' + b",".join(writing.images) + b'],"categories":')
        stream.write(encode_json(writing.categories()) + b"}\n")
    return writing.report(writing.count)


def write_coco_results(
    dataset: Dataset,
    path: str | Path,
    *,
    score: float | None = None,
    image_ids: dict[str, int] | None = None,
    category_ids: dict[str, int] | None = None,
) -> LossReport:
    """Write COCO results: boxes and polygons with their scores, as evaluation tools take them.

    These models give no scores: raises ``UsageError`` where a shape has none, unless ``score`` is what to write then.
    ``ops.consensus`` of several answers makes scores that mean something. ``image_ids`` and ``category_ids`` are those
    of the truth, by file name and label; without them both count from 1, as ``write_coco`` does.
    """
    writing = _Writing(PointPolicy.OMIT)
    objects = writing.objects(dataset)
    scores = dataset.table.score[objects.first]
    if score is None and np.isnan(scores).any():
        raise UsageError(
            "COCO results need a score for each shape, and these models give none: pass score=, or make "
            "scores of several answers with ops.consensus"
        )
    scores = np.where(np.isnan(scores), score or 0.0, scores)
    names = [dataset.assets[asset].file_name for asset in dataset.asset[objects.first].tolist()]
    results = []
    for made, name, number in zip(objects.annotations(0, len(scores), 0), names, scores.tolist(), strict=True):
        label = writing.labels[made.category_id - 1]
        image = made.image_id if image_ids is None else image_ids.get(name)
        category = made.category_id if category_ids is None else category_ids.get(label)
        if image is None or category is None:
            writing.tally.add(Loss.LABEL, f"{name}: {label}")
        else:
            results.append(_Result(image, category, made.bbox, number, made.segmentation or UNSET))
    with write_whole(path) as stream:
        stream.write(encode_json(results) + b"\n")
    return writing.report(len(results))


class _Writing:
    """The ids of images and categories over all shards, and what is lost."""

    def __init__(self, points: PointPolicy) -> None:
        self.tally = Tally()
        #: The images of each shard, encoded; their ids count from 1.
        self.images: list[bytes] = []
        #: Objects that were written.
        self.count = 0
        self._points = points
        self._image_ids: dict[str, int] = {}
        self._image_count = 0
        self._category_ids: dict[str, int] = {}
        self._with_points: set[int] = set()

    @property
    def labels(self) -> list[str]:
        """The names of categories; their ids count from 1."""
        return list(self._category_ids)

    def objects(self, dataset: Dataset) -> _Objects:
        """What COCO holds of a shard."""
        image = self._images(dataset)
        category = np.array([self._category(label) for label in dataset.labels] + [0], dtype=np.int64)
        rows = self._held(dataset, image > 0)
        if (dataset.label[rows] < 0).any():
            category[-1] = self._category(UNNAMED)
        objects = _Objects(dataset, rows, image, category)
        self._with_points.update(objects.category[objects.kind == Kind.POINT].tolist())
        return objects

    def _images(self, dataset: Dataset) -> NDArray[np.int64]:
        """``(A,)``: the id of each asset, 0 for one without a size."""
        ids = np.zeros(len(dataset.assets), dtype=np.int64)
        found: list[_Image] = []
        for number, asset in enumerate(dataset.assets):
            before = self._image_ids.get(asset.file_name)
            if asset.width is None or asset.height is None:
                self.tally.add(Loss.NO_SIZE, asset.file_name)
            elif before is not None:
                ids[number] = before
            else:
                width, height = (int(size) if size == int(size) else size for size in (asset.width, asset.height))
                ids[number] = self._image_count + len(found) + 1
                found.append(_Image(int(ids[number]), asset.file_name, width, height))
        if found:
            self.images.append(encode_json(found)[1:-1])
            self._image_count += len(found)
            self._image_ids.update([(image.file_name, image.id) for image in found])
        return ids

    def _category(self, label: str) -> int:
        return self._category_ids.setdefault(label, len(self._category_ids) + 1)

    def categories(self) -> list[_Category]:
        """All of them; those of points have one keypoint."""
        return [
            _Category(code, name, keypoints=["point"], skeleton=[])
            if code in self._with_points
            else _Category(code, name)
            for name, code in self._category_ids.items()
        ]

    def _held(self, dataset: Dataset, has_image: NDArray[np.bool_]) -> NDArray[np.int64]:
        """The rows that COCO holds, while the others are counted."""
        table = dataset.table
        held = has_image[dataset.asset]
        self._lose(dataset, Loss.CLIP, held & (table.kind == Kind.CLIP))
        if self._points is PointPolicy.OMIT:
            self._lose(dataset, Loss.POINT, held & (table.kind == Kind.POINT))
            held &= table.kind != Kind.POINT
        held &= table.kind != Kind.CLIP
        tracked = held & (table.track >= 0)
        self._lose(dataset, Loss.TRACK, tracked)
        timed = held & ~tracked & ~np.isnan(table.t)
        self._lose(dataset, Loss.TIME, timed)
        held &= ~(tracked | timed)
        self._lose(dataset, Loss.NO_LABEL, held & (dataset.label < 0))
        return np.flatnonzero(held)

    def _lose(self, dataset: Dataset, reason: Loss, rows: NDArray[np.bool_]) -> None:
        found = np.flatnonzero(rows)
        if len(found):
            row = int(found[0])
            name = dataset.assets[dataset.asset[row]].file_name
            self.tally.add(reason, f"{name}: {dataset.label_of(row) or UNNAMED}", len(found))

    def report(self, objects: int) -> LossReport:
        """What was written."""
        return LossReport(
            assets=self._image_count, objects=objects, labels=len(self._category_ids), losses=self.tally.counted()
        )


class _Objects:
    """The objects of a shard as columns; ``order[offsets[i] : offsets[i + 1]]`` are the rows of object i."""

    def __init__(
        self, dataset: Dataset, rows: NDArray[np.int64], image: NDArray[np.int64], category: NDArray[np.int64]
    ) -> None:
        table = dataset.table
        self._dataset = dataset
        self._order, starts = _by_object(dataset, rows)
        self._offsets = np.append(starts, len(rows))
        self.first = self._order[starts]
        self.kind = table.kind[self.first]
        self.category = category[dataset.label[self.first]]
        self._image = image[dataset.asset[self.first]]
        self._bbox, self._area = np.empty((len(starts), 4)), np.empty(len(starts))
        if len(starts):
            bounds = table.xyxy[self._order]
            self._bbox[:, :2] = np.minimum.reduceat(bounds[:, :2], starts)
            self._bbox[:, 2:] = np.maximum.reduceat(bounds[:, 2:], starts) - self._bbox[:, :2]
            self._area = self._bbox[:, 2] * self._bbox[:, 3]
        polygons = np.flatnonzero(self.kind == Kind.POLYGON)
        if len(polygons):
            areas = np.add.reduceat(polygon_area(table.coords, table.offsets)[self._order], starts)
            self._area[polygons] = areas[polygons]

    def __len__(self) -> int:
        return len(self.first)

    def annotations(self, start: int, stop: int, before: int) -> list[_Annotation]:
        """Some of the objects; ids count on from ``before``, those of earlier shards."""
        dataset, table = self._dataset, self._dataset.table
        some = slice(start, stop)
        first = self.first[some]
        found = [
            _Annotation(number, image, category, bbox, area, _NO_RINGS, crowd)
            for number, (image, category, bbox, area, crowd) in enumerate(
                zip(
                    self._image[some].tolist(),
                    self.category[some].tolist(),
                    self._bbox[some].tolist(),
                    self._area[some].tolist(),
                    dataset.iscrowd[first].astype(int).tolist(),
                    strict=True,
                ),
                start=before + start + 1,
            )
        ]
        for place in np.flatnonzero(self.kind[some] == Kind.POLYGON).tolist():
            rows = self._order[self._offsets[start + place] : self._offsets[start + place + 1]].tolist()
            found[place].segmentation = [table.vertices(row).ravel().tolist() for row in rows]
        for place in np.flatnonzero(self.kind[some] == Kind.POINT).tolist():
            left, top, _, _ = found[place].bbox
            found[place].keypoints, found[place].num_keypoints = [left, top, 2], 1
        self._name(found, first)
        return found

    def _name(self, annotations: list[_Annotation], rows: NDArray[np.int64]) -> None:
        """Add what this package alone knows: where a row comes from, and its score."""
        source, spans = self._dataset.source, self._dataset.table.span[rows].tolist()
        if source is not None:
            for made, row, span in zip(annotations, rows.tolist(), spans, strict=True):
                if source[row]:
                    made.perceptron_annotations = _Own(source[row], span)
        scores = self._dataset.table.score[rows]
        for place in np.flatnonzero(~np.isnan(scores)).tolist():
            own = annotations[place].perceptron_annotations or _Own()
            own.score = float(scores[place])
            annotations[place].perceptron_annotations = own


def _by_object(dataset: Dataset, rows: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The rows in the order of objects, and where each begins: only rings of one object belong together."""
    single = dataset.table.kind[rows] != Kind.POLYGON
    if single.all():
        return rows, np.arange(len(rows))
    key = np.where(single, -1 - np.arange(len(rows)), dataset.object[rows])
    _, first, group = np.unique(key, return_index=True, return_inverse=True)
    begins = first[group]
    order = np.argsort(begins, kind="stable")
    starts = np.flatnonzero(np.diff(begins[order], prepend=-1))
    return rows[order], starts


# -- reading ---------------------------------------------------------------------------------------------------------


class _ReadImage(Struct):
    id: int
    file_name: str
    width: float | None = None
    height: float | None = None


class _ReadCategory(Struct):
    id: int
    name: str


class _ReadAnnotation(Struct):
    image_id: int
    category_id: int
    id: int | str | None = None
    bbox: list[float] | None = None
    segmentation: Any = None
    keypoints: list[float] | None = None
    iscrowd: int = 0
    score: float | None = None
    perceptron_annotations: dict[str, Any] | None = None


class _File(Struct):
    images: list[Any] | None = None
    annotations: list[Any] | None = None
    categories: list[Any] | None = None


def read_coco(path: str | Path, *, problems: Tally | None = None) -> Dataset:
    """Read COCO instances.

    Polygons become rings of one object, an annotation without them its box, and keypoints that are labelled points.
    Run-length masks are not held: they are counted, and their box is kept. What is malformed, names what is not there
    or comes twice is left out and counted in ``problems``. Raises ``FileError`` where the file is no COCO file.
    """
    tally = Tally() if problems is None else problems
    sound = read_sound_coco(read_bytes(path))
    if sound is not None:
        return sound
    file = read_json(path, _File, "COCO file")
    if file.images is file.annotations is file.categories is None:
        raise FileError(f"{path} is no COCO file: it has none of images, annotations and categories")
    categories = {each.id: each.name for each in _each(file.categories or (), _ReadCategory, "category", tally)}
    builder = DatasetBuilder(list(categories.values()))
    images: dict[int, int] = {}
    for image in _each(file.images or (), _ReadImage, "image", tally):
        if image.id in images:
            tally.add(Problem.DUPLICATE, f"image {image.id}")
            continue
        asset = DatasetAsset(file_name=image.file_name, width=image.width, height=image.height, source_id=str(image.id))
        images[image.id] = builder.add_asset(asset)
    seen: set[int | str] = set()
    for annotation in _each(file.annotations or (), _ReadAnnotation, "annotation", tally):
        where = f"annotation {annotation.id}"
        if annotation.id is not None and annotation.id in seen:
            tally.add(Problem.DUPLICATE, where)
            continue
        if annotation.id is not None:
            seen.add(annotation.id)
        if annotation.image_id not in images or annotation.category_id not in categories:
            tally.add(Problem.DANGLING, where)
            continue
        label = categories[annotation.category_id]
        _add(builder, images[annotation.image_id], label, annotation, tally)
    return builder.build()


def _each(entries: Sequence[Any], kind: type[Entry], name: str, tally: Tally) -> list[Entry]:
    """The entries of a list that are what they should be."""
    found = []
    for place, entry in enumerate(entries):
        try:
            found.append(msgspec.convert(entry, kind, strict=False))
        except (msgspec.ValidationError, RecursionError) as error:
            tally.add(Problem.MALFORMED, f"{name} {place}: {error}")
    return found


def _add(builder: DatasetBuilder, asset: int, label: str, annotation: _ReadAnnotation, tally: Tally) -> None:
    """Enter the shapes of an annotation."""
    where = f"annotation {annotation.id}"
    own = annotation.perceptron_annotations or {}
    score = annotation.score if annotation.score is not None else own.get("score")
    context: dict[str, Any] = {
        "iscrowd": bool(annotation.iscrowd),
        "score": score if isinstance(score, int | float) else None,
        "source": str(own.get("source") or ("" if annotation.id is None else annotation.id)),
    }
    shapes: list[tuple[Kind, NDArray[np.float64]]] = []
    if isinstance(annotation.segmentation, list):
        for ring in annotation.segmentation:
            pairs = _pairs(ring)
            if pairs is None or len(pairs) < 3:  # noqa: PLR2004
                tally.add(Problem.MALFORMED, f"{where}: a ring")
            else:
                shapes.append((Kind.POLYGON, pairs))
    elif annotation.segmentation is not None:
        tally.add(Problem.NOT_HELD, f"{where}: a run-length mask")
    points = _keypoints(annotation.keypoints)
    shapes += [(Kind.POINT, point) for point in points]
    if not shapes and annotation.bbox is not None:
        if len(annotation.bbox) != 4:  # noqa: PLR2004
            tally.add(Problem.MALFORMED, f"{where}: bbox")
            return
        left, top, width, height = annotation.bbox
        shapes.append((Kind.BOX, np.array([[left, top], [left + width, top + height]])))
    if not all(np.isfinite(coords).all() for _, coords in shapes):
        tally.add(Problem.NOT_FINITE, where)
        return
    number = builder.new_object()
    for kind, coords in shapes:
        builder.add(asset, kind, coords, label, object=number, **context)


def _pairs(ring: Any) -> NDArray[np.float64] | None:
    """A flat list of numbers as pairs."""
    if not isinstance(ring, list) or len(ring) % 2 or not all(type(number) in (int, float) for number in ring):
        return None
    return np.array(ring, dtype=np.float64).reshape(-1, 2)


def _keypoints(keypoints: list[float] | None) -> list[NDArray[np.float64]]:
    """The labelled ones of ``x, y, visibility``."""
    triples = [keypoints[at : at + 3] for at in range(0, len(keypoints or ()), 3)] if keypoints else []
    return [np.array([triple[:2]]) for triple in triples if len(triple) == 3 and triple[2] > 0]  # noqa: PLR2004
