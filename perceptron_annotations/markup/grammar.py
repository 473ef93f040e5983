r"""The grammar as named patterns and named limits; nothing here reads an answer.

::

    text       = { prose | element }
    element    = leaf | clip | track | collection
    leaf       = open(L) body close(L)          L = "point" | "point_box" | "polygon"
    clip       = "<clip" attrs "/>" | open(clip) close(clip)
    track      = open(track) { leaf } close(track)
    collection = open(collection) { leaf | clip | track } close(collection)
    body       = { "(" uint "," uint ")" } | { uint uint }

Tag names are ASCII and case-insensitive; everything else follows Python's Unicode classes (``\s \d \w \b``), as the SDK
0.4.0 does. Every repetition is possessive or comes before something it cannot match, so that no pattern backtracks
and all work stays linear.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..geometry import AnnotationKind

# -- limits ----------------------------------------------------------------------------------------------------------

#: Above 2**53 the whole numbers have gaps as floats, so such a coordinate could not be kept exactly.
MAX_COORDINATE = 2**53
#: An asset_idx is stored as int32 in columns; no request has that many images.
MAX_ASSET_IDX = 2**31 - 1
#: As many decimal digits are a float exactly, whatever they are, and need no look at their size.
EXACT_DIGITS = 15
#: The far edge of the grid.
GRID_MAX = 1000.0
#: So many equal elements in a row are a run: two may be one object named twice in a sentence, three are a habit.
REPEAT_RUN = 3

# -- tags ------------------------------------------------------------------------------------------------------------

#: The tag of each kind of annotation.
KIND_TAGS = {
    AnnotationKind.POINT: "point",
    AnnotationKind.BOX: "point_box",
    AnnotationKind.POLYGON: "polygon",
    AnnotationKind.CLIP: "clip",
}
LEAF_TAGS = frozenset({"point", "point_box", "polygon"})
#: The number of coordinate pairs of each leaf: (least, most).
PAIRS: dict[str, tuple[int, int | None]] = {"point": (1, 1), "point_box": (2, 2), "polygon": (3, None)}
CONTAINER_TAGS = frozenset({"track", "collection"})
TAGS = (*sorted(LEAF_TAGS, key=len, reverse=True), "clip", "collection", "track")


def ascii_caseless(name: str) -> str:
    """A pattern for ``name`` in any case; the flag would let dotless i and the Kelvin sign stand for i and k."""
    return "".join(f"[{char}{char.upper()}]" if char.isalpha() else char for char in name)


NAME = "(?:" + "|".join(map(ascii_caseless, TAGS)) + ")"
# Complete quoted strings, which may hold anything, or characters that are neither a quote nor < or >.
ATTRIBUTES = r"""(?:[^<>"']++|"[^"]*+"|'[^']*+')*+"""
_UNSLASHED_ATTRIBUTES = r"""[^<>"'/]*+(?:"[^"]*+"[^<>"'/]*+|'[^']*+'[^<>"'/]*+)*+"""

# An element as models write it: its name in small letters, and numbers short enough to be exact floats. Each place
# where white space is allowed costs as much as a group, so there are few.
_PLAIN_PAIR = r"\(([0-9]{1,15}+),([0-9]{1,15}+)\)\s*+"
#: What rings are written with; whether they are rings is seen when they are read.
_PLAIN_RING = r"([\s(),0-9]*+)"
#: Most tags have a mention and nothing else, which is seen in half the time.
_LEAF_ATTRIBUTES = rf"""( mention="[^"]*+"|\b{_UNSLASHED_ATTRIBUTES})"""
_PLAIN_BOX = rf"<point_box{_LEAF_ATTRIBUTES}>\s*+{_PLAIN_PAIR}{_PLAIN_PAIR}</point_box>"
_PLAIN_POINT = rf"<point{_LEAF_ATTRIBUTES}>\s*+{_PLAIN_PAIR}</point>"
_PLAIN_POLYGON = rf"<polygon{_LEAF_ATTRIBUTES}>{_PLAIN_RING}</polygon>"
_PLAIN_CLIP = rf"<clip\b({_UNSLASHED_ATTRIBUTES})/\s*+>"
_PLAIN_OPEN = rf"<(collection|track)\b({_UNSLASHED_ATTRIBUTES})>"
_PLAIN_CLOSE = r"</(collection|track)\s*+>"
_LEAF = "|".join(sorted(map(ascii_caseless, LEAF_TAGS), key=len, reverse=True))
_WHOLE_LEAF = rf"<(?P<leaf>{_LEAF})\b({_UNSLASHED_ATTRIBUTES})>([^<]*+)</(?ai:(?P=leaf))\s*+>"
_TAG = rf"<(/?+)({NAME})\b({ATTRIBUTES})>"
_STEPS = (_PLAIN_BOX, _PLAIN_POINT, _PLAIN_POLYGON, _PLAIN_CLIP, _PLAIN_OPEN, _PLAIN_CLOSE, _WHOLE_LEAF, _TAG)

_FIRST_LETTERS = "".join(sorted({letter for name in TAGS for letter in (name[0], name[0].upper())}))
#: One step of the tokenizer: a plain element or container tag, a whole leaf without ``<`` in its body, or one tag.
TOKEN = re.compile(f"<(?=[/{_FIRST_LETTERS}])(?:" + "|".join(step.removeprefix("<") for step in _STEPS) + ")")


def _group_numbers() -> Iterator[tuple[int, ...]]:
    first = 1
    for step in _STEPS:
        count = re.compile(step).groups
        yield tuple(range(first, first + count))
        first += count


#: The groups of each step in a :data:`TOKEN` match. Its ``lastindex`` is the last of them.
PLAIN_BOX, PLAIN_POINT, PLAIN_POLYGON, PLAIN_CLIP, PLAIN_OPEN, PLAIN_CLOSE, WHOLE_LEAF, TAG = _group_numbers()

#: Fewer letters than this after a last ``<`` do not mean a cut tag: prose may end in "a <p".
CUT_TAG_LETTERS = 2
#: Where the first tag may begin, whole or cut: at a name, or at letters that end the text.
TAG_START = re.compile(rf"</?+(?=[{_FIRST_LETTERS}])(?:{NAME}\b|[A-Za-z_]{{{CUT_TAG_LETTERS},}}+\Z)")

# -- attributes ------------------------------------------------------------------------------------------------------

_PLAIN_MENTION = r"""(?:\s++mention="([^"]*+)")?+"""
_PLAIN_SECONDS = r"([0-9]{1,15}+(?:\.[0-9]{1,15}+)?+)(?:\s?+seconds)?+"
#: The attributes of a tag as models write them, which is at most one of each, in canonical order and without a "<":
#: groups mention, t, asset_idx.
PLAIN_ATTRIBUTES = re.compile(
    rf"""{_PLAIN_MENTION}(?:\s++t="{_PLAIN_SECONDS}")?+(?:\s++asset_idx="([0-9]{{1,9}}+)")?+\s*+"""
)
#: Those of a clip, which has another t: groups mention, start, end.
PLAIN_CLIP_ATTRIBUTES = re.compile(rf"""{_PLAIN_MENTION}\s++t="{_PLAIN_SECONDS}(?:\s{_PLAIN_SECONDS})?+"\s*+""")
#: name="v", name='v', name=v; a bare quoted string is matched, so that nothing inside it is read as an attribute.
ATTRIBUTE = re.compile(r"""(?<!\w)(\w++)\s*+=\s*+(?:"([^"]*+)"|'([^']*+)'|([^\s"'>]++))|"[^"]*+"|'[^']*+'""")
#: A decimal character reference; ``html.unescape`` raises beyond 4,300 digits.
DECIMAL_REFERENCE = re.compile(r"&#([0-9]{8,}+);?")

ASSET_IDX = re.compile(r"\+?+(\d++)")
_NUMBER = r"(?:\d++(?:\.\d++)?+|\.\d++)(?:[eE][+-]?+\d++)?+"
#: A ``confidence``, stripped of white space.
SCORE = re.compile(_NUMBER)
_TIME = rf"({_NUMBER})(?:\s*+(?:seconds|second|s))?+"
#: Both times are matched against text that was stripped of white space.
SPATIAL_TIME = re.compile(_TIME, re.IGNORECASE)
CLIP_TIME = re.compile(rf"{_TIME}(?:(?:\s*+[-,]\s*+|\s++){_TIME})?+", re.IGNORECASE)

# -- bodies ----------------------------------------------------------------------------------------------------------

PAIR = re.compile(r"\(\s*+(\d++)\s*+,\s*+(\d++)\s*+\)")
_SHORT_PAIR = r"\(\s*+([0-9]{1,15}+)\s*+,\s*+([0-9]{1,15}+)\s*+\)\s*+"
#: The bodies of leaves that hold as many pairs as they should and nothing else, of numbers that are exact floats; of a
#: polygon, those of a triangle.
PLAIN_BODIES = {tag: re.compile(r"\s*+" + _SHORT_PAIR * least) for tag, (least, _) in PAIRS.items()}
#: A coordinate, and a pair of them, in a frame other than the grid.
DECIMAL = re.compile(r"(?:\d++(?:\.\d*+)?+|\.\d++)")
DECIMAL_PAIR = re.compile(rf"\(\s*+({DECIMAL.pattern})\s*+,\s*+({DECIMAL.pattern})\s*+\)")
#: Pairs and white space from the start: what a leaf without its close tag surely holds.
LEADING_PAIRS = re.compile(rf"(?:\s*+{PAIR.pattern})++")
LEADING_DECIMAL_PAIRS = re.compile(rf"(?:\s*+{DECIMAL_PAIR.pattern})++")
_ANY_NUMBER = r"[-+]?+(?:\d++(?:\.\d*+)?+|\.\d++)"
#: Numbers, brackets and separators only: what salvage reads as coordinates.
NEAR_BODY = re.compile(rf"(?:[\s,;()\[\]]|{_ANY_NUMBER})++")
NEAR_NUMBER = re.compile(_ANY_NUMBER)
#: Two numbers at the start, or at the end, of the text next to a tag: somebody's coordinates.
COORDINATES_AHEAD = re.compile(rf"[\s(\[]*+{_ANY_NUMBER}(?:\s*+,\s*+|\s++){_ANY_NUMBER}[)\]]?+")
COORDINATES_BEHIND = re.compile(rf"[(\[]?+{_ANY_NUMBER}(?:\s*+,\s*+|\s++){_ANY_NUMBER}[\s)\]]*+\Z")
#: As much text before a stray close tag is looked at; a pair of coordinates is far shorter.
BEHIND_WINDOW = 80
#: What may stand between a last open leaf tag and the end of a cut-off answer.
CUT_BODY = re.compile(r"[\s\d,;()\[\].+-]*+(?:</?[a-zA-Z_]*+)?")

SPECIAL_TOKEN = re.compile(r"<\|[A-Za-z0-9_]{1,64}+\|>")
#: The most characters that :data:`SPECIAL_TOKEN` matches.
SPECIAL_TOKEN_LENGTH = 68
