"""COCO files: instances (objects with masks and keypoints), and results (a list with scores), which are only written.

``bbox`` is ``[left, top, width, height]`` in float pixels, and ``width`` is ``right - left``, without the 1 that some
tools add. Ids stay what they were in the file that was read, else they count from 1; all rings of an object are one
``segmentation``. What COCO cannot hold is counted in the report.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import IO

import numpy as np
from msgspec import UNSET, Struct, UnsetType
from numpy.typing import NDArray

from ....errors import UsageError
from ....files import Source, encode_json
from ....geometry import AnnotationKind
from ....losses import LossCode, LossCounter, LossReport
from ....outputs import write_whole
from ....problems import OnProblem
from ....table.batch import in_order
from ....words import member_of
from ...dataset import UNNAMED, Dataset, shards_of
from ...keypoints import Skeleton
from ...label_source import LabelSource
from .._details import skeletons_by_label
from .._reading import reading
from .._selection import RowLosses
from ..choices import PointPolicy, PointPolicyName
from .annotation_files import coco_files
from .annotation_text import annotation_texts
from .bulk_reader import read_sound_coco
from .entries import (
    HEAD,
    Category,
    CategoryEntry,
    categories_of,
)
from .entry_reader import EntryReader
from .ids import Ids
from .left_fields import leave_unread
from .written_images import WrittenImages, images_of
from .written_objects import Objects


class _Result(Struct, gc=False):
    image_id: int
    category_id: int
    bbox: list[float]
    score: float
    segmentation: list[list[float]] | UnsetType = UNSET
    keypoints: list[float] | UnsetType = UNSET


# -- writing ---------------------------------------------------------------------------------------------------------


def write_coco(
    dataset: Dataset | Iterable[Dataset],
    path: str | Path,
    *,
    points: PointPolicy | PointPolicyName = PointPolicy.KEYPOINTS,
) -> LossReport:
    """Write COCO instances: one annotation for each object, in the order of the dataset.

    Images, categories and annotations keep the ids that they had in the file that they were read from, if these are
    numbers and none comes twice; all others count from 1.
    Coordinates are exact, neither clamped nor rounded. An object of several rings is one annotation; its keypoints, its
    own box and area, its attributes and ``ignore`` are written too. ``points`` says what becomes of points, which are
    not keypoints; those whose label has a skeleton are left out. So are clips and shapes with a timestamp. The source
    of a row is kept in ``perceptron_annotations``, and so are the split of an image and the flip indices of a category.
    Shards are written as they come: an asset that was in an earlier one is the same image, so the names of all assets
    and the texts of their images are kept in memory. They are not for ``read_parts``, if no image is in two parts.

    >>> builder = pa.datasets.DatasetBuilder()
    >>> asset = builder.add_asset(pa.datasets.DatasetAsset(file_name="a.png", width=64, height=48))
    >>> builder.add(asset, pa.AnnotationKind.BOX, [[4, 8], [20, 30]], "cat")
    >>> pa.datasets.write_coco(builder.build(), "truth.json").objects
    1
    """
    policy, losses = member_of(PointPolicy, points, "points"), LossCounter()
    with images_of(dataset, path, losses) as images, write_whole(path) as stream:
        writing = _Writing(policy, images, losses)
        stream.write(encode_json(HEAD)[:-1] + b',"annotations":[')
        annotations = _AnnotationList(stream)
        annotations.write_all(map(writing.objects, shards_of(dataset)))
        stream.write(b'],"images":[')
        images.write_to(stream)
        stream.write(b'],"categories":' + encode_json(writing.categories()) + b"}\n")
    return writing.report(annotations.count)


def write_coco_results(
    dataset: Dataset,
    path: str | Path,
    *,
    score: float | None = None,
    image_ids: dict[str, int] | None = None,
    category_ids: dict[str, int] | None = None,
) -> LossReport:
    """Write COCO results: boxes, polygons and keypoints with their scores, as evaluation tools take them.

    These models give no scores; ``ops.consensus`` of several answers makes scores that mean something. Raises
    ``UsageError`` if a shape has no score and ``score`` is not given.

    Args:
        dataset: What to write.
        path: The file to write.
        score: The score of shapes that have none.
        image_ids: The ids of images in the truth, by file name; without them, they are those of ``write_coco``.
        category_ids: The ids of categories in the truth, by label; without them, they are those of ``write_coco`` too.

    >>> builder = pa.datasets.DatasetBuilder()
    >>> asset = builder.add_asset(pa.datasets.DatasetAsset(file_name="a.png", width=64, height=48))
    >>> builder.add(asset, pa.AnnotationKind.BOX, [[4, 8], [20, 30]], "cat")
    >>> pa.datasets.write_coco_results(builder.build(), "results.json", score=1.0).objects
    1
    """
    losses = LossCounter()
    writing = _Writing(PointPolicy.OMIT, WrittenImages(losses), losses)
    objects = writing.objects(dataset)
    scores = dataset.table.score[objects.first]
    if score is None and np.isnan(scores).any():
        raise UsageError(
            "COCO results need a score for each shape: pass score= for shapes without one, or make scores from several "
            "answers with ops.consensus"
        )
    scores = np.where(np.isnan(scores), score or 0.0, scores)
    names = [dataset.assets[asset].file_name for asset in dataset.asset[objects.first].tolist()]
    results, labels = [], writing.labels
    for made, name, number in zip(objects.annotations(0, len(scores)), names, scores.tolist(), strict=True):
        label = labels[made.category_id]
        image = made.image_id if image_ids is None else image_ids.get(name)
        category = made.category_id if category_ids is None else category_ids.get(label)
        if image is None or category is None:
            writing.losses.add(LossCode.UNLISTED_LABEL, f"{name}: {label}")
        else:
            results.append(_Result(image, category, made.bbox, number, made.segmentation or UNSET, made.keypoints))
    with write_whole(path) as stream:
        stream.write(encode_json(results) + b"\n")
    return writing.report(len(results))


class _AnnotationList:
    """The annotations in a file that is written."""

    def __init__(self, stream: IO[bytes]) -> None:
        #: The number of those that were written.
        self.count = 0
        self._stream = stream

    def write_all(self, shards: Iterable[Objects]) -> None:
        """Write all of them: a thread writes a shard, while this one reads the next.

        A pipe is written to by this thread alone: its reader may make it wait, and a signal ends no other thread.
        """
        deque(in_order(self._write, shards, 1) if self._stream.seekable() else map(self._write, shards), maxlen=0)

    def _write(self, objects: Objects) -> None:
        for place, text in enumerate(annotation_texts(objects)):
            self._stream.write(text if self.count or place else memoryview(text)[1:])
        self.count += len(objects)


class _Writing:
    """The ids of images and categories in the shards so far, and what was lost."""

    def __init__(self, points: PointPolicy, images: WrittenImages, losses: LossCounter) -> None:
        self.losses = losses
        self.images = images
        self._points = points
        self._categories: dict[str, CategoryEntry] = {}
        self._free_category_ids = Ids(self.losses)
        #: The highest id of an annotation.
        self._last_id = 0
        self._with_points: set[int] = set()
        self._skeletons: dict[str, Skeleton] = {}

    @property
    def labels(self) -> dict[int, str]:
        """The names of the categories by id."""
        return {found.id: label for label, found in self._categories.items()}

    def objects(self, dataset: Dataset) -> Objects:
        """The objects of a shard that COCO can hold."""
        image = self.images.enter(dataset)
        self._skeletons.update(skeletons_by_label(dataset))
        self._enter(dataset.labels, dataset.label_sources)
        rows = self._held(dataset, image >= 0)
        if (dataset.label[rows] < 0).any():
            self._enter([UNNAMED], [None])
        found = self._categories
        category = np.array([found[label].id for label in dataset.labels] + [_id_of(found, UNNAMED)], dtype=np.int64)
        objects = Objects(dataset, rows, image[dataset.asset], category, after=self._last_id)
        self._last_id = int(objects.ids.max(initial=self._last_id))
        self._with_points.update(objects.category[objects.kind == AnnotationKind.POINT].tolist())
        return objects

    def _enter(self, labels: Sequence[str], sources: Sequence[LabelSource | None]) -> None:
        """Enter the categories of the labels that are new."""
        new = [(label, source) for label, source in zip(labels, sources, strict=True) if label not in self._categories]
        given = self._free_category_ids.give([None if source is None else source.id for _, source in new])
        for (label, source), own in zip(new, given, strict=True):
            self._categories[label] = CategoryEntry(own, "" if source is None else source.supercategory)

    def categories(self) -> list[Category]:
        """All of them."""
        return categories_of(self._categories, self._with_points, self._skeletons)

    def _held(self, dataset: Dataset, has_image: NDArray[np.bool_]) -> NDArray[np.int64]:
        """The rows that COCO can hold; the others are counted."""
        table, rows = dataset.table, RowLosses(dataset, self.losses)
        held = has_image[dataset.asset]
        rows.lose_marked(LossCode.CLIP, held & (table.kind == AnnotationKind.CLIP))
        points = held & (table.kind == AnnotationKind.POINT)
        if self._points is PointPolicy.KEYPOINTS:
            points &= np.array([*(each is not None for each in dataset.skeletons), False])[dataset.label]
        rows.lose_marked(LossCode.POINT, points)
        held &= ~points
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
            assets=len(self.images), objects=objects, labels=len(self._categories), losses=self.losses.losses
        )


def _id_of(categories: Mapping[str, CategoryEntry], label: str) -> int:
    """The id of a category, 0 if there is none."""
    return categories[label].id if label in categories else 0


# -- reading ---------------------------------------------------------------------------------------------------------


def read_coco(path: Source, *, on_problem: OnProblem | None = None) -> Dataset:
    """Read COCO instances: a file, or all files of a folder, whose splits are told from the names of files or folders.

    In a folder, the names of images begin with the folder that they are in. The polygons of an annotation become the
    rings of one object; if it has none, its bbox becomes a box. A bbox and an area that differ from those of the
    polygons are kept beside them. Keypoints are kept with index and visibility, missing ones included, unless they are
    points as ``write_coco`` writes them. A run-length mask is left out, and the bbox is read instead. Entries are left
    out that are malformed, refer to what does not exist, or come twice; of a folder, so is a broken file.
    ``on_problem`` is called with each problem; without it, one ``ProblemWarning`` counts them. Raises ``FileError`` if
    the file is not a COCO file, or none of the folder is.

    >>> from pathlib import Path
    >>> _ = Path("truth.json").write_text(
    ...     '{"images": [{"id": 7, "file_name": "a.png"}], "categories": [{"id": 3, "name": "cat"}], '
    ...     '"annotations": [{"id": 1, "image_id": 7, "category_id": 3, "bbox": [4, 8, 16, 22]}]}'
    ... )
    >>> pa.datasets.read_coco("truth.json").table.xyxy.tolist()
    [[4.0, 8.0, 20.0, 30.0]]
    """
    with reading(path, on_problem) as source:
        reader = EntryReader(source)
        for file in coco_files(source):
            with source.costs_itself(file.path):
                data = source.data(file.path)
                sound = None if file.root else read_sound_coco(data)
                if sound is not None:
                    leave_unread(source, data)
                    return source.checked(sound)
                reader.add(data, file)
        return source.checked(reader.dataset())
