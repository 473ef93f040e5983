"""What is evaluated, and how: the options that all tasks of an evaluation share, checked when they are made."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import force_setattr

from .scores import rising_thresholds
from .tasks import IouType, Matching, Task, checked_iou_type, checked_matching, checked_tasks


class EvaluationOptions(Struct, frozen=True, kw_only=True):
    """The options of :func:`evaluate`, for whatever is evaluated in parts.

    Thresholds are sorted. Raises ``UsageError`` for a name of a task or choice that does not exist, and for thresholds
    that are not above 0 and at most 1.

    >>> EvaluationOptions(tasks=(Task.DETECTION,), thresholds=(0.75, 0.5)).thresholds
    (0.5, 0.75)
    """

    #: What is evaluated, in the order of ``Task``; None: what :func:`tasks_for` finds in the two datasets.
    tasks: tuple[Task, ...] | None = None
    #: The IoU that a match of boxes or polygons must reach, and the temporal IoU that a match of clips must reach.
    thresholds: tuple[float, ...] = (0.5, 0.75)
    temporal_thresholds: tuple[float, ...] = (0.3, 0.5, 0.7)
    #: What of two shapes must overlap.
    iou_type: IouType = IouType.BBOX
    #: How predictions and truths are matched one to one.
    matching: Matching = Matching.OPTIMAL
    #: The most pixels between a point and a point of the truth that match; None: points of the truth are counted only.
    distance: float | None = None
    #: The spread of each keypoint; None: COCO's own for 17 keypoints, else 1 by their number.
    sigmas: tuple[float, ...] | None = None

    def __post_init__(self) -> None:
        if self.tasks is not None:
            chosen = checked_tasks(self.tasks)
            force_setattr(self, "tasks", tuple(task for task in Task if task in chosen))
        force_setattr(self, "thresholds", rising_thresholds(self.thresholds))
        force_setattr(self, "temporal_thresholds", rising_thresholds(self.temporal_thresholds))
        force_setattr(self, "iou_type", checked_iou_type(self.iou_type))
        force_setattr(self, "matching", checked_matching(self.matching))

    def lowest_threshold(self, task: Task) -> float:
        """The lowest overlap at which something of a task matches."""
        return (self.temporal_thresholds if task is Task.TEMPORAL else self.thresholds)[0]
