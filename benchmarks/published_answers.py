"""The answers of other models that others published: where they are, and what each says by its own source.

They are other people's text, so they stand beside the repository and are never committed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

FOLDER = Path(__file__).parent.parent.parent / "shared" / "spec"
#: The contract that each model was measured to use, by the name that the answers have for it.
CONTRACTS = {
    "yxyx_normalized_0_to_1000": "json-yxyx-1000",
    "xyxy_normalized_0_to_1000": "json-xyxy-1000",
    "xyxy_normalized_0_to_1000_meta_flat": "json-xyxy-1000",
    "xyxy_normalized_0_to_999": "json-xyxy-999",
    "xyxy_normalized_0_to_100": "json-xyxy-percent",
    "xyxy_absolute_original_image": "json-xyxy-pixels",
    "xyxy_absolute_resized_image": "json-xyxy-pixels",
}
#: The dialect of each example by the name that it has there, and how many annotations its source says that it holds.
_EXAMPLES = (
    ("qwen2-vl", 1),
    ("qwen3-vl", 1),
    ("qwen3-vl", 4),
    ("gemini", 4),
    ("gemini", 3),
    ("gemini", 0),
    ("molmo2", 2),
    ("molmo2", 4),
    ("molmo", 12),
    ("molmo", 6),
    ("paligemma", 1),
    ("paligemma", 1),
    ("florence-2", 1),
    ("florence-2", 7),
    ("kosmos-2", 2),
    ("deepseek-vl2", 1),
    ("deepseek-vl2", 1),
    ("glm-v", 1),
    ("glm", 8),
    ("cogvlm", 1),
    ("internvl", 1),
    ("ui-tars-1.5", 1),
    ("ui-tars-1.5", 1),
    ("robopoint", 4),
    ("robobrain2", 4),
    ("showui", 1),
    ("perceptron", 1),
    ("perceptron", 1),
    ("perceptron", 1),
)

_N = r"\s*\"?(-?\d+(?:\.\d+)?)\"?\s*"
_FOUR = re.compile(rf"\[{_N},{_N},{_N},{_N}\]")
_SIDES = re.compile(rf'"x_min":{_N},\s*"y_min":{_N},\s*"x_max":{_N},\s*"y_max":{_N}')
_YXYX = (1, 0, 3, 2)

Corners = tuple[float, ...]


class PublishedAnswer(NamedTuple):
    """One answer, its dialect, and what is written in it."""

    text: str
    dialect: str
    size: tuple[int, int]
    #: How many boxes and points are written in it.
    count: int
    #: Left, top, right and bottom of each box, as they are written; None if only their number is known.
    boxes: tuple[Corners, ...] | None


def published_answers(folder: Path = FOLDER) -> list[PublishedAnswer]:
    """Those in JSON with the contract that was measured, then one or two of each other dialect."""
    return [*_detections(folder / "vlm_answers.jsonl"), *_examples(folder / "dialect_examples.jsonl")]


def _detections(path: Path) -> Iterator[PublishedAnswer]:
    for line in _lines(path):
        dialect = CONTRACTS[line["coordinate_format"]]
        boxes = written_boxes(line["answer"], is_yxyx="yxyx" in dialect)
        size = tuple(line.get("image_size") or (1000, 1000))
        yield PublishedAnswer(line["answer"], dialect, size, len(boxes), boxes)


def _examples(path: Path) -> Iterator[PublishedAnswer]:
    for line, (dialect, count) in zip(_lines(path), _EXAMPLES, strict=True):
        yield PublishedAnswer(line["text"], dialect, (1000, 1000), count, None)


def written_boxes(text: str, *, is_yxyx: bool) -> tuple[Corners, ...]:
    """Every four numbers in brackets or with the names of sides, without regard to what stands around them."""
    order: Sequence[int] = _YXYX if is_yxyx else range(4)
    fours = [tuple(map(float, match.groups())) for match in _FOUR.finditer(text)]
    found = [tuple(four[place] for place in order) for four in fours]
    return (*found, *(tuple(map(float, match.groups())) for match in _SIDES.finditer(text)))


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line]
