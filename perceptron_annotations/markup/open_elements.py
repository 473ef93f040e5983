"""What is open while an answer is read, and what a container says when it closes.

A leaf or clip that waits for its close tag is an :class:`OpenTag`. A track or collection is an :class:`OpenContainer`,
which gathers what it holds; of that the value is made when it closes.
"""

from __future__ import annotations

from collections.abc import Sequence
from operator import itemgetter
from typing import Any, Protocol, TypeAlias

from ..geometry import Annotation, Child, Collection, Shape, Track, with_asset
from ..issues import IssueCode, Span, excerpt
from ..templates import new_collection, new_track
from .attributes import ContainerAttributes, Note
from .inheritance import Context, as_member, as_waypoint
from .nodes import Element, Node, Text

#: A waypoint as written, after its row among the annotations.
Row: TypeAlias = tuple[int, Shape]


class Source(Protocol):
    """The answer, or as much of it as has arrived."""

    def __getitem__(self, key: slice, /) -> str: ...


class OpenTag:
    """A leaf or clip that was opened, while it waits for its close tag."""

    __slots__ = ("attributes", "end", "start", "tag")

    def __init__(self, tag: str, attributes: str, start: int, end: int) -> None:
        self.tag = tag
        self.attributes = attributes
        self.start = start
        self.end = end


class OpenContainer:
    """What holds elements and is open: an answer, and in it every :class:`OpenTrack` and :class:`OpenCollection`."""

    tag = ""
    children = 0  # elements in it, well-formed or not
    slot = 0  # its place among the tracks or the collections of the answer
    first_row = 0  # of the annotations that it gives

    def __init__(self, start: int, end: int, own: ContainerAttributes, context: Context) -> None:
        self.start = start
        self.cursor = end  # of the last node; at first, of its own tag
        self.own = own.context  # what its tag says
        self.unknown = own.unknown
        self.context = context  # what it gives to what it holds
        self.nodes: list[Node] = []
        self.held: list[Any] = []  # what its value is made of

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

    def ignored_text(self, source: Source) -> tuple[Span, str] | None:
        """The first words between what it holds, which are no part of it."""
        for node in self.nodes:
            if type(node) is Text:
                text = source[node.start : node.end]
                if text != " " and not text.isspace():
                    return node.span, excerpt(text.strip())
        return None


class OpenCollection(OpenContainer):
    """A collection that was opened."""

    tag = "collection"
    held: list[Child]  # as they are written

    def take(self, value: Annotation) -> Annotation:
        """Make ``value`` a member; what it is with what the collection gives."""
        self.children += 1
        self.held.append(value)
        return as_member(value, self.context)

    def value(self, *, complete: bool) -> Collection | None:
        """The collection by itself; None if it was closed, or had children, and has no member."""
        if not self.held and (complete or self.children):
            return None
        own = self.own
        asset_idx, children = own.asset_idx, tuple(self.held)
        if asset_idx is not None:
            children = with_asset(children, asset_idx)
        return new_collection(children=children, t=own.t, mention=own.mention, asset_idx=asset_idx, complete=complete)


class OpenTrack(OpenContainer):
    """A track that was opened."""

    tag = "track"
    held: list[Row]
    salvaged: Sequence[Row] = ()  # waypoints that only salvage could read

    def take(self, value: Shape, row: int, *, salvaged: bool) -> Shape:
        """Make ``value`` a waypoint; what it is with what the track gives."""
        self.children += 1
        if salvaged:
            self.salvaged = [*self.salvaged, (row, value)]
        else:
            self.held.append((row, value))
        return as_waypoint(value, self.context)

    def value(self, waypoints: Sequence[Row], *, complete: bool) -> Track | None:
        """The track of ``waypoints`` by itself; None if it was closed, or had children, and has none."""
        if not waypoints and (complete or self.children):
            return None
        asset_idx = self.own.asset_idx
        values: tuple[Shape, ...] = tuple([waypoint for _, waypoint in waypoints])
        if asset_idx is None:
            named = [value.asset_idx for value in values if value.asset_idx is not None]
            asset_idx = named[0] if named else None
        if asset_idx is not None:
            values = with_asset(values, asset_idx)
        return new_track(waypoints=values, mention=self.own.mention, asset_idx=asset_idx, complete=complete)

    def settled_waypoints(self) -> tuple[Sequence[Row], list[Note]]:
        """The waypoints that make the track; none, and why, if they disagree.

        A salvaged waypoint joins if it agrees with the others, and never changes what they are.
        """
        waypoints = self.held or self.salvaged
        kinds = {type(waypoint) for _, waypoint in waypoints}
        assets = {waypoint.asset_idx for _, waypoint in waypoints}
        assets.add(self.own.asset_idx)
        assets.discard(None)
        if not self.salvaged and not assets and len(kinds) <= 1:
            return waypoints, []  # nearly always
        notes: list[Note] = []
        if len(kinds) > 1:
            notes.append((IssueCode.INVALID_TRACK_GEOMETRY, ""))
        if len(assets) > 1:
            named = ", ".join(map(str, sorted(assets, key=str)))
            notes.append((IssueCode.INVALID_TRACK_ASSET, excerpt(named)))
        if notes:
            return [], notes
        if waypoints is self.held and self.salvaged:
            joining = [
                (row, waypoint)
                for row, waypoint in self.salvaged
                if type(waypoint) in kinds and (waypoint.asset_idx is None or waypoint.asset_idx in assets)
            ]
            return sorted([*waypoints, *joining], key=itemgetter(0)), []
        return waypoints, []
