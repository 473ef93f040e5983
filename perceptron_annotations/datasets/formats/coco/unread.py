"""The fields of COCO files that a dataset has no place for: licences, addresses and dates, and what tools add."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from msgspec import Struct

from .._reading import Reading
from .._unread import others_in
from .entries import HEAD, ReadAnnotation, ReadCategory, ReadImage


def fields_of(kind: type[Struct], *others: str) -> frozenset[str]:
    """The fields of an entry that are read, or that say what is known without them."""
    return frozenset([*kind.__struct_fields__, *others])


#: What is read of the entries of each list; the number of keypoints is that of those that are labelled.
KNOWN: Mapping[str, Collection[str]] = {
    "annotations": fields_of(ReadAnnotation, "num_keypoints"),
    "images": fields_of(ReadImage),
    "categories": fields_of(ReadCategory),
    "keypoint_categories": ("id", "name"),
}


def leave_unread(
    source: Reading,
    data: bytes,
    annotations: list[Any] | None = None,
    known: Mapping[str, Collection[str]] = KNOWN,
) -> None:
    """Note what else a COCO file says; its ``annotations`` are given if they may have other fields at all."""
    found = others_in(data, ["annotations"])
    head = {name: value for name, value in found.items() if name not in known}
    if head.get("info") == HEAD["info"]:
        del head["info"]
    source.leave_unread("the file", head, ())
    for name, fields in known.items():
        entries = annotations if name == "annotations" else found.get(name)
        for entry in entries if isinstance(entries, list) else ():
            if isinstance(entry, dict):
                source.leave_unread(name, entry, fields)
