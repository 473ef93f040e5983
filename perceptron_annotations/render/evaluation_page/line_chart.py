"""Curves → a chart as SVG: one line for each model, told apart by colour, dash and marker, and named beside it.

Colours of text and axes are those of the page, so a chart can be read in a dark and in a light theme.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import ceil, floor, isnan, log10
from typing import NamedTuple

from ...evaluation.curves import Curve
from ..html_fragments import Attributes, Html, tag, together
from ..overlay.palette import PALETTE
from ..plain_tables import shortened
from ..scene import hexadecimal

#: In CSS pixels: the chart, the room around the axes, and the fonts.
_WIDTH, _HEIGHT = 380.0, 260.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 56.0, 14.0, 14.0, 42.0
_FONT_SIZE = 11
#: How high a line of the legend is, and the columns of characters of a name in it.
_LEGEND_LINE, _NAME_COLUMNS = 17.0, 48
#: So many ticks at most.
_TICKS = 6
#: Curves of fewer points have a marker at each.
_MOST_MARKERS = 40
#: Of the first two, the least alike of the palette.
_COLOURS = tuple(hexadecimal(colour) for colour in (PALETTE[0], PALETTE[3], *PALETTE[1:3], *PALETTE[4:]))
_DASHES = (None, "7 4", "2 3", "9 3 2 3")
_STEPS = (1, 2, 5, 10)
_FAINT: Attributes = {"stroke": "currentColor", "stroke_opacity": 0.18}
_SOFT: Attributes = {"fill": "currentColor", "fill_opacity": 0.75, "font_size": _FONT_SIZE}


class _Scale(NamedTuple):
    """Where x and y are; y is a share."""

    first: float
    last: float

    def x(self, value: float) -> float:
        width = self.last - self.first or 1.0
        return _LEFT + (value - self.first) / width * (_WIDTH - _LEFT - _RIGHT)

    @staticmethod
    def y(value: float) -> float:
        return _HEIGHT - _BOTTOM - value * (_HEIGHT - _TOP - _BOTTOM)


def line_chart(named: Sequence[tuple[str, Curve]]) -> Html:
    """The curves of several models with the same title, by name; what is not defined is a gap."""
    first = named[0][1]
    xs = [x for _, curve in named for x in curve.x]
    scale = _Scale(min(xs, default=0.0), max(xs, default=1.0))
    parts = [*_axes(first, scale)]
    for place, (name, curve) in enumerate(named):
        parts += _line(name, curve, scale, place)
        parts.append(_legend(name, place))
    height = _HEIGHT + _LEGEND_LINE * len(named)
    return tag(
        "svg",
        tag("title", f"{first.title}: {', '.join(name for name, _ in named)}"),
        *parts,
        class_="chart",
        role="img",
        viewBox=f"0 0 {_WIDTH:g} {height:g}",
        width=_WIDTH,
        height=height,
        font_family="system-ui, sans-serif",
    )


def _axes(curve: Curve, scale: _Scale) -> Iterator[Html]:
    bottom = scale.y(0)
    for value in (0, 0.25, 0.5, 0.75, 1):
        y = scale.y(value)
        yield tag("line", x1=_LEFT, x2=_WIDTH - _RIGHT, y1=y, y2=y, **_FAINT)
        yield tag("text", f"{value:g}", x=_LEFT - 6, y=y + 4, text_anchor="end", **_SOFT)
    for value in _ticks(scale.first, scale.last, is_whole=curve.x_is_whole):
        x = scale.x(value)
        yield tag("line", x1=x, x2=x, y1=_TOP, y2=bottom, **_FAINT)
        yield tag("text", f"{value:g}", x=x, y=bottom + 15, text_anchor="middle", **_SOFT)
    middle = (_LEFT + _WIDTH - _RIGHT) / 2
    yield tag("text", curve.x_label, x=middle, y=bottom + 32, text_anchor="middle", **_SOFT)
    turned = f"rotate(-90 12 {(_TOP + bottom) / 2:g})"
    yield tag("text", curve.y_label, x=12, y=(_TOP + bottom) / 2, text_anchor="middle", transform=turned, **_SOFT)


def _ticks(first: float, last: float, *, is_whole: bool) -> list[float]:
    """Round numbers from ``first`` to ``last``, at most :data:`_TICKS`."""
    if last <= first:
        return [first]
    rough = (last - first) / (_TICKS - 1)
    power = 10.0 ** floor(log10(rough))
    step = next(factor * power for factor in _STEPS if factor * power >= rough)
    step = max(step, 1.0) if is_whole else step
    start = ceil(first / step - 1e-9)
    return [round(number * step, 10) for number in range(start, floor(last / step + 1e-9) + 1)]


def _line(name: str, curve: Curve, scale: _Scale, place: int) -> Iterator[Html]:
    colour, dash = _look(place)
    for run in _runs(curve):
        points = " ".join(f"{scale.x(x):.6g},{scale.y(y):.6g}" for x, y in run)
        style: Attributes = {"stroke": colour, "stroke_width": 2.2, "stroke_dasharray": dash, "fill": "none"}
        yield tag("polyline", class_="curve", points=points, **style)
    defined = [(x, y) for x, y in zip(curve.x, curve.y, strict=True) if not isnan(y)]
    radius = 3.0 if len(defined) < _MOST_MARKERS else 1.5
    for x, y in defined:
        said = tag("title", f"{name}: {curve.y_label} {y:.3f} at {curve.x_label} {x:g}")
        yield tag("circle", said, cx=scale.x(x), cy=scale.y(y), r=radius, fill=colour)


def _look(place: int) -> tuple[str, str | None]:
    return _COLOURS[place % len(_COLOURS)], _DASHES[place % len(_DASHES)]


def _runs(curve: Curve) -> Iterator[list[tuple[float, float]]]:
    """The points between gaps."""
    run: list[tuple[float, float]] = []
    for x, y in zip(curve.x, curve.y, strict=True):
        if not isnan(y):
            run.append((x, y))
        elif run:
            yield run
            run = []
    if run:
        yield run


def _legend(name: str, place: int) -> Html:
    colour, dash = _look(place)
    y = _HEIGHT + _LEGEND_LINE * (place + 0.5)
    line = tag("line", x1=_LEFT, x2=_LEFT + 26, y1=y, y2=y, stroke=colour, stroke_width=2.2, stroke_dasharray=dash)
    words = tag("text", shortened(name, _NAME_COLUMNS), x=_LEFT + 34, y=y + 4, fill="currentColor", font_size=12)
    return together((line, words))
