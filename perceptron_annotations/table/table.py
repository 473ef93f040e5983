"""``AnnotationTable``: the annotations of many answers as a struct of arrays, checked when made and never changed.

A row is an annotation with everything that it takes from its containers. What belongs to a whole answer, to a track or
collection, or to an issue is in small tables beside the rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import reduce
from typing import TYPE_CHECKING, ClassVar, Self, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import FrameError, UsageError
from ..frames import FrameKind
from ..geometry import AnnotationKind, Polygon
from ..markup.document import Status
from .columnar import Column, Columnar, check_offsets, check_range, check_spans, same_columns
from .side_tables import ANY_INDEX, Containers, Issues, Responses

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl

    from ..geometry import Annotation, Value
    from ..markup.document import Document

#: How many coordinate pairs a box has, and an annotation of each kind.
_BOX_PAIRS = 2
_FEWEST_PAIRS = np.array([1, 2, Polygon.MIN_VERTICES, 0])
_MOST_PAIRS = np.array([1, 2, 2**62, 0])

Selection = NDArray[np.bool_] | NDArray[np.int64] | Sequence[int] | slice


class AnnotationTable(Columnar, frozen=True, eq=False, kw_only=True):
    """N annotations of R answers, with V coordinate pairs; missing numbers are NaN, missing indices -1.

    Rows of a table that was read are in the order of the answers and of the annotations in them. Two tables are equal
    if all columns are; mentions are compared as words. Raises ``UsageError`` for a column of a wrong type or shape.

    >>> table = pa.parse_batch(['<point mention="cup"> (500,250) </point>', '<point mention="pan"> (1,2) </point>'])
    >>> table[table.labels == "cup"].to_pixels(640, 480).coords.tolist()
    [[320.0, 120.0]]
    """

    COLUMNS: ClassVar[Mapping[str, Column]] = {
        "response": Column(np.int64),
        "kind": Column(np.uint8),
        "mention": Column(np.int32),
        "t": Column(np.float64),
        "until": Column(np.float64),
        "asset_idx": Column(np.int32),
        "track": Column(np.int32),
        "collection": Column(np.int32),
        "score": Column(np.float64),
        "mean_logprob": Column(np.float64),
        "min_logprob": Column(np.float64),
        "coords": Column(np.float64, stands_alone=True, width=2),
        "offsets": Column(np.int64, extra=1),
        "span": Column(np.int64, width=2),
    }

    #: 0 … R − 1: the answer that it is from.
    response: NDArray[np.int64]
    #: An :class:`AnnotationKind`.
    kind: NDArray[np.uint8]
    #: A place in ``mentions``; ``labels`` has the words.
    mention: NDArray[np.int32]
    #: Seconds; of a clip, its start.
    t: NDArray[np.float64]
    #: Of a clip, its end.
    until: NDArray[np.float64]
    asset_idx: NDArray[np.int32]
    #: The numbers of its track and of its innermost collection, counted from 0 in its response.
    track: NDArray[np.int32]
    collection: NDArray[np.int32]
    score: NDArray[np.float64]
    #: The mean and the least log probability of the tokens of its span; see ``completions.TokenLogprobs``.
    mean_logprob: NDArray[np.float64]
    min_logprob: NDArray[np.float64]
    #: ``(V, 2)``: x and y as written; the corners of a box may be swapped.
    coords: NDArray[np.float64]
    #: The pairs of row i are ``coords[offsets[i] : offsets[i + 1]]``.
    offsets: NDArray[np.int64]
    #: ``(N, 2)``: its place in its answer, half-open, in code points.
    span: NDArray[np.int64]
    responses: Responses
    containers: Containers
    issues: Issues
    mentions: tuple[str, ...] = ()
    #: In PIXELS, each row is in pixels of its asset, whose size its response has.
    frame: FrameKind = FrameKind.GRID

    def check(self) -> None:
        super().check()
        check_offsets("offsets", self.offsets, len(self.coords))
        count = len(self.responses)
        for table, name in (
            (self, "response"),
            (self.containers, "containers.response"),
            (self.issues, "issues.response"),
        ):
            check_range(name, table.response, 0, count)
        check_range("mention", self.mention, -1, len(self.mentions))
        check_range("containers.mention", self.containers.mention, -1, len(self.mentions))
        check_range("kind", self.kind, 0, len(AnnotationKind))
        for name in ("asset_idx", "track", "collection"):
            check_range(name, getattr(self, name), -1, ANY_INDEX)
        check_spans("span", self.span)
        self._check_shapes()

    def _check_shapes(self) -> None:
        """Raise ``UsageError`` for a row whose pairs or times do not fit its kind."""
        counts = np.diff(self.offsets)
        wrong = (counts < _FEWEST_PAIRS[self.kind]) | (counts > _MOST_PAIRS[self.kind])
        if wrong.any():
            row = int(np.flatnonzero(wrong)[0])
            raise UsageError(f"row {row} is a {AnnotationKind(self.kind[row])}, but has {counts[row]} coordinate pairs")
        clips = self.kind == AnnotationKind.CLIP
        if np.isnan(self.t[clips]).any():
            raise UsageError("each clip must have its start in t")

    # -- looking -----------------------------------------------------------------------------------------------------

    @property
    def labels(self) -> NDArray[np.object_]:
        """``(N,)`` of str: what each annotation names, None if it names nothing."""
        return np.array([*self.mentions, None], dtype=object)[self.mention]

    @property
    def status(self) -> NDArray[np.str_]:
        """``(R,)`` of str: the outcome of each answer, as ``Status`` writes it."""
        return np.array(list(Status))[self.responses.status]

    @property
    def xyxy(self) -> NDArray[np.float64]:
        """``(N, 4)``: the bounds left, top, right, bottom, always ordered; NaN for clips, which have no coordinates."""
        counts = np.diff(self.offsets)
        if len(self) and (counts == _BOX_PAIRS).all():
            bounds = np.empty((len(self), 4))
            for axis in range(2):  # one by one, since NumPy takes pairs four times as long
                one, other = self.coords[0::2, axis], self.coords[1::2, axis]
                np.minimum(one, other, out=bounds[:, axis])
                np.maximum(one, other, out=bounds[:, 2 + axis])
            return bounds
        bounds = np.full((len(self), 4), np.nan)
        spatial = counts > 0
        starts = self.offsets[:-1][spatial]
        if len(starts):
            bounds[spatial, :2] = np.minimum.reduceat(self.coords, starts)
            bounds[spatial, 2:] = np.maximum.reduceat(self.coords, starts)
        return bounds

    def vertices(self, row: int) -> NDArray[np.float64]:
        """``(k, 2)``: the pairs of one row as written: one for a point, two for a box, none for a clip."""
        if not -len(self) <= row < len(self):
            raise UsageError(f"row {row} is beyond a table of {len(self)} rows")
        row %= len(self)
        return self.coords[self.offsets[row] : self.offsets[row + 1]]

    def group_by_response(self) -> NDArray[np.int64]:
        """``(R + 1,)``: the rows of response i are ``offsets[i] … offsets[i + 1]``.

        Raises ``UsageError`` if the rows are not in the order of their responses; ``sort("response")`` sorts them so.
        """
        if np.any(np.diff(self.response) < 0):
            raise UsageError('the rows are not in the order of their responses: use table.sort("response") first')
        return np.searchsorted(self.response, np.arange(len(self.responses) + 1))

    # -- frames ------------------------------------------------------------------------------------------------------

    @overload
    def to_pixels(self) -> AnnotationTable: ...

    @overload
    def to_pixels(self, width: float, height: float) -> AnnotationTable: ...

    @overload
    def to_pixels(self, *, sizes: ArrayLike) -> AnnotationTable: ...

    def to_pixels(
        self, width: float | None = None, height: float | None = None, *, sizes: ArrayLike | None = None
    ) -> AnnotationTable:
        """The table in exact float pixels: by the sizes that it has, by one size for all images, or by ``sizes``.

        ``sizes`` is ``(R, 2)``: a width and height for each response, for answers about one image each. See
        ``ops.to_pixels``, which this calls, for what it raises.
        """
        from ..ops.coordinates import to_pixels  # noqa: TID251 - only delegates, see UPWARD in the tests

        if (width is None) != (height is None) or (width is not None and sizes is not None):
            raise FrameError("pass to_pixels(width, height), to_pixels(sizes=...) or to_pixels()")
        return to_pixels(self, sizes if width is None or height is None else (width, height))

    def to_unit(self) -> AnnotationTable:
        """The table in the unit square; see ``ops.to_unit``, which this calls."""
        from ..ops.coordinates import to_unit  # noqa: TID251 - only delegates, see UPWARD in the tests

        return to_unit(self)

    def to_grid(self) -> AnnotationTable:
        """The table on the 0-1000 grid; see ``ops.to_grid``, which this calls."""
        from ..ops.coordinates import to_grid  # noqa: TID251 - only delegates, see UPWARD in the tests

        return to_grid(self)

    # -- choosing rows -----------------------------------------------------------------------------------------------

    def __getitem__(self, rows: Selection) -> Self:
        """Some rows: by a mask, by indices or by a slice. All responses, containers and issues stay."""
        if isinstance(rows, slice):
            return self.take(np.arange(len(self))[rows])
        chosen = np.asarray(rows)
        if chosen.dtype != np.bool_:
            return self.take(chosen)
        if chosen.shape != (len(self),):
            raise UsageError(f"a mask must have one entry for each of {len(self)} rows, not the shape {chosen.shape}")
        return self.take(np.flatnonzero(chosen))

    def take(self, indices: NDArray[np.int64] | Sequence[int]) -> Self:
        """The rows at ``indices``, in that order; negative ones count from the end, and a row may come twice."""
        chosen = np.asarray(indices)
        if chosen.ndim != 1 or (chosen.size and chosen.dtype.kind not in "iu"):
            raise UsageError(f"indices must be a list of whole numbers, not {chosen.dtype} of shape {chosen.shape}")
        if chosen.size and not (-len(self) <= int(chosen.min()) and int(chosen.max()) < len(self)):
            raise UsageError(f"an index is beyond the {len(self)} rows of the table")
        rows = chosen.astype(np.int64)  # a smaller type could not hold the number of rows
        rows = np.where(rows < 0, rows + len(self), rows)
        counts = np.diff(self.offsets)[rows]
        offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
        # Pair j of the result is as far from the start of its old row as it is from the start of its new one.
        pairs = np.repeat(self.offsets[:-1][rows] - offsets[:-1], counts) + np.arange(offsets[-1])
        taken = {name: getattr(self, name)[rows] for name in self.row_columns()}
        return self.replace(**taken, coords=self.coords[pairs], offsets=offsets)

    def sort(self, *by: str, descending: bool = False) -> Self:
        """The rows sorted by columns, first by the first one; rows that tie keep their order, and NaN comes last."""
        names = self.row_columns()
        for name in by:
            if name not in names or getattr(self, name).ndim != 1:
                known = [each for each in names if getattr(self, each).ndim == 1]
                raise UsageError(f"cannot sort by {name!r}: choose from {', '.join(known)}")
        keys = [getattr(self, name) for name in by]
        if descending:
            keys = [-key.astype(np.float64) for key in keys]
        return self.take(
            reduce(lambda rows, key: rows[np.argsort(key[rows], kind="stable")], keys[::-1], np.arange(len(self)))
        )

    @staticmethod
    def concat(tables: Iterable[AnnotationTable]) -> AnnotationTable:
        """One table after the other. The numbers of responses continue; mentions are numbered as they first appear.

        Raises ``FrameError`` if the tables are in several frames.
        """
        from .concat import concat

        return concat(list(tables))

    # -- values and back ---------------------------------------------------------------------------------------------

    @staticmethod
    def from_annotations(responses: Iterable[Iterable[Value]], *, keys: Sequence[str] | None = None) -> AnnotationTable:
        """A table of values, one list for each response; tracks and collections give rows for their members.

        Raises ``FrameError`` if the values are in several kinds of frame, or those of one asset in several sizes.
        """
        from .from_values import table_of

        return table_of(responses, keys)

    @staticmethod
    def from_documents(documents: Iterable[Document], *, keys: Sequence[str] | None = None) -> AnnotationTable:
        """A table of answers that were parsed one by one; equal to ``parse_batch`` of their texts."""
        from .from_values import table_of_documents

        return table_of_documents(documents, keys)

    def to_annotations(self) -> list[list[Annotation]]:
        """The annotations of each response, flat, with what they take from their containers."""
        from .to_values import annotations_of

        return annotations_of(self)

    def to_values(self) -> list[list[Value]]:
        """The values of each response in order; tracks and collections hold their members."""
        from .to_values import values_of

        return values_of(self)

    def to_pandas(self) -> pd.DataFrame:
        """One row for each annotation, with words in place of numbers and missing values as pandas has them."""
        from ..interop.dataframes import to_pandas  # noqa: TID251 - only delegates, see UPWARD in the tests

        return to_pandas(self)

    def to_polars(self) -> pl.DataFrame:
        """One row for each annotation, with words in place of numbers, nulls for what is missing, and its vertices."""
        from ..interop.dataframes import to_polars  # noqa: TID251 - only delegates, see UPWARD in the tests

        return to_polars(self)

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """The table as Arrow, for every tool that reads it; see ``to_arrow``."""
        from .arrow_export import to_arrow

        stream: object = to_arrow(self).__arrow_c_stream__(requested_schema)
        return stream

    # -- comparing and showing ---------------------------------------------------------------------------------------

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, AnnotationTable):
            return NotImplemented
        return (
            self.frame == other.frame
            and same_columns(self, other, but={"mention"})
            and same_columns(self.responses, other.responses)
            and same_columns(self.containers, other.containers, but={"mention"})
            and same_columns(self.issues, other.issues)
            and bool(np.array_equal(self.labels, other.labels))
            and _words(self) == _words(other)
        )

    def __ne__(self, other: object) -> bool:  # that of a Struct compares identities
        return not self == other

    __hash__ = None  # type: ignore[assignment]
    # Without these, Python would try indices from 0. The rows are in the columns; ``to_annotations`` gives values.
    __iter__ = None
    __contains__ = None

    def __repr__(self) -> str:
        from .show import summary

        return f"<AnnotationTable: {summary(self)}>"

    def _repr_html_(self) -> str:
        """What is in it, its first rows and its issues, for notebooks."""
        from ..render.notebook.table_card import table_card  # noqa: TID251 - only delegates, see UPWARD in the tests

        return table_card(self)


def _words(table: AnnotationTable) -> list[str | None]:
    """The mentions of the containers."""
    words = [*table.mentions, None]
    return [words[number] for number in table.containers.mention]
