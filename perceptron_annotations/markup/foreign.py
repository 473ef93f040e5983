"""Which other model's way of writing boxes and points an answer is in, if it is in one that our grammar does not read.

Nothing is read here: the key ``box_2d`` stands for corners in two orders and six scales, so whoever guesses is wrong
somewhere. What counts is that such an answer does not say "nothing there". Each family has a rule of its own, and each
rule wants the numbers too, so that prose about a tag, code and other JSON stay what they are. No pattern backtracks
without a bound, so the search is linear.

Most answers have nothing foreign, and to see that must cost little. So a search begins only if the characters are there
without which it finds nothing, which Python sees faster than any pattern; what begins with a key or a tag is looked up
by its name; and every other pattern begins with a character to which a search leaps.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple, TypeAlias

from msgspec import Struct

from ..codes import Code
from ..issues import Span


class ForeignFamily(Code):
    """The families of foreign markup; the ``detail`` of an issue ``foreign_markup`` is one of them."""

    JSON_BOX = "json_box", 'JSON with a box in a list: "bbox_2d": [1, 2, 3, 4]'
    JSON_POINT = "json_point", 'JSON with a point: "point_2d": [1, 2], "points": [{"x": 0.1, "y": 0.2}]'
    JSON_CORNERS = "json_corners", 'JSON with the sides of a box: "x_min": 1, "y_min": 2'
    JSON_TYPED = "json_typed", "JSON of our own schema, in a text that holds more than that"
    REPR_FORM = "repr_form", "the second form of Mk1 in strict mode, or in a text that holds more than that"
    LOCATION_TOKENS = "location_tokens", "location tokens: <loc0001><loc0002>, <loc_1><loc_2>"
    MASK_TOKENS = "mask_tokens", "tokens of a mask: <start_of_mask>, <seg_1><seg_2>"
    PATCH_TOKENS = "patch_tokens", "patch tokens: <patch_index_0044><patch_index_0863>"
    BOX_TOKENS = "box_tokens", "box tokens: <|box_start|>(1,2),(3,4)<|box_end|>"
    DETECTION_TOKENS = "detection_tokens", "detection tokens: <|det|>[[1, 2, 3, 4]]<|/det|>"
    FRAMED_BOX = "framed_box", "four numbers behind <|begin_of_box|>"
    POINTS_TAG = "points_tag", 'tags with coordinates as attributes: <points coords="1 2 3">, <point x="1" y="2"/>'
    BOX_TAG = "box_tag", "tags like ours around numbers: <box>[[1, 2, 3, 4]]</box>, <bbox>1 2 3 4</bbox>"
    CORNER_TAGS = "corner_tags", "tags for the sides of a box: <xmin>1</xmin>"
    ESCAPED_MARKUP = "escaped_markup", "our own markup with its brackets escaped, as HTML or JSON may have them"
    CLICK = "click", "an action with a place: click(start_box='(1,2)'), pyautogui.click(x=0.1, y=0.2)"
    BRACKETED_BOX = "bracketed_box", "a box behind its words: cat [[012,345,678,901]], cat[0.123,0.456,0.789,0.901]"
    BARE_NUMBERS = "bare_numbers", "nothing but a box, or points: [[1, 2, 3, 4]], [(0.1, 0.2), (0.3, 0.4)]"


class Foreign(Struct, frozen=True):
    """Where another model's markup begins, and the word for its family."""

    family: str
    span: Span


_NUMBER = r"""["']?+[-+]?+(?:[0-9]++(?:\.[0-9]*+)?+|\.[0-9]++)["']?+"""
_COMMA = r"\s*+,\s*+"
_TWO = f"{_NUMBER}{_COMMA}{_NUMBER}"
_FOUR = f"{_TWO}{_COMMA}{_TWO}"
_UNIT = r"(?:0?\.[0-9]++|1\.0*+|[01])"
_FRACTION = r"0?+\.[0-9]++"
#: Numbers with anything between them that coordinates are separated by.
_FOUR_ANYHOW = rf"[\s\[({{]*+{_NUMBER}(?:[\s,;()\[\]]++{_NUMBER}){{3}}"
_TWO_ANYHOW = rf"[\s\[({{]*+{_NUMBER}[\s,;()\[\]]++{_NUMBER}"


def _scalar(names: str) -> str:
    return rf"""["'](?i:{names})["']\s*+:\s*+{_NUMBER}"""


_LESS_THAN = r"(?:&lt;|&#0{0,4}60;|&#[xX]0{0,4}3[cC];|\\u003[cC]|%3[cC])"
_GREATER_THAN = r"(?:&gt;|&#0{0,4}62;|&#[xX]0{0,4}3[eE];|\\u003[eE]|%3[eE])"
#: The attributes of an escaped tag; the bound keeps the search linear.
_ESCAPED_ATTRIBUTES = rf"(?:[^<>&\\%]|(?!{_LESS_THAN}|{_GREATER_THAN})[&\\%]){{0,400}}+"
_ESCAPED_END = rf"[\s,;()\[\].0-9+-]*+{_LESS_THAN}/"

_BOX_KEYS = (
    r"(?:[a-z]{1,20}[_ ])?b?box(?:[_ ]?(?:[23]d?|xyxy|xywh|normalized|pixels?|coords|coordinates))?"
    r"|bounding[_ ]?box|bndbox|quad|rect(?:angle)?|region|roi|xyxy|xywh|coords|coordinates|location|position"
)
_POINT_KEYS = r"point(?:_?2d)?|(?:start|end|click|target)_?point|coordinate|click|tap"
_PLACE_KEYS = r"position|location|cent(?:er|re)|coordinates|coords"


class _Rule(NamedTuple):
    """What makes markup foreign: a key or a tag, and what follows it."""

    family: ForeignFamily
    names: str
    follows: str


#: Those that begin with a key of JSON or Python, in any case, and its colon.
_KEY_RULES = (
    _Rule(ForeignFamily.JSON_BOX, _BOX_KEYS, rf"""["']?+[\[(][\[(\s]*+{_FOUR}"""),
    _Rule(ForeignFamily.JSON_BOX, r"b?boxes(?:_2d)?|bounding[_ ]?boxes|detections|objects", rf"\[\s*+\[\s*+{_FOUR}"),
    _Rule(ForeignFamily.JSON_POINT, _POINT_KEYS, rf"[\[(]\s*+{_TWO}"),
    _Rule(
        ForeignFamily.JSON_POINT,
        f"{_POINT_KEYS}|{_PLACE_KEYS}",
        rf"\{{\s*+{_scalar('x')}{_COMMA}{_scalar('y')}",
    ),
    _Rule(ForeignFamily.JSON_POINT, r"points(?:_2d)?", rf"\[\s*+[\[(]\s*+{_TWO}"),
    _Rule(ForeignFamily.JSON_POINT, r"points(?:_2d)?", rf"\[\s*+\{{\s*+{_scalar('x')}{_COMMA}{_scalar('y')}"),
    _Rule(ForeignFamily.JSON_POINT, _PLACE_KEYS, rf"[\[(]\s*+{_FRACTION}{_COMMA}{_FRACTION}\s*+[\])]"),
    _Rule(ForeignFamily.JSON_CORNERS, r"x_?min", _NUMBER),
    _Rule(
        ForeignFamily.JSON_CORNERS,
        r"x_?1|x_?0|left",
        rf"{_NUMBER}{_COMMA}(?:{_scalar('x_?2|x_?1|right')}{_COMMA})?+{_scalar('y_?1|y_?0|top')}",
    ),
    _Rule(
        ForeignFamily.JSON_CORNERS,
        r"y_?1|y_?0|top",
        rf"{_NUMBER}{_COMMA}(?:{_scalar('y_?2|y_?1|bottom')}{_COMMA})?+{_scalar('x_?1|x_?0|left')}",
    ),
    _Rule(ForeignFamily.JSON_CORNERS, "x", rf"{_NUMBER}{_COMMA}{_scalar('y')}{_COMMA}{_scalar('w|width')}"),
    _Rule(
        ForeignFamily.JSON_TYPED,
        "type",
        rf""""(?:point|box|polygon)"[^{{}}]{{0,300}}?"(?:x1?|vertices)"\s*+:\s*+[\[\s]*+{_NUMBER}""",
    ),
    _Rule(ForeignFamily.REPR_FORM, r"point_box|point|polygon", rf"\(\s*+{_TWO}"),
)
#: Those that begin with "<".
_TAG_RULES = (
    _Rule(ForeignFamily.LOCATION_TOKENS, "loc_?", r"[0-9]{1,4}>\s?<loc_?[0-9]{1,4}>"),
    _Rule(ForeignFamily.MASK_TOKENS, "start_of_mask", ">"),
    _Rule(ForeignFamily.MASK_TOKENS, "seg_?", r"[0-9]{1,4}>\s?<seg_?[0-9]{1,4}>"),
    _Rule(ForeignFamily.PATCH_TOKENS, "patch_index_", r"[0-9]{1,5}>\s?<patch_index_[0-9]{1,5}>"),
    _Rule(ForeignFamily.BOX_TOKENS, r"\|(?:box|quad)_start", rf"\|>{_TWO_ANYHOW}"),
    _Rule(ForeignFamily.DETECTION_TOKENS, r"\|det", rf"\|>{_TWO_ANYHOW}"),
    _Rule(ForeignFamily.DETECTION_TOKENS, r"\|det", r"\|>\s*+\[\[\s*+[0-9]"),
    _Rule(ForeignFamily.FRAMED_BOX, r"\|begin_of_box", rf"\|>[\s<]*+{_FOUR_ANYHOW}"),
    _Rule(
        ForeignFamily.POINTS_TAG,
        "points?|tracks",
        rf"\s[^<>]{{0,300}}?\b(?:coords|x1?|p)\s*+=\s*+{_NUMBER}",
    ),
    _Rule(ForeignFamily.POINTS_TAG, "points|tracks", rf"\s++{_NUMBER}\s++{_NUMBER}"),
    _Rule(ForeignFamily.BOX_TAG, "b?box|bounding_box|quad|poly", rf"(?:\s[^<>]{{0,200}})?>{_FOUR_ANYHOW}"),
    _Rule(
        ForeignFamily.BOX_TAG,
        "points|boxes|polygons|point_boxes|coordinates?|coords|location|position",
        f">{_FOUR_ANYHOW}",
    ),
    _Rule(ForeignFamily.CORNER_TAGS, "xmin", rf">\s*+{_NUMBER}"),
)


def _whole(*words: str) -> str:
    """A pattern for whole words; what stands before one is looked at behind it, so that a search can leap to it."""
    return "(?:" + "|".join(rf"{word}(?<!\w{word})" for word in words) + ")"


#: What follows an escaped "<". A bare tag around a single pair is how one writes about the markup.
_ESCAPED_RULES = (
    rf"(?:point_box|point|polygon)\s{_ESCAPED_ATTRIBUTES}{_GREATER_THAN}{_TWO_ANYHOW}{_ESCAPED_END}",
    rf"(?:point_box|point|polygon){_GREATER_THAN}{_FOUR_ANYHOW}{_ESCAPED_END}",
    rf"clip\b(?=[^<>]{{0,200}}?\bt\s*+=)(?=[^<>]{{0,300}}?[0-9]){_ESCAPED_ATTRIBUTES}{_GREATER_THAN}",
)
_PLACE_RULE = (
    rf"""{_whole("start_box", "end_box", "start_point", "end_point", "point", "box")}\s*+=\s*+["']\s*+{_TWO_ANYHOW}"""
)
_CALL_RULE = (
    r"\b(?i:click|double_?click|right_?click|tap|moveto|dragto)"
    rf"\(\s*+x\s*+=\s*+{_FRACTION}{_COMMA}y\s*+=\s*+{_FRACTION}"
)
#: What may not stand before a bracket is looked at behind it.
_BRACKET_RULES = (
    r"\[\[(?<![=(:,\[]\[\[)(?<![=(:,\[] \[\[)[0-9]{3},[0-9]{3},[0-9]{3},[0-9]{3}[\];]",
    r"\[0(?<=[A-Za-z]\[0)\.[0-9]{3},0\.[0-9]{3},0\.[0-9]{3},0\.[0-9]{3}[\];]",
)
_FENCE = r"(?:```[A-Za-z]{0,16}+\s*+)?+"
_PAIR_TUPLE, _BOX_LIST = rf"\(\s*+{_TWO}\s*+\)", rf"[\[(]\s*+{_FOUR}\s*+[\])]"
#: The answers that are nothing but these.
_NUMBERS_RULES = (
    rf"\[\s*+{_PAIR_TUPLE}(?:{_COMMA}{_PAIR_TUPLE})*+,?+\s*+\]",
    rf"\[\s*+{_BOX_LIST}(?:{_COMMA}{_BOX_LIST})*+,?+\s*+\]",
    rf"\[\s*+{_FRACTION}{_COMMA}{_FRACTION}(?:{_COMMA}{_UNIT}{_COMMA}{_UNIT})?+\s*+\]",
    rf"(?=\[)(?=(?:[^0-9]*+[0-9]{{1,2}}(?![0-9]))?+[^0-9]*+[0-9]{{3}}(?:[^0-9]*+[0-9]{{1,2}}(?![0-9]))?+[^0-9]*+[0-9]{{3}})\[\s*+{_FOUR}\s*+\]",
)


# -- the search ------------------------------------------------------------------------------------------------------


class _Nameless:
    """The search for a family whose markup has no names, or few; ``part`` is what of it is sought faster than all."""

    def __init__(self, family: ForeignFamily, rule: str, part: str | None = None) -> None:
        self._family = family.value
        self._rule = re.compile(rule, re.ASCII)
        self._part = None if part is None else re.compile(part, re.ASCII)

    def find(self, text: str) -> Foreign | None:
        """The first of them."""
        if self._part is not None and self._part.search(text) is None:
            return None
        match = self._rule.search(text)
        return None if match is None else Foreign(self._family, Span(*match.span()))


class _Named:
    """The search for what begins with one of many names: ``beginning`` has the name as its group.

    Where it matches, the rules for that name are tried; a beginning never holds another one.
    """

    def __init__(self, beginning: str, rules: Sequence[_Rule], flags: int = 0) -> None:
        self._beginning = re.compile(beginning, re.ASCII)
        self._known = re.compile("|".join(rule.names for rule in rules), re.ASCII | flags)
        self._named = [(re.compile(rule.names, re.ASCII | flags), rule) for rule in rules]
        self._following = lru_cache(_KEPT)(self._following_of)

    def _following_of(self, name: str) -> _Following | None:
        """What may follow a name; None if that is never markup."""
        if self._known.fullmatch(name) is None:
            return None
        rules = [rule for names, rule in self._named if names.fullmatch(name)]
        pattern = re.compile("|".join(f"({rule.follows})" for rule in rules), re.ASCII)
        return pattern, ["", *(rule.family.value for rule in rules)]

    def find(self, text: str) -> Foreign | None:
        """The first of them."""
        end = 0
        while (beginning := self._beginning.search(text, end)) is not None:
            end = beginning.end()
            if (following := self._following(beginning[1])) is not None:
                pattern, families = following
                match = pattern.match(text, end)
                if match is not None:
                    return Foreign(families[match.lastindex or 0], Span(beginning.start(), match.end()))
        return None


#: A pattern with a group for each rule, and the words for their families by the number of the group.
_Following: TypeAlias = tuple[re.Pattern[str], list[str]]


#: So many names are remembered; nearly all are written again and again.
_KEPT = 512
#: The values that a rule wants: a bracket, in quotes or not, one of our types, or the number of a side; of an x, which
#: is in many a table, behind its y the width.
_VALUED = (
    r"""[A-Za-z0-9_ ]{1,40}+["']\s*+:\s*+(?:["']?[\[({]|"(?:point|box|polygon)")"""
    rf"""|(?=[LTXYltxy])(?i:x_?(?:min|[01])|y_?[01]|left|top)["']\s*+:\s*+{_NUMBER}"""
    rf"""|[xX]["']\s*+:\s*+{_NUMBER}{_COMMA}{_scalar("y")}{_COMMA}["'][wW]"""
)
#: Most quotes do not begin a key, which is short; a search leaps from one double quote, or single one, to the next.
_KEYED, _KEYED_SINGLY = (
    _Named(rf"""{quote}(?={_VALUED})([A-Za-z0-9_ ]++)["']\s*+:\s*+""", _KEY_RULES, re.IGNORECASE) for quote in "\"'"
)
_TAGGED = _Named(f"<({'|'.join(dict.fromkeys(rule.names for rule in _TAG_RULES))})(?![a-z_])", _TAG_RULES)
_ESCAPED = _Nameless(ForeignFamily.ESCAPED_MARKUP, f"{_LESS_THAN}(?:{'|'.join(_ESCAPED_RULES)})")
_PLACE = _Nameless(ForeignFamily.CLICK, _PLACE_RULE)
_CALL = _Nameless(ForeignFamily.CLICK, _CALL_RULE, r"\(\s*+x\s*+=")
_BRACKETED = _Nameless(ForeignFamily.BRACKETED_BOX, "|".join(_BRACKET_RULES))
_NUMBERS = re.compile(rf"\s*+{_FENCE}(?:{'|'.join(_NUMBERS_RULES)})\s*+(?:```)?+\s*+", re.ASCII)


def is_plain(text: str) -> bool:
    """Whether ``text`` has none of the characters without which there is neither markup nor anything foreign."""
    return not ("<" in text or "[" in text or "{" in text or "=" in text or "&" in text or "\\" in text or "%" in text)


def find_foreign(text: str) -> Foreign | None:
    """The first foreign markup of an answer."""
    if not (_has_digits(text) or "<start_of_mask>" in text):
        return None
    first: Foreign | None = None
    before = text  # in which an earlier one may begin
    for char, search in _searches(text):
        if char in before:
            found = search.find(text)
            if found is not None and (first is None or found.span.start < first.span.start):
                if found.span.start == 0:
                    return found
                first = found
                before = text[: found.span.start + 1]
    if first is None and "[" in text and (match := _NUMBERS.fullmatch(text)):
        return Foreign(_BARE_NUMBERS, Span(*match.span()))
    return first


_BARE_NUMBERS = ForeignFamily.BARE_NUMBERS.value


def _has_digits(text: str) -> bool:
    return ("1" in text or "2" in text or "0" in text or "5" in text or "3" in text) or (
        "4" in text or "6" in text or "7" in text or "8" in text or "9" in text
    )


def _searches(text: str) -> Iterator[tuple[str, _Nameless | _Named]]:
    """Those that may find something, because the characters are there without which they cannot.

    Before each stands a character at or near the beginning of all that it finds.
    """
    if "<" in text:
        yield "<", _TAGGED
    if ":" in text and ("{" in text or not is_plain(text)):
        if '"' in text:
            yield '"', _KEYED
        if "'" in text:
            yield "'", _KEYED_SINGLY
    if ("&" in text or "\\" in text or "%" in text) and _has_escaped_tags(text):
        for char in "&\\%":
            yield char, _ESCAPED
    if "=" in text:
        if ('"' in text or "'" in text) and ("box" in text or "point" in text):
            yield "=", _PLACE
        if "(" in text and "x" in text:
            yield "=", _CALL
    if "[" in text and ("[[" in text or "[0." in text):
        yield "[", _BRACKETED


def _has_escaped_tags(text: str) -> bool:
    escaped = "&lt;" in text or "&#" in text or "\\u003" in text or "%3" in text
    return escaped and ("point" in text or "polygon" in text or "clip" in text)
