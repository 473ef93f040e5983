"""What models are called in tables and curves: the names of their files, as short as tells them apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import PurePath

#: What models without a name are called, in order.
_UNNAMED = ("first", "second")


def short_names(names: Sequence[str | None]) -> list[str]:
    """A different name for each model: that of its file without folder and ending, with folders if these differ.

    >>> short_names(["runs/small.jsonl", "runs/large.jsonl"]), short_names(["old/a.jsonl", "new/a.jsonl"])
    (['small', 'large'], ['old/a', 'new/a'])
    >>> short_names(["a.jsonl", "a.jsonl"]), short_names([None, "a.json"])
    (['a', 'a (2)'], ['first', 'a'])
    """
    paths = [_parts(_UNNAMED[place] if name is None else name) for place, name in enumerate(names)]
    deepest = max((len(path) for path in paths), default=1)
    for depth in range(1, deepest + 1):
        short = ["/".join(path[-depth:]) for path in paths]
        if len(set(short)) == len(set(paths)):
            break
    seen: Counter[str] = Counter()
    for place, name in enumerate(short):
        seen[name] += 1
        short[place] = name if seen[name] == 1 else f"{name} ({seen[name]})"
    return short


def _parts(name: str) -> tuple[str, ...]:
    """The folders and the stem of a path; a name that is not that of a file has one part."""
    path = PurePath(name)
    return (*path.parent.parts, path.stem) if path.stem else (name,)
