"""The surface of most models today: JSON objects with a box or a point each, in whatever stands around them.

Nobody relies on the list being whole: models leave brackets out, write several lists, one object a line, prose before
and a fence behind. So what is read is each object, from its opening to its closing brace.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from ..errors import UnwritableError
from ..geometry import AnnotationKind
from .json_reader import JsonReader
from .pieces import Group, Item
from .surface import NumberWriter, SurfaceReader


class JsonObjects(Struct, frozen=True, kw_only=True):
    """``[{"bbox_2d": [1, 2, 3, 4], "label": "cat"}]``, under the keys that the prompt asks for.

    The keys say how it is written. All keys that models are known to use are read, since a key says nothing about the
    frame.

    >>> from perceptron_annotations.dialects import Item, JsonObjects
    >>> box = Item(kind=pa.AnnotationKind.BOX, numbers=(1, 2, 3, 4), label="cat")
    >>> JsonObjects(box_key="box_2d").write([box], str)
    '[{"box_2d": [1, 2, 3, 4], "label": "cat"}]'
    """

    box_key: str = "bbox_2d"
    point_key: str = "point_2d"
    polygon_key: str = "polygon"
    label_key: str = "label"
    #: The names of left, top, right and bottom, if each side is a field of its own.
    side_keys: tuple[str, str, str, str] | None = None

    def reader(self, start: int, *, salvage: bool) -> SurfaceReader:
        """See ``Surface``."""
        return JsonReader(start, salvage=salvage)

    def write(self, items: Sequence[Item | Group], number: NumberWriter) -> str:
        """See ``Surface``."""
        return "[" + ", ".join(self._written(item, number) for item in items) + "]"

    def _written(self, item: Item | Group, number: NumberWriter) -> str:
        if isinstance(item, Group) or item.kind is AnnotationKind.CLIP:
            raise UnwritableError(f"a JSON list of objects has no form for {item!r}")
        fields = [f'"{name}": {value}' for name, value in self._geometry(item, number)]
        if item.label is not None:
            fields.append(f'"{self.label_key}": {_quoted(item.label)}')
        if item.score is not None:
            fields.append(f'"confidence": {item.score!r}')
        return "{" + ", ".join(fields) + "}"

    def _geometry(self, item: Item, number: NumberWriter) -> Sequence[tuple[str, str]]:
        numbers = [number(each) for each in item.numbers]
        if item.kind is AnnotationKind.BOX and self.side_keys is not None:
            return list(zip(self.side_keys, numbers, strict=True))
        if item.kind is AnnotationKind.POLYGON:
            pairs = ", ".join(f"[{x}, {y}]" for x, y in zip(numbers[::2], numbers[1::2], strict=True))
            return [(self.polygon_key, f"[{pairs}]")]
        key = self.box_key if item.kind is AnnotationKind.BOX else self.point_key
        return [(key, f"[{', '.join(numbers)}]")]


def _quoted(label: Any) -> str:
    return json.dumps(label, ensure_ascii=False)
