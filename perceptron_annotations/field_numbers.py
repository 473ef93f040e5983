"""Numbers as callers give them (of Python, of NumPy, of a data frame) → the finite floats that values hold."""

from __future__ import annotations

from math import inf, isfinite
from typing import Any

from .errors import GeometryError, UsageError


def finite_number(name: str, value: object, error: type[UsageError] = GeometryError) -> float:
    """``value`` as a finite float, or the error that names the field.

    >>> finite_number("x", 3)
    3.0
    """
    if isinstance(value, bool | str) or not hasattr(value, "__float__") or not _is_plain(value):
        raise error(f"{name} must be a number, not {value!r}")
    try:
        number = float(value)
    except OverflowError:
        number = inf
    if not isfinite(number):
        raise error(f"{name} must be finite, not {value!r}")
    return number


def _is_plain(value: object) -> bool:
    """Whether NumPy's value, if it is one, is a single number and not a truth value or a complex number."""
    kind = getattr(getattr(value, "dtype", None), "kind", "f")
    return kind in "iuf" and not getattr(value, "ndim", 0)


def seconds(name: str, value: object) -> float:
    """``value`` as seconds from the start of a video, or the error that names the field.

    >>> seconds("t", 1)
    1.0
    """
    number = finite_number(name, value)
    if number < 0:
        raise GeometryError(f"{name} must be seconds from the start, not negative: {value!r}")
    return number + 0.0  # -0.0 becomes 0.0


def above_zero(name: str, value: object, error: type[UsageError]) -> float:
    """``value`` as a finite number above zero, or the error that names the field; a whole number stays an int.

    >>> above_zero("width", 640, UsageError)
    640
    """
    number = finite_number(name, value, error)
    if number <= 0:
        raise error(f"{name} must be above zero, not {value!r}")
    return value.__index__() if hasattr(value, "__index__") else number


def of_python(value: Any) -> Any:
    """A number of NumPy as Python's, which files can hold; everything else as it is.

    >>> of_python(640)
    640
    """
    return value.item() if hasattr(value, "dtype") else value
