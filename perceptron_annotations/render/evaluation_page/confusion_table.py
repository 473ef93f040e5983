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
from ..plain_tables import shortened
from .judged_model import JudgedModel
from .picked_images import Picks

#: So many labels have a row and a column: those with the most mistakes.
_MOST_LABELS = 25
#: The heads of more columns than these stand on their side.
_MOST_UPRIGHT = 9
#: The columns of characters of a label.
_LONGEST = 28
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
    cells = _Cells(counts, images, picks, found.matrix)
    heads = [_head(names[code] or _NOT_FOUND, "col") for code in shown]
    rows = [
        tag(
            "tr",
            _head(names[row] or _NOTHING_THERE, "row"),
            *(cells.cell(row, column) for column in shown),
        )
        for row in shown
    ]
    corner = tag("td", "truth ↓ prediction →", class_="quiet")
    kind = "confusion many" if len(shown) > _MOST_UPRIGHT else "confusion"
    table = tag("table", tag("thead", tag("tr", corner, *heads)), tag("tbody", *rows), class_=kind)
    left = background - (len(shown) - 1)
    more = tag("p", f"{counted(left, 'label')} with fewer mistakes left out", class_="quiet") if left else Html("")
    return tag("div", table, class_="scroll"), more


def _head(name: str, scope: str) -> Html:
    return tag("th", shortened(name, _LONGEST), scope=scope, title=name)


def _most_mistaken(matrix: Indices) -> list[int]:
    """The labels with the most mistakes, in the order of labels."""
    mistakes = (matrix.sum(axis=0) + matrix.sum(axis=1) - 2 * matrix.diagonal())[:-1]
    return sorted(np.argsort(-mistakes, kind="stable")[:_MOST_LABELS].tolist())


class _Cells:
    """The cells of one table, with the images of each."""

    def __init__(self, counts: ConfusionCounts, images: Sequence[str], picks: Picks, matrix: Indices) -> None:
        cells, self._width = counts.cells, len(counts.labels) + 1
        self._keys = (cells.label % self._width) * self._width + cells.predicted_label % self._width
        self._image = cells.image
        self._images = images
        self._labels = [*counts.labels, ""]
        self._picks = picks
        self._matrix = matrix
        wrong = matrix - np.diag(matrix.diagonal())
        #: The most that a cell of mistakes has, and one of what is right.
        self._most = {False: int(wrong.max(initial=1)), True: int(matrix.diagonal().max(initial=1))}

    def cell(self, row: int, column: int) -> Html:
        """A cell; the more it has beside others of its kind, the darker it is."""
        count, is_right = int(self._matrix[row, column]), row == column
        if not count:
            return tag("td", "·", class_="none")
        images = self._image[self._keys == row * self._width + column]
        title = _said(visible(self._labels[row]), visible(self._labels[column]), is_right=is_right)
        link = self._picks.link(f"{count}", title, (self._images[image] for image in images.tolist()))
        shade = 1 + (_SHADES - 1) * count // self._most[is_right]
        return tag("td", link, class_=f"{'right' if is_right else 'wrong'} shade-{shade}")


def _said(true: str, predicted: str, *, is_right: bool) -> str:
    if is_right:
        return f"{true} predicted as {true}"
    if not true:
        return f"{predicted} predicted where nothing is"
    return f"{true} predicted as {predicted}" if predicted else f"{true} not found"
