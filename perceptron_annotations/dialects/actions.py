"""The surface of models that use a screen: actions with the place at which they are done."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from ..errors import UnwritableError
from ..geometry import AnnotationKind
from .action_reader import ActionForms
from .element_reader import ElementReader
from .pieces import Group, Item
from .surface import NumberWriter, SurfaceReader

#: The actions of UI-TARS and of ``pyautogui`` that have a place.
PLACED_ACTIONS = (
    *("click", "left_single", "left_double", "right_single", "double_click", "right_click", "middle_click"),
    *("left_click", "triple_click", "hover", "long_press", "tap", "scroll", "drag", "select", "swipe", "move", "type"),
    *("doubleClick", "rightClick", "middleClick", "tripleClick", "moveTo", "dragTo", "mouseDown", "mouseUp", "hscroll"),
)


class Actions(Struct, frozen=True, kw_only=True):
    """``click(start_box='(197,525)')``: a point, or the start and the end of a drag.

    A place is read however it is written: ``start_box='<|box_start|>(1,2)<|box_end|>'``,
    ``point='<point>1 2</point>'``, ``x=1, y=2`` or ``coordinate=[1, 2]``; four numbers are a box. The name of the
    action and its other arguments are kept as attributes of the element; an action without a place stays prose. A drag
    is a collection of two points.

    >>> from perceptron_annotations.dialects import Actions, Item
    >>> point = Item(kind=pa.AnnotationKind.POINT, numbers=(197, 525), attributes=(("action", "hover"),))
    >>> Actions().write([point], str)
    "hover(start_box='(197,525)')"
    """

    #: How an action with a place is written, with ``{action}``, ``{x}`` and ``{y}``.
    one: str = "{action}(start_box='({x},{y})')"
    #: How one with a start and an end is, with ``{x2}`` and ``{y2}`` too; nothing if none is.
    two: str = "{action}(start_box='({x},{y})', end_box='({x2},{y2})')"
    #: The action of a point that says none, and of two.
    action: str = "click"
    drag: str = "drag"
    #: The names of actions that may have a place; with a module before them, such as ``pyautogui.``, too.
    names: tuple[str, ...] = PLACED_ACTIONS

    def reader(self, start: int, *, salvage: bool) -> SurfaceReader:
        """See ``Surface``."""
        return ElementReader(ActionForms(self.names), start, salvage=salvage)

    def write(self, items: Sequence[Item | Group], number: NumberWriter) -> str:
        """See ``Surface``."""
        return "\n".join(self._written(item, number) for item in items)

    def _written(self, item: Item | Group, number: NumberWriter) -> str:
        points = _points_of(item)
        if item.label is not None or any(point.label is not None for point in points):
            raise UnwritableError("an action has no label: write it without")
        form, action = (self.one, self.action) if isinstance(item, Item) else (self.two, self.drag)
        if not form:
            raise UnwritableError("this dialect has no form for an action with a start and an end")
        names = ("x", "y", "x2", "y2")
        numbers = [number(each) for point in points for each in point.numbers]
        return form.format(
            action=dict(item.attributes).get("action", action), **dict(zip(names, numbers, strict=False))
        )


def _points_of(item: Item | Group) -> Sequence[Item]:
    """The one or two points of an action."""
    members = (item,) if isinstance(item, Item) else item.members
    points = [each for each in members if isinstance(each, Item) and each.kind is AnnotationKind.POINT]
    wanted = 1 if isinstance(item, Item) else 2
    if len(points) != len(members) or len(points) != wanted or (isinstance(item, Group) and item.tag != "collection"):
        raise UnwritableError("an action has one point, or a collection of two: its start and its end")
    return points
