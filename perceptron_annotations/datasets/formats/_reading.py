"""How a dataset is read, the same for each format: one object opens its files and tells what is wrong in them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from os import fspath
from pathlib import Path
from typing import Any

from ...errors import FileError
from ...files import InputFile, Source, open_input
from ...problems import OnProblem, Problem, ProblemCode, reporting
from ..dataset import Dataset
from ..validation import note_out_of_bounds
from ._unread import UnreadFields


class OpenFolder:
    """The path of a folder of which some files are open already, since how they begin says the format of the folder."""

    def __init__(self, path: Path, files: Sequence[InputFile]) -> None:
        self.path = path
        self.files = files

    def __fspath__(self) -> str:
        return fspath(self.path)

    def __str__(self) -> str:
        return str(self.path)


class Reading:
    """A dataset that is being read from ``source``, a file or a folder."""

    def __init__(self, source: Source, on_problem: OnProblem) -> None:
        #: The file or folder.
        self.path = Path(source)
        self._source = source
        self._on_problem = on_problem
        files = source.files if isinstance(source, OpenFolder) else [source] if isinstance(source, InputFile) else []
        self._open_files = {Path(file): file for file in files}
        self._broken: FileError | None = None
        self._sound = 0
        self._unread = UnreadFields()

    @property
    def is_file(self) -> bool:
        """Whether one file is read, be it standard input, and not a folder."""
        return isinstance(self._source, InputFile) or self.path.is_file()

    def open(self, file: Path | None = None) -> AbstractContextManager[InputFile]:
        """The file that is read, or one of the folder, which must be a regular file. Raises ``FileError``."""
        path = self.path if file is None else file
        if path in self._open_files:
            return open_input(self._open_files[path])
        if path != self.path and path.exists() and not path.is_file():
            raise FileError(f"cannot read {path}: it is not a regular file")
        return open_input(path)

    def data(self, file: Path | None = None, *, limit: str = "file_bytes") -> bytes:
        """All that is in the file, or in one of the folder, without a byte order mark.

        Raises ``FileError``, also if it is beyond the limit of that name.
        """
        with self.open(file) as opened:
            return b"".join(opened.limited_chunks(limit))

    def files(self, suffix: str, folder: str = "") -> list[Path]:
        """The file that is read; or the files with this suffix in the folder and its folders, by path.

        If there is a ``folder`` of that name in it, only the files of that one.

        What has the suffix and is not a regular file, such as a pipe, which may never end, is told and left out.
        Raises ``FileError`` if there is no file.
        """
        if self.is_file:
            return [self.path]
        base = self.path / folder if (self.path / folder).is_dir() else self.path
        found = []
        for path in sorted(base.rglob(f"*{suffix}")):
            if path.is_file():
                found.append(path)
            else:
                self.problem(ProblemCode.UNREADABLE_FILE, path.name, "it is not a regular file")
        if not found:
            raise FileError(f"there is no {suffix[1:].upper()} file in {self.path}")
        return found

    @contextmanager
    def costs_itself(self, file: Path) -> Iterator[None]:
        """Read a file of the folder: if it is broken, it is told, and the others are read.

        Raises ``FileError`` if it is not one of a folder.
        """
        try:
            yield
        except FileError as error:
            if file == self.path:
                raise
            self._broken = self._broken or error
            self.problem(ProblemCode.UNREADABLE_FILE, file.relative_to(self.path).as_posix(), error)
        else:
            self._sound += 1

    def problem(self, code: ProblemCode, place: str = "", message: object = "") -> None:
        """Tell what is wrong at a place of the file or folder; without a message, in the words of the code."""
        self._on_problem(
            Problem(code=code, message=str(message) or code.meaning, path=str(self.path), place=place),
        )

    def leave_unread(self, kind: str, entry: Mapping[str, Any], known: Collection[str]) -> None:
        """Note the fields of an entry beside those that are ``known``; all of a kind are told at the end, as one."""
        self._unread.add(kind, entry, known)

    def checked(self, dataset: Dataset) -> Dataset:
        """The dataset that was read; its shapes that reach beyond their image are told, and the fields left unread.

        Raises ``FileError`` if there were files and all of them were broken.
        """
        if self._broken is not None and not self._sound:
            raise FileError(f"no file of {self.path} could be read: {self._broken}")
        note_out_of_bounds(dataset, self._on_problem, path=str(self.path))
        for kind, said in self._unread.told():
            self.problem(ProblemCode.UNREAD_FIELD, kind, said)
        return dataset


@contextmanager
def reading(source: Source, on_problem: OnProblem | None) -> Iterator[Reading]:
    """Open the reading of a dataset; without ``on_problem``, its problems become one warning at the end."""
    with reporting(on_problem) as tell:
        yield Reading(source, tell)
