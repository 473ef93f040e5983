"""Times in a decoded JSON object: seconds as a number, as ``"3.2s"``, or as a clock shows them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from .json_shapes import as_number

#: The keys of the time of an element, and of the start and the end of a clip.
TIME_KEYS = ("time", "timestamp", "t")
CLIP_KEYS = (("start", "end"), ("start_time", "end_time"))
_CLOCK = re.compile(r"(?:([0-9]{1,4}+):)?([0-9]{1,4}+):([0-9]{1,2}+(?:\.[0-9]{1,9}+)?)")


def seconds(value: Any) -> float | None:
    """The seconds that a value stands for; None if it is not a time.

    >>> seconds(1.5), seconds("3.2s"), seconds("01:02.5"), seconds("1:00:00"), seconds("later")
    (1.5, 3.2, 62.5, 3600.0, None)
    """
    if not isinstance(value, str):
        return as_number(value)
    clock = _CLOCK.fullmatch(value.strip())
    if clock is None:
        return as_number(value.strip().removesuffix("s").rstrip())
    hours, minutes, rest = clock.groups()
    return int(hours or 0) * 3600 + int(minutes) * 60 + float(rest)


def time_of(fields: Mapping[str, Any]) -> tuple[str, float] | None:
    """The first time of an element, and its key; a time is not negative."""
    for name in TIME_KEYS:
        time = seconds(fields.get(name))
        if time is not None and time >= 0:
            return name, time
    return None


def clip_of(fields: Mapping[str, Any]) -> tuple[float, ...] | None:
    """The start and the end of a clip."""
    for start_key, end_key in CLIP_KEYS:
        start, end = seconds(fields.get(start_key)), seconds(fields.get(end_key))
        if start is not None and end is not None:
            return start, end
    return None
