"""The surface of most models today: JSON objects with a box or a point each, in whatever stands around them.

Nobody relies on the list being whole: models leave brackets out, write several lists, one object a line, prose before
and a fence behind. So what is read is each object, from its opening to its closing brace.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
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
    #: The names of x and y, if each is a field of its own.
    axis_keys: tuple[str, str] | None = None
    #: The keys under which boxes and points are listed in an object of their own, if they are: ``{"objects": [...]}``.
    list_keys: tuple[str, str] | None = None
    #: Whether the sides stand in an object of their own, in a list under ``box_key``.
    sides_in_list: bool = False
    clip_keys: tuple[str, str] = ("start", "end")
    clip_label_key: str = "caption"
    time_key: str = "time"
    #: Whether numbers as keys are the seconds of the lists under them: ``{"0": [{...}], "1": [{...}]}``.
    keyed_by_second: bool = False

    def reader(self, start: int, *, salvage: bool) -> SurfaceReader:
        """See ``Surface``."""
        return JsonReader(start, salvage=salvage, keyed_by_second=self.keyed_by_second)

    def write(self, items: Sequence[Item | Group], number: NumberWriter) -> str:
        """See ``Surface``."""
        if self.list_keys is None or not items:
            return self._list(items, number)
        runs = groupby(items, key=_is_point)
        of_boxes, of_points = self.list_keys
        return "\n".join(
            f'{{"{of_points if is_point else of_boxes}": {self._list(run, number)}}}' for is_point, run in runs
        )

    def _list(self, items: Iterable[Item | Group], number: NumberWriter) -> str:
        return "[" + ", ".join(self._written(item, number) for item in items) + "]"

    def _written(self, item: Item | Group, number: NumberWriter) -> str:
        if isinstance(item, Group):
            fields, label = self._several(item, number), item.label
        else:
            fields, label = list(self._fields(item, number)), item.label
        label_key = self.label_key
        if isinstance(item, Item) and item.kind is AnnotationKind.CLIP:
            label_key = self.clip_label_key
        if label is not None:
            fields.append((label_key, _quoted(label)))
        return "{" + ", ".join(f'"{name}": {value}' for name, value in fields) + "}"

    def _several(self, group: Group, number: NumberWriter) -> list[tuple[str, str]]:
        """The fields of an object that holds several boxes, or a box and its polygon."""
        lists: dict[str, list[str]] = {}
        for member in group.members:
            fields = self._geometry(member, number) if isinstance(member, Item) and _is_plain(member) else ()
            if group.tag != "collection" or len(fields) != 1:
                raise UnwritableError(f"a JSON list of objects has no form for {group!r}")
            lists.setdefault(fields[0][0], []).append(fields[0][1])
        return [(name, each[0] if len(each) == 1 else f"[{', '.join(each)}]") for name, each in lists.items()]

    def _fields(self, item: Item, number: NumberWriter) -> Iterator[tuple[str, str]]:
        if item.asset_idx is not None:
            raise UnwritableError(f"a JSON list of objects does not say which image is meant: {item!r}")
        if item.kind is AnnotationKind.CLIP:
            if len(item.numbers) != len(self.clip_keys):
                raise UnwritableError(f"a JSON list of objects has no form for a clip without an end: {item!r}")
            yield from zip(self.clip_keys, map(_shortest, item.numbers), strict=True)
        else:
            yield from self._geometry(item, number)
        if item.t is not None:
            yield self.time_key, _shortest(item.t)
        if item.score is not None:
            yield "confidence", repr(item.score)

    def _geometry(self, item: Item, number: NumberWriter) -> Sequence[tuple[str, str]]:
        numbers = [number(each) for each in item.numbers]
        if item.kind is AnnotationKind.BOX and self.side_keys is not None:
            sides = list(zip(self.side_keys, numbers, strict=True))
            if not self.sides_in_list:
                return sides
            fields = ", ".join(f'"{name}": {value}' for name, value in sides)
            return [(self.box_key, f"[{{{fields}}}]")]
        if item.kind is AnnotationKind.POLYGON:
            pairs = ", ".join(f"[{x}, {y}]" for x, y in zip(numbers[::2], numbers[1::2], strict=True))
            return [(self.polygon_key, f"[{pairs}]")]
        if item.kind is AnnotationKind.POINT and self.axis_keys is not None:
            return list(zip(self.axis_keys, numbers, strict=True))
        key = self.box_key if item.kind is AnnotationKind.BOX else self.point_key
        return [(key, f"[{', '.join(numbers)}]")]


def _is_point(item: Item | Group) -> bool:
    return isinstance(item, Item) and item.kind is AnnotationKind.POINT


def _is_plain(member: Item) -> bool:
    """Whether a member of a group says only where it is, and the fields of one object can say the rest of all."""
    is_shape = member.kind is not AnnotationKind.CLIP
    return is_shape and (member.label, member.score, member.t, member.asset_idx) == (None, None, None, None)


def _shortest(seconds: float) -> str:
    """Seconds, so that they are read back as they are."""
    return repr(int(seconds) if seconds == int(seconds) else seconds)


def _quoted(label: Any) -> str:
    return json.dumps(label, ensure_ascii=False)
