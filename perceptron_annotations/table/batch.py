"""Texts → an ``AnnotationTable``.

The compiled scanner reads them, with several threads if asked for. The pure parser reads what the scanner leaves, or
all texts if the scanner is not there. Either way the table is that of the documents parsed one by one.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import NamedTuple, TypeVar

from msgspec.structs import replace

from ..completions.answer_reading import AnswerReading, frame_for
from ..dialects.dialect import Dialect
from ..dialects.model_dialects import BY_MODEL
from ..errors import MarkupError, UsageError
from ..frames import Frame, Size, checked_frame
from ..issues import Span
from ..markup.columns import Columns
from ..markup.dialect_reading import read_within
from ..markup.document import Document, Mode, ModeName
from ..markup.parsing import parse_purely
from .build import build
from .bulk_readers import BulkReader, bulk_reader, is_compiled
from .table import AnnotationTable

T = TypeVar("T")
R = TypeVar("R")

#: Answers that are read between two reports of progress, or by one thread before the next ones are handed out.
SHARE = 2048


def parse_batch(
    texts: Iterable[str],
    *,
    mode: Mode | ModeName = Mode.LENIENT,
    threads: int = 1,
    progress: Callable[[int], None] | None = None,
    frame: Frame | None = None,
    dialect: Dialect | str | None = None,
    image_sizes: Size | Sequence[Size] | None = None,
) -> AnnotationTable:
    """Parse many answers: the table of ``[parse(text, mode=mode) for text in texts]``, equal in every column.

    In a dialect, the table is on the 0–1000 grid, whatever its numbers count.

    In strict mode the first error of the earliest answer raises ``MarkupError``, whose ``response`` is the answer's
    place in ``texts``.

    >>> table = pa.parse_batch(['<point mention="cup"> (1,2) </point>', "nothing"])
    >>> table.labels.tolist(), table.coords.tolist(), table.status.tolist()
    (['cup'], [[1.0, 2.0]], ['ok', 'empty'])

    Args:
        texts: The answers.
        mode: How they are parsed.
        threads: How many threads parse, outside the interpreter's lock; the pure backend gains nothing from them.
        progress: Called with how many answers are done.
        frame: What the coordinates count, as for ``parse``; only answers on the grid are read by the compiled scanner.
        dialect: How another model writes: a ``Dialect``, or the name of one such as ``"qwen3-vl"``.
        image_sizes: ``(width, height)`` of the images as they were uploaded, one for all answers or one for each; only
            for a dialect whose numbers are pixels.
    """
    if isinstance(texts, str):
        raise UsageError("texts must be a list of answers; for one answer use parse(text)")
    if isinstance(texts, Mapping):
        raise UsageError("texts must be a list of answers, not a mapping: pass its values()")
    answers = texts if type(texts) is list else list(texts)  # the scanner takes no list of another class
    check_threads(threads)
    if not all(issubclass(kind, str) for kind in set(map(type, answers))):
        place, other = next((place, text) for place, text in enumerate(answers) if not isinstance(text, str))
        raise UsageError(f"texts must be str, but number {place} is {type(other).__name__}: decode bytes first")
    how = TextReading.of(mode, frame, dialect, image_sizes, len(answers))
    if dialect is None and not how.reading.is_own:
        return AnnotationTable.from_documents(_documents(answers, how, progress))
    if threads == 1 or not is_compiled(how.reading):
        return build(_read_on(answers, how, progress))
    return build(_read_beside(answers, how, threads, progress))


def _documents(texts: list[str], how: TextReading, progress: Callable[[int], None] | None) -> Iterator[Document]:
    """The answers one by one."""
    read = _Texts(how)
    read.take(texts, 0)
    for index in range(len(texts)):
        yield read(index)
        if progress is not None and ((index + 1) % SHARE == 0 or index + 1 == len(texts)):
            progress(index + 1)


def check_threads(threads: int) -> None:
    """Raise ``UsageError`` unless there is at least one."""
    if threads < 1:
        raise UsageError(f"threads must be at least 1, not {threads}")


def _read_on(texts: list[str], how: TextReading, progress: Callable[[int], None] | None) -> Columns:
    """All answers by one reader, so that every column is written once."""
    read, reader = _new_reader(how)
    share = max(len(texts), 1) if progress is None else SHARE
    for at in range(0, len(texts), share):
        read.take(texts if share >= len(texts) else texts[at : at + share], at)
        reader.feed(read.texts)
        if progress is not None:
            progress(at + len(read.texts))
    return reader.columns()


def _read_beside(texts: list[str], how: TextReading, threads: int, progress: Callable[[int], None] | None) -> Columns:
    """All answers by several readers; one more reader appends what they have read, in order."""
    idle: list[tuple[_Texts, BulkReader]] = []

    def read_share(first: int) -> tuple[_Texts, BulkReader]:
        read, reader = idle.pop() if idle else _new_reader(how)
        read.take(texts[first : first + SHARE], first)
        reader.feed(read.texts)
        return read, reader

    _, whole = _new_reader(how)
    for share, (read, reader) in enumerate(in_order(read_share, range(0, len(texts), SHARE), threads), 1):
        whole.absorb(reader)
        if share == 1:
            whole.expect(len(texts) - SHARE)
        idle.append((read, reader))
        if progress is not None:
            progress(min(share * SHARE, len(texts)))
    return whole.columns()


def in_order(work: Callable[[T], R], items: Iterable[T], threads: int) -> Iterator[R]:
    """``work`` of each item by some threads, in the order of the items; they never run far ahead of the consumer."""
    with ThreadPoolExecutor(threads) as pool:
        running: deque[Future[R]] = deque()
        for item in items:
            running.append(pool.submit(work, item))
            if len(running) > threads:
                yield running.popleft().result()
        while running:
            yield running.popleft().result()


def _new_reader(how: TextReading) -> tuple[_Texts, BulkReader]:
    read = _Texts(how)
    return read, bulk_reader(read, how.reading, frame_of=read.frame)


class TextReading(NamedTuple):
    """How texts alone are read, of which nothing is recorded."""

    reading: AnswerReading
    #: The sizes of the images as they were uploaded: none, one for all, or one for each text.
    sizes: Sequence[Size] = ()

    @staticmethod
    def of(
        mode: Mode | ModeName,
        frame: Frame | None,
        dialect: Dialect | str | None,
        sizes: Size | Sequence[Size] | None,
        count: int,
    ) -> TextReading:
        """The options of a caller, checked; ``count`` is the number of texts. Raises ``UsageError``.

        Args:
            mode: How they are parsed.
            frame: What the coordinates count.
            dialect: How they are written.
            sizes: Of one image or of all.
            count: How many texts there are.
        """
        reading = AnswerReading.of(mode, None if frame is None else checked_frame(frame), dialect)
        if reading.dialect == BY_MODEL:
            raise UsageError(f"nobody says which model gave a text: name the dialect in place of {BY_MODEL!r}")
        needs_size = isinstance(reading.dialect, Dialect) and reading.dialect.scale.needs_size and frame is None
        if sizes is None and needs_size:
            raise UsageError(f"the numbers of {reading.dialect.name} are pixels: pass image_sizes=(width, height)")  # type: ignore[union-attr]
        if sizes is not None and not needs_size:
            raise UsageError("image_sizes are for a dialect whose numbers are pixels: leave them out")
        each = () if sizes is None else _one_each(sizes, count)
        if len(each) == 1 and isinstance(reading.dialect, Dialect):
            return TextReading(replace(reading, frame=reading.dialect.scale.frame(each[0])))
        return TextReading(reading, each)

    def frame(self, place: int) -> Frame:
        """What the coordinates of a text count."""
        reading = self.reading
        if reading.frame is not None:
            return reading.frame
        if not isinstance(reading.dialect, Dialect):
            return Frame.GRID
        return frame_for(reading.dialect.scale, self.sizes[place] if self.sizes else None)


def _one_each(sizes: Size | Sequence[Size], count: int) -> Sequence[Size]:
    """One size for all texts, or one for each. Raises ``UsageError``."""
    if len(sizes) == 2 and all(isinstance(side, int | float) for side in sizes):  # noqa: PLR2004 - width and height
        return [sizes]  # type: ignore[list-item]
    if len(sizes) != count:
        raise UsageError(f"image_sizes must be one (width, height), or one for each of {count} texts, not {len(sizes)}")
    return list(sizes)  # type: ignore[arg-type]


class _Texts:
    """Reads one of some answers by the pure parser."""

    def __init__(self, how: TextReading) -> None:
        self.texts: list[str] = []
        self._first = 0
        self._how = how

    def take(self, texts: list[str], first: int) -> None:
        """Read ``texts`` from now on; ``first`` is the place of the first of them among all."""
        self.texts, self._first = texts, first

    def frame(self, index: int) -> Frame:
        """What the coordinates of an answer count."""
        return self._how.frame(self._first + index)

    def __call__(self, index: int) -> Document:
        text, reading, frame = self.texts[index], self._how.reading, self.frame(index)
        answer = Span(0, len(text))
        try:
            if isinstance(reading.dialect, Dialect):
                document = read_within(text, answer, reading.dialect, mode=reading.mode, cut=False, frame=frame)
                return reading.tabled(document)
            return parse_purely(text, answer, mode=reading.mode, cut=False, frame=frame)
        except MarkupError as error:
            place = self._first + index
            raise MarkupError(error.issue, error.source, f"answer {place}", response=place) from None
