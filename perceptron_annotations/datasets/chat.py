"""A :class:`Dataset` → training data: a chat for each asset, with the annotations as the answer of the model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from ..files import encode_json
from ..frames import Frame
from ..geometry import Annotation, AnnotationKind, Box, Clip, Point, Polygon
from ..losses import LossCode, LossCounter, LossReport
from ..markup.write import to_markup
from ..outputs import write_whole
from .dataset import Dataset
from .formats._selection import RowLosses
from .policies import AssetKind


def write_chat(
    dataset: Dataset,
    path: str | Path,
    *,
    prompt: str = "Find every {labels}.",
    system: str | None = None,
    nothing: str = "There is none.",
) -> LossReport:
    """Write chat JSONL, a line for each asset: the asset and the prompt from the user, markup from the assistant.

    Coordinates are rounded to the grid and clamped to the asset, which is counted; so is what shapes have beside them,
    such as keypoints and attributes, which markup has no place for. Timestamps are kept. Images without
    a size are left out and counted, and so are the shapes on videos without one.

    Args:
        dataset: What is written.
        path: The file, which is replaced as a whole.
        prompt: The prompt; ``{labels}`` in it becomes the labels of the dataset, separated by commas.
        system: A system message, if any.
        nothing: The answer for an asset without annotations.

    >>> from pathlib import Path
    >>> from perceptron_annotations.datasets import DatasetAsset, boxes_dataset, write_chat
    >>> image = DatasetAsset(file_name="a.png", width=1000, height=1000)
    >>> dataset = boxes_dataset([image], ["cat"], [0], [[10, 20, 30, 60]], [0])
    >>> write_chat(dataset, "train.jsonl").objects
    1
    >>> "(10,20) (30,60)" in Path("train.jsonl").read_text()
    True
    """
    losses, objects, assets = LossCounter(), 0, 0
    beside = RowLosses(dataset, losses)
    beside.lose_details(np.ones(len(dataset), dtype=bool), ())
    beside.lose_skeletons(lambda _: False)
    asked = prompt.replace("{labels}", ", ".join(dataset.labels))
    ends = dataset.rows_by_asset().tolist()
    with write_whole(path) as stream:
        for number, asset in enumerate(dataset.assets):
            if asset.kind is AssetKind.IMAGE and (asset.width is None or asset.height is None):
                losses.add(LossCode.MISSING_SIZE, asset.file_name)
                continue
            rows = range(ends[number], ends[number + 1])
            found = [value for row in rows if (value := _value(dataset, row, losses)) is not None]
            medium = f"{asset.kind}_url"
            media = {"type": medium, medium: {"url": asset.file_name}}
            messages = [
                {"role": "user", "content": [media, {"type": "text", "text": asked}]},
                {"role": "assistant", "content": to_markup(found) if found else nothing},
            ]
            if system is not None:
                messages.insert(0, {"role": "system", "content": system})
            stream.write(encode_json({"messages": messages}) + b"\n")
            objects += len(found)
            assets += 1
    return LossReport(assets=assets, objects=objects, labels=len(dataset.labels), losses=losses.losses)


def _value(dataset: Dataset, row: int, losses: LossCounter) -> Annotation | None:
    """A row on the grid; None if its asset has no size."""
    table, asset = dataset.table, dataset.assets[dataset.asset[row]]
    label, t = dataset.label_of(row), float(table.t[row])
    if table.kind[row] == AnnotationKind.CLIP:
        until = float(table.until[row])
        return Clip(t, None if np.isnan(until) else until, mention=label)
    if asset.width is None or asset.height is None:
        losses.add(LossCode.MISSING_SIZE, asset.file_name)
        return None
    frame = Frame.pixels(asset.width, asset.height)
    pairs = [tuple(pair) for pair in table.vertices(row).tolist()]
    context: dict[str, Any] = {"mention": label, "t": None if np.isnan(t) else t, "frame": frame}
    shape: Point | Box | Polygon
    if table.kind[row] == AnnotationKind.POINT:
        shape = Point(*pairs[0], **context)
    elif table.kind[row] == AnnotationKind.BOX:
        shape = Box(*pairs[0], *pairs[1], **context)
    else:
        shape = Polygon(tuple(pairs), **context)
    exact = shape.to(Frame.GRID)
    rounded = exact.clamped().rounded()
    if rounded != exact:
        losses.add(LossCode.ROUNDED_COORDINATES, f"{asset.file_name}: {label}")
    return rounded
