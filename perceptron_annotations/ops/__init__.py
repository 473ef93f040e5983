"""Geometry on whole batches: arrays in, arrays or indices out.

All of it takes plain NumPy arrays, such as the columns of an ``AnnotationTable``, and changes none of them.
"""

from __future__ import annotations

from .boxes import (
    BoxFormat,
    box_area,
    box_center,
    box_contains,
    box_convert,
    box_intersection,
    box_union,
    clip_boxes,
)
from .iou import (
    Pairs,
    box_ios,
    box_ios_aligned,
    box_iou,
    box_iou_aligned,
    clip_iou,
    clip_iou_aligned,
    giou,
    giou_aligned,
    grouped_box_iou,
    grouped_clip_iou,
)
from .match import Matches, match, match_optimal
from .nms import clip_nms, nms, polygon_nms
from .polygons import (
    Rings,
    box_polygons,
    grouped_polygon_iou,
    polygon_area,
    polygon_bounds,
    polygon_iou,
    polygon_iou_aligned,
    polygon_is_convex,
    polygon_repair,
    polygon_simplify,
    polygon_validity,
    to_shapely_polygons,
)

__all__ = [
    "BoxFormat",
    "Matches",
    "Pairs",
    "Rings",
    "box_area",
    "box_center",
    "box_contains",
    "box_convert",
    "box_intersection",
    "box_ios",
    "box_ios_aligned",
    "box_iou",
    "box_iou_aligned",
    "box_polygons",
    "box_union",
    "clip_boxes",
    "clip_iou",
    "clip_iou_aligned",
    "clip_nms",
    "giou",
    "giou_aligned",
    "grouped_box_iou",
    "grouped_clip_iou",
    "grouped_polygon_iou",
    "match",
    "match_optimal",
    "nms",
    "polygon_area",
    "polygon_bounds",
    "polygon_iou",
    "polygon_iou_aligned",
    "polygon_is_convex",
    "polygon_nms",
    "polygon_repair",
    "polygon_simplify",
    "polygon_validity",
    "to_shapely_polygons",
]
