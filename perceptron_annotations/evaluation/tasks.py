"""What is evaluated, and what of a shape is compared: choices that the command line offers without importing arrays."""

from __future__ import annotations

from enum import StrEnum


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
