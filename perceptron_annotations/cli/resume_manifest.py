"""What a folder of parts holds and what it was made of: a line of JSON for each part, added when the part is whole.

The first line says how the inputs were read. A later run keeps the parts whose input is still the same, and goes on
with the others.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import TypeVar

from msgspec import Struct

from ..errors import FileError, UsageError
from ..file_spans import FileSpan
from ..files import DECODE_ERRORS, decode_json, encode_json, open_input, system_errors
from ..outputs import append_line, write_whole
from ..problems import Problem

T = TypeVar("T")

#: Names that begin so are not read with the parts.
MANIFEST = "_manifest.jsonl"
SCHEMA = "perceptron-annotations/parts"
#: Characters of a path that are in the name of its parts.
_NAMED = 100
#: Bytes that are hashed together.
_CHUNK = 2**20


class Fingerprint(Struct, frozen=True):
    """What a span was when it was read: if the file has this size and time, or the span this hash, it still is."""

    size: int
    mtime_ns: int
    hash: str

    @staticmethod
    def of(span: FileSpan) -> Fingerprint:
        """That of a span now."""
        digest = blake2b(digest_size=16)
        with system_errors("read", span), Path(span.path).open("rb") as stream:
            status = os.fstat(stream.fileno())
            stream.seek(span.start)
            rest = (status.st_size if span.stop is None else span.stop) - span.start
            while chunk := stream.read(min(_CHUNK, rest)):
                digest.update(chunk)
                rest -= len(chunk)
        return Fingerprint(status.st_size, status.st_mtime_ns, digest.hexdigest())

    def is_of(self, span: FileSpan) -> bool:
        """Whether a span has not changed."""
        status = Path(span.path).stat()
        if (status.st_size, status.st_mtime_ns) == (self.size, self.mtime_ns):
            return True
        return Fingerprint.of(span).hash == self.hash


class Part(Struct, frozen=True, kw_only=True):
    """A span of an input, what was read in it, and what it was then."""

    path: str
    start: int
    stop: int | None
    first_line: int
    input: Fingerprint
    answers: int
    unsound: int
    #: What was wrong in it; lines that held no answer have their text in ``raw``.
    problems: Sequence[Problem]

    @property
    def name(self) -> str:
        """The name of its file."""
        return part_name(FileSpan(self.path, self.start))


def part_name(span: FileSpan) -> str:
    """The name of the part of a span: by the path and the first byte, so that names are in the order of the bytes."""
    shown = re.sub(r"[^\w.-]+", "_", span.path)[-_NAMED:]
    digest = blake2b(span.path.encode("utf-8", "surrogateescape"), digest_size=4).hexdigest()
    return f"part-{shown}-{digest}-{span.start:015}.parquet"


class _Head(Struct, frozen=True):
    """The first line: how the inputs were read."""

    schema: str
    options: Mapping[str, str]


class Manifest:
    """The parts in a folder; the file is read once, and a part is added when it is whole.

    Raises ``UsageError`` if the folder holds something else, or was begun with other ``options``.
    """

    def __init__(self, folder: Path, options: Mapping[str, str]) -> None:
        self.path = folder / MANIFEST
        self.parts: dict[str, Part] = {}
        self._head = encode_json(_Head(SCHEMA, options))
        if self.path.exists():
            head, *lines = list(self._lines()) or [self._head]
            _refuse_other_options(folder, _decoded(head, _Head).options, options)
            for line in lines:
                part = _decoded(line, Part)
                self.parts[part.name] = part
        elif folder.exists() and any(not each.name.startswith(".") for each in folder.iterdir()):
            raise UsageError(f"{folder} holds something that was not begun with --resume: name a new folder")

    def _lines(self) -> Iterator[bytes]:
        """The lines that are whole; the last may have been cut off when a run was killed."""
        with open_input(self.path) as file:
            for line in file.lines():
                if line.ended:
                    yield line.data

    def keep(self, names: Sequence[str]) -> None:
        """Forget all parts but these."""
        self.parts = {name: part for name, part in self.parts.items() if name in names}
        with write_whole(self.path) as stream:
            for line in (self._head, *map(encode_json, self.parts.values())):
                stream.write(line + b"\n")

    def add(self, part: Part) -> None:
        """Add a part that is whole."""
        self.parts[part.name] = part
        append_line(self.path, encode_json(part))


def _decoded(line: bytes, kind: type[T]) -> T:
    try:
        return decode_json(line, kind)
    except DECODE_ERRORS as error:
        raise FileError(f"{MANIFEST} is not what --resume writes ({error}): name a new folder") from None


def _refuse_other_options(folder: Path, before: Mapping[str, str], now: Mapping[str, str]) -> None:
    changed = [name for name in {**before, **now} if before.get(name) != now.get(name)]
    if changed:
        told = ", ".join(f"{name} {before.get(name) or 'unset'} and not {now.get(name) or 'unset'}" for name in changed)
        raise UsageError(f"{folder} was begun with {told}: take the same, or name a new folder")
