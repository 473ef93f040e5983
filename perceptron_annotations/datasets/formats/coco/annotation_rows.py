"""The annotations of a COCO file, read into rows: rings, else a box, and the keypoints that the category names.

COCO has no points. ``write_coco`` makes a point an annotation with one visible keypoint, and a bbox without area at its
place; a category whose keypoints are all of that form is read as points again. All others are poses.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ....errors import UsageError
from ....geometry import AnnotationKind
from ....problems import ProblemCode
from ...builder import DatasetBuilder
from ...keypoints import MISSING, MOST_KEYPOINTS, VISIBLE, Skeleton, is_flip
from .._details import read_keypoints
from .._reading import Reading
from .entries import ReadAnnotation, ReadCategory, context_of, shapes_of


class Categories(NamedTuple):
    """The labels of the categories by id, and the ids of those whose keypoints are points."""

    names: dict[int | str, str]
    of_points: frozenset[int | str]


def name_keypoints(categories: Iterable[ReadCategory], entries: Any) -> None:
    """Give keypoints the names that ``entries`` have for their ids: kwcoco names them in a list of their own."""
    listed = [each for each in entries if isinstance(each, dict)] if isinstance(entries, list) else []
    names = {each["id"]: each.get("name") for each in listed if type(each.get("id")) is int}
    for category in categories:
        if names and isinstance(category.keypoints, list):
            category.keypoints = [names.get(each, each) if type(each) is int else each for each in category.keypoints]


def enter_categories(
    source: Reading,
    builder: DatasetBuilder,
    categories: Sequence[ReadCategory],
    annotations: Iterable[ReadAnnotation],
) -> Categories:
    """Enter the label of each category, with its skeleton if it has keypoints."""
    longest: dict[int | str, int] = {}
    only_points: dict[int | str, bool] = {}
    for found in annotations:
        if found.keypoints:
            number = found.category_id
            longest[number] = max(longest.get(number, 0), min(-(-len(found.keypoints) // 3), MOST_KEYPOINTS))
            only_points[number] = only_points.get(number, True) and _is_point(found)
    of_points = frozenset(number for number, is_point in only_points.items() if is_point)
    names: set[str] = set()
    for category in categories:
        place = f"category {category.id}"
        count = longest.get(category.id, 0)
        is_unused = not count and category.keypoints == ["point"] and not category.skeleton
        skeleton = None if is_unused or category.id in of_points else skeleton_of(source, category, count, place)
        if category.name in names:
            said = f"another category is named {category.name} too, so they are one label"
            source.problem(ProblemCode.DUPLICATE_ENTRY, place, said)
        try:
            builder.add_label(category.name, skeleton, source=category.source)
        except UsageError:
            if category.name not in names:
                said = f"another file has other keypoints of {category.name}"
                source.problem(ProblemCode.DUPLICATE_ENTRY, place, said)
        names.add(category.name)
    return Categories({category.id: category.name for category in categories}, of_points)


def _is_point(found: ReadAnnotation) -> bool:
    """Whether an annotation is a point as ``write_coco`` writes it."""
    numbers = found.keypoints or []
    return len(numbers) == 3 and numbers[2] == VISIBLE and found.bbox in (None, [*numbers[:2], 0, 0])  # noqa: PLR2004


def skeleton_of(source: Reading, category: ReadCategory, count: int, place: str) -> Skeleton | None:
    """What a category says of its keypoints, of which annotations have up to ``count``; what does not fit is told."""
    names = category.keypoints or []
    if not (isinstance(names, list) and all(isinstance(name, str) for name in names[: MOST_KEYPOINTS + 1])) or (
        len(names) > MOST_KEYPOINTS
    ):
        source.problem(ProblemCode.MALFORMED_ENTRY, place, f"keypoints is not a list of at most {MOST_KEYPOINTS} names")
        names = []
    if not names and not count:
        return None
    if 0 < len(names) < count:
        source.problem(ProblemCode.MALFORMED_ENTRY, place, f"{len(names)} names for {count} keypoints")
    names = [*names, *map(str, range(len(names), count))]
    own = category.perceptron_annotations
    flip = own.get("flip") if isinstance(own, dict) else None
    if flip is not None and not (
        isinstance(flip, list) and all(type(partner) is int for partner in flip) and is_flip(flip, len(names))
    ):
        source.problem(ProblemCode.MALFORMED_ENTRY, place, "flip does not fit the keypoints")
        flip = None
    return Skeleton(tuple(names), _edges(source, category.skeleton or [], len(names), place), tuple(flip or ()))


def _edges(source: Reading, edges: Any, count: int, place: str) -> tuple[tuple[int, int], ...]:
    """The edges of a category with indices from 0; none if one of them does not fit."""
    if not isinstance(edges, list) or not all(
        isinstance(edge, list) and len(edge) == 2 and all(type(end) is int and 1 <= end <= count for end in edge)  # noqa: PLR2004
        for edge in edges
    ):
        source.problem(ProblemCode.MALFORMED_ENTRY, place, f"skeleton is not a list of pairs from 1 to {count}")
        return ()
    return tuple([(start - 1, end - 1) for start, end in edges])


class Place(NamedTuple):
    """Where the rows of an annotation belong, and when they are there."""

    asset: int
    object: int
    t: float | None = None
    track: bool = False


def add_annotation(
    source: Reading, builder: DatasetBuilder, found: ReadAnnotation, categories: Categories, at: Place
) -> None:
    """Enter the rows of an annotation; its keypoints are beside the first of them."""
    label = categories.names[found.category_id]
    shapes, keypoints = shapes_of(source, found), None
    if found.keypoints and found.category_id in categories.of_points:
        shapes = [each for each in shapes if each[0] is not AnnotationKind.BOX]
        shapes.append((AnnotationKind.POINT, np.array([found.keypoints[:2]])))
    elif found.keypoints and label in builder.skeletons:
        place = f"annotation {found.id}"
        keypoints = read_keypoints(source, found.keypoints, builder.skeletons[label], place)
        bounds = None if keypoints is None else _labelled_bounds(keypoints)
        shapes = shapes or ([] if bounds is None else [(AnnotationKind.BOX, bounds)])
    for kind, coords in shapes:
        builder.add(
            at.asset,
            kind,
            coords,
            label,
            object=at.object,
            t=at.t,
            track=at.track,
            keypoints=keypoints,
            **context_of(source, found),
        )
        keypoints = None


def _labelled_bounds(keypoints: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """``(2, 2)``: the corners of the bounds of the labelled keypoints, for a pose without a box; None without any."""
    labelled = keypoints[keypoints[:, 2] > MISSING, :2]
    return np.array([labelled.min(axis=0), labelled.max(axis=0)]) if len(labelled) else None
