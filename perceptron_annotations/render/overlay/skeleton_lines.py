"""Keypoints and the lines that join them."""

from __future__ import annotations

from .canvas import Canvas
from .clipping import Area, bounds_of
from .marks import Pose
from .point_markers import draw_marker
from .strokes import Dash, Stroke


def draw_pose(canvas: Canvas, pose: Pose, stroke: Stroke) -> Area:
    """Draw lines between labelled keypoints and a marker at each, hollow if it is hidden; the bounds are returned."""
    for line in pose.lines:
        canvas.path(line, stroke)
    for at, is_hidden in zip(pose.points, pose.hidden, strict=True):
        draw_marker(canvas, at, stroke._replace(dash=Dash.DOTTED if is_hidden else Dash.SOLID))
    return bounds_of(pose.points).within(canvas.area)
