"""What is wrong in a dataset that could be read: shapes beyond their picture, sizes that the pictures do not have."""

from __future__ import annotations

import numpy as np
from msgspec import structs

from ..geometry import AnnotationKind
from ..problems import ProblemCode
from .assets import Sizes, size_lookup
from .dataset import UNNAMED, Dataset, sizes_of
from .reports import Tally

#: Pixels by which a shape may reach beyond its picture: sums of shares are rounded.
_TOLERANCE = 1e-3


def count_outside(dataset: Dataset, problems: Tally) -> Dataset:
    """The same dataset; its shapes that reach beyond an asset of known size are counted."""
    sizes = sizes_of(dataset.assets)
    bounds = dataset.table.xyxy
    beyond = (bounds[:, :2] < -_TOLERANCE) | (bounds[:, 2:] > sizes[dataset.asset] + _TOLERANCE)
    rows = np.flatnonzero(beyond.any(axis=1) & (dataset.table.kind != AnnotationKind.CLIP))
    if len(rows):
        row = int(rows[0])
        where = f"{dataset.assets[dataset.asset[row]].file_name}: {dataset.label_of(row) or UNNAMED}"
        problems.add(ProblemCode.OUT_OF_BOUNDS, where, len(rows))
    return dataset


def check_sizes(dataset: Dataset, sizes: Sizes, problems: Tally) -> Dataset:
    """The dataset with the sizes of its pictures where it has none; those that disagree are kept, and counted.

    ``sizes`` are those of the pictures, such as ``sizes_in(folder)`` reads. A file stores a turned picture unturned, so
    a size with width and height the other way disagrees too: the annotations may be of another orientation.
    """
    size_of, assets = size_lookup(sizes), []
    for asset in dataset.assets:
        found = size_of(asset.file_name)
        if found is None:
            problems.add(ProblemCode.MISSING_IMAGE, asset.file_name)
        elif asset.width is None or asset.height is None:
            asset = structs.replace(asset, width=found.width, height=found.height, orientation=found.orientation)  # noqa: PLW2901
        elif (asset.width, asset.height) != (found.width, found.height):
            told = f"{asset.width:g}x{asset.height:g}, the picture has {found.width:g}x{found.height:g}"
            problems.add(ProblemCode.SIZE_MISMATCH, f"{asset.file_name}: {told}")
        assets.append(asset)
    return dataset.with_assets(assets)
