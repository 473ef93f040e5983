"""Names of images → shards, so that all that is said of one image comes together, wherever it was recorded."""

from __future__ import annotations

import unicodedata
from hashlib import blake2b

from ..errors import UsageError
from .media_suffixes import stem_of


def shard_of(file_name: str, shards: int) -> int:
    r"""Which of ``shards`` parts an image belongs to, from 0: the same in every process, on every machine and release.

    Names that can mean one image (``images/a.jpg``, ``a.png`` and ``a``) are in one part, so truth and predictions that
    are divided by it can be joined and evaluated part by part. It is ``blake2b`` of the last part of the path, composed
    (NFC) and without its ending. Raises ``UsageError`` for fewer than one part.

    >>> [shard_of(name, 8) for name in ("a.jpg", "images/a.jpg", "images\\a.png", "b.jpg")]
    [0, 0, 0, 4]
    """
    if shards < 1:
        raise UsageError(f"shards must be 1 or more, not {shards}")
    parts = [part for part in file_name.replace("\\", "/").split("/") if part not in {"", "."}]
    name = unicodedata.normalize("NFC", parts[-1] if parts else "")
    digest = blake2b(stem_of(name).text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "little") % shards
