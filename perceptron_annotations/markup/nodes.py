"""The tree of an answer: spans of text and elements that tile the source, in order and without a gap.

An element that could not be read is a node too, without a value; so is every stretch of prose.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeAlias

from msgspec import Struct

from ..geometry import Value
from ..issues import Span


class _Stretch(Struct, frozen=True, gc=False):
    """A stretch of the source; it holds its own ends, without a ``Span``, because nearly half of all nodes are of this
    kind."""

    start: int
    end: int

    @property
    def span(self) -> Span:
        """Its place in the source."""
        return Span(self.start, self.end)


class Text(_Stretch, frozen=True, gc=False):
    """Prose, and tags that stand alone."""


class Outside(_Stretch, frozen=True, gc=False):
    """What does not belong to the answer: the reasoning before it, or a special token of the model."""


class Element(Struct, frozen=True, gc=False):
    """A leaf, a clip or a container, well-formed or not.

    ``value`` is what the element says by itself, before it takes anything from a container; None if it could not be
    read, and for a stray close tag of a container. ``first_row`` and ``next_row`` bound the rows of
    ``Document.annotations`` that it and all it holds gave. ``children`` tile the inside of a container. ``closed`` is
    False if the close tag is missing. ``attributes`` are the names and values of those that have no meaning in the
    grammar, of an element that was read.

    >>> text, element = pa.parse("Here: <point> (1,2) </point>").nodes
    >>> element.tag, element.value, element.rows
    ('point', Point(x=1.0, y=2.0), range(0, 1))
    >>> pa.parse('<point id="7"> (1,2) </point>').nodes[0].attributes
    (('id', '7'),)
    """

    tag: str
    span: Span
    value: Value | None
    first_row: int
    next_row: int
    children: tuple[Node, ...] = ()
    closed: bool = True
    attributes: tuple[tuple[str, str], ...] = ()

    @property
    def rows(self) -> range:
        """The rows of ``Document.annotations`` that it gave."""
        return range(self.first_row, self.next_row)


Node: TypeAlias = Text | Outside | Element


def elements(nodes: Iterable[Node]) -> Iterator[Element]:
    """All elements of a tree, a container before what it holds."""
    stack = [iter(nodes)]
    while stack:
        for node in stack[-1]:
            if isinstance(node, Element):
                yield node
                stack.append(iter(node.children))
                break
        else:
            stack.pop()


def prose_spans(nodes: Iterable[Node]) -> list[Span]:
    """The spans of the text nodes, those inside unclosed containers included, in order."""
    spans: list[Span] = []
    stack = list(nodes)[::-1]
    while stack:
        node = stack.pop()
        if isinstance(node, Text):
            spans.append(node.span)
        elif isinstance(node, Element) and not node.closed:
            stack.extend(reversed(node.children))
    return spans
