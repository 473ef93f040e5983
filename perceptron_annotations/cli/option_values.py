"""What the text of an option means: labels, splits, sizes and transforms, from words and files."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from math import isfinite
from pathlib import Path

from ..datasets.image_files import ImageFiles
from ..datasets.image_sizes import sizes_in
from ..datasets.keypoints import MOST_KEYPOINTS
from ..datasets.known_sizes import Sizes
from ..datasets.lists import LabelMap, read_label_map, read_labels, read_sizes, read_splits
from ..datasets.splits import Splits, check_splits
from ..datasets.transform import ImageTransform
from ..errors import UsageError


def sizes_from(folder: str | None, path: str | None, *, ignore_exif: bool) -> Sizes | None:
    """What knows the sizes of images: ``--images`` or ``--sizes``."""
    if folder is not None and path is not None:
        raise UsageError("--images and --sizes both give the sizes of images: use one of them")
    if path is not None:
        return read_sizes(path)
    return None if folder is None else sizes_in(folder, apply_orientation=not ignore_exif)


def label_map_from(path: str | None, *, ignore_case: bool, singular: bool = False) -> LabelMap | None:
    """Which labels are one: ``--label-map``, ``--ignore-case`` and ``--singular``."""
    if path is None and not ignore_case and not singular:
        return None
    synonyms = {} if path is None else read_label_map(path)
    return LabelMap(ignore_case=ignore_case, singular=singular, synonyms=synonyms)


def categories_from(named: Sequence[str] | None, path: str | None) -> Sequence[str] | None:
    """The labels in order: ``--category`` or ``--categories``."""
    if named and path is not None:
        raise UsageError("--category and --categories both list the labels: use one of them")
    return named if path is None else read_labels(path)


def image_files_from(images: str | None, *, copy: bool, link: bool) -> ImageFiles | None:
    """The images of a folder, to be copied or linked; None if neither is wanted."""
    if not (copy or link):
        return None
    if copy and link:
        raise UsageError("images are copied or linked, not both: leave out --copy-images or --link-images")
    if images is None:
        raise UsageError("--copy-images and --link-images need the folder with the images: add --images FOLDER")
    return ImageFiles(images, link=link)


def splits_from(text: str | None) -> Splits | None:
    """Shares, or a list of images from a file: ``--split``."""
    if text is None:
        return None
    if Path(text).suffix.lower() in (".csv", ".json"):
        return read_splits(text)
    parts = [part.partition("=") for part in text.split(",")]
    try:
        shares = {name: float(share) for name, _, share in parts}
    except ValueError:
        shares = {}
    if len(shares) < len(parts):
        raise UsageError(f"--split must be like train=0.8,val=0.2, or a CSV or JSON file, not {text!r}")
    check_splits(shares)
    return shares


def transform_from(scale: str | None, crop: str | None) -> ImageTransform:
    """From the recorded image to that of the dataset: ``--scale`` and ``--crop``."""
    factors = (1.0, 1.0) if scale is None else _numbers("--scale", scale, {1, 2}, "FACTOR or X,Y")
    if crop is None:
        return ImageTransform(scale=(factors[0], factors[-1]))
    left, top, width, height = _numbers("--crop", crop, {4}, "LEFT,TOP,WIDTH,HEIGHT")
    return ImageTransform(scale=(factors[0], factors[-1]), crop=(left, top, int(width), int(height)))


def sigmas_from(text: str | None) -> tuple[float, ...] | None:
    """The spread of each keypoint: ``--sigmas``."""
    return None if text is None else _numbers("--sigmas", text, range(1, MOST_KEYPOINTS + 1), "N,N,…")


def _numbers(option: str, text: str, counts: Collection[int], wanted: str) -> tuple[float, ...]:
    try:
        numbers = tuple(map(float, text.split(",")))
    except ValueError:
        numbers = ()
    if len(numbers) not in counts or not all(map(isfinite, numbers)):
        raise UsageError(f"{option} must be {wanted}, not {text!r}")
    return numbers
