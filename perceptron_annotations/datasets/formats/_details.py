"""What files say of objects beyond shape and label, read: keypoints, skeletons and attributes, as far as they fit."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
from typing import Any, TypeAlias

import msgspec
import numpy as np
from numpy.typing import NDArray

from ...files import DECODE_ERRORS
from ...problems import ProblemCode
from ..builder import DatasetBuilder
from ..dataset import Dataset
from ..keypoints import VISIBLE, Skeleton
from ..label_source import LabelSource
from ._reading import Reading

Value: TypeAlias = str | int | float | bool
#: Whole numbers below this, in either direction, fit into 64 bits, as JSON and Arrow write them.
_INTEGERS = 2**63


def read_attributes(source: Reading, found: Any, place: str) -> dict[str, Value]:
    """The attributes in a JSON object; a value that is not text, a finite number or a boolean is told."""
    if not isinstance(found, dict):
        if found is not None:
            source.problem(ProblemCode.MALFORMED_ENTRY, place, "its attributes are not a JSON object")
        return {}
    held = {name: value for name, value in found.items() if _is_held(value)}
    for name in found.keys() - held.keys():
        source.problem(ProblemCode.UNSUPPORTED_ENTRY, place, f"the attribute {name} is not a text, number or boolean")
    return held


def _is_held(value: Any) -> bool:
    if isinstance(value, int):
        return abs(value) < _INTEGERS
    return isinstance(value, str) or (isinstance(value, float) and isfinite(value))


def value_of(text: str) -> Value:
    """The value that :func:`text_of` writes as ``text``: a boolean or a number if it looks like one, else the text."""
    if text in ("true", "false"):
        return text == "true"
    number: int | float
    for kind in (int, float):
        try:
            number = kind(text)
        except ValueError:
            continue
        if repr(number) == text and _is_held(number):
            return number
    return text


def text_of(value: Value) -> str:
    """A value as files of texts have it: ``true``, ``2``, ``0.5``, or the text itself."""
    return value if isinstance(value, str) else str(value).lower() if isinstance(value, bool) else repr(value)


def read_keypoints(
    source: Reading, numbers: Sequence[float], skeleton: Skeleton, place: str
) -> NDArray[np.float64] | None:
    """``(k, 3)``: x, y and visibility of the keypoints of a skeleton, from such numbers in one list.

    Those at the end that the list does not have are missing ones. None if the list is malformed, which is told.
    """
    found, count = np.array(numbers, dtype=np.float64), len(skeleton)
    if found.ndim != 1 or len(found) % 3 or len(found) > 3 * count:
        source.problem(ProblemCode.MALFORMED_ENTRY, place, f"keypoints is not x, y and visibility of {count} keypoints")
        return None
    triples = np.concatenate([found, np.zeros(3 * count - len(found))]).reshape(-1, 3)
    if not np.isfinite(triples).all():
        source.problem(ProblemCode.NON_FINITE_COORDINATES, place)
        return None
    wrong = ~np.isin(triples[:, 2], range(VISIBLE + 1))
    if wrong.any():
        source.problem(ProblemCode.MALFORMED_ENTRY, place, "the visibility of a keypoint is not 0, 1 or 2")
        triples[wrong, 2] = VISIBLE
    return triples


def skeletons_by_label(dataset: Dataset) -> dict[str, Skeleton]:
    """The skeletons of the labels that have one."""
    found = zip(dataset.labels, dataset.skeletons, strict=True)
    return {label: skeleton for label, skeleton in found if skeleton is not None}


def sources_by_label(dataset: Dataset) -> dict[str, LabelSource]:
    """What the labels were called that were read from a file."""
    found = zip(dataset.labels, dataset.label_sources, strict=True)
    return {label: source for label, source in found if source is not None}


def enter_label_sources(source: Reading, builder: DatasetBuilder, found: Any, place: str) -> None:
    """Enter what labels were called, from a JSON object by label; what is malformed is told."""
    try:
        sources = msgspec.convert(found, dict[str, LabelSource])
    except DECODE_ERRORS as error:
        source.problem(ProblemCode.MALFORMED_ENTRY, place, f"label_sources: {error}")
        return
    for label, each in sources.items():
        builder.add_label(label, source=each)


def enter_skeletons(source: Reading, builder: DatasetBuilder, found: Any, place: str) -> None:
    """Enter skeletons from a JSON object by label; those that are malformed, or contradict others, are told."""
    if not isinstance(found, dict):
        source.problem(ProblemCode.MALFORMED_ENTRY, place, "skeletons is not a JSON object")
        return
    for label, entry in found.items():
        try:
            read = msgspec.convert(entry, Skeleton)
            builder.add_label(label, Skeleton(read.names, read.edges, read.flip))
        except DECODE_ERRORS as error:
            source.problem(ProblemCode.MALFORMED_ENTRY, place, f"the skeleton of {label}: {error}")
