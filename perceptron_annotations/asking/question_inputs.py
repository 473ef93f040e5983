"""What a command names (files, folders, patterns, lists, addresses) → the questions to ask, each with a key of its own.

Nothing is opened but lists, so a hundred thousand images are listed in a moment. The key of an image is its path below
the folder that was named, as ``convert --images FOLDER`` calls it.
"""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from msgspec import Struct

from ..completions.media import MediaKind
from ..datasets.media_suffixes import IMAGE_SUFFIXES, VIDEO_SUFFIXES, kind_of
from ..datasets.policies import AssetKind
from ..errors import FileError, InputError, UsageError
from ..files import STANDARD, InputFile, open_input
from ..problems import OnProblem, Problem, ProblemCode
from ..wording import counted
from .prompt_templates import PromptTemplate
from .question_lists import csv_separator, is_json_list, read_list

#: Files that are lists of questions, by their names.
_LISTS = (".csv", ".tsv", ".jsonl", ".ndjson")
_URL = re.compile(r"(?:https?://|data:)", re.IGNORECASE)
_PATTERN = re.compile(r"[*?\[]")
_HEAD_BYTES = 2**16
#: What a file is, by its ending; None is of no kind that is asked about.
_KINDS = {
    **dict.fromkeys(IMAGE_SUFFIXES, MediaKind.IMAGE),
    **dict.fromkeys(VIDEO_SUFFIXES, MediaKind.VIDEO),
}


class MediumPlace(Struct, frozen=True):
    """Where an image or a video is, and what it is called in what is recorded."""

    name: str
    #: A path, or an address.
    source: str
    kind: MediaKind

    @property
    def is_address(self) -> bool:
        """Whether it is sent as an address, so that nothing of it is read here."""
        return _URL.match(self.source) is not None


class AskedRow(Struct, frozen=True, kw_only=True):
    """One question: its key, its images and its prompt."""

    key: str
    media: tuple[MediumPlace, ...]
    prompt: str
    #: The line of the list that it is from, for messages.
    place: str = ""


class Listing(Struct, frozen=True, kw_only=True):
    """The questions that inputs come to, in order, and how many files of folders are no images or videos."""

    rows: tuple[AskedRow, ...]
    left_out: int = 0
    left_out_example: str = ""


class Asking(Struct, frozen=True, kw_only=True):
    """What is asked about each input."""

    #: The prompt, in which ``{field}`` is a field of the row; None if lists have a column of prompts.
    prompt: str | None = None
    #: The key, as such a template; by default the name of the (first) image.
    key: str | None = None
    #: The folder that names are paths below; by default the folder that was named, or the one of a file or list.
    root: str | None = None
    #: What is taken from folders.
    kinds: tuple[MediaKind, ...] = (MediaKind.IMAGE, MediaKind.VIDEO)
    #: Whether all that was named is one question.
    together: bool = False


def list_questions(words: Sequence[str], asking: Asking, on_problem: OnProblem) -> Listing:
    """The questions about what ``words`` name.

    A word is an image or a video, a folder of them, a pattern, a list of questions (CSV or JSON Lines), an http(s)
    address, or ``-`` for standard input: a list, or a path on each line. Rows that cannot be used go to ``on_problem``.
    Raises ``UsageError`` if two questions have one key, and ``InputError`` if there is nothing to ask.
    """
    reader = _Reader(asking, on_problem)
    for word in words:
        reader.read(word)
    return reader.listing(words)


class _Candidate(Struct, frozen=True):
    """A question before its prompt and key are made."""

    media: tuple[MediumPlace, ...]
    fields: Mapping[str, str]
    prompt: str | None = None
    key: str | None = None
    place: str = ""


class _Reader:
    """Collects what words name."""

    def __init__(self, asking: Asking, on_problem: OnProblem) -> None:
        self._asking = asking
        self._on_problem = on_problem
        self._prompt = None if asking.prompt is None else PromptTemplate(asking.prompt)
        self._key = None if asking.key is None else PromptTemplate(asking.key)
        self._found: list[_Candidate] = []
        self._left_out: list[str] = []
        self._first: Problem | None = None

    # -- words ---------------------------------------------------------------------------------------------------------

    def read(self, word: str) -> None:
        """Take what one more word names. Raises ``FileError`` if that is nothing."""
        path = Path(word)
        if word == STANDARD:
            self._standard()
        elif _URL.match(word):
            self._add_medium(MediumPlace(address_name(word), word, _kind_of(urlsplit(word).path)))
        elif path.is_dir():
            self._add_folder(path, self._asking.root or word)
        elif path.is_file() and _is_list(word):
            with open_input(word) as file:
                self._add_list(file, self._asking.root or str(path.parent))
        elif path.exists() or path.is_symlink():
            self._add_file(path, self._asking.root or str(path.parent))
        elif _PATTERN.search(word):
            self._pattern(word)
        else:
            raise FileError(f"there is no file or folder {word}: name images, a folder, or a list (CSV or JSON Lines)")

    def _standard(self) -> None:
        root = self._asking.root or "."
        with open_input(STANDARD) as file:
            head = file.head(_HEAD_BYTES)
            if is_json_list(head) or csv_separator(head) is not None:
                self._add_list(file, root)
                return
            for line in file.lines():
                path = os.fsdecode(line.data.removesuffix(b"\r"))
                self._add_file(Path(path), self._asking.root or str(Path(path).parent))

    def _pattern(self, word: str) -> None:
        found = sorted(glob.glob(word, recursive=True))  # noqa: PTH207 - from any folder, not from one
        if not found:
            raise FileError(f"no file matches {word}: check the folder in front, or put the pattern into quotes")
        fixed = word[: _PATTERN.search(word).start()]  # type: ignore[union-attr]
        root = self._asking.root or os.path.dirname(fixed) or "."  # noqa: PTH120 - of a part of a pattern
        for path in map(Path, found):
            if path.is_dir():
                self._add_folder(path, root)
            else:
                self._add_from_folder(str(path), name_below(path, root, self._asking.root))

    def _add_folder(self, folder: Path, root: str) -> None:
        for inner, names in files_below(folder, self._tell):
            below = name_below(Path(inner), root, self._asking.root)
            before = "" if below == "." else f"{below}/"
            for name in names:
                self._add_from_folder(f"{inner}{os.sep}{name}", f"{before}{name}")

    def _add_from_folder(self, path: str, name: str) -> None:
        """Take a file that was not named by itself, if it is of a kind that is asked about."""
        kind = _KINDS.get(os.path.splitext(name)[1].lower())  # noqa: PTH122 - of 100,000 names
        if kind in self._asking.kinds:
            self._add_medium(MediumPlace(name, path, kind))
        else:
            self._left_out.append(path)

    def _add_file(self, path: Path, root: str) -> None:
        self._add_medium(MediumPlace(name_below(path, root, self._asking.root), str(path), _kind_of(path.name)))

    def _add_medium(self, medium: MediumPlace) -> None:
        self._found.append(_Candidate((medium,), _fields_of(medium)))

    def _add_list(self, file: InputFile, root: str) -> None:
        for row in read_list(file, self._tell):
            media = tuple([_listed_medium(written, root) for written in row.images])
            fields = {**_fields_of(media[0]), **row.fields}
            self._found.append(_Candidate(media, fields, row.prompt, row.key, row.place))

    def _tell(self, problem: Problem) -> None:
        self._first = self._first or problem
        self._on_problem(problem)

    # -- questions -----------------------------------------------------------------------------------------------------

    def listing(self, words: Sequence[str]) -> Listing:
        """The questions. Raises ``UsageError`` if two have one key, and ``InputError`` if there is none."""
        candidates = _as_one(self._found) if self._asking.together and self._found else self._found
        rows: dict[str, AskedRow] = {}
        for number, candidate in enumerate(candidates):
            row = self._row(candidate, is_first=number == 0)
            if row is None:
                continue
            before = rows.setdefault(row.key, row)
            if before is not row and not _are_same(before, row):
                raise UsageError(_twice(before, row))
        if not rows:
            raise InputError(self._nothing(words))
        left_out = self._left_out
        return Listing(rows=tuple(rows.values()), left_out=len(left_out), left_out_example=next(iter(left_out), ""))

    def _row(self, candidate: _Candidate, *, is_first: bool) -> AskedRow | None:
        """The question of a candidate; None if its fields do not fill the prompt, which the first one must."""
        try:
            prompt = candidate.prompt if self._prompt is None else self._prompt.fill(candidate.fields)
            key = candidate.key if self._key is None else self._key.fill(candidate.fields)
        except UsageError as error:
            if is_first or not candidate.place:
                raise
            path, _, place = candidate.place.rpartition(", ")
            self._tell(Problem(code=ProblemCode.MALFORMED_ENTRY, message=str(error), path=path, place=place))
            return None
        if prompt is None:
            where = f"{candidate.place} has no prompt" if candidate.place else "there is no prompt"
            raise UsageError(f'{where}: say what to ask with --prompt, such as --prompt "Box every car"')
        return AskedRow(key=key or candidate.media[0].name, media=candidate.media, prompt=prompt, place=candidate.place)

    def _nothing(self, words: Sequence[str]) -> str:
        named = ", ".join(words)
        if self._first is not None:
            return f"there is nothing to ask in {named}: {self._first}"
        if not self._left_out:
            return f"there is nothing to ask: {named} is empty; name a folder with images (PNG, JPEG or WebP)"
        kinds = " or ".join(f"{kind.value}s" for kind in self._asking.kinds)
        files = counted(len(self._left_out), "file")
        return f"there are no {kinds} in {named}, but {files}, such as {self._left_out[0]}: name a folder with {kinds}"


# -- names -------------------------------------------------------------------------------------------------------------


def files_below(folder: Path, on_problem: OnProblem) -> Iterator[tuple[str, list[str]]]:
    """Each folder from this one on, with its files, in the order of names; without hidden ones and linked folders."""

    def tell(error: OSError) -> None:
        message = f"the folder cannot be read: {error.strerror or error}"
        on_problem(Problem(code=ProblemCode.UNREADABLE_FILE, message=message, path=str(error.filename)))

    for inner, folders, names in os.walk(folder, onerror=tell):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield inner, sorted(name for name in names if not name.startswith("."))


def name_below(path: Path, root: str, given: str | None = None) -> str:
    """The path of a file from ``root`` on, with slashes. Raises ``UsageError`` if it is not below the ``given`` one."""
    try:
        return path.relative_to(root).as_posix()
    except ValueError:
        pass
    absolute, above = os.path.abspath(path), os.path.abspath(root)  # noqa: PTH100 - links are kept
    relative = Path(os.path.relpath(absolute, above)).as_posix()
    if relative.startswith("../") and given is not None:
        raise UsageError(f"{path} is not below {given}: name a folder for --root that holds all images")
    return relative


def address_name(address: str) -> str:
    """What an image at an address is called: host and path, without what may be secret (user, query).

    >>> address_name("https://me:pw@example.org/shop/a.jpg?sig=1")
    'example.org/shop/a.jpg'
    """
    parts = urlsplit(address)
    if parts.scheme.lower() == "data":
        return "data"
    return f"{parts.hostname or ''}{parts.path}"


def _listed_medium(written: str, root: str) -> MediumPlace:
    """The medium that a list names: an address, or a path from ``root`` on."""
    if _URL.match(written):
        return MediumPlace(address_name(written), written, _kind_of(urlsplit(written).path))
    path = Path(root, written.replace("\\", "/") if "\\" in written and not Path(root, written).exists() else written)
    return MediumPlace(name_below(path, root), str(path), _kind_of(path.name))


def _kind_of(name: str) -> MediaKind:
    return MediaKind.VIDEO if kind_of(name) is AssetKind.VIDEO else MediaKind.IMAGE


def _is_list(name: str) -> bool:
    return name.lower().removesuffix(".gz").endswith(_LISTS)


def _fields_of(medium: MediumPlace) -> dict[str, str]:
    """What a prompt may say of an image."""
    folders, _, file = medium.name.rpartition("/")
    stem = os.path.splitext(file)[0]  # noqa: PTH122 - of 100,000 names
    return {"image": medium.name, "stem": stem, "folder": folders.rpartition("/")[2]}


def _as_one(found: Sequence[_Candidate]) -> list[_Candidate]:
    first = found[0]
    media = tuple([medium for each in found for medium in each.media])
    return [_Candidate(media, first.fields, first.prompt, first.key, first.place)]


def _are_same(first: AskedRow, second: AskedRow) -> bool:
    """Whether two words name one file, which is asked about once."""
    if first.place or second.place or first.prompt != second.prompt:
        return False
    sources = [[os.path.realpath(medium.source) for medium in row.media] for row in (first, second)]
    return sources[0] == sources[1]


def _twice(first: AskedRow, second: AskedRow) -> str:
    """What is said of two questions with one key."""
    if first.place or second.place:
        both = " and ".join(row.place or row.media[0].source for row in (first, second))
        return (
            f"two questions have the key {first.key!r} ({both}): give the list a column key, with another value for "
            "each, or make keys of its columns, such as --key-from '{image}:{prompt}'"
        )
    media = (first.media[0], second.media[0])
    if any(medium.is_address for medium in media):  # whose query may be secret
        return f"two addresses would have the key {first.key!r}: give each one of its own, in a list with key,image"
    sources = [medium.source for medium in media]
    why = f"{sources[0]} and {sources[1]} would both have the key {first.key!r}"
    common = os.path.commonpath([os.path.abspath(source) for source in sources])  # noqa: PTH100 - links are kept
    return f"{why}: name the folder that holds both, so that keys are paths below it: --root {os.path.relpath(common)}"
