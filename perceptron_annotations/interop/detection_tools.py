"""Datasets in the memory of other tools: ``supervision``, torchvision's targets, pandas and polars.

Each tool is imported when it is used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..datasets.dataset import Dataset
from ..errors import MissingExtraError, UsageError
from ..geometry import AnnotationKind

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl


def to_supervision(dataset: Dataset, asset: int) -> Any:
    """``supervision.Detections`` of one asset: boxes, and polygons as their bounds; points and clips are left out.

    ``class_id`` are places in ``dataset.labels`` (-1 for none), ``confidence`` the scores where all have one, and
    ``data["class_name"]`` the labels in words.
    """
    try:
        import supervision
    except ImportError:
        raise MissingExtraError("to_supervision needs supervision: pip install supervision") from None
    rows = _rows(dataset, asset)
    scores = dataset.table.score[rows]
    names = np.array([dataset.label_of(int(row)) or "" for row in rows], dtype=np.str_)
    return supervision.Detections(
        xyxy=dataset.table.xyxy[rows].reshape(-1, 4),
        class_id=dataset.label[rows].astype(int),
        confidence=scores if len(rows) and not np.isnan(scores).any() else None,
        data={"class_name": names},
    )


def to_torchvision(dataset: Dataset) -> list[dict[str, Any]]:
    """A target for each asset, as torchvision's detection models take them, with NumPy arrays in place of tensors.

    ``boxes`` ``(N, 4)`` float32 xyxy, ``labels`` ``(N,)`` int64 from 1 (0 is the background, and what has no label),
    ``image_id``, ``area`` and ``iscrowd``; boxes without area, which these models refuse, are left out.
    ``torch.from_numpy`` makes tensors of them without a copy.
    """
    targets = []
    for asset in range(len(dataset.assets)):
        rows = _rows(dataset, asset)
        boxes = dataset.table.xyxy[rows].reshape(-1, 4)
        extent = boxes[:, 2:] - boxes[:, :2]
        solid = (extent > 0).all(axis=1)
        rows, boxes, extent = rows[solid], boxes[solid], extent[solid]
        targets.append(
            {
                "boxes": boxes.astype(np.float32),
                "labels": dataset.label[rows].astype(np.int64) + 1,
                "image_id": asset,
                "area": extent.prod(axis=1).astype(np.float32),
                "iscrowd": dataset.iscrowd[rows].astype(np.int64),
            }
        )
    return targets


def dataset_to_pandas(dataset: Dataset) -> pd.DataFrame:
    """``AnnotationTable.to_pandas`` with the columns ``file_name``, ``label``, ``object`` and ``iscrowd``."""
    frame = dataset.table.to_pandas()
    return frame.assign(**_columns(dataset))


def dataset_to_polars(dataset: Dataset) -> pl.DataFrame:
    """``AnnotationTable.to_polars`` with the columns ``file_name``, ``label``, ``object`` and ``iscrowd``."""
    import polars as pl

    frame = dataset.table.to_polars()
    return frame.with_columns(**{name: pl.Series(values) for name, values in _columns(dataset).items()})


def _columns(dataset: Dataset) -> dict[str, Any]:
    names = [asset.file_name for asset in dataset.assets]
    return {
        "file_name": [names[asset] for asset in dataset.asset.tolist()],
        "label": [dataset.label_of(row) for row in range(len(dataset))],
        "object": dataset.object,
        "iscrowd": dataset.iscrowd,
    }


def _rows(dataset: Dataset, asset: int) -> Any:
    """The boxes and polygons of one asset."""
    if not 0 <= asset < len(dataset.assets):
        raise UsageError(f"there is no asset {asset} in a dataset of {len(dataset.assets)}")
    start, end = dataset.rows_by_asset()[asset : asset + 2].tolist()
    kinds = dataset.table.kind[start:end]
    return start + np.flatnonzero((kinds == AnnotationKind.BOX) | (kinds == AnnotationKind.POLYGON))
