"""Which annotations lie in which zone: points, centres of boxes, or shares of boxes, in polygons drawn on the image."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from .arrays import Floats, as_floats
from .polygons import to_shapely_polygons
from .rings import Rings, box_polygons


def points_in_regions(points: ArrayLike, regions: Rings) -> NDArray[np.bool_]:
    """``(N, K)``: whether each of N points ``(x, y)`` lies in each of K rings, edges included.

    A point that is not finite lies in none, and nothing lies in a ring of fewer than three vertices.

    >>> left_half = pa.ops.box_polygons([[0, 0, 500, 1000]])
    >>> pa.ops.points_in_regions([[100, 500], [900, 500]], left_half).tolist()
    [[True], [False]]
    """
    places = as_floats("points", points, 2)
    zones = to_shapely_polygons(*regions)
    shapely.prepare(zones)
    inside: NDArray[np.bool_] = shapely.intersects_xy(zones[None, :], places[:, :1], places[:, 1:])
    return inside


def boxes_in_regions(boxes: ArrayLike, regions: Rings) -> Floats:
    """``(N, K)``: the share of each xyxy box, from 0 to 1, that lies in each ring; 0 for a box without area.

    A ring that crosses itself must be made valid first (``polygon_make_valid``): it has no undisputed inside,
    and counts as empty.

    >>> left_half = pa.ops.box_polygons([[0, 0, 500, 1000]])
    >>> pa.ops.boxes_in_regions([[400, 0, 600, 100], [0, 0, 10, 10]], left_half).tolist()
    [[0.5], [1.0]]
    """
    found = to_shapely_polygons(*box_polygons(boxes))
    zones = to_shapely_polygons(*regions)
    zones[~shapely.is_valid(zones)] = shapely.Polygon()
    areas = shapely.area(found)
    shared = shapely.area(shapely.intersection(found[:, None], zones[None, :]))
    shares: Floats = np.divide(shared, areas[:, None], out=np.zeros(shared.shape), where=areas[:, None] > 0)
    return shares
