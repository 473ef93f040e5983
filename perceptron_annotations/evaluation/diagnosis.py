"""Which contract recorded answers in JSON were written by: a ranking by evidence, and a verdict only if there is one.

Numbers can contradict a contract, and agreement with a truth can single one out. Many contracts cannot be told apart by
numbers alone: 999 and 1000, or the order of x and y; then the verdict is that it cannot be told.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import nan

import numpy as np
from msgspec import Struct

from ..dialects.json_objects import JsonObjects
from ..dialects.pieces import Found, Group, Item
from ..frames import Size
from ..geometry import AnnotationKind
from ..ops.arrays import Floats
from .contract_evidence import Contract, WrittenBoxes, agreement, contracts, contradictions, unit_corners
from .intervals import student

#: A contract is possible if no greater share of the boxes speaks against it: models err too.
_TOLERATED = 0.05
#: Fewer boxes, or fewer images with truth, than this show nothing.
_FEWEST_BOXES, _FEWEST_IMAGES = 5, 5
#: Less agreement than this shows nothing, whichever contract has most of it.
_LEAST_AGREEMENT = 0.1


class JudgedAnswer(Struct, frozen=True):
    """An answer, with what is known of its image."""

    text: str
    #: Width and height of the image as it was uploaded.
    image_size: Size | None = None
    #: The true boxes, ``(T, 4)`` left, top, right and bottom in the unit square.
    truth: Floats | None = None


class ContractEvidence(Struct, frozen=True):
    """What speaks for and against one contract.

    >>> from perceptron_annotations.evaluation import JudgedAnswer, diagnose
    >>> evidence = diagnose([JudgedAnswer('[{"box_2d": [10, 20, 90, 99.5]}]')] * 5).evidence
    >>> [str(each.contract) for each in evidence if each.is_possible][:2]
    ['json-xyxy-percent', 'json-xyxy-999']
    """

    contract: Contract
    #: The share of the boxes that contradict it.
    contradicted: float
    #: How well the boxes agree with the truth, from 0 to 1, and its interval of 95 %; NaN without truth.
    agreement: float = nan
    low: float = nan
    high: float = nan

    @property
    def is_possible(self) -> bool:
        """Whether hardly a box speaks against it."""
        return self.contradicted <= _TOLERATED


class Diagnosis(Struct, frozen=True):
    """The contracts, the likeliest first, and the verdict."""

    answers: int
    boxes: int
    #: Images whose truth was compared.
    images: int
    evidence: tuple[ContractEvidence, ...]
    #: The contract that the evidence singles out; None if it cannot tell.
    contract: Contract | None
    reason: str


def diagnose(answers: Iterable[JudgedAnswer]) -> Diagnosis:
    """Rank the contracts by which answers in JSON may have been written.

    It says which one the evidence singles out, or that it cannot tell; nothing is applied. A contract is possible if
    at most 5 % of the boxes contradict it. Of the possible ones the one that agrees best with the truth is singled out
    if it does so by more than chance against each other one (the interval of 95 % of the paired difference over images,
    by Student's distribution).

    >>> from perceptron_annotations.evaluation import JudgedAnswer, diagnose
    >>> answer = '[{"box_2d": [0.1, 0.2, 0.9, 1.0], "label": "cat"}]'
    >>> diagnosis = diagnose([JudgedAnswer(answer)] * 5)
    >>> diagnosis.contract, diagnosis.reason
    (None, 'cannot tell json-xyxy-unit from json-yxyx-unit: give the truth of at least 5 images')
    """
    given = list(answers)
    boxes = _written(given)
    if len(boxes.numbers) < _FEWEST_BOXES:
        reason = f"cannot tell: the answers have {len(boxes.numbers)} boxes in JSON, and fewer than 5 show nothing"
        return Diagnosis(len(given), len(boxes.numbers), 0, (), None, reason)
    found, scores, seen = [], {}, set()
    for contract in contracts(boxes):
        corners = unit_corners(contract, boxes)
        if corners.tobytes() in seen:  # a rule that leaves all these images as they are
            continue
        seen.add(corners.tobytes())
        scores[contract] = agreement(corners, boxes)
        share = float(contradictions(corners).mean())
        found.append(ContractEvidence(contract, share, *_interval(scores[contract])))
    found.sort(key=lambda each: (not each.is_possible, -np.nan_to_num(each.agreement), each.contradicted))
    images = max(int((~np.isnan(each)).sum()) for each in scores.values())
    told, reason = _verdict(found, scores)
    return Diagnosis(len(given), len(boxes.numbers), images, tuple(found), told, reason)


def _verdict(found: Sequence[ContractEvidence], scores: dict[Contract, Floats]) -> tuple[Contract | None, str]:
    """The contract that is singled out, and why it is, or why none is."""
    possible = [each for each in found if each.is_possible]
    if not possible:
        return None, "cannot tell: the numbers contradict every contract that is known"
    best, *others = possible
    if not others:
        return best.contract, f"the numbers contradict every other contract than {best.contract}"
    if len(scores[best.contract][~np.isnan(scores[best.contract])]) < _FEWEST_IMAGES:
        return None, f"cannot tell {_named(possible)}: give the truth of at least {_FEWEST_IMAGES} images"
    if best.agreement < _LEAST_AGREEMENT:
        return None, f"cannot tell {_named(possible)}: none agrees with the truth"
    alike = [each for each in others if not _is_better(scores[best.contract], scores[each.contract])]
    if alike:
        return None, f"cannot tell {_named([best, *alike])}: they agree with the truth alike"
    return best.contract, f"{best.contract} agrees with the truth better than every other, by more than chance"


def _named(evidence: Sequence[ContractEvidence]) -> str:
    """``a from b``, or ``a from b and 3 others``."""
    first, second, *more = (str(each.contract) for each in evidence)
    return f"{first} from {second}" + (f" and {len(more)} others" if more else "")


def _interval(scores: Floats) -> tuple[float, float, float]:
    """The mean over images, and its interval of 95 %."""
    known = scores[~np.isnan(scores)]
    if not len(known):
        return nan, nan, nan
    mean = float(known.mean())
    if len(known) == 1:
        return mean, 0.0, 1.0
    half = student(len(known) - 1) * float(known.std(ddof=1)) / len(known) ** 0.5
    return mean, max(mean - half, 0.0), min(mean + half, 1.0)


def _is_better(one: Floats, other: Floats) -> bool:
    """Whether the first agrees better by more than chance, image by image."""
    apart = (one - other)[~np.isnan(one) & ~np.isnan(other)]
    if len(apart) < _FEWEST_IMAGES:
        return True  # the other cannot be placed at all
    half = float(student(len(apart) - 1) * apart.std(ddof=1) / len(apart) ** 0.5)
    return float(apart.mean()) > half


def _written(answers: Sequence[JudgedAnswer]) -> WrittenBoxes:
    """The numbers of all boxes of the answers, as they are written."""
    numbers: list[tuple[float, ...]] = []
    images: list[int] = []
    for image, answer in enumerate(answers):
        reader = JsonObjects().reader(0, salvage=False)
        for piece in (*reader.read(answer.text), *reader.finish()):
            if isinstance(piece, Found) and piece.content is not None:
                boxes = [item.numbers for item in _items(piece.content) if _is_unnamed_box(item)]
                numbers += boxes
                images += [image] * len(boxes)
    return WrittenBoxes(
        numbers=np.array(numbers, dtype=np.float64).reshape(-1, 4),
        image=np.array(images, dtype=np.int64),
        sizes=np.array([answer.image_size or (nan, nan) for answer in answers], dtype=np.float64).reshape(-1, 2),
        truth=[answer.truth for answer in answers],
    )


def _items(content: Item | Group) -> list[Item]:
    if isinstance(content, Item):
        return [content]
    return [item for member in content.members for item in _items(member)]


def _is_unnamed_box(item: Item) -> bool:
    """Whether an item is a box whose numbers have no names that say their order."""
    return item.kind is AnnotationKind.BOX and not item.named
