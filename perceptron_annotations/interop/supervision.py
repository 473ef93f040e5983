"""A :class:`Dataset` → ``supervision.Detections``. The library is imported when the function here is called."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..datasets.dataset import Dataset
from ..errors import MissingExtraError
from ._box_rows import box_rows

if TYPE_CHECKING:
    import supervision


def to_supervision(dataset: Dataset, asset: int) -> supervision.Detections:
    """The ``Detections`` of one asset, given by its index: its boxes, and the bounding boxes of its polygons.

    Points and clips are left out. ``class_id`` is the code of a label in ``dataset.labels``, -1 without one, and
    ``data["class_name"]`` the label itself, ``""`` without one. ``confidence`` holds the scores if all boxes have one,
    else it is None. Raises ``UsageError`` if there is no such asset, and ``MissingExtraError`` without supervision.

    The example is not run with the tests, since supervision brings OpenCV and SciPy with it:

    >>> from perceptron_annotations.datasets import read_coco
    >>> from perceptron_annotations.interop import to_supervision
    >>> detections = to_supervision(read_coco("coco.json"), 0)  # doctest: +SKIP
    >>> detections.xyxy, detections["class_name"]  # doctest: +SKIP
    (array([[10., 20., 30., 60.]]), array(['cat'], dtype='<U3'))
    """
    try:
        import supervision
    except ImportError:
        raise MissingExtraError("to_supervision needs supervision: pip install supervision") from None
    rows = box_rows(dataset, asset)
    scores = dataset.table.score[rows]
    names = np.array([dataset.label_of(int(row)) or "" for row in rows], dtype=np.str_)
    return supervision.Detections(
        xyxy=dataset.table.xyxy[rows].reshape(-1, 4),
        class_id=dataset.label[rows].astype(int),
        confidence=scores if len(rows) and not np.isnan(scores).any() else None,
        data={"class_name": names},
    )
