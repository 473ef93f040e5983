"""A dialect → the regular expression of its answers: the form that its writer has, with holes filled by patterns."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from ..errors import UnwritableError, UsageError
from ..frames import Size
from ..geometry import AnnotationKind
from .asked_bounds import literal_pattern
from .dialect import Dialect
from .number_patterns import number_pattern
from .patch_indices import PatchIndices
from .scales import Scale
from .tagged_pairs import TaggedPairs
from .written_forms import (
    INDEX,
    LABEL,
    SECONDS,
    VERTICES,
    X_BASE,
    Y_BASE,
    WrittenForm,
    shared_start,
    written_element,
    written_form,
)

#: Seconds up to 31 years, to the microsecond, as JSON has them.
_SECONDS = "(?:0|[1-9][0-9]{0,8})(?:[.][0-9]{0,5}[1-9])?"
#: A character of a string in JSON.
_JSON_CHARACTER = r'(?:[^"\\\x00-\x1f]|\\["\\/bfnrt])'
#: What free labels may be made of, if the dialect can write it: letters, and what may stand inside.
_LETTERS = "A-Za-z"
_FOREIGN_LETTERS = "À-ÖØ-öø-ɏА-яЁё一-鿿"
_INNER = ("0-9", " ", "_", "'", "-")
#: What is not a label, if labels are the names of tags.
_TOKEN_NAMES = ("s", "pad")


class Bounds(Struct, frozen=True, kw_only=True):
    """What an answer may hold at most."""

    labels: Sequence[str] | None
    max_items: int
    max_vertices: int
    max_label_length: int


def answer_pattern(dialect: Dialect, kind: AnnotationKind, bounds: Bounds, image_size: Size | None) -> str:
    """The expression of answers with elements of one kind. Raises ``UnwritableError`` if the dialect has none."""
    is_labelled = bounds.labels is not None or _can_write(dialect, kind, "cat")
    form = written_form(dialect, kind, labelled=is_labelled)
    holes = _Holes(dialect, form, bounds, image_size)
    if bounds.labels is None:
        first = holes.filled(form.first, _free_label(dialect, kind, bounds) if is_labelled else "")
    else:
        first = _one_of(holes, [_element(dialect, kind, form, label) for label in bounds.labels])
    further = holes.filled(form.last + form.between) + first
    if form.more:
        further = f"(?:{holes.filled(form.more)}|{further})"
    rest = f"(?:{further}){{0,{bounds.max_items - 1}}}" if bounds.max_items > 1 else ""
    some = holes.filled(form.before) + first + rest + holes.filled(form.last + form.after)
    nothing = {dialect.surface.write([], str), *dialect.empty}
    choices = "|".join([some, *map(literal_pattern, sorted(nothing - {""}))])
    return f"(?:{choices}){'?' if '' in nothing else ''}"


class _Holes:
    """Fills the holes of a form."""

    def __init__(self, dialect: Dialect, form: WrittenForm, bounds: Bounds, image_size: Size | None) -> None:
        self._scale: Scale = dialect.scale
        self._frame = dialect.scale.frame(image_size)
        self._vertex = form.vertex
        self._more_vertices = bounds.max_vertices - 1
        inner = dialect.surface.inner if isinstance(dialect.surface, TaggedPairs) else None
        if isinstance(inner, PatchIndices):
            self._index = number_pattern(Scale.bins(inner.side**2), inner.side**2, inner.digits)

    def filled(self, text: str, label: str = "") -> str:
        """The expression of a part of a form."""
        return "".join(self._pattern(char, label) for char in text)

    def _pattern(self, char: str, label: str) -> str:
        if X_BASE < ord(char) < Y_BASE:
            return number_pattern(self._scale, self._frame.width, ord(char) - X_BASE)
        if Y_BASE < ord(char) < ord(LABEL):
            return number_pattern(self._scale, self._frame.height, ord(char) - Y_BASE)
        if char == VERTICES:
            return f"(?:{self.filled(self._vertex)}){{2,{self._more_vertices}}}"
        if char == INDEX:
            return self._index
        return {LABEL: label, SECONDS: _SECONDS}.get(char) or literal_pattern(char)


def _one_of(holes: _Holes, elements: Sequence[str]) -> str:
    """One of the elements, which differ in their labels; what they have in common stands once."""
    if len(elements) == 1:
        return holes.filled(elements[0])
    shared = shared_start(elements)
    rests = [element[shared:] for element in elements]
    behind = shared_start([rest[::-1] for rest in rests])
    ends = [rest[: len(rest) - behind] for rest in rests]
    choices = "|".join(map(holes.filled, ends))
    return holes.filled(elements[0][:shared]) + f"(?:{choices})" + holes.filled(rests[0][len(rests[0]) - behind :])


def _element(dialect: Dialect, kind: AnnotationKind, form: WrittenForm, label: str) -> str:
    try:
        return written_element(dialect, kind, form, label)
    except UnwritableError as error:
        raise UsageError(f"the dialect {dialect.name!r} cannot hold the label {label!r}: {error}") from error


def _free_label(dialect: Dialect, kind: AnnotationKind, bounds: Bounds) -> str:
    """Any label that the dialect can write."""
    most = bounds.max_label_length
    if '\\"' in (_written_with(dialect, kind, '"') or ""):
        return f"{_JSON_CHARACTER}{{1,{most}}}"
    if not all(_can_write(dialect, kind, name) for name in _TOKEN_NAMES):
        raise UsageError(f"not every word is a label in the dialect {dialect.name!r}: pass labels=[...]")
    letters = _LETTERS + (_FOREIGN_LETTERS if _can_write(dialect, kind, "é") else "")
    inner = [each for each in _INNER if _can_write(dialect, kind, f"a{each[0]}b")]
    ends = letters + ("0-9" if "0-9" in inner else "")
    if most == 1:
        return f"[{letters}]"
    return f"[{letters}](?:[{letters}{''.join(inner)}]{{0,{most - 2}}}[{ends}])?"


def _can_write(dialect: Dialect, kind: AnnotationKind, label: str) -> bool:
    return _written_with(dialect, kind, label) is not None


def _written_with(dialect: Dialect, kind: AnnotationKind, label: str) -> str | None:
    """An element with a label; None if the dialect has no form for it."""
    try:
        return written_element(dialect, kind, written_form(dialect, kind, labelled=True), label)
    except UnwritableError:
        return None
