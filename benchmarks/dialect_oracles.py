"""Answers in tokens through the code of others and through ours: ``python -m benchmarks.dialect_oracles``.

transformers' processors of Kosmos-2 and Florence-2, and supervision's readers of PaliGemma and DeepSeek-VL2, each in an
environment of its own. A case has the answer, and why both differ if they are known to; the command fails if they agree
where they should differ, or the reverse.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import perceptron_annotations as pa
from tests.peers.environments import interpreter

PEERS = Path(__file__).parent.parent / "tests" / "peers"
_BINS = "<loc_10><loc_20><loc_300><loc_400>"
_MORE = "<loc_500><loc_600><loc_700><loc_800>"
_YX = "<loc0020><loc0010><loc0400><loc0300>"
_SEGMENTS = "".join(f"<seg{number:03}>" for number in range(16))
_DET = "<|ref|>cat<|/ref|><|det|>[[10, 20, 300, 400]]<|/det|>"


class Case(NamedTuple):
    """An answer, in a dialect of ours and for a task of theirs; how both differ, if they do."""

    model: str
    task: str
    text: str
    difference: str = ""
    dialect: str = ""


CASES = (
    Case("florence-2", "boxes", f"</s><s>car{_BINS}door handle{_MORE}wheel{_BINS}{_MORE}</s><pad>"),
    Case("florence-2", "bboxes", f"</s><s>{_BINS}{_MORE}</s>"),
    Case("florence-2", "boxes", f"car{_BINS}<loc_1><loc_2>", ""),
    Case("florence-2", "boxes", f"café{_BINS}", "it drops what is not ASCII from labels"),
    Case("florence-2", "boxes", f"{_BINS}", "for this task it drops what has no label"),
    Case("florence-2", "boxes", f"Two:\ncar{_BINS}", "a label of two lines is none to it"),
    Case("florence-2", "ocr", f"</s><s>EXIT{_BINS}{_MORE}</s>", dialect="florence-2-ocr"),
    Case("florence-2", "polygons", f"{_BINS}<loc_7><loc_9>", dialect="florence-2-segmentation"),
    Case(
        "florence-2", "polygons", f"{_BINS}<loc_7><loc_9><sep>{_MORE}<loc_1><loc_2>", dialect="florence-2-segmentation"
    ),
    Case("florence-2", "polygons", f"{_BINS}<loc_7>", "it cuts an odd coordinate", dialect="florence-2-segmentation"),
    Case(
        "kosmos-2", "", "An image of<phrase> a snowman</phrase><object><patch_index_0044><patch_index_0863></object>."
    ),
    Case("kosmos-2", "", "<object><patch_index_0033><patch_index_0033></object>"),
    Case("kosmos-2", "", "<phrase>row</phrase><object><patch_index_0033><patch_index_0040></object>"),
    Case("kosmos-2", "", "<phrase>column</phrase><object><patch_index_0033><patch_index_0161></object>"),
    Case(
        "kosmos-2",
        "",
        "<phrase>two</phrase><object><patch_index_0000><patch_index_0033></delimiter_of_multi_objects/>"
        "<patch_index_0066><patch_index_0099></object>",
    ),
    Case(
        "kosmos-2",
        "",
        "<phrase>cell</phrase><object><patch_index_0000><patch_index_2000></object>",
        "it places a cell below the image, and we tell that there is none",
    ),
    Case(
        "kosmos-2",
        "",
        "<phrase>a</phrase><object><patch_index_0000><patch_index_0033></delimiter_of_multi_objects/></object>",
        "a delimiter too many costs it the phrase",
    ),
    Case("paligemma", "", f"{_YX} cat ; {_YX} traffic-light 2"),
    Case("paligemma", "", f"detect cat {_YX} cat"),
    Case("paligemma", "", f"<loc0001>{_YX} cat", "", ""),
    Case("paligemma", "", f"{_YX} cat's eye", "its labels are letters, digits, blanks and hyphens"),
    Case("paligemma", "", f"{_YX} {_SEGMENTS} cat", "it has no form for segmentation tokens"),
    Case("paligemma", "", _YX, "it drops what has no label"),
    Case("deepseek-vl2", "", _DET + "<｜end▁of▁sentence｜>"),
    Case("deepseek-vl2", "", "<|ref|>cats<|/ref|><|det|>[[1, 2, 3, 4], [5, 6, 7, 8]]<|/det|>"),
    Case("deepseek-vl2", "", f"<|ref|>a<|/ref|><|det|>[[220, {_DET}", "one broken box and it raises"),
    Case(
        "deepseek-vl2", "", "<|ref|>a<|/ref|><|det|>[[1, 2, 3], [5, 6, 7, 8]]<|/det|>", "one broken box and it raises"
    ),
    Case("deepseek-vl2", "", "<|det|>[[1, 2, 3, 4]]<|/det|>", "without a label it raises"),
)
#: What runs the cases of some models: its requirement, what it needs beside, and its script.
ORACLES = {
    ("florence-2", "kosmos-2"): (("transformers==5.23.0", "pillow"), "transformers_script.py"),
    ("paligemma", "deepseek-vl2"): (("supervision==0.31.2",), "supervision_dialects_script.py"),
}


def ours(case: Case) -> list[list[object]]:
    """What we find, in whole pixels if they are cut to these."""
    document = pa.parse(case.text, dialect=case.dialect or case.model).to_pixels(1000, 1000)
    cut = int if case.model == "florence-2" else float
    return [[each.mention, *(cut(n) for pair in each.coordinates for n in pair)] for each in document.annotations]


def theirs(models: tuple[str, ...], cases: list[Case]) -> list[object]:
    """What they find."""
    requirements, script = ORACLES[models]
    told = json.dumps([[case.model, case.task, case.text] for case in cases])
    command = [interpreter(*requirements), PEERS / script]
    done = subprocess.run(command, input=told, capture_output=True, text=True, check=True)  # noqa: S603
    found: list[object] = json.loads(done.stdout.splitlines()[-1])
    return found


def is_alike(mine: list[list[object]], others: object) -> bool:
    """Whether labels and numbers are the same, but for a rounding of single precision."""
    if not isinstance(others, list) or len(mine) != len(others):
        return False
    pairs = [pair for one, other in zip(mine, others, strict=True) for pair in zip(one, other, strict=False)]
    return all(a == b or (isinstance(a, int | float) and abs(a - b) < 0.001) for a, b in pairs)


def main() -> int:
    """Print each case, and whether it is as it should be."""
    os.environ["PEERS"] = "required"
    wrong = 0
    for models in ORACLES:
        cases = [case for case in CASES if case.model in models]
        for case, others in zip(cases, theirs(models, cases), strict=True):
            mine = ours(case)
            as_told = is_alike(mine, others) is not bool(case.difference)
            wrong += not as_told
            verdict = "as told" if as_told else f"NOT as told: {mine} {others}"
            print(f"{case.model} | {case.text[:60]!r} | {case.difference or 'equal'} | {verdict}")
    print(f"{len(CASES)} answers, {wrong} not as told")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
