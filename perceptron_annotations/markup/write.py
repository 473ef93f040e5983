"""Values → canonical markup.

``<tag attributes> body </tag>`` in lower case, double quotes, single spaces, ``(x,y)`` without inner space; attributes
in the order mention, t, asset_idx, and for a clip mention, asset_idx, t. This is the form that ``perceptron`` 0.4.0
writes; a score, which it does not know, comes last as ``confidence``. ``parse(to_markup(value))`` gives the value back,
with times to the microsecond and a collection's ``t`` on its children. Everything is checked before the first character
is written.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from ..errors import UnwritableError
from ..frames import Frame
from ..geometry import ANNOTATION_TYPES, Box, Clip, Collection, Point, Polygon, Shape, Track, Value
from . import grammar
from .document import Document
from .nodes import Element, Node, Outside, Text
from .truncation import TAG_LIKE

_TAGS: dict[type[Value], str] = {ANNOTATION_TYPES[kind]: tag for kind, tag in grammar.KIND_TAGS.items()}


def to_markup(values: Value | Iterable[Value], *, confidence: bool = True) -> str:
    """One value, or several joined by single spaces, in canonical form.

    A score is written as ``confidence``, or left out if that is False. Raises ``UnwritableError`` for what the markup
    has no form for: a score below 0 or above 1, a frame other than the grid, a coordinate that is not a whole
    number from 0 to 2**53, an asset_idx beyond 2**31 - 1, and an empty track or collection.

    >>> pa.to_markup([pa.Point(10, 20, mention="cat"), pa.Clip(1.5, 3)])
    '<point mention="cat"> (10,20) </point> <clip t="1.5 seconds 3 seconds" />'
    >>> pa.to_markup(pa.Point(10, 20, score=0.9)), pa.to_markup(pa.Point(10, 20, score=0.9), confidence=False)
    ('<point confidence="0.9"> (10,20) </point>', '<point> (10,20) </point>')
    """
    if isinstance(values, (Point, Box, Polygon, Clip, Track, Collection)):
        values = [values]
    if not confidence:
        values = map(_without_scores, values)
    return " ".join([_write(value) for value in values])


def _without_scores(value: Value) -> Value:
    if isinstance(value, Track):
        return value.replace(waypoints=tuple(waypoint.replace(score=None) for waypoint in value.waypoints))
    if isinstance(value, Collection):
        return value.replace(children=tuple(map(_without_scores, value.children)))
    return value.replace(score=None)


def _write(value: Value, t: float | None = None, asset_idx: int | None = None) -> str:
    """``value`` inside a container that gives ``t`` to what has none and ``asset_idx`` to what names no other."""
    if isinstance(value, Shape):
        return _write_shape(value, value.t if value.t is not None else t, _unlike(value.asset_idx, asset_idx))
    if isinstance(value, Clip):
        times = [time for time in (value.start, value.end) if time is not None]
        stamp = " ".join(_microseconds(time).rstrip(".") + " seconds" for time in times)
        asset = _asset_idx(_unlike(value.asset_idx, asset_idx))
        return f'<clip{_mention(value)}{asset} t="{stamp}"{_confidence(value)} />'
    if isinstance(value, Track):
        tag, parts = "track", [_write(waypoint, asset_idx=value.asset_idx) for waypoint in value.waypoints]
    elif isinstance(value, Collection):
        tag, parts = "collection", [_write(child, value.t, value.asset_idx) for child in value.children]
    else:
        raise UnwritableError(f"only annotations, tracks and collections have markup, not {value!r}")
    if not parts:
        raise UnwritableError(f"an empty {tag} has no markup that can be read back: leave it out")
    attributes = _mention(value) + _asset_idx(_unlike(value.asset_idx, asset_idx))
    return f"<{tag}{attributes}> {' '.join(parts)} </{tag}>"


def _write_shape(shape: Shape, t: float | None, asset_idx: int | None) -> str:
    if shape.frame != Frame.GRID:
        raise UnwritableError(f"markup is written on the grid, not in {shape.frame}: use .to(Frame.GRID).rounded()")
    body = " ".join(f"({_coordinate(x, shape)},{_coordinate(y, shape)})" for x, y in shape.coordinates)
    seconds = ""
    if t is not None:
        written = _microseconds(t)
        seconds = f' t="{written}{"0" if written.endswith(".") else ""} seconds"'
    tag = _TAGS[type(shape)]
    return f"<{tag}{_mention(shape)}{seconds}{_asset_idx(asset_idx)}{_confidence(shape)}> {body} </{tag}>"


def _confidence(value: Shape | Clip) -> str:
    if value.score is None:
        return ""
    if not 0 <= value.score <= 1:
        raise UnwritableError(f"markup has no place for the score of {value!r}: scale it to 0-1 or drop it first")
    return f' confidence="{value.score + 0.0!r}"'  # -0.0 becomes 0.0


def _coordinate(number: float, shape: Shape) -> int:
    if not (number.is_integer() and 0 <= number <= grammar.MAX_COORDINATE):
        raise UnwritableError(
            f"markup holds whole coordinates from 0, not {number!r} in {shape!r}: use .clamped().rounded()"
        )
    return int(number)


def _mention(value: Value) -> str:
    return f' mention="{html.escape(value.mention, quote=True)}"' if value.mention else ""


def _asset_idx(index: int | None) -> str:
    if index is None:
        return ""
    if index > grammar.MAX_ASSET_IDX:
        raise UnwritableError(f"asset_idx {index} is beyond {grammar.MAX_ASSET_IDX}")
    return f' asset_idx="{index}"'


def _unlike(own: int | None, inherited: int | None) -> int | None:
    return None if own == inherited else own


def _microseconds(seconds: float) -> str:
    return f"{seconds:.6f}".rstrip("0")


# -- documents -------------------------------------------------------------------------------------------------------


def write_document(document: Document, *, confidence: bool) -> str:
    """The answer of ``document`` in canonical form; see ``Document.to_markup``."""
    pieces = _pieces(document, confidence=confidence)
    # Text is defused in whole runs, so that leaving out a special token makes no tag of what stood around it.
    return "".join(
        TAG_LIKE.sub("&lt;", "".join(text for _, text in run)) if is_text else "".join(text for _, text in run)
        for is_text, run in groupby(pieces, key=lambda piece: piece[0])
    )


def _pieces(document: Document, *, confidence: bool) -> Iterator[tuple[bool, str]]:
    """``(is it text, what to write)`` for every node of the answer."""
    for node in document.nodes:
        if isinstance(node, Outside):
            continue
        if isinstance(node, Text) or not (markup := _write_element(node, document, confidence=confidence)):
            yield True, document.source[slice(*node.span)]
        else:
            yield False, markup


def _write_element(node: Element, document: Document, *, confidence: bool) -> str:
    """The canonical form of an element; empty if nothing of it was kept."""
    values, frame = _values_of(node, document), document.frame
    if isinstance(frame, Frame) and frame != document.read_in:
        values = [value.to(frame) for value in values]
    return to_markup(values, confidence=confidence)


def written_values(document: Document) -> list[Value]:
    """The values of a document as they would be written: containers whole, in the frame in which it was read."""
    return [value for node in document.nodes if isinstance(node, Element) for value in _values_of(node, document)]


def _values_of(node: Element, document: Document) -> Sequence[Value]:
    """What is written for an element; nothing if nothing of it was kept."""
    if not node.rows:
        return ()
    if node.value is not None and _is_regular(node):
        return (_without_empty_tracks(node.value),)
    # A container in a place where none is allowed cannot be written as it is; what it holds can, with its context.
    return document.annotations[node.first_row : node.next_row]


def _without_empty_tracks(value: Value) -> Value:
    """``value`` without the tracks that were cut off before their first waypoint."""
    if not isinstance(value, Collection):
        return value
    return value.replace(children=tuple(c for c in value.children if not isinstance(c, Track) or c.waypoints))


def _is_regular(node: Element) -> bool:
    """Whether the value of ``node`` holds all that was kept of it, in order."""
    if isinstance(node.value, Track) and len(node.value.waypoints) < len(node.rows):
        return False  # salvage kept what does not belong to the track
    return all(_is_regular_child(node.tag, child) for child in node.children)


def _is_regular_child(container: str, child: Node) -> bool:
    if not isinstance(child, Element) or child.tag in grammar.LEAF_TAGS:
        return True
    if not child.rows:
        return True
    if container == "track" or child.tag == "collection" or child.value is None:
        return False
    return _is_regular(child)
