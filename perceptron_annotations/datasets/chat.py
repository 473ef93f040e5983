"""A :class:`Dataset` → training data: a chat for each asset, with the annotations as the answer of the model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from ..dialects.dialect import Dialect
from ..files import encode_json
from ..frames import Frame
from ..geometry import Annotation, AnnotationKind, Box, Clip, Point, Polygon
from ..losses import LossCode, LossCounter, LossReport
from ..markup.transcoding import OWN_MARKUP
from ..outputs import write_whole
from .chat_words import ChatWords, size_of
from .dataset import Dataset
from .formats._selection import RowLosses


def write_chat(
    dataset: Dataset,
    path: str | Path,
    *,
    prompt: str | None = None,
    system: str | None = None,
    nothing: str | None = None,
    dialect: Dialect | str = OWN_MARKUP,
) -> LossReport:
    """Write chat JSONL, a line for each asset: the asset and the prompt from the user, markup from the assistant.

    Coordinates are rounded to the grid, or as the dialect writes them, and clamped to the asset, which is counted; so
    is what shapes have beside them, such as keypoints and attributes, which markup has no place for, and what has no
    form in the dialect. Timestamps are kept. Images without a size are left out and counted, and so are the shapes on
    videos without one.

    Args:
        dataset: What is written.
        path: The file, which is replaced as a whole.
        prompt: The prompt; ``{labels}`` in it becomes the labels of the dataset, separated by commas. By default
            ``"Find every {labels}."``, or for a dialect what ``prompt_for`` says of the kind that the dataset has most
            of.
        system: A system message, if any.
        nothing: The answer for an asset without annotations: ``"There is none."`` by default, or what says so in the
            dialect.
        dialect: How the assistant answers: our own markup, ``"perceptron"``, or the dialect of another model.

    >>> from pathlib import Path
    >>> from perceptron_annotations.datasets import DatasetAsset, boxes_dataset, write_chat
    >>> image = DatasetAsset(file_name="a.png", width=1000, height=1000)
    >>> dataset = boxes_dataset([image], ["cat"], [0], [[10, 20, 30, 60]], [0])
    >>> write_chat(dataset, "train.jsonl").objects
    1
    >>> "(10,20) (30,60)" in Path("train.jsonl").read_text()
    True
    >>> write_chat(dataset, "train.jsonl", dialect="paligemma").objects
    1
    >>> "<loc0020><loc0010><loc0061><loc0031> cat" in Path("train.jsonl").read_text()
    True
    """
    losses, objects, assets = LossCounter(), 0, 0
    beside = RowLosses(dataset, losses)
    beside.lose_details(np.ones(len(dataset), dtype=bool), ())
    beside.lose_skeletons(lambda _: False)
    words = ChatWords(dataset, dialect, prompt, nothing)
    ends = dataset.rows_by_asset().tolist()
    with write_whole(path) as stream:
        for number, asset in enumerate(dataset.assets):
            if not words.fits(asset):
                losses.add(LossCode.MISSING_SIZE, asset.file_name)
                continue
            rows = range(ends[number], ends[number + 1])
            found = [value for row in rows if (value := _value(dataset, row, losses)) is not None]
            answer, count = words.answer(found, asset, losses)
            medium = f"{asset.kind}_url"
            media = {"type": medium, medium: {"url": asset.file_name}}
            messages = [
                {"role": "user", "content": [media, {"type": "text", "text": words.prompt(asset)}]},
                {"role": "assistant", "content": answer},
            ]
            if system is not None:
                messages.insert(0, {"role": "system", "content": system})
            stream.write(encode_json({"messages": messages}) + b"\n")
            objects += count
            assets += 1
    return LossReport(assets=assets, objects=objects, labels=len(dataset.labels), losses=losses.losses)


def _value(dataset: Dataset, row: int, losses: LossCounter) -> Annotation | None:
    """A row in the pixels of its asset; None if that has no size."""
    table, asset = dataset.table, dataset.assets[dataset.asset[row]]
    label, t = dataset.label_of(row), float(table.t[row])
    if table.kind[row] == AnnotationKind.CLIP:
        until = float(table.until[row])
        return Clip(t, None if np.isnan(until) else until, mention=label)
    if (size := size_of(asset)) is None:
        losses.add(LossCode.MISSING_SIZE, asset.file_name)
        return None
    frame = Frame.pixels(*size)
    pairs = [tuple(pair) for pair in table.vertices(row).tolist()]
    context: dict[str, Any] = {"mention": label, "t": None if np.isnan(t) else t, "frame": frame}
    if table.kind[row] == AnnotationKind.POINT:
        return Point(*pairs[0], **context)
    if table.kind[row] == AnnotationKind.BOX:
        return Box(*pairs[0], *pairs[1], **context)
    return Polygon(tuple(pairs), **context)
