"""Answers with labels and boxes between tokens → pieces.

What is between the tokens of a box is read by its form; this reader knows which label it has, and where it is broken.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum, auto
from typing import TYPE_CHECKING

from ..geometry import AnnotationKind
from ..issues import IssueCode
from .lexing import Lexeme, Lexer, Sort
from .pieces import Piece
from .surface import SurfaceReader
from .tagged_bodies import Body, BodyReader
from .telling import Telling

if TYPE_CHECKING:
    from .json_objects import JsonObjects
    from .tagged_pairs import TaggedPairs


#: What may stand between two boxes of one label.
_BETWEEN = " \t\r,;"


class _Place(Enum):
    """Where the end of what has arrived lies."""

    OUTSIDE = auto()
    LABEL = auto()
    BEHIND_LABEL = auto()
    BODY = auto()


class TaggedReader:
    """Reads one answer; see ``SurfaceReader``."""

    def __init__(self, surface: TaggedPairs, start: int, *, salvage: bool) -> None:
        self._inner = surface.inner
        self._is_caption = surface.is_caption
        self._surface_outside = surface.outside
        self._outside: SurfaceReader | None = None  # of the words since the last token
        self._kinds: dict[str, AnnotationKind | None] = {pair[0]: kind for kind, pair in surface.pairs()}
        self._closings = {pair[0]: pair[1] for _, pair in surface.pairs()}
        self._lexer = Lexer(surface.tokens())
        self._telling = Telling(start, salvage=salvage)
        self._place = _Place.OUTSIDE
        self._label: str | None = None
        self._words: list[str] = []  # of the label that is open
        self._from = 0  # where the element begins that is open
        self._label_ends = (0, 0, 0)  # behind the token before the label, before the one behind it, and behind that
        self._body: BodyReader | None = None
        self._closing = ""  # what ends it
        self._take: dict[Sort, Callable[[Lexeme], None]] = {
            Sort.WORDS: self._take_words,
            Sort.LABEL_OPEN: self._open_label,
            Sort.LABEL_CLOSE: self._close_label,
            Sort.OPEN: self._open_body,
            Sort.CLOSE: self._close_body,
            Sort.SPECIAL: self._take_special,
        }

    @property
    def truncated(self) -> bool:
        """See ``SurfaceReader``."""
        return self._telling.truncated

    def read(self, text: str) -> list[Piece]:
        """See ``SurfaceReader``."""
        self._telling.received.append(text)
        for lexeme in self._lexer.read(text):
            self._take[lexeme.sort](lexeme)
        return self._telling.taken()

    def finish(self) -> list[Piece]:
        """See ``SurfaceReader``."""
        end = self._telling.received.length
        for lexeme in self._lexer.finish():
            if lexeme.sort is Sort.WORDS or (self._place is _Place.OUTSIDE and len(lexeme.text) == 1):
                self._take_words(lexeme)
            elif self._place is _Place.OUTSIDE:
                self._finish_outside()
                self._telling.lost(lexeme.start, end, IssueCode.TRUNCATED_ELEMENT)
        self._break_off(end, IssueCode.TRUNCATED_ELEMENT)
        self._telling.syntax(end)
        return self._telling.taken()

    def _take_words(self, lexeme: Lexeme) -> None:
        text = lexeme.text
        if self._body is not None:
            self._body.read(text)
        elif self._place is _Place.LABEL:
            self._words.append(text)
        elif self._place is _Place.BEHIND_LABEL and text.isspace():
            pass  # the box may follow
        elif self._surface_outside is not None:
            self._read_outside(self._surface_outside, lexeme)
        else:
            self._release()
            if "\n" in text or text.strip(_BETWEEN):
                self._label = None
            self._telling.words(text, lexeme.end)

    def _read_outside(self, surface: JsonObjects, lexeme: Lexeme) -> None:
        """Words outside of all tokens, which another surface reads."""
        telling = self._telling
        if self._outside is None:
            telling.syntax(lexeme.start)
            self._outside = surface.reader(telling.start + lexeme.start, salvage=telling.salvage)
        telling.others(list(self._outside.read(lexeme.text)))

    def _finish_outside(self, code: IssueCode = IssueCode.INVALID_ITEM) -> None:
        """A token or the end of the answer ends such words."""
        if self._outside is not None:
            self._telling.others(list(self._outside.finish()))
            self._telling.truncated |= self._outside.truncated and code is IssueCode.TRUNCATED_ELEMENT
            self._outside = None

    def _take_special(self, lexeme: Lexeme) -> None:
        self._break_off(lexeme.start)
        self._label = None
        self._telling.token(lexeme.start, lexeme.end)

    def _open_label(self, lexeme: Lexeme) -> None:
        self._break_off(lexeme.start)
        self._place, self._label = _Place.LABEL, None
        self._from = lexeme.start
        self._label_ends = (lexeme.end, 0, 0)

    def _close_label(self, lexeme: Lexeme) -> None:
        if self._place is not _Place.LABEL:
            self._break_off(lexeme.start)
            self._telling.lost(lexeme.start, lexeme.end)
            return
        self._place = _Place.BEHIND_LABEL
        self._label = "".join(self._words).strip() or None
        self._words.clear()
        self._label_ends = (self._label_ends[0], lexeme.start, lexeme.end)

    def _open_body(self, lexeme: Lexeme) -> None:
        if self._place is not _Place.BEHIND_LABEL:
            self._break_off(lexeme.start)
            self._from = lexeme.start
        elif self._is_caption:
            self._from = self._tell_label()
        self._place = _Place.BODY
        self._closing = self._closings[lexeme.text]
        body = Body(self._telling, self._from, lexeme.end, self._kinds[lexeme.text], self._label)
        self._body = self._inner.reader(body)

    def _close_body(self, lexeme: Lexeme) -> None:
        if self._body is None or lexeme.text != self._closing:
            self._break_off(lexeme.start)
            self._telling.lost(lexeme.start, lexeme.end)
            return
        self._body.finish()
        self._body = None
        self._place = _Place.OUTSIDE
        self._telling.token(lexeme.start, lexeme.end)

    def _break_off(self, end: int, code: IssueCode = IssueCode.INVALID_ITEM) -> None:
        """What is open was not closed before ``end``."""
        self._finish_outside(code)
        if self._body is not None:
            self._body.break_off(end, code)
            self._body = None
        elif self._place is _Place.LABEL or self._lacks_body(code):
            self._telling.lost(self._from, end, code)
            self._words.clear()
            self._place = _Place.OUTSIDE
        self._release()
        self._place = _Place.OUTSIDE

    def _lacks_body(self, code: IssueCode) -> bool:
        """Whether the answer was cut between a label and its box; a caption has labels without one."""
        is_behind = self._place is _Place.BEHIND_LABEL
        return is_behind and code is IssueCode.TRUNCATED_ELEMENT and not self._is_caption

    def _release(self) -> None:
        """No box follows a label: it is words like those around it."""
        if self._place is _Place.BEHIND_LABEL:
            self._tell_label()
            self._telling.syntax(self._label_ends[2])
            self._label = None
        self._place = _Place.OUTSIDE

    def _tell_label(self) -> int:
        """Tell a label as prose; where it ends."""
        opened, closing, _ = self._label_ends
        self._telling.syntax(opened)
        self._telling.prose(closing)
        return closing
