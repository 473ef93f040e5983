"""How much readers take of a file before they refuse it, so that no file fills the memory or keeps a program busy.

The defaults are far above what honest files have. Whoever has a larger one raises a limit for a part of a program.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import msgspec
from msgspec import Struct

from .errors import FileError, UsageError

_MIB = 2**20
#: Digits of a number on the command line.
_DIGITS = 18


class Limits(Struct, frozen=True, kw_only=True):
    """The limits of all readers. Bytes are counted after decompression."""

    #: A line of JSON Lines or CSV. A request has at most 20 MB, so a longer line is not a recorded completion.
    line_bytes: int = 64 * _MIB
    #: The transcript of a stream. A chunk of one token takes some hundred bytes.
    transcript_bytes: int = 64 * _MIB
    #: A file that is read as a whole, such as JSON. COCO's largest files have half a gigabyte.
    file_bytes: int = 4096 * _MIB
    #: An XML file; a million boxes of CVAT take half of it, and the elements of so many bytes some gigabytes.
    xml_bytes: int = 256 * _MIB
    xml_elements: int = 3_000_000
    #: Annotation files are five levels deep.
    xml_depth: int = 64
    #: ``data.yaml`` of YOLO; the names of 20,000 classes fit.
    yaml_bytes: int = _MIB
    yaml_nodes: int = 50_000
    yaml_depth: int = 16
    #: What is read of an image to find its size. Depth maps before the size of a JPEG may take hundreds of segments.
    image_bytes: int = 32 * _MIB
    #: Four for each segment of a JPEG, one for each entry of a TIFF. 20,000 take some milliseconds.
    image_reads: int = 20_000
    #: An image that is decoded to be drawn on: a quarter of a GiB in RGB, where Pillow begins to warn.
    image_pixels: int = 89_478_485


_DEFAULTS = Limits()
_CURRENT = ContextVar("limits", default=_DEFAULTS)


def current_limits() -> Limits:
    """The limits that hold here."""
    return _CURRENT.get()


@contextmanager
def use_limits(**changes: int) -> Iterator[Limits]:
    """Other limits for all that is read in a ``with`` block of this thread or task, by their names in :class:`Limits`.

    Raises ``UsageError`` if there is no such limit, or if it is not a positive number.

    >>> from perceptron_annotations.limits import use_limits
    >>> with use_limits(xml_bytes=2**30) as limits:
    ...     limits.xml_bytes
    1073741824
    """
    token = _CURRENT.set(changed_limits(_CURRENT.get(), changes))
    try:
        yield _CURRENT.get()
    finally:
        _CURRENT.reset(token)


def changed_limits(limits: Limits, changes: dict[str, int]) -> Limits:
    """``limits`` with some changed. Raises ``UsageError`` as :func:`use_limits` does."""
    for name, value in changes.items():
        if name not in Limits.__struct_fields__:
            raise UsageError(f"there is no limit {name!r}: choose from {', '.join(Limits.__struct_fields__)}")
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            raise UsageError(f"the limit {name} must be a positive whole number, not {value!r}")
    return msgspec.structs.replace(limits, **changes)


def limits_from(texts: Iterable[str]) -> dict[str, int]:
    """Limits as a command line gives them, each as ``name=number``. Raises ``UsageError``."""
    found = {}
    for text in texts:
        name, _, number = text.partition("=")
        if not (number.isascii() and number.isdigit() and len(number) <= _DIGITS):
            raise UsageError(f"--limit is NAME=NUMBER, such as xml_bytes=1000000000, not {text!r}")
        found[name] = int(number)
    return found


def refuse_beyond(name: str, count: int, path: object) -> None:
    """Raises ``FileError`` if ``count`` is beyond the limit of this name; it says how to raise the limit."""
    most: int = getattr(_CURRENT.get(), name)
    if count > most:
        raise FileError(f"{path} {beyond(name)}")


def beyond(name: str) -> str:
    """What is said of something beyond the limit of this name."""
    most: int = getattr(_CURRENT.get(), name)
    return f"is beyond the limit of {name}, {most:,}: raise it with --limit or use_limits() if you trust the file"
