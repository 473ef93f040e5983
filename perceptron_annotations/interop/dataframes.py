"""An ``AnnotationTable`` → pandas and polars, where these are installed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..errors import MissingExtraError
from ..geometry import AnnotationKind
from ..table.table import AnnotationTable

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl


def to_pandas(table: AnnotationTable) -> pd.DataFrame:
    """See ``AnnotationTable.to_pandas``."""
    try:
        import pandas as pd
    except ImportError:
        raise MissingExtraError("to_pandas needs pandas: pip install pandas") from None
    columns: dict[str, Any] = {name: _masked(array, pd) for name, array in _columns(table).items()}
    return pd.DataFrame(columns | {"vertices": _vertices(table)})


def to_polars(table: AnnotationTable) -> pl.DataFrame:
    """See ``AnnotationTable.to_polars``."""
    try:
        import polars as pl
    except ImportError:
        raise MissingExtraError("to_polars needs polars: pip install polars") from None
    frame = pl.DataFrame(
        {name: array.tolist() if array.dtype == object else array for name, array in _columns(table).items()}
        | {"vertices": [pairs.tolist() for pairs in _vertices(table)]},
        schema_overrides={"mention": pl.String, "key": pl.String, "vertices": pl.List(pl.List(pl.Float64))},
    )
    indices = [name for name in ("asset_idx", "track", "collection") if name in frame.columns]
    return frame.with_columns(
        *(pl.when(pl.col(name) >= 0).then(pl.col(name)).alias(name) for name in indices),
        *(pl.col(name).fill_nan(None) for name, kind in frame.schema.items() if kind == pl.Float64),
    )


def _columns(table: AnnotationTable) -> dict[str, NDArray[Any]]:
    """One array for each column of a data frame."""
    keys = table.responses.key
    columns: dict[str, NDArray[Any]] = {"response": table.response}
    if keys is not None:
        columns["key"] = np.array(keys, dtype=object)[table.response]
    columns |= {
        "kind": np.array([kind.name.lower() for kind in AnnotationKind], dtype=object)[table.kind],
        "mention": table.labels,
    }
    columns |= {name: getattr(table, name) for name in ("t", "until", "asset_idx", "track", "collection", "score")}
    columns |= dict(zip(("x1", "y1", "x2", "y2"), table.xyxy.T, strict=True))
    return columns | {"start": table.span[:, 0], "end": table.span[:, 1]}


def _masked(array: NDArray[Any], pd: Any) -> Any:
    """Indices as pandas' nullable integers; all else as it is."""
    if array.dtype != np.int32:
        return array
    return pd.arrays.IntegerArray(array.copy(), mask=array < 0)


def _vertices(table: AnnotationTable) -> list[NDArray[np.float64]]:
    return np.split(table.coords, table.offsets[1:-1]) if len(table) else []
