"""One answer read by the SDK and by us, brought to one form, and the rule by which the two must agree."""

from collections import Counter
from typing import NamedTuple

from perceptron.errors import ParseError
from perceptron.pointing import types as sdk
from perceptron.pointing.parser import collect_annotations

from perceptron_annotations import Box, Clip, IssueCode, Mode, Point, Polygon, parse
from perceptron_annotations.errors import MarkupError
from perceptron_annotations.issues import CATALOG

#: The codes that the SDK has too.
SDK_CODES = frozenset(code for code, info in CATALOG.items() if info.in_sdk)


class Reading(NamedTuple):
    """What an answer says: rows of every kind in order, the tracks, and ``(code, start, end)`` of every error."""

    kinds: dict[str, list[tuple]]
    tracks: list[tuple]
    errors: Counter


def read_with_sdk(text):
    found = collect_annotations(text)
    kinds = {"point": found.points, "box": found.boxes, "polygon": found.polygons, "clip": found.clips}
    return Reading(
        {kind: [_sdk_row(value) for value in rows] for kind, rows in kinds.items()},
        [(t.mention, t.asset_idx, [_sdk_row(p) for p in t.points], t.complete) for t in found.tracks],
        Counter((error["code"], error["span"]["start"], error["span"]["end"]) for error in found.errors),
    )


def read_with_ours(document):
    kinds = {"point": document.points, "box": document.boxes, "polygon": document.polygons, "clip": document.clips}
    return Reading(
        {kind: [_our_row(value) for value in rows] for kind, rows in kinds.items()},
        [(t.mention, t.asset_idx, [_our_row(p) for p in t.waypoints], t.complete) for t in document.tracks],
        Counter((issue.code.value, *issue.span) for issue in document.issues if issue.code in SDK_CODES),
    )


def _sdk_row(value):
    match value:
        case sdk.Clip(timestamp=sdk.ClipTimestamp(at=at, until=until)):
            return at, until, value.mention, value.asset_idx
        case sdk.SinglePoint(x=x, y=y):
            pairs = ((x, y),)
        case sdk.BoundingBox(top_left=first, bottom_right=second):
            pairs = ((first.x, first.y), (second.x, second.y))
        case sdk.Polygon(hull=hull):
            pairs = tuple((point.x, point.y) for point in hull)
    return pairs, value.mention, value.t, value.asset_idx


def _our_row(value):
    match value:
        case Clip(start=start, end=end):
            return start, end, value.mention, value.asset_idx
        case Point(x=x, y=y):
            pairs = ((x, y),)
        case Box(x1=x1, y1=y1, x2=x2, y2=y2):
            pairs = ((x1, y1), (x2, y2))
        case Polygon(vertices=vertices):
            pairs = vertices
    return pairs, value.mention, value.t, value.asset_idx


def is_subsequence(short, long):
    """Whether ``long`` holds all of ``short``, in order."""
    rest = iter(long)
    return all(any(item == other for other in rest) for item in short)


def assert_parity(text):
    """Where the SDK reports no error, the same annotations; where it does, the same errors, and nothing lost."""
    theirs, ours = read_with_sdk(text), read_with_ours(parse(text))
    assert ours.errors == theirs.errors
    if not theirs.errors:
        assert ours.kinds == theirs.kinds
        assert ours.tracks == theirs.tracks
    for kind, rows in theirs.kinds.items():
        assert is_subsequence(rows, ours.kinds[kind]), f"a {kind} that the SDK keeps is lost"


def strict_error_of_sdk(text):
    try:
        collect_annotations(text, strict=True)
    except ParseError as error:
        return error.code
    return None


def strict_error_of_ours(text):
    try:
        parse(text, mode=Mode.STRICT)
    except MarkupError as error:
        return error.issue.code
    return None


def assert_strict_parity(text):
    """Strict mode raises what the SDK's raises, unless one of our own errors stands in the answer."""
    ours = strict_error_of_ours(text)
    if {issue.code for issue in parse(text).errors} <= SDK_CODES:
        assert ours == strict_error_of_sdk(text)
    else:
        assert ours is not None


def overflows(text):
    """Whether ``number_overflow`` applies, a difference that ``differences.py`` names."""
    return any(issue.code is IssueCode.NUMBER_OVERFLOW for issue in parse(text).issues)
