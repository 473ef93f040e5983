r"""Which image a name means that is not written as the image's: one rule, for converting and for evaluating.

A name looks for images in four ways. The first way that finds any decides, the others are not tried:

1. the same name;
2. the same path, written differently: ``\`` for ``/``, ``./`` in it, or characters that are composed differently;
3. one difference: more folders in front, on either side (``images/a.jpg`` and ``a.jpg``), or another ending of an image
   or a video, or none (``a.png`` or ``a``, and ``a.jpg``);
4. both differences.

The name is joined with an image if it finds this image alone, and no other name that finds this image alone does so in
the same way or an earlier one. So nothing is joined by guess: two folders with one ``a.jpg`` each, or ``a.jpg`` beside
``a.png``, are ambiguous for ``a``. Case counts, and a video is not an image.

A list can say which image a name means. It stands in for the name; then the rule applies.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping
from enum import Enum, StrEnum, auto
from typing import NamedTuple, Protocol, TypeAlias

from msgspec import Struct

from ..errors import UsageError
from .media_suffixes import Stem, stem_of
from .policies import AssetKind


class JoinedBy(StrEnum):
    """How a name was joined with an image."""

    NAME = "name"
    """They are the same."""
    LIST = "list"
    """The list of the caller says so."""
    PATH = "path"
    """The folders in front differ, or how the path is written."""
    STEM = "stem"
    """The ending of the file differs, or is missing."""
    PATH_AND_STEM = "path and stem"
    """Folders and ending differ."""


class JoinCount(Struct, frozen=True):
    """How many names were joined in one way, and the first of them with its image.

    >>> print(JoinCount(JoinedBy.STEM, 20000, "q00000", "q00000.jpg"))
    joined by stem: 20000, first q00000 with q00000.jpg
    """

    by: JoinedBy
    count: int
    name: str
    image: str

    def __str__(self) -> str:
        return f"joined by {self.by.value}: {self.count}, first {self.name} with {self.image}"


def count_joined(joined: Iterable[tuple[JoinedBy, str, str]]) -> tuple[JoinCount, ...]:
    """The counts of joins, each with its way, name and image; in the order of ``JoinedBy``, with the first of each."""
    counts: Counter[JoinedBy] = Counter()
    first: dict[JoinedBy, tuple[str, str]] = {}
    for by, name, image in joined:
        counts[by] += 1
        first.setdefault(by, (name, image))
    return tuple([JoinCount(by, counts[by], *first[by]) for by in JoinedBy if by in first])


#: What to do about names that were not joined.
WHAT_NEXT = "take another field for the name (key=, --key FIELD), or list the image of each (join=, --join FILE)"


class JoinReport(Struct, frozen=True, kw_only=True):
    """How names were joined with those of images, and what was not joined.

    >>> report = JoinReport(unknown=2, unknown_example="q0", image_example="a.jpg")
    >>> print(report.remarks[0].rpartition(";")[0])
    names that are those of no image: 2, such as 'q0'; images are called, for example, 'a.jpg'
    """

    joined: tuple[JoinCount, ...] = ()
    #: Names that are those of no image, and the first of them.
    unknown: int = 0
    unknown_example: str = ""
    #: Names that may be those of several images, and the first of them with such images.
    ambiguous: int = 0
    ambiguous_example: str = ""
    #: An image that no name was joined with; empty if all names were joined.
    image_example: str = ""

    @property
    def remarks(self) -> tuple[str, ...]:
        """A sentence for each way other than by the same name, and one for what was not joined."""
        told = [str(each) for each in self.joined if each.by is not JoinedBy.NAME]
        called = f"; images are called, for example, {self.image_example!r}" if self.image_example else ""
        if self.unknown:
            such_as = f"{self.unknown}, such as {self.unknown_example!r}"
            told.append(f"names that are those of no image: {such_as}{called}; {WHAT_NEXT}")
        if self.ambiguous:
            such_as = f"{self.ambiguous}, such as {self.ambiguous_example}"
            told.append(f"names that may be those of several images: {such_as}; {WHAT_NEXT}")
        return tuple(told)


class Names(Protocol):
    """The names of images: a mapping or a set, or a folder that is listed only if it has to be."""

    def __contains__(self, name: object, /) -> bool:
        """Whether an image has exactly this name."""

    def __iter__(self) -> Iterator[str]:
        """All names."""


class Found(NamedTuple):
    """What one name finds."""

    #: One image, or two of several; none if there is no image.
    images: tuple[str, ...]
    #: How much differs: the place of the way in the rule.
    way: int
    by: JoinedBy


_SAME_NAME, _SAME_PATH, _ONE_DIFFERENCE, _BOTH_DIFFERENCES = range(4)
_NOTHING = Found((), _BOTH_DIFFERENCES, JoinedBy.PATH_AND_STEM)
#: More images than one are as good as any number of them.
_ENOUGH = 2


#: A part of a path: a folder or a file, or a file without its ending beside what it may be joined with.
_Part: TypeAlias = str | Stem
#: What a file may be joined with: what has no ending may be either.
_JOINS = {
    None: (None, AssetKind.IMAGE, AssetKind.VIDEO),
    AssetKind.IMAGE: (None, AssetKind.IMAGE),
    AssetKind.VIDEO: (None, AssetKind.VIDEO),
}


class _Path(NamedTuple):
    """A path, however it is written."""

    folders: tuple[str, ...]
    file: str

    @staticmethod
    def of(name: str) -> _Path | None:
        """None for a name without a file in it, such as an empty one."""
        text = name.replace("\\", "/")
        if not text.isascii():
            text = unicodedata.normalize("NFC", text)
        *folders, file = [part for part in text.split("/") if part not in ("", ".")] or [""]
        return _Path(tuple(folders), file) if file else None


class _Ends:
    """Paths that are found from their last part on, by a walk as long as the path that is looked for."""

    def __init__(self) -> None:
        #: The node that a part leads to from a node; 0 is where all begin.
        self._nodes: dict[tuple[int, _Part], int] = {}
        #: Of each node, the names whose path leads through it, and those whose path has no more parts; at most two.
        self._through: list[tuple[str, ...]] = [()]
        self._whole: dict[int, tuple[str, ...]] = {}

    def add(self, folders: tuple[str, ...], file: _Part, name: str) -> None:
        """Enter the path of one more name."""
        node = 0
        for part in (file, *reversed(folders)):
            node = self._nodes.setdefault((node, part), len(self._through))
            if node == len(self._through):
                self._through.append((name,))
            elif len(self._through[node]) < _ENOUGH:
                self._through[node] += (name,)
        whole = self._whole.get(node, ())
        if len(whole) < _ENOUGH:
            self._whole[node] = (*whole, name)

    def same(self, folders: tuple[str, ...], file: _Part) -> tuple[str, ...]:
        """At most two names with this path."""
        node = 0
        for part in (file, *reversed(folders)):
            following = self._nodes.get((node, part))
            if following is None:
                return ()
            node = following
        return self._whole.get(node, ())

    def related(self, folders: tuple[str, ...], file: _Part) -> tuple[str, ...]:
        """At most two names whose path ends with this one, or with whose path this one ends."""
        node, found = 0, dict[str, None]()
        for part in (file, *reversed(folders)):
            following = self._nodes.get((node, part))
            if following is None:
                return tuple(found)
            node = following
            found.update(dict.fromkeys(self._whole.get(node, ())))
            if len(found) >= _ENOUGH:
                return tuple(found)[:_ENOUGH]
        found.update(dict.fromkeys(self._through[node]))
        return tuple(found)[:_ENOUGH]


class _Index:
    """The names of images, ready to be looked for in every way."""

    def __init__(self, images: Iterable[str]) -> None:
        self._files, self._stems = _Ends(), _Ends()
        for name in images:
            path = _Path.of(name)
            if path is not None:
                self._files.add(path.folders, path.file, name)
                stem = stem_of(path.file)
                for kind in _JOINS[stem.kind]:
                    self._stems.add(path.folders, Stem(stem.text, kind), name)

    def find(self, name: str) -> Found:
        """What a name finds that no image has."""
        path = _Path.of(name)
        if path is None:
            return _NOTHING
        folders, file = path
        if same := self._files.same(folders, file):
            return Found(same, _SAME_PATH, JoinedBy.PATH)
        stem = stem_of(file)
        in_folders, of_stem = self._files.related(folders, file), self._stems.same(folders, stem)
        if either := (*in_folders, *of_stem):
            return Found(either[:_ENOUGH], _ONE_DIFFERENCE, JoinedBy.PATH if in_folders else JoinedBy.STEM)
        return _NOTHING._replace(images=self._stems.related(folders, stem))


class _Claim(NamedTuple):
    """The name, or one of the names, that find an image alone in the earliest way."""

    name: str
    way: int
    #: Whether another name finds it in the same way.
    is_contested: bool
    #: When the name was added.
    turn: int


class _Fate(Enum):
    """What becomes of a name that is not the name of an image."""

    JOINED = auto()
    AMBIGUOUS = auto()
    UNKNOWN = auto()


class NameJoin:
    """Names that are joined with images, all at once or in turns.

    >>> join = NameJoin({"a.jpg": None, "train/b.jpg": None, "val/b.jpg": None})
    >>> join.add(["a", "b"])
    >>> join.image_of("a"), join.image_of("b"), join.ambiguous
    ('a.jpg', None, {'b': ('train/b.jpg', 'val/b.jpg')})
    """

    def __init__(self, images: Names, listed: Mapping[str, str] | None = None) -> None:
        self._images = images
        self._listed = listed or {}
        self._index: _Index | None = None
        #: What stands for each name that was added: itself, or what the list has for it.
        self._meant: dict[str, str] = {}
        #: What those find that are not the name of an image; and which of them are.
        self._found: dict[str, Found] = {}
        self._exact: set[str] = set()
        self._claims: dict[str, _Claim] = {}
        self._turn = 0

    def add(self, names: Iterable[str]) -> None:
        """Join some more names with the same images.

        Raises ``UsageError`` if one of them makes an image ambiguous that a name of an earlier turn was joined with.
        """
        self._turn += 1
        for name in names:
            if name not in self._meant:
                meant = self._meant[name] = self._listed.get(name, name)
                if meant in self._exact or meant in self._found:
                    continue
                if not self._claims and meant in self._images:  # as nearly always: nobody else can have the image
                    self._exact.add(meant)
                else:
                    self._look_for(meant)

    def _look_for(self, name: str) -> None:
        if name in self._images:
            self._check_turn(name, _SAME_NAME, name)
            self._exact.add(name)
            return
        if self._index is None:
            self._index = _Index(self._images)
        found = self._found[name] = self._index.find(name)
        if len(found.images) != 1:
            return
        (image,) = found.images
        self._check_turn(name, found.way, image)
        before = self._claims.get(image)
        if before is None or found.way < before.way:
            self._claims[image] = _Claim(name, found.way, is_contested=False, turn=self._turn)
        elif found.way == before.way:
            self._claims[image] = before._replace(is_contested=True)

    def _check_turn(self, name: str, way: int, image: str) -> None:
        """Raise if ``image`` belongs to a name of an earlier turn, and now would not."""
        before = self._claims.get(image)
        if before is None or before.turn == self._turn or before.is_contested or image in self._exact:
            return
        if way <= before.way:
            raise UsageError(
                f"{before.name!r} was joined with the image {image!r} before {name!r} came, which may be the same "
                "image: say which image each is with join= or --join FILE, or read all answers in one call"
            )

    def image_of(self, name: str) -> str | None:
        """The name of the image that a name was joined with; None if there is none or it is not clear which."""
        meant = self._meant.get(name, name)
        if meant in self._exact:
            return meant
        found = self._found.get(meant)
        return found.images[0] if found is not None and self._fate(found) is _Fate.JOINED else None

    def _fate(self, found: Found) -> _Fate:
        if len(found.images) > 1:
            return _Fate.AMBIGUOUS
        if not found.images or found.images[0] in self._exact:
            return _Fate.UNKNOWN
        claim = self._claims[found.images[0]]
        if claim.way < found.way:
            return _Fate.UNKNOWN
        return _Fate.AMBIGUOUS if claim.is_contested else _Fate.JOINED

    def _of_fate(self, fate: _Fate) -> Iterator[tuple[str, Found]]:
        for name, meant in self._meant.items():
            found = self._found.get(meant)
            if found is not None and self._fate(found) is fate:
                yield name, found

    @property
    def ambiguous(self) -> dict[str, tuple[str, ...]]:
        """The names that may mean several images, with two of them, or an image that other names may mean as well."""
        return {name: found.images for name, found in self._of_fate(_Fate.AMBIGUOUS)}

    @property
    def unknown(self) -> tuple[str, ...]:
        """The names that mean no image, or one that another name means in an earlier way."""
        return tuple([name for name, _ in self._of_fate(_Fate.UNKNOWN)])

    @property
    def counts(self) -> tuple[JoinCount, ...]:
        """How the names were joined."""
        found = ((name, self.image_of(name)) for name in self._meant)
        return count_joined((self.way_of(name), name, image) for name, image in found if image is not None)

    def way_of(self, name: str) -> JoinedBy:
        """How a name was joined that was."""
        if name in self._listed:
            return JoinedBy.LIST
        return JoinedBy.NAME if name in self._exact else self._found[name].by

    def report(self, missed: Container[str]) -> JoinReport:
        """What there is to tell; of names that were not joined, those that are ``missed``."""
        unknown = [name for name in self.unknown if name in missed]
        ambiguous = {name: images for name, images in self.ambiguous.items() if name in missed}
        return JoinReport(
            joined=self.counts,
            unknown=len(unknown),
            unknown_example=unknown[0] if unknown else "",
            ambiguous=len(ambiguous),
            ambiguous_example=next((f"{name} ({', '.join(images)})" for name, images in ambiguous.items()), ""),
            image_example=self._free_image() if unknown or ambiguous else "",
        )

    def _free_image(self) -> str:
        """An image that no name was joined with, else any image; empty if none is known."""
        joined = {self.image_of(name) for name in self._meant}
        first = next(iter(self._images), "")
        return next((image for image in self._images if image not in joined), first)
