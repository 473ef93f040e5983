"""A ``Dataset`` and an ``ImportReport`` as cards: counts, labels, the first images, and what was left out."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import numpy as np

from ...datasets.dataset import Dataset
from ...datasets.import_report import ImportReport
from ...geometry import Clip
from ...losses import Loss
from ...markup.document import Status
from ...wording import counted
from ..html_fragments import Html, tag
from ..html_tables import table_html
from ..overlay.subjects import subject_of
from ..report_tables import ReportTable
from ..scene import Panel, frame_of_asset
from ..svg import gallery_svg
from .cards import bullets, card, counts_in_words, paragraph

#: So many images are drawn, of which so many rows each.
_MOST_IMAGES, _MOST_ROWS = 4, 300
_MOST_LABELS = 15
_IMAGE_SIZE = 180.0


def dataset_card(dataset: Dataset) -> str:
    """A dataset."""
    return card(
        paragraph(tag("b", repr(dataset).strip("<>"))),
        paragraph(_divisions(dataset), kind="faint"),
        tag("div", gallery_svg(_images(dataset), size=_IMAGE_SIZE), class_="side"),
        _more_images(dataset),
        _labels(dataset),
    )


def _divisions(dataset: Dataset) -> str:
    """How the answers about the assets came out, and the splits."""
    statuses = np.bincount(dataset.table.responses.status, minlength=len(Status)).tolist()
    parts = [counts_in_words({status.value: count for status, count in zip(Status, statuses, strict=True)})]
    splits = Counter(asset.split for asset in dataset.assets)
    if set(splits) - {None}:
        parts.append(counts_in_words({f"in {split or 'no split'}": count for split, count in splits.items()}))
    kinds = Counter(asset.kind.value for asset in dataset.assets)
    parts.append(", ".join(counted(count, kind) for kind, count in kinds.items()))
    return "; ".join(part for part in parts if part)


def _more_images(dataset: Dataset) -> Html:
    left = len(dataset.assets) - _MOST_IMAGES
    return paragraph(f"… and {left:,} more", kind="faint") if left > 0 else Html("")


def _labels(dataset: Dataset) -> Html:
    """The labels with the most rows."""
    if not dataset.labels:
        return Html("")
    counts = np.bincount(dataset.label[dataset.label >= 0], minlength=len(dataset.labels))
    order = np.argsort(-counts, kind="stable")[:_MOST_LABELS].tolist()
    rows = [(dataset.labels[code], f"{counts[code]:,}", _assets_with(dataset, code)) for code in order]
    left = len(dataset.labels) - _MOST_LABELS
    more = paragraph(f"… and {counted(left, 'more label')}", kind="faint") if left > 0 else ""
    table = table_html(ReportTable("", ("label", "rows", "assets"), rows, names=(0,)))
    return tag("div", table, more)


def _assets_with(dataset: Dataset, code: int) -> str:
    """Rows are in the order of assets, so an asset begins where it differs from the one before."""
    assets = dataset.asset[dataset.label == code]
    return f"{int(np.count_nonzero(np.diff(assets))) + (len(assets) > 0):,}"


def _images(dataset: Dataset) -> list[tuple[str, Panel]]:
    """The first images, each with its first rows."""
    ends = dataset.rows_by_asset()[: _MOST_IMAGES + 1].tolist()
    chosen = [range(start, min(end, start + _MOST_ROWS)) for start, end in pairwise(ends)]
    some = dataset.take(np.concatenate([np.empty(0, dtype=np.int64), *map(np.array, chosen)]).astype(np.int64))
    return [
        (_caption(dataset, number, end - start), _panel(some, number))
        for number, (start, end) in enumerate(pairwise(ends))
    ]


def _panel(dataset: Dataset, number: int) -> Panel:
    frame = frame_of_asset(dataset, number)
    subject = subject_of(dataset, (frame.width, frame.height), number, 1)
    marks = tuple(subject.marks([None] * len(subject.annotations)))
    clips = [mark.shape.replace(mention=mark.label) for mark in marks if isinstance(mark.shape, Clip)]
    return Panel(number, frame, marks, tuple(clips))


def _caption(dataset: Dataset, number: int, rows: int) -> str:
    asset = dataset.assets[number]
    known = asset.width is not None and asset.height is not None
    size = f"{asset.width:g} × {asset.height:g}" if known else "size unknown"
    drawn = f", {_MOST_ROWS} are drawn" if rows > _MOST_ROWS else ""
    return f"{asset.file_name}, {size}: {counted(rows, 'row') if rows else dataset.table.status[number]}{drawn}"


def import_card(report: ImportReport) -> str:
    """What became of recordings."""
    return card(
        paragraph(tag("b", counted(report.recordings, "recording")), f": {_came_to(report)}"),
        bullets(map(_loss, report.losses)),
        bullets(report.names.remarks),
        bullets(f"{each}" for each in report.track_labels),
    )


def _came_to(report: ImportReport) -> str:
    statuses = counts_in_words({status.value: count for status, count in report.statuses})
    endings = counts_in_words({ending.value: count for ending, count in report.endings})
    extra = [f"{report.truncated} cut off"] if report.truncated else []
    extra += [f"{counted(report.unplaced, 'annotation')} without a usable image"] if report.unplaced else []
    return "; ".join(part for part in (statuses, f"endings: {endings}" if endings else "", *extra) if part)


def _loss(loss: Loss) -> Html:
    return tag("span", tag("code", loss.code.value), f" {loss}")
