"""The name of a model → the dialect in which it is known to answer."""

from __future__ import annotations

from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Final

from .dialect import Dialect
from .known_dialects import dialect_named, dialect_names

#: In place of the name of a dialect: each answer is in the dialect of the model that is recorded with it.
BY_MODEL: Final = "by-model"


def dialect_of_model(model: str | None) -> Dialect | None:
    """The dialect whose ``models`` match a name, in any case, with or without a vendor before a slash; else None.

    If several match, it is the one with the longest pattern, and then the first of :func:`dialect_names`. A model
    answers as it was asked: this is how its maker asks.

    >>> from perceptron_annotations.dialects import dialect_of_model
    >>> dialect_of_model("qwen/Qwen3-VL-8B-Instruct").name, dialect_of_model("perceptron-mk1")
    ('qwen3-vl', None)
    """
    return None if not model else _found(model.casefold(), dialect_names())


@lru_cache(maxsize=1024)
def _found(model: str, names: tuple[str, ...]) -> Dialect | None:
    """The dialect of a model among those of these names, which change if a user adds one."""
    own = model.rpartition("/")[2]
    best, longest = None, 0
    for dialect in map(dialect_named, names):
        for pattern in dialect.models:
            folded = pattern.casefold()
            if len(pattern) > longest and (fnmatchcase(own, folded) or fnmatchcase(model, folded)):
                best, longest = dialect, len(pattern)
    return best
