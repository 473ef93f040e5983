"""What Hypothesis draws from: values, answers in canonical form, answers gone wrong, and cuts of a stream."""

from dataclasses import replace
from pathlib import Path

from hypothesis import strategies as st
from perceptron.pointing import types as sdk

from perceptron_annotations import Box, Clip, Collection, Frame, Point, Polygon, Track, to_markup

# -- our values, as the markup can hold them -------------------------------------------------------------------------

MAX_COORDINATE = 2**53
MAX_ASSET_IDX = 2**31 - 1

#: On the grid, mostly; sometimes as far beyond it as the markup can say.
coordinates = st.one_of(st.integers(0, 1000), st.integers(0, MAX_COORDINATE)).map(float)
#: Whole microseconds, the finest that is written.
seconds = st.integers(0, 10**10).map(lambda microseconds: microseconds / 10**6)
asset_indices = st.one_of(st.integers(0, 3), st.integers(0, MAX_ASSET_IDX))
#: Any text, with what has a meaning in the markup more often than chance would have it.
mentions = st.one_of(
    st.sampled_from(
        ["traffic light", "a & b", '12" ruler', "cook's knife", "<point> (1,2) </point>", " ", "&amp;", "日本🎉"]
    ),
    st.text(min_size=1, max_size=8),
)


def maybe(strategy):
    return st.none() | strategy


_asset_idx = maybe(asset_indices)


def points(asset_idx=_asset_idx):
    return st.builds(Point, coordinates, coordinates, mention=maybe(mentions), t=maybe(seconds), asset_idx=asset_idx)


def boxes(asset_idx=_asset_idx):
    corners = [coordinates] * 4
    return st.builds(Box, *corners, mention=maybe(mentions), t=maybe(seconds), asset_idx=asset_idx)


def polygons(asset_idx=_asset_idx):
    rings = st.lists(st.tuples(coordinates, coordinates), min_size=3, max_size=6).map(tuple)
    return st.builds(Polygon, rings, mention=maybe(mentions), t=maybe(seconds), asset_idx=asset_idx)


shapes = points() | boxes() | polygons()
clips = st.builds(Clip, seconds, maybe(seconds), mention=maybe(mentions), asset_idx=_asset_idx)


@st.composite
def tracks(draw):
    """Waypoints of one kind, which name one asset or none."""
    kind = draw(st.sampled_from([points, boxes, polygons]))
    asset = draw(maybe(asset_indices))
    waypoint = kind(asset_idx=st.sampled_from([None, asset]))
    own = draw(st.sampled_from([None, asset]))
    waypoints = tuple(draw(st.lists(waypoint, min_size=1, max_size=4)))
    return Track(waypoints, mention=draw(maybe(mentions)), asset_idx=own)


collections = st.builds(
    Collection,
    st.lists(shapes | clips | tracks(), min_size=1, max_size=4).map(tuple),
    t=maybe(seconds),
    mention=maybe(mentions),
    asset_idx=maybe(asset_indices),
)
values = shapes | clips | tracks() | collections

#: Sizes of pictures in pixels, whole or not.
sizes = st.integers(1, 20_000) | st.floats(0.5, 20_000)
frames = st.sampled_from([Frame.GRID, Frame.UNIT]) | st.builds(Frame.pixels, sizes, sizes)

# -- the SDK's objects -----------------------------------------------------------------------------------------------

_ints = st.integers(0, 1000)
_corners = st.builds(sdk.SinglePoint, _ints, _ints)
_times = maybe(st.floats(0, 1e6))
_sdk_context = {"mention": maybe(mentions), "t": _times, "asset_idx": maybe(asset_indices)}
_sdk_points = st.builds(sdk.SinglePoint, _ints, _ints, **_sdk_context)
_sdk_boxes = st.builds(sdk.BoundingBox, _corners, _corners, **_sdk_context)
_sdk_polygons = st.builds(sdk.Polygon, st.lists(_corners, min_size=3, max_size=5), **_sdk_context)
_sdk_clips = st.builds(
    sdk.Clip,
    st.builds(sdk.ClipTimestamp, st.floats(0, 1e6), _times),
    mention=maybe(mentions),
    asset_idx=maybe(asset_indices),
)


@st.composite
def _sdk_tracks(draw):
    kind = draw(st.sampled_from([_sdk_points, _sdk_boxes, _sdk_polygons]))
    asset = draw(maybe(asset_indices))
    waypoints = [
        replace(waypoint, asset_idx=draw(st.sampled_from([None, asset])))
        for waypoint in draw(st.lists(kind, min_size=1, max_size=4))
    ]
    return sdk.Track(waypoints, draw(maybe(mentions)), asset_idx=draw(st.sampled_from([None, asset])))


_sdk_leaves = _sdk_points | _sdk_boxes | _sdk_polygons | _sdk_clips
sdk_objects = (
    _sdk_leaves
    | _sdk_tracks()
    | st.builds(
        sdk.Collection,
        st.lists(_sdk_leaves | _sdk_tracks(), min_size=1, max_size=4),
        complete=st.booleans(),
        **_sdk_context,
    )
)

# -- answers ---------------------------------------------------------------------------------------------------------

prose = st.sampled_from(["", " ", "I see ", "\n- ", ", then ", "a < b & c > d ", "“quoted” ", "½ of 7 8 "])
#: An answer as a well-behaved model writes it: canonical elements in prose.
answers = st.lists(st.tuples(prose, values.map(to_markup)), max_size=5).map(
    lambda pairs: "".join(text + element for text, element in pairs)
)

#: What goes wrong in answers, a piece at a time.
ATOMS = (
    *(Path(__file__).parent / "corpus" / "atoms.txt").read_text(encoding="utf-8").splitlines(),
    *(" ", "\n", "\u00a0", "\u2028", "\ud800", "\0"),
)
atoms = st.sampled_from(ATOMS)
soups = st.lists(atoms, max_size=14).map("".join)


@st.composite
def mutated(draw):
    """A canonical answer after a few edits: parts cut out, doubled, moved or replaced by an atom."""
    text = draw(answers)
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.integers(0, 30)))
        edit = draw(st.sampled_from(["cut", "double", "insert", "truncate"]))
        if edit == "truncate":
            text = text[:end]
        else:
            middle = {"cut": "", "double": text[start:end] * 2}.get(edit)
            text = text[:start] + (draw(atoms) if middle is None else middle) + text[end:]
    return text


#: Answers of every sort, from faultless to hopeless.
texts = answers | mutated() | soups

# -- streams ---------------------------------------------------------------------------------------------------------


@st.composite
def chunked(draw, answers=texts):
    """An answer, cut into chunks; some are empty."""
    text = draw(answers)
    cuts = sorted(draw(st.lists(st.integers(0, len(text)), max_size=12)))
    return [text[start:end] for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True)]
