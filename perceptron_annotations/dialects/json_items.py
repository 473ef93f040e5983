"""One decoded JSON object of an answer → what it says: an item, or why there is none."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from ..geometry import AnnotationKind
from ..issues import IssueCode
from .json_shapes import (
    GEOMETRY_KEYS,
    MASK_KEY,
    SIDE_KEYS,
    SPACE_KEYS,
    Shape,
    Unfit,
    as_number,
    looks_placed,
    near_shape,
    shapes_of,
)
from .json_times import CLIP_KEYS, clip_of, time_of
from .pieces import Group, Item, Remark

LABEL_KEYS = ("label", "class_name", "class", "object_name", "name", "category", "description", "caption", "text")
_SCORE_KEYS = ("confidence", "score")
#: The fields that are not kept as attributes.
_READ = GEOMETRY_KEYS | SIDE_KEYS | {*LABEL_KEYS, *_SCORE_KEYS}
_CLIP_FIELDS = frozenset(name for names in CLIP_KEYS for name in names)


class Said(NamedTuple):
    """What an object says. Without content and remarks it is not about geometry at all."""

    content: Item | Group | None
    remarks: tuple[Remark, ...] = ()


def said_by(fields: Mapping[str, Any], text: str, *, second: float | None = None, salvage: bool = False) -> Said:
    """What a decoded object says.

    Args:
        fields: The object.
        text: How it is written, for remarks.
        second: The time that stands around it, if one does.
        salvage: Whether a near miss is kept.
    """
    try:
        shapes = shapes_of(fields)
    except Unfit:
        return Said(None, (Remark(IssueCode.INVALID_ITEM, text),))
    if shapes:
        return Said(_content(fields, shapes, second))
    clip = clip_of(fields)
    if clip is not None:
        return Said(_clip(fields, clip))
    return _without_geometry(fields, text, second=second, salvage=salvage)


def said_by_all(parts: Sequence[Mapping[str, Any]], text: str) -> Said:
    """What the parts of an object say in which keys stand twice; a label that stands once belongs to all of them."""
    contents = [said.content for part in parts if (said := said_by(part, text)).content is not None]
    labels = [label for part in parts if (label := _label(part)) is not None]
    if not contents:
        return Said(None, (Remark(IssueCode.INVALID_ITEM, text),))
    shared = labels[0] if len(labels) == 1 else None
    group = Group(tag="collection", members=tuple(contents), label=shared)
    return Said(group, (Remark(IssueCode.INVALID_ITEM, f"a key stands twice: {text}", recovered=True),))


def _content(fields: Mapping[str, Any], shapes: Sequence[Shape], second: float | None) -> Item | Group:
    label, score, time = _label(fields), _score(fields), time_of(fields)
    read = _READ if time is None else _READ | {time[0]}
    if any(shape.kind is AnnotationKind.POLYGON for shape in shapes):
        read = read | {MASK_KEY} if isinstance(fields.get(MASK_KEY), list) else read
    others = _attributes(fields, read)
    t = second if time is None else time[1]
    if len(shapes) == 1:
        kind, numbers, named = shapes[0]
        return Item(kind=kind, numbers=numbers, named=named, label=label, score=score, t=t, attributes=others)
    members = tuple(Item(kind=kind, numbers=numbers, named=named, score=score, t=t) for kind, numbers, named in shapes)
    return Group(tag="collection", members=members, label=label, attributes=others)


def _clip(fields: Mapping[str, Any], clip: tuple[float, ...]) -> Item:
    others = _attributes(fields, _READ | _CLIP_FIELDS)
    kind = AnnotationKind.CLIP
    return Item(kind=kind, numbers=clip, label=_label(fields), score=_score(fields), attributes=others)


def _attributes(fields: Mapping[str, Any], read: frozenset[str]) -> tuple[tuple[str, str], ...]:
    return tuple((name, _as_text(value)) for name, value in fields.items() if name not in read)


def _without_geometry(fields: Mapping[str, Any], text: str, *, second: float | None, salvage: bool) -> Said:
    """An object that says where nothing is: its geometry is null, or it should have some and has none."""
    if any(name in GEOMETRY_KEYS and value is None for name, value in fields.items()):
        return Said(None, (Remark(IssueCode.INVALID_ITEM, text, recovered=True),))
    if any(name in SPACE_KEYS for name in fields):
        return Said(None, (Remark(IssueCode.INVALID_ITEM, f"a box in space has no value here: {text}"),))
    near = near_shape(fields) if salvage else None
    if near is not None:
        return Said(_content(fields, [near], second), (Remark(IssueCode.INVALID_ITEM, text, recovered=True),))
    if any(name in LABEL_KEYS or looks_placed(value) for name, value in fields.items()):
        return Said(None, (Remark(IssueCode.INVALID_ITEM, text),))
    return Said(None)


def _label(fields: Mapping[str, Any]) -> str | None:
    """The first label that is a text, or a number as text."""
    for name in LABEL_KEYS:
        value = fields.get(name)
        if isinstance(value, str | int | float) and not isinstance(value, bool) and value != "":
            return str(value)
    return None


def _score(fields: Mapping[str, Any]) -> float | None:
    """The first confidence from 0 to 1."""
    for name in _SCORE_KEYS:
        number = as_number(fields.get(name))
        if number is not None and 0 <= number <= 1:
            return number
    return None


def _as_text(content: Any) -> str:
    return content if isinstance(content, str) else json.dumps(content, ensure_ascii=False, default=str)
