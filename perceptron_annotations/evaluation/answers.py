"""What the answers about the images of the truth came to: failures are a result too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from math import nan

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from ..completions.ending import Ending
from ..datasets.asset_status import any_of_assets, ending_of_assets, status_of_assets
from ..datasets.dataset import Dataset
from ..datasets.name_joining import JoinCount, count_joined
from ..errors import UsageError
from ..issues import IssueCode
from ..markup.document import Status
from ..ops.arrays import Indices
from .joining import Joined, Renamed

_STATUSES = tuple(Status)
#: After the places of ``Status``: no answer at all.
_UNANSWERED = len(_STATUSES)


class Outcome(StrEnum):
    """What the answer about an image of the truth came to: a ``Status``, or no answer at all."""

    EMPTY = "empty"
    OK = "ok"
    PARTIAL = "partial"
    UNREADABLE = "unreadable"
    UNANSWERED = "unanswered"


class Outcomes(Struct, frozen=True, kw_only=True):
    """How many images of the truth had which outcome."""

    images: int
    counts: dict[Outcome, int]
    #: Shares of the images; NaN without images.
    unreadable_rate: float
    empty_rate: float
    #: The share of images whose answer was cut off, whatever was read of it.
    cut_off_rate: float
    #: How many images have an answer that ended in each way which is not as it should be; the worst one of several.
    endings: dict[Ending, int]
    #: How often each code was reported, in images of the truth.
    issues: dict[IssueCode, int]
    #: Images of the truth without an answer: what is on them counts as false negatives.
    unanswered_images: tuple[str, ...]
    #: Images that have predictions and are not in the truth: their predictions do not count.
    unknown_images: tuple[str, ...]
    #: Names of images that have predictions and may be several images of the truth, or that several names may mean:
    #: their predictions do not count.
    ambiguous_images: tuple[str, ...]
    #: How images were joined whose name in the predictions is another one than in the truth.
    joined: tuple[JoinCount, ...] = ()


class Answers(Struct, frozen=True, eq=False, kw_only=True):
    """The answers about the images of the truth, I of them, sorted by name."""

    images: tuple[str, ...]
    #: ``(I,)``: places in ``Outcome``.
    outcome: NDArray[np.uint8]
    #: ``(I,)``: the answer was cut off.
    truncated: NDArray[np.bool_]
    #: ``(I,)``: places in ``Ending``.
    ending: NDArray[np.uint8]
    #: ``(I, C)``: how often each code of ``IssueCode`` was reported.
    issues: Indices
    unknown_images: tuple[str, ...] = ()
    ambiguous_images: tuple[str, ...] = ()
    #: How images were joined with another name, by image.
    renamed: Mapping[str, Renamed] = {}

    @staticmethod
    def of(predictions: Dataset, joined: Joined) -> Answers:
        """The answers of a dataset about images; if several are about one, its outcome is that of all together."""
        images, place = joined.images, joined.predicted
        responses, found = predictions.table.responses, predictions.table.issues
        answered = np.zeros(len(images), dtype=bool)
        answered[place[place >= 0]] = True
        outcome = status_of_assets(responses.status, place, len(images))
        outcome[~answered] = _UNANSWERED
        truncated = any_of_assets(responses.truncated, place, len(images))
        ending = ending_of_assets(responses.ending, place, len(images))
        issues = np.zeros((len(images), len(IssueCode)), dtype=np.int64)
        reported = place[found.response]
        np.add.at(issues, (reported[reported >= 0], found.code[reported >= 0]), 1)
        return Answers(
            images=images,
            outcome=outcome,
            truncated=truncated,
            ending=ending,
            issues=issues,
            unknown_images=joined.unknown,
            ambiguous_images=joined.ambiguous,
            renamed=joined.renamed,
        )

    def __len__(self) -> int:
        return len(self.images)

    @property
    def outcomes(self) -> list[Outcome]:
        """The outcome of each image."""
        every = tuple(Outcome)
        return [every[code] for code in self.outcome.tolist()]

    @property
    def readable(self) -> NDArray[np.bool_]:
        """``(I,)``: there is an answer, and not all of it was lost."""
        readable: NDArray[np.bool_] = self.outcome < _STATUSES.index(Status.UNREADABLE)
        return readable

    def take(self, chosen: NDArray[np.bool_]) -> Answers:
        """Those about some images, ``(I,)``."""
        images = tuple([name for name, is_chosen in zip(self.images, chosen.tolist(), strict=True) if is_chosen])
        return Answers(
            images=images,
            outcome=self.outcome[chosen],
            truncated=self.truncated[chosen],
            ending=self.ending[chosen],
            issues=self.issues[chosen],
            renamed={name: self.renamed[name] for name in images if name in self.renamed} if self.renamed else {},
        )

    def report(self) -> Outcomes:
        """Counts and rates; rates are NaN without images."""
        count = len(self)
        numbers = dict(zip(Outcome, np.bincount(self.outcome, minlength=len(Outcome)).tolist(), strict=True))
        endings = zip(Ending, np.bincount(self.ending, minlength=len(Ending)).tolist(), strict=True)
        issues = zip(IssueCode, self.issues.sum(axis=0).tolist(), strict=True)
        without = np.flatnonzero(self.outcome == _UNANSWERED).tolist()
        return Outcomes(
            images=count,
            counts=numbers,
            unreadable_rate=numbers[Outcome.UNREADABLE] / count if count else nan,
            empty_rate=numbers[Outcome.EMPTY] / count if count else nan,
            cut_off_rate=int(self.truncated.sum()) / count if count else nan,
            endings={ending: number for ending, number in endings if number and not ending.is_sound},
            issues={code: number for code, number in issues if number},
            unanswered_images=tuple(self.images[place] for place in without),
            unknown_images=self.unknown_images,
            ambiguous_images=self.ambiguous_images,
            joined=count_joined((by, name, image) for image, (name, by) in sorted(self.renamed.items())),
        )


def join_answers(shards: Sequence[Answers]) -> Answers:
    """The answers of shards as one, images sorted by name. Raises ``UsageError`` if shards share an image."""
    images = [name for shard in shards for name in shard.images]
    if len(set(images)) < len(images):
        raise UsageError("shards must not share images: their truths would count twice")
    order = sorted(range(len(images)), key=images.__getitem__)
    ambiguous = {name for shard in shards for name in shard.ambiguous_images}
    unknown = {name for shard in shards for name in shard.unknown_images} - set(images)
    outcome, truncated, ending, issues = (
        np.concatenate([getattr(shard, column) for shard in shards])[order]
        for column in ("outcome", "truncated", "ending", "issues")
    )
    return Answers(
        images=tuple(images[place] for place in order),
        outcome=outcome,
        truncated=truncated,
        ending=ending,
        issues=issues,
        unknown_images=tuple(sorted(unknown)),
        ambiguous_images=tuple(sorted(ambiguous)),
        renamed={image: renamed for shard in shards for image, renamed in shard.renamed.items()},
    )
