"""How a dialect writes, told by its own writer: answers with holes for the numbers and labels.

Nobody declares the form of an answer twice. A few items are written whose numbers and labels are marks; what stands
around the marks is the form, and what a second item adds is what stands between two. From it come the constraint and
the wording of a prompt, for any surface that can write.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from msgspec import Struct

from ..geometry import AnnotationKind
from .dialect import Dialect
from .patch_indices import PatchIndices
from .pieces import Item
from .scales import PairOrder
from .tagged_pairs import TaggedPairs

#: Holes are characters for private use. That of a number is the base of its axis and the digits that it is padded to.
X_BASE, Y_BASE = 0xE000, 0xE100
LABEL, VERTICES, SECONDS, INDEX = "\ue200", "\ue201", "\ue202", "\ue203"

#: Labels that each surface writes as they are.
_LABELS = ("LabelQx", "LabelQy")
_LABEL_TEXT = re.compile("|".join(_LABELS))
#: The numbers of an item: which axis each counts on.
_X, _Y = 1.0, 2.0
_MARKS = {_X: chr(X_BASE), _Y: chr(Y_BASE)}
_PADDED = re.compile(f"(0*)([{''.join(_MARKS.values())}])")
#: The start and the end of a clip, which are written as they are, whatever the dialect's digits.
_CLIP = (123456789.0, 987654321.0)
_CLIP_TEXT = re.compile("123456789|987654321")
_LEAST_VERTICES = 3


class WrittenForm(Struct, frozen=True):
    """The parts of an answer: ``before first (more | last between first)* last after``."""

    before: str
    #: An element, up to where another of the same label may follow.
    first: str
    #: What another of the same label adds there; nothing if it is written as the first was.
    more: str
    last: str
    between: str
    after: str
    #: What each vertex adds to a polygon, if it may have any number of them.
    vertex: str = ""

    @property
    def one(self) -> str:
        """An answer with one element."""
        return self.before + self.first + self.last + self.after


def written_form(dialect: Dialect, kind: AnnotationKind, *, labelled: bool) -> WrittenForm:
    """The form of answers with elements of one kind. Raises ``UnwritableError`` if the dialect has none."""
    writer = _FormWriter(dialect, kind)
    first, second = _LABELS if labelled else (None, None)
    one, both, same = writer.text(first), writer.text(first, second), writer.text(first, first)
    after = next(size for size in range(len(one) + 1) if both.startswith(one[: len(one) - size]))
    start = next(size for size in range(len(one) + 1) if both.endswith(one[size:]))
    element, end = one[start : len(one) - after], len(one) - after
    between = both[end : len(both) - (len(one) - start)]
    at, more = _inserted(one, same) or (end, "")
    if LABEL in one[at:] or more == one[at:end] + between + one[start:at]:
        at, more = end, ""
    return WrittenForm(
        before=one[:start],
        first=element[: at - start],
        more=more,
        last=one[at:end],
        between=between,
        after=one[end:],
        vertex=writer.vertex,
    )


def is_number(char: str) -> bool:
    """Whether a character is the hole of a number."""
    return char in (SECONDS, INDEX) or X_BASE <= ord(char) < ord(LABEL)


def written_element(dialect: Dialect, kind: AnnotationKind, form: WrittenForm, label: str) -> str:
    """What ``form.first`` is with a label. Raises ``UnwritableError`` if the dialect has no form for that."""
    text = _FormWriter(dialect, kind).text(label)
    return text[len(form.before) : len(text) - len(form.last) - len(form.after)]


class _FormWriter:
    """Writes answers with holes."""

    def __init__(self, dialect: Dialect, kind: AnnotationKind) -> None:
        self._surface = dialect.surface
        self._kind = kind
        pair = dialect.polygon_order if kind is AnnotationKind.POLYGON else dialect.point_order
        if kind is AnnotationKind.BOX:
            self._pair = (_Y, _X) if dialect.order.value.startswith("y") else (_X, _Y)
        else:
            self._pair = (_Y, _X) if pair is PairOrder.YX else (_X, _Y)
        self.vertex = ""
        self._vertices = _LEAST_VERTICES
        if kind is AnnotationKind.POLYGON:
            self._look_at_vertices()

    def text(self, *labels: str | None) -> str:
        """An answer with an element for each label."""
        items = [Item(kind=self._kind, numbers=self._numbers(), label=label) for label in labels]
        text = self._surface.write(items, lambda number: _MARKS.get(number, ""))
        text = _PADDED.sub(lambda found: chr(ord(found[2]) + len(found[0])), text)
        text = _LABEL_TEXT.sub(LABEL, text)
        if self._kind is AnnotationKind.CLIP:
            return _CLIP_TEXT.sub(SECONDS, text)
        inner = self._surface.inner if isinstance(self._surface, TaggedPairs) else None
        if isinstance(inner, PatchIndices):
            return re.sub(f"(?<={re.escape(inner.prefix)})[0-9]+(?=>)", INDEX, text)
        return text.replace(self.vertex * 2, VERTICES) if self.vertex else text

    def _numbers(self) -> tuple[float, ...]:
        pairs = {AnnotationKind.POINT: 1, AnnotationKind.BOX: 2, AnnotationKind.POLYGON: self._vertices}
        return _CLIP if self._kind is AnnotationKind.CLIP else self._pair * pairs[self._kind]

    def _look_at_vertices(self) -> None:
        """Find what a vertex adds; a surface for which they are always four has a form for those alone."""
        texts = []
        for self._vertices in (3, 4, 5):
            texts.append(self.text(None))
        added = [_inserted(*pair) for pair in pairwise(texts)]
        if added[0] is not None and added[1] is not None and added[0][1] == added[1][1]:
            self.vertex, self._vertices = added[0][1], _LEAST_VERTICES
        else:
            self._vertices = _LEAST_VERTICES + 1


def _inserted(short: str, long: str) -> tuple[int, str] | None:
    """Where ``long`` has more than ``short``, and what; None if it is another text altogether."""
    at, more = shared_start([short, long]), len(long) - len(short)
    return (at, long[at : at + more]) if long[at + more :] == short[at:] else None


def shared_start(texts: Sequence[str]) -> int:
    """How many characters all texts begin with."""
    columns = enumerate(zip(*texts, strict=False))
    return next((place for place, chars in columns if len(set(chars)) > 1), min(map(len, texts)))
