"""``doctor``: by which contract answers in JSON may have been written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import islice
from math import isnan

import numpy as np

from ..completions.recordings import Recording
from ..datasets.dataset import Dataset
from ..datasets.known_sizes import Sizes, size_lookup
from ..datasets.name_joining import NameJoin
from ..evaluation.diagnosis import ContractEvidence, JudgedAnswer, diagnose
from ..evaluation.predictions import read_truth
from ..geometry import AnnotationKind
from ..ops.arrays import Floats
from ..visible_text import visible
from ..wording import counted
from .console import console, print_table
from .inputs import open_inputs
from .problem_table import ProblemTable
from .transcode import image_size_of, recordings_of

#: So many contracts are shown.
_SHOWN = 12


def print_diagnosis(
    inputs: Sequence[str],
    *,
    truth: str | None,
    key: str | None,
    join: Mapping[str, str] | None,
    sizes: Sizes | None,
    most: int,
) -> bool:
    """Print the contracts by evidence, and the verdict; whether one is singled out."""
    problems = ProblemTable()
    known = None if truth is None else read_truth(truth, on_problem=problems).dataset
    with open_inputs(inputs, key=key, rejects=None) as reading:
        recordings = list(islice(recordings_of(reading), most))
        reading.finish()
    diagnosis = diagnose(_judged(recordings, known, sizes, join))
    out = console()
    counts = f"{counted(diagnosis.answers, 'answer')}, {counted(diagnosis.boxes, 'box', 'boxes')}"
    out.print(visible(f"{counts}, {counted(diagnosis.images, 'image')} with truth"))
    if diagnosis.evidence:
        rows = [_row(each) for each in diagnosis.evidence[:_SHOWN]]
        print_table(out, "contracts", ("contract", "contradicted", "agreement"), rows)
    out.print(visible(diagnosis.reason))
    if diagnosis.contract is not None:
        out.print("nothing was changed; if that is what the prompt asked for, pass it with --dialect")
    reading.problems.print(out)
    problems.print(out)
    return diagnosis.contract is not None


def _row(evidence: ContractEvidence) -> tuple[str, str, str]:
    told = "-"
    if not isnan(evidence.agreement):
        told = f"{evidence.agreement:.3f} ({evidence.low:.3f}-{evidence.high:.3f})"
    return str(evidence.contract), f"{evidence.contradicted:.1%}", told


def _judged(
    recordings: Sequence[Recording], truth: Dataset | None, sizes: Sizes | None, join: Mapping[str, str] | None
) -> list[JudgedAnswer]:
    """The answers, with the sizes and true boxes of their images."""
    size_of = size_lookup(sizes)
    if truth is None:
        return [JudgedAnswer(each.text, image_size_of(each, size_of)) for each in recordings]
    places = {asset.file_name: place for place, asset in enumerate(truth.assets)}
    names = NameJoin(places, join)
    names.add(map(_name, recordings))
    judged = []
    for recording in recordings:
        image = names.image_of(_name(recording))
        size = image_size_of(recording, size_of)
        if image is None:
            judged.append(JudgedAnswer(recording.text, size))
            continue
        asset = truth.assets[places[image]]
        if size is None and asset.width is not None and asset.height is not None:
            size = (asset.width, asset.height)
        judged.append(JudgedAnswer(recording.text, size, _true_boxes(truth, places[image])))
    return judged


def _name(recording: Recording) -> str:
    """The name of the last image of a recording, or its key."""
    return (recording.assets[-1].file_name if recording.assets else None) or recording.key


def _true_boxes(truth: Dataset, place: int) -> Floats | None:
    """The boxes of an image in the unit square; None if its size is unknown."""
    asset = truth.assets[place]
    if asset.width is None or asset.height is None:
        return None
    first, last = truth.rows_by_asset()[place : place + 2].tolist()
    table = truth.table[first:last]
    corners = table.xyxy[table.kind == AnnotationKind.BOX]
    in_unit: Floats = corners / np.tile([asset.width, asset.height], 2)
    return in_unit
