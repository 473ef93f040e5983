"""The filters ``--label`` and ``--kind``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from msgspec import Struct

from ..geometry import ANNOTATION_TYPES, Annotation, AnnotationKind

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ..table.table import AnnotationTable

_KINDS = dict(zip(ANNOTATION_TYPES, AnnotationKind, strict=True))


class Selection(Struct, frozen=True):
    """Which annotations are wanted; None stands for all."""

    labels: frozenset[str] | None = None
    kinds: frozenset[AnnotationKind] | None = None

    @staticmethod
    def of(labels: Sequence[str] | None, kinds: Sequence[AnnotationKind] | None) -> Selection:
        """From repeated options, of which none was given if there is no filter."""
        return Selection(frozenset(labels) if labels else None, frozenset(kinds) if kinds else None)

    @property
    def everything(self) -> bool:
        """Whether nothing is filtered out."""
        return self.labels is None and self.kinds is None

    def __str__(self) -> str:
        """As the options have it."""
        labels = [f"--label {label}" for label in sorted(self.labels or ())]
        return " ".join([*labels, *(f"--kind {kind}" for kind in sorted(self.kinds or ()))])

    def __call__(self, annotation: Annotation) -> bool:
        """Whether ``annotation`` is wanted."""
        if self.labels is not None and annotation.mention not in self.labels:
            return False
        return self.kinds is None or _KINDS[type(annotation)] in self.kinds

    def rows(self, table: AnnotationTable) -> NDArray[np.bool_]:
        """``(N,)``: which rows of a table are wanted."""
        import numpy as np

        wanted = np.ones(len(table), dtype=bool)
        if self.labels is not None:
            named = np.array([*(mention in self.labels for mention in table.mentions), False])
            wanted &= named[table.mention]
        if self.kinds is not None:
            wanted &= np.isin(table.kind, list(self.kinds))
        return wanted
