"""Plain elements, as models write them: the groups of one match → the element of the tree, and its issues.

They lie on the grid, and nearly all of an answer is of this sort, so here every step is counted: what attributes say is
kept by their text as a constructor that lacks only the coordinates, and a coordinate is looked up by its digits. The
general way in :mod:`.leaves` gives the same, and an element that cannot be read is left to it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Annotated, Any, TypeAlias

import msgspec

from ..checked import unchecked
from ..geometry import Polygon
from ..issues import Issue, Span
from ..templates import new_box, new_point, new_polygon
from .attributes import KEPT, KEPT_LENGTH, Note, Unknown, append_notes, clip_attributes, leaf_attributes
from .grammar import GRID_MAX, PLAIN_BOX, PLAIN_CLIP, PLAIN_POINT, PLAIN_POLYGON
from .leaves import Pair, note_line, note_odd_box, note_range
from .nodes import Element


class _Makers:
    """What makes the leaves of one tag, by the text of their attributes, which is nearly always one seen before."""

    def __init__(self, new: Callable[..., Any]) -> None:
        self._new = new
        self.kept: dict[str, _Maker] = {}

    def made(self, text: str) -> _Maker:
        """A maker for attributes that are not kept yet."""
        given = leaf_attributes(text)
        if given.fault is None:
            template = self._new(mention=given.mention, t=given.t, asset_idx=given.asset_idx, score=given.score)
            maker: _Maker = unchecked(template), given.unknown, given.notes
        else:
            maker = None, (), ()
        if len(text) <= KEPT_LENGTH:
            if len(self.kept) >= KEPT:
                self.kept.clear()
            self.kept[text] = maker
        return maker


#: A constructor that lacks the coordinates, None if the attributes make the leaf unreadable; the attributes without a
#: meaning; and what is odd.
_Maker: TypeAlias = tuple[Callable[..., Any] | None, Unknown, tuple[Note, ...]]
_BOXES, _POINTS, _POLYGONS = _Makers(new_box), _Makers(new_point), _Makers(new_polygon)
_kept_boxes, _kept_points, _kept_polygons = _BOXES.kept, _POINTS.kept, _POLYGONS.kept

#: The coordinates on the grid by their digits: to look one up is faster than to make it, and what is not here lies
#: beyond the grid, or has zeros before it.
_ON_GRID = {str(number): float(number) for number in range(int(GRID_MAX) + 1)}

_BOX_ATTRIBUTES, _X1, _Y1, _X2, _Y2 = PLAIN_BOX
_POINT_ATTRIBUTES, _X, _Y = PLAIN_POINT
_POLYGON_ATTRIBUTES, _RING = PLAIN_POLYGON
(_CLIP_ATTRIBUTES,) = PLAIN_CLIP


def plain_box(match: re.Match[str], span: Span, row: int, issues: list[Issue]) -> Element | None:
    """The box of a plain match: attributes, x1, y1, x2, y2."""
    text = match[_BOX_ATTRIBUTES]
    make, unknown, notes = _kept_boxes.get(text) or _BOXES.made(text)
    if make is None:
        return None
    if notes:
        append_notes(notes, span, issues)
    try:
        x1 = _ON_GRID[match[_X1]]
        y1 = _ON_GRID[match[_Y1]]
        x2 = _ON_GRID[match[_X2]]
        y2 = _ON_GRID[match[_Y2]]
    except KeyError:
        x1, y1, x2, y2 = map(float, match.group(_X1, _Y1, _X2, _Y2))
        note_odd_box(x1, y1, x2, y2, span, issues)
        note_range(((x1, y1), (x2, y2)), span, issues)
    else:
        if x1 >= x2 or y1 >= y2:
            note_odd_box(x1, y1, x2, y2, span, issues)
    return Element("point_box", span, make(x1=x1, y1=y1, x2=x2, y2=y2), row, row + 1, (), True, unknown)


def plain_point(match: re.Match[str], span: Span, row: int, issues: list[Issue]) -> Element | None:
    """The point of a plain match: attributes, x, y."""
    text = match[_POINT_ATTRIBUTES]
    make, unknown, notes = _kept_points.get(text) or _POINTS.made(text)
    if make is None:
        return None
    if notes:
        append_notes(notes, span, issues)
    try:
        x, y = _ON_GRID[match[_X]], _ON_GRID[match[_Y]]
    except KeyError:
        x, y = map(float, match.group(_X, _Y))
        note_range(((x, y),), span, issues)
    return Element("point", span, make(x=x, y=y), row, row + 1, (), True, unknown)


def plain_polygon(match: re.Match[str], span: Span, row: int, issues: list[Issue]) -> Element | None:
    """The polygon of a plain match: attributes, ring; None if that is not plain after all."""
    vertices = _plain_ring(match[_RING])
    if vertices is None:
        return None
    text = match[_POLYGON_ATTRIBUTES]
    make, unknown, notes = _kept_polygons.get(text) or _POLYGONS.made(text)
    if make is None:
        return None
    if notes:
        append_notes(notes, span, issues)
    (x0, y0), (x1, y1), (x2, y2) = vertices[:3]
    if (x1 - x0) * (y2 - y0) == (y1 - y0) * (x2 - x0):
        note_line(vertices, span, issues)
    return Element("polygon", span, make(vertices=vertices), row, row + 1, (), True, unknown)


def _plain_ring(ring: str) -> tuple[Pair, ...] | None:
    """The vertices of a ring in canonical form that lies on the grid; None of any other."""
    # It is JSON but for its brackets; a decoder makes the floats of it and bounds them at once.
    try:
        vertices = _VERTICES.decode("[" + ring.replace(") (", "],[").replace("(", "[").replace(")", "]") + "]")
    except msgspec.DecodeError:
        return None
    return vertices if ring.count(",") == len(vertices) else None  # a comma between two pairs is ignored text


_OnGrid: TypeAlias = Annotated[float, msgspec.Meta(le=GRID_MAX)]
_VERTICES = msgspec.json.Decoder(
    Annotated[tuple[tuple[_OnGrid, _OnGrid], ...], msgspec.Meta(min_length=Polygon.MIN_VERTICES)]
)


def plain_clip(match: re.Match[str], span: Span, row: int, issues: list[Issue]) -> Element | None:
    """The clip of a plain match: attributes."""
    given = clip_attributes(match[_CLIP_ATTRIBUTES])
    if given.value is None:
        return None
    if given.notes:
        append_notes(given.notes, span, issues)
    return Element("clip", span, given.value, row, row + 1, (), True, given.unknown)
