"""What is wrong in a dataset that could be read: shapes that reach beyond their image, sizes that the images deny."""

from __future__ import annotations

import numpy as np
from msgspec import structs
from numpy.typing import NDArray

from ..geometry import AnnotationKind
from ..problems import OnProblem, Problem, ProblemCode, reporting
from .dataset import UNNAMED, Dataset, sizes_of
from .keypoints import MISSING, Keypoints
from .known_sizes import Sizes, size_lookup

#: Pixels by which a shape may reach beyond its image without being told: formats that store fractions round them.
_TOLERANCE = 1e-3


def note_out_of_bounds(dataset: Dataset, on_problem: OnProblem, *, path: str = "") -> None:
    """Tell each shape that reaches beyond its asset, if the size of that is known; ``path`` is the file it is from."""
    sizes = sizes_of(dataset.assets)
    bounds = dataset.table.xyxy
    beyond = ((bounds[:, :2] < -_TOLERANCE) | (bounds[:, 2:] > sizes[dataset.asset] + _TOLERANCE)).any(axis=1)
    beyond &= dataset.table.kind != AnnotationKind.CLIP
    if dataset.keypoints is not None:
        beyond |= _has_keypoints_beyond(dataset.keypoints, sizes[dataset.asset])
    code = ProblemCode.OUT_OF_BOUNDS
    for row in np.flatnonzero(beyond).tolist():
        place = f"{dataset.assets[dataset.asset[row]].file_name}: {dataset.label_of(row) or UNNAMED}"
        on_problem(Problem(code=code, message=code.meaning, path=path, place=place))


def _has_keypoints_beyond(keypoints: Keypoints, sizes: NDArray[np.float64]) -> NDArray[np.bool_]:
    """``(N,)``: whether a labelled keypoint of a row reaches beyond its asset, whose size ``(N, 2)`` is given."""
    row = np.repeat(np.arange(len(keypoints)), keypoints.counts)
    beyond = ((keypoints.xy < -_TOLERANCE) | (keypoints.xy > sizes[row] + _TOLERANCE)).any(axis=1)
    found = np.zeros(len(keypoints), dtype=bool)
    found[row[beyond & (keypoints.visibility > MISSING)]] = True
    return found


def check_sizes(dataset: Dataset, sizes: Sizes, *, on_problem: OnProblem | None = None) -> Dataset:
    """The dataset with sizes for the assets that have none, and a problem for each size that the images deny.

    ``sizes`` are those of the image files, such as ``sizes_in(folder)`` reads. A size that disagrees is kept. So is one
    with width and height swapped, which is a hint that the annotations were made on the image in another orientation.
    ``on_problem`` is called with each problem; without it, one ``ProblemWarning`` counts them.

    >>> from perceptron_annotations.datasets import DatasetAsset, DatasetBuilder, check_sizes
    >>> builder = DatasetBuilder()
    >>> _ = builder.add_asset(DatasetAsset(file_name="a.png"))
    >>> check_sizes(builder.build(), {"a.png": (640, 480)}).assets
    (DatasetAsset(file_name='a.png', width=640, height=480, kind=<AssetKind.IMAGE: 'image'>, ...),)
    """
    size_of, assets = size_lookup(sizes), []
    with reporting(on_problem) as tell:
        for asset in dataset.assets:
            found = size_of(asset.file_name)
            if found is None:
                code = ProblemCode.MISSING_IMAGE
                tell(Problem(code=code, message=code.meaning, place=asset.file_name))
            elif asset.width is None or asset.height is None:
                asset = structs.replace(asset, width=found.width, height=found.height, orientation=found.orientation)  # noqa: PLW2901
            elif (asset.width, asset.height) != (found.width, found.height):
                said = f"{asset.width:g}x{asset.height:g} in the dataset, {found.width:g}x{found.height:g} in the image"
                tell(Problem(code=ProblemCode.SIZE_MISMATCH, message=said, place=asset.file_name))
            assets.append(asset)
    return dataset.with_assets(assets)
