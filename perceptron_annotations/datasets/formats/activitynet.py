"""Clips of videos as ActivityNet writes them: JSON with ``segment`` ``[start, end]`` in seconds, never in frames."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from msgspec import Struct

from ...files import encode_json, read_json, write_whole
from ...geometry import AnnotationKind
from ...losses import LossCode, LossReport
from ...problems import ProblemCode
from ..builder import DatasetBuilder
from ..dataset import UNNAMED, Dataset, DatasetAsset
from ..policies import AssetKind
from ..reports import Tally

VERSION = "perceptron-annotations 1"


def write_activitynet(dataset: Dataset, path: str | Path) -> LossReport:
    """Write the clips: a moment is a segment that ends where it starts. All other shapes are counted as lost."""
    table, tally = dataset.table, Tally()
    for kind, reason in (
        (AnnotationKind.POINT, LossCode.POINT),
        (AnnotationKind.BOX, LossCode.BOX),
        (AnnotationKind.POLYGON, LossCode.POLYGON),
    ):
        rows = np.flatnonzero(table.kind == kind)
        if len(rows):
            tally.add(reason, dataset.assets[dataset.asset[rows[0]]].file_name, len(rows))
    database: dict[str, Any] = {}
    for asset in dataset.assets:
        database[asset.file_name] = {"annotations": []}
    clips = np.flatnonzero(table.kind == AnnotationKind.CLIP).tolist()
    for row in clips:
        start, end = float(table.t[row]), float(table.until[row])
        label = dataset.label_of(row)
        if label is None:
            tally.add(LossCode.MISSING_LABEL, dataset.assets[dataset.asset[row]].file_name)
        made: dict[str, Any] = {"segment": [start, start if np.isnan(end) else end], "label": label or UNNAMED}
        if not np.isnan(table.score[row]):
            made["score"] = float(table.score[row])
        database[dataset.assets[dataset.asset[row]].file_name]["annotations"].append(made)
    with write_whole(path) as stream:
        stream.write(encode_json({"version": VERSION, "database": database}) + b"\n")
    labels = len({dataset.label_of(row) or UNNAMED for row in clips})
    return LossReport(assets=len(database), objects=len(clips), labels=labels, losses=tally.counted())


class _Entry(Struct):
    segment: tuple[float, float]
    label: str
    score: float | None = None


class _Video(Struct):
    annotations: list[Any] = []


class _File(Struct):
    database: dict[str, Any]


def read_activitynet(path: str | Path, *, problems: Tally | None = None) -> Dataset:
    """Read ActivityNet's JSON. A segment that ends where it starts is a moment.

    Raises ``FileError`` where there is no ``database`` of videos.
    """
    tally = Tally() if problems is None else problems
    file = read_json(path, _File, "database of videos")
    builder = DatasetBuilder()
    for name, video in file.database.items():
        asset = builder.add_asset(DatasetAsset(file_name=name, kind=AssetKind.VIDEO))
        try:
            entries = msgspec.convert(video, _Video).annotations
        except (msgspec.ValidationError, RecursionError) as error:
            tally.add(ProblemCode.MALFORMED_ENTRY, f"{name}: {error}")
            continue
        for place, entry in enumerate(entries):
            try:
                found = msgspec.convert(entry, _Entry)
            except (msgspec.ValidationError, RecursionError) as error:
                tally.add(ProblemCode.MALFORMED_ENTRY, f"{name}: annotation {place}: {error}")
                continue
            start, end = found.segment
            if start < 0 or end < 0:
                tally.add(ProblemCode.MALFORMED_ENTRY, f"{name}: annotation {place}: a time before the start")
                continue
            until = None if start == end else end
            builder.add(asset, AnnotationKind.CLIP, [], found.label, t=start, until=until, score=found.score)
    return builder.build()
