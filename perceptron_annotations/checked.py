"""Structs that check themselves when they are constructed, and the way around it for callers that have checked.

The public constructor runs ``value.check()``, which may also convert fields to their types. A copy of a template with
other fields does not run it, and takes a tenth of the time.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

from msgspec import Struct, StructMeta
from msgspec.structs import replace

V = TypeVar("V")
S = TypeVar("S", bound=Struct)


class Checked(StructMeta):
    """Checks every value that is constructed, by ``value.check()``.

    Two ways lead around it. :func:`unchecked` is one, for callers that have checked. The other is msgspec: ``decode``
    and ``convert`` make structs without the constructor, so their fields have the right types and nothing more: a time
    may be negative, a polygon may have one vertex. ``value.replace()`` checks such a value; ``read_json_answer`` does
    it. (``__post_init__`` would run there too, but also for each copy of a template.)
    """

    def __call__(cls: type[V], *args: Any, **fields: Any) -> V:  # noqa: N805 - it is a metaclass
        value: Any = StructMeta.__call__(cls, *args, **fields)
        value.check()
        return value  # type: ignore[no-any-return]


def unchecked(template: S) -> Callable[..., S]:
    """A constructor of values like ``template`` without the checks; fields are given by name.

    It is for callers that know what the checks would find, such as the parser: floats are finite, ints are plain ints,
    and no mention is empty.
    """
    return partial(replace, template)
