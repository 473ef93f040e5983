"""A slow reader of markup in lenient mode, written from the specification and from nothing of the package.

It goes over the characters one by one and over the tags one by one, and knows no pattern, no shortcut and no
bound on its work. What it says of an answer is all that the specification tells: the annotations with what they take
from their containers, their places, the tracks, the prose, and the codes and places of the issues in :data:`CODES`.
"""

import html
import math
from collections import Counter
from dataclasses import dataclass, field, replace

LEAVES = {"point": 1, "point_box": 2, "polygon": 3}  # and the least number of their pairs
CONTAINERS = ("track", "collection")
NAMES = (*LEAVES, "clip", *CONTAINERS)

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


class BrokenError(Exception):
    """An element that cannot be read; its code."""


# -- characters --------------------------------------------------------------------------------------------------------


def is_word(char):
    return char.isalnum() or char == "_"


def run(text, at, belongs):
    """Where the characters from ``at`` on end that belong together."""
    while at < len(text) and belongs(text[at]):
        at += 1
    return at


def past_space(text, at):
    return run(text, at, str.isspace)


def past_digits(text, at):
    return run(text, at, str.isdecimal)


def whole_number(digits, limit):
    """The number of decimal digits of any script. Raises :class:`BrokenError` beyond ``limit``."""
    value = 0
    for digit in digits:
        value = 10 * value + int(digit)
        if value > limit:
            raise BrokenError("number_overflow")
    return value


# -- tags --------------------------------------------------------------------------------------------------------------


@dataclass
class Tag:
    """A tag: ``form`` is open, close, clip (that closes itself) or none (that takes part in nothing)."""

    form: str
    name: str
    attributes: str
    start: int
    end: int


def tags(text):
    """The tags of a text, each from its "<"."""
    at = 0
    while at < len(text):
        tag = tag_at(text, at) if text[at] == "<" else None
        if tag is None:
            at += 1
        else:
            at = tag.end
            if tag.form != "none":
                yield tag


def tag_at(text, start):
    at = start + 1
    closes = text[at : at + 1] == "/"
    at += closes
    name = name_at(text, at)
    if name is None:
        return None
    at += len(name)
    first = at
    while at < len(text) and text[at] != ">":
        if text[at] == "<":
            return None
        if text[at] in "\"'":
            at = text.find(text[at], at + 1)
            if at < 0:
                return None
        at += 1
    if at >= len(text):
        return None
    attributes = text[first:at].rstrip()
    if closes:
        form = "none" if attributes else "close"
    elif attributes.endswith("/"):
        form, attributes = "clip" if name == "clip" else "none", attributes[:-1]
    else:
        form = "open"
    return Tag(form, name, attributes, start, at + 1)


def name_at(text, at):
    """The name of a tag in any case of ASCII, which no character of a word follows."""
    for name in NAMES:
        end = at + len(name)
        written = text[at:end]
        if written.isascii() and written.lower() == name and not (end < len(text) and is_word(text[end])):
            return name
    return None


# -- attributes --------------------------------------------------------------------------------------------------------


def attributes_of(text):
    """The attributes of a tag in order, as pairs of a name and a value; what is neither is passed over."""
    found = []
    at = 0
    while at < len(text):
        if text[at] in "\"'":
            at = text.index(text[at], at + 1) + 1
        elif is_word(text[at]) and not (at and is_word(text[at - 1])):
            end = run(text, at, is_word)
            value, behind = value_at(text, past_space(text, end))
            if value is not None:
                found.append((text[at:end], unescaped(value)))
                end = behind
            at = end
        else:
            at += 1
    return found


def unescaped(value):
    """``html.unescape``, which raises if a reference has more digits than Python reads; there is no such character."""
    try:
        return html.unescape(value)
    except ValueError:
        start = value.index("&#")
        end = past_digits(value, start + 2)
        digits = value[start + 2 : end].lstrip("0")
        fitting = f"&#{digits or 0};" if len(digits) < 8 else "\ufffd"
        return unescaped(value[:start]) + unescaped(fitting + value[end + (value[end : end + 1] == ";") :])


def value_at(text, at):
    """The value behind "=" and its end, or None."""
    if text[at : at + 1] != "=":
        return None, at
    at = past_space(text, at + 1)
    if text[at : at + 1] in ('"', "'"):
        end = text.index(text[at], at + 1)
        return text[at + 1 : end], end + 1
    end = run(text, at, lambda char: not char.isspace() and char not in "\"'>")
    return (text[at:end], end) if end > at else (None, at)


@dataclass(frozen=True)
class Given:
    """What the attributes of a tag say; ``None`` if they do not."""

    mention: str | None = None
    t: float | None = None
    asset_idx: int | None = None
    score: float | None = None


def number_at(text, at):
    """The end of a number without a sign, or None."""
    whole = past_digits(text, at)
    end = whole
    if text[end : end + 1] == "." and past_digits(text, end + 1) > end + 1:
        end = past_digits(text, end + 1)
    if end == at:
        return None
    if text[end : end + 1] in ("e", "E"):
        signed = end + 1 + (text[end + 1 : end + 2] in ("+", "-"))
        if past_digits(text, signed) > signed:
            end = past_digits(text, signed)
    return end


def times_at(text, at):
    """The ways to read a time at a place: its seconds, and where it ends with or without its unit."""
    end = number_at(text, at)
    if end is None:
        return
    seconds = float(text[at:end])
    for unit in ("seconds", "second", "s"):
        first = past_space(text, end)
        if text[first : first + len(unit)].casefold() == unit:
            yield seconds, first + len(unit)
    yield seconds, end


def read_time(raw):
    if not raw:
        return None
    raw = raw.strip()
    for seconds, end in times_at(raw, 0):
        if end == len(raw) and math.isfinite(seconds):
            return seconds
    raise BrokenError("invalid_time")


def read_clip_times(raw):
    raw = (raw or "").strip()
    for start, end in times_at(raw, 0):
        if end == len(raw) and math.isfinite(start):
            return start, None
        second = past_space(raw, end)
        has_sign = raw[second : second + 1] in ("-", ",")
        if has_sign:
            second = past_space(raw, second + 1)
        if second > end:
            for until, last in times_at(raw, second):
                if last == len(raw) and math.isfinite(start) and math.isfinite(until):
                    return start, until
    raise BrokenError("invalid_clip_timestamp")


def read_asset_idx(raw):
    if not raw:
        return None
    digits = raw.strip().removeprefix("+")
    if not digits.isdecimal():
        raise BrokenError("invalid_asset_idx")
    return whole_number(digits, 2**31 - 1)


def read_score(raw):
    raw = (raw or "").strip()
    if not raw or number_at(raw, 0) != len(raw):
        return None
    return float(raw) if float(raw) <= 1 else None


# -- elements ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Annotation:
    """A leaf or clip: its pairs, or the start and end of a clip."""

    tag: str
    numbers: tuple
    given: Given

    @property
    def mention(self):
        return self.given.mention

    @property
    def asset_idx(self):
        return self.given.asset_idx

    def taking(self, **given):
        """The same with other attributes."""
        return replace(self, given=replace(self.given, **given))


def tuples_in(body):
    """All ``(x,y)`` anywhere in a body."""
    found = []
    at = 0
    while at < len(body):
        pair = tuple_at(body, at)
        if pair is None:
            at += 1
        else:
            x, y, at = pair
            found.append((x, y))
    return found


def tuple_at(body, at):
    numbers = []
    for before in "(,":
        if body[at : at + 1] != before:
            return None
        first = past_space(body, at + 1)
        end = past_digits(body, first)
        if end == first:
            return None
        numbers.append(body[first:end])
        at = past_space(body, end)
    return (*numbers, at + 1) if body[at : at + 1] == ")" else None


def read_pairs(tag, body):
    pairs = tuples_in(body)
    if not pairs:
        words = body.split()
        if len(words) % 2 == 0 and all(word.isascii() and word.isdigit() for word in words):
            pairs = list(zip(words[::2], words[1::2], strict=True))
    least = LEAVES[tag]
    if len(pairs) < least or (tag != "polygon" and len(pairs) > least):
        raise BrokenError(f"invalid_{tag.removeprefix('point_')}_coords")
    return tuple((whole_number(x, 2**53), whole_number(y, 2**53)) for x, y in pairs)


def read_element(tag, attributes, body):
    """The value of a leaf or clip by itself. Raises :class:`BrokenError` with its first fault."""
    found = dict(attributes_of(attributes))
    if tag == "clip":
        if body.strip():
            raise BrokenError("invalid_clip_body")
        numbers, t = read_clip_times(found.get("t")), None
    else:
        numbers, t = read_pairs(tag, body), read_time(found.get("t"))
    asset_idx = read_asset_idx(found.get("asset_idx"))
    return Annotation(
        tag, numbers, Given(found.get("mention") or None, t, asset_idx, read_score(found.get("confidence")))
    )


def oddities(value):
    """The codes of the warnings about a value."""
    if value.tag == "clip":
        start, end = value.numbers
        return ["reversed_clip"] if end is not None and end < start else []
    codes = []
    if value.tag == "point_box":
        (x1, y1), (x2, y2) = value.numbers
        if x1 > x2 or y1 > y2:
            codes.append("swapped_corners")
        if x1 == x2 or y1 == y2:
            codes.append("zero_area")
    if value.tag == "polygon" and on_one_line(value.numbers):
        codes.append("zero_area")
    if max(map(max, value.numbers)) > 1000:
        codes.append("out_of_range")
    return codes


def on_one_line(vertices):
    """Whether all triangles with the first vertex are flat."""
    x0, y0 = vertices[0]
    return all(
        (x1 - x0) * (y2 - y0) == (x2 - x0) * (y1 - y0)
        for number, (x1, y1) in enumerate(vertices)
        for x2, y2 in vertices[number:]
    )


# -- the tree ----------------------------------------------------------------------------------------------------------


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
