"""A dialect → the words that ask for it: those of its maker, or its contract spelt out from the declaration alone."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from ..errors import UnwritableError
from ..frames import Size
from ..geometry import AnnotationKind, KindName
from .asked_bounds import checked_labels
from .dialect import Dialect
from .known_dialects import known
from .scales import Order, PairOrder, Scale
from .written_forms import VERTICES, WrittenForm, is_number, written_element, written_form

#: The names of the numbers of a box, in the order in which they are written.
_BOX_NAMES = {
    Order.XYXY: ("x_min", "y_min", "x_max", "y_max"),
    Order.YXYX: ("y_min", "x_min", "y_max", "x_max"),
    Order.XYWH: ("x_min", "y_min", "width", "height"),
    Order.CXCYWH: ("x_center", "y_center", "width", "height"),
}
_POINT_NAMES = {PairOrder.XY: ("x", "y"), PairOrder.YX: ("y", "x")}
_NOUNS = {
    AnnotationKind.POINT: "a point on each",
    AnnotationKind.BOX: "the bounding box of each",
    AnnotationKind.POLYGON: "the outline of each",
    AnnotationKind.CLIP: "the time at which each is seen",
}


def prompt_for(
    dialect: Dialect | str,
    labels: Sequence[str],
    *,
    kind: AnnotationKind | KindName = "box",
    image_size: Size | None = None,
) -> str:
    """The words that ask a model for an answer in a dialect.

    If its maker has words for that, they are these. Otherwise the contract is spelt out: how an element is written, the
    order of its numbers, what they count, and what says that there is nothing. Raises ``UnwritableError`` if the
    dialect has no form for the kind, and ``UsageError`` if there are no labels.

    Args:
        dialect: The dialect, or its name.
        labels: What is asked for.
        kind: What the elements are: point, box, polygon or clip.
        image_size: ``(width, height)`` of the image as it was uploaded; a dialect whose numbers are pixels then says
            how many there are, which its model needs.

    >>> from perceptron_annotations.dialects import prompt_for
    >>> prompt_for("paligemma", ["cat", "dog"])
    'detect cat ; dog'
    >>> prompt = prompt_for("gemini", ["cat", "dog"])
    >>> prompt.splitlines()[1]
    '[{"box_2d": [y_min, x_min, y_max, x_max], "label": "cat"}]'
    >>> "x counts from 0 at the left edge of the image to 1000 at its right edge" in prompt
    True
    """
    declared, wanted, found = known(dialect), AnnotationKind.from_name(kind), checked_labels(labels)
    for task in declared.prompts:
        if task.kind is wanted:
            return task.worded(found)
    return _contract(declared, wanted, found, image_size)


def _contract(dialect: Dialect, kind: AnnotationKind, labels: Sequence[str], image_size: Size | None) -> str:
    """The contract in words."""
    form = _labelled_form(dialect, kind, labels)
    is_labelled = form is not None
    if form is None:  # it is asked for one kind of object at a time
        form = written_form(dialect, kind, labelled=False)
    task = f"Find every {_listed(labels, 'and')}, and {_NOUNS[kind]}."
    example = _example(dialect, kind, form)
    sentences = [f"{task} Answer in this form, one element for each, and nothing else:\n{example}\n"]
    if is_labelled:
        sentences.append("The label is " + _listed([f'"{label}"' for label in labels], "or") + ".\n")
    sentences += [_counted(dialect.scale, kind, image_size), _nothing(dialect)]
    return "".join(sentences)


def _example(dialect: Dialect, kind: AnnotationKind, form: WrittenForm) -> str:
    """An answer with one element, with the names of its numbers."""
    names = {
        AnnotationKind.POINT: _POINT_NAMES[dialect.point_order],
        AnnotationKind.BOX: _BOX_NAMES[dialect.order],
        AnnotationKind.POLYGON: _numbered(_POINT_NAMES[dialect.polygon_order]),
        AnnotationKind.CLIP: ("start", "end"),
    }[kind]
    left = iter(names)
    return "".join(next(left) if is_number(char) else char for char in form.one.replace(VERTICES, form.vertex * 2))


def _numbered(pair: tuple[str, str]) -> tuple[str, ...]:
    """The names of the numbers of four vertices."""
    return tuple(f"{name}{place}" for place in range(1, 5) for name in pair)


def _counted(scale: Scale, kind: AnnotationKind, image_size: Size | None) -> str:
    """What the numbers count."""
    if kind is AnnotationKind.CLIP:
        return "Times are seconds from the beginning.\n"
    digits = f"to {scale.decimals} decimal places" if scale.decimals else "in whole numbers"
    if scale.parts is not None:
        last = scale.parts if scale.last is None else scale.last
        return (
            f"x counts from 0 at the left edge of the image to {last:g} at its right edge, "
            f"y from 0 at the top to {last:g} at the bottom, {digits}.\n"
        )
    of = "the image"
    if image_size is not None:
        frame = scale.frame(image_size)
        of = f"the image, which is {frame.width:g} pixels wide and {frame.height:g} high"
    return f"x and y are pixels of {of}, counted from its top left corner, {digits}.\n"


def _nothing(dialect: Dialect) -> str:
    """What says that there is nothing."""
    words = dialect.nothing
    return f"If there is none, answer {words}" if words else "If there is none, say so."


def _listed(words: Sequence[str], last: str) -> str:
    return f" {last} ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _labelled_form(dialect: Dialect, kind: AnnotationKind, labels: Sequence[str]) -> WrittenForm | None:
    """The form with the first label in it; None if the dialect cannot write them all."""
    try:
        form = written_form(dialect, kind, labelled=True)
        elements = [written_element(dialect, kind, form, label) for label in labels]
    except UnwritableError:
        return None
    return replace(form, first=elements[0])
