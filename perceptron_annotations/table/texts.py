"""Many strings as one: their UTF-8 in a row, and where each of them begins. A string is made when somebody reads it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise
from typing import Self, overload

import numpy as np
from numpy.typing import NDArray

#: A lone surrogate is written like any other character.
_ERRORS = "surrogatepass"


class Texts(Sequence[str]):
    """A read-only sequence of strings, which is equal to any other with the same strings.

    >>> details = pa.parse_batch(["<point> x </point>", "<point> (5000,1) </point>"]).issues.details
    >>> details[1], list(details)
    ('5000', ['x', '5000'])
    """

    __slots__ = ("_data", "_offsets")

    def __init__(self, offsets: NDArray[np.int64], data: NDArray[np.uint8]) -> None:
        """``data[offsets[i] : offsets[i + 1]]`` is the UTF-8 of string i."""
        self._offsets = offsets
        self._data = data

    @classmethod
    def of(cls, texts: Sequence[str]) -> Self:
        """The strings of any sequence."""
        if isinstance(texts, cls):
            return texts
        encoded = [text.encode("utf-8", _ERRORS) for text in texts]
        offsets = np.fromiter(accumulate(map(len, encoded), initial=0), dtype=np.int64, count=len(encoded) + 1)
        return cls(offsets, np.frombuffer(b"".join(encoded), dtype=np.uint8))

    @property
    def offsets(self) -> NDArray[np.int64]:
        """``(n + 1,)``: where each begins, and where the last ends."""
        return self._offsets

    @property
    def data(self) -> NDArray[np.uint8]:
        """The UTF-8 of all."""
        return self._data

    def __len__(self) -> int:
        return len(self._offsets) - 1

    @overload
    def __getitem__(self, index: int, /) -> str: ...

    @overload
    def __getitem__(self, index: slice, /) -> tuple[str, ...]: ...

    def __getitem__(self, index: int | slice, /) -> str | tuple[str, ...]:
        if isinstance(index, slice):
            return tuple([self[each] for each in range(*index.indices(len(self)))])
        place = range(len(self))[index]
        start, end = self._offsets[place : place + 2].tolist()
        return self._data[start:end].tobytes().decode("utf-8", _ERRORS)

    def __iter__(self) -> Iterator[str]:
        data, ends = self._data.tobytes(), self._offsets.tolist()
        for start, end in pairwise(ends):
            yield data[start:end].decode("utf-8", _ERRORS)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Texts):
            return np.array_equal(self.lengths, other.lengths) and self.tobytes() == other.tobytes()
        if isinstance(other, Sequence) and not isinstance(other, str):
            return len(self) == len(other) and all(map(str.__eq__, self, other))
        return NotImplemented

    __hash__ = None  # type: ignore[assignment]

    @property
    def lengths(self) -> NDArray[np.int64]:
        """The bytes of each."""
        return np.diff(self._offsets)

    def tobytes(self) -> bytes:
        """The UTF-8 of all, without a gap."""
        return self._data[self._offsets[0] : self._offsets[-1]].tobytes()

    def __repr__(self) -> str:
        return repr(tuple(self))

    def __reduce__(self) -> tuple[type[Self], tuple[NDArray[np.int64], NDArray[np.uint8]]]:
        return type(self), (self._offsets, self._data)

    def part(self, start: int, stop: int) -> Texts:
        """Those from ``start`` to before ``stop``, in the same memory."""
        offsets = self._offsets[start : stop + 1]
        return Texts(offsets - offsets[0], self._data[slice(*offsets[[0, -1]].tolist())])

    @staticmethod
    def joined(parts: Sequence[Texts]) -> Texts:
        """One after the other."""
        lengths = np.concatenate([[0], *(part.lengths for part in parts)])
        data = b"".join(part.tobytes() for part in parts)
        return Texts(np.cumsum(lengths, dtype=np.int64), np.frombuffer(data, dtype=np.uint8))
