"""Hostile inputs by name, each of about a given size: what a parser that backtracks or starts again never ends."""

from __future__ import annotations

from collections.abc import Callable


def repeated(piece: str, size: int) -> str:
    """``piece`` over and over, about ``size`` characters."""
    return piece * max(1, size // len(piece))


def nested(tag: str, size: int) -> str:
    """Containers in containers, opened and closed."""
    return repeated(f"<{tag}>", size // 2) + repeated(f"</{tag}>", size // 2)


#: Hostile inputs by name, each of about the size given.
HOSTILE: dict[str, Callable[[int], str]] = {
    "<point aaa…>": lambda size: "<point " + "a" * size + ">",
    't="1 spaces x"': lambda size: '<point t="1' + " " * size + 'x"> (1,2) </point>',
    'clip t="1 spaces x"': lambda size: '<clip t="1' + " " * size + 'x"/>',
    "<<<": lambda size: "<" * size,
    "<point <point": lambda size: repeated("<point ", size),
    "<point><point>": lambda size: repeated("<point>", size),
    '<point "<point "': lambda size: repeated('<point "', size),
    "mixed quotes": lambda size: repeated("<point '<point \"", size),
    "nested collections": lambda size: nested("collection", size),
    "nested tracks": lambda size: nested("track", size),
    "stray closes": lambda size: "<collection>" + repeated("</point>", size),
    "clips in tracks": lambda size: (
        "<collection>" + repeated("<track>", size // 2) + repeated('<clip t="1"/>', size // 2)
    ),
    "digits": lambda size: "<point> (" + "9" * size + ",1) </point>",
    "digits in t": lambda size: '<point t="' + "9" * size + '"> (1,2) </point>',
    "digits in asset_idx": lambda size: '<point asset_idx="' + "0" * size + '"> (1,2) </point>',
    "digits in &#…;": lambda size: '<point mention="&#' + "9" * size + ';"> (1,2) </point>',
    "ampersands": lambda size: '<point mention="' + "&" * size + '"> (1,2) </point>',
    "( in a body": lambda size: "<point>" + "(" * size + "</point>",
    "(1 in a body": lambda size: "<point>" + repeated("(1 ", size) + "</point>",
    "spaces in a body": lambda size: "<point> (1" + " " * size + "</point>",
    "unclosed quote": lambda size: '<point mention="' + "a" * size,
    "<|<|": lambda size: repeated("<|", size),
    "JSON, cut": lambda size: '{"annotations": [' + repeated('{"type": "point", "x": 1, "y": 2}, ', size),
    "foreign keys": lambda size: repeated('"box": [', size),
    "open brackets": lambda size: "=" + repeated("[ (", size),
    "one open collection": lambda size: "<collection>" + repeated("<point> (1,2) </point>", size),
}
