"""The pieces of an answer → its nodes, annotations and issues, in the frame of the dialect."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from msgspec.structs import replace

from ..dialects.dialect import Dialect
from ..dialects.pieces import Found, Group, Item, Piece, Prose, Remark
from ..dialects.scales import Order, PairOrder
from ..frames import Frame
from ..geometry import Annotation, AnnotationKind, Box, Clip, Collection, Point, Polygon, Track, Value
from ..issues import Issue, IssueCode, Span
from ..templates import new_box, new_clip, new_collection, new_point, new_polygon, new_track
from . import grammar
from .leaves import note_oddities
from .nodes import Element, Node, Outside, Text

#: The tag of an element that could not be read, which is most likely a box.
_UNREAD = grammar.KIND_TAGS[AnnotationKind.BOX]


class _Unplaced(Exception):  # noqa: N818 - it never leaves the module
    """The numbers are no place in any image."""


class PieceBuilder:
    """Takes the pieces of one answer; its fields are what a document says."""

    def __init__(self, dialect: Dialect, frame: Frame) -> None:
        self._values = _Values(dialect, frame)
        self.nodes: list[Node] = []
        self.annotations: list[Annotation] = []
        self.spans: list[Span] = []
        self.issues: list[Issue] = []
        self.truncated = False
        self._tracks: list[Track] = []
        self._collections: list[Collection] = []

    @property
    def tracks(self) -> tuple[Track, ...]:
        """The tracks, those in collections among them."""
        return tuple(self._tracks)

    @property
    def collections(self) -> tuple[Collection, ...]:
        """The collections."""
        return tuple(self._collections)

    def tell(self, pieces: Iterable[Piece]) -> None:
        """Take more pieces."""
        for piece in pieces:
            if isinstance(piece, Found):
                self._take(piece)
                continue
            kind = Text if isinstance(piece, Prose) else Outside
            start, end = piece.span
            if self.nodes and type(self.nodes[-1]) is kind:  # cut by a chunk
                start = self.nodes.pop().start  # type: ignore[union-attr]
            self.nodes.append(kind(start, end))

    def _take(self, found: Found) -> None:
        remarks: Sequence[Remark] = found.remarks
        element = None
        if found.content is not None:
            try:
                element = self._element(found.content, found.span, len(self.annotations))
            except _Unplaced:
                remarks = (*remarks, Remark(IssueCode.NUMBER_OVERFLOW))
        for code, detail, recovered in remarks:
            self.issues.append(Issue(code, found.span, detail, recovered))
        row = len(self.annotations)
        self.nodes.append(element or Element(_UNREAD, found.span, None, row, row))
        if element is not None:
            self._add(element)

    def _add(self, element: Element, mention: str | None = None) -> None:
        """Keep what an element says, and the elements in it, which take the mention of what holds them."""
        value = element.value
        if isinstance(value, Point | Box | Polygon | Clip):
            self.annotations.append(value if mention is None else replace(value, mention=value.mention or mention))
            self.spans.append(element.span)
            note_oddities(value, element.span, self.issues)
            return
        if isinstance(value, Track):
            self._tracks.append(value)
        elif isinstance(value, Collection):
            self._collections.append(value)
        for child in element.children:
            if isinstance(child, Element):
                self._add(child, (value.mention if value is not None else None) or mention)

    def _element(self, content: Item | Group, span: Span, row: int) -> Element:
        """The element of what was found, with those of its members, which have its place if they have none."""
        if isinstance(content, Item):
            value = self._values.of_item(content)
            return Element(grammar.KIND_TAGS[content.kind], span, value, row, row + 1, attributes=content.attributes)
        children: list[Element] = []
        for member in content.members:
            place = (member.span if isinstance(member, Item) else None) or span
            children.append(self._element(member, place, children[-1].next_row if children else row))
        container = _container(content, tuple(child.value for child in children if child.value is not None))
        last = children[-1].next_row if children else row
        return Element(content.tag, span, container, row, last, tuple(children), attributes=content.attributes)


def _container(group: Group, members: tuple[Value, ...]) -> Track | Collection:
    if group.tag == "track":
        return new_track(waypoints=members, mention=group.label or None, complete=True)
    return new_collection(children=members, mention=group.label or None)


class _Values:
    """Makes values of items, by the order and scale of a dialect."""

    def __init__(self, dialect: Dialect, frame: Frame) -> None:
        self._frame = frame
        self._offset = dialect.scale.offset
        self._corners = _CORNERS[dialect.order]
        self._is_point_yx = dialect.point_order is PairOrder.YX
        self._is_polygon_yx = dialect.polygon_order is PairOrder.YX

    def of_item(self, item: Item) -> Annotation:
        """The value of an item, not checked again. Raises ``_Unplaced`` if a number is beyond all images."""
        numbers = item.numbers
        if max(numbers) > grammar.MAX_COORDINATE or min(numbers) < -grammar.MAX_COORDINATE:
            raise _Unplaced
        mention = item.label or None
        if item.kind is AnnotationKind.CLIP:
            return _clip(item, mention)
        offset = self._offset
        if offset:
            numbers = tuple([number + offset for number in numbers])
        common: dict[str, Any] = {"mention": mention, "frame": self._frame}
        if item.score is not None or item.t is not None or item.asset_idx is not None:
            common |= {"score": item.score, "t": item.t, "asset_idx": item.asset_idx}
        if item.kind is AnnotationKind.BOX:
            x1, y1, x2, y2 = numbers if item.named else self._corners(*numbers)
            return new_box(x1=x1, y1=y1, x2=x2, y2=y2, **common)
        if item.kind is AnnotationKind.POINT:
            x, y = numbers[::-1] if self._is_point_yx and not item.named else numbers
            return new_point(x=x, y=y, **common)
        pairs = tuple(zip(numbers[::2], numbers[1::2], strict=True))
        if self._is_polygon_yx and not item.named:
            pairs = tuple((x, y) for y, x in pairs)
        return new_polygon(vertices=pairs, **common)


def _clip(item: Item, mention: str | None) -> Clip:
    start, *end = item.numbers
    if start < 0 or (end and end[0] < 0):
        raise _Unplaced
    clip: Clip = new_clip(
        start=start, end=end[0] if end else None, mention=mention, score=item.score, asset_idx=item.asset_idx
    )
    return clip


_Corners = Callable[[float, float, float, float], tuple[float, float, float, float]]
#: The four numbers of a box in the order of a dialect → left, top, right and bottom.
_CORNERS: dict[Order, _Corners] = {
    Order.XYXY: lambda x1, y1, x2, y2: (x1, y1, x2, y2),
    Order.YXYX: lambda y1, x1, y2, x2: (x1, y1, x2, y2),
    Order.XYWH: lambda x, y, width, height: (x, y, x + width, y + height),
    Order.CXCYWH: lambda x, y, width, height: (x - width / 2, y - height / 2, x + width / 2, y + height / 2),
}
