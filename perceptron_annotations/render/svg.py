"""Values → a small SVG drawing, for notebooks and files. Text of a model is escaped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from ..frames import Frame
from ..geometry import Clip, Value
from .html_fragments import Html, together
from .scene import Panel, Single, panels_of
from .svg_blocks import Block, below, beside, svg_of, words
from .svg_canvas import canvas
from .time_bar import time_bar

#: Colours that people with colour blindness can tell apart (Okabe and Ito, 2008).
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
#: In a notebook the colours of its theme, elsewhere dark on white.
_OWN_COLOURS = (
    "color:var(--jp-content-font-color1,var(--vscode-editor-foreground,#1a1a1a));"
    "background:var(--jp-layout-color0,var(--vscode-editor-background,#ffffff))"
)
#: The colours of what is around it.
_COLOURS_AROUND = "color:inherit;max-width:100%"


class ColourOf:
    """The colour of each label."""

    def __init__(self) -> None:
        self._colours: dict[str | None, str] = {}

    def __call__(self, label: str | None) -> str:
        return self._colours.setdefault(label, COLOURS[len(self._colours) % len(COLOURS)])


def to_svg(values: Iterable[Value]) -> str:
    """An SVG document with ``values`` drawn inside their frames, one colour for each mention.

    Assets stand side by side. Tracks are lines through their waypoints in the order of their times; clips are bars of
    time. Labels stay inside the drawing, and mentions are escaped. What is out of range is drawn outside the frame, and
    what cannot be drawn is said in words; at most 500 shapes of an asset are drawn.

    >>> from perceptron_annotations.render import to_svg
    >>> svg = to_svg([pa.Box(100, 200, 300, 400, mention="cat")])
    >>> svg.startswith("<svg "), "<title>cat</title>" in svg
    (True, True)
    """
    return svg_of(beside(_drawings(values)), style=_OWN_COLOURS)


def inline_svg(values: Iterable[Value]) -> Html:
    """A drawing of each asset as a part of a page, in the colours of what is around it."""
    return together(svg_of(panel, style=_COLOURS_AROUND) for panel in _drawings(values))


class NamedImage(NamedTuple):
    """What is drawn of one image of many."""

    caption: str
    frame: Frame
    values: Sequence[Single]


def gallery_svg(images: Sequence[NamedImage], *, size: float) -> Html:
    """Small drawings, also of images on which nothing is; one colour for each label."""
    colour_of = ColourOf()
    blocks = []
    for image in images:
        drawn = [value for value in image.values if not isinstance(value, Clip)]
        clips = [value for value in image.values if isinstance(value, Clip)]
        shown = [canvas(drawn, image.frame, colour_of, caption=image.caption, size=size)]
        blocks.append(below([*shown, *([time_bar(clips, colour_of)] if clips else [])]))
    return together(svg_of(block, style=_COLOURS_AROUND) for block in blocks)


def _drawings(values: Iterable[Value]) -> list[Block]:
    panels, colour_of = panels_of(values), ColourOf()
    return [_panel(panel, colour_of, _caption(panel, panels)) for panel in panels]


def _panel(panel: Panel, colour_of: ColourOf, caption: str) -> Block:
    blocks = (
        [canvas(panel.drawn, panel.drawn[0].frame, colour_of, caption=caption)]
        if panel.drawn
        else [words(caption)]
        if caption
        else []
    )
    blocks += [time_bar(panel.clips, colour_of)] if panel.clips else []
    return below(blocks)


def _caption(panel: Panel, panels: tuple[Panel, ...]) -> str:
    if len(panels) == 1:
        return ""
    return "no asset is named: the last" if panel.asset_idx is None else f"asset {panel.asset_idx}"
