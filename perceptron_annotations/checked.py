"""Structs that check themselves when they are constructed, and the way around it for callers that have checked.

The public constructor runs ``value.check()``, which may also bring fields to their types; a copy of a template with
other fields does not, and costs a tenth.
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
    """A constructor of values like ``template`` without the checks; every field is given by name.

    For callers that know what the checks would find, as the parser does: finite floats, plain ints, no empty mention.
    """
    return partial(replace, template)
