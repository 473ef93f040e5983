"""Answers of Kosmos-2 and Florence-2 through ``transformers``, whose environment runs this: see ``dialect_oracles``.

It needs no model and no PyTorch: the code that takes answers apart is plain Python, and the one step of it that
computes with tensors, from bins to pixels, is done here in its words: ``(bin + 0.5) * (size / bins)``, cut to integers.
"""

import json
import sys
from types import SimpleNamespace

import numpy as np
from transformers.models.florence2 import processing_florence2
from transformers.models.kosmos2.processing_kosmos2 import clean_text_and_extract_entities_with_bboxes

WIDTH, HEIGHT = SIZE = (1000, 1000)


def dequantize(bins, size):
    sizes = np.resize(np.asarray(size), bins.shape[-1])
    return ((bins + 0.5) * (sizes / 1000)).astype(int)


def florence(text, task):
    """The instances of a task: label and numbers."""
    parser = SimpleNamespace(dequantize=dequantize, banned_grounding_tokens=())
    parts = processing_florence2.Florence2PostProcessor
    if task == "ocr":
        found = parts.parse_ocr_from_text_and_spans(parser, text, None, SIZE)
        return [[each["text"], *each["quad_box"]] for each in found]
    if task == "polygons":
        found = parts.parse_description_with_polygons_from_text_and_spans(parser, text, SIZE, allow_empty_phrase=True)
        return [[None, *ring] for each in found for ring in each["polygons"]]
    found = parts.parse_description_with_bboxes_from_text_and_spans(
        parser, text, SIZE, allow_empty_phrase=task == "bboxes"
    )
    return [[each["cat_name"] or None, *each["bbox"]] for each in found]


def kosmos(text, _task):
    _, entities = clean_text_and_extract_entities_with_bboxes(text)
    return [
        [None if name.startswith("<patch_index_") else name, *(round(1000 * n, 6) for n in box)]
        for name, _, boxes in entities
        for box in boxes
    ]


processing_florence2.torch = SimpleNamespace(tensor=np.asarray)
READERS = {"florence-2": florence, "kosmos-2": kosmos}
json.dump([READERS[model](text, task) for model, task, text in json.load(sys.stdin)], sys.stdout)
