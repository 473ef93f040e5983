"""An answer's text → pieces that tile it, each with the shapes that it names and the issues that are about it.

A page lights the shapes of a piece and the pieces of a shape, so what belongs together is decided here, exactly by
spans, and a browser (which counts in UTF-16) never counts characters.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from enum import IntEnum
from itertools import pairwise
from typing import NamedTuple

from ...issues import Span
from ...markup.nodes import Element, Node, Outside
from .page_data import Piece


class Role(IntEnum):
    """What a piece of a text is; ``elements.js`` has the same numbers."""

    WORDS = 0
    #: An annotation that was read: shown by its mention.
    MENTION = 1
    #: The open tag of a track or collection, which stands for all it holds.
    GROUP = 2
    #: An annotation inside a container: shown by its number or its time.
    MEMBER = 3
    #: Markup that was not read: shown as it is written.
    UNREAD = 4
    #: A tag that says nothing to a reader: left out.
    TAG = 5


class Region(NamedTuple):
    """A part of a text from ``start`` to ``end``."""

    start: int
    end: int
    role: Role
    #: The annotations of the answer that it names.
    rows: Sequence[int] = ()
    #: What is shown for it; None for the text itself.
    shown: str | None = None


class Mention(NamedTuple):
    """An annotation of an answer: its place in the text, and what it is called."""

    span: Span
    label: str
    #: Seconds, if it has a time.
    t: float | None


#: Issues that are marked in one text; all are listed below it.
_MOST_MARKED = 200


def pieces_of(
    source: str, answer: Span, nodes: Sequence[Node], mentions: Sequence[Mention], issues: Sequence[Span]
) -> list[Piece]:
    """The pieces of the answer in ``source``, in order.

    Args:
        source: The whole text.
        answer: The part of it that is the answer.
        nodes: What tiles it.
        mentions: The annotations that it gave.
        issues: The places of its issues.
    """
    places = _Places(mentions)
    regions = list(_regions(nodes, places))
    taken = {(region.start, region.end) for region in regions}
    apart = [region for region in places.regions() if (region.start, region.end) not in taken]
    marked = issues[:_MOST_MARKED]
    tiles = [tile for region in _tiled(answer, sorted([*regions, *apart])) for tile in _cut(region, marked)]
    judged = zip(tiles, _about(tiles, marked), strict=True)
    return [_piece(source, tile, about) for tile, about in judged if tile.role is not Role.TAG]


class _Places:
    """The annotations of an answer by their places in its text."""

    def __init__(self, mentions: Sequence[Mention]) -> None:
        self._mentions = mentions
        self._rows: dict[tuple[int, int], list[int]] = {}
        for row, mention in enumerate(mentions):
            self._rows.setdefault((mention.span.start, mention.span.end), []).append(row)
        self._spans = sorted(self._rows)

    def at(self, span: tuple[int, int]) -> Sequence[int]:
        """The annotations at exactly this place."""
        return self._rows.get(span, ())

    def within(self, start: int, end: int) -> list[int]:
        """The annotations that an element from ``start`` to ``end`` holds."""
        some = self._spans[bisect_left(self._spans, (start, start)) : bisect_left(self._spans, (end, end))]
        return [row for span in some if span[1] <= end for row in self._rows[span]]

    def label(self, row: int) -> str:
        """What an annotation is called."""
        return self._mentions[row].label

    def time(self, row: int) -> float | None:
        """The time of an annotation in seconds."""
        return self._mentions[row].t

    def regions(self) -> Iterator[Region]:
        """A region for each place, for answers whose nodes do not have them: those in other forms than the markup."""
        for span, found in self._rows.items():
            yield Region(*span, Role.MENTION, found, self.label(found[0]))


def _regions(nodes: Iterable[Node], places: _Places) -> Iterator[Region]:
    """The regions of the elements, and of what is outside the answer; prose is what remains."""
    for node in nodes:
        if isinstance(node, Outside):
            yield Region(node.start, node.end, Role.UNREAD)
        elif isinstance(node, Element):
            yield from _container(node, places) if node.children else [_leaf(node, places)]


def _leaf(element: Element, places: _Places) -> Region:
    start, end = element.span
    found = places.at((start, end))
    return Region(start, end, Role.MENTION, found, places.label(found[0])) if found else Region(start, end, Role.UNREAD)


def _container(element: Element, places: _Places) -> Iterator[Region]:
    """The open tag, what is inside, and the close tag."""
    start, end = element.span
    held = places.within(start, end)
    inside = element.children[0].span.start, element.children[-1].span.end
    name = places.label(held[0]) if held else None
    yield Region(start, inside[0], Role.GROUP if held else Role.UNREAD, held, name)
    number = 0
    for region in _regions(element.children, places):
        number += region.role is Role.MENTION
        yield _member(region, number, name, places)
    if inside[1] < end:
        yield Region(inside[1], end, Role.TAG)


def _member(region: Region, number: int, group: str | None, places: _Places) -> Region:
    """A mention in a container that has said what it is: its time or its number is enough."""
    if region.role is not Role.MENTION or region.shown != group:
        return region
    t = places.time(region.rows[0])
    return region._replace(role=Role.MEMBER, shown=str(number) if t is None else f"{t:g} s")


def _tiled(answer: Span, regions: Sequence[Region]) -> Iterator[Region]:
    """The regions in the answer, with prose between them; of two that overlap the first counts."""
    at = answer.start
    for region in regions:
        if region.start < at or region.end > answer.end:
            continue
        if region.start > at:
            yield Region(at, region.start, Role.WORDS)
        yield region
        at = region.end
    if at < answer.end:
        yield Region(at, answer.end, Role.WORDS)


def _cut(region: Region, issues: Sequence[Span]) -> Iterator[Region]:
    """A region, and if it is prose its parts between the places where issues begin or end."""
    if region.role is not Role.WORDS:
        yield region
        return
    places = {at for span in issues for at in span if region.start < at < region.end}
    bounds = [region.start, *sorted(places), region.end]
    for start, end in pairwise(bounds):
        yield region._replace(start=start, end=end)


def _about(tiles: Sequence[Region], issues: Sequence[Span]) -> list[list[int]]:
    """The issues about each region: those that overlap it, and an issue at one place the region that ends there."""
    found: list[list[int]] = [[] for _ in tiles]
    starts, ends = [tile.start for tile in tiles], [tile.end for tile in tiles]
    for place, (start, end) in enumerate(issues):
        first = bisect_left(ends, start) if start == end else bisect_right(ends, start)
        last = first + 1 if start == end else bisect_left(starts, end)
        for tile in found[first:last]:
            tile.append(place)
    return found


def _piece(source: str, region: Region, about: list[int]) -> Piece:
    text = source[region.start : region.end] if region.shown is None else region.shown
    if region.role is Role.WORDS and not about:
        return text
    return text, int(region.role), list(region.rows), about
