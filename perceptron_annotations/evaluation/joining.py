"""Which image of the predictions is which image of the truth: the one place that says so, for Python and the command.

Images join by file name, and names that differ by the rule of :mod:`..datasets.name_joining`. Two images of one name
are told apart by their split and their id in the file that they were read from; images that agree in all of these, by
their order if both sides have as many. What cannot be told apart is not joined, and its name is reported as ambiguous.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple, TypeVar

import numpy as np
from msgspec import structs

from ..datasets.asset_identity import AssetIdentity, identities_of
from ..datasets.dataset import DatasetAsset
from ..datasets.lists import Join, as_join
from ..datasets.name_joining import JoinedBy, NameJoin
from ..ops.arrays import Indices

Value = TypeVar("Value")


class Renamed(NamedTuple):
    """The name that an image of the truth has in the predictions, and how it was joined."""

    name: str
    by: JoinedBy


class Joined(NamedTuple):
    """The images of the truth, I of them, and the place of each asset among them."""

    #: What they are called, sorted: the file name, with what tells it apart if another image has the same.
    images: tuple[str, ...]
    #: ``(A,)`` of the assets of the predictions, -1 for one that is not joined, and of those of the truth.
    predicted: Indices
    true: Indices
    #: Names of the predictions that the truth does not have, and names of which it is open whose they are.
    unknown: tuple[str, ...]
    ambiguous: tuple[str, ...]
    #: How an image of the truth was joined whose name the predictions do not have, by what it is called here.
    renamed: Mapping[str, Renamed]


def join_assets(predictions: Sequence[DatasetAsset], truth: Sequence[DatasetAsset], join: Join | None = None) -> Joined:
    """Join the assets of predictions and truth; several assets of the predictions may be one image of the truth.

    ``join`` says which image of the truth a name of the predictions means, if the names do not tell.
    """
    names = NameJoin({asset.file_name: asset for asset in truth}, as_join(join))
    names.add(asset.file_name for asset in predictions)
    found, wanted = identities_of([_named_alike(asset, names) for asset in predictions]), identities_of(truth)
    called = image_names(truth)
    images = tuple(sorted(called))
    places = {name: place for place, name in enumerate(images)}
    by_name: dict[str, list[int]] = defaultdict(list)
    for number, identity in enumerate(wanted):
        by_name[identity.file_name].append(number)
    given: dict[str, list[int]] = defaultdict(list)
    for number, identity in enumerate(found):
        if names.image_of(predictions[number].file_name) is not None:
            given[identity.file_name].append(number)
    predicted = np.full(len(found), -1, dtype=np.int64)
    ambiguous = list(names.ambiguous)
    for name, assets in given.items():
        candidates = by_name[name]
        partners = _partners([found[asset] for asset in assets], [wanted[asset] for asset in candidates])
        for asset, partner in zip(assets, partners, strict=True):
            predicted[asset] = -1 if partner is None else places[called[candidates[partner]]]
        open_ones = [predictions[asset] for asset, partner in zip(assets, partners, strict=True) if partner is None]
        ambiguous += {asset.file_name for asset in open_ones}
    true = np.array([places[name] for name in called], dtype=np.int64)
    return Joined(
        images,
        predicted,
        true,
        tuple(sorted(names.unknown)),
        tuple(sorted(ambiguous)),
        _renamed(predictions, names, [None if place < 0 else images[place] for place in predicted.tolist()]),
    )


def _renamed(predictions: Sequence[DatasetAsset], names: NameJoin, images: Sequence[str | None]) -> dict[str, Renamed]:
    """How images were joined with assets of another name; ``images`` has the image of each asset."""
    found: dict[str, Renamed] = {}
    for asset, image in zip(predictions, images, strict=True):
        if image is not None and (by := names.way_of(asset.file_name)) is not JoinedBy.NAME:
            found.setdefault(image, Renamed(asset.file_name, by))
    return found


def _named_alike(asset: DatasetAsset, names: NameJoin) -> DatasetAsset:
    """An asset of the predictions under the name that its image has in the truth."""
    name = names.image_of(asset.file_name)
    return asset if name in (None, asset.file_name) else structs.replace(asset, file_name=name)


def by_image(values: Mapping[str, Value], images: Sequence[str], join: Join | None = None) -> dict[str, Value]:
    """``values`` by the names of images of the truth, joined as the predictions are; others are left out.

    If several names are listed as those of one image, the first has it.

    >>> by_image({"a": 1, "nobody": 2}, ["a.jpg"])
    {'a.jpg': 1}
    """
    names = NameJoin(dict.fromkeys(images), as_join(join))
    names.add(values)
    found: dict[str, Value] = {}
    for name, value in values.items():
        image = names.image_of(name)
        if image is not None:
            found.setdefault(image, value)
    return found


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
