"""Two models compared → a chart of the differences of their metrics, each with its interval around it.

Metrics of which higher is better are drawn, since they share one scale and one direction; the table has the errors.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import isnan

from ...evaluation.intervals import SIGNIFICANT, Comparison
from ...evaluation.metric_catalogue import Better, limited_metric
from ..html_fragments import Attributes, Html, tag

#: In CSS pixels: the names, the bars, the numbers, a line, and the fonts.
_NAMES, _BARS, _NUMBERS, _LINE, _HEAD, _FONT_SIZE = 130.0, 260.0, 60.0, 22.0, 26.0, 12
#: The colours of what is clear and of what may be chance, besides a ring in place of a dot.
_CLEAR, _UNCLEAR = "#0072b2", "#888888"
_TEXT: Attributes = {"fill": "currentColor", "font_size": _FONT_SIZE}


def difference_chart(comparison: Mapping[str, Comparison], first: str, second: str) -> Html:
    """A line for each metric: a dot for the difference, ``second`` less ``first``, on a bar for its interval."""
    shown = {name: each for name, each in comparison.items() if _is_drawn(name, each)}
    if not shown:
        return Html("")
    most = max(abs(edge) for each in shown.values() for edge in _edges(each)) or 1.0
    lines = [_line(name, each, place, most) for place, (name, each) in enumerate(shown.items())]
    height = _HEAD + _LINE * len(shown)
    middle = _NAMES + _BARS / 2
    zero = tag("line", x1=middle, x2=middle, y1=_HEAD - 6, y2=height, stroke="currentColor", stroke_opacity=0.5)
    heads = (
        tag("text", f"← {first} better", x=middle - 8, y=14, text_anchor="end", **_TEXT),
        tag("text", f"{second} better →", x=middle + 8, y=14, **_TEXT),
    )
    chart = tag(
        "svg",
        tag("title", f"differences of metrics, {second} less {first}, with 95 % intervals"),
        *heads,
        zero,
        *lines,
        class_="differences",
        role="img",
        viewBox=f"0 0 {_NAMES + _BARS + _NUMBERS:g} {height:g}",
        width=_NAMES + _BARS + _NUMBERS,
        height=height,
        font_family="system-ui, sans-serif",
    )
    caption = tag("figcaption", f"{second} less {first}, with 95 % intervals; a ring may be chance")
    return tag("div", tag("figure", caption, chart), class_="beside")


def _is_drawn(name: str, compared: Comparison) -> bool:
    is_known = not any(map(isnan, (compared.difference.value, *_edges(compared), compared.p_value)))
    return is_known and limited_metric(name).better is Better.HIGHER


def _edges(compared: Comparison) -> tuple[float, float]:
    return compared.difference.interval.low, compared.difference.interval.high


def _line(name: str, compared: Comparison, place: int, most: float) -> Html:
    y = _HEAD + _LINE * (place + 0.5)
    low, high = _edges(compared)
    value = compared.difference.value
    is_clear = compared.p_value < SIGNIFICANT
    colour = _CLEAR if is_clear else _UNCLEAR

    def at(number: float) -> float:
        return _NAMES + _BARS / 2 * (1 + number / most)

    bar = tag("line", class_="interval", x1=at(low), x2=at(high), y1=y, y2=y, stroke=colour, stroke_width=4)
    dot: Attributes = {"cx": at(value), "cy": y, "r": 5, "stroke": colour, "stroke_width": 2}
    said = tag("title", f"{name}: {value:+.3f} [{low:+.3f}, {high:+.3f}], p {compared.p_value:.4f}")
    return tag(
        "g",
        said,
        tag("text", name, x=0, y=y + 4, **_TEXT),
        bar,
        tag("circle", class_="difference", fill=colour if is_clear else "Canvas", **dot),
        tag("text", f"{value:+.3f}", x=_NAMES + _BARS + 10, y=y + 4, **_TEXT),
    )
