"""What many writers need: the shapes of a dataset by asset, while what the format cannot hold is counted."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ...geometry import AnnotationKind
from ...losses import LossCode, LossCounter, LossReport
from ...markup.document import Status
from ..asset_status import STATUS_CODES
from ..dataset import UNNAMED, Dataset, DatasetAsset
from ..keypoints import Skeleton
from ..object_measures import stated_beyond
from ..paths import OwnFile, OwnFiles, OwnNames
from ..policies import AssetKind

_LOSSES = {
    AnnotationKind.POINT: LossCode.POINT,
    AnnotationKind.BOX: LossCode.BOX,
    AnnotationKind.POLYGON: LossCode.POLYGON,
    AnnotationKind.CLIP: LossCode.CLIP,
}


class Shape(NamedTuple):
    """A row of a dataset: ``coords`` ``(V, 2)`` as the dataset has them, ``xyxy`` its ordered bounds."""

    row: int
    kind: AnnotationKind
    label: str
    coords: NDArray[np.float64]
    xyxy: tuple[float, float, float, float]


class ImageShapes(NamedTuple):
    """An asset of known size, and those of its shapes that a format can hold."""

    asset: DatasetAsset
    width: float
    height: float
    shapes: list[Shape]


def unread_assets(dataset: Dataset) -> NDArray[np.bool_]:
    """``(A,)``: the assets of which nobody knows whether there is anything on them.

    That is so if no answer about them could be read, or if it was cut off before its first annotation. In a format that
    does not hold the status of an answer they would be assets without objects, from which a model learns that there are
    none: so they are left out there.
    """
    responses = dataset.table.responses
    has_rows = np.bincount(dataset.asset, minlength=len(dataset.assets)) > 0
    unread: NDArray[np.bool_] = (responses.status == STATUS_CODES[Status.UNREADABLE]) | responses.truncated
    return unread & ~has_rows


def lose_unread(dataset: Dataset, held: NDArray[np.bool_], losses: LossCounter) -> NDArray[np.bool_]:
    """The same of those that are ``held``, counted."""
    unread = unread_assets(dataset) & held
    for number in np.flatnonzero(unread).tolist():
        losses.add(LossCode.UNREAD_ANSWER, dataset.assets[number].file_name)
    return unread


def held_images(dataset: Dataset, losses: LossCounter) -> NDArray[np.bool_]:
    """``(A,)``: the assets that a format of images holds. Videos and images of unknown size are counted."""
    held = np.ones(len(dataset.assets), dtype=bool)
    sides = {asset.width for asset in dataset.assets} | {asset.height for asset in dataset.assets}
    if None not in sides and AssetKind.VIDEO not in {asset.kind for asset in dataset.assets}:
        return held
    for number, asset in enumerate(dataset.assets):
        if asset.kind is AssetKind.VIDEO:
            losses.add(LossCode.VIDEO, asset.file_name)
        elif asset.width is None or asset.height is None:
            losses.add(LossCode.MISSING_SIZE, asset.file_name)
        else:
            continue
        held[number] = False
    return held


class RowLosses:
    """Counts the rows of a dataset that a format cannot hold; ``losses`` has the counts of earlier shards."""

    def __init__(self, dataset: Dataset, losses: LossCounter | None = None) -> None:
        self.losses = LossCounter() if losses is None else losses
        self.objects = 0
        self.assets = 0
        self._dataset = dataset

    def lose(self, code: LossCode, *rows: int) -> None:
        """Count rows that a format cannot hold as they are."""
        if rows:
            asset = self._dataset.assets[self._dataset.asset[rows[0]]].file_name
            self.losses.add(code, f"{asset}: {self._dataset.label_of(rows[0]) or UNNAMED}", len(rows))

    def lose_marked(self, code: LossCode, rows: NDArray[np.bool_]) -> None:
        """Count the rows that are marked, ``(N,)``."""
        self.lose(code, *np.flatnonzero(rows).tolist())

    def of_kinds(self, kinds: Collection[AnnotationKind]) -> NDArray[np.bool_]:
        """``(N,)``: the rows of these kinds; those of other kinds are counted."""
        for kind in AnnotationKind:
            if kind not in kinds:
                self.lose_marked(_LOSSES[kind], self._dataset.table.kind == kind)
        return np.isin(self._dataset.table.kind, list(kinds))

    def lose_details(self, held: NDArray[np.bool_], holds: Collection[LossCode]) -> None:
        """Count what rows that are ``held`` have beside their shape, ``(N,)``, apart from what the format ``holds``.

        An object counts once, whatever its number of rows.
        """
        for code, rows in _details(self._dataset):
            if code not in holds:
                marked = np.flatnonzero(held & rows)
                _, first = np.unique(self._dataset.object[marked], return_index=True)
                self.lose(code, *marked[np.sort(first)].tolist())

    def lose_skeletons(self, is_held: Callable[[Skeleton], bool]) -> None:
        """Count the labels whose skeletons the format does not hold."""
        for label, skeleton in zip(self._dataset.labels, self._dataset.skeletons, strict=True):
            if skeleton is not None and not is_held(skeleton):
                self.losses.add(LossCode.SKELETON, label)

    def own_name(self, names: OwnNames, name: str) -> str:
        """A name for an asset; it is counted if it is not its own, because another asset has that."""
        own = names.of(name) or name
        if own != name:
            self.losses.add(LossCode.RENAMED, f"{name} as {own}")
        return own

    def own_file(self, files: OwnFiles, name: str) -> OwnFile | None:
        """A file for an asset; it is counted if there is none, or if it is not the one that the name says."""
        file = files.of(name)
        if file is None:
            self.losses.add(LossCode.UNSAFE_FILE_NAME, name)
        elif file.name != name:
            self.losses.add(LossCode.RENAMED, f"{name} as {file.name}")
        return file

    def report(self, labels: int) -> LossReport:
        """What was written, and what was lost."""
        return LossReport(assets=self.assets, objects=self.objects, labels=labels, losses=self.losses.losses)


def _details(dataset: Dataset) -> Iterator[tuple[LossCode, NDArray[np.bool_]]]:
    """What rows have beside their shape, and which rows have it."""
    if dataset.keypoints is not None:
        yield LossCode.KEYPOINTS, dataset.keypoints.counts > 0
    yield LossCode.IGNORE, dataset.ignore
    if dataset.attributes is not None:
        yield LossCode.ATTRIBUTE, np.array([bool(each) for each in dataset.attributes], dtype=bool)
    if dataset.bbox is not None or dataset.area is not None:
        yield from zip((LossCode.OWN_BOX, LossCode.OWN_AREA), stated_beyond(dataset), strict=True)


class ShapeSelection(RowLosses):
    """The shapes of a dataset by asset, for formats that hold only some kinds of shapes, and no times.

    ``scores`` and ``groups`` say whether the format holds scores, and objects of several rows; ``holds`` is what it
    holds beside shapes, by the codes of their losses.
    """

    def __init__(
        self,
        dataset: Dataset,
        kinds: Collection[AnnotationKind],
        *,
        scores: bool = False,
        groups: bool = False,
        holds: Collection[LossCode] = (),
    ) -> None:
        super().__init__(dataset)
        table = dataset.table
        self._xyxy = table.xyxy.tolist()
        held = self.of_kinds(kinds)
        tracked = held & (table.track >= 0)
        self.lose_marked(LossCode.TRACK, tracked)
        timed = held & ~tracked & ~np.isnan(table.t) & (table.kind != AnnotationKind.CLIP)
        self.lose_marked(LossCode.TIMESTAMP, timed)
        held &= ~(tracked | timed)
        self.lose_marked(LossCode.ISCROWD, held & dataset.iscrowd)
        self.lose_marked(LossCode.MISSING_LABEL, held & (dataset.label < 0))
        if not scores:
            self.lose_marked(LossCode.SCORE, held & ~np.isnan(table.score))
        if not groups:
            _, counts = np.unique(dataset.object[held], return_counts=True)
            self.losses.add(LossCode.SPLIT_RINGS, "objects of several rows", int((counts > 1).sum()))
        self.lose_details(held, holds)
        if LossCode.KEYPOINTS not in holds:
            self.lose_skeletons(lambda _: False)
        self._held = held

    def sized_assets(self) -> list[int]:
        """The numbers of the images that are written, which count as such; the other assets are counted as lost."""
        held = held_images(self._dataset, self.losses)
        found = np.flatnonzero(held & ~lose_unread(self._dataset, held, self.losses)).tolist()
        self.assets += len(found)
        return found

    def rows(self) -> NDArray[np.int64]:
        """The rows that the format can hold, in the order of assets."""
        return np.flatnonzero(self._held)

    def images(self) -> Iterator[ImageShapes]:
        """Each asset of known size, including those without shapes."""
        dataset, ends = self._dataset, self._dataset.rows_by_asset().tolist()
        for number in self.sized_assets():
            asset = dataset.assets[number]
            rows = [row for row in range(ends[number], ends[number + 1]) if self._held[row]]
            self.objects += len(rows)
            yield ImageShapes(asset, asset.width or 0.0, asset.height or 0.0, [self._shape(row) for row in rows])

    def image_file(self, files: OwnFiles, image: ImageShapes) -> OwnFile | None:
        """A file for an image; if there is none, its shapes are not written."""
        own = self.own_file(files, image.asset.file_name)
        if own is None:
            self._take_back(image)
        return own

    def lose_splits(self) -> None:
        """Count the assets whose split the format does not hold."""
        for asset in self._dataset.assets:
            if asset.split is not None:
                self.losses.add(LossCode.SPLIT, asset.file_name)

    def lose_image(self, image: ImageShapes) -> None:
        """Count an image whose file name is not safe; its shapes are not written."""
        self.losses.add(LossCode.UNSAFE_FILE_NAME, image.asset.file_name)
        self._take_back(image)

    def _take_back(self, image: ImageShapes) -> None:
        self.objects -= len(image.shapes)
        self.assets -= 1

    def _shape(self, row: int) -> Shape:
        table = self._dataset.table
        label = self._dataset.label_of(row) or UNNAMED
        return Shape(row, AnnotationKind(table.kind[row]), label, table.vertices(row), tuple(self._xyxy[row]))


def vocabulary(dataset: Dataset) -> list[str]:
    """The labels, and ``"object"`` after them if a shape has no label and none of them is called that."""
    unnamed = UNNAMED not in dataset.labels and bool((dataset.label < 0).any())
    return [*dataset.labels, *([UNNAMED] if unnamed else [])]
