"""The dialects by name: the presets, those that a user adds, and JSON with a contract spelt out."""

from __future__ import annotations

import re

from ..errors import UsageError
from ..words import closest
from .action_presets import ACTION_PRESETS
from .bracket_presets import BRACKET_PRESETS
from .dialect import Dialect
from .json_objects import JsonObjects
from .presets import PRESETS
from .scales import Order, PairOrder, Scale
from .tag_presets import TAG_PRESETS
from .token_presets import TOKEN_PRESETS

_added: dict[str, Dialect] = {}
#: ``json-yxyx-1000``: an order, and what the numbers count.
_CONTRACT = re.compile(r"json-(xyxy|yxyx|xywh|cxcywh)-([1-9][0-9]{0,5}|unit|percent|pixels)")


def dialect_named(name: str) -> Dialect:
    """The dialect of this name.

    A contract for JSON needs no preset: ``json-ORDER-SCALE``, with the order xyxy, yxyx, xywh or cxcywh, and the scale
    unit, percent, pixels or the length of a grid. Raises ``UsageError`` with the name that was probably meant.

    >>> from perceptron_annotations.dialects import dialect_named
    >>> dialect_named("json-yxyx-1000").order, dialect_named("qwen3-vl").order
    (<Order.YXYX: 'yxyx'>, <Order.XYXY: 'xyxy'>)
    """
    if not isinstance(name, str):
        raise UsageError(f"dialect must be a Dialect or the name of one, not {name!r}")
    found = _added.get(name) or _PRESETS.get(name) or _contract(name)
    if found is None:
        hint = closest(name, dialect_names())
        raise UsageError(f"there is no dialect {name!r}{hint}; state the contract, such as 'json-xyxy-1000'")
    return found


def known(dialect: Dialect | str) -> Dialect:
    """A dialect, or the one that has this name."""
    return dialect if isinstance(dialect, Dialect) else dialect_named(dialect)


def dialect_if_known(name: str) -> Dialect | None:
    """The dialect of a name that a file has; None for one that only the process knew that wrote it."""
    try:
        return dialect_named(name) if name else None
    except UsageError:
        return None


def dialect_names() -> tuple[str, ...]:
    """The names of all presets, and of the dialects that were added.

    >>> from perceptron_annotations.dialects import dialect_names
    >>> "gemini" in dialect_names()
    True
    """
    return (*_PRESETS, *(name for name in _added if name not in _PRESETS))


def add_dialect(dialect: Dialect) -> None:
    """Make a dialect known by its name, in this process. Raises ``UsageError`` if the name stands for another.

    >>> from perceptron_annotations.dialects import add_dialect, dialect_named
    >>> add_dialect(dialect_named("qwen3-vl").replace(name="our-model", scale=pa.dialects.Scale.percent()))
    >>> pa.parse('{"bbox_2d": [1, 2, 30, 40.5]}', dialect="our-model").boxes[0].frame.width
    100.0
    """
    there = _added.get(dialect.name) or _PRESETS.get(dialect.name) or _contract(dialect.name)
    if there is not None and there != dialect:
        raise UsageError(f"there is a dialect {dialect.name!r} already: choose another name")
    _added[dialect.name] = dialect


_PRESETS = {
    dialect.name: dialect for dialect in (*PRESETS, *TAG_PRESETS, *BRACKET_PRESETS, *ACTION_PRESETS, *TOKEN_PRESETS)
}


def _contract(name: str) -> Dialect | None:
    match = _CONTRACT.fullmatch(name)
    if match is None:
        return None
    order, scale = Order(match[1]), match[2]
    pairs = PairOrder.YX if order is Order.YXYX else PairOrder.XY
    named = {"unit": Scale.unit(), "percent": Scale.percent(), "pixels": Scale.pixels()}
    return Dialect(
        name=name,
        surface=JsonObjects(),
        order=order,
        point_order=pairs,
        polygon_order=pairs,
        scale=named.get(scale) or Scale.grid(int(scale)),
    )
