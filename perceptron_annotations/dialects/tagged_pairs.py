"""The surface of models that write the label between two tokens, and its boxes between two others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from msgspec import Struct

from ..errors import UnwritableError
from ..geometry import AnnotationKind
from .bracket_bodies import BracketLists, CornerPairs
from .final_answer import FinalAnswer
from .json_objects import JsonObjects
from .lexing import SPECIAL, Lexer, Sort, Token, literal
from .patch_indices import PatchIndices
from .pieces import Group, Item
from .surface import NumberWriter, SurfaceReader
from .tagged_reader import TaggedReader

#: The tokens before and behind something.
_Pair = tuple[str, str]


class TaggedPairs(Struct, frozen=True, kw_only=True):
    """``<ref>bus</ref><box>[[290, 202, 835, 851]]</box>``: a label between tokens, and boxes between others.

    >>> from perceptron_annotations.dialects import CornerPairs, Item, TaggedPairs
    >>> box = Item(kind=pa.AnnotationKind.BOX, numbers=(290, 202, 835, 851), label="bus")
    >>> TaggedPairs().write([box], str)
    '<ref>bus</ref><box>[[290, 202, 835, 851]]</box>'
    >>> TaggedPairs(inner=CornerPairs()).write([box], str)
    '<ref>bus</ref><box>(290,202),(835,851)</box>'
    """

    #: The tokens around a label; None if elements have none.
    label: _Pair | None = ("<ref>", "</ref>")
    #: Whether labels are words of a caption, so that they are prose too.
    is_caption: bool = False
    #: The tokens around elements of each kind; None for a kind that has no form.
    box: _Pair | None = ("<box>", "</box>")
    point: _Pair | None = None
    polygon: _Pair | None = None
    #: The tokens around what may be an element of any kind, as its numbers say.
    anything: _Pair | None = None
    #: What is read outside of all tokens, too; they are gone if special tokens are skipped.
    outside: JsonObjects | None = None
    #: How elements are written between their tokens.
    inner: BracketLists | CornerPairs | PatchIndices | FinalAnswer = BracketLists()

    def pairs(self) -> Sequence[tuple[AnnotationKind | None, _Pair]]:
        """The kinds of elements, each with its tokens."""
        kinds = (
            (AnnotationKind.BOX, self.box),
            (AnnotationKind.POINT, self.point),
            (AnnotationKind.POLYGON, self.polygon),
            (None, self.anything),
        )
        return [(kind, pair) for kind, pair in kinds if pair is not None]

    def tokens(self) -> Sequence[Token]:
        """The tokens that answers have."""
        tokens = [] if self.label is None else [*map(literal, (Sort.LABEL_OPEN, Sort.LABEL_CLOSE), self.label)]
        for _, pair in self.pairs():
            tokens += map(literal, (Sort.OPEN, Sort.CLOSE), pair)
        return [*tokens, SPECIAL]

    def reader(self, start: int, *, salvage: bool) -> SurfaceReader:
        """See ``Surface``."""
        return TaggedReader(self, start, salvage=salvage)

    def write(self, items: Sequence[Item | Group], number: NumberWriter) -> str:
        """See ``Surface``."""
        return "".join(self._written([self._checked(item) for item in items], number))

    def _written(self, items: Sequence[Item], number: NumberWriter) -> Iterator[str]:
        """Each label once for all items in a row that have it; an end of line ends a label."""
        is_first = True
        for label, group in groupby(items, key=self._label_of):
            if label is not None:
                yield self._label(label)
            elif not is_first:
                yield "\n"
            yield from self._elements(list(group), number)
            is_first = False

    def _elements(self, items: Sequence[Item], number: NumberWriter) -> Iterator[str]:
        """The elements of one label, those of a kind in a row together."""
        for (opening, closing), group in groupby(items, key=lambda item: self._pair(item.kind)):
            yield from (f"{opening}{body}{closing}" for body in self.inner.bodies(list(group), number))

    def _label_of(self, item: Item) -> str | None:
        """The label that stands before an item; a final answer has those of its items in it."""
        return None if isinstance(self.inner, FinalAnswer) else item.label or None

    def _checked(self, item: Item | Group) -> Item:
        if isinstance(item, Group) or item.kind is AnnotationKind.CLIP:
            raise UnwritableError(f"these tokens have no form for {item!r}")
        self._pair(item.kind)
        return item

    def _pair(self, kind: AnnotationKind) -> _Pair:
        pair = dict(self.pairs()).get(kind) or self.anything
        if pair is None:
            raise UnwritableError(f"these tokens have no form for a {kind.value}")
        return pair

    def _label(self, label: str) -> str:
        if self.label is None:
            raise UnwritableError(f"these tokens have no form for a label, such as {label!r}")
        lexemes = list(Lexer(self.tokens()).read(f"{label}\0"))
        if len(lexemes) != 1 or lexemes[0].sort is not Sort.WORDS or label != label.strip():
            raise UnwritableError(f"these tokens have no form for the label {label!r}")
        return f"{self.label[0]}{label}{self.label[1]}"
