"""What the tools that know boxes alone take of a dataset."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..datasets.dataset import Dataset
from ..errors import UsageError
from ..geometry import AnnotationKind


def box_rows(dataset: Dataset, asset: int) -> NDArray[np.int64]:
    """The rows of one asset that are boxes or polygons. Raises ``UsageError`` if there is no such asset."""
    if not 0 <= asset < len(dataset.assets):
        raise UsageError(f"there is no asset {asset} in a dataset of {len(dataset.assets)}: count from 0")
    start, end = dataset.rows_by_asset()[asset : asset + 2].tolist()
    kinds = dataset.table.kind[start:end]
    rows: NDArray[np.int64] = np.flatnonzero((kinds == AnnotationKind.BOX) | (kinds == AnnotationKind.POLYGON))
    rows += start
    return rows
