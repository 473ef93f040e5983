"""What is open while an answer is read, and what a container says when it closes.

A leaf or clip that waits for its close tag is an :class:`OpenTag`. A track or collection is an :class:`OpenContainer`,
which gathers what it holds; of that the value is made when it closes.
"""

from __future__ import annotations

from operator import itemgetter
from typing import Protocol, TypeAlias

from ..geometry import Child, Collection, Shape, Track, with_asset
from ..issues import IssueCode, Span, excerpt
from ..templates import new_collection, new_track
from .attributes import ContainerAttributes, Note
from .inheritance import Context
from .nodes import Element, Node, Text

#: A waypoint as written, after its row among the annotations.
Row: TypeAlias = tuple[int, Shape]


class Source(Protocol):
    """The answer, or as much of it as has arrived."""

    def __getitem__(self, key: slice, /) -> str: ...


_NO_ASSET = {None}


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

    def __init__(self, tag: str, start: int, end: int, own: ContainerAttributes, context: Context) -> None:
        self.tag = tag
        self.start = start
        self.cursor = end  # of the last node; at first, of its own tag
        self.own = own.context  # what its tag says
        self.unknown = own.unknown
        self.context = context  # what it gives to what it holds
        self.slot = 0  # its place among the tracks or the collections of the answer
        self.first_row = 0  # of the annotations that it gives
        self.nodes: list[Node] = []
        self.children = 0  # elements, well-formed or not
        self.members: list[Child] = []  # of a collection, as they are written
        self.waypoints: list[Row] = []  # of a track
        self.salvaged: list[Row] = []  # those that only salvage could read

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

    def as_collection(self, *, complete: bool) -> Collection | None:
        """The collection by itself; None if it was closed, or had children, and has no member."""
        if not self.members and (complete or self.children):
            return None
        own = self.own
        asset_idx, children = own.asset_idx, tuple(self.members)
        if asset_idx is not None:
            children = with_asset(children, asset_idx)
        return new_collection(children=children, t=own.t, mention=own.mention, asset_idx=asset_idx, complete=complete)

    def as_track(self, waypoints: list[Row], *, complete: bool) -> Track | None:
        """The track of ``waypoints`` by itself; None if it was closed, or had children, and has none."""
        if not waypoints and (complete or self.children):
            return None
        asset_idx = self.own.asset_idx
        values: tuple[Shape, ...] = tuple([waypoint for _, waypoint in waypoints])
        if asset_idx is None:
            asset_idx = next((value.asset_idx for value in values if value.asset_idx is not None), None)
        if asset_idx is not None:
            values = with_asset(values, asset_idx)
        return new_track(waypoints=values, mention=self.own.mention, asset_idx=asset_idx, complete=complete)

    def settled_waypoints(self) -> tuple[list[Row], list[Note]]:
        """The waypoints that make the track; none, and why, if they disagree.

        A salvaged waypoint joins if it agrees with the others, and never changes what they are.
        """
        waypoints = self.waypoints or self.salvaged
        kinds = {type(waypoint) for _, waypoint in waypoints}
        assets = {waypoint.asset_idx for _, waypoint in waypoints}
        if len(kinds) <= 1 and self.own.asset_idx is None and assets <= _NO_ASSET and not self.salvaged:
            return waypoints, []  # nearly always
        assets.add(self.own.asset_idx)
        assets.discard(None)
        notes: list[Note] = []
        if len(kinds) > 1:
            notes.append((IssueCode.INVALID_TRACK_GEOMETRY, ""))
        if len(assets) > 1:
            named = ", ".join(map(str, sorted(assets, key=str)))
            notes.append((IssueCode.INVALID_TRACK_ASSET, excerpt(named)))
        if notes:
            return [], notes
        if waypoints is self.waypoints and self.salvaged:
            joining = [
                (row, waypoint)
                for row, waypoint in self.salvaged
                if type(waypoint) in kinds and (waypoint.asset_idx is None or waypoint.asset_idx in assets)
            ]
            return sorted(waypoints + joining, key=itemgetter(0)), []
        return waypoints, []
