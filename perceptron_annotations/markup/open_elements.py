"""What is open while an answer is read: containers as :class:`OpenContainer`, a leaf or clip as :class:`OpenTag`."""

from __future__ import annotations

from ..geometry import Child, Shape
from ..issues import Span
from .attributes import ContainerAttributes
from .inheritance import Context
from .nodes import Element, Node, Text


class OpenTag:
    """A leaf or clip that was opened, while it waits for its close tag."""

    __slots__ = ("attributes", "end", "start", "tag")

    def __init__(self, tag: str, attributes: str, start: int, end: int) -> None:
        self.tag = tag
        self.attributes = attributes
        self.start = start
        self.end = end


class OpenContainer:
    """A track or collection that was opened, or the answer itself at the bottom of the stack."""

    __slots__ = (
        "children",
        "context",
        "cursor",
        "first_row",
        "members",
        "nodes",
        "own",
        "salvaged",
        "slot",
        "start",
        "tag",
        "unknown",
        "waypoints",
    )

    def __init__(self, tag: str, span: Span, own: ContainerAttributes, context: Context) -> None:
        self.tag = tag
        self.start = span.start
        self.cursor = span.end  # the end of the last node
        self.own = own.context  # what its tag says
        self.unknown = own.unknown
        self.context = context  # what it gives to what it holds
        self.slot = 0  # its place among the tracks or the collections of the answer
        self.first_row = 0  # of the annotations that it gives
        self.nodes: list[Node] = []
        self.children = 0  # elements, well-formed or not
        self.members: list[Child] = []  # of a collection, as they are written
        self.waypoints: list[tuple[int, Shape]] = []  # of a track: row, and value as written
        self.salvaged: list[tuple[int, Shape]] = []  # those that only salvage could read

    def add(self, node: Element) -> None:
        """Append ``node``, and before it the text since the last one."""
        span = node.span
        if span.start > self.cursor:
            self.nodes.append(Text(self.cursor, span.start))
        self.nodes.append(node)
        self.cursor = span.end

    def finish(self, end: int) -> None:
        """Append the text up to ``end``."""
        if end > self.cursor:
            self.nodes.append(Text(self.cursor, end))
            self.cursor = end
