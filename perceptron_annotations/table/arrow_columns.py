"""One column of Arrow, in any form that an engine gives it → an array of NumPy, or the error that names the column."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import UsageError
from .arrow_schema import field_names, pa
from .texts import Texts

_LISTS = ("is_list", "is_large_list", "is_fixed_size_list", "is_list_view", "is_large_list_view")
_TEXTS = ("is_string", "is_large_string", "is_string_view")


def is_text(kind: Any) -> bool:
    """Whether a type is one of those that hold strings."""
    return _is_one_of(kind, _TEXTS)


def _is_one_of(kind: Any, names: Sequence[str]) -> bool:
    return any(getattr(pa.types, name, _never)(kind) for name in names)  # older versions lack some


def _never(_: Any) -> bool:
    return False


def one_chunk(column: Any) -> Any:
    """A column as one array."""
    if column.num_chunks == 1:
        return column.chunk(0)
    return column.combine_chunks() if column.num_chunks else pa.nulls(0, column.type)


def lists(array: Any, name: str) -> tuple[NDArray[np.int64], Any]:
    """The offsets of a list column, from 0, and the values of all its lists."""
    kind = array.type
    if not len(array):
        values = pa.nulls(0, kind.value_type if _is_one_of(kind, _LISTS) else pa.null())
        return np.zeros(1, dtype=np.int64), values
    if not _is_one_of(kind, _LISTS):
        raise UsageError(f"{name} must hold lists, not {kind}")
    _refuse_nulls(array, name)
    if not _is_one_of(kind, ("is_list", "is_large_list")):
        array = array.cast(pa.large_list(kind.field(0)))
    offsets = array.offsets.to_numpy().astype(np.int64, copy=False)
    values = array.values.slice(offsets[0], offsets[-1] - offsets[0])
    return (offsets - offsets[0] if offsets[0] else offsets), values


def fields(array: Any, kind: Any, name: str, *, optional: Collection[str] = ()) -> dict[str, Any]:
    """The fields of structs, each an array; those of ``kind`` that are ``optional`` and not there are null."""
    wanted = field_names(kind)
    if not len(array):
        return {field: pa.nulls(0, kind.field(field).type) for field in wanted}
    if not pa.types.is_struct(array.type):
        raise UsageError(f"{name} must hold structs, not {array.type}")
    _refuse_nulls(array, name)
    names = field_names(array.type)
    missing = [field for field in wanted if field not in names and field not in optional]
    if missing:
        raise UsageError(f"{name} has no field {', '.join(missing)}")
    if twice := [field for field in wanted if names.count(field) > 1]:
        raise UsageError(f"{name} has several fields with the name {twice[0]!r}")
    found = dict(zip(names, array.flatten(), strict=True))
    return {field: found[field] if field in found else pa.nulls(len(array)) for field in wanted}


def numbers(array: Any, dtype: type[np.generic], name: str) -> NDArray[Any]:
    """Numbers, with nulls as NaN or -1."""
    missing = np.nan if np.issubdtype(dtype, np.floating) else -1
    if pa.types.is_null(array.type):
        return np.full(len(array), missing, dtype=dtype)
    found = _cast(array, dtype, name)
    return _plain(found.fill_null(missing) if found.null_count else found)


def pairs(array: Any, dtype: type[np.generic], name: str) -> NDArray[Any]:
    """``(n, 2)``: lists of two numbers each."""
    if not len(array):
        return np.empty((0, 2), dtype=dtype)
    kind = array.type
    if pa.types.is_fixed_size_list(kind) and kind.list_size == 2:  # noqa: PLR2004 - a pair
        _refuse_nulls(array, name)
        values = array.flatten()
    else:
        offsets, values = lists(array, name)
        if np.any(np.diff(offsets) != 2):  # noqa: PLR2004
            raise UsageError(f"{name} must hold pairs of numbers, but some are longer or shorter")
    _refuse_nulls(values, name)
    return _plain(_cast(values, dtype, name)).reshape(-1, 2)


def booleans(array: Any, name: str) -> NDArray[np.bool_]:
    """Truth values."""
    if len(array) and not pa.types.is_boolean(array.type):
        raise UsageError(f"{name} must hold booleans, not {array.type}")
    _refuse_nulls(array, name)
    return _plain(array).astype(bool, copy=False)


def texts(array: Any, name: str) -> tuple[str, ...]:
    """Strings."""
    found = texts_or_none(array, name)
    known = tuple([text for text in found if text is not None])
    if len(known) < len(found):
        raise UsageError(f"{name} is null in {len(found) - len(known)} of {len(found)} places, where it may not be")
    return known


def texts_in_place(array: Any, name: str) -> Texts:
    """Strings, in the memory of the column if they lie there in a row."""
    if not len(array) or not is_text(array.type) or array.null_count:
        return Texts.of(texts(array, name))
    array = array.cast(pa.large_string())
    _, offsets, data = array.buffers()
    places = np.frombuffer(offsets, dtype=np.int64)[array.offset : array.offset + len(array) + 1]
    return Texts(places, np.frombuffer(data or b"", dtype=np.uint8))


def texts_or_none(array: Any, name: str) -> list[str | None]:
    """Strings, with None for nulls."""
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    if not is_text(array.type) and not pa.types.is_null(array.type):
        raise UsageError(f"{name} must hold strings, not {array.type}")
    found: list[str | None] = array.to_pylist()
    return found


def codes(array: Any, words: Sequence[str], name: str) -> NDArray[np.uint8]:
    """The places of words in their list."""
    places, found = _encoded(array, name)
    known = np.array([*(words.index(word) if word in words else -1 for word in found), -1], dtype=np.int16)
    numbered = known[places]
    if np.any(wrong := numbered < 0):
        place = places[np.flatnonzero(wrong)[0]]
        came = "null" if place < 0 else repr(found[place])
        raise UsageError(f"{name} must be one of {', '.join(words)}, but {came} came")
    return numbered.astype(np.uint8)


class Mentions:
    """The mentions of a table, numbered as they are met."""

    def __init__(self) -> None:
        self._known: dict[str, int] = {}

    def numbers(self, array: Any, name: str) -> NDArray[np.int32]:
        """The numbers of a column of mentions, -1 for nulls."""
        places, words = _encoded(array, name)
        known = [*(self._known.setdefault(word, len(self._known)) for word in words), -1]
        return np.array(known, dtype=np.int32)[places]

    def words(self) -> tuple[str, ...]:
        """All of them, each at its number."""
        return tuple(self._known)


def _encoded(array: Any, name: str) -> tuple[NDArray[np.int64], list[str]]:
    """Which of some words stands in each row; -1 for none."""
    if pa.types.is_null(array.type):
        return np.full(len(array), -1, dtype=np.int64), []
    if not pa.types.is_dictionary(array.type):
        if not is_text(array.type):
            raise UsageError(f"{name} must hold strings, not {array.type}")
        array = array.cast(pa.large_string()).dictionary_encode()
    # The indices may be of an unsigned type, which has no -1.
    places = _plain(array.indices.cast(pa.int64()).fill_null(-1))
    missing = array.dictionary.is_null().to_numpy(zero_copy_only=False)
    words = list(texts(array.dictionary.drop_null(), name))
    if missing.any():
        places = np.append(np.where(missing, -1, np.cumsum(~missing) - 1), -1)[places]
    return places, words


def _cast(array: Any, dtype: type[np.generic], name: str) -> Any:
    """Numbers as numbers of one type, if they all have a place in it."""
    kind, wanted = array.type, pa.from_numpy_dtype(dtype)
    if kind == wanted:
        return array
    if not (pa.types.is_integer(kind) or pa.types.is_floating(kind)):
        raise UsageError(f"{name} must hold numbers, not {kind}")
    try:
        return array.cast(wanted)
    except pa.ArrowInvalid as error:
        raise UsageError(f"{name} must be {wanted}: {error}") from None


def _plain(array: Any) -> NDArray[Any]:
    found: NDArray[Any] = array.to_numpy(zero_copy_only=False)
    return found


def _refuse_nulls(array: Any, name: str) -> None:
    if array.null_count:
        raise UsageError(f"{name} is null in {array.null_count} of {len(array)} places, where it may not be")
