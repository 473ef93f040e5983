"""The shapes of CVAT's XML: elements below the images of one format, and below the tracks of the other."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import numpy as np
from lxml import etree
from numpy.typing import NDArray

from ....geometry import AnnotationKind
from ....problems import ProblemCode
from ...dataset import Attributes
from .._details import Value, text_of, value_of
from .._reading import Reading
from .._xml import element

TAGS = {AnnotationKind.POINT: "points", AnnotationKind.BOX: "box", AnnotationKind.POLYGON: "polygon"}
_KINDS = {tag: kind for kind, tag in TAGS.items()}
#: Attributes of an object that are XML attributes of its element, and the types of their values.
STATE: Mapping[str, type] = {"occluded": bool, "z_order": int, "group_id": int}
_EDGES = ("xtl", "ytl", "xbr", "ybr")
#: What is read of an element, and the times of a track.
_READ = frozenset({"label", "points", "rotation", "frame", "outside", "keyframe", "id", *STATE, *_EDGES})


def shape_attributes(kind: AnnotationKind, coords: NDArray[np.float64]) -> dict[str, str]:
    """The coordinates ``(V, 2)`` of a shape as XML attributes, with all their digits."""
    if kind is AnnotationKind.BOX:
        edges = [*coords.min(axis=0).tolist(), *coords.max(axis=0).tolist()]
        return dict(zip(_EDGES, map(repr, edges), strict=True))
    return {"points": ";".join(f"{x!r},{y!r}" for x, y in coords.tolist())}


def state_of(attributes: Attributes) -> dict[str, object]:
    """The attributes of an object that are XML attributes of its element."""
    given = {name: value for name, value in attributes if _is_state(name, value)}
    state: dict[str, object] = {"occluded": int(bool(given.get("occluded"))), "z_order": given.get("z_order", 0)}
    return state | ({"group_id": given["group_id"]} if "group_id" in given else {})


def write_attributes(shape: Any, attributes: Attributes) -> None:
    """The other attributes of an object, below its element."""
    for name, value in attributes:
        if not _is_state(name, value):
            element(shape, "attribute", text_of(value), name=name)


def _is_state(name: str, value: object) -> bool:
    kind = STATE.get(name)
    return kind is not None and type(value) is kind


def read_attributes(shape: Any) -> dict[str, Value]:
    """What an element says beside its label and its place; a value that looks like a number or a boolean is one."""
    found: dict[str, Value] = {"occluded": True} if shape.get("occluded") == "1" else {}
    for name in ("z_order", "group_id"):
        number = value_of(shape.get(name) or "0")
        if number and type(number) is int:
            found[name] = number
    for attribute in shape.iterfind("attribute"):
        if attribute.get("name"):
            found[attribute.get("name")] = value_of(attribute.text or "")
    return found


def leave_unread(source: Reading, shape: Any) -> None:
    """Note what an element says beside its label, its place and its attributes, and the usual ways to make it."""
    usual = ["source"] if shape.get("source") in ("manual", "auto") else []
    source.leave_unread("shapes", shape.attrib, _READ.union(usual))


def leave_meta_unread(source: Reading, root: Any, known: Collection[str] = ()) -> None:
    """Note what a file says of its task or project and of who made it, beside the fields that are ``known``."""
    for part in root.iterfind("meta/*"):
        fields = list(part.iterchildren(tag=etree.Element)) or [part]
        texts = {each.tag: " ".join(" ".join(each.itertext()).split()) for each in fields if each.tag != "labels"}
        source.leave_unread("meta", texts, ("perceptron_annotations", "fps", *known))


def shape_rows(source: Reading, shape: Any, place: str) -> list[tuple[AnnotationKind, NDArray[np.float64]]]:
    """The rows of an element: one, or as many as it has points; none if it is malformed or of another kind."""
    kind = _KINDS.get(shape.tag)
    if kind is None or finite(shape.get("rotation")):
        source.problem(ProblemCode.UNSUPPORTED_ENTRY, place, shape.tag if kind is None else f"a turned {shape.tag}")
        return []
    leave_unread(source, shape)
    coords = _coords(shape, kind)
    if coords is None:
        source.problem(ProblemCode.MALFORMED_ENTRY, place, f"the coordinates of a {shape.tag}")
        return []
    return [(kind, part) for part in (coords[:, None] if kind is AnnotationKind.POINT else [coords])]


def _coords(shape: Any, kind: AnnotationKind) -> NDArray[np.float64] | None:
    """The vertices of a shape, or None if they are malformed."""
    if kind is AnnotationKind.BOX:
        edges = [finite(shape.get(edge)) for edge in _EDGES]
        return None if None in edges else np.array(edges, dtype=np.float64).reshape(2, 2)
    found = pairs_of(shape.get("points"))
    return found if found is not None and len(found) >= (3 if kind is AnnotationKind.POLYGON else 1) else None


def pairs_of(text: str | None) -> NDArray[np.float64] | None:
    """``(V, 2)``: the pairs of an attribute ``points``, or None if they are malformed."""
    try:
        found = np.array([[float(number) for number in pair.split(",")] for pair in (text or "").split(";")])
    except ValueError:
        return None
    good = found.ndim == 2 and found.shape[1] == 2 and np.isfinite(found).all()  # noqa: PLR2004
    return found if good else None


def split_of_subset(subset: str | None) -> str | None:
    """The split that a subset is; CVAT's own subset, ``default``, is none."""
    return None if subset in (None, "", "default") else subset


def finite(text: str | None) -> float | None:
    """The number in an attribute; None if it is missing or not a finite number."""
    try:
        number = float(text or "")
    except ValueError:
        return None
    return number if np.isfinite(number) else None
