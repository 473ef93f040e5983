"""An ``AnnotationTable`` or a :class:`Dataset` → a data frame of pandas or polars, which are imported when needed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..datasets.dataset import Dataset
from ..errors import MissingExtraError
from ..geometry import AnnotationKind
from ..table.table import AnnotationTable

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl

#: Columns in which -1 means that there is none.
_INDICES = ("asset_idx", "track", "collection")
_SCORES = ("score", "mean_logprob", "min_logprob")


def to_pandas(data: AnnotationTable | Dataset) -> pd.DataFrame:
    """One row for each annotation, with words in place of codes, and missing values as pandas has them.

    The columns are ``response``, ``key`` (if there are keys), ``kind``, ``mention``, ``t`` and ``until`` (seconds),
    ``asset_idx``, ``track``, ``collection``, ``score``, ``mean_logprob``, ``min_logprob``, the bounds ``x1``, ``y1``,
    ``x2``, ``y2`` (in the frame of the table), the span ``start`` and ``end``, and ``vertices``, a ``(k, 2)`` array in
    each row. Of a dataset also ``file_name``, ``label``, ``object`` and ``iscrowd``. Raises
    ``MissingExtraError`` without pandas.

    >>> from perceptron_annotations.interop import to_pandas
    >>> frame = to_pandas(pa.parse_batch(['<point mention="cat"> (1,2) </point>', "nothing"]))
    >>> frame[["response", "kind", "mention", "x1", "y1"]].to_dict("records")
    [{'response': 0, 'kind': 'point', 'mention': 'cat', 'x1': 1.0, 'y1': 2.0}]
    """
    try:
        import pandas as pd
    except ImportError:
        raise MissingExtraError("to_pandas needs pandas: pip install pandas") from None
    table = _table_of(data)
    columns: dict[str, Any] = {
        name: pd.arrays.IntegerArray(array.copy(), mask=array < 0) if name in _INDICES else array
        for name, array in _columns(table).items()
    }
    return pd.DataFrame(columns | {"vertices": _vertices(table)} | _dataset_columns(data))


def to_polars(data: AnnotationTable | Dataset) -> pl.DataFrame:
    """One row for each annotation, with words in place of codes, nulls for missing values, and vertices as lists.

    The columns are those of :func:`to_pandas`. Raises ``MissingExtraError`` without polars.

    >>> from perceptron_annotations.interop import to_polars
    >>> frame = to_polars(pa.parse_batch(['<point mention="cat"> (1,2) </point>', "nothing"]))
    >>> frame.select("response", "kind", "mention", "vertices").rows()
    [(0, 'point', 'cat', [[1.0, 2.0]])]
    """
    try:
        import polars as pl
    except ImportError:
        raise MissingExtraError("to_polars needs polars: pip install polars") from None
    table = _table_of(data)
    frame = pl.DataFrame(
        {name: array.tolist() if array.dtype == object else array for name, array in _columns(table).items()}
        | {"vertices": [pairs.tolist() for pairs in _vertices(table)]}
        | _dataset_columns(data),
        schema_overrides={
            "kind": pl.String,
            "mention": pl.String,
            "key": pl.String,
            "vertices": pl.List(pl.List(pl.Float64)),
            "file_name": pl.String,
            "label": pl.String,
        },
    )
    return frame.with_columns(
        *(pl.when(pl.col(name) >= 0).then(pl.col(name)).alias(name) for name in _INDICES),
        *(pl.col(name).fill_nan(None) for name, kind in frame.schema.items() if kind == pl.Float64),
    )


def _table_of(data: AnnotationTable | Dataset) -> AnnotationTable:
    return data.table if isinstance(data, Dataset) else data


def _columns(table: AnnotationTable) -> dict[str, NDArray[Any]]:
    """The columns of a table but for the vertices, each ``(N,)``."""
    keys = table.responses.key
    columns: dict[str, NDArray[Any]] = {"response": table.response}
    if keys is not None:
        columns["key"] = np.array(keys, dtype=object)[table.response]
    columns |= {
        "kind": np.array([kind.name.lower() for kind in AnnotationKind], dtype=object)[table.kind],
        "mention": table.labels,
    }
    columns |= {name: getattr(table, name) for name in ("t", "until", *_INDICES, *_SCORES)}
    columns |= dict(zip(("x1", "y1", "x2", "y2"), table.xyxy.T, strict=True))
    return columns | {"start": table.span[:, 0], "end": table.span[:, 1]}


def _dataset_columns(data: AnnotationTable | Dataset) -> dict[str, Any]:
    """What a dataset says of its rows beyond its table."""
    if not isinstance(data, Dataset):
        return {}
    names = [asset.file_name for asset in data.assets]
    return {
        "file_name": [names[asset] for asset in data.asset.tolist()],
        "label": [data.label_of(row) for row in range(len(data))],
        "object": data.object,
        "iscrowd": data.iscrowd,
    }


def _vertices(table: AnnotationTable) -> list[NDArray[np.float64]]:
    return np.split(table.coords, table.offsets[1:-1]) if len(table) else []
