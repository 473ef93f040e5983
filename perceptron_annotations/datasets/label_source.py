"""What a label is called in the file that it was read from, beside its name."""

from __future__ import annotations

from msgspec import Struct


class LabelSource(Struct, frozen=True, omit_defaults=True):
    """The id of a label in the file that it was read from, and the group that the file puts it into.

    With them a COCO file is written with its own category ids, so that files of results still fit.

    >>> from perceptron_annotations.datasets import LabelSource
    >>> LabelSource("18", supercategory="animal").id
    '18'
    """

    id: str
    supercategory: str = ""
