"""Which other model's way of writing boxes and points an answer is in, if it is in one that our grammar does not read.

Nothing is read here: the key ``box_2d`` stands for corners in two orders and six scales, so whoever guesses is wrong
somewhere. What counts is that such an answer does not say "nothing there". Each family has a rule of its own, and each
rule wants the numbers too, so that prose about a tag, code and other JSON stay what they are. No pattern backtracks
without a bound, so the search is linear.

Most answers have nothing foreign, and to see that must cost little. So the rules are searched in groups, by the
character with which they begin; and a group whose characters are not there is not searched.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

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


class Foreign(NamedTuple):
    """Where another model's markup begins, and of which family it is."""

    family: ForeignFamily
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


def _key(names: str) -> str:
    return rf"""["'](?i:{names})["']\s*+:\s*+"""


def _scalar(names: str) -> str:
    return _key(names) + _NUMBER


_BOX_KEYS = (
    r"(?:[a-z]{1,20}[_ ])?b?box(?:[_ ]?(?:[23]d?|xyxy|xywh|normalized|pixels?|coords|coordinates))?"
    r"|bounding[_ ]?box|bndbox|quad|rect(?:angle)?|region|roi|xyxy|xywh|coords|coordinates|location|position"
)
_BOXES_KEYS = r"b?boxes(?:_2d)?|bounding[_ ]?boxes|detections|objects"
_POINT_KEYS = r"point(?:_?2d)?|(?:start|end|click|target)_?point|coordinate|click|tap"
_PLACE_KEYS = r"position|location|cent(?:er|re)|coordinates|coords"
_LEFT, _TOP = r"left|x_?1|x_?0|x", r"top|y_?1|y_?0|y"
_LESS_THAN = r"(?:&lt;|&#0{0,4}60;|&#[xX]0{0,4}3[cC];|\\u003[cC]|%3[cC])"
_GREATER_THAN = r"(?:&gt;|&#0{0,4}62;|&#[xX]0{0,4}3[eE];|\\u003[eE]|%3[eE])"
#: A character of the attributes of an escaped tag; the bound keeps the search linear.
_ESCAPED_ATTRIBUTES = rf"(?:(?!{_LESS_THAN}|{_GREATER_THAN})[^<>]){{0,400}}+"
_ESCAPED_END = rf"[\s,;()\[\].0-9+-]*+{_LESS_THAN}/"

_RULES: dict[ForeignFamily, tuple[str, ...]] = {
    ForeignFamily.JSON_BOX: (
        rf"""{_key(_BOX_KEYS)}["']?+[\[(][\[(\s]*+{_FOUR}""",
        rf"{_key(_BOXES_KEYS)}\[\s*+\[\s*+{_FOUR}",
    ),
    ForeignFamily.JSON_POINT: (
        rf"{_key(_POINT_KEYS)}[\[(]\s*+{_TWO}",
        rf"{_key(_POINT_KEYS + '|' + _PLACE_KEYS)}\{{\s*+{_scalar('x')}{_COMMA}{_scalar('y')}",
        rf"{_key('points(?:_2d)?')}\[\s*+[\[(]\s*+{_TWO}",
        rf"{_key('points(?:_2d)?')}\[\s*+\{{\s*+{_scalar('x')}{_COMMA}{_scalar('y')}",
        rf"{_key(_PLACE_KEYS)}[\[(]\s*+{_FRACTION}{_COMMA}{_FRACTION}\s*+[\])]",
    ),
    ForeignFamily.JSON_CORNERS: (
        _scalar("x_?min"),
        rf"{_scalar('x_?1|x_?0|left')}{_COMMA}(?:{_scalar('x_?2|x_?1|right')}{_COMMA})?+{_scalar('y_?1|y_?0|top')}",
        rf"{_scalar('y_?1|y_?0|top')}{_COMMA}(?:{_scalar('y_?2|y_?1|bottom')}{_COMMA})?+{_scalar('x_?1|x_?0|left')}",
        rf"{_scalar('x')}{_COMMA}{_scalar('y')}{_COMMA}{_scalar('w|width')}",
    ),
    ForeignFamily.JSON_TYPED: (
        rf"""{_key("type")}"(?:point|box|polygon)"[^{{}}]{{0,300}}?"(?:x1?|vertices)"\s*+:\s*+[\[\s]*+{_NUMBER}""",
    ),
    ForeignFamily.REPR_FORM: (rf"{_key('point_box|point|polygon')}\(\s*+{_TWO}",),
    ForeignFamily.LOCATION_TOKENS: (r"<loc_?[0-9]{1,4}>\s?<loc_?[0-9]{1,4}>",),
    ForeignFamily.MASK_TOKENS: (r"<start_of_mask>", r"<seg_?[0-9]{1,4}>\s?<seg_?[0-9]{1,4}>"),
    ForeignFamily.PATCH_TOKENS: (r"<patch_index_[0-9]{1,5}>\s?<patch_index_[0-9]{1,5}>",),
    ForeignFamily.BOX_TOKENS: (rf"<\|(?:box|quad)_start\|>{_TWO_ANYHOW}",),
    ForeignFamily.DETECTION_TOKENS: (rf"<\|det\|>{_TWO_ANYHOW}", r"<\|det\|>\s*+\[\[\s*+[0-9]"),
    ForeignFamily.FRAMED_BOX: (rf"<\|begin_of_box\|>[\s<]*+{_FOUR_ANYHOW}",),
    ForeignFamily.POINTS_TAG: (
        rf"""<(?:points?|tracks)\s[^<>]{{0,300}}?\b(?:coords|x1?|p)\s*+=\s*+{_NUMBER}""",
        rf"<(?:points|tracks)\s++{_NUMBER}\s++{_NUMBER}",
    ),
    ForeignFamily.BOX_TAG: (
        rf"<(?:b?box|bounding_box|quad|poly)(?:\s[^<>]{{0,200}})?>{_FOUR_ANYHOW}",
        rf"<(?:points|boxes|polygons|point_boxes|coordinates?|coords|location|position)>{_FOUR_ANYHOW}",
    ),
    ForeignFamily.CORNER_TAGS: (rf"<xmin>\s*+{_NUMBER}",),
    ForeignFamily.ESCAPED_MARKUP: (
        # A bare tag around a single pair is how one writes about the markup.
        rf"{_LESS_THAN}(?:point_box|point|polygon)\s{_ESCAPED_ATTRIBUTES}{_GREATER_THAN}{_TWO_ANYHOW}{_ESCAPED_END}",
        rf"{_LESS_THAN}(?:point_box|point|polygon){_GREATER_THAN}{_FOUR_ANYHOW}{_ESCAPED_END}",
        rf"{_LESS_THAN}clip\b(?=[^<>]{{0,200}}?\bt\s*+=)(?=[^<>]{{0,300}}?[0-9]){_ESCAPED_ATTRIBUTES}{_GREATER_THAN}",
    ),
    ForeignFamily.CLICK: (
        rf"""\b(?:start_box|end_box|start_point|end_point|point|box)\s*+=\s*+["']\s*+{_TWO_ANYHOW}""",
        rf"\b(?i:click|double_?click|right_?click|tap|moveto|dragto)\(\s*+x\s*+=\s*+{_FRACTION}{_COMMA}y\s*+=\s*+{_FRACTION}",
    ),
    ForeignFamily.BRACKETED_BOX: (
        r"(?<![=(:,\[])(?<![=(:,\[] )\[\[[0-9]{3},[0-9]{3},[0-9]{3},[0-9]{3}[\];]",
        r"(?<=[A-Za-z])\[0\.[0-9]{3},0\.[0-9]{3},0\.[0-9]{3},0\.[0-9]{3}[\];]",
    ),
}
_FENCE = r"(?:```[A-Za-z]{0,16}+\s*+)?+"
_PAIR_TUPLE, _BOX_LIST = rf"\(\s*+{_TWO}\s*+\)", rf"[\[(]\s*+{_FOUR}\s*+[\])]"
#: The answers that are nothing but these.
_WHOLE = (
    rf"\[\s*+{_PAIR_TUPLE}(?:{_COMMA}{_PAIR_TUPLE})*+,?+\s*+\]",
    rf"\[\s*+{_BOX_LIST}(?:{_COMMA}{_BOX_LIST})*+,?+\s*+\]",
    rf"\[\s*+{_FRACTION}{_COMMA}{_FRACTION}(?:{_COMMA}{_UNIT}{_COMMA}{_UNIT})?+\s*+\]",
    rf"(?=\[)(?=(?:[^0-9]*+[0-9]{{1,2}}(?![0-9]))?+[^0-9]*+[0-9]{{3}}(?:[^0-9]*+[0-9]{{1,2}}(?![0-9]))?+[^0-9]*+[0-9]{{3}})\[\s*+{_FOUR}\s*+\]",
)


def _group(opening: str, families: Sequence[ForeignFamily]) -> re.Pattern[str]:
    """A pattern for the rules of ``families``, which all begin with ``opening``; it is written once, before them."""
    begin = opening.partition("(?=")[0]
    rules = [(family, [rule.removeprefix(begin) for rule in _RULES[family]]) for family in families]
    named = "|".join(f"(?P<{family.name}>{'|'.join(rules)})" for family, rules in rules)
    return re.compile(f"{opening}(?:{named})", re.ASCII)


_KEYED = _group(
    # Most quotes do not begin a key, which is short.
    r"""["'](?=[A-Za-z0-9_ ]{1,40}+["']\s*+:)""",
    (
        ForeignFamily.JSON_BOX,
        ForeignFamily.JSON_POINT,
        ForeignFamily.JSON_CORNERS,
        ForeignFamily.JSON_TYPED,
        ForeignFamily.REPR_FORM,
    ),
)
_TAGGED = _group(
    r"<(?=[bclpqstx]|\|[bdq])",
    (
        ForeignFamily.LOCATION_TOKENS,
        ForeignFamily.MASK_TOKENS,
        ForeignFamily.PATCH_TOKENS,
        ForeignFamily.BOX_TOKENS,
        ForeignFamily.DETECTION_TOKENS,
        ForeignFamily.FRAMED_BOX,
        ForeignFamily.POINTS_TAG,
        ForeignFamily.BOX_TAG,
        ForeignFamily.CORNER_TAGS,
    ),
)
_ESCAPED = _group(_LESS_THAN, (ForeignFamily.ESCAPED_MARKUP,))
_CLICK = _group("", (ForeignFamily.CLICK,))
#: What a click has behind its name; two patterns that begin with one character are faster than one with both.
_QUOTED_PLACE, _CALL = re.compile(r"""=\s*+["']"""), re.compile(r"\(\s*+x\s*+=")
_BRACKETED = _group("", (ForeignFamily.BRACKETED_BOX,))
_ALONE = re.compile(rf"\s*+{_FENCE}(?:{'|'.join(_WHOLE)})\s*+(?:```)?+\s*+", re.ASCII)


def is_plain(text: str) -> bool:
    """Whether ``text`` has none of the characters without which there is neither markup nor anything foreign."""
    return not ("<" in text or "[" in text or "{" in text or "=" in text or "&" in text or "\\" in text or "%" in text)


def find_foreign(text: str) -> Foreign | None:
    """The first foreign markup of an answer."""
    if is_plain(text):
        return None
    first: re.Match[str] | None = None
    before = text  # in which an earlier one may begin
    for begins, pattern in _GROUPS:
        if begins(before) and (match := pattern.search(text)) and (first is None or match.start() < first.start()):
            first = match
            before = text[: match.start() + 1]
    if first is not None:
        return Foreign(ForeignFamily[first.lastgroup or ""], Span(*first.span()))
    if "[" in text and (match := _ALONE.fullmatch(text)):
        return Foreign(ForeignFamily.BARE_NUMBERS, Span(*match.span()))
    return None


#: What tells whether a match of a group may begin in a text, and the rules of the group.
_GROUPS: tuple[tuple[Callable[[str], object], re.Pattern[str]], ...] = (
    (lambda text: "<" in text, _TAGGED),
    (lambda text: '"' in text or "'" in text, _KEYED),
    (lambda text: "&" in text or "\\" in text or "%" in text, _ESCAPED),
    (lambda text: _QUOTED_PLACE.search(text) or _CALL.search(text), _CLICK),
    (lambda text: "[[" in text or "[0." in text, _BRACKETED),
)
