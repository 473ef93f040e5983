"""The filters ``--label`` and ``--kind``."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from ..geometry import Annotation, Box, Clip, Point, Polygon
from .options import Kind

_KINDS: dict[type[Annotation], Kind] = {
    Point: Kind.POINT,
    Box: Kind.BOX,
    Polygon: Kind.POLYGON,
    Clip: Kind.CLIP,
}


class Selection(Struct, frozen=True):
    """Which annotations are wanted; None stands for all."""

    labels: frozenset[str] | None = None
    kinds: frozenset[Kind] | None = None

    @staticmethod
    def of(labels: Sequence[str] | None, kinds: Sequence[Kind] | None) -> Selection:
        """From repeated options, of which none was given where there is no filter."""
        return Selection(frozenset(labels) if labels else None, frozenset(kinds) if kinds else None)

    @property
    def everything(self) -> bool:
        """Whether nothing is filtered out."""
        return self.labels is None and self.kinds is None

    def __call__(self, annotation: Annotation) -> bool:
        """Whether ``annotation`` is wanted."""
        if self.labels is not None and annotation.mention not in self.labels:
            return False
        return self.kinds is None or _KINDS[type(annotation)] in self.kinds
