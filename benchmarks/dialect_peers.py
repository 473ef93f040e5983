"""The readers of others, each in the interpreter that has it: answers come in and what was read goes out.

``benchmarks.dialects`` runs this file as a program, so it imports nothing of this project. Each reader is given what
suits it best: supervision's reader of Qwen's answers the key that it looks for, and all of them a size that leaves
numbers as they are written.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import json
import sys
import warnings
from collections.abc import Callable

SIZE = (1000, 1000)


class NoReader(Exception):  # noqa: N818 - it says that nothing was tried
    """The peer has none for this dialect."""


def supervision(text: str, dialect: str) -> list[list[float]]:
    """Left, top, right and bottom of the boxes."""
    import supervision as sv

    for quoted in ('"box_2d"', '"box"', '"bbox"'):
        if not dialect.startswith("json-yxyx") and dialect != "gemini":
            text = text.replace(quoted, '"bbox_2d"')
    named = {
        "paligemma": sv.VLM.PALIGEMMA,
        "deepseek-vl2": sv.VLM.DEEPSEEK_VL_2,
        "gemini": sv.VLM.GOOGLE_GEMINI_2_5,
        "json-yxyx-1000": sv.VLM.GOOGLE_GEMINI_2_5,
    }
    is_qwen = dialect.startswith("json-xyxy") or dialect in ("qwen3-vl", "glm")
    vlm = named.get(dialect) or (sv.VLM.QWEN_3_VL if is_qwen else None)
    if vlm is None or '"x_min"' in text:
        raise NoReader
    return sv.Detections.from_vlm(vlm, text, resolution_wh=SIZE).xyxy.tolist()


def lm_deluge(text: str, dialect: str) -> list[list[float]]:
    """The boxes of Gemini's answers, and of those in Perceptron's markup."""
    from lm_deluge.util.json import load_json
    from lm_deluge.util.spatial import parse_gemini_boxes, parse_perceptron

    if dialect == "perceptron":
        found = parse_perceptron(text)
    elif dialect in ("gemini", "json-yxyx-1000"):
        found = parse_gemini_boxes(load_json(text))
    else:
        raise NoReader
    return [[box.xmin, box.ymin, box.xmax, box.ymax] for box in found.boxes] + [[p.x, p.y] for p in found.points]


def transformers(text: str, dialect: str) -> list[list[float]]:
    """The boxes of Kosmos-2; the post-processing of Florence-2 needs PyTorch and the model's tokenizer."""
    from transformers.models.kosmos2.processing_kosmos2 import clean_text_and_extract_entities_with_bboxes

    if dialect != "kosmos-2":
        raise NoReader
    return [list(box) for _, _, boxes in clean_text_and_extract_entities_with_bboxes(text)[1] for box in boxes]


READERS: dict[str, Callable[[str, str], list[list[float]]]] = {
    "supervision": supervision,
    "lm_deluge": lm_deluge,
    "transformers": transformers,
}


def main(peer: str) -> None:
    """Read ``[[text, dialect], ...]`` from the input and write what the peer makes of each."""
    importlib.import_module(peer)
    reader, results = READERS[peer], []
    for text, dialect in json.load(sys.stdin):
        try:
            with warnings.catch_warnings(record=True) as caught, contextlib.redirect_stdout(io.StringIO()):
                warnings.simplefilter("always")
                boxes = reader(text, dialect)
        except NoReader:
            results.append(None)
        except Exception as error:
            results.append({"boxes": [], "told": repr(error)})
        else:
            results.append({"boxes": boxes, "told": "; ".join(str(each.message) for each in caught)})
    json.dump(results, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1])
