"""Our shapes ⇄ Shapely's. Shapely is imported when a function here is called."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import GeometryError
from ..frames import Frame
from ..geometry import Box, Point, Polygon, Shape

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry


def to_shapely(shape: Shape) -> BaseGeometry:
    """A ``Point`` or ``Polygon`` of Shapely with the same coordinates; it has no frame, mention, t or score.

    A box becomes the ring of its ordered corners, as ``shapely.box`` makes it. Nothing is repaired: a ring that crosses
    itself becomes an invalid polygon. Raises ``GeometryError`` for clips, tracks and collections.

    >>> from perceptron_annotations.interop import to_shapely
    >>> to_shapely(pa.Box(10, 20, 40, 60)).area
    1200.0
    """
    import shapely

    if isinstance(shape, Point):
        return shapely.Point(shape.x, shape.y)
    if isinstance(shape, Box):
        return shapely.box(*shape.xyxy)
    if isinstance(shape, Polygon):
        return shapely.Polygon(shape.vertices)
    raise GeometryError(f"only points, boxes and polygons have a counterpart in Shapely, not {shape!r}")


def from_shapely(
    geometry: BaseGeometry,
    *,
    mention: str | None = None,
    t: float | None = None,
    asset_idx: int | None = None,
    score: float | None = None,
    frame: Frame = Frame.GRID,
) -> Point | Polygon:
    """A ``Point`` or a ``Polygon`` from Shapely's; the vertex that closes a ring is left out, as in the markup.

    A rectangle stays a polygon: ``Box(*geometry.bounds)`` makes a box of it. A third coordinate is dropped. Raises
    ``GeometryError`` for other kinds of geometry, for an empty one, and for a polygon with holes, which one ring cannot
    express.

    Args:
        geometry: A Shapely ``Point`` or ``Polygon``.
        mention: The label of the result.
        t: Its time in seconds.
        asset_idx: The asset it is on.
        score: Its score.
        frame: The coordinate system of the coordinates.

    >>> import shapely
    >>> from perceptron_annotations.interop import from_shapely
    >>> from_shapely(shapely.Point(3, 4), mention="cat")
    Point(x=3.0, y=4.0, mention='cat')
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
