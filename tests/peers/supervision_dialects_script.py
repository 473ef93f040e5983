"""Answers of PaliGemma and DeepSeek-VL2 through ``supervision``: see ``dialect_oracles``."""

import json
import sys

from supervision.detection.vlm import from_deepseek_vl_2, from_paligemma

READERS = {"paligemma": from_paligemma, "deepseek-vl2": from_deepseek_vl_2}


def read(model, text):
    """What it finds, or the name of what it raises."""
    try:
        corners, _, names = READERS[model](text, (1000, 1000))
    except Exception as error:
        return type(error).__name__
    return [[str(name) or None, *map(float, box)] for name, box in zip(names, corners.tolist(), strict=True)]


json.dump([read(model, text) for model, _, text in json.load(sys.stdin)], sys.stdout)
