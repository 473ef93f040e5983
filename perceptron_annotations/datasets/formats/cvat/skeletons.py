"""The labels of CVAT's XML, with the skeletons that some of them have, and poses: ``<skeleton>`` with ``<points>``.

The keypoints of a skeleton are labels whose ``<parent>`` is its own, in their order; what they look like is a drawing
in SVG, whose lines join them. A keypoint that is ``outside`` is not labelled, and one that is ``occluded`` is hidden.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import unescape
from math import cos, pi, sin
from typing import Any, NamedTuple

import numpy as np
from lxml import etree
from numpy.typing import NDArray

from ....errors import UsageError
from ....problems import ProblemCode
from ...builder import DatasetBuilder
from ...dataset import Dataset
from ...keypoints import HIDDEN, MISSING, MOST_KEYPOINTS, VISIBLE, Skeleton
from .._details import skeletons_by_label
from .._reading import Reading
from .._selection import vocabulary
from .._xml import child_text, element, xml_text
from .shapes import STATE, pairs_of

#: A shape of the drawing and what it is, and one of its attributes.
_SHAPE = re.compile(r'<(line|circle)\b((?:[^<>"]|"[^"]*+")*+)>')
_FIELD = re.compile(r'data-(node-from|node-to|node-id|label-name)="([^"]*)"')


def write_labels(task: Any, dataset: Dataset) -> None:
    """The labels of a task with the names of their attributes; the keypoints of a skeleton follow its label."""
    labels, skeletons, names = element(task, "labels"), skeletons_by_label(dataset), _attribute_names(dataset)
    for label in vocabulary(dataset):
        made, skeleton = element(labels, "label"), skeletons.get(label)
        element(made, "name", label)
        if skeleton is not None:
            element(made, "type", "skeleton")
        if label in names:
            attributes = element(made, "attributes")
            for name in names[label]:
                _declare(attributes, name)
        if skeleton is not None:
            element(made, "svg", _drawing(skeleton))
            for name in skeleton.names:
                keypoint = element(labels, "label")
                for tag, text in (("name", name), ("type", "points"), ("parent", label)):
                    element(keypoint, tag, text)


def _attribute_names(dataset: Dataset) -> dict[str, list[str]]:
    """The names of the attributes that the rows of each label have, apart from those that every shape has."""
    found: dict[str, dict[str, None]] = {}
    for row, attributes in enumerate(dataset.attributes or ()):
        names = [name for name, _ in attributes if name not in STATE]
        label = dataset.label_of(row)
        if names and label is not None:
            found.setdefault(label, {}).update(dict.fromkeys(names))
    return {label: list(names) for label, names in found.items()}


def _declare(attributes: Any, name: str) -> None:
    """An attribute of a label: a text, which may have any value."""
    made = element(attributes, "attribute")
    for tag, text in (("name", name), ("mutable", "False"), ("input_type", "text"), ("default_value", "")):
        element(made, tag, text)


def _drawing(skeleton: Skeleton) -> str:
    """What a skeleton looks like: its keypoints in a circle, from the top."""
    count = len(skeleton)
    turns = [2 * pi * index / max(count, 1) for index in range(count)]
    at = [(round(50 + 40 * sin(turn), 2), round(50 - 40 * cos(turn), 2)) for turn in turns]
    drawing = etree.Element("svg")
    for start, end in skeleton.edges:
        ends = {"x1": at[start][0], "y1": at[start][1], "x2": at[end][0], "y2": at[end][1]}
        nodes = {"data-type": "edge", "data-node-from": start + 1, "data-node-to": end + 1}
        element(drawing, "line", **ends, stroke="black", **{"stroke-width": 0.5}, **nodes)
    for number, (name, (x, y)) in enumerate(zip(skeleton.names, at, strict=True), start=1):
        node = {"data-type": "element node", "data-element-id": number, "data-node-id": number, "data-label-name": name}
        element(drawing, "circle", r=1.5, stroke="black", fill="#b3b3b3", cx=x, cy=y, **{"stroke-width": 0.1}, **node)
    return "".join([etree.tostring(shape, encoding="unicode", method="html") for shape in drawing])


def write_pose(parent: Any, skeleton: Skeleton, triples: NDArray[np.float64], **attributes: object) -> Any:
    """A pose as an element below ``parent``: a point for each keypoint, ``(k, 3)``."""
    made = element(parent, "skeleton", **attributes)
    frame = {"keyframe": 1} if "frame" in attributes else {}
    for name, (x, y, seen) in zip(skeleton.names, triples.tolist(), strict=True):
        state = {"occluded": int(seen == HIDDEN), "outside": int(seen == MISSING)}
        element(made, "points", label=name, source="auto", **state, **frame, points=f"{x!r},{y!r}")
    return made


# -- reading ---------------------------------------------------------------------------------------------------------


def read_labels(source: Reading, builder: DatasetBuilder, root: Any) -> None:
    """Enter the labels of a file; keypoints are not labels but names of the skeleton that is their parent."""
    parents: dict[str, list[str]] = {}
    labels = root.findall("meta//labels/label")
    for label in labels:
        name, parent = label.findtext("name"), child_text(label, "parent")
        if name and parent:
            parents.setdefault(parent, []).append(name)
    for label in labels:
        name = label.findtext("name")
        if name and not child_text(label, "parent"):
            skeleton = _skeleton(source, parents.get(name, []), label.findtext("svg") or "", f"label {name}")
            _enter(source, builder, name, skeleton)
    _enter_undeclared(source, builder, root)


def _enter(source: Reading, builder: DatasetBuilder, name: str, skeleton: Skeleton | None) -> None:
    try:
        builder.add_label(name, skeleton)
    except UsageError:
        source.problem(ProblemCode.DUPLICATE_ENTRY, f"label {name}", "it has other keypoints before")


def _skeleton(source: Reading, names: list[str], drawing: str, place: str) -> Skeleton | None:
    """A skeleton, whose edges are the lines of its drawing; None for a label without keypoints."""
    if len(names) > MOST_KEYPOINTS:
        source.problem(ProblemCode.UNSUPPORTED_ENTRY, place, f"more than {MOST_KEYPOINTS} keypoints")
    if not 0 < len(names) <= MOST_KEYPOINTS:
        return None
    nodes, lines = {}, []
    for kind, text in _SHAPE.findall(drawing):
        fields = {name: unescape(value) for name, value in _FIELD.findall(text)}
        if kind == "line":
            lines.append((fields.get("node-from"), fields.get("node-to")))
        else:
            nodes[fields.get("node-id")] = fields.get("label-name")
    ends = [(nodes.get(start), nodes.get(end)) for start, end in lines]
    place_of = {name: index for index, name in enumerate(names)}
    edges = [(place_of[start], place_of[end]) for start, end in ends if start in place_of and end in place_of]
    if len(edges) < len(lines):
        source.problem(ProblemCode.DANGLING_REFERENCE, place, "a line of its drawing does not join two keypoints")
    return Skeleton(tuple(names), tuple(edges))


def _enter_undeclared(source: Reading, builder: DatasetBuilder, root: Any) -> None:
    """Enter the skeletons that the file does not declare, by the keypoints of their poses as they first come."""
    found: dict[str, dict[str, None]] = {}
    for pose in root.iter("skeleton"):
        label = pose.get("label") or pose.getparent().get("label")
        if label and label not in builder.skeletons:
            keypoints = [name for name in (point.get("label") for point in pose.iterfind("points")) if name]
            found.setdefault(label, {}).update(dict.fromkeys(keypoints))
    for label, names in found.items():
        if names:
            _enter(source, builder, label, _skeleton(source, list(names), "", f"label {label}"))


class Pose(NamedTuple):
    """A pose: ``keypoints`` ``(k, 3)``, and ``box`` ``(2, 2)``, the corners of the bounds of the labelled ones."""

    keypoints: NDArray[np.float64]
    box: NDArray[np.float64]


def read_pose(source: Reading, pose: Any, skeleton: Skeleton | None, place: str) -> Pose | None:
    """What a ``<skeleton>`` says; None if nothing of it is anywhere. What does not fit is told."""
    triples = np.zeros((0 if skeleton is None else len(skeleton), 3))
    points: Iterable[Any] = pose.iterfind("points")
    for point in points:
        pairs, name = pairs_of(point.get("points")), point.get("label")
        if pairs is None or len(pairs) != 1 or skeleton is None or name not in skeleton.names:
            source.problem(ProblemCode.MALFORMED_ENTRY, place, f"the keypoint {xml_text(name)}")
            continue
        if point.find("attribute") is not None:
            source.problem(ProblemCode.UNSUPPORTED_ENTRY, place, f"an attribute of the keypoint {name}")
        seen = MISSING if point.get("outside") == "1" else HIDDEN if point.get("occluded") == "1" else VISIBLE
        triples[skeleton.names.index(name)] = [*pairs[0], seen]
    for rows in (triples[:, 2] > MISSING, triples.any(axis=1)):
        if rows.any():
            return Pose(triples, np.array([triples[rows, :2].min(axis=0), triples[rows, :2].max(axis=0)]))
    source.problem(ProblemCode.MALFORMED_ENTRY, place, "a skeleton without any keypoint")
    return None
