"""Tables from one frame to another: the grid, the unit square, and the pixels of each asset.

A row's frame is an extent, so converting is ``v / extent * extent`` with the extents of its row, division first, as for
single values. The table knows which asset a row lies in.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ..errors import FrameError
from ..frames import FrameKind
from ..geometry import AnnotationKind
from ..table.table import AnnotationTable
from .arrays import Floats, Indices, as_floats
from .groups import ranges

_EXTENTS = {FrameKind.GRID: 1000.0, FrameKind.UNIT: 1.0}


def to_pixels(table: AnnotationTable, sizes: ArrayLike | None = None) -> AnnotationTable:
    """The table in exact float pixels.

    ``sizes`` is one ``(width, height)`` for all, or ``(R, 2)``, one for each response, for answers about one image
    each; without it the sizes that the table has, by asset. A row that names no asset lies in the last. Raises
    ``FrameError`` if the size of a row's asset is not known, or if one size was given for a response that names several
    assets.

    >>> table = pa.parse_batch(["<point_box> (0,500) (1000,1000) </point_box>"])
    >>> pa.ops.to_pixels(table, (640, 480)).xyxy.tolist()
    [[0.0, 240.0, 640.0, 480.0]]
    """
    if sizes is not None:
        table = _with_sizes(table, as_floats("sizes", np.atleast_2d(np.asarray(sizes, dtype=np.float64)), 2))
    return _converted(table, FrameKind.PIXELS)


def to_unit(table: AnnotationTable) -> AnnotationTable:
    """The table in the unit square; from pixels by the sizes that it has. Raises what :func:`to_pixels` raises.

    >>> pa.ops.to_unit(pa.parse_batch(["<point> (250,500) </point>"])).coords.tolist()
    [[0.25, 0.5]]
    """
    return _converted(table, FrameKind.UNIT)


def to_grid(table: AnnotationTable) -> AnnotationTable:
    """The table on the 0–1000 grid; from pixels by the sizes that it has. Raises what :func:`to_pixels` raises.

    >>> pixels = pa.ops.to_pixels(pa.parse_batch(["<point> (250,500) </point>"]), (640, 480))
    >>> pa.ops.to_grid(pixels).coords.tolist()
    [[250.0, 500.0]]
    """
    return _converted(table, FrameKind.GRID)


def row_sizes(table: AnnotationTable) -> Floats:
    """``(N, 2)``: width and height of the asset that each row lies in, NaN if not known.

    >>> table = pa.parse_batch(["<point> (1,2) </point>", "<point> (3,4) </point>"])
    >>> pa.ops.row_sizes(pa.ops.to_pixels(table, [(640, 480), (800, 600)])).tolist()
    [[640.0, 480.0], [800.0, 600.0]]
    """
    responses = table.responses
    starts, counts = responses.size_offsets[:-1][table.response], np.diff(responses.size_offsets)[table.response]
    asset = np.where(table.asset_idx < 0, counts - 1, table.asset_idx)
    known = (asset >= 0) & (asset < counts)
    found = np.full((len(table), 2), np.nan)
    found[known] = responses.sizes[(starts + asset)[known]]
    return found


def _with_sizes(table: AnnotationTable, sizes: Floats) -> AnnotationTable:
    """The table with one size for each response, which is that of the one asset it names."""
    count = len(table.responses)
    if len(sizes) not in {1, count}:
        raise FrameError(f"sizes must be one (width, height), or one for each of {count} responses, not {len(sizes)}")
    if not np.all(np.isfinite(sizes) & (sizes > 0)):
        raise FrameError("sizes must be finite and above zero")
    if table.frame is FrameKind.PIXELS:
        raise FrameError("the table is in pixels already: use to_grid(table) first to give it other sizes")
    named = (table.asset_idx >= 0) & (table.kind != AnnotationKind.CLIP)
    highest, lowest = np.full(count, -1), np.full(count, np.iinfo(np.int32).max)
    np.maximum.at(highest, table.response[named], table.asset_idx[named])
    np.minimum.at(lowest, table.response[named], table.asset_idx[named])
    if several := np.flatnonzero(highest > lowest).tolist():
        raise FrameError(f"response {several[0]} names several assets: give the table a size for each of them")
    # The one asset is the last; those before it, which nobody names, have no size.
    assets = np.maximum(highest, 0) + 1
    offsets = np.concatenate([[0], np.cumsum(assets)])
    values = np.full((offsets[-1], 2), np.nan)
    values[offsets[1:] - 1] = sizes
    return table.replace(responses=table.responses.replace(size_offsets=offsets, sizes=values))


def scaled_to(table: AnnotationTable, sizes: Floats) -> Floats:
    """``(V, 2)``: the coordinates of a table on the grid or in the unit square, in pixels of a size for each pair."""
    scaled: Floats = table.coords / _EXTENTS[table.frame]
    scaled *= sizes
    return scaled


def _converted(table: AnnotationTable, frame: FrameKind) -> AnnotationTable:
    if frame is table.frame:
        return table
    here, there = _extents(table, table.frame), _extents(table, frame)
    counts = np.diff(table.offsets)
    coords = table.coords / np.repeat(here, counts, axis=0) * np.repeat(there, counts, axis=0)
    return table.replace(coords=coords, frame=frame)


def _extents(table: AnnotationTable, frame: FrameKind) -> Floats:
    """``(N, 2)``: the extent of each row's frame."""
    if frame is not FrameKind.PIXELS:
        return np.full((len(table), 2), _EXTENTS[frame])
    sizes = row_sizes(table)
    unknown = np.flatnonzero(np.isnan(sizes).any(axis=1) & (table.kind != AnnotationKind.CLIP))
    if len(unknown):
        response, asset = table.response[unknown[0]], table.asset_idx[unknown[0]]
        name = "its last asset" if asset < 0 else f"asset {asset}"
        raise FrameError(f"no size is known for {name} of response {response}: pass sizes=")
    return sizes


# -- images that were changed before the model saw them --------------------------------------------------------------


def from_letterbox(coords: ArrayLike, seen: tuple[float, float], original: tuple[float, float]) -> Floats:
    """``(V, 2)`` pixels of a padded image → pixels of the original.

    The original was scaled, its shape kept, to fit into ``seen`` (width, height), and centred on a border. Raises
    ``FrameError`` if a size is not above zero.

    >>> pa.ops.from_letterbox([[320, 140]], seen=(640, 640), original=(1280, 720)).tolist()
    [[640.0, 0.0]]
    """
    scale, border = _letterbox(seen, original)
    moved: Floats = (as_floats("coords", coords, 2) - border) / scale
    return moved


def to_letterbox(coords: ArrayLike, seen: tuple[float, float], original: tuple[float, float]) -> Floats:
    """``(V, 2)`` pixels of the original → pixels of the padded image; see :func:`from_letterbox`.

    >>> pa.ops.to_letterbox([[640, 0]], seen=(640, 640), original=(1280, 720)).tolist()
    [[320.0, 140.0]]
    """
    scale, border = _letterbox(seen, original)
    moved: Floats = as_floats("coords", coords, 2) * scale + border
    return moved


def _letterbox(seen: tuple[float, float], original: tuple[float, float]) -> tuple[float, Floats]:
    shown, whole = np.asarray(seen, dtype=np.float64), np.asarray(original, dtype=np.float64)
    if not (np.all(shown > 0) and np.all(whole > 0)):
        raise FrameError(f"sizes must be above zero, not {seen} and {original}")
    scale = float(np.min(shown / whole))
    border: Floats = (shown - whole * scale) / 2
    return scale, border


def from_crops(coords: ArrayLike, offsets: Indices, origins: ArrayLike) -> Floats:
    """``(V, 2)`` pixels of crops or tiles → pixels of the whole image.

    ``offsets`` ``(N + 1,)`` are those of N rows, ``origins`` ``(N, 2)`` the left top corner of the crop of each row.
    Tiles that overlap give one object twice: ``nms`` over the whole image drops the second.

    >>> pa.ops.from_crops([[5, 5], [5, 5]], np.array([0, 1, 2]), origins=[[0, 0], [640, 0]]).tolist()
    [[5.0, 5.0], [645.0, 5.0]]
    """
    corners = as_floats("origins", origins, 2)
    counts = np.diff(offsets)
    whole = as_floats("coords", coords, 2).copy()
    whole[ranges(offsets[:-1], counts)] += np.repeat(corners, counts, axis=0)
    return whole
