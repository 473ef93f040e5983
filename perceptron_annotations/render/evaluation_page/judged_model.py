"""A model of an evaluation with its mistakes: which of its objects matched, and what is drawn of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from ...datasets.dataset import UNNAMED, Dataset
from ...evaluation.evaluated_model import EvaluatedModel
from ...evaluation.mistakes import matched_objects
from ...evaluation.pairing import Side
from ...evaluation.tasks import Task
from ...frames import Frame
from ...geometry import Clip
from ...ops.arrays import Indices
from ...table.to_values import annotations_of_rows
from ..overlay.draw_style import verdict_stroke
from ..overlay.marks import Mark, Verdict
from ..scene import Panel, frame_of_asset, hexadecimal


class Objects(NamedTuple):
    """The objects of one side with one verdict; a match is its prediction."""

    verdict: Verdict
    dataset: Dataset
    side: Side
    #: ``(N,)``: the place of each in its side.
    places: Indices

    @property
    def image(self) -> Indices:
        """``(N,)``: the image of each, among those of the truth."""
        return self.side.image[self.places]

    @property
    def label(self) -> Indices:
        """``(N,)``: the label of each, among those of both sides."""
        return self.side.label[self.places]

    def take(self, chosen: Indices) -> Objects:
        """Some of them."""
        return self._replace(places=self.places[chosen])

    def largest(self, most: int) -> Objects:
        """Those with the highest scores, of equal ones the largest, of these the first."""
        table = self.dataset.table.take(self.side.rows[self.places])
        sides = np.nan_to_num(table.xyxy[:, 2:] - table.xyxy[:, :2])
        sizes = sides.prod(axis=1) + np.nan_to_num(table.until - table.t)
        return self.take(np.lexsort((-sizes, -np.nan_to_num(table.score)))[:most])

    def marks(self) -> Iterator[list[Mark]]:
        """The rows of each object, in the frame of its dataset."""
        for place in self.places.tolist():
            rows = self.side.take(np.array([place])).parts
            frame = frame_of_asset(self.dataset, int(self.dataset.asset[rows[0]]))
            values = list(annotations_of_rows(self.dataset.table.take(rows), frame))
            label = self.dataset.label_of(int(rows[0])) or UNNAMED
            yield [
                Mark(value.replace(mention=label), label, value.score, self.verdict, is_first=number == 0)
                for number, value in enumerate(values)
            ]


class JudgedModel:
    """The true and false positives of a model and its false negatives, in the first of its tasks."""

    def __init__(self, name: str, model: EvaluatedModel) -> None:
        self.name = name
        self.model = model
        self.task = next(iter(model.tasks), Task.DETECTION)
        paired, matches = matched_objects(model.both, self.task, model.options)
        found, wanted = model.predictions.dataset, model.truth.dataset
        self.labels = paired.labels
        #: The names of the images of the truth.
        self.images: Sequence[str] = paired.answers.images
        self.objects = {
            Verdict.TP: Objects(Verdict.TP, found, paired.prediction, matches.prediction),
            Verdict.FP: Objects(Verdict.FP, found, paired.prediction, matches.unmatched_prediction),
            Verdict.FN: Objects(Verdict.FN, wanted, paired.truth, matches.unmatched_truth),
        }
        self._assets = {asset.file_name: number for number, asset in enumerate(wanted.assets)}

    def counts(self, verdict: Verdict) -> Indices:
        """``(labels,)``: how many objects of each label have a verdict."""
        return np.bincount(self.objects[verdict].label, minlength=len(self.labels))

    def mistakes(self) -> Indices:
        """``(images,)``: false positives and false negatives together."""
        images = [self.objects[verdict].image for verdict in (Verdict.FP, Verdict.FN)]
        return np.bincount(np.concatenate(images), minlength=len(self.images))

    def panel(self, image: int) -> Panel:
        """All of an image: true positives, false positives and false negatives."""
        here = [each.take(np.flatnonzero(each.image == image)) for each in self.objects.values()]
        marks = [mark for objects in here for some in objects.marks() for mark in some]
        clips = [_named_by_verdict(mark, mark.shape) for mark in marks if isinstance(mark.shape, Clip)]
        return Panel(None, self.frame(image), tuple(marks), tuple(clips))

    def frame(self, image: int) -> Frame:
        """The pixels of an image of the truth."""
        return frame_of_asset(self.model.truth.dataset, self._assets[self.images[image]])


def verdict_colour(mark: Mark) -> str:
    """The colour of the verdict of a mark, as in overlays."""
    return hexadecimal(verdict_stroke(mark.verdict or Verdict.TP, 1).colour)


def _named_by_verdict(mark: Mark, clip: Clip) -> Clip:
    return clip.replace(mention=f"{mark.verdict} {mark.label}")
