"""The annotations of a COCO file as text: right from the columns, or of an object for each, byte for byte the same."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from ....files import encode_json
from ....geometry import AnnotationKind
from .._row_texts import RowTexts, TextColumn, runs, writes_rows
from .written_objects import Objects

#: Objects whose columns are put together: so many that a call costs little, so few that their rings fit into memory.
_BLOCK = 32_000
#: Annotations that are encoded together: few enough to be freed before the garbage collector visits them often.
_ENCODED = 250


def annotation_texts(objects: Objects) -> Iterator[bytes]:
    """The objects as they are in a list of JSON, with a comma before each, some at a time."""
    for start in range(0, len(objects), _BLOCK):
        some = slice(start, min(start + _BLOCK, len(objects)))
        yield from _pieces(objects, some) or texts_of_annotations(objects, some)


def texts_of_annotations(objects: Objects, some: slice) -> Iterator[bytes]:
    """The same of an :class:`Annotation` for each of some objects, whatever is known of it."""
    for start, stop in pairwise([*range(some.start, some.stop, _ENCODED), some.stop]):
        yield b"," + encode_json(objects.annotations(start, stop))[1:-1]


def _pieces(objects: Objects, some: slice) -> Iterator[bytes] | None:
    """The like from the columns alone; None for keypoints, attributes, and texts that are escaped."""
    dataset = objects.dataset
    if not writes_rows or dataset.keypoints is not None or dataset.attributes is not None:
        return None
    try:
        return _rows(objects, some).pieces()
    except UnicodeEncodeError:  # a source with a lone surrogate
        return None


def _rows(objects: Objects, some: slice) -> RowTexts:
    """The rows of objects without keypoints and attributes. Raises ``UnicodeEncodeError``."""
    dataset, first, kind = objects.dataset, objects.first[some], objects.kind[some]
    left, top, width, height = objects.measures.bbox[some].T
    rows = RowTexts(len(first))
    rows.add(b',{"id":', objects.ids[some])
    rows.add(b',"image_id":', objects.image[some], b',"category_id":', objects.category[some])
    rows.add(b',"bbox":[', left, b",", top, b",", width, b",", height, b'],"area":', objects.measures.area[some])
    rows.add(b',"segmentation":[')
    _add_rings(rows, objects, some)
    rows.add(b'],"iscrowd":', dataset.iscrowd[first].astype(np.int64))
    with rows.only(kind == AnnotationKind.POINT):
        rows.add(b',"keypoints":[', left, b",", top, b',2],"num_keypoints":1')
    with rows.only(dataset.ignore[first]):
        rows.add(b',"ignore":1')
    _add_own(rows, objects, some)
    rows.add(b"}")
    return rows


def _add_rings(rows: RowTexts, objects: Objects, some: slice) -> None:
    """The rings of polygons; nothing for other objects."""
    is_polygon = objects.kind[some] == AnnotationKind.POLYGON
    if not is_polygon.any():
        return
    offsets = objects.offsets[some.start : some.stop + 1]
    lengths, table = np.diff(offsets), objects.dataset.table
    ring = objects.order[offsets[0] : offsets[-1]][np.repeat(is_polygon, lengths)]
    ends = np.cumsum(lengths[is_polygon])
    follows = np.ones(len(ring), dtype=bool)
    follows[ends - lengths[is_polygon]] = False
    rings = RowTexts(len(ring))
    with rings.only(follows):
        rings.add(b",")
    rings.add(b"[")
    rings.add_lists(table.coords, 2 * table.offsets, ring)
    rings.add(b"]")
    data, begins = rings.with_offsets()
    with rows.only(is_polygon):
        rows.add_texts(TextColumn(data, begins[np.append(0, ends)]), np.cumsum(is_polygon) - 1)


def _add_own(rows: RowTexts, objects: Objects, some: slice) -> None:
    """The fields of this package: where a row comes from, and its score."""
    table, first, source = objects.dataset.table, objects.first[some], objects.dataset.source
    score, span = table.score[first], table.span[first]
    has_score, has_source = ~np.isnan(score), np.zeros(len(first), dtype=bool)
    names, number = runs(source or ("",), first if source else np.zeros(len(first), dtype=np.int64))
    if source is not None:
        has_source = np.array([bool(name) for name in names], dtype=bool)[number]
        for place in np.flatnonzero(has_source & ~span.any(axis=1)).tolist():
            has_source[place] = source[first[place]] != str(objects.ids[some.start + place])
    with rows.only(has_source | has_score):
        rows.add(b',"perceptron_annotations":{')
        with rows.only(has_source):
            rows.add(b'"source":')
            rows.add_texts(TextColumn.of_json(names), number)
            rows.add(b',"span":[', span[:, 0], b",", span[:, 1], b"]")
        with rows.only(has_source & has_score):
            rows.add(b",")
        with rows.only(has_score):
            rows.add(b'"score":', score)
        rows.add(b"}")
