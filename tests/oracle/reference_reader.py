"""A slow reader of markup in lenient mode, written from the specification and from nothing of the package.

It goes over the tags one by one, which ``reference_elements`` finds. What it says of an answer is all that the
specification tells: the annotations with what they take from their containers, their places, the tracks and
collections, the prose, and the codes and places of the issues in :data:`CODES`.
"""

from collections import Counter
from dataclasses import dataclass, field

from tests.oracle.reference_elements import (
    CONTAINERS,
    BrokenError,
    Given,
    attributes_of,
    oddities,
    read_asset_idx,
    read_element,
    read_pairs,
    read_time,
    tags,
)

#: The issues that the reader tells: every error of the SDK, and the warnings whose meaning leaves no room.
CODES = frozenset(
    """
    invalid_point_coords invalid_box_coords invalid_polygon_coords invalid_time invalid_asset_idx
    invalid_clip_timestamp invalid_clip_body invalid_track_child invalid_track_geometry invalid_track_asset
    invalid_collection_child unexpected_close_tag unclosed_tag incomplete_annotation number_overflow
    swapped_corners out_of_range zero_area reversed_clip duplicate_attribute ignored_mention ignored_time
    empty_container repeated_element
    """.split()
)


@dataclass
class Container:
    """A track or collection that is open; ``around`` is what it stands in, None for the answer itself."""

    tag: str
    start: int
    end: int
    own: Given
    around: "Container | None"
    children: int = 0
    #: The rows of its own leaves and clips that could be read, with their values by themselves.
    members: list = field(default_factory=list)
    #: Whether anything that could be read has it as its innermost collection.
    holds: bool = False
    #: Its place among the tracks or the collections of the answer.
    place: int = -1

    @property
    def context(self):
        """What it gives: its own attributes, else those of the container around it; a track gives no time."""
        outer = self.around.context if self.around else Given()
        mention = outer.mention if self.own.mention is None else self.own.mention
        asset_idx = outer.asset_idx if self.own.asset_idx is None else self.own.asset_idx
        t = None if self.tag == "track" else outer.t if self.own.t is None else self.own.t
        return Given(mention, t, asset_idx)


@dataclass(frozen=True)
class Track:
    """A track: its effective mention and asset, and its waypoints."""

    mention: str | None
    asset_idx: int | None
    waypoints: tuple
    complete: bool


@dataclass(frozen=True)
class Collection:
    """A collection with what it takes from the containers around it, in which none should stand."""

    given: Given
    complete: bool


class ReferenceReader:
    """What an answer says."""

    def __init__(self, text):
        self.text = text
        self.annotations = []
        self.spans = []
        self.issues = Counter()
        self.is_prose = [True] * len(text)
        self._containers = {"track": [], "collection": []}
        self._container = None
        self._read()
        self._note_runs()

    @property
    def tracks(self):
        """The tracks, as they open."""
        return [track for track in self._containers["track"] if track is not None]

    @property
    def collections(self):
        """The collections, as they open."""
        return [collection for collection in self._containers["collection"] if collection is not None]

    @property
    def prose(self):
        """What strip-tags leaves."""
        return "".join(char for char, kept in zip(self.text, self.is_prose, strict=True) if kept)

    def _read(self):
        waiting = None  # a leaf or clip that was opened, as the last tag
        for tag in tags(self.text):
            if waiting is not None and tag.form == "close" and tag.name == waiting.name:
                self._element(waiting, self.text[waiting.end : tag.start], tag.end)
                waiting = None
                continue
            if waiting is not None and self._container is not None:
                self._note("unclosed_tag", waiting.start, waiting.end)
            waiting = None
            if tag.form == "close":
                self._close(tag)
            elif tag.form == "clip":
                self._element(tag, "", tag.end)
            elif tag.name in CONTAINERS:
                self._open(tag)
            else:
                waiting = tag
        while self._container is not None:
            last = self._container
            self._leave(len(self.text), len(self.text))
            if last.around is None:
                self._note("incomplete_annotation", last.start, len(self.text))

    def _note(self, code, start, end):
        self.issues[code, start, end] += 1

    def _hide(self, start, end):
        self.is_prose[start:end] = [False] * (end - start)

    def _note_attributes(self, tag, end):
        names = [name for name, _ in attributes_of(tag.attributes)]
        for _ in range(len(names) - len(set(names))):
            self._note("duplicate_attribute", tag.start, end)

    # -- leaves and clips

    def _element(self, tag, body, end):
        self._hide(tag.start, end)
        container = self._container
        if container is not None:
            container.children += 1
            if container.tag == "track" and tag.name == "clip":
                self._note("invalid_track_child", tag.start, end)
        try:
            value = read_element(tag.name, tag.attributes, body)
        except BrokenError as broken:
            self._note(str(broken), tag.start, end)
            if self._tells_attributes(tag, body):
                self._note_attributes(tag, end)
            return
        self._note_attributes(tag, end)
        for code in oddities(value):
            self._note(code, tag.start, end)
        row = len(self.annotations)
        self.spans.append((tag.start, end))
        self.annotations.append(self._effective(value))
        self._enter(container)
        if container is None:
            return
        if container.tag == "track" and tag.name != "clip":
            container.members.append((row, value))
            if value.mention is not None:
                self._note("ignored_mention", tag.start, end)

    def _enter(self, container):
        """Something that could be read stands in ``container``: tell the innermost collection."""
        while container is not None and container.tag != "collection":
            container = container.around
        if container is not None:
            container.holds = True

    def _tells_attributes(self, tag, body):
        """Whether what is odd about the attributes of an element that cannot be read is told: if its body can be."""
        if tag.name == "clip":
            return not body.strip()
        try:
            read_pairs(tag.name, body)
        except BrokenError:
            return False
        return True

    def _effective(self, value):
        """A leaf or clip with what it takes from the containers around it."""
        if self._container is None:
            return value
        given, context = value.given, self._container.context
        asset_idx = context.asset_idx if given.asset_idx is None else given.asset_idx
        if self._container.tag == "track" and value.tag != "clip":
            return value.taking(mention=context.mention, asset_idx=asset_idx)
        mention = context.mention if given.mention is None else given.mention
        t = context.t if given.t is None and value.tag != "clip" else given.t
        return value.taking(mention=mention, t=t, asset_idx=asset_idx)

    # -- containers

    def _open(self, tag):
        self._hide(tag.start, tag.end)
        self._note_attributes(tag, tag.end)
        found = dict(attributes_of(tag.attributes))
        asset_idx = self._attribute(read_asset_idx, found.get("asset_idx"), tag)
        t = None
        if tag.name == "collection":
            t = self._attribute(read_time, found.get("t"), tag)
        elif found.get("t"):
            self._note("ignored_time", tag.start, tag.end)
        own = Given(found.get("mention") or None, t, asset_idx)
        self._container = Container(tag.name, tag.start, tag.end, own, self._container)
        self._container.place = len(self._containers[tag.name])
        self._containers[tag.name].append(None)

    def _attribute(self, read, raw, tag):
        """The value of an attribute of a container; one that cannot be read is told, and is as if it were not there."""
        try:
            return read(raw)
        except BrokenError as broken:
            self._note(str(broken), tag.start, tag.end)
            return None

    def _close(self, tag):
        container = self._container
        while container is not None and container.tag != tag.name:
            container = container.around
        if container is None:
            if self._container is not None:
                self._note("unexpected_close_tag", tag.start, tag.end)
            if tag.name in CONTAINERS:
                self._hide(tag.start, tag.end)
            return
        while self._container is not container:
            self._note("unclosed_tag", self._container.start, tag.start)
            self._leave(tag.start, tag.start)
        self._leave(tag.start, tag.end)

    def _leave(self, start, end):
        """Close the innermost container by the tag from ``start`` to ``end``, which are equal if it has none."""
        closed, self._container = self._container, self._container.around
        complete = start < end
        if complete:
            self._hide(closed.start, end)
            if closed.children == 0:
                self._note("empty_container", closed.start, end)
        if closed.tag == "track":
            self._leave_track(closed, end, complete=complete)
        elif closed.holds or (not complete and closed.children == 0):
            self._containers["collection"][closed.place] = Collection(closed.context, complete)
        if closed.around is not None:
            closed.around.children += 1
            if closed.around.tag == "track":
                self._note("invalid_track_child", closed.start, end)
            elif closed.tag == "collection":
                self._note("invalid_collection_child", closed.start, end)

    def _leave_track(self, track, end, *, complete):
        waypoints = [value for _, value in track.members]
        shared = {value.asset_idx for value in waypoints} - {None}
        assets = shared | ({track.own.asset_idx} - {None})
        faults = []
        if len({value.tag for value in waypoints}) > 1:
            faults.append("invalid_track_geometry")
        if len(assets) > 1:
            faults.append("invalid_track_asset")
        for code in faults:
            self._note(code, track.start, end)
        if faults or (not waypoints and (complete or track.children)):
            return
        (asset_idx,) = assets or {track.context.asset_idx}
        for row, value in track.members:
            own = asset_idx if value.asset_idx is None else value.asset_idx
            self.annotations[row] = self.annotations[row].taking(asset_idx=own)
        filled = tuple(
            value.taking(asset_idx=asset_idx if value.asset_idx is None else value.asset_idx) for value in waypoints
        )
        self._enter(track)
        self._containers["track"][track.place] = Track(track.context.mention, asset_idx, filled, complete)

    def _note_runs(self):
        """One warning for every run of three or more equal annotations."""
        first = 0
        for row in range(1, len(self.annotations) + 1):
            if row < len(self.annotations) and self.annotations[row] == self.annotations[first]:
                continue
            if row - first > 2:
                self._note("repeated_element", self.spans[first][0], self.spans[row - 1][1])
            first = row
