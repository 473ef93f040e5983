"""Structs whose fields are arrays of one length; they are checked when a struct is made, and read-only after that."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, ClassVar, NamedTuple, Self

import numpy as np
from msgspec import Struct
from msgspec.structs import force_setattr, replace
from numpy.typing import NDArray

from ..checked import Checked
from ..errors import UsageError


class Column(NamedTuple):
    """What a column must be: its dtype, and its ``width`` if it is two-dimensional.

    Its length is that of the table plus ``extra``; a column that ``stands_alone`` has a length of its own.

    >>> pa.table.AnnotationTable.COLUMNS["offsets"].described(rows=3)
    'int64 of shape (4,)'
    """

    dtype: type[np.generic]
    width: int | None = None
    extra: int = 0
    stands_alone: bool = False

    @property
    def is_row_wise(self) -> bool:
        """Whether it has one entry for each row."""
        return not self.extra and not self.stands_alone

    def described(self, rows: int) -> str:
        """The dtype and shape in words."""
        length = "any" if self.stands_alone else str(rows + self.extra)
        shape = f"({length},)" if self.width is None else f"({length}, {self.width})"
        return f"{np.dtype(self.dtype)} of shape {shape}"

    def accepts(self, array: object, rows: int) -> bool:
        """Whether ``array`` is such a column of a table with so many rows."""
        if not isinstance(array, np.ndarray) or array.dtype != self.dtype:
            return False
        length = len(array) if self.stands_alone and array.ndim else rows + self.extra
        wanted = (length,) if self.width is None else (length, self.width)
        return bool(array.shape == wanted)


class Columnar(Struct, metaclass=Checked, frozen=True, eq=False, kw_only=True):
    """The base of the tables. Each has its columns in ``COLUMNS``; the first of them gives the number of rows."""

    COLUMNS: ClassVar[Mapping[str, Column]] = {}

    def check(self) -> None:
        """Make the columns read-only, or raise the ``UsageError`` that names the wrong one."""
        first = getattr(self, next(iter(self.COLUMNS)))
        rows = len(first) if isinstance(first, np.ndarray) and first.ndim else 0
        for name, spec in self.COLUMNS.items():
            array = getattr(self, name)
            if not spec.accepts(array, rows):
                came = (
                    f"{array.dtype} of shape {array.shape}" if isinstance(array, np.ndarray) else type(array).__name__
                )
                raise UsageError(f"{name} must be {spec.described(rows)}, but {came} came")
            fixed = array.view()
            fixed.flags.writeable = False
            force_setattr(self, name, fixed)

    def __len__(self) -> int:
        return len(getattr(self, next(iter(self.COLUMNS))))

    def replace(self, **changes: Any) -> Self:
        """The same table with other columns; it is checked like a new one."""
        changed = replace(self, **changes)
        changed.check()
        return changed

    @classmethod
    def row_columns(cls) -> tuple[str, ...]:
        """The columns with one entry for each row."""
        return tuple(name for name, spec in cls.COLUMNS.items() if spec.is_row_wise)

    @property
    def nbytes(self) -> int:
        """The bytes of all arrays."""
        return sum(getattr(self, name).nbytes for name in self.COLUMNS)


def same_columns(one: Columnar, other: Columnar, *, but: Collection[str] = ()) -> bool:
    """Whether all columns and plain fields of two tables are equal, NaN to NaN, except those in ``but``."""
    for name in one.__struct_fields__:
        left, right = getattr(one, name), getattr(other, name)
        if name in but or isinstance(left, Columnar):
            continue
        if isinstance(left, np.ndarray):
            if not np.array_equal(left, right, equal_nan=left.dtype.kind == "f"):
                return False
        elif name != "mentions" and left != right:
            return False
    return True


def check_offsets(name: str, offsets: NDArray[np.int64], end: int) -> None:
    """Raise ``UsageError`` unless ``offsets`` rise from 0 to ``end``."""
    if offsets[0] != 0 or offsets[-1] != end or np.any(offsets[1:] < offsets[:-1]):
        raise UsageError(f"{name} must rise from 0 to {end}")


def check_spans(name: str, spans: NDArray[np.int64]) -> None:
    """Raise ``UsageError`` unless each span is half-open in a text, or ``[-1, -1]`` for no place."""
    start, end = spans[:, 0], spans[:, 1]
    if np.any(wrong := (start > end) | (start < -1) | ((start < 0) & (end >= 0))):
        at = spans[np.flatnonzero(wrong)[0]].tolist()
        raise UsageError(f"{name} must be [start, end], from 0 and in this order, or [-1, -1]; but it has {at}")


def check_range(name: str, numbers: NDArray[Any], low: int, high: int) -> None:
    """Raise ``UsageError`` unless all are from ``low`` to below ``high``."""
    if len(numbers) and not (low <= numbers.min() and numbers.max() < high):
        raise UsageError(f"{name} must be from {low} to {high - 1}, but it has {numbers.min()} to {numbers.max()}")
