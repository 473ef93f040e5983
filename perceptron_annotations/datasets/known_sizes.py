"""What is known of images beside the answers about them: their names, and their sizes by name."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from os import PathLike
from pathlib import Path
from typing import TypeAlias

from ..errors import UsageError
from .image_sizes import FolderSizes, ImageSize, sizes_in
from .lists import read_sizes

#: Width and height by file name, None for an image whose size is unknown.
_ByName: TypeAlias = Mapping[str, tuple[float, float] | None]
#: Sizes of images: by file name, a function that returns None for an image that it does not know, a folder of images,
#: or a file that ``read_sizes`` reads.
Sizes: TypeAlias = _ByName | Callable[[str], ImageSize | None] | str | PathLike[str]


class KnownSizes:
    """The sizes of images by name, and these names, from whatever a caller gave as ``sizes``.

    Of a function nobody knows which names it takes, so such images are found by their exact names alone.

    >>> known = KnownSizes({"a.jpg": (640, 480)})
    >>> known.size_of("a.jpg"), "b.jpg" in known, list(known)
    (ImageSize(width=640, height=480, orientation=1), False, ['a.jpg'])
    """

    def __init__(self, sizes: Sizes | None) -> None:
        given = _opened(sizes)
        self.size_of: Callable[[str], ImageSize | None] = _Listed(given) if isinstance(given, Mapping) else given
        self._names = None if callable(given) and not isinstance(given, FolderSizes) else given

    @property
    def has_names(self) -> bool:
        """Whether the names of all images are known."""
        return self._names is not None

    def __contains__(self, name: object) -> bool:
        if self._names is not None:
            return name in self._names
        return isinstance(name, str) and self.size_of(name) is not None

    def __iter__(self) -> Iterator[str]:
        return iter(() if self._names is None else self._names)


class SizesByName(Mapping[str, tuple[float, float]]):
    """The same as a mapping from file name to width and height, looked up when they are asked for.

    >>> SizesByName({"a.jpg": (640, 480), "b.jpg": None}).get("a.jpg")
    (640, 480)
    """

    def __init__(self, sizes: Sizes) -> None:
        self._known = KnownSizes(sizes)

    def __getitem__(self, name: str) -> tuple[float, float]:
        size = self._known.size_of(name)
        if size is None:
            raise KeyError(name)
        return size.width, size.height

    def __iter__(self) -> Iterator[str]:
        return iter(self._known)

    def __len__(self) -> int:
        return sum(1 for _ in self._known)


def size_lookup(sizes: Sizes | None) -> Callable[[str], ImageSize | None]:
    """``sizes`` as a function from file name to size; without any, it knows no image."""
    return KnownSizes(sizes).size_of


def _opened(sizes: Sizes | None) -> _ByName | Callable[[str], ImageSize | None]:
    if sizes is None:
        return {}
    if isinstance(sizes, str | PathLike):
        return sizes_in(sizes) if Path(sizes).is_dir() else read_sizes(sizes)
    if isinstance(sizes, Mapping) or callable(sizes):
        return sizes
    raise UsageError(
        f"sizes must be a mapping such as {{'a.jpg': (640, 480)}}, a folder with images, or a CSV or JSON file, "
        f"not {type(sizes).__name__}"
    )


class _Listed:
    """The sizes of a list, by the names of its images; it can be pickled, as a closure cannot."""

    def __init__(self, sizes: _ByName) -> None:
        self._sizes = sizes

    def __call__(self, name: str) -> ImageSize | None:
        size = self._sizes.get(name)
        return None if size is None else ImageSize(*size)
