"""Tags and elements of the reference reader: from characters to values, written from the specification.

It goes over the characters one by one, and knows no pattern, no shortcut and no bound on its work.
"""

import html
import math
from dataclasses import dataclass, replace

LEAVES = {"point": 1, "point_box": 2, "polygon": 3}  # and the least number of their pairs
CONTAINERS = ("track", "collection")
NAMES = (*LEAVES, "clip", *CONTAINERS)


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
