"""Training data: what is annotated as the answer that a model should give, in chat messages, one asset a line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from ..files import encode_json, write_whole
from ..frames import Frame
from ..geometry import Annotation, AnnotationKind, Box, Clip, Point, Polygon
from ..losses import LossCode, LossCounter, LossReport
from ..markup.write import to_markup
from .dataset import Dataset
from .policies import AssetKind


def write_chat(
    dataset: Dataset,
    path: str | Path,
    *,
    prompt: str = "Find every {labels}.",
    system: str | None = None,
    nothing: str = "There is none.",
) -> LossReport:
    """Write chat JSONL: the asset and the prompt from the user, canonical markup from the assistant.

    ``{labels}`` in the prompt becomes the labels of the dataset. Coordinates are rounded to the grid and clamped to the
    asset, which is counted; times of shapes are kept, and what asks for a size and has none is left out. ``nothing`` is
    the answer where nothing is annotated.
    """
    tally, objects, assets = LossCounter(), 0, 0
    asked = prompt.replace("{labels}", ", ".join(dataset.labels))
    ends = dataset.rows_by_asset().tolist()
    with write_whole(path) as stream:
        for number, asset in enumerate(dataset.assets):
            if asset.kind is AssetKind.IMAGE and (asset.width is None or asset.height is None):
                tally.add(LossCode.MISSING_SIZE, asset.file_name)
                continue
            rows = range(ends[number], ends[number + 1])
            found = [value for row in rows if (value := _value(dataset, row, tally)) is not None]
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
    return LossReport(assets=assets, objects=objects, labels=len(dataset.labels), losses=tally.losses)


def _value(dataset: Dataset, row: int, tally: LossCounter) -> Annotation | None:
    """A row on the grid; None where its asset has no size."""
    table, asset = dataset.table, dataset.assets[dataset.asset[row]]
    label, t = dataset.label_of(row), float(table.t[row])
    if table.kind[row] == AnnotationKind.CLIP:
        until = float(table.until[row])
        return Clip(t, None if np.isnan(until) else until, mention=label)
    if asset.width is None or asset.height is None:
        tally.add(LossCode.MISSING_SIZE, asset.file_name)
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
        tally.add(LossCode.ROUNDED_COORDINATES, f"{asset.file_name}: {label}")
    return rounded
