"""The small tables beside the rows of an ``AnnotationTable``: answers, tracks and collections, issues."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

import numpy as np
from msgspec.structs import force_setattr
from numpy.typing import NDArray

from ..completions.ending import ENDING_CODES, Ending
from ..errors import UsageError
from ..issues import IssueCode
from ..markup.document import Status
from .columnar import Column, Columnar, check_offsets, check_range, check_spans
from .texts import Texts

#: An index that is as large as its type can hold, or -1 for none, is in its range.
ANY_INDEX = 2**31


_READ_WHOLE = [place for place, status in enumerate(Status) if status in (Status.OK, Status.EMPTY)]
_SOUND = [code for ending, code in ENDING_CODES.items() if ending.is_sound]


class Responses(Columnar, frozen=True, eq=False, kw_only=True):
    """One row for each answer, also for those without annotations.

    >>> responses = pa.parse_batch(["<point> (1,2) </point>", "nothing", "<point> (1"]).responses
    >>> responses.truncated.tolist(), responses.key
    ([False, False, True], None)
    """

    COLUMNS: ClassVar[Mapping[str, Column]] = {
        "status": Column(np.uint8),
        "truncated": Column(np.bool_),
        "ending": Column(np.uint8),
        "size_offsets": Column(np.int64, extra=1),
        "sizes": Column(np.float64, stands_alone=True, width=2),
    }

    #: The place of its outcome in ``Status``; ``AnnotationTable.status`` has the outcomes themselves.
    status: NDArray[np.uint8]
    truncated: NDArray[np.bool_]
    #: The place of how it ended in ``completions.Ending``; ``unstated`` for texts.
    ending: NDArray[np.uint8]
    #: The sizes of its assets are ``sizes[size_offsets[i] : size_offsets[i + 1]]``.
    size_offsets: NDArray[np.int64]
    #: ``(S, 2)``: width and height in pixels, NaN if not known.
    sizes: NDArray[np.float64]
    #: What joins each answer to its image, its truth or its sample group; None if none was given.
    key: tuple[str, ...] | None = None

    @property
    def is_sound(self) -> NDArray[np.bool_]:
        """``(R,)``: whether each was read whole, was not cut off, and ended as it should."""
        sound: NDArray[np.bool_] = np.isin(self.status, _READ_WHOLE) & np.isin(self.ending, _SOUND) & ~self.truncated
        return sound

    def check(self) -> None:
        super().check()
        check_range("status", self.status, 0, len(Status))
        check_range("ending", self.ending, 0, len(Ending))
        check_offsets("size_offsets", self.size_offsets, len(self.sizes))
        if self.key is not None and len(self.key) != len(self.status):
            raise UsageError(f"key must have one entry for each of {len(self.status)} responses, not {len(self.key)}")


def unstated(count: int) -> NDArray[np.uint8]:
    """``(count,)``: the column ``ending`` of answers whose end nobody stated."""
    return np.full(count, ENDING_CODES[Ending.UNSTATED], dtype=np.uint8)


class Containers(Columnar, frozen=True, eq=False, kw_only=True):
    """One row for each track and collection that has a value, also an empty one, with what it takes from around it.

    >>> table = pa.parse_batch(['<track mention="ball"> <point t="1"> (1,2) </point> </track>'])
    >>> table.containers.kind.tolist(), table.track.tolist()
    ([0], [0])
    """

    COLUMNS: ClassVar[Mapping[str, Column]] = {
        "response": Column(np.int64),
        "kind": Column(np.uint8),
        "mention": Column(np.int32),
        "t": Column(np.float64),
        "asset_idx": Column(np.int32),
        "collection": Column(np.int32),
        "complete": Column(np.bool_),
        "span": Column(np.int64, width=2),
    }

    response: NDArray[np.int64]
    #: 0 for a track, 1 for a collection. Rows refer to it by its number among those of its kind in its response.
    kind: NDArray[np.uint8]
    mention: NDArray[np.int32]
    t: NDArray[np.float64]
    asset_idx: NDArray[np.int32]
    #: The number of the collection around it, or -1.
    collection: NDArray[np.int32]
    complete: NDArray[np.bool_]
    span: NDArray[np.int64]

    def check(self) -> None:
        super().check()
        check_range("containers.kind", self.kind, 0, 2)
        for name in ("asset_idx", "collection"):
            check_range(f"containers.{name}", getattr(self, name), -1, ANY_INDEX)
        check_spans("containers.span", self.span)


class Issues(Columnar, frozen=True, eq=False, kw_only=True):
    """One row for each issue, in the order of its answer.

    >>> issues = pa.parse_batch(["<point> x </point>"]).issues
    >>> issues.codes.tolist(), issues.response.tolist()
    (['invalid_point_coords'], [0])
    """

    COLUMNS: ClassVar[Mapping[str, Column]] = {
        "response": Column(np.int64),
        "code": Column(np.uint8),
        "span": Column(np.int64, width=2),
        "recovered": Column(np.bool_),
    }

    response: NDArray[np.int64]
    #: The place of its code in ``IssueCode``; ``codes`` has the codes themselves.
    code: NDArray[np.uint8]
    span: NDArray[np.int64]
    recovered: NDArray[np.bool_]
    #: The words of each; a string is made of them when it is read. Any sequence of strings is taken.
    details: Sequence[str] = ()

    @property
    def codes(self) -> NDArray[np.str_]:
        """``(I,)`` of str: the codes."""
        return np.array(list(IssueCode))[self.code]

    def of_responses(self, rows: NDArray[np.int64], response: NDArray[np.int64]) -> Issues:
        """Some rows as issues of other responses; ``response`` has one for each of these rows."""
        return Issues(
            response=response,
            code=self.code[rows],
            span=self.span[rows],
            recovered=self.recovered[rows],
            details=Texts.of([self.details[row] for row in rows.tolist()]),
        )

    def check(self) -> None:
        super().check()
        check_range("issues.code", self.code, 0, len(IssueCode))
        check_spans("issues.span", self.span)
        if len(self.details) != len(self.code):
            raise UsageError(f"details must have one text for each of {len(self.code)} issues, not {len(self.details)}")
        if not isinstance(self.details, Texts):
            force_setattr(self, "details", Texts.of(self.details))
