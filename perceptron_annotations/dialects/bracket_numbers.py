"""The surface of models that write bare numbers in brackets, or in tags, in the midst of their prose."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from itertools import groupby

from msgspec import Struct

from ..errors import UnwritableError, UsageError
from ..geometry import AnnotationKind
from .bracket_reader import BracketForms, label_before
from .element_reader import ElementReader
from .pieces import Group, Item
from .surface import NumberWriter, SurfaceReader


class BracketLabel(StrEnum):
    """Whether elements in brackets have a label."""

    NONE = "none"
    """None: the question has it."""
    WORDS = "words"
    """The words before it, back to a mark of punctuation, the line or the element before. They stay prose, too."""


class Brackets(Struct, frozen=True):
    """What stands around the numbers of one element, or of several with something between them.

    Brackets may have blanks between them: ``[(`` reads ``[ (`` too.

    >>> from perceptron_annotations.dialects import Brackets
    >>> Brackets("[[", "]]", between=";").around(["1,2,3,4", "5,6,7,8"])
    '[[1,2,3,4;5,6,7,8]]'
    """

    open: str
    close: str
    between: str = ""

    def around(self, groups: Sequence[str]) -> str:
        """The numbers of some elements in these brackets."""
        if self.between:
            return self.open + self.between.join(groups) + self.close
        return " ".join(self.open + group + self.close for group in groups)


class BracketNumbers(Struct, frozen=True, kw_only=True):
    """``a cat [[012,345,678,901]]``: four numbers of a box, or two of a point, in brackets.

    Which of both it is say the brackets, and how many numbers there are if both have the same.

    >>> from perceptron_annotations.dialects import Brackets, BracketNumbers, Dialect, Scale
    >>> surface = BracketNumbers(points=Brackets("[(", ")]", between="), ("), separator=", ")
    >>> trail = Dialect(name="trail", surface=surface, scale=Scale.unit())
    >>> [point.x for point in pa.parse("[(0.25, 0.5), (0.75, 0.5)]", dialect=trail).points]
    [0.25, 0.75]
    """

    boxes: Brackets | None = None
    points: Brackets | None = None
    #: What is written between two numbers; blanks and commas are read.
    separator: str = ","
    #: Numbers are padded with zeros to so many digits.
    digits: int = 0
    label: BracketLabel = BracketLabel.NONE

    def __post_init__(self) -> None:
        if self.boxes is not None and self.points is not None and self.boxes != self.points:
            shorter, longer = sorted((self.boxes.open, self.points.open), key=len)
            if longer.startswith(shorter):
                raise UsageError(f"{shorter!r} begins {longer!r} too, so boxes and points cannot be told apart")

    def reader(self, start: int, *, salvage: bool) -> SurfaceReader:
        """See ``Surface``."""
        return ElementReader(self._forms(), start, salvage=salvage)

    def _forms(self) -> BracketForms:
        kinds: dict[tuple[str, str, str], set[AnnotationKind]] = {}
        for kind, brackets in ((AnnotationKind.BOX, self.boxes), (AnnotationKind.POINT, self.points)):
            if brackets is not None:
                kinds.setdefault((brackets.open, brackets.close, brackets.between), set()).add(kind)
        styles = tuple((*written, frozenset(each)) for written, each in kinds.items())
        return BracketForms(styles, is_labelled=self.label is BracketLabel.WORDS)

    def write(self, items: Sequence[Item | Group], number: NumberWriter) -> str:
        """See ``Surface``."""
        runs = groupby(items, key=lambda item: (self._brackets(item), item.label))
        return "; ".join(self._run(brackets, label, list(run), number) for (brackets, label), run in runs)

    def _brackets(self, item: Item | Group) -> Brackets:
        if isinstance(item, Item):
            found = {AnnotationKind.BOX: self.boxes, AnnotationKind.POINT: self.points}.get(item.kind)
            if found is not None:
                return found
        raise UnwritableError(f"numbers in brackets have no form here for {item!r}")

    def _run(self, brackets: Brackets, label: str | None, items: Sequence[Item | Group], number: NumberWriter) -> str:
        """Some elements of one label."""
        groups = [
            self.separator.join(number(each).zfill(self.digits) for each in item.numbers)
            for item in items
            if isinstance(item, Item)
        ]
        written = brackets.around(groups)
        if label is None:
            return written
        if self.label is BracketLabel.NONE or label_before(f"; {label} ") != label:
            raise UnwritableError(f"this dialect has no form for the label {label[:40]!r}: write it without")
        return (
            f"{label} {written}" if brackets.between else "; ".join(f"{label} {brackets.around([g])}" for g in groups)
        )
