"""The image while it is drawn on: rectangles, smooth paths and filled rings in pixels.

Rectangles are pasted, which is exact and fast. Everything slanted is painted larger on a mask of just the part of the
image that it covers, and pasted through the reduced mask, so its edges are smooth.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from math import ceil, floor, hypot
from typing import TYPE_CHECKING

from .clipping import Area, bounds_of, clip_path, clip_ring
from .palette import Rgb, ink_on
from .strokes import Dash, Pair, Stroke, dashed_path, line_width_for, text_size_for

if TYPE_CHECKING:
    from PIL import Image, ImageDraw

#: How many times larger smooth shapes are painted; less if the mask would have more pixels than this.
_SMOOTHING = 4
_MOST_MASK_PIXELS = 4_000_000
OPAQUE = 255


class Canvas:
    """An RGB image that is drawn on, and how wide lines and how large letters are on it."""

    def __init__(self, image: Image.Image, line_width: int | None = None, text_size: int | None = None) -> None:
        self.image = image
        self.area = Area(0, 0, image.width, image.height)
        self.line_width = line_width or line_width_for(image.width, image.height)
        self.text_size = text_size or text_size_for(image.width, image.height)
        #: How wide the edge around lines is that sets them off from the image.
        self.edge = max(1, self.line_width // 3)

    def rectangle(self, left: int, top: int, right: int, bottom: int, colour: Rgb) -> None:
        """Fill from ``left`` to before ``right`` and from ``top`` to before ``bottom``; it may reach out."""
        width, height = self.image.size
        if left < 0 or top < 0 or right > width or bottom > height:
            left, top, right, bottom = max(left, 0), max(top, 0), min(right, width), min(bottom, height)
        if left < right and top < bottom:
            self.image.paste(colour, (left, top, right, bottom))

    def path(self, points: Sequence[Pair], stroke: Stroke) -> None:
        """A line through points, with an edge of the colour that stands off from its own."""
        self.paths([points], stroke)

    def paths(self, paths: Sequence[Sequence[Pair]], stroke: Stroke) -> None:
        """Lines with one edge around all of them."""
        margin = stroke.width + self.edge
        pieces = [
            dash
            for points in paths
            for piece in clip_path(points, self.area.grown(2 * margin))
            for dash in dashed_path(piece, stroke.dash, stroke.width)
        ]
        if not pieces:
            return
        bounds = bounds_of([pair for piece in pieces for pair in piece]).grown(margin)
        edged = pieces if stroke.dash is Dash.SOLID else [_lengthened(piece, self.edge) for piece in pieces]
        self._stamp(bounds, ink_on(stroke.colour), OPAQUE, _LinePainter(edged, stroke.width + 2 * self.edge))
        self._stamp(bounds, stroke.colour, OPAQUE, _LinePainter(pieces, stroke.width))

    def ring(self, points: Sequence[Pair], colour: Rgb, opacity: int) -> None:
        """Fill what a ring encloses; ``opacity`` is from 0 to 255."""
        kept = clip_ring(points, self.area)
        if len(kept) > 2:  # noqa: PLR2004 - fewer enclose nothing
            self._stamp(bounds_of(kept), colour, opacity, _RingPainter(kept))

    def disc(self, centre: Pair, radius: float, colour: Rgb) -> None:
        """A filled circle."""
        x, y = centre
        bounds = Area(x - radius, y - radius, x + radius, y + radius)
        self._stamp(bounds, colour, OPAQUE, _DiscPainter(bounds))

    def _stamp(self, bounds: Area, colour: Rgb, opacity: int, paint: Painter) -> None:
        """Paint a mask of the part of the image inside ``bounds``, and paste the colour through it."""
        from PIL import Image, ImageDraw

        inside = bounds.within(self.area)
        left, top, right, bottom = floor(inside.left), floor(inside.top), ceil(inside.right), ceil(inside.bottom)
        width, height = right - left, bottom - top
        if width < 1 or height < 1:
            return
        scale = _SMOOTHING
        while scale > 1 and width * height * scale * scale > _MOST_MASK_PIXELS:
            scale -= 1
        mask = Image.new("L", (width * scale, height * scale))
        paint(ImageDraw.Draw(mask), opacity, scale, left, top)
        self.image.paste(colour, (left, top), mask.reduce(scale) if scale > 1 else mask)


#: Paints on a mask, given how many of its pixels are one of the image, and where on the image it begins.
Painter = Callable[["ImageDraw.ImageDraw", int, int, int, int], None]


def _lengthened(dash: Sequence[Pair], by: float) -> Sequence[Pair]:
    """A straight piece that begins and ends a little farther out."""
    (x1, y1), (x2, y2) = dash[0], dash[-1]
    length = hypot(x2 - x1, y2 - y1)
    if not length:
        return dash
    x, y = (x2 - x1) / length * by, (y2 - y1) / length * by
    return (x1 - x, y1 - y), (x2 + x, y2 + y)


def _on_mask(points: Iterable[Pair], scale: int, left: int, top: int) -> list[Pair]:
    """Pixels of the image as pixels of the mask: those of the painter are at their middle, ours at their corner."""
    return [((x - left) * scale - 0.5, (y - top) * scale - 0.5) for x, y in points]


class _LinePainter:
    def __init__(self, pieces: Sequence[Sequence[Pair]], width: int) -> None:
        self._pieces, self._width = pieces, width

    def __call__(self, draw: ImageDraw.ImageDraw, opacity: int, scale: int, left: int, top: int) -> None:
        width = self._width * scale
        for piece in self._pieces:
            points = _on_mask(piece, scale, left, top)
            draw.line(points, fill=opacity, width=width, joint="curve")
            if points[0] != points[-1]:
                continue
            (x, y), half = points[0], (width - 1) / 2  # the joint of a closed path
            draw.ellipse((x - half, y - half, x + half, y + half), fill=opacity)


class _RingPainter:
    def __init__(self, ring: Sequence[Pair]) -> None:
        self._ring = ring

    def __call__(self, draw: ImageDraw.ImageDraw, opacity: int, scale: int, left: int, top: int) -> None:
        draw.polygon(_on_mask(self._ring, scale, left, top), fill=opacity)


class _DiscPainter:
    def __init__(self, bounds: Area) -> None:
        self._bounds = bounds

    def __call__(self, draw: ImageDraw.ImageDraw, opacity: int, scale: int, left: int, top: int) -> None:
        (x1, y1), (x2, y2) = _on_mask([self._bounds[:2], self._bounds[2:]], scale, left, top)
        draw.ellipse((x1 + 0.5, y1 + 0.5, x2 - 0.5, y2 - 0.5), fill=opacity)
