"""A dataset and the images that somebody has: each asset gets the file name of its image."""

from __future__ import annotations

from .dataset import Dataset
from .known_sizes import KnownSizes, Sizes
from .lists import Join, as_join
from .name_joining import JoinReport, NameJoin


def join_images(dataset: Dataset, sizes: Sizes, *, join: Join | None = None) -> tuple[Dataset, JoinReport]:
    """The dataset with the file names that its images have in ``sizes``, such as ``sizes_in(folder)``, and how.

    Names that differ are joined as for recordings: by folders in front that only one side has, by another ending or
    none, or by both, if that leaves one image. ``join`` is a mapping or a file for ``read_join`` that says the rest. An
    asset whose image is not known keeps its name.

    >>> from perceptron_annotations.datasets import DatasetAsset, DatasetBuilder, join_images
    >>> builder = DatasetBuilder()
    >>> _ = builder.add_asset(DatasetAsset(file_name="/data/a.png"))
    >>> dataset, report = join_images(builder.build(), {"a.png": (640, 480)})
    >>> dataset.assets[0].file_name, report.remarks
    ('a.png', ('joined by path: 1, first /data/a.png with a.png',))
    """
    names = NameJoin(KnownSizes(sizes), listed := as_join(join))
    called = [asset.file_name for asset in dataset.assets]
    names.add(called)
    images = {name: listed.get(name, name) if (image := names.image_of(name)) is None else image for name in called}
    return dataset.renamed(images), names.report(called)
