"""The words that datasets are made and read with: what an asset is, and what becomes of several answers about one.

Nothing heavy is imported here, so that the command line can offer these words without loading NumPy.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Literal, TypeAlias


class AssetKind(StrEnum):
    """What an asset is."""

    IMAGE = "image"
    VIDEO = "video"


class Merge(StrEnum):
    """What becomes of several answers about one asset."""

    ALL = "all"
    """The annotations of all of them are kept."""
    FIRST = "first"
    """Those of the first answer are kept; the other answers are left out and counted."""
    LAST = "last"
    """Those of the last answer are kept; the other answers are left out and counted."""


#: The words for what becomes of several answers.
MergeName: TypeAlias = Literal["all", "first", "last"]
