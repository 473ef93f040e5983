"""An ``AnnotationTable`` → values: flat annotations, or grouped in their tracks and collections."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from math import inf, isnan
from typing import Any, NamedTuple, TypeAlias

from ..errors import FrameError
from ..frames import AssetFrames, Frame, FrameKind
from ..geometry import Annotation, AnnotationKind, Collection, Track, Value
from ..templates import new_box, new_clip, new_collection, new_point, new_polygon, new_track
from .table import AnnotationTable


def annotations_of(table: AnnotationTable) -> list[list[Annotation]]:
    """See ``AnnotationTable.to_annotations``."""
    responses: list[list[Annotation]] = [[] for _ in range(len(table.responses))]
    for response, annotation in zip(table.response.tolist(), annotations_of_rows(table), strict=True):
        responses[response].append(annotation)
    return responses


def annotations_of_rows(table: AnnotationTable, frame: Frame | None = None) -> Iterator[Annotation]:
    """The value of each row, in the order of the rows; all in ``frame`` if one is given, else each in its own."""
    words = [*table.mentions, None]
    frame_of = _FrameLookup(table) if frame is None else lambda *_: frame
    coords = list(map(tuple, table.coords.tolist()))
    offsets = table.offsets.tolist()
    columns = (table.response, table.kind, table.mention, table.t, table.until, table.asset_idx, table.score)
    rows = zip(*(column.tolist() for column in columns), strict=True)
    for row, (response, kind, mention, t, until, asset, score) in enumerate(rows):
        asset_idx = _index(asset)
        common: dict[str, Any] = {"mention": words[mention], "asset_idx": asset_idx, "score": _given(score)}
        if kind == AnnotationKind.CLIP:
            yield new_clip(start=t, end=_given(until), **common)
            continue
        common |= {"t": _given(t), "frame": frame_of(response, asset_idx)}
        pairs = coords[offsets[row] : offsets[row + 1]]
        if kind == AnnotationKind.BOX:
            (x1, y1), (x2, y2) = pairs
            yield new_box(x1=x1, y1=y1, x2=x2, y2=y2, **common)
        elif kind == AnnotationKind.POINT:
            ((x, y),) = pairs
            yield new_point(x=x, y=y, **common)
        else:
            yield new_polygon(vertices=tuple(pairs), **common)


def _given(number: float) -> float | None:
    return None if isnan(number) else number


def _index(number: int) -> int | None:
    return None if number < 0 else number


class _FrameLookup:
    """The frame of an asset in a response; the frames of a response are made once."""

    def __init__(self, table: AnnotationTable) -> None:
        self._table = table
        self._one = {FrameKind.GRID: Frame.GRID, FrameKind.UNIT: Frame.UNIT}.get(table.frame)
        self._frames: dict[int, AssetFrames] = {}

    def __call__(self, response: int, asset_idx: int | None) -> Frame:
        if self._one is not None:
            return self._one
        if response not in self._frames:
            start, end = self._table.responses.size_offsets[response : response + 2].tolist()
            sizes = self._table.responses.sizes[start:end].tolist()
            known = {index: (width, height) for index, (width, height) in enumerate(sizes) if not isnan(width)}
            if not known:
                raise FrameError(f"the table is in pixels, but response {response} has no asset with a size")
            self._frames[response] = AssetFrames.of(known, len(sizes))
        return self._frames[response].resolve(asset_idx)


# -- groups ----------------------------------------------------------------------------------------------------------


class _Container(NamedTuple):
    """A row of the containers."""

    response: int
    kind: int
    mention: str | None
    t: float | None
    asset_idx: int | None
    collection: int
    complete: bool


#: A value, and the row that it begins with.
_Placed: TypeAlias = tuple[float, Any]
_TRACK, _COLLECTION = 0, 1


def values_of(table: AnnotationTable) -> list[list[Value]]:
    """See ``AnnotationTable.to_values``."""
    loose: defaultdict[int, list[_Placed]] = defaultdict(list)
    held: defaultdict[tuple[int, int, int], list[_Placed]] = defaultdict(list)

    def around(response: int, collection: int) -> list[_Placed]:
        return loose[response] if collection < 0 else held[response, _COLLECTION, collection]

    places = zip(table.response.tolist(), table.track.tolist(), table.collection.tolist(), strict=True)
    for row, (annotation, (response, track, collection)) in enumerate(
        zip(annotations_of_rows(table), places, strict=True)
    ):
        place = around(response, collection) if track < 0 else held[response, _TRACK, track]
        place.append((row, annotation))
    numbered = list(_numbered(table))
    for kind in (_TRACK, _COLLECTION):  # a collection holds tracks
        for number, container in numbered:
            members = held[container.response, kind, number]
            if container.kind == kind and (members or not container.complete):
                # A collection in a collection is an error of the markup; it is a value of its own, as in a Document.
                place = around(container.response, container.collection if kind == _TRACK else -1)
                place.append((min(members, default=(inf,))[0], _grouped(container, members)))
    return [
        [value for _, value in sorted(loose[each], key=lambda placed: placed[0])]
        for each in range(len(table.responses))
    ]


def _numbered(table: AnnotationTable) -> Iterator[tuple[int, _Container]]:
    """The containers, each with its number among those of its kind in its response."""
    words = [*table.mentions, None]
    counts: Counter[tuple[int, int]] = Counter()
    rows = table.containers
    columns = (rows.response, rows.kind, rows.mention, rows.t, rows.asset_idx, rows.collection, rows.complete)
    for response, kind, mention, t, asset, collection, complete in zip(*(c.tolist() for c in columns), strict=True):
        yield (
            counts[response, kind],
            _Container(response, kind, words[mention], _given(t), _index(asset), collection, complete),
        )
        counts[response, kind] += 1


def _grouped(container: _Container, members: list[_Placed]) -> Track | Collection:
    """The container with its members, without what these take from it."""
    values = tuple(_left_open(value, container) for _, value in sorted(members, key=lambda placed: placed[0]))
    given = {"mention": container.mention, "asset_idx": container.asset_idx, "complete": container.complete}
    if container.kind == _TRACK:
        track: Track = new_track(waypoints=values, **given)
        return track
    collection: Collection = new_collection(children=values, t=container.t, **given)
    return collection


def _left_open(value: Any, container: _Container) -> Any:
    changes: dict[str, None] = {}
    if value.mention is not None and value.mention == container.mention:
        changes["mention"] = None
    if container.t is not None and getattr(value, "t", None) == container.t:
        changes["t"] = None
    return value.replace(**changes) if changes else value
