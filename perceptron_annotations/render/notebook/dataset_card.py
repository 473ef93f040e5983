"""A ``Dataset`` and an ``ImportReport`` as cards: counts, labels, the first images, and what was left out."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np
from msgspec import structs

from ...datasets.dataset import UNNAMED, Dataset, DatasetAsset
from ...datasets.recording_importer import ImportReport
from ...frames import Frame
from ...geometry import Annotation, Clip, Track
from ...losses import Loss
from ...markup.document import Status
from ...wording import counted
from ..html_fragments import Html, tag
from ..report_tables import ReportTable
from ..scene import Single
from ..svg import NamedImage, gallery_svg
from .cards import bullets, card, counts_in_words, paragraph, table_html

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
    table = table_html(ReportTable("", ("label", "rows", "assets"), rows), numbers=(1, 2))
    return tag("div", table, more)


def _assets_with(dataset: Dataset, code: int) -> str:
    """Rows are in the order of assets, so an asset begins where it differs from the one before."""
    assets = dataset.asset[dataset.label == code]
    return f"{int(np.count_nonzero(np.diff(assets))) + (len(assets) > 0):,}"


def _images(dataset: Dataset) -> list[NamedImage]:
    count = min(_MOST_IMAGES, len(dataset.assets))
    chosen = np.zeros(len(dataset.assets), dtype=bool)
    chosen[:count] = True
    some = dataset.take_assets(chosen)
    sized = some.with_assets([_sized(some, number) for number in range(count)])
    values = sized.table.to_annotations()
    ends = np.cumsum([0, *map(len, values)]).tolist()
    return [
        NamedImage(
            _caption(dataset.assets[number], sized.table.status[number], len(values[number])),
            Frame.pixels(asset.width or 1, asset.height or 1),
            _singles(sized, values[number][:_MOST_ROWS], ends[number]),
        )
        for number, asset in enumerate(sized.assets)
    ]


def _sized(dataset: Dataset, number: int) -> DatasetAsset:
    """An asset with a size: if it is unknown, one that all its shapes fit in."""
    asset = dataset.assets[number]
    if asset.width is not None and asset.height is not None:
        return asset
    bounds = dataset.table.xyxy[dataset.asset == number]
    bounds = bounds[~np.isnan(bounds).any(axis=1)]
    width, height = bounds[:, 2:].max(axis=0, initial=1.0).tolist()
    return structs.replace(asset, width=width, height=height)


def _caption(asset: DatasetAsset, status: str, rows: int) -> str:
    known = asset.width is not None and asset.height is not None
    size = f"{asset.width:g} × {asset.height:g}" if known else "size unknown"
    drawn = f", {_MOST_ROWS} of {rows} rows" if rows > _MOST_ROWS else ""
    return f"{asset.file_name}, {size}: {counted(rows, 'row') if rows else status}{drawn}"


def _singles(dataset: Dataset, annotations: Sequence[Annotation], first: int) -> list[Single]:
    """The rows of an asset with their labels; rows of one object with times are a track."""
    objects: defaultdict[int, list[Annotation]] = defaultdict(list)
    for row, annotation in enumerate(annotations, first):
        label = dataset.label_of(row) or UNNAMED
        objects[int(dataset.object[row])].append(annotation.replace(mention=label))
    singles: list[Single] = []
    for rows in objects.values():
        shapes = [row for row in rows if not isinstance(row, Clip) and row.t is not None]
        if len(shapes) == len(rows) > 1 and len({type(shape) for shape in shapes}) == 1:
            singles.append(Track(tuple(shapes), mention=rows[0].mention))
        else:
            singles += rows
    return singles


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
