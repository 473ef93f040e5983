"""Values → what is drawn of them: for each asset its shapes, tracks and clips, with what they take from collections."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple, TypeAlias

from ..geometry import Clip, Collection, Shape, Track, Value
from ..markup.document import Document
from ..markup.flatten import holding
from ..markup.inheritance import Context, as_contained, as_member

#: A value that stands by itself.
Single: TypeAlias = Shape | Clip | Track


class Panel(NamedTuple):
    """What lies in one asset, in the order in which it was written."""

    #: None is an asset that the answer does not name: the last.
    asset_idx: int | None
    #: Shapes, and tracks with the times of their waypoints.
    drawn: tuple[Shape | Track, ...]
    clips: tuple[Clip, ...]


def panels_of(values: Iterable[Value]) -> tuple[Panel, ...]:
    """A panel for each asset that something lies in: first those with an index, by it, then the one without."""
    found: dict[int | None, tuple[list[Shape | Track], list[Clip]]] = {}
    for value in values:
        for single in _singles(value):
            drawn, clips = found.setdefault(single.asset_idx, ([], []))
            if isinstance(single, Clip):
                clips.append(single)
            else:
                drawn.append(single)
    order = sorted(found, key=lambda index: (index is None, index or 0))
    return tuple(Panel(index, tuple(found[index][0]), tuple(found[index][1])) for index in order)


def values_of_document(document: Document) -> tuple[Single, ...]:
    """The annotations of a document, those of a track together as the track."""
    if not document.tracks:
        return document.annotations
    track_of = holding(document).track
    alone = [each for each, track in zip(document.annotations, track_of, strict=True) if track < 0]
    return (*alone, *document.tracks)


def _singles(value: Value) -> Iterator[Single]:
    if not isinstance(value, Collection):
        yield value
        return
    context = Context(value.mention, value.t, value.asset_idx)
    for child in value.children:
        if isinstance(child, Track):
            outer = Context(child.mention or context.mention, None, child.asset_idx)
            yield as_contained(child, outer)
        else:
            yield as_member(child, context)
