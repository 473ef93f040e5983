"""Folders and patterns → the files of answers in them, as engines and object stores leave them.

Names that begin with a dot or an underscore, by which Spark, Hive and Ray mark what is not data, are left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from glob import glob, has_magic
from os import PathLike, fspath
from pathlib import Path

from ..errors import FileError
from ..file_spans import FileSpan
from ..files import STANDARD, InputFile, Source, system_errors

#: How files of answers end; each may be gzipped.
SUFFIXES = (".jsonl", ".ndjson", ".json", ".sse", ".parquet", ".pq")


def answer_shards(paths: Source | Iterable[Source]) -> Iterator[Source]:
    """Files of answers by their names: each folder becomes the files in it, at any depth, and so does each pattern.

    They are sorted by name within each. What is not a folder or a pattern, or is open already, stays as it is, and so
    does a folder without such files, which its reader refuses. Raises ``FileError`` if no file matches a pattern.

    >>> from pathlib import Path
    >>> for name in ("shards/day=2/b.jsonl", "shards/day=1/a.jsonl.gz", "shards/_SUCCESS", "shards/notes.txt"):
    ...     Path(name).parent.mkdir(parents=True, exist_ok=True)
    ...     Path(name).touch()
    >>> list(pa.completions.answer_shards("shards"))
    ['shards/day=1/a.jsonl.gz', 'shards/day=2/b.jsonl']
    >>> list(pa.completions.answer_shards("shards/*/*.jsonl"))
    ['shards/day=2/b.jsonl']
    """
    given: Iterable[Source] = [paths] if isinstance(paths, str | PathLike) else paths
    for source in given:
        yield from _shards(source)


def _shards(source: Source) -> Iterator[Source]:
    if isinstance(source, InputFile | FileSpan) or fspath(source) == STANDARD:
        yield source
        return
    path = Path(source)
    with system_errors("read", source):
        if path.is_dir():
            found = sorted(_in_folder(path))
            yield from found or (source,)
            return
        if path.exists() or not has_magic(fspath(source)):
            yield source
            return
        found = sorted(glob(fspath(source), recursive=True))  # noqa: PTH207 - may be absolute
    if not found:
        raise FileError(f"cannot read {source}: no file matches it")
    yield from answer_shards(found)


def _in_folder(folder: Path) -> Iterator[str]:
    for path in folder.rglob("*"):
        is_marked = any(part.startswith((".", "_")) for part in path.relative_to(folder).parts)
        if is_answer_name(path.name) and not is_marked and path.is_file():
            yield fspath(path)


def is_answer_name(name: str) -> bool:
    """Whether a file is one of answers by its name."""
    return name.lower().removesuffix(".gz").endswith(SUFFIXES)
