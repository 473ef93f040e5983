"""By what the images of an evaluation are sliced: recorded fields of their answers, their size, or any given values."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from ..errors import UsageError
from .evaluated_model import EvaluatedModel
from .joining import image_names

#: The slice of images by their own size, which is not a recorded field.
SIZE = "size"
#: Megapixels up to which an image belongs to a slice.
_SIZES = ((0.3, "up to 0.3 MP"), (1.0, "up to 1 MP"), (4.0, "up to 4 MP"), (float("inf"), "above 4 MP"))

#: For each field the value of each image, by file name.
Slices = Mapping[str, Mapping[str, str]]


def slices_of(by: Collection[str] | Slices, model: EvaluatedModel) -> Slices:
    """The value of each field for each image. Raises ``UsageError`` for a field that no answer has."""
    if isinstance(by, Mapping):
        return {field: model.by_image(values) for field, values in by.items()}
    return {field: _values(field, model) for field in ([by] if isinstance(by, str) else by)}


def _values(field: str, model: EvaluatedModel) -> Mapping[str, str]:
    if field == SIZE:
        assets = model.truth.dataset.assets
        return {name: _size(asset.width, asset.height) for name, asset in zip(image_names(assets), assets, strict=True)}
    values = {name: answer.fields[field] for name, answer in model.answers.items() if field in answer.fields}
    if not values:
        whose = model.predictions.name or "the predictions"
        raise UsageError(
            f"no answer in {whose} has a field {field!r}: slices are by recorded fields, which are named when the "
            f"answers are read, or by {SIZE}"
        )
    return values


def _size(width: float | None, height: float | None) -> str:
    if width is None or height is None:
        return "unknown"
    return next(name for most, name in _SIZES if width * height <= most * 1e6)
