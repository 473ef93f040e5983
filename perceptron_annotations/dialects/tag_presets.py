"""The dialects of models that write points in tags."""

from __future__ import annotations

from ..geometry import AnnotationKind
from .dialect import Dialect, TaskPrompt
from .point_tag_style import PointTagStyle
from .point_tags import PointTags
from .scales import Scale

MOLMO = Dialect(
    name="molmo",
    surface=PointTags(style=PointTagStyle.NUMBERED),
    scale=Scale.percent(decimals=1),
    prompts=(TaskPrompt(AnnotationKind.POINT, "Point to the {labels}."),),
    empty=("There are none.",),
    models=("*molmo-7b*", "*molmo-72b*", "*molmoe-1b*", "*molmo-1*"),
    source="allenai/molmo olmo/data/data_formatter.py, olmo/eval/evaluators.py; allenai/molmo2 point_formatter.py",
    date="2026-11-22",
)
MOLMO2 = Dialect(
    name="molmo2",
    surface=PointTags(),
    scale=Scale.grid(1000),
    prompts=(TaskPrompt(AnnotationKind.POINT, "Point to the {labels}."),),
    empty=("There are none.", "No tracks available."),
    models=("*molmo2*", "*molmo-2*"),
    source="allenai/molmo2 olmo/preprocessing/point_formatter.py (html-v1, html-v2)",
    date="2026-11-22",
)

TAG_PRESETS = (MOLMO, MOLMO2)
