"""What an import says of its recordings: how many there were, how they ended, and what was left out."""

from __future__ import annotations

from msgspec import Struct

from ..completions.ending import Ending
from ..losses import Loss
from ..markup.document import Status
from .answer_labels import TrackLabel
from .name_joining import JoinReport


class ImportReport(Struct, frozen=True, kw_only=True):
    """How many recordings were imported, with what status, and what was left out.

    >>> answer = pa.Recording(key="a.png", text="<point> (1,2) </point> <point> bad </point>")
    >>> _, report = pa.datasets.from_recordings([answer], sizes={"a.png": (640, 480)})
    >>> report.recordings, report.unsound, report.losses
    (1, 1, ())
    """

    recordings: int
    #: Each status with the number of answers that have it.
    statuses: tuple[tuple[Status, int], ...]
    #: Each ending with the number of answers that have it.
    endings: tuple[tuple[Ending, int], ...]
    #: Answers that were cut off.
    truncated: int
    #: Answers that are partial or unreadable, were cut off, or did not end as they should.
    unsound: int
    #: What was left out of the dataset, counted by code.
    losses: tuple[Loss, ...]
    #: Annotations that were left out because their image could not be used: the answer names no such image, or the
    #: size of the image is unknown. ``losses`` counts images and answers, this counts the annotations on them.
    unplaced: int
    #: The mentions of tracks that are ids, with the labels they were given in place, by mention.
    track_labels: tuple[TrackLabel, ...] = ()
    #: How names were joined with those of images, and which of what was left out could not be.
    names: JoinReport = JoinReport()

    def _repr_html_(self) -> str:
        """What was imported and what was left out, for notebooks."""
        from ..render.notebook.dataset_card import import_card  # noqa: TID251 - only delegates, see UPWARD

        return import_card(self)
