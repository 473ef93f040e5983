"""Clips of videos as ActivityNet has them: JSON with ``segment`` ``[start, end]`` in seconds, not in frame numbers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from msgspec import Struct

from ...files import DECODE_ERRORS, Source, decode_file, encode_json
from ...geometry import AnnotationKind
from ...losses import LossCode, LossReport
from ...outputs import write_whole
from ...problems import OnProblem, ProblemCode
from ..builder import DatasetBuilder
from ..dataset import UNNAMED, Dataset, DatasetAsset
from ..paths import OwnNames
from ..policies import AssetKind
from ._reading import Reading, reading
from ._selection import RowLosses

VERSION = "perceptron-annotations 1"


def write_activitynet(dataset: Dataset, path: str | Path) -> LossReport:
    """Write the clips; a moment is a segment that ends where it starts. All other shapes are counted as lost.

    The file knows a video by its name, so the second video of one name is written under another name, and counted.

    >>> builder = pa.datasets.DatasetBuilder()
    >>> kind = pa.datasets.AssetKind.VIDEO
    >>> asset = builder.add_asset(pa.datasets.DatasetAsset(file_name="a.mp4", kind=kind))
    >>> builder.add(asset, pa.AnnotationKind.CLIP, [], "jump", t=1.5, until=4)
    >>> pa.datasets.write_activitynet(builder.build(), "clips.json").objects
    1
    """
    table, selection = dataset.table, RowLosses(dataset)
    clips = selection.of_kinds((AnnotationKind.CLIP,))
    selection.lose_marked(LossCode.MISSING_LABEL, clips & (dataset.label < 0))
    own = OwnNames()
    names = [selection.own_name(own, asset.file_name) for asset in dataset.assets]
    database: dict[str, Any] = {name: {"annotations": []} for name in names}
    rows = np.flatnonzero(clips).tolist()
    labels = {row: dataset.label_of(row) or UNNAMED for row in rows}
    for row, label in labels.items():
        start, end = float(table.t[row]), float(table.until[row])
        made: dict[str, Any] = {"segment": [start, start if np.isnan(end) else end], "label": label}
        if not np.isnan(table.score[row]):
            made["score"] = float(table.score[row])
        database[names[dataset.asset[row]]]["annotations"].append(made)
    with write_whole(path) as stream:
        stream.write(encode_json({"version": VERSION, "database": database}) + b"\n")
    selection.assets, selection.objects = len(database), len(rows)
    return selection.report(len(set(labels.values())))


# -- reading ---------------------------------------------------------------------------------------------------------


class _Entry(Struct):
    segment: tuple[float, float]
    label: str
    score: float | None = None


class _Video(Struct):
    annotations: list[Any] = []


class _File(Struct):
    database: dict[str, Any]


def read_activitynet(path: Source, *, on_problem: OnProblem | None = None) -> Dataset:
    """Read ActivityNet's JSON. A segment that ends where it starts is a moment.

    ``on_problem`` is called with each problem; without it, one ``ProblemWarning`` counts them. Raises ``FileError`` if
    there is no ``database`` of videos.

    >>> from pathlib import Path
    >>> clips = '{"database": {"a.mp4": {"annotations": [{"segment": [1.5, 4], "label": "jump"}]}}}'
    >>> _ = Path("clips.json").write_text(clips)
    >>> pa.datasets.read_activitynet("clips.json").table.until.tolist()
    [4.0]
    """
    with reading(path, on_problem) as source:
        file = decode_file(source.data(), path, _File, "database of videos")
        builder = DatasetBuilder()
        for name, video in file.database.items():
            asset = builder.add_asset(DatasetAsset(file_name=name, kind=AssetKind.VIDEO))
            try:
                entries = msgspec.convert(video, _Video).annotations
            except DECODE_ERRORS as error:
                source.problem(ProblemCode.MALFORMED_ENTRY, name, error)
                continue
            for number, entry in enumerate(entries):
                _add(source, builder, asset, entry, f"{name}: annotation {number}")
        return source.checked(builder.build())


def _add(source: Reading, builder: DatasetBuilder, asset: int, entry: Any, place: str) -> None:
    try:
        found = msgspec.convert(entry, _Entry)
    except DECODE_ERRORS as error:
        source.problem(ProblemCode.MALFORMED_ENTRY, place, error)
        return
    start, end = found.segment
    if start < 0 or end < 0:
        source.problem(ProblemCode.MALFORMED_ENTRY, place, "a time is negative")
        return
    until = None if start == end else end
    builder.add(asset, AnnotationKind.CLIP, [], found.label, t=start, until=until, score=found.score)
