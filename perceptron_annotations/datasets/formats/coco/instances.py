"""COCO files: instances (objects with masks and keypoints), and results (a list with scores), which are only written.

``bbox`` is ``[left, top, width, height]`` in float pixels, and ``width`` is ``right - left``, without the 1 that some
tools add. Ids and categories count from 1; all rings of an object are one ``segmentation``. What COCO cannot hold is
counted in the report.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from msgspec import UNSET, Struct, UnsetType
from numpy.typing import NDArray

from ....errors import FileError, UsageError
from ....files import Source, decode_file, encode_json, write_whole
from ....geometry import AnnotationKind
from ....losses import LossCode, LossCounter, LossReport
from ....problems import OnProblem, ProblemCode
from ...asset_identity import AssetIdentity, identities_of
from ...builder import DatasetBuilder
from ...dataset import UNNAMED, Dataset, shards_of
from .._reading import Reading, reading
from .._selection import RowLosses
from ..choices import PointPolicy
from .bulk_reader import read_sound_coco
from .entries import (
    HEAD,
    Category,
    Image,
    Objects,
    ReadAnnotation,
    ReadImage,
    categories_of,
    category_names,
    context_of,
    each_of,
    image_of,
    shapes_of,
    sound_annotations,
    whole,
)

#: Annotations that are encoded together: few enough to be freed before the garbage collector visits them often.
_CHUNK = 250


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

    Coordinates are exact, neither clamped nor rounded. An object of several rings is one annotation; ``points`` says
    what becomes of points. Clips and shapes with a timestamp are left out. The source of a row is kept in
    ``perceptron_annotations``, as is the split of an image. Shards are written as they come: an asset that was in an
    earlier one is the same image, and only the identities of assets are kept in memory.

    >>> builder = pa.datasets.DatasetBuilder()
    >>> asset = builder.add_asset(pa.datasets.DatasetAsset(file_name="a.png", width=64, height=48))
    >>> builder.add(asset, pa.AnnotationKind.BOX, [[4, 8], [20, 30]], "cat")
    >>> pa.datasets.write_coco(builder.build(), "truth.json").objects
    1
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

    These models give no scores; ``ops.consensus`` of several answers makes scores that mean something. Raises
    ``UsageError`` if a shape has no score and ``score`` is not given.

    Args:
        dataset: What to write.
        path: The file to write.
        score: The score of shapes that have none.
        image_ids: The ids of images in the truth, by file name; without them, they count from 1 as in ``write_coco``.
        category_ids: The ids of categories in the truth, by label; without them, they count from 1 too.

    >>> builder = pa.datasets.DatasetBuilder()
    >>> asset = builder.add_asset(pa.datasets.DatasetAsset(file_name="a.png", width=64, height=48))
    >>> builder.add(asset, pa.AnnotationKind.BOX, [[4, 8], [20, 30]], "cat")
    >>> pa.datasets.write_coco_results(builder.build(), "results.json", score=1.0).objects
    1
    """
    writing = _Writing(PointPolicy.OMIT)
    objects = writing.objects(dataset)
    scores = dataset.table.score[objects.first]
    if score is None and np.isnan(scores).any():
        raise UsageError(
            "COCO results need a score for each shape: pass score= for shapes without one, or make scores from several "
            "answers with ops.consensus"
        )
    scores = np.where(np.isnan(scores), score or 0.0, scores)
    names = [dataset.assets[asset].file_name for asset in dataset.asset[objects.first].tolist()]
    results = []
    for made, name, number in zip(objects.annotations(0, len(scores), 0), names, scores.tolist(), strict=True):
        label = writing.labels[made.category_id - 1]
        image = made.image_id if image_ids is None else image_ids.get(name)
        category = made.category_id if category_ids is None else category_ids.get(label)
        if image is None or category is None:
            writing.losses.add(LossCode.UNLISTED_LABEL, f"{name}: {label}")
        else:
            results.append(_Result(image, category, made.bbox, number, made.segmentation or UNSET))
    with write_whole(path) as stream:
        stream.write(encode_json(results) + b"\n")
    return writing.report(len(results))


class _Writing:
    """The ids of images and categories in the shards so far, and what was lost."""

    def __init__(self, points: PointPolicy) -> None:
        self.losses = LossCounter()
        #: The images of each shard, encoded; their ids count from 1.
        self.images: list[bytes] = []
        #: The number of objects that were written.
        self.count = 0
        self._points = points
        self._image_ids: dict[AssetIdentity, int] = {}
        self._category_ids: dict[str, int] = {}
        self._with_points: set[int] = set()

    @property
    def labels(self) -> list[str]:
        """The names of categories; their ids count from 1."""
        return list(self._category_ids)

    def objects(self, dataset: Dataset) -> Objects:
        """The objects of a shard that COCO can hold."""
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
        identities = identities_of(dataset.assets)
        for number, (asset, identity) in enumerate(zip(dataset.assets, identities, strict=True)):
            before = self._image_ids.get(identity)
            if asset.width is None or asset.height is None:
                self.losses.add(LossCode.MISSING_SIZE, asset.file_name)
            elif before is not None:
                ids[number] = before
            else:
                ids[number] = self._image_ids[identity] = len(self._image_ids) + 1
                found.append(image_of(int(ids[number]), asset, whole(asset.width), whole(asset.height)))
        if found:
            self.images.append(encode_json(found)[1:-1])
        return ids

    def _category(self, label: str) -> int:
        return self._category_ids.setdefault(label, len(self._category_ids) + 1)

    def categories(self) -> list[Category]:
        """All of them."""
        return categories_of(self._category_ids, self._with_points)

    def _held(self, dataset: Dataset, has_image: NDArray[np.bool_]) -> NDArray[np.int64]:
        """The rows that COCO can hold; the others are counted."""
        table, rows = dataset.table, RowLosses(dataset, self.losses)
        held = has_image[dataset.asset]
        rows.lose_marked(LossCode.CLIP, held & (table.kind == AnnotationKind.CLIP))
        if self._points is PointPolicy.OMIT:
            rows.lose_marked(LossCode.POINT, held & (table.kind == AnnotationKind.POINT))
            held &= table.kind != AnnotationKind.POINT
        held &= table.kind != AnnotationKind.CLIP
        tracked = held & (table.track >= 0)
        rows.lose_marked(LossCode.TRACK, tracked)
        timed = held & ~tracked & ~np.isnan(table.t)
        rows.lose_marked(LossCode.TIMESTAMP, timed)
        held &= ~(tracked | timed)
        rows.lose_marked(LossCode.MISSING_LABEL, held & (dataset.label < 0))
        return np.flatnonzero(held)

    def report(self, objects: int) -> LossReport:
        """What was written, and what was lost."""
        return LossReport(
            assets=len(self._image_ids), objects=objects, labels=len(self._category_ids), losses=self.losses.losses
        )


# -- reading ---------------------------------------------------------------------------------------------------------


class _File(Struct):
    images: list[Any] | None = None
    annotations: list[Any] | None = None
    categories: list[Any] | None = None


def read_coco(path: Source, *, on_problem: OnProblem | None = None) -> Dataset:
    """Read COCO instances.

    The polygons of an annotation become the rings of one object, its labelled keypoints points; if it has none of them,
    its bbox becomes a box. A run-length mask is left out, and the bbox is read instead. Entries are left out that are
    malformed, refer to what does not exist, or come twice. ``on_problem`` is called with each problem; without it, one
    ``ProblemWarning`` counts them. Raises ``FileError`` if the file is not a COCO file.

    >>> from pathlib import Path
    >>> _ = Path("truth.json").write_text(
    ...     '{"images": [{"id": 7, "file_name": "a.png"}], "categories": [{"id": 3, "name": "cat"}], '
    ...     '"annotations": [{"id": 1, "image_id": 7, "category_id": 3, "bbox": [4, 8, 16, 22]}]}'
    ... )
    >>> pa.datasets.read_coco("truth.json").table.xyxy.tolist()
    [[4.0, 8.0, 20.0, 30.0]]
    """
    with reading(path, on_problem) as source:
        data = source.data()
        sound = read_sound_coco(data)
        if sound is not None:
            return source.checked(sound)
        file = decode_file(data, path, _File, "COCO file")
        if file.images is file.annotations is file.categories is None:
            raise FileError(f"{path} is not a COCO file: it has no images, annotations or categories")
        categories = category_names(source, file.categories)
        builder = DatasetBuilder(list(categories.values()))
        images = _enter_images(source, builder, file.images)
        for annotation in sound_annotations(source, file.annotations, ReadAnnotation, images, categories):
            number, label = builder.new_object(), categories[annotation.category_id]
            for kind, coords in shapes_of(source, annotation):
                builder.add(images[annotation.image_id], kind, coords, label, object=number, **context_of(annotation))
        return source.checked(builder.build())


def _enter_images(source: Reading, builder: DatasetBuilder, entries: list[Any] | None) -> dict[int, int]:
    """The assets of the images by id."""
    found: dict[int, int] = {}
    for image in each_of(source, entries, ReadImage, "images"):
        if image.id in found:
            source.problem(ProblemCode.DUPLICATE_ENTRY, f"image {image.id}")
            continue
        found[image.id] = builder.add_asset(image.asset())
    return found
