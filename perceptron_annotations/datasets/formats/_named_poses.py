"""Objects of files in which a keypoint is a shape of its own, named by its label: LabelMe and Label Studio.

What the skeleton of a label is, all files say together: its keypoints are named in the order in which they first come,
after those that a file declares.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ...geometry import AnnotationKind
from ...losses import LossCode
from ...problems import ProblemCode
from ..builder import DatasetBuilder
from ..dataset import Dataset
from ..keypoints import HIDDEN, MISSING, MOST_KEYPOINTS, VISIBLE, Skeleton
from ._details import Value
from ._reading import Reading
from ._selection import RowLosses


class NamedShape(NamedTuple):
    """A shape of a file, and what is said of it."""

    kind: AnnotationKind
    coords: NDArray[np.float64]
    label: str | None
    place: str
    attributes: dict[str, Value] = {}  # noqa: RUF012 - never changed
    is_ignored: bool = False
    score: float | None = None
    source: str = ""
    #: The group that it is in, or the shape that it belongs to.
    group: int | str | None = None


class NamedPose(NamedTuple):
    """An object: its rows, and its keypoints by name."""

    shapes: Sequence[NamedShape]
    keypoints: Mapping[str, NamedShape]


class NamedKeypoint(NamedTuple):
    """A keypoint of a row that is labelled."""

    #: Its index in the skeleton.
    number: int
    name: str
    #: ``(2,)``: x and y.
    at: NDArray[np.float64]
    is_hidden: bool


def labelled_keypoints(dataset: Dataset, row: int, losses: RowLosses) -> list[NamedKeypoint]:
    """The labelled keypoints of a row; a missing one has no shape, and what is lost by that is counted."""
    if dataset.keypoints is None or not dataset.keypoints.counts[row]:
        return []
    skeleton = dataset.skeletons[dataset.label[row]]
    names = () if skeleton is None else skeleton.names
    triples = np.reshape(dataset.keypoints.as_list(row), (-1, 3))
    is_missing = triples[:, 2] == MISSING
    if is_missing.all():
        losses.lose(LossCode.KEYPOINTS, row)
    elif triples[is_missing, :2].any():
        losses.lose(LossCode.KEYPOINT_PLACE, row)
    return [
        NamedKeypoint(number, names[number], triples[number, :2], bool(triples[number, 2] == HIDDEN))
        for number in np.flatnonzero(~is_missing).tolist()
    ]


def skeletons_of(objects: Iterable[NamedPose], known: Mapping[str, Skeleton]) -> dict[str, Skeleton]:
    """The skeleton of each label with keypoints: their names as they first come, after those that are ``known``.

    A label with too many of them has none.
    """
    names = {label: dict.fromkeys(skeleton.names) for label, skeleton in known.items()}
    for found in objects:
        label = found.shapes[0].label
        if found.keypoints and label is not None:
            names.setdefault(label, {}).update(dict.fromkeys(found.keypoints))
    skeletons = {}
    for label, own in names.items():
        if len(own) > MOST_KEYPOINTS:
            continue
        before = known.get(label)
        is_same = before is not None and len(own) == len(before)
        edges = () if before is None else before.edges
        skeletons[label] = before if before is not None and is_same else Skeleton(tuple(own), edges)
    return skeletons


def enter_poses(
    source: Reading,
    builder: DatasetBuilder,
    images: Sequence[tuple[int, Sequence[NamedPose]]],
    known: Mapping[str, Skeleton],
) -> None:
    """Enter the objects of all images, each given with the number of its asset; ``known`` skeletons come first."""
    skeletons = skeletons_of([found for _, objects in images for found in objects], known)
    for asset, objects in images:
        for found in objects:
            label = found.shapes[0].label
            if label in skeletons:
                builder.add_label(label, skeletons[label])
            _add(source, builder, asset, found)


def _add(source: Reading, builder: DatasetBuilder, asset: int, found: NamedPose) -> None:
    """Enter the rows of an object; its keypoints are beside the first of them."""
    first = found.shapes[0]
    keypoints: NDArray[np.float64] | None = None
    skeleton = builder.skeletons.get(first.label or "")
    if found.keypoints and skeleton is not None:
        keypoints = _triples(source, found.keypoints, skeleton)
    elif found.keypoints:
        why = f"keypoints, since those of {first.label} have more than {MOST_KEYPOINTS} names"
        source.problem(ProblemCode.UNSUPPORTED_ENTRY, first.place, why)
    number = builder.new_object()
    for shape in found.shapes:
        builder.add(
            asset,
            shape.kind,
            shape.coords,
            shape.label,
            object=number,
            score=shape.score,
            source=shape.source,
            ignore=first.is_ignored,
            attributes=first.attributes,
            keypoints=keypoints,
        )
        keypoints = None
        if shape.attributes != first.attributes:
            source.problem(ProblemCode.UNSUPPORTED_ENTRY, shape.place, "another ring of the object has other flags")


def _triples(source: Reading, points: Mapping[str, NamedShape], skeleton: Skeleton) -> NDArray[np.float64]:
    """``(k, 3)``: the keypoints of a skeleton; a point that is occluded, or difficult, is hidden."""
    triples = np.zeros((len(skeleton), 3))
    places = {name: place for place, name in enumerate(skeleton.names)}
    for name, point in points.items():
        said = dict(point.attributes)
        is_hidden = said.pop("occluded", False) is True or point.is_ignored
        triples[places[name]] = [*point.coords[0], HIDDEN if is_hidden else VISIBLE]
        if said:
            source.problem(ProblemCode.UNSUPPORTED_ENTRY, point.place, f"the {min(said)} of a keypoint")
    return triples
