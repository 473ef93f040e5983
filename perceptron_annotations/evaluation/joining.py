"""Which image of the predictions is which image of the truth: the one place that says so, for Python and the command.

Images join by file name. Two images of one name are told apart by their split and their id in the file that they were
read from; images that agree in all of these, by their order if both sides have as many. What cannot be told apart is
not joined, and its name is reported as ambiguous.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from ..datasets.asset_identity import AssetIdentity, identities_of
from ..datasets.dataset import DatasetAsset
from ..ops.arrays import Indices


class Joined(NamedTuple):
    """The images of the truth, I of them, and the place of each asset among them."""

    #: What they are called, sorted: the file name, with what tells it apart if another image has the same.
    images: tuple[str, ...]
    #: ``(A,)`` of the assets of the predictions, -1 for one that is not joined, and of those of the truth.
    predicted: Indices
    true: Indices
    #: Assets of the predictions whose name the truth does not have, and names of which it is open whose they are.
    unknown: tuple[str, ...]
    ambiguous: tuple[str, ...]


def join_assets(predictions: Sequence[DatasetAsset], truth: Sequence[DatasetAsset]) -> Joined:
    """Join the assets of predictions and truth; several assets of the predictions may be one image of the truth."""
    found, wanted = identities_of(predictions), identities_of(truth)
    called = image_names(truth)
    images = tuple(sorted(called))
    places = {name: place for place, name in enumerate(images)}
    by_name: dict[str, list[int]] = defaultdict(list)
    for asset, identity in enumerate(wanted):
        by_name[identity.file_name].append(asset)
    given: dict[str, list[int]] = defaultdict(list)
    for asset, identity in enumerate(found):
        given[identity.file_name].append(asset)
    predicted = np.full(len(found), -1, dtype=np.int64)
    unknown, ambiguous = [], []
    for name, assets in given.items():
        candidates = by_name.get(name, [])
        if not candidates:
            unknown.append(name)
            continue
        partners = _partners([found[asset] for asset in assets], [wanted[asset] for asset in candidates])
        for asset, partner in zip(assets, partners, strict=True):
            predicted[asset] = -1 if partner is None else places[called[candidates[partner]]]
        if None in partners:
            ambiguous.append(name)
    true = np.array([places[name] for name in called], dtype=np.int64)
    return Joined(images, predicted, true, tuple(sorted(unknown)), tuple(sorted(ambiguous)))


def image_names(assets: Sequence[DatasetAsset]) -> list[str]:
    """What the images of a truth are called, each differently: by the file name alone if no other image has it.

    >>> twice = [pa.datasets.DatasetAsset(file_name="a.jpg", split=split) for split in ("train", "val")]
    >>> image_names(twice)
    ['a.jpg (train)', 'a.jpg (val)']
    """
    identities = identities_of(assets)
    counts = Counter(identity.file_name for identity in identities)
    return [each.file_name if counts[each.file_name] == 1 else _told_apart(each) for each in identities]


def _told_apart(asset: AssetIdentity) -> str:
    """``a.jpg (val, id 7)``, and ``#2`` for the second that agrees in all of these."""
    parts = [
        *([] if asset.split is None else [asset.split]),
        *([] if asset.source_id is None else [f"id {asset.source_id}"]),
        *([] if asset.occurrence == 0 else [f"#{asset.occurrence + 1}"]),
    ]
    return f"{asset.file_name} ({', '.join(parts)})" if parts else asset.file_name


def _partners(found: Sequence[AssetIdentity], wanted: Sequence[AssetIdentity]) -> list[int | None]:
    """The place among images of the truth of each image of one name; None if it is open which one is meant."""
    if len(wanted) == 1:
        (only,) = wanted
        same = [each.split is not None and each.split == only.split for each in found]
        return [0 if is_same or not any(same) else None for is_same in same]
    alike = Counter(each[:3] for each in found), Counter(each[:3] for each in wanted)
    partners: list[int | None] = []
    for each in found:
        if alike[0][each[:3]] == alike[1][each[:3]]:
            partners.append(wanted.index(each))
            continue
        left = list(range(len(wanted)))
        for field in ("split", "source_id"):
            value = getattr(each, field)
            same_field = [place for place in left if value is not None and getattr(wanted[place], field) == value]
            left = same_field or left
        partners.append(left[0] if len(left) == 1 else None)
    return partners
