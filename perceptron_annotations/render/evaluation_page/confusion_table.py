"""Which labels were taken for which, as a table whose cells lead to the answers that they count."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ...evaluation.confusion import ConfusionCounts, confusion_counts
from ...evaluation.tasks import Task
from ...ops.arrays import Indices
from ...visible_text import visible
from ...wording import counted
from ..html_fragments import Html, tag, together
from .judged_model import JudgedModel
from .picked_images import Picks

#: So many labels have a row and a column: those with the most mistakes.
_MOST_LABELS = 25
#: How many shades a cell may have.
_SHADES = 5
_NOTHING_THERE, _NOT_FOUND = "nothing there", "not found"


def confusion_section(models: Sequence[JudgedModel], picks: Picks) -> Html:
    """A table for each model that is asked for shapes; nothing if there is none, or no label."""
    tables = [_model(model, picks) for model in models if Task.DETECTION in model.model.tasks and model.labels]
    if not tables:
        return Html("")
    meaning = (
        "Rows are labels of the truth, columns are labels of the predictions at the same place, whatever their label. "
        "A number leads to the answers that it counts."
    )
    return together((tag("p", meaning, class_="quiet"), tag("div", *tables, class_="beside")))


def _model(model: JudgedModel, picks: Picks) -> Html:
    options = model.model.options
    counts = confusion_counts(
        model.model.both,
        threshold=options.lowest_threshold(Task.DETECTION),
        iou_type=options.iou_type,
        matching=options.matching,
    )
    return tag("figure", tag("figcaption", visible(model.name)), *_table(counts, model.images, picks))


def _table(counts: ConfusionCounts, images: Sequence[str], picks: Picks) -> tuple[Html, Html]:
    found = counts.matrix()
    background = len(found.labels)
    shown = [*_most_mistaken(found.matrix), background]
    names = [*map(visible, found.labels), ""]
    cells = _Cells(counts, images, picks)
    heads = [tag("th", names[code] or _NOT_FOUND, scope="col") for code in shown]
    rows = [
        tag(
            "tr",
            tag("th", names[row] or _NOTHING_THERE, scope="row"),
            *(cells.cell(row, column, int(found.matrix[row, column]), most) for column in shown),
        )
        for row in shown
        for most in [int(found.matrix[row].max(initial=1))]
    ]
    corner = tag("td", "truth ↓ prediction →", class_="quiet")
    table = tag("table", tag("thead", tag("tr", corner, *heads)), tag("tbody", *rows), class_="confusion")
    left = background - (len(shown) - 1)
    more = tag("p", f"{counted(left, 'label')} with fewer mistakes left out", class_="quiet") if left else Html("")
    return tag("div", table, class_="scroll"), more


def _most_mistaken(matrix: Indices) -> list[int]:
    """The labels with the most mistakes, in the order of labels."""
    mistakes = (matrix.sum(axis=0) + matrix.sum(axis=1) - 2 * matrix.diagonal())[:-1]
    return sorted(np.argsort(-mistakes, kind="stable")[:_MOST_LABELS].tolist())


class _Cells:
    """The cells of one table, with the images of each."""

    def __init__(self, counts: ConfusionCounts, images: Sequence[str], picks: Picks) -> None:
        cells, self._width = counts.cells, len(counts.labels) + 1
        self._keys = (cells.label % self._width) * self._width + cells.predicted_label % self._width
        self._image = cells.image
        self._images = images
        self._labels = [*counts.labels, ""]
        self._picks = picks

    def cell(self, row: int, column: int, count: int, most: int) -> Html:
        """A cell; the more of its row it has, the darker it is."""
        if not count:
            return tag("td", "·", class_="none")
        images = self._image[self._keys == row * self._width + column]
        title = _said(visible(self._labels[row]), visible(self._labels[column]), row == column)
        link = self._picks.link(f"{count}", title, (self._images[image] for image in images.tolist()))
        shade = 1 + (_SHADES - 1) * count // max(most, 1)
        return tag("td", link, class_=f"{'right' if row == column else 'wrong'} shade-{shade}")


def _said(true: str, predicted: str, is_right: bool) -> str:
    if is_right:
        return f"{true} predicted as {true}"
    if not true:
        return f"{predicted} predicted where nothing is"
    return f"{true} predicted as {predicted}" if predicted else f"{true} not found"
