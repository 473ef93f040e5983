"""The answers of one model, or of two, and the truth → the cards of a page, in the order of the first model."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from msgspec import structs

from ...datasets.name_joining import NameJoin
from ...evaluation.evaluation_options import EvaluationOptions
from ...evaluation.predictions import Predictions, Truth
from .page_answers import ShownAnswer, Words, asset_of, shapes_by_asset, shown_answers
from .page_data import PageAnswer, PageAsset, PageCard, PageShape
from .page_images import PageImages
from .page_verdicts import Verdicts, judge, summarise, verdicts_of


class _TrueImage(NamedTuple):
    """An image of the truth."""

    asset: PageAsset
    shapes: list[PageShape]


class CardMaker:
    """Makes the cards of a page; ``words`` has the labels, models and codes of all of them afterwards."""

    def __init__(self, truth: Truth | None, images: PageImages, options: EvaluationOptions) -> None:
        self.words = Words()
        self._truth = truth
        self._images = images
        self._options = options
        self._true = {} if truth is None else _true_images(truth, self.words)

    def cards(self, models: Sequence[Predictions], compare: Predictions | None) -> list[PageCard]:
        """A card for each answer of ``models``, with that of ``compare`` about the same images beside it.

        Images of the truth, and answers of ``compare``, that are on no card come after them.
        """
        sides = 1 if compare is None else 2
        cards: dict[tuple[str, ...], list[PageCard]] = {}
        for model in models:
            for shown, card in self._shown(model, sides):
                card.answers[0] = shown.answer
                cards.setdefault(_names(card.assets), []).append(card)
        if compare is not None:
            for shown, card in self._shown(compare, sides):
                same = cards.setdefault(_names(card.assets), [])
                free = next((each for each in same if each.answers[1] is None), None)
                same.extend([] if free else [card])
                (free or card).answers[1] = shown.answer
        named = {name for names in cards for name in names}
        for name, true in self._true.items():
            if name not in named:
                cards[name,] = [PageCard(assets=[true.asset], answers=[None] * sides, truth=true.shapes)]
        found = [card for same in cards.values() for card in same]
        self._place_images(found)
        return found

    def _shown(self, predictions: Predictions, sides: int) -> Iterable[tuple[ShownAnswer, PageCard]]:
        """Each answer with a card for it, under the names that its images have in the truth."""
        shown = list(shown_answers(predictions, self.words))
        truth = self._truth
        names = NameJoin(self._true, predictions.join)
        names.add(asset.name for each in shown for asset in each.assets)
        verdicts = None if truth is None else verdicts_of(predictions, truth, self._options)
        for each in shown:
            assets, shapes = [], []
            for place, asset in enumerate(each.assets):
                name = names.image_of(asset.name) or asset.name
                true = self._true.get(name)
                assets.append(_sized(asset, name, true))
                shapes += [] if true is None else [_on(shape, place) for shape in true.shapes]
            if verdicts is not None:
                _judge(each, shapes, predictions, verdicts)
            yield each, PageCard(assets=assets, answers=[None] * sides, truth=shapes)

    def _place_images(self, cards: Sequence[PageCard]) -> None:
        assets = [asset for card in cards for asset in card.assets]
        self._images.add(asset.name for asset in assets)
        for asset in assets:
            found = self._images.find(asset.name)
            if found is not None:
                asset.image = found.place
                if asset.width is None or asset.height is None:
                    asset.width, asset.height = found.size.width, found.size.height


def _true_images(truth: Truth, words: Words) -> dict[str, _TrueImage]:
    shapes = shapes_by_asset(truth.dataset, words)
    found: dict[str, _TrueImage] = {}
    for asset, each in zip(truth.dataset.assets, shapes, strict=True):
        found.setdefault(asset.file_name, _TrueImage(asset_of(asset), each))
    return found


def _names(assets: Sequence[PageAsset]) -> tuple[str, ...]:
    return tuple(asset.name for asset in assets)


def _sized(asset: PageAsset, name: str, true: _TrueImage | None) -> PageAsset:
    """The asset under the name of its image, with the size that is known of it."""
    known = asset if asset.width is not None or true is None else true.asset
    return PageAsset(name=name, width=known.width, height=known.height, video=asset.video)


def _on(shape: PageShape, asset: int) -> PageShape:
    return shape if asset == shape.asset else structs.replace(shape, asset=asset)


def _judge(shown: ShownAnswer, truth: Sequence[PageShape], predictions: Predictions, verdicts: Verdicts) -> None:
    answer: PageAnswer = shown.answer
    judge(answer, shown.rows, predictions.dataset, verdicts)
    summarise(answer, truth, verdicts)
