"""What is said in a line of training data: the prompt, and the answer in our own markup or in a dialect."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from msgspec.structs import replace

from ..dialects.dialect import Dialect
from ..dialects.known_dialects import known
from ..dialects.prompts import prompt_for
from ..errors import UnwritableError
from ..frames import Size
from ..geometry import Annotation, AnnotationKind, Shape, Value
from ..losses import LossCounter
from ..markup.transcoding import OWN_MARKUP, AnswerTarget
from .dataset import Dataset, DatasetAsset
from .policies import AssetKind

_PROMPT = "Find every {labels}."
_NOTHING = "There is none."


class ChatWords:
    """Words prompts and answers about the assets of a dataset."""

    def __init__(self, dataset: Dataset, dialect: Dialect | str, prompt: str | None, nothing: str | None) -> None:
        self._labels = dataset.labels
        self._target = dialect
        self._dialect = None if dialect == OWN_MARKUP else known(dialect)
        self._prompt = prompt if prompt is not None or self._dialect is not None else _PROMPT
        self._nothing = nothing
        #: The prompts of a dialect by the size of the image, if it counts pixels.
        self._worded: dict[Size | None, str] = {}
        counts = np.bincount(dataset.table.kind, minlength=len(AnnotationKind))
        #: The kinds that the dataset has, the most frequent first.
        self._kinds = [AnnotationKind(int(kind)) for kind in np.argsort(-counts, kind="stable") if counts[kind]]

    def fits(self, asset: DatasetAsset) -> bool:
        """Whether a line can be written: the size of an image is known, and of all if the numbers are pixels."""
        needs_size = asset.kind is AssetKind.IMAGE or (self._dialect is not None and self._dialect.scale.needs_size)
        return not needs_size or size_of(asset) is not None

    def prompt(self, asset: DatasetAsset) -> str:
        """What the user says about an asset."""
        if self._prompt is not None or self._dialect is None:
            return (self._prompt or _PROMPT).replace("{labels}", ", ".join(self._labels))
        size = size_of(asset) if self._dialect.scale.needs_size else None
        if size not in self._worded:
            self._worded[size] = self._asked(self._dialect, size)
        return self._worded[size]

    def _asked(self, dialect: Dialect, size: Size | None) -> str:
        """The prompt of a dialect for images of a size."""
        for kind in self._kinds or [AnnotationKind.BOX]:
            try:
                return prompt_for(dialect, self._labels or ("object",), kind=kind, image_size=size)
            except UnwritableError:
                continue
        return _PROMPT.replace("{labels}", ", ".join(self._labels))

    def answer(self, values: Sequence[Annotation], asset: DatasetAsset, losses: LossCounter) -> tuple[str, int]:
        """What the assistant says, and how many annotations are in it; what is not is counted."""
        if not values:
            return self._said_nothing(), 0
        target = AnswerTarget.of(self._target, size_of(asset))
        inside = replace(target, write=lambda found: target.write(map(_clamped, found)))
        written = inside.written(values, losses, asset.file_name)
        return written.text if written.annotations else self._said_nothing(), written.annotations

    def _said_nothing(self) -> str:
        if self._nothing is not None or self._dialect is None:
            return _NOTHING if self._nothing is None else self._nothing
        return self._dialect.nothing or _NOTHING


def _clamped(value: Value) -> Value:
    return value.clamped() if isinstance(value, Shape) else value


def size_of(asset: DatasetAsset) -> Size | None:
    """The size of an asset, if it is known."""
    return None if asset.width is None or asset.height is None else (asset.width, asset.height)
