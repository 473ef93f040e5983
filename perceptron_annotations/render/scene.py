"""Values → what is drawn of them: for each asset its marks and clips, with what they take from collections."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np

from ..datasets.dataset import Dataset
from ..frames import Frame
from ..geometry import Clip, Collection, Shape, Track, Value
from ..markup.document import Document
from ..markup.flatten import holding
from ..markup.inheritance import Context, as_contained, as_member
from .overlay.marks import Mark
from .overlay.palette import PALETTE, Rgb, ink_on, label_colours


class Panel(NamedTuple):
    """What lies in one asset, in the order in which it was written."""

    #: None is an asset that the answer does not name: the last.
    asset_idx: int | None
    #: That of the first shape; the grid if there is none.
    frame: Frame
    #: Shapes, and tracks with the times of their waypoints, each in its own frame.
    marks: tuple[Mark, ...]
    clips: tuple[Clip, ...]


def panels_of(values: Iterable[Value]) -> tuple[Panel, ...]:
    """A panel for each asset that something lies in: first those with an index, by it, then the one without."""
    found: dict[int | None, list[Shape | Clip | Track]] = {}
    for value in values:
        for single in _singles(value):
            found.setdefault(single.asset_idx, []).append(single)
    order = sorted(found, key=lambda index: (index is None, index or 0))
    return tuple(_panel(index, found[index]) for index in order)


def _panel(asset_idx: int | None, singles: Iterable[Shape | Clip | Track]) -> Panel:
    clips = tuple(each for each in singles if isinstance(each, Clip))
    drawn = [each for each in singles if not isinstance(each, Clip)]
    marks = tuple(Mark(each, each.mention, None if isinstance(each, Track) else each.score) for each in drawn)
    return Panel(asset_idx, drawn[0].frame if drawn else Frame.GRID, marks, clips)


def values_of_document(document: Document) -> tuple[Shape | Clip | Track, ...]:
    """The annotations of a document, those of a track together as the track."""
    if not document.tracks:
        return document.annotations
    track_of = holding(document).track
    alone = [each for each, track in zip(document.annotations, track_of, strict=True) if track < 0]
    return (*alone, *document.tracks)


def _singles(value: Value) -> Iterator[Shape | Clip | Track]:
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


def frame_of_asset(dataset: Dataset, number: int) -> Frame:
    """The pixels of an asset; if its size is not known, a frame that all its shapes fit in."""
    asset = dataset.assets[number]
    if asset.width is not None and asset.height is not None:
        return Frame.pixels(asset.width, asset.height)
    start, end = np.searchsorted(dataset.asset, [number, number + 1]).tolist()
    corners = np.nan_to_num(dataset.table.take(np.arange(start, end)).xyxy[:, 2:])
    return Frame.pixels(*corners.max(axis=0, initial=1.0).tolist())


class Colours:
    """The colour of each label of a drawing, ``#rrggbb``; that of what has no label is the first of the palette."""

    def __init__(self, labels: Iterable[str | None]) -> None:
        self._colours = label_colours(label for label in labels if label is not None)

    @classmethod
    def of(cls, panels: Iterable[Panel]) -> Colours:
        """The colours of all that is in the panels."""
        return cls(each for panel in panels for each in _labels(panel))

    def __call__(self, label: str | None) -> str:
        return hexadecimal(self._colours.get(label or "", PALETTE[0]))

    def of_mark(self, mark: Mark) -> str:
        """The colour of the label of a mark."""
        return self(mark.label)


def _labels(panel: Panel) -> Iterator[str | None]:
    yield from (mark.label for mark in panel.marks)
    yield from (clip.mention for clip in panel.clips)


def hexadecimal(colour: Rgb) -> str:
    """A colour as SVG and CSS write it.

    >>> hexadecimal((0, 114, 178))
    '#0072b2'
    """
    return "#{:02x}{:02x}{:02x}".format(*colour)


def edge_of(colour: str) -> str:
    """Black or white, whichever sets a line of a colour off from an image."""
    red, green, blue = bytes.fromhex(colour.removeprefix("#"))
    return hexadecimal(ink_on((red, green, blue)))
