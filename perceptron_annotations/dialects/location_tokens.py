"""The surface of models that write each number as a token of its own: ``<loc_52><loc_334><loc_932><loc_774>``."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum
from itertools import groupby

from msgspec import Struct

from ..errors import UnwritableError
from ..geometry import AnnotationKind
from .labels_after import LabelAfterReader
from .labels_before import LabelBeforeReader, TagReader
from .lexing import NEWLINE, SPECIAL, Lexer, Sort, Token, literal, numbered, paired
from .pieces import Group, Item
from .surface import NumberWriter, SurfaceReader


class TokenLabel(StrEnum):
    """Where the label of an element stands."""

    BEFORE = "before"
    """Before the tokens, and for all elements up to the next label: ``wheel<loc_1>…<loc_4><loc_5>…<loc_8>``."""
    AFTER = "after"
    """Behind the tokens, up to a separator: ``<loc0001>…<loc0004> wheel ; <loc0005>…``."""
    TAG = "tag"
    """It is the name of the tag before the tokens: ``<table><loc_1>…<loc_4>``."""


#: What so many numbers are.
_KINDS = {2: AnnotationKind.POINT, 4: AnnotationKind.BOX}
_TAG = Token(Sort.TAG, r"</?[A-Za-z0-9_]{1,64}+>", r"</?[A-Za-z0-9_]{0,64}+")


class LocationTokens(Struct, frozen=True, kw_only=True):
    """``car<loc_52><loc_334><loc_932><loc_774>``: each number is a token, and the label stands before or behind.

    >>> from perceptron_annotations.dialects import Item, LocationTokens
    >>> box = Item(kind=pa.AnnotationKind.BOX, numbers=(52, 334, 932, 774), label="car")
    >>> LocationTokens().write([box], str)
    'car<loc_52><loc_334><loc_932><loc_774>'
    >>> LocationTokens(prefix="<loc", digits=4, label=pa.dialects.TokenLabel.AFTER).write([box], str)
    '<loc0052><loc0334><loc0932><loc0774> car'
    """

    #: What a token has before its digits; ``>`` is behind them.
    prefix: str = "<loc_"
    #: What a token has between two numbers and behind them, if it has two: ``(1,2)``.
    pair: tuple[str, str] | None = None
    #: What is written between the tokens of an element.
    joint: str = ""
    #: Numbers with fewer digits get zeros before them.
    digits: int = 1
    label: TokenLabel = TokenLabel.BEFORE
    #: The numbers of an element: 4 of a box, 2 of a point, 8 of a quad. None if tokens in a row are one polygon.
    count: int | None = 4
    #: What stands between elements whose labels are behind.
    separator: str = ";"
    #: Tokens around the polygons of one object, and between them; they may have any number of vertices.
    polygon: tuple[str, str, str] | None = None
    #: What tokens begin with that follow those of an element and are kept as they are, and how many there are.
    data: tuple[str, int] | None = None

    @property
    def kind(self) -> AnnotationKind:
        """What tokens in a row are."""
        return _KINDS.get(self.count or 0, AnnotationKind.POLYGON)

    def reader(self, start: int, *, salvage: bool) -> SurfaceReader:
        """See ``Surface``."""
        return _READERS[self.label](self, start, salvage=salvage)

    def tokens(self) -> Sequence[Token]:
        """The tokens that answers have."""
        numbers = numbered(Sort.NUMBER, self.prefix) if self.pair is None else [paired(self.prefix, *self.pair)]
        tokens = [*numbers, NEWLINE]
        if self.data is not None:
            tokens += [*numbered(Sort.DATA, self.data[0])]
        if self.polygon is not None:
            tokens += map(literal, (Sort.OPEN, Sort.SEPARATOR, Sort.CLOSE), self.polygon)
        if self.label is TokenLabel.AFTER:
            tokens.append(literal(Sort.SEPARATOR, self.separator))
        tokens.append(SPECIAL)
        return [*tokens, _TAG] if self.label is TokenLabel.TAG else tokens

    def write(self, items: Sequence[Item | Group], number: NumberWriter) -> str:
        """See ``Surface``."""
        entries = [(_label_of(item), self._run(item, number)) for item in items]
        for label, _ in entries:
            self._check(label)
        if self.label is TokenLabel.TAG:
            return "".join(f"<{label}>{run}</{label}>" if label else run for label, run in entries)
        if self.label is TokenLabel.AFTER:
            return f" {self.separator} ".join(f"{run} {label}" if label else run for label, run in entries)
        return "".join(_before(entries))

    def _run(self, item: Item | Group, number: NumberWriter) -> str:
        """The tokens of an element."""
        if isinstance(item, Group):
            if item.tag == "track" or not all(_is_polygon(member) for member in item.members):
                raise UnwritableError(f"location tokens have no form for {item!r}")
            return self._rings([self._digits(ring, number) for ring in item.members if isinstance(ring, Item)])
        tokens = self._digits(item, number)
        if item.kind is self.kind and len(item.numbers) == self.count:
            data = dict(item.attributes).get(self.data[0].strip("<")) if self.data is not None else None
            return tokens + (data or "")
        if item.kind is AnnotationKind.POLYGON:
            return self._rings([tokens])
        raise UnwritableError(f"location tokens have no form for {item!r}, only for {self.count} numbers")

    def _rings(self, rings: Sequence[str]) -> str:
        if self.polygon is None:
            raise UnwritableError("these location tokens have no form for polygons")
        opening, between, closing = self.polygon
        return opening + between.join(rings) + closing

    def _digits(self, item: Item, number: NumberWriter) -> str:
        digits = [number(each).zfill(self.digits) for each in item.numbers]
        if self.pair is None:
            return self.joint.join(f"{self.prefix}{each}>" for each in digits)
        between, suffix = self.pair
        pairs = zip(digits[::2], digits[1::2], strict=True)
        return self.joint.join(f"{self.prefix}{x}{between}{y}{suffix}" for x, y in pairs)

    def _check(self, label: str | None) -> None:
        """Raises ``UnwritableError`` for a label that would be read as anything else."""
        if label is None:
            return
        lexemes = list(Lexer(self.tokens()).read(f"<{label}>" if self.label is TokenLabel.TAG else label))
        wanted = Sort.TAG if self.label is TokenLabel.TAG else Sort.WORDS
        is_whole = len(lexemes) == 1 and lexemes[0].sort is wanted and label in lexemes[0].text
        if not is_whole or label != label.lstrip(self.joint).strip() or label.startswith("/"):
            raise UnwritableError(f"location tokens have no form for the label {label!r}")


_READERS: dict[TokenLabel, Callable[..., SurfaceReader]] = {
    TokenLabel.BEFORE: LabelBeforeReader,
    TokenLabel.AFTER: LabelAfterReader,
    TokenLabel.TAG: TagReader,
}


def _label_of(item: Item | Group) -> str | None:
    return item.label or None


def _is_polygon(member: Item | Group) -> bool:
    return isinstance(member, Item) and member.kind is AnnotationKind.POLYGON and not member.label


def _before(entries: Sequence[tuple[str | None, str]]) -> Iterator[str]:
    """Each label once for all elements in a row that have it; an end of line ends a label."""
    is_first = True
    for label, group in groupby(entries, key=lambda entry: entry[0]):
        if label is None and not is_first:
            yield "\n"
        yield (label or "") + "".join(run for _, run in group)
        is_first = False
