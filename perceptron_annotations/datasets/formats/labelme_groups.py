"""What the shapes of a LabelMe file are together: shapes of one ``group_id`` are an object.

Polygons of one group and label are the rings of an object. Points in a group with a rectangle, or with such polygons,
are its keypoints, and their labels are the names of the keypoints; so X-AnyLabeling writes poses. Any other group is
kept as an attribute of its shapes.
"""

from __future__ import annotations

from collections.abc import Sequence

from ...geometry import AnnotationKind
from ._named_poses import NamedPose, NamedShape


def objects_of(shapes: Sequence[NamedShape]) -> list[NamedPose]:
    """The objects of a file, in the order of their first shapes."""
    groups: dict[object, list[NamedShape]] = {}
    for number, shape in enumerate(shapes):
        groups.setdefault((number,) if shape.group is None else shape.group, []).append(shape)
    found = []
    for members in groups.values():
        points = {shape.label or "": shape for shape in members if shape.kind is AnnotationKind.POINT}
        others = [shape for shape in members if shape.kind is not AnnotationKind.POINT]
        count = len(members) - len(others)
        if _is_one(others) and count == len(points) and len(members) > 1:
            found.append(NamedPose(others, points))
        else:
            found += [NamedPose([_with_group(shape)], {}) for shape in members]
    return found


def _is_one(shapes: Sequence[NamedShape]) -> bool:
    """Whether shapes of a group are one object: a rectangle, or polygons of one label."""
    are_polygons = all(shape.kind is AnnotationKind.POLYGON for shape in shapes)
    return len({shape.label for shape in shapes}) == 1 and (len(shapes) == 1 or are_polygons)


def _with_group(shape: NamedShape) -> NamedShape:
    """A shape whose group is just an attribute."""
    if not isinstance(shape.group, int):
        return shape
    return shape._replace(attributes={"group_id": shape.group, **shape.attributes})
