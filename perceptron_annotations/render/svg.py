"""Values → a small SVG drawing, for notebooks and files. Text of a model is escaped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..geometry import Value
from .html_fragments import Html, together
from .scene import Colours, Panel, panels_of
from .svg_blocks import Block, below, beside, svg_of, words
from .svg_canvas import PAGE_SIZE, canvas
from .time_bar import time_bar

#: In a notebook the colours of its theme, elsewhere dark on white.
_OWN_COLOURS = (
    "color:var(--jp-content-font-color1,var(--vscode-editor-foreground,#1a1a1a));"
    "background:var(--jp-layout-color0,var(--vscode-editor-background,#ffffff))"
)
#: The colours of what is around it.
_COLOURS_AROUND = "color:inherit;max-width:100%"


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
    panels = panels_of(values)
    colours, captions = Colours.of(panels), _captions(panels)
    blocks = [panel_block(panel, caption, colours) for panel, caption in zip(panels, captions, strict=True)]
    return svg_of(beside(blocks), style=_OWN_COLOURS)


def inline_svg(panels: Sequence[Panel], colours: Colours) -> Html:
    """A drawing of each panel as a part of a page, in the colours of what is around it."""
    return together(
        svg_of(panel_block(panel, caption, colours), style=_COLOURS_AROUND)
        for panel, caption in zip(panels, _captions(panels), strict=True)
    )


def gallery_svg(named: Sequence[tuple[str, Panel]], *, size: float) -> Html:
    """Small drawings with their captions, also of images on which nothing is."""
    colours = Colours.of(panel for _, panel in named)
    return together(
        svg_of(panel_block(panel, caption, colours, size=size, is_image=True), style=_COLOURS_AROUND)
        for caption, panel in named
    )


def panel_block(
    panel: Panel, caption: str, colours: Colours, *, size: float = PAGE_SIZE, is_image: bool = False
) -> Block:
    """What lies in an asset: its canvas, if there is a shape, and its bar of time; an empty image is a canvas too."""
    if panel.marks or (is_image and not panel.clips):
        blocks = [canvas(panel.marks, panel.frame, colours.of_mark, caption=caption, size=size)]
    else:
        blocks = [words(caption)] if caption else []
    blocks += [time_bar(panel.clips, colours)] if panel.clips else []
    return below(blocks)


def _captions(panels: Sequence[Panel]) -> list[str]:
    if len(panels) == 1:
        return [""]
    indices = [panel.asset_idx for panel in panels]
    return ["no asset is named: the last" if index is None else f"asset {index}" for index in indices]
