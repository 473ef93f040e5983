"""A :class:`Document` or :class:`Dataset` → ``supervision.Detections``, a library that is imported when it is used."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, overload

import numpy as np

from ..datasets.dataset import Dataset
from ..errors import FrameError, MissingExtraError, UsageError
from ..frames import AssetFrames, FrameKind
from ..geometry import Box, Polygon
from ..markup.document import Document
from ..ops.arrays import Floats, Indices
from ._box_rows import box_rows

if TYPE_CHECKING:
    import supervision


@overload
def to_supervision(data: Dataset, asset: int) -> supervision.Detections: ...


@overload
def to_supervision(data: Document, asset: int | None = None) -> supervision.Detections: ...


def to_supervision(data: Dataset | Document, asset: int | None = None) -> supervision.Detections:
    """The ``Detections`` of one image: its boxes, and the bounding boxes of its polygons, in pixels.

    Points and clips are left out. ``class_id`` is the code of a label in ``dataset.labels``, or among the mentions of
    the document in the order in which they first stand; -1 without one. ``data["class_name"]`` is the label itself,
    ``""`` without one. ``confidence`` holds the scores if all boxes have one, else it is None. Raises ``UsageError`` if
    there is no such asset, ``FrameError`` for a document that is not in pixels, and ``MissingExtraError`` without
    supervision.

    The example is not run with the tests, since supervision brings OpenCV and SciPy with it:

    >>> from perceptron_annotations.interop import to_supervision
    >>> document = pa.parse('<point_box mention="cat"> (250,500) (500,1000) </point_box>')
    >>> detections = to_supervision(document.to_pixels(640, 480))  # doctest: +SKIP
    >>> detections.xyxy, detections["class_name"]  # doctest: +SKIP
    (array([[160., 240., 320., 480.]]), array(['cat'], dtype='<U3'))

    Args:
        data: A document in pixels, or a dataset.
        asset: Which image, counted from 0; a document that speaks of one image needs none.
    """
    if isinstance(data, Document):
        shapes = _shapes(data, asset)
        codes: dict[str | None, int] = {None: -1}
        for shape in shapes:
            codes.setdefault(shape.mention, len(codes) - 1)
        return _detections(
            np.array([shape.xyxy for shape in shapes], dtype=float).reshape(-1, 4),
            np.array([codes[shape.mention] for shape in shapes], dtype=int),
            np.array([np.nan if shape.score is None else shape.score for shape in shapes], dtype=float),
            [shape.mention or "" for shape in shapes],
        )
    if asset is None:
        raise UsageError(f"pass asset=, the image of the dataset that is wanted, from 0 to {len(data.assets) - 1}")
    rows = box_rows(data, asset)
    names = [data.label_of(int(row)) or "" for row in rows]
    return _detections(
        data.table.xyxy[rows].reshape(-1, 4), data.label[rows].astype(int), data.table.score[rows], names
    )


def _shapes(document: Document, asset: int | None) -> list[Box | Polygon]:
    """The boxes and polygons of one image of a document."""
    frame = document.frame
    shapes = [each for each in document.annotations if isinstance(each, Box | Polygon)]
    if not isinstance(frame, AssetFrames):
        if frame.kind is not FrameKind.PIXELS:
            raise FrameError("detections are in pixels: pass document.to_pixels(width, height)")
        if asset not in (None, 0):
            raise UsageError(f"the document is in the pixels of one image, so there is no asset {asset}")
        return shapes
    assets = [frame.count - 1 if shape.asset_idx is None else shape.asset_idx for shape in shapes]
    if asset is None and len(set(assets)) > 1:
        raise UsageError(f"the document speaks of assets {sorted(set(assets))}: pass asset= with one of them")
    if asset is not None and not 0 <= asset < frame.count:
        raise UsageError(f"there is no asset {asset} in a document of {frame.count}: count from 0")
    return [shape for shape, index in zip(shapes, assets, strict=True) if asset in (None, index)]


def _detections(xyxy: Floats, codes: Indices, scores: Floats, names: Sequence[str]) -> supervision.Detections:
    try:
        import supervision
    except ImportError:
        raise MissingExtraError("to_supervision needs supervision: pip install supervision") from None
    return supervision.Detections(
        xyxy=xyxy,
        class_id=codes,
        confidence=scores if len(scores) and not np.isnan(scores).any() else None,
        data={"class_name": np.array(names, dtype=np.str_)},
    )
