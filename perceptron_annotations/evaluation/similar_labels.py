"""Labels of the two sides that are spelt differently and may be meant to be one."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from ..ops.label_counts import LabelMap


class SimilarLabels(Struct, frozen=True, kw_only=True):
    """A label that is only predicted, and one that is only true, which differ in case or in a plural."""

    predicted: str
    true: str
    #: Ignoring case makes them one; else the singular does, too.
    differ_in_case: bool


def similar_labels(predicted: Iterable[str], true: Iterable[str]) -> tuple[SimilarLabels, ...]:
    """The labels that only one side has and that another spelling would join, in the order of the predicted ones.

    >>> similar_labels(["Cat", "dogs", "hat"], ["cat", "dog"])[0].true
    'cat'
    """
    only_predicted = sorted(set(predicted) - set(true))
    only_true = sorted(set(true) - set(predicted))
    found: dict[str, SimilarLabels] = {}
    for labels in (LabelMap(), LabelMap(singular=True)):
        meant = {labels(label): label for label in reversed(only_true)}
        for label in only_predicted:
            if labels(label) in meant and label not in found:
                found[label] = SimilarLabels(
                    predicted=label, true=meant[labels(label)], differ_in_case=not labels.singular
                )
    return tuple(found[label] for label in only_predicted if label in found)
