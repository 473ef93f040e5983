"""Clips of videos as ActivityNet has them: JSON with ``segment`` ``[start, end]`` in seconds, not in frame numbers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from msgspec import Struct

from ...errors import FileError
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
from ._selection import RowLosses, lose_unread
from ._unread import others_in

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
    selection.lose_details(clips, ())
    own = OwnNames()
    names = [selection.own_name(own, asset.file_name) for asset in dataset.assets]
    unread = lose_unread(dataset, np.ones(len(names), dtype=bool), selection.losses)
    database: dict[str, Any] = {
        name: ({} if asset.split is None else {"subset": asset.split}) | {"annotations": []}
        for name, asset, is_unread in zip(names, dataset.assets, unread, strict=True)
        if not is_unread
    }
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
    duration: float | None = None
    subset: str | None = None


class _File(Struct):
    database: dict[str, Any] | None = None
    results: dict[str, Any] | None = None


def read_activitynet(path: Source, *, on_problem: OnProblem | None = None) -> Dataset:
    """Read ActivityNet's JSON: a ``database`` of the truth, or ``results`` of predictions.

    A segment that ends where it starts is a moment; one that ends before it starts is left out, and one beyond the
    duration of its video is told and kept. The subset of a video is its split; its duration is told and
    not kept. ``on_problem``
    is called with each problem; without it, one ``ProblemWarning`` counts them. Raises ``FileError`` if the file has
    neither.

    >>> from pathlib import Path
    >>> clips = '{"database": {"a.mp4": {"annotations": [{"segment": [1.5, 4], "label": "jump"}]}}}'
    >>> _ = Path("clips.json").write_text(clips)
    >>> pa.datasets.read_activitynet("clips.json").table.until.tolist()
    [4.0]
    """
    with reading(path, on_problem) as source:
        data = source.data()
        file = decode_file(data, path, _File, "database of videos")
        if file.database is file.results is None:
            raise FileError(f"{path} is not a file of clips: it has neither a database nor results")
        source.leave_unread("the file", others_in(data, ("version", *_File.__struct_fields__)), ())
        builder = DatasetBuilder()
        for name, entry in [*(file.database or {}).items(), *(file.results or {}).items()]:
            try:
                video = msgspec.convert({"annotations": entry} if isinstance(entry, list) else entry, _Video)
            except DECODE_ERRORS as error:
                builder.add_asset(DatasetAsset(file_name=name, kind=AssetKind.VIDEO))
                source.problem(ProblemCode.MALFORMED_ENTRY, name, error)
                continue
            asset = builder.add_asset(DatasetAsset(file_name=name, kind=AssetKind.VIDEO, split=video.subset))
            source.leave_unread("videos", entry if isinstance(entry, dict) else {}, ("annotations", "subset"))
            for number, each in enumerate(video.annotations):
                _add(source, builder, asset, each, f"{name}: annotation {number}", video.duration)
        return source.checked(builder.build())


def _add(source: Reading, builder: DatasetBuilder, asset: int, entry: Any, place: str, duration: float | None) -> None:
    try:
        found = msgspec.convert(entry, _Entry)
    except DECODE_ERRORS as error:
        source.problem(ProblemCode.MALFORMED_ENTRY, place, error)
        return
    source.leave_unread("annotations", entry, _Entry.__struct_fields__)
    start, end = found.segment
    if start < 0 or end < start:
        why = "a time is negative" if start < 0 or end < 0 else "the segment ends before it starts"
        source.problem(ProblemCode.MALFORMED_ENTRY, place, why)
        return
    if duration is not None and end > duration:
        said = f"the segment ends at {end:g} s of {duration:g} s; it is kept as it is"
        source.problem(ProblemCode.OUT_OF_BOUNDS, place, said)
    until = None if start == end else end
    builder.add(asset, AnnotationKind.CLIP, [], found.label, t=start, until=until, score=found.score)
