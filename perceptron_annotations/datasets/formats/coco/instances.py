"""COCO files: instances (objects with masks and keypoints) and results (a list with scores).

``bbox`` is ``[left, top, width, height]`` in float pixels, without the one that some tools add; ids and categories
count from 1; all rings of an object are one ``segmentation``. What COCO has no place for is counted in the report.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import Any

import numpy as np
from msgspec import UNSET, Struct, UnsetType
from numpy.typing import NDArray

from ....errors import FileError, UsageError
from ....files import decode_file, encode_json, read_bytes, write_whole
from ....geometry import AnnotationKind
from ....losses import LossCode, LossReport
from ....problems import ProblemCode
from ...builder import DatasetBuilder
from ...dataset import UNNAMED, Dataset, DatasetAsset, shards_of
from ...reports import Tally
from ...validation import count_outside
from .._selection import Losing
from .bulk_reader import read_sound_coco
from .entries import (
    HEAD,
    Category,
    Image,
    Objects,
    ReadAnnotation,
    ReadImage,
    categories_of,
    context_of,
    each_of,
    labels_of,
    shapes_of,
    sound_annotations,
    whole,
)

#: Annotations that are encoded together: few enough to be gone before the garbage collector looks at them often.
_CHUNK = 250


class PointPolicy(StrEnum):
    """What becomes of points, for which COCO has no kind of its own."""

    KEYPOINTS = "keypoints"
    """An annotation with one keypoint, and a bbox of no size at its place."""
    OMIT = "omit"
    """Left out and counted."""


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
        stream.write(encode_json(HEAD)[:-1] + b',"annotations":[')
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
            writing.tally.add(LossCode.UNLISTED_LABEL, f"{name}: {label}")
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

    def objects(self, dataset: Dataset) -> Objects:
        """What COCO holds of a shard."""
        image = self._images(dataset)
        category = np.array([self._category(label) for label in dataset.labels] + [0], dtype=np.int64)
        rows = self._held(dataset, image > 0)
        if (dataset.label[rows] < 0).any():
            category[-1] = self._category(UNNAMED)
        objects = Objects(dataset, rows, image[dataset.asset], category)
        self._with_points.update(objects.category[objects.kind == AnnotationKind.POINT].tolist())
        return objects

    def _images(self, dataset: Dataset) -> NDArray[np.int64]:
        """``(A,)``: the id of each asset, 0 for one without a size."""
        ids = np.zeros(len(dataset.assets), dtype=np.int64)
        found: list[Image] = []
        for number, asset in enumerate(dataset.assets):
            before = self._image_ids.get(asset.file_name)
            if asset.width is None or asset.height is None:
                self.tally.add(LossCode.MISSING_SIZE, asset.file_name)
            elif before is not None:
                ids[number] = before
            else:
                ids[number] = self._image_count + len(found) + 1
                found.append(Image(int(ids[number]), asset.file_name, whole(asset.width), whole(asset.height)))
        if found:
            self.images.append(encode_json(found)[1:-1])
            self._image_count += len(found)
            self._image_ids.update([(image.file_name, image.id) for image in found])
        return ids

    def _category(self, label: str) -> int:
        return self._category_ids.setdefault(label, len(self._category_ids) + 1)

    def categories(self) -> list[Category]:
        """All of them."""
        return categories_of(self._category_ids, self._with_points)

    def _held(self, dataset: Dataset, has_image: NDArray[np.bool_]) -> NDArray[np.int64]:
        """The rows that COCO holds, while the others are counted."""
        table, losing = dataset.table, Losing(dataset, self.tally)
        held = has_image[dataset.asset]
        losing.lose_where(LossCode.CLIP, held & (table.kind == AnnotationKind.CLIP))
        if self._points is PointPolicy.OMIT:
            losing.lose_where(LossCode.POINT, held & (table.kind == AnnotationKind.POINT))
            held &= table.kind != AnnotationKind.POINT
        held &= table.kind != AnnotationKind.CLIP
        tracked = held & (table.track >= 0)
        losing.lose_where(LossCode.TRACK, tracked)
        timed = held & ~tracked & ~np.isnan(table.t)
        losing.lose_where(LossCode.TIMESTAMP, timed)
        held &= ~(tracked | timed)
        losing.lose_where(LossCode.MISSING_LABEL, held & (dataset.label < 0))
        return np.flatnonzero(held)

    def report(self, objects: int) -> LossReport:
        """What was written."""
        return LossReport(
            assets=self._image_count, objects=objects, labels=len(self._category_ids), losses=self.tally.counted()
        )


# -- reading ---------------------------------------------------------------------------------------------------------


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
    data = read_bytes(path)
    sound = read_sound_coco(data)
    if sound is not None:
        return count_outside(sound, tally)
    file = decode_file(data, path, _File, "COCO file")
    if file.images is file.annotations is file.categories is None:
        raise FileError(f"{path} is no COCO file: it has none of images, annotations and categories")
    categories = labels_of(file.categories, tally)
    builder = DatasetBuilder(list(categories.values()))
    images: dict[int, int] = {}
    for image in each_of(file.images or (), ReadImage, "image", tally):
        if image.id in images:
            tally.add(ProblemCode.DUPLICATE_ENTRY, f"image {image.id}")
            continue
        asset = DatasetAsset(file_name=image.file_name, width=image.width, height=image.height, source_id=str(image.id))
        images[image.id] = builder.add_asset(asset)
    for annotation in sound_annotations(file.annotations or (), ReadAnnotation, images, categories, tally):
        number, label = builder.new_object(), categories[annotation.category_id]
        for kind, coords in shapes_of(annotation, tally):
            builder.add(images[annotation.image_id], kind, coords, label, object=number, **context_of(annotation))
    return count_outside(builder.build(), tally)
