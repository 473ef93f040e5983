"""By what the images of an evaluation are sliced: recorded fields of their answers, their size, or any given values."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from ..errors import UsageError
from .joining import image_names
from .predictions import Predictions, Truth

#: The slice of images by their own size, which is not a recorded field.
SIZE = "size"
#: Megapixels up to which an image belongs to a slice.
_SIZES = ((0.3, "up to 0.3 MP"), (1.0, "up to 1 MP"), (4.0, "up to 4 MP"), (float("inf"), "above 4 MP"))

#: For each field the value of each image, by file name.
Slices = Mapping[str, Mapping[str, str]]


def slices_of(by: Collection[str] | Slices, predictions: Predictions, truth: Truth) -> Slices:
    """The value of each field for each image. Raises ``UsageError`` for a field that no answer has."""
    if isinstance(by, Mapping):
        return by
    return {field: _values(field, predictions, truth) for field in ([by] if isinstance(by, str) else by)}


def _values(field: str, predictions: Predictions, truth: Truth) -> Mapping[str, str]:
    if field == SIZE:
        assets = truth.dataset.assets
        return {name: _size(asset.width, asset.height) for name, asset in zip(image_names(assets), assets, strict=True)}
    answers = predictions.answers
    values = {name: answer.fields[field] for name, answer in answers.items() if field in answer.fields}
    if not values:
        whose = predictions.name or "the predictions"
        raise UsageError(
            f"no answer in {whose} has a field {field!r}: slices are by recorded fields, which are named when the "
            f"answers are read, or by {SIZE}"
        )
    return values


def _size(width: float | None, height: float | None) -> str:
    if width is None or height is None:
        return "unknown"
    return next(name for most, name in _SIZES if width * height <= most * 1e6)
