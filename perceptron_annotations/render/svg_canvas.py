"""What is drawn of one asset → a canvas of its proportions, with labels inside it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from ..errors import UsageError
from ..frames import Frame, FrameKind
from ..geometry import Clip, Track
from ..wording import counted
from .html_fragments import Attributes, Html, tag, together
from .overlay.clipping import Area, bounds_of
from .overlay.marks import Mark, Pose
from .scene import edge_of
from .svg_blocks import Block, below, words
from .svg_labels import Named, labels_svg
from .svg_shapes import centre, in_time, pose_svg, shape_svg, track_svg

#: The longer side of a frame on the page by default, and the least of the shorter, in CSS pixels.
PAGE_SIZE = 320.0
_LEAST = 24.0
#: How far the canvas reaches beyond its frame at most, as a share of the longer side, so that what is out of range is
#: seen; and a margin for lines.
_BEYOND = 0.25
_MARGIN = 2.0
#: So many shapes are drawn, since a notebook stays small.
_MOST_SHAPES = 500
#: How near its end the label of a track stands.
_NEAR = 5.0
#: The ground of an image that is not at hand.
_FRAME: Attributes = {"fill": "currentColor", "fill_opacity": 0.04, "stroke": "currentColor", "stroke_opacity": 0.5}


class _Drawn(NamedTuple):
    """Something in the pixels of the page."""

    form: Html
    bounds: Area
    #: Where its label belongs.
    at: Area


def canvas(
    marks: Sequence[Mark],
    frame: Frame,
    colour_of: Callable[[Mark], str],
    *,
    caption: str = "",
    size: float = PAGE_SIZE,
    image: str | None = None,
) -> Block:
    """A canvas with all marks; below it, the caption and what is not to be seen on it.

    Args:
        marks: What is drawn, each shape in its own frame, and poses in that of the asset.
        frame: The frame of the asset.
        colour_of: The colour of a mark.
        caption: What the asset is called.
        size: The longer side of the frame on the page, in CSS pixels.
        image: The address of the image, which is ``data:`` for one that is in the page.
    """
    scale = size / max(frame.width, frame.height)
    page = Frame.pixels(max(frame.width * scale, _LEAST), max(frame.height * scale, _LEAST))
    shown = [mark for mark in marks[:_MOST_SHAPES] if _is_there(mark)]
    drawn = [_drawn(mark, frame, page, _look(colour_of(mark), has_image=image is not None)) for mark in shown]
    view = _view([each.bounds for each in drawn], page)
    named = [
        Named(_moved(each.at, -view.left, -view.top), _label(mark), colour_of(mark))
        for mark, each in zip(shown, drawn, strict=True)
        if mark.is_named and mark.label is not None
    ]
    labels = labels_svg(named, view.width, view.height)
    ground = _ground(page, image)
    inside = f"{view.left:.6g} {view.top:.6g} {view.width:.6g} {view.height:.6g}"
    extent: Attributes = {"width": view.width, "height": view.height}  # an inner svg cuts off what is beyond it
    body = tag("svg", ground, *(each.form for each in drawn), viewBox=inside, **extent)
    whole = Block(view.width, view.height, tag("g", body, *labels))
    remarks = [*_kind(frame), *_far(drawn, view), *_left_out(len(marks), len(named) - len(labels))]
    return below([whole, *map(words, [caption, *remarks] if caption else remarks)], gap=2)


def _ground(page: Frame, image: str | None) -> Html:
    extent: Attributes = {"x": 0, "y": 0, "width": page.width, "height": page.height}
    empty = tag("rect", class_="frame", **extent, **_FRAME)
    if image is None:
        return empty
    return together((empty, tag("image", href=image, preserveAspectRatio="none", **extent)))


def _is_there(mark: Mark) -> bool:
    """A clip has no place on an image, and a track that was cut off may have no waypoint."""
    return not isinstance(mark.shape, Clip) and not (isinstance(mark.shape, Track) and not mark.shape.waypoints)


class _Look(NamedTuple):
    """The colour of the lines, and that of the wider lines below them."""

    colour: str
    edge: str


def _look(colour: str, *, has_image: bool) -> _Look:
    """Edges on an image are the same in every theme."""
    return _Look(colour, edge_of(colour) if has_image else "currentColor")


def _drawn(mark: Mark, frame: Frame, page: Frame, look: _Look) -> _Drawn:
    shape = mark.shape
    if isinstance(shape, Pose):
        pose = _scaled(shape, page.width / frame.width, page.height / frame.height)
        bounds = bounds_of(pose.points)
        return _Drawn(pose_svg(pose, look.colour), bounds, bounds)
    if isinstance(shape, Track):
        track = shape.replace(mention=mark.label).to(page)
        bounds = bounds_of([pair for each in track.waypoints for pair in each.coordinates])
        x, y = centre(in_time(track)[-1])
        return _Drawn(track_svg(track, *look), bounds, Area(x, y, x, y).grown(_NEAR))
    if isinstance(shape, Clip):
        raise UsageError("a clip has no place on an image")
    moved = shape.to(page)
    bounds = bounds_of(moved.coordinates)
    return _Drawn(shape_svg(moved, mark, *look), bounds, bounds)


def _scaled(pose: Pose, x: float, y: float) -> Pose:
    points = tuple((left * x, top * y) for left, top in pose.points)
    lines = tuple(((a * x, b * y), (c * x, d * y)) for (a, b), (c, d) in pose.lines)
    return pose._replace(points=points, lines=lines)


def _view(bounds: Sequence[Area], page: Frame) -> Area:
    """The frame, and what lies outside it as far as :data:`_BEYOND`."""
    frame = Area(0, 0, page.width, page.height)
    far = frame.grown(_BEYOND * max(page.width, page.height))
    lefts, tops, rights, bottoms = zip(*(each.within(far) for each in [frame, *bounds]), strict=True)
    return Area(min(lefts), min(tops), max(rights), max(bottoms)).grown(_MARGIN)


def _moved(area: Area, right: float, down: float) -> Area:
    return Area(area.left + right, area.top + down, area.right + right, area.bottom + down)


def _label(mark: Mark) -> str:
    verdict = "" if mark.verdict is None else f"{mark.verdict.value} "
    score = "" if mark.score is None else f" {mark.score:.2f}"
    return f"{verdict}{mark.label}{score}"


# -- what the drawing does not show ------------------------------------------------------------------------------------


def _kind(frame: Frame) -> list[str]:
    if frame.kind is FrameKind.PIXELS:
        return []
    name = "unit square" if frame.kind is FrameKind.UNIT else f"grid 0–{frame.width:g}"
    return [f"on the {name}, not in the proportions of the image"]


def _far(drawn: Sequence[_Drawn], view: Area) -> list[str]:
    far = sum(each.bounds != each.bounds.within(view) for each in drawn)
    return [counted(far, "shape reaches beyond the drawing", "shapes reach beyond the drawing")] if far else []


def _left_out(shapes: int, labels: int) -> list[str]:
    remarks = [f"{_MOST_SHAPES} of {shapes} shapes are drawn"] if shapes > _MOST_SHAPES else []
    return [*remarks, *([f"{counted(labels, 'label')} left out; the tooltips have them"] if labels else [])]
