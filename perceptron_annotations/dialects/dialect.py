"""The declaration of a dialect: how a model writes geometry, and what its numbers count."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from ..geometry import AnnotationKind
from .scales import Order, PairOrder, Scale
from .surface import Surface


class TaskPrompt(Struct, frozen=True):
    """The words with which a maker asks for elements of one kind.

    >>> from perceptron_annotations.dialects import TaskPrompt
    >>> TaskPrompt(pa.AnnotationKind.BOX, "detect {labels}", between=" ; ").worded(["cat", "dog"])
    'detect cat ; dog'
    """

    kind: AnnotationKind
    #: ``{labels}`` in it becomes the labels.
    template: str
    #: What stands between two labels.
    between: str = ", "

    def worded(self, labels: Sequence[str]) -> str:
        """The words for these labels."""
        return self.template.replace("{labels}", self.between.join(labels))


class Dialect(Struct, frozen=True, kw_only=True):
    """One way of writing boxes and points; all that reads and writes it follows from these fields.

    The frame belongs to the prompt as much as to the model: the same model asked otherwise answers otherwise. State
    what you asked for, by :meth:`replace` if no preset has it.

    >>> from perceptron_annotations.dialects import dialect_named
    >>> dialect = dialect_named("qwen3-vl")
    >>> pa.parse('[{"bbox_2d": [10, 20, 30, 40], "label": "cat"}]', dialect=dialect).boxes
    (Box(x1=10.0, y1=20.0, x2=30.0, y2=40.0, mention='cat'),)
    """

    name: str
    surface: Surface
    scale: Scale
    order: Order = Order.XYXY
    point_order: PairOrder = PairOrder.XY
    polygon_order: PairOrder = PairOrder.XY
    #: Answers that say that there is nothing, besides an empty list.
    empty: tuple[str, ...] = ()
    #: Names of models that are known to answer so if asked as their maker asks: patterns of ``fnmatch``, in lower case.
    models: tuple[str, ...] = ()
    #: How its maker asks for it, if that is not by stating the contract.
    prompts: tuple[TaskPrompt, ...] = ()
    #: Where the facts come from, and when that was looked up.
    source: str = ""
    date: str = ""

    @property
    def nothing(self) -> str:
        """What an answer without elements says: an empty list, or the words for it; nothing if there are none."""
        return self.surface.write([], str) or next(iter(self.empty), "")

    def replace(self, **changes: Any) -> Dialect:
        """The same dialect with other fields: another order or scale."""
        return replace(self, **changes)
