"""What is open while an answer is read, and what a container says when it closes.

A leaf or clip that waits for its close tag is an :class:`OpenTag`. A track or collection is an :class:`OpenContainer`,
which gathers what it holds; of that the value is made when it closes.
"""

from __future__ import annotations

from collections.abc import Sequence
from operator import itemgetter
from typing import Any, Protocol

from msgspec import Struct
from msgspec.structs import replace

from ..geometry import Annotation, Child, Clip, Collection, Shape, Track, with_asset
from ..issues import Issue, IssueCode, Span, excerpt
from ..templates import new_collection, new_track
from .attributes import ContainerAttributes, Note
from .inheritance import NO_CONTEXT, as_member, as_waypoint, inside
from .nodes import Element, Node, Text


class Source(Protocol):
    """The answer, or as much of it as has arrived."""

    def __getitem__(self, key: slice, /) -> str: ...


class OpenTag(Struct, frozen=True, gc=False):
    """A leaf or clip that was opened, while it waits for its close tag."""

    tag: str
    attributes: str
    start: int
    end: int


class OpenContainer:
    """What holds elements and is open: an answer, and in it every :class:`OpenTrack` and :class:`OpenCollection`."""

    tag = ""
    start = 0
    first_row = 0  # of the annotations that it gives
    children = 0  # elements in it, well-formed or not
    context = NO_CONTEXT  # what it gives to what it holds
    around: OpenCollection | None = None  # the innermost collection, which may be itself

    def __init__(self, cursor: int) -> None:
        self.cursor = cursor  # the end of the last node; at first, of its own tag
        self.nodes: list[Node] = []

    def take(self, element: Element, issues: list[Issue], *, salvaged: bool = False) -> Annotation:  # noqa: ARG002
        """Make the value of a leaf or clip a member; what it is with what it takes from here.

        ``salvaged`` says that only salvage could read it.
        """
        value: Annotation = element.value  # type: ignore[assignment]
        return value

    def enter(self, member: Child) -> None:
        """Make ``member`` a child of the collection around it, if there is one."""
        if self.around is not None:
            self.around.held.append(member)

    def add(self, node: Element, start: int, end: int) -> None:
        """Append ``node``, which stands from ``start`` to ``end``, and before it the text since the last one."""
        if start > self.cursor:
            self.nodes.append(Text(self.cursor, start))
        self.nodes.append(node)
        self.cursor = end

    def finish(self, end: int) -> None:
        """Append the text up to ``end``."""
        if end > self.cursor:
            self.nodes.append(Text(self.cursor, end))
            self.cursor = end

    def ignored_text(self, source: Source) -> tuple[Span, str] | None:
        """The first words between what it holds, which are no part of it."""
        for node in self.nodes:
            if type(node) is Text and not (text := source[node.start : node.end]).isspace():
                return node.span, excerpt(text.strip())
        return None


class OpenGroup(OpenContainer):
    """A track or collection that was opened."""

    #: Its value with what it takes from the containers around it; None while it is open, and if it says nothing.
    effective: Track | Collection | None = None

    def __init__(self, start: int, end: int, own: ContainerAttributes, outer: OpenContainer, first_row: int) -> None:
        self.start = start
        self.cursor = end
        self.own = own.context  # what its tag says
        self.unknown = own.unknown
        self.context = own.context if outer.context is NO_CONTEXT else inside(self.tag, own.context, outer.context)
        self.around = outer.around
        self.first_row = first_row
        self.nodes = []
        self.held: list[Any] = []  # what its value is made of


class OpenCollection(OpenGroup):
    """A collection that was opened."""

    tag = "collection"
    held: list[Child]  # as they are written

    def __init__(self, start: int, end: int, own: ContainerAttributes, outer: OpenContainer, first_row: int) -> None:
        super().__init__(start, end, own, outer, first_row)
        self.around = self

    def take(self, element: Element, issues: list[Issue], *, salvaged: bool = False) -> Annotation:  # noqa: ARG002
        value: Annotation = element.value  # type: ignore[assignment]
        self.children += 1
        self.held.append(value)
        context = self.context
        if context.t is None and value.mention is None and value.asset_idx is None:  # nearly always
            return replace(value, mention=context.mention, asset_idx=context.asset_idx)
        return as_member(value, context)

    def value(self, *, complete: bool) -> Collection | None:
        """The collection by itself; None if it was closed, or had children, and has no member."""
        if not self.held and (complete or self.children):
            return None
        own = self.own
        asset_idx, children = own.asset_idx, tuple(self.held)
        if asset_idx is not None:
            children = with_asset(children, asset_idx)
        return new_collection(children=children, t=own.t, mention=own.mention, asset_idx=asset_idx, complete=complete)


class Waypoints(Struct, frozen=True, gc=False):
    """Waypoints as they are written, with their rows among the annotations."""

    rows: Sequence[int] = ()
    values: Sequence[Shape] = ()


_NO_WAYPOINTS = Waypoints()


class OpenTrack(OpenGroup):
    """A track that was opened."""

    tag = "track"
    held: list[Shape]
    salvaged: tuple[tuple[int, Shape], ...] = ()  # waypoints that only salvage could read, after their rows
    names_asset = False  # whether a waypoint does

    def __init__(self, start: int, end: int, own: ContainerAttributes, outer: OpenContainer, first_row: int) -> None:
        super().__init__(start, end, own, outer, first_row)
        self.rows: list[int] = []  # of those held

    def take(self, element: Element, issues: list[Issue], *, salvaged: bool = False) -> Annotation:
        value: Any = element.value
        self.children += 1
        if type(value) is Clip:
            issues.append(Issue(IssueCode.INVALID_TRACK_CHILD, element.span, "<clip>", recovered=True))
            clip = as_member(value, self.context)
            self.enter(clip)
            return clip
        if value.mention is not None:
            issues.append(Issue(IssueCode.IGNORED_MENTION, element.span, excerpt(value.mention)))
        if value.asset_idx is not None:
            self.names_asset = True
        if salvaged:
            self.salvaged = (*self.salvaged, (element.first_row, value))
        else:
            self.rows.append(element.first_row)
            self.held.append(value)
        return as_waypoint(value, self.context)

    def value(self, waypoints: Sequence[Shape], *, complete: bool) -> Track | None:
        """The track of ``waypoints`` by itself; None if it was closed, or had children, and has none."""
        if not waypoints and (complete or self.children):
            return None
        asset_idx = self.own.asset_idx
        waypoints = tuple(waypoints)
        if self.names_asset and asset_idx is None:
            asset_idx = next((waypoint.asset_idx for waypoint in waypoints if waypoint.asset_idx is not None), None)
        if asset_idx is not None:
            waypoints = with_asset(waypoints, asset_idx)
        return new_track(waypoints=waypoints, mention=self.own.mention, asset_idx=asset_idx, complete=complete)

    def settled(self) -> tuple[Waypoints, list[Note]]:
        """The waypoints that make the track; none, and why, if they disagree.

        A salvaged waypoint joins if it agrees with the others, and never changes what they are.
        """
        if not self.salvaged:
            waypoints = Waypoints(self.rows, self.held)
        elif self.held:
            return self._joined(Waypoints(self.rows, self.held))
        else:
            rows, values = zip(*self.salvaged, strict=True)
            waypoints = Waypoints(rows, values)
        notes = self._disagreements(waypoints.values)
        return (_NO_WAYPOINTS, notes) if notes else (waypoints, notes)

    def _disagreements(self, values: Sequence[Shape]) -> list[Note]:
        notes: list[Note] = []
        if len(set(map(type, values))) > 1:
            notes.append((IssueCode.INVALID_TRACK_GEOMETRY, ""))
        if self.names_asset and len(assets := self._assets(values)) > 1:
            notes.append((IssueCode.INVALID_TRACK_ASSET, excerpt(", ".join(map(str, sorted(assets, key=str))))))
        return notes

    def _assets(self, values: Sequence[Shape]) -> set[int]:
        named = {self.own.asset_idx, *(value.asset_idx for value in values)}
        return {asset_idx for asset_idx in named if asset_idx is not None}

    def _joined(self, waypoints: Waypoints) -> tuple[Waypoints, list[Note]]:
        """``waypoints`` with the salvaged ones that agree with them."""
        if notes := self._disagreements(waypoints.values):
            return _NO_WAYPOINTS, notes
        kind, assets = type(waypoints.values[0]), self._assets(waypoints.values)
        joining = [
            (row, value)
            for row, value in self.salvaged
            if type(value) is kind and (value.asset_idx is None or value.asset_idx in assets)
        ]
        joined = sorted([*zip(waypoints.rows, waypoints.values, strict=True), *joining], key=itemgetter(0))
        rows, values = zip(*joined, strict=True)
        return Waypoints(rows, values), []
