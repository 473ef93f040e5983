"""The objects that COCO can hold, as columns, and as annotations."""

from __future__ import annotations

from functools import cached_property
from itertools import repeat

import numpy as np
from numpy.typing import NDArray

from ....geometry import AnnotationKind
from ...dataset import Dataset
from ...keypoints import MISSING
from ...object_measures import Measures, measures_of
from .entries import Annotation, Own
from .ids import annotation_ids

#: The segmentation of a box: one list shared by all of them, never changed.
_NO_RINGS: list[list[float]] = []


class Objects:
    """The objects of some rows as columns; ``order[offsets[i] : offsets[i + 1]]`` are the rows of object i.

    ``image`` ``(N,)`` is the id of the image of each row; ``category`` that of each label, and the last one that of
    rows without a label. ``after`` is the highest id of an annotation in earlier shards.
    """

    def __init__(
        self,
        dataset: Dataset,
        rows: NDArray[np.int64],
        image: NDArray[np.int64],
        category: NDArray[np.int64],
        *,
        after: int = 0,
    ) -> None:
        table = dataset.table
        self.dataset = dataset
        self.order, starts = dataset.by_object(rows)
        self.offsets = np.append(starts, len(rows))
        self.first = self.order[starts]
        self.kind = table.kind[self.first]
        self.category = category[dataset.label[self.first]]
        self.image = image[self.first]
        source = dataset.source
        named = ("" if source is None else source[row] for row in map(int, self.first))
        self.ids = annotation_ids(named, len(self.first), after)

    def __len__(self) -> int:
        return len(self.first)

    @cached_property
    def measures(self) -> Measures:
        """Their boxes and areas, which take the most time of all: the thread that writes them computes them."""
        return measures_of(self.dataset, self.order, self.offsets[:-1])

    def annotations(self, start: int, stop: int) -> list[Annotation]:
        """Some of the objects."""
        dataset, table = self.dataset, self.dataset.table
        some = slice(start, stop)
        first = self.first[some]
        columns = (
            self.ids[some].tolist(),
            self.image[some].tolist(),
            self.category[some].tolist(),
            self.measures.bbox[some].tolist(),
            self.measures.area[some].tolist(),
            repeat(_NO_RINGS),
            dataset.iscrowd[first].view(np.uint8).tolist(),
        )
        found = list(map(Annotation, *columns))
        for place in np.flatnonzero(self.kind[some] == AnnotationKind.POLYGON).tolist():
            rows = self.order[self.offsets[start + place] : self.offsets[start + place + 1]].tolist()
            found[place].segmentation = [table.vertices(row).ravel().tolist() for row in rows]
        for place in np.flatnonzero(self.kind[some] == AnnotationKind.POINT).tolist():
            left, top, _, _ = found[place].bbox
            found[place].keypoints, found[place].num_keypoints = [left, top, 2], 1
        self._describe(found, first)
        self._name(found, first)
        return found

    def _describe(self, annotations: list[Annotation], rows: NDArray[np.int64]) -> None:
        """Add the keypoints, the mark of what metrics ignore, and the attributes."""
        dataset = self.dataset
        for place in np.flatnonzero(dataset.ignore[rows]).tolist():
            annotations[place].ignore = 1
        keypoints, attributes = dataset.keypoints, dataset.attributes
        if keypoints is not None:
            for place in np.flatnonzero(keypoints.counts[rows]).tolist():
                numbers = keypoints.as_list(int(rows[place]))
                annotations[place].keypoints = numbers
                annotations[place].num_keypoints = sum(seen > MISSING for seen in numbers[2::3])
        if attributes is not None:
            for made, row in zip(annotations, rows.tolist(), strict=True):
                if attributes[row]:
                    made.attributes = dict(attributes[row])

    def _name(self, annotations: list[Annotation], rows: NDArray[np.int64]) -> None:
        """Add the fields of this package: where a row comes from, and its score."""
        source, spans = self.dataset.source, self.dataset.table.span[rows]
        if source is not None:
            placed = np.logical_or(spans[:, 0], spans[:, 1]).tolist()
            for made, row, span, is_placed in zip(annotations, rows.tolist(), spans.tolist(), placed, strict=True):
                name = source[row]
                if name and (is_placed or name != str(made.id)):
                    made.perceptron_annotations = Own(name, span)
        scores = self.dataset.table.score[rows]
        for place in np.flatnonzero(~np.isnan(scores)).tolist():
            own = annotations[place].perceptron_annotations or Own()
            own.score = float(scores[place])
            annotations[place].perceptron_annotations = own
