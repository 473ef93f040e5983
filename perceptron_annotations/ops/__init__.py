"""Geometry on whole batches: arrays in, arrays or indices out.

Overlap, suppression and matching take plain NumPy arrays, such as the columns of an ``AnnotationTable``; frames and
counts take the table. Nothing that is passed in is changed.
"""

from __future__ import annotations

from .agreement import consensus
from .assignment import Matches, match, match_optimal
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
from .cells import AssetCells, asset_cells, region_cells, time_cells
from .coordinates import from_crops, from_letterbox, row_sizes, to_grid, to_letterbox, to_pixels, to_unit
from .duplicates import dedupe
from .fuse import (
    Consensus,
    consensus_boxes,
    consensus_clips,
    consensus_count,
    consensus_points,
    consensus_polygons,
)
from .iou import (
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
from .label_counts import (
    LabelCounts,
    LabelMap,
    Stated,
    count_labels,
    count_responses,
    distinct_objects,
    labels_of,
    singular,
    stated_count,
    stated_counts,
)
from .merge import Merged, non_max_merge, weighted_box_fusion
from .overlap import Pairs
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
    shape_polygons,
    to_shapely_polygons,
)
from .suppression import clip_nms, nms, polygon_nms
from .tracks import Gap, interpolate, link_boxes, track_gaps
from .zones import boxes_in_regions, points_in_regions

__all__ = [
    "AssetCells",
    "BoxFormat",
    "Consensus",
    "Gap",
    "LabelCounts",
    "LabelMap",
    "Matches",
    "Merged",
    "Pairs",
    "Rings",
    "Stated",
    "asset_cells",
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
    "boxes_in_regions",
    "clip_boxes",
    "clip_iou",
    "clip_iou_aligned",
    "clip_nms",
    "consensus",
    "consensus_boxes",
    "consensus_clips",
    "consensus_count",
    "consensus_points",
    "consensus_polygons",
    "count_labels",
    "count_responses",
    "dedupe",
    "distinct_objects",
    "from_crops",
    "from_letterbox",
    "giou",
    "giou_aligned",
    "grouped_box_iou",
    "grouped_clip_iou",
    "grouped_polygon_iou",
    "interpolate",
    "labels_of",
    "link_boxes",
    "match",
    "match_optimal",
    "nms",
    "non_max_merge",
    "points_in_regions",
    "polygon_area",
    "polygon_bounds",
    "polygon_iou",
    "polygon_iou_aligned",
    "polygon_is_convex",
    "polygon_nms",
    "polygon_repair",
    "polygon_simplify",
    "polygon_validity",
    "region_cells",
    "row_sizes",
    "shape_polygons",
    "singular",
    "stated_count",
    "stated_counts",
    "time_cells",
    "to_grid",
    "to_letterbox",
    "to_pixels",
    "to_shapely_polygons",
    "to_unit",
    "track_gaps",
    "weighted_box_fusion",
]
