"""Values → a small SVG image, for notebooks. Text of a model is escaped."""

from __future__ import annotations

from collections.abc import Iterable

from ..frames import Frame
from ..geometry import Box, Clip, Collection, Point, Shape, Track, Value
from ..visible_text import visible_html

#: The longer side of the frame on the page, in CSS pixels.
PAGE_SIZE = 320
#: Colours that people with colour blindness can tell apart (Okabe and Ito, 2008).
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")


def to_svg(values: Iterable[Value]) -> str:
    """An SVG document with ``values`` drawn inside their frame, one colour for each mention; clips are text below.

    Shapes of several frames (one for each asset) are drawn into one, each scaled by its own frame. Mentions are
    escaped, and characters that do not print are shown as ``·``.

    >>> from perceptron_annotations.render import to_svg
    >>> svg = to_svg([pa.Box(100, 200, 300, 400, mention="cat")])
    >>> svg.startswith("<svg "), "<title>cat</title>" in svg
    (True, True)
    """
    leaves = [leaf for value in values for leaf in _leaves(value)]
    frame = next((leaf.frame for leaf in leaves if isinstance(leaf, Shape)), Frame.GRID)
    scale = PAGE_SIZE / max(frame.width, frame.height)
    width, height = frame.width * scale, frame.height * scale
    page = Frame.pixels(width, height)
    colours: dict[str | None, str] = {}
    lines = []
    footer = []
    for leaf in leaves:
        colour = colours.setdefault(leaf.mention, COLOURS[len(colours) % len(COLOURS)])
        if isinstance(leaf, Clip):
            footer.append(_caption(leaf))
        else:
            lines.append(_draw(leaf.to(page), colour))
    total = height + 16 * len(footer)
    lines += [
        f'<text x="2" y="{height + 16 * row + 12:.6g}" font-size="12">{visible_html(caption)}</text>'
        for row, caption in enumerate(footer)
    ]
    outline = f'<rect width="{width:.6g}" height="{height:.6g}" fill="white" stroke="#999"/>'
    body = "".join(lines)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.6g}" height="{total:.6g}" '
        f'viewBox="0 0 {width:.6g} {total:.6g}">{outline}{body}</svg>'
    )


def _leaves(value: Value) -> Iterable[Shape | Clip]:
    if isinstance(value, Collection):
        return [leaf for child in value.children for leaf in _leaves(child)]
    return value.waypoints if isinstance(value, Track) else (value,)


def _caption(clip: Clip) -> str:
    end = "" if clip.end is None else f"–{clip.end:g}"
    return f"{clip.mention or 'clip'} {clip.start:g}{end} s"


def _draw(shape: Shape, colour: str) -> str:
    style = f'stroke="{colour}" stroke-width="2" fill="{colour}" fill-opacity="0.15"'
    if isinstance(shape, Point):
        drawn = f'<circle cx="{shape.x:.6g}" cy="{shape.y:.6g}" r="4" {style}/>'
    elif isinstance(shape, Box):
        x, y, width, height = shape.xywh
        drawn = f'<rect x="{x:.6g}" y="{y:.6g}" width="{width:.6g}" height="{height:.6g}" {style}/>'
    else:
        points = " ".join(f"{x:.6g},{y:.6g}" for x, y in shape.vertices)
        drawn = f'<polygon points="{points}" {style}/>'
    if shape.mention is None:
        return drawn
    left, top, _, _ = shape.xyxy
    mention = visible_html(shape.mention)
    label = f'<text x="{left + 2:.6g}" y="{max(top - 3, 10):.6g}" font-size="11" fill="{colour}">{mention}</text>'
    return f"<g><title>{mention}</title>{drawn}{label}</g>"
