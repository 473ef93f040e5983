"""What a page holds: its head, its cards, and the images that the cards show."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from os import PathLike
from pathlib import Path
from typing import NamedTuple

from ...datasets.lists import Join
from ...errors import INSTALL_EXTRA
from ...evaluation.evaluation_options import EvaluationOptions
from ...evaluation.predictions import Predictions, Truth
from ...evaluation.tasks import Task
from ..overlay.draw_style import verdict_stroke
from ..overlay.marks import Verdict
from ..overlay.palette import Rgb, label_colours
from .page_cards import CardMaker
from .page_data import PageCard, PageHead
from .page_images import PageImages

_TITLE = "Answers"
_VERDICTS = (Verdict.TP, Verdict.FP, Verdict.FN)


class Page(NamedTuple):
    """What is written."""

    head: PageHead
    cards: Sequence[PageCard]
    images: PageImages

    @staticmethod
    def of(
        models: Sequence[Predictions],
        compare: Predictions | None,
        truth: Truth | None,
        *,
        images: str | PathLike[str] | None,
        join: Join | None,
        options: EvaluationOptions,
        title: str | None,
    ) -> Page:
        """The page of some models, beside another one and the truth."""
        found = PageImages(images, join)
        maker = CardMaker(truth, found, options)
        cards = maker.cards(models, compare)
        named = [_called(models), *([] if compare is None else [_called([compare])])]
        head = PageHead(
            title=title or " and ".join(named),
            labels=maker.words.labels,
            colours=_colours(maker.words.labels),
            models=maker.words.models,
            issues=maker.words.issues,
            sides=named,
            cards=len(cards),
            threshold=None if truth is None else options.lowest_threshold(Task.DETECTION),
            verdicts={each.value.lower(): css_colour(verdict_stroke(each, 1).colour) for each in _VERDICTS},
            notes=_notes(found),
        )
        return Page(head, cards, found)


def _colours(labels: Sequence[str]) -> list[str]:
    """The colour of each label as CSS has it, the same as in overlays."""
    colours = label_colours(labels)
    return [css_colour(colours[label]) for label in labels]


def css_colour(colour: Rgb) -> str:
    """A colour as CSS has it."""
    return "#{:02x}{:02x}{:02x}".format(*colour)


def _called(models: Sequence[Predictions]) -> str:
    """The names of the files, without their folders."""
    return ", ".join(Path(model.name).name for model in models if model.name) or _TITLE


def _notes(images: PageImages) -> list[str]:
    """What is to be known of the images."""
    if not images.has_folder:
        return ["No folder with images was given (--images): shapes are drawn on empty canvases."]
    if not images.has_copies:
        return [f"Images need Pillow, so shapes are drawn on empty canvases: {INSTALL_EXTRA.format('render')}"]
    missing = Counter(images.missing)
    if not missing:
        return []
    some = f"{len(missing)} of {len(missing) + len(images)} images are not in the folder"
    return [f"{some}, for example {next(iter(missing))}."]
