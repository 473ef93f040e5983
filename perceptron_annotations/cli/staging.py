"""An output that takes its place only after everything about it is known: what was lost as well as what was written."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..errors import FileError
from ..files import STANDARD


@contextmanager
def staged(output: str) -> Iterator[str]:
    """A path beside ``output`` to write to: a file or a folder that is renamed at the end, and removed on an error.

    Standard output and what is not a regular file are written to directly. Raises ``FileError``.
    """
    target = Path(output)
    if output == STANDARD or (target.exists() and not target.is_file() and not target.is_dir()):
        yield output
        return
    if target.is_dir() and any(target.iterdir()):
        raise FileError(f"{output} is a folder that is not empty: name a new one")
    target = target.resolve()
    place = target.with_name(f".{target.name[:100]}.{secrets.token_hex(4)}.part")
    try:
        yield str(place)
        if place.is_file() and target.is_dir():
            raise FileError(f"{output} is a directory: name a file in it")
        if target.is_dir():
            target.rmdir()
        place.replace(target)
    except FileError as error:
        raise FileError(str(error).replace(str(place), output)) from None
    except OSError as error:
        raise FileError(f"cannot write {output}: {error.strerror}") from None
    finally:
        if place.is_dir():
            shutil.rmtree(place, ignore_errors=True)
        else:
            place.unlink(missing_ok=True)
