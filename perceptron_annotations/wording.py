"""How sentences say numbers of things."""

from __future__ import annotations


def counted(number: int, noun: str, plural: str = "") -> str:
    """A number with its noun; the plural has an s, unless another one is given.

    >>> counted(1, "label"), counted(24, "label"), counted(2, "box", "boxes")
    ('1 label', '24 labels', '2 boxes')
    """
    return f"{number} {noun if number == 1 else plural or noun + 's'}"
