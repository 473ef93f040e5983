"""Values or documents → an ``AnnotationTable``. A value gets here what it takes from its containers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import nan

import numpy as np

from ..errors import FrameError, UsageError
from ..frames import Frame, FrameKind
from ..geometry import Annotation, Box, Clip, Collection, Point, Polygon, Track, Value
from ..markup.columns import Columns
from ..markup.document import Document
from ..markup.flatten import NOWHERE, Flattener, Held, Holding
from ..markup.inheritance import NO_CONTEXT, Context, as_contained, as_member, as_waypoint, inside
from .build import Extra, Sizes, build
from .table import AnnotationTable


def table_of(responses: Iterable[Iterable[Value]], keys: Sequence[str] | None) -> AnnotationTable:
    """See ``AnnotationTable.from_annotations``."""
    flat = Flattener()
    rows: list[list[Annotation]] = []
    for values in responses:
        found = flattened(values)
        placed = [_shape_on_grid(each) for each in found.annotations]
        flat.add_values(placed, found.held)
        rows.append(placed)
    return _built(flat.columns(), rows, keys)


def table_of_documents(documents: Iterable[Document], keys: Sequence[str] | None) -> AnnotationTable:
    """See ``AnnotationTable.from_documents``."""
    flat = Flattener()
    rows: list[Sequence[Annotation]] = []
    kinds: set[FrameKind] = set()
    for document in map(_on_grid, documents):
        flat.add(document)
        rows.append(document.annotations)
        kinds.add(document.frame.kind if isinstance(document.frame, Frame) else FrameKind.PIXELS)
    return _built(flat.columns(), rows, keys, kinds.pop() if len(kinds) == 1 else FrameKind.GRID)


def _on_grid(document: Document) -> Document:
    """A document of another grid, or as a dialect wrote it, on the grid that tables have.

    The pixels that another model saw are not those of the image, so they are no size of an asset.
    """
    frame = document.frame
    is_as_written = bool(document.dialect) and frame == document.read_in
    if frame != Frame.GRID and (is_as_written or (isinstance(frame, Frame) and frame.kind is FrameKind.GRID)):
        return document.to(Frame.GRID)
    return document


def _shape_on_grid(annotation: Annotation) -> Annotation:
    """A shape on another grid on that of tables; any other as it is."""
    if isinstance(annotation, Clip) or annotation.frame is Frame.GRID or annotation.frame.kind is not FrameKind.GRID:
        return annotation
    return annotation.to(Frame.GRID)


def _built(
    columns: Columns,
    rows: Sequence[Sequence[Annotation]],
    keys: Sequence[str] | None,
    default: FrameKind = FrameKind.GRID,
) -> AnnotationTable:
    """The table of these rows; without a shape among them, its frame is the ``default``."""
    kinds = {each.frame.kind for response in rows for each in response if not isinstance(each, Clip)}
    if len(kinds) > 1:
        raise FrameError(
            f"a table is in one kind of frame, not in {' and '.join(sorted(kinds))}: convert the values first"
        )
    frame = kinds.pop() if kinds else default
    sizes = _sizes(rows) if frame is FrameKind.PIXELS else None
    key = tuple(map(str, keys or ())) or None
    return build(columns, Extra(key, sizes, frame))


def _sizes(rows: Sequence[Sequence[Annotation]]) -> Sizes:
    """The sizes of the assets of each response, from the frames of its annotations."""
    offsets, sizes = [0], []
    for response in rows:
        frames: dict[int | None, Frame] = {}
        for each in response:
            if not isinstance(each, Clip) and frames.setdefault(each.asset_idx, each.frame) != each.frame:
                raise FrameError(f"response {len(offsets) - 1} has asset {each.asset_idx} in two sizes")
        # A value that names no asset lies in the last.
        count = max([index + 1 for index in frames if index is not None], default=1 if frames else 0)
        last = frames.pop(None, None)
        if last is not None and frames.setdefault(count - 1, last) != last:
            raise FrameError(f"response {len(offsets) - 1} has the last asset in two sizes")
        sizes += [(frames[at].width, frames[at].height) if at in frames else (nan, nan) for at in range(count)]
        offsets.append(len(sizes))
    return Sizes(np.array(offsets, dtype=np.int64), np.array(sizes, dtype=np.float64).reshape(-1, 2))


def flattened(values: Iterable[Value]) -> FlatRows:
    """The annotations that ``values`` give, with what they take from their containers."""
    rows = FlatRows()
    for value in values:
        rows.add(value, NO_CONTEXT, -1)
    return rows


class FlatRows:
    """The rows of one response, and which containers hold them."""

    def __init__(self) -> None:
        self.annotations: list[Annotation] = []
        self.held = Holding([], [], [])
        self._counts = {Track: 0, Collection: 0}

    def add(self, value: Value, around: Context, collection: int) -> None:
        """Add a value that is in a collection, or in none (-1), and takes from it what it lacks."""
        if isinstance(value, Track):
            number, context = self._open(value, Context(value.mention, None, value.asset_idx), around, collection)
            for waypoint in value.waypoints:
                self._append(as_waypoint(waypoint, context), number, collection)
        elif isinstance(value, Collection):
            number, context = self._open(value, Context(value.mention, value.t, value.asset_idx), around, collection)
            for child in value.children:
                self.add(child, context, number)
        elif isinstance(value, (Point, Box, Polygon, Clip)):
            self._append(value if around is NO_CONTEXT else as_member(value, around), -1, collection)
        else:
            raise UsageError(f"a table holds points, boxes, polygons, clips, tracks and collections, not {value!r}")

    def _open(self, value: Track | Collection, own: Context, around: Context, collection: int) -> tuple[int, Context]:
        """The number of a container, and what its members take from it."""
        context = inside("track" if isinstance(value, Track) else "collection", own, around)
        number = self._counts[type(value)]
        self._counts[type(value)] += 1
        effective: Track | Collection = as_contained(value, context)  # type: ignore[type-var]
        self.held.containers.append(Held(effective, NOWHERE, collection))
        return number, context

    def _append(self, annotation: Annotation, track: int, collection: int) -> None:
        self.annotations.append(annotation)
        self.held.track.append(track)
        self.held.collection.append(collection)
