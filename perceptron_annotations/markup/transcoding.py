"""What one answer says, written in another dialect, and what of it that dialect does not hold.

What was lost is not foretold but found: what was written is read again, and compared with what should stand there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from typing import NamedTuple

from msgspec import Struct

from ..dialects.dialect import Dialect
from ..dialects.known_dialects import known
from ..dialects.writing import AnswerWriter
from ..errors import UnwritableError
from ..frames import Frame, Size
from ..geometry import Annotation, AnnotationKind, Clip, Collection, Shape, Track, Value
from ..losses import Loss, LossCode, LossCounter
from .document import Document
from .parsing import parse
from .write import to_markup, written_values

#: The name of our own markup as a dialect.
OWN_MARKUP = "perceptron"


class Transcoded(Struct, frozen=True):
    """An answer in another dialect, and what of the first is not in it."""

    text: str
    losses: tuple[Loss, ...] = ()
    #: The most that a coordinate moved by, in parts of a thousand of the image's side; 0 if all are exact.
    moved: float = 0.0


def transcode(document: Document, dialect: Dialect | str, *, image_size: Size | None = None) -> Transcoded:
    """What a document says, in a dialect, or in our own markup if that is ``"perceptron"``.

    Coordinates are rounded as the target writes them: each moves by half a step of its scale at most, and by a whole
    bin at most in dialects of bins. What has no form in the target is left out; the losses say how often, by code.
    Raises ``UsageError`` if the target counts pixels and ``image_size`` is missing.

    >>> document = pa.parse('[{"bbox_2d": [101, 20, 30, 40], "label": "cat"}]', dialect="qwen3-vl")
    >>> pa.markup.transcode(document, "perceptron").text
    '<point_box mention="cat"> (101,20) (30,40) </point_box>'
    >>> percent = pa.markup.transcode(document, "json-xyxy-100")
    >>> percent.text, [loss.code.value for loss in percent.losses], percent.moved
    ('[{"bbox_2d": [10, 2, 3, 4], "label": "cat"}]', ['rounded_coordinates'], 1.0)
    """
    target = AnswerTarget.of(dialect, image_size)
    losses = LossCounter()
    losses.add(LossCode.UNREAD_ELEMENT, "", sum(issue.failure for issue in document.issues))
    losses.add(LossCode.PROSE, document.prose.strip()[:_QUOTED], bool(document.prose.strip()))
    written = target.written(written_values(document), losses)
    return Transcoded(written.text, losses.losses, written.moved)


_QUOTED = 40


class WrittenAnswer(NamedTuple):
    """An answer, how many annotations are in it, and the most that a coordinate moved by."""

    text: str
    annotations: int
    moved: float


class AnswerTarget(Struct, frozen=True):
    """How answers are written and read, in a dialect or in our own markup."""

    write: Callable[[Iterable[Value]], str]
    read: Callable[[str], Document]

    @staticmethod
    def of(dialect: Dialect | str, image_size: Size | None) -> AnswerTarget:
        """The target that is a dialect, or our own markup if that is ``"perceptron"``, for one image."""
        if dialect == OWN_MARKUP:
            return AnswerTarget(lambda values: to_markup([_on_grid(value) for value in values]), parse)
        declared = known(dialect)
        writer = AnswerWriter(declared, image_size)
        return AnswerTarget(writer.write, lambda text: parse(text, dialect=declared, image_size=image_size))

    def written(self, values: Iterable[Value], losses: LossCounter, place: str = "") -> WrittenAnswer:
        """One answer; what is not in it is counted, with its ``place``."""
        kept = list(values)
        try:
            text = self.write(kept)
        except UnwritableError:
            kept = list(chain.from_iterable(_writable(value, self.write, losses) for value in kept))
            text = self.write(kept)
        leaves = _leaves(kept)
        return WrittenAnswer(text, len(leaves), _compare(leaves, self.read(text).annotations, losses, place))


def _on_grid(value: Value) -> Value:
    """A value as our own markup can hold it."""
    if isinstance(value, Track):
        return value.replace(waypoints=tuple(map(_on_grid, value.waypoints)))
    if isinstance(value, Collection):
        return value.replace(children=tuple(map(_on_grid, value.children)))
    return value if isinstance(value, Clip) else value.to(Frame.GRID).clamped().rounded()


def _writable(value: Value, write: Callable[[Iterable[Value]], str], losses: LossCounter) -> Iterable[Value]:
    """The value if it has a form in the target, otherwise its parts that have one."""
    try:
        write([value])
    except UnwritableError:
        if isinstance(value, Track):
            losses.add(LossCode.TRACK, value.mention or "", len(value.waypoints))
            parts: Sequence[Value] = [_part(waypoint, value) for waypoint in value.waypoints]
        elif isinstance(value, Collection):
            losses.add(LossCode.COLLECTION, value.mention or "")
            parts = [_part(child, value) for child in value.children]
        else:
            bare = value.replace(mention=None)
            if value.mention and _is_written(bare, write):  # it is the label that has no form
                losses.add(LossCode.LABEL, value.mention)
                return (bare,)
            losses.add(_KIND_LOSSES[_kind(value)], value.mention or "")
            return ()
        return chain.from_iterable(_writable(part, write, losses) for part in parts)
    return (value,)


def _is_written(value: Value, write: Callable[[Iterable[Value]], str]) -> bool:
    try:
        write([value])
    except UnwritableError:
        return False
    return True


_KIND_LOSSES = {
    AnnotationKind.POINT: LossCode.POINT,
    AnnotationKind.BOX: LossCode.BOX,
    AnnotationKind.POLYGON: LossCode.POLYGON,
    AnnotationKind.CLIP: LossCode.CLIP,
}


def _kind(value: Annotation) -> AnnotationKind:
    return AnnotationKind.from_name(type(value).__name__.lower())


def _part(part: Value, whole: Track | Collection) -> Value:
    """A member of a container, with the mention that it takes from it."""
    return part if part.mention or not whole.mention else part.replace(mention=whole.mention)


def _leaves(values: Iterable[Value]) -> list[Annotation]:
    """The annotations of values, with the mentions that they take."""
    found: list[Annotation] = []
    for value in values:
        if isinstance(value, Track):
            found += [_part(waypoint, value) for waypoint in value.waypoints]  # type: ignore[misc]
        elif isinstance(value, Collection):
            found += _leaves(_part(child, value) for child in value.children)
        else:
            found.append(value)
    return found


def _compare(wanted: Sequence[Annotation], found: Sequence[Annotation], losses: LossCounter, name: str) -> float:
    """Count what differs between what should be there and what is; the most that a coordinate moved by."""
    most = 0.0
    for number, (before, after) in enumerate(zip(wanted, found, strict=True)):
        place = f"{name}: {before.mention}" if name else f"annotation {number}"
        losses.add(LossCode.LABEL, place, before.mention != after.mention)
        losses.add(LossCode.SCORE, place, before.score != after.score)
        if isinstance(before, Shape) and isinstance(after, Shape):
            losses.add(LossCode.TIMESTAMP, place, before.t != after.t)
            moved = _moved(before.to(Frame.GRID), after.to(Frame.GRID))
            losses.add(LossCode.ROUNDED_COORDINATES, place, moved > 0)
            most = max(most, moved)
    return most


def _moved(before: Shape, after: Shape) -> float:
    """The most that a coordinate differs, on the grid; what is less than a billionth of the side is arithmetic."""
    pairs = zip(chain(*before.coordinates), chain(*after.coordinates), strict=True)
    most = max(abs(one - other) for one, other in pairs)
    return most if most > _ARITHMETIC else 0.0


_ARITHMETIC = 1e-6
