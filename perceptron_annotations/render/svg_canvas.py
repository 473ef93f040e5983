"""The shapes and tracks of one asset → a canvas of its proportions, with their labels inside it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from ..frames import Frame, FrameKind
from ..geometry import Shape, Track
from ..spatial_values import FourNumbers
from ..wording import counted
from .html_fragments import Attributes, Html, tag
from .label_places import COLUMN, HEIGHT, Label, place_labels
from .plain_tables import display_width, shortened
from .svg_blocks import Block, below, words
from .svg_shapes import centre, in_time, label_svg, shape_svg, track_svg

#: The longer side of a frame on the page by default, and the least of the shorter, in CSS pixels.
PAGE_SIZE = 320.0
_LEAST = 24.0
#: How far the canvas reaches beyond its frame at most, as a share of the longer side, so that what is out of range is
#: seen; and a margin for lines.
_BEYOND = 0.25
_MARGIN = 2.0
#: So many shapes are drawn, since a notebook stays small; and the labels cover at most this share of the canvas.
MOST_SHAPES = 500
_LABELLED = 0.25
_LONGEST_LABEL = 40


class _Drawn(NamedTuple):
    """A shape or track in the pixels of the page."""

    value: Shape | Track
    bounds: FourNumbers
    colour: str


def canvas(
    values: Sequence[Shape | Track],
    frame: Frame,
    colour_of: Callable[[str | None], str],
    *,
    caption: str = "",
    size: float = PAGE_SIZE,
) -> Block:
    """A canvas with all values; below it, the caption and what is not to be seen on it.

    Args:
        values: What is drawn.
        frame: The frame of the asset; each value is scaled by its own.
        colour_of: The colour of a label.
        caption: What the asset is called.
        size: The longer side of the frame on the page, in CSS pixels.
    """
    scale = size / max(frame.width, frame.height)
    page = Frame.pixels(max(frame.width * scale, _LEAST), max(frame.height * scale, _LEAST))
    placed = [value.to(page) for value in values[:MOST_SHAPES]]
    drawn = [_Drawn(value, _bounds(value), colour_of(value.mention)) for value in placed if _is_there(value)]
    view = _view(drawn, page)
    named = _named(drawn, view)
    parts = [
        tag("rect", class_="frame", x=0, y=0, width=page.width, height=page.height, **_FRAME),
        *(_form(each) for each in drawn),
        *_labels(named, view),
    ]
    left, top, right, bottom = view
    extent: Attributes = {"width": right - left, "height": bottom - top}  # an inner svg cuts off what is beyond it
    body = tag("svg", *parts, viewBox=f"{left:.6g} {top:.6g} {right - left:.6g} {bottom - top:.6g}", **extent)
    lines = [line for line in (caption, *_remarks(values, drawn, view, frame, len(named))) if line]
    return below([Block(right - left, bottom - top, body), *map(words, lines)], gap=2)


#: The ground of an image that is not at hand.
_FRAME: Attributes = {"fill": "currentColor", "fill_opacity": 0.04, "stroke": "currentColor", "stroke_opacity": 0.5}


def _is_there(value: Shape | Track) -> bool:
    """A track that was cut off may have no waypoint."""
    return not isinstance(value, Track) or bool(value.waypoints)


def _bounds(value: Shape | Track) -> FourNumbers:
    shapes = value.waypoints if isinstance(value, Track) else (value,)
    bounds = [shape.xyxy for shape in shapes] or [(0.0, 0.0, 0.0, 0.0)]
    lefts, tops, rights, bottoms = zip(*bounds, strict=True)
    return min(lefts), min(tops), max(rights), max(bottoms)


def _view(drawn: Sequence[_Drawn], page: Frame) -> FourNumbers:
    """The frame, and what lies outside it as far as :data:`_BEYOND`."""
    far = _BEYOND * max(page.width, page.height)
    left, top, right, bottom = 0.0, 0.0, page.width, page.height
    for each in drawn:
        left, top = min(left, each.bounds[0]), min(top, each.bounds[1])
        right, bottom = max(right, each.bounds[2]), max(bottom, each.bounds[3])
    return (
        max(left, -far) - _MARGIN,
        max(top, -far) - _MARGIN,
        min(right, page.width + far) + _MARGIN,
        min(bottom, page.height + far) + _MARGIN,
    )


def _form(each: _Drawn) -> Html:
    if isinstance(each.value, Track):
        return track_svg(each.value, each.colour)
    return shape_svg(each.value, each.colour)


class _Named(NamedTuple):
    """What is drawn with the text of its label."""

    drawn: _Drawn
    text: str
    width: float


def _named(drawn: Sequence[_Drawn], view: FourNumbers) -> list[_Named]:
    """The first of those with labels, as many as the canvas has room for."""
    width, height = view[2] - view[0], view[3] - view[1]
    columns = max(min(_LONGEST_LABEL, int(width / COLUMN) - 2), 1)
    named, covered = [], 0.0
    for each in drawn:
        if each.value.mention is None:
            continue
        text = shortened(_label(each.value), columns)
        named.append(_Named(each, text, display_width(text) * COLUMN + 6))
        covered += named[-1].width * HEIGHT
        if covered > _LABELLED * width * height:
            break
    return named


def _label(value: Shape | Track) -> str:
    score = None if isinstance(value, Track) else value.score
    return f"{value.mention}" if score is None else f"{value.mention} {score:.2f}"


def _labels(named: Sequence[_Named], view: FourNumbers) -> list[Html]:
    places = place_labels([Label(_label_bounds(each.drawn), each.width) for each in named], view)
    return [
        label_svg(each.text, place, each.width, each.drawn.colour) for each, place in zip(named, places, strict=True)
    ]


def _label_bounds(each: _Drawn) -> FourNumbers:
    """Of a track, the place where it ends."""
    if not isinstance(each.value, Track):
        return each.bounds
    x, y = centre(in_time(each.value)[-1])
    return x - 5, y - 5, x + 5, y + 5


def _remarks(
    values: Sequence[Shape | Track], drawn: Sequence[_Drawn], view: FourNumbers, frame: Frame, labels: int
) -> list[str]:
    """What the drawing does not show."""
    remarks = []
    if frame.kind is not FrameKind.PIXELS:
        remarks.append(f"on the {_WORDS[frame.kind]}, not in the proportions of the image")
    left, top, right, bottom = view
    far = sum(
        each.bounds[0] < left or each.bounds[1] < top or each.bounds[2] > right or each.bounds[3] > bottom
        for each in drawn
    )
    if far:
        remarks.append(counted(far, "shape reaches beyond the drawing", "shapes reach beyond the drawing"))
    if len(values) > MOST_SHAPES:
        remarks.append(f"{MOST_SHAPES} of {len(values)} shapes are drawn")
    unlabelled = sum(each.value.mention is not None for each in drawn) - labels
    if unlabelled:
        remarks.append(f"{counted(unlabelled, 'label')} left out; the tooltips have them")
    return remarks


_WORDS = {FrameKind.GRID: "grid 0–1000", FrameKind.UNIT: "unit square"}
