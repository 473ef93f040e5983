"""What the shapes of a LabelMe file are together: shapes of one ``group_id`` are an object.

Polygons of one group and label are the rings of an object. Points in a group with a rectangle, or with such polygons,
are its keypoints, and their labels are the names of the keypoints; so X-AnyLabeling writes poses. Any other group is
kept as an attribute of its shapes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ...geometry import AnnotationKind
from ...problems import ProblemCode
from ..builder import DatasetBuilder
from ..keypoints import HIDDEN, VISIBLE, Skeleton
from ._details import Value
from ._reading import Reading


class GroupedShape(NamedTuple):
    """A shape of a file; ``group`` is its ``group_id``."""

    kind: AnnotationKind
    coords: NDArray[np.float64]
    label: str
    group: int | None
    attributes: dict[str, Value]
    is_difficult: bool
    place: str


class LabelmeObject(NamedTuple):
    """An object: its rows, and its keypoints by name."""

    shapes: Sequence[GroupedShape]
    keypoints: Mapping[str, GroupedShape]


def objects_of(shapes: Sequence[GroupedShape]) -> list[LabelmeObject]:
    """The objects of a file, in the order of their first shapes."""
    groups: dict[object, list[GroupedShape]] = {}
    for number, shape in enumerate(shapes):
        groups.setdefault((number,) if shape.group is None else shape.group, []).append(shape)
    found = []
    for members in groups.values():
        points = {shape.label: shape for shape in members if shape.kind is AnnotationKind.POINT}
        others = [shape for shape in members if shape.kind is not AnnotationKind.POINT]
        count = len(members) - len(others)
        if _is_one(others) and count == len(points) and len(members) > 1:
            found.append(LabelmeObject(others, points))
        else:
            found += [LabelmeObject([_with_group(shape)], {}) for shape in members]
    return found


def _is_one(shapes: Sequence[GroupedShape]) -> bool:
    """Whether shapes of a group are one object: a rectangle, or polygons of one label."""
    are_polygons = all(shape.kind is AnnotationKind.POLYGON for shape in shapes)
    return len({shape.label for shape in shapes}) == 1 and (len(shapes) == 1 or are_polygons)


def _with_group(shape: GroupedShape) -> GroupedShape:
    """A shape whose group is just an attribute."""
    if shape.group is None:
        return shape
    return shape._replace(attributes={"group_id": shape.group, **shape.attributes})


def skeletons_of(objects: Iterable[LabelmeObject], known: Mapping[str, Skeleton]) -> dict[str, Skeleton]:
    """The skeleton of each label with keypoints: their names as they first come, after those that are ``known``."""
    names = {label: dict.fromkeys(skeleton.names) for label, skeleton in known.items()}
    for found in objects:
        if found.keypoints:
            names.setdefault(found.shapes[0].label, {}).update(dict.fromkeys(found.keypoints))
    skeletons = {}
    for label, own in names.items():
        before = known.get(label)
        is_same = before is not None and len(own) == len(before)
        edges = () if before is None else before.edges
        skeletons[label] = before if before is not None and is_same else Skeleton(tuple(own), edges)
    return skeletons


def add_object(source: Reading, builder: DatasetBuilder, asset: int, found: LabelmeObject) -> None:
    """Enter the rows of an object; its keypoints are beside the first of them."""
    first = found.shapes[0]
    keypoints: NDArray[np.float64] | None = None
    if found.keypoints:
        keypoints = _triples(source, found.keypoints, builder.skeletons[first.label])
    number = builder.new_object()
    for shape in found.shapes:
        builder.add(
            asset,
            shape.kind,
            shape.coords,
            shape.label,
            object=number,
            ignore=first.is_difficult,
            attributes=first.attributes,
            keypoints=keypoints,
        )
        keypoints = None
        if shape.attributes != first.attributes:
            source.problem(ProblemCode.UNSUPPORTED_ENTRY, shape.place, "another ring of the object has other flags")


def _triples(source: Reading, points: Mapping[str, GroupedShape], skeleton: Skeleton) -> NDArray[np.float64]:
    """``(k, 3)``: the keypoints of a skeleton; a point that is occluded, or difficult, is hidden."""
    triples = np.zeros((len(skeleton), 3))
    for name, point in points.items():
        said: dict[str, Any] = dict(point.attributes)
        is_hidden = said.pop("occluded", False) is True or point.is_difficult
        triples[skeleton.names.index(name)] = [*point.coords[0], HIDDEN if is_hidden else VISIBLE]
        if said:
            source.problem(ProblemCode.UNSUPPORTED_ENTRY, point.place, f"the {min(said)} of a keypoint")
    return triples
