"""One run at a time for a file of recordings: two of them would ask, and pay for, the same questions twice.

The lock is a file beside it, which is there as long as the run lives. It belongs to the open file and ends with the
process, however that ends, so what a killed run left keeps nobody out. Where there are no locks (Windows, some network
file systems) nothing is refused.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..errors import FileError
from ..files import system_errors
from ..temporaries import BINARY, leads_to, remove, try_lock


@contextmanager
def only_run(path: str | Path) -> Iterator[None]:
    """Raises ``FileError`` if another run records to ``path``, by whatever link it is called."""
    target = Path(os.path.realpath(path))
    beside = target.with_name(f".{target.name}.lock")
    with system_errors("write", path):
        descriptor = _locked(beside)
    if descriptor is None:
        raise FileError(f"another run records to {path}: wait for it, or name another file")
    try:
        yield
    finally:
        remove(beside)
        os.close(descriptor)


def _locked(beside: Path) -> int | None:
    """The open lock; None if somebody else has it. What was removed between two steps is made anew."""
    while True:
        descriptor = os.open(beside, os.O_RDWR | os.O_CREAT | BINARY, 0o600)
        if try_lock(descriptor) is False:
            os.close(descriptor)
            return None
        if leads_to(beside, descriptor):
            return descriptor
        os.close(descriptor)
