"""Our shapes ⇄ Shapely's. Shapely is imported when a function here is called."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import GeometryError
from ..frames import Frame
from ..geometry import Box, Point, Polygon, Shape

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry


def to_shapely(shape: Shape) -> BaseGeometry:
    """A ``Point`` or ``Polygon`` of Shapely with the same coordinates; frame, mention, t and score stay behind.

    A box becomes the ring of its ordered corners, as ``shapely.box`` makes it. Nothing is repaired: a ring that crosses
    itself is an invalid polygon there.
    """
    import shapely

    if isinstance(shape, Point):
        return shapely.Point(shape.x, shape.y)
    if isinstance(shape, Box):
        return shapely.box(*shape.xyxy)
    if isinstance(shape, Polygon):
        return shapely.Polygon(shape.vertices)
    raise GeometryError(f"only points, boxes and polygons lie in space, not {shape!r}")


def from_shapely(
    geometry: BaseGeometry,
    *,
    mention: str | None = None,
    t: float | None = None,
    asset_idx: int | None = None,
    score: float | None = None,
    frame: Frame = Frame.GRID,
) -> Point | Polygon:
    """A ``Point`` or a ``Polygon`` from Shapely's; the vertex that closes its ring is left out, as the markup does.

    A rectangle stays a polygon: ``Box(*geometry.bounds)`` makes a box of it. Raises ``GeometryError`` for other kinds,
    for an empty geometry, and for a polygon with holes, which one ring cannot hold.
    """
    if geometry.is_empty:
        raise GeometryError(f"an empty {geometry.geom_type} has no coordinates")
    if geometry.geom_type == "Point":
        return Point(geometry.x, geometry.y, mention=mention, t=t, asset_idx=asset_idx, score=score, frame=frame)
    if geometry.geom_type != "Polygon":
        raise GeometryError(
            f"a {geometry.geom_type} has no counterpart: take its points or polygons one by one (.geoms)"
        )
    if geometry.interiors:
        raise GeometryError("a polygon with holes has no counterpart: use its exterior, shapely.Polygon(g.exterior)")
    ring = tuple((x, y) for x, y, *_ in geometry.exterior.coords[:-1])
    return Polygon(ring, mention=mention, t=t, asset_idx=asset_idx, score=score, frame=frame)
