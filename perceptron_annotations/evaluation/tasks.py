"""What is evaluated, and what of a shape is compared: choices that the command line offers without importing arrays."""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum
from typing import Literal, TypeAlias

from ..words import member_of

#: The words for tasks, types and matchings, so that a type checker refuses others.
TaskName: TypeAlias = Literal["detection", "pointing", "counting", "temporal", "ap", "keypoints"]
IouTypeName: TypeAlias = Literal["bbox", "polygon"]
MatchingName: TypeAlias = Literal["optimal", "greedy"]


class Task(StrEnum):
    """What is evaluated."""

    DETECTION = "detection"
    """Boxes and polygons against boxes and polygons."""
    POINTING = "pointing"
    """Points against boxes and polygons."""
    COUNTING = "counting"
    """How many objects there are."""
    TEMPORAL = "temporal"
    """Clips against clips."""
    AVERAGE_PRECISION = "ap"
    """COCO's AP and AR, for predictions with scores."""
    KEYPOINTS = "keypoints"
    """COCO's AP and AR by object keypoint similarity, for predictions with keypoints and scores."""

    @property
    def field(self) -> str:
        """The field of a report that holds the metrics of this task."""
        return self.name.lower()


class IouType(StrEnum):
    """What of two shapes must overlap."""

    BBOX = "bbox"
    """Their bounding boxes."""
    POLYGON = "polygon"
    """The polygons themselves, all rings of a mask together; a box is its four corners."""


def checked_task(task: Task | TaskName) -> Task:
    """The task of this name. Raises ``UsageError`` if there is none."""
    return member_of(Task, task, "a task")


def checked_tasks(tasks: Collection[Task | TaskName] | TaskName) -> frozenset[Task]:
    """The tasks of these names, or of one name. Raises ``UsageError`` if there is none of a name."""
    return frozenset(map(checked_task, (tasks,) if isinstance(tasks, str) else tasks))


def checked_iou_type(iou_type: IouType | IouTypeName) -> IouType:
    """The type of this name. Raises ``UsageError`` if there is none."""
    return member_of(IouType, iou_type, "iou_type")


class Matching(StrEnum):
    """How predictions and truths are matched one to one."""

    OPTIMAL = "optimal"
    """The most matches, and of those the greatest sum of overlaps; predictions with scores in the order of these."""
    GREEDY = "greedy"
    """Each prediction in its turn takes the best truth left, by score, or else as they were written."""


def checked_matching(matching: Matching | MatchingName) -> Matching:
    """The matching of this name. Raises ``UsageError`` if there is none."""
    return member_of(Matching, matching, "matching")
