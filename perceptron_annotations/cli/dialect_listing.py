"""``dialects``: how other models write that is known by name."""

from __future__ import annotations

from ..dialects import Dialect, dialect_named, dialect_names
from .console import console, print_table


def print_dialects() -> None:
    """Print a row for each dialect that has a name."""
    out = console()
    rows = [_row(dialect_named(name)) for name in dialect_names()]
    print_table(out, "dialects", ("name", "order", "numbers", "models", "source"), rows)
    out.print("Any other list of JSON objects is stated: json-ORDER-SCALE, such as json-xyxy-999 or json-yxyx-pixels.")
    out.print("by-model takes each answer for the dialect of the model that is recorded with it.")


def _row(dialect: Dialect) -> tuple[str, ...]:
    source = f"{dialect.source} ({dialect.date})" if dialect.date else dialect.source
    return dialect.name, dialect.order.value, _numbers(dialect), " ".join(dialect.models), source


def _numbers(dialect: Dialect) -> str:
    """What the numbers of a dialect count."""
    scale = dialect.scale
    if scale.parts is None:
        return "pixels" if scale.resize is None else f"pixels, {scale.resize.value}"
    return f"0-{scale.parts:g}" + (" (bin centres)" if scale.offset else "")
