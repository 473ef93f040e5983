"""What a caller may draw, an answer or the annotations of a dataset → annotations of one image, in its pixels."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from ...datasets.dataset import Dataset
from ...datasets.keypoints import HIDDEN, MISSING, Skeleton
from ...errors import UsageError
from ...frames import Frame
from ...geometry import (
    Annotation,
    Box,
    Clip,
    Collection,
    Point,
    Polygon,
    Track,
    Value,
)
from ...markup.document import Document
from ...markup.flatten import holding
from ...table.from_values import flattened
from ...table.table import AnnotationTable
from ...table.to_values import annotations_of_rows
from .marks import Mark, Pose, Verdict

#: What can be drawn: an answer, values, the rows of a table that are one answer, or an image of a dataset.
Drawn: TypeAlias = Document | Value | Iterable[Value] | AnnotationTable | Dataset


@dataclass(frozen=True)
class Subject:
    """N annotations of one image, in its pixels, as columns of equal length."""

    annotations: Sequence[Annotation]
    labels: Sequence[str | None]
    #: The number of its track; -1 for none.
    tracks: Sequence[int]
    #: The number of its object; the rings of a mask share one.
    objects: Sequence[int]
    #: The keypoints of its object, None for none.
    poses: Sequence[Pose | None]
    #: Whether it is a region with many objects, and whether metrics take no notice of it.
    crowds: Sequence[bool]
    ignored: Sequence[bool]

    def marks(self, verdicts: Sequence[Verdict | None]) -> Iterator[Mark]:
        """What is drawn of them, each with its verdict; the waypoints of a track are one mark, in place of its last."""
        last = {number: row for row, number in enumerate(self.tracks) if number >= 0}
        known: set[int] = set()
        for row, (shape, label, number) in enumerate(zip(self.annotations, self.labels, self.tracks, strict=True)):
            if number >= 0 and last[number] != row:
                continue
            drawn = shape if number < 0 else self._track(number)
            is_first = self.objects[row] not in known
            known.add(self.objects[row])
            yield Mark(drawn, label, shape.score, verdicts[row], is_first)
            pose = self.poses[row]
            if pose is not None:
                yield Mark(pose, label, None, verdicts[row], is_first=False)

    def _track(self, number: int) -> Track:
        waypoints = [each for each, of in zip(self.annotations, self.tracks, strict=True) if of == number]
        return Track(tuple(each for each in waypoints if not isinstance(each, Clip)))


def subject_of(what: Drawn, size: tuple[float, float], asset: int | None, assets: int) -> Subject:
    """The annotations of one image of ``size``.

    Raises ``UsageError`` if ``what`` cannot be drawn, or does not say which of several images it is about.

    Args:
        what: What is drawn.
        size: Width and height of the image, in pixels.
        asset: Which image of the request or of the dataset it is, counted from 0; None if there is just one.
        assets: How many images the answer is about, as far as the caller says.
    """
    frame = Frame.pixels(*size)
    if isinstance(what, Dataset):
        return _of_dataset(what, frame, asset)
    if isinstance(what, AnnotationTable):
        return _of_annotations(*_one_answer(what), frame, asset, assets)
    if isinstance(what, Document):
        return _of_annotations(what.annotations, holding(what).track, frame, asset, assets)
    values: object = [what] if isinstance(what, Point | Box | Polygon | Clip | Track | Collection) else what
    if isinstance(values, str) or not isinstance(values, Iterable):
        raise UsageError(
            f"a document, annotations, rows of a table or a dataset can be drawn, not {type(what).__name__}: "
            "parse(text) makes a document of an answer"
        )
    rows = flattened(values)
    return _of_annotations(rows.annotations, rows.held.track, frame, asset, assets)


def _one_answer(table: AnnotationTable) -> tuple[list[Annotation], list[int]]:
    """The annotations of a table and the numbers of their tracks."""
    found = np.unique(table.response)
    if len(found) > 1:
        raise UsageError(
            f"the rows are from {len(found)} answers, {found[0]} to {found[-1]}: draw those of one, such as "
            f"table[table.response == {found[0]}]"
        )
    return list(annotations_of_rows(table)), table.track.tolist()


def _of_annotations(
    annotations: Sequence[Annotation], tracks: Sequence[int], frame: Frame, asset: int | None, assets: int
) -> Subject:
    rows = _rows_of_asset(annotations, asset, assets)
    no = [False] * len(rows)
    return Subject(
        annotations=[annotations[row].to(frame) for row in rows],
        labels=[annotations[row].mention for row in rows],
        tracks=[tracks[row] for row in rows],
        objects=range(len(rows)),
        poses=[None] * len(rows),
        crowds=no,
        ignored=no,
    )


def _rows_of_asset(annotations: Sequence[Annotation], asset: int | None, assets: int) -> Sequence[int]:
    """The annotations of the one image that is drawn on."""
    if asset is None:
        named = {each.asset_idx for each in annotations if not isinstance(each, Clip)} - {None}
        if len(named) > 1:
            raise UsageError(
                f"the answer speaks of assets {sorted(named, key=str)}: pass a list with one image for each, or asset= "
                "with the one that the image is"
            )
        return range(len(annotations))
    # What names no asset lies in the last one.
    last = max(assets - 1, asset, *(-1 if each.asset_idx is None else each.asset_idx for each in annotations), -1)
    return [
        row for row, each in enumerate(annotations) if (last if each.asset_idx is None else each.asset_idx) == asset
    ]


def _of_dataset(dataset: Dataset, frame: Frame, asset: int | None) -> Subject:
    count = len(dataset.assets)
    if asset is None and count != 1:
        raise UsageError(f"pass asset=, the image of the dataset that is wanted, from 0 to {count - 1}")
    asset = asset or 0
    if not 0 <= asset < count:
        raise UsageError(f"there is no asset {asset} in a dataset of {count}: count from 0")
    start, end = dataset.rows_by_asset()[asset : asset + 2].tolist()
    found, rows = dataset.assets[asset], range(start, end)
    # An image of unknown size is as large as it is here.
    own = frame if found.width is None or found.height is None else Frame.pixels(found.width, found.height)
    table = dataset.table.take(np.arange(start, end))
    return Subject(
        annotations=[each.to(frame) for each in annotations_of_rows(table, own)],
        labels=[dataset.label_of(row) for row in rows],
        tracks=_tracks(dataset, start, end),
        objects=dataset.object[start:end].tolist(),
        poses=[_pose(dataset, row, own, frame) for row in rows],
        crowds=dataset.iscrowd[start:end].tolist(),
        ignored=dataset.ignore[start:end].tolist(),
    )


def _tracks(dataset: Dataset, start: int, end: int) -> list[int]:
    """The numbers of tracks: in a dataset, the waypoints of one share its object."""
    tracks, objects = dataset.table.track[start:end], dataset.object[start:end]
    return [number if track >= 0 else -1 for track, number in zip(tracks.tolist(), objects.tolist(), strict=True)]


def _pose(dataset: Dataset, row: int, own: Frame, frame: Frame) -> Pose | None:
    """The labelled keypoints of a row, scaled."""
    if dataset.keypoints is None:
        return None
    found = dataset.keypoints.of(row)
    labelled = np.flatnonzero(found[:, 2] > MISSING).tolist()
    if not labelled:
        return None
    skeleton = dataset.skeletons[dataset.label[row]] or Skeleton.numbered(len(found))
    points = [Point(x, y, frame=own).to(frame) for x, y in np.nan_to_num(found[:, :2]).tolist()]
    pairs = [(point.x, point.y) for point in points]
    return Pose(
        points=tuple(pairs[each] for each in labelled),
        hidden=tuple(bool(found[each, 2] == HIDDEN) for each in labelled),
        lines=tuple((pairs[a], pairs[b]) for a, b in skeleton.edges if a in labelled and b in labelled),
    )
