"""The image files of a dataset, copied or linked to where a format expects them beside its labels."""

from __future__ import annotations

import shutil
from pathlib import Path

from msgspec import Struct

from ..losses import LossCode, LossCounter
from .paths import inside


class ImageFiles(Struct, frozen=True):
    """Where the images of a dataset are, and whether they are copied or linked.

    Formats that are folders with the images beside the labels (YOLO, VOC, LabelMe) take it as ``images``. A link is a
    symbolic one, and leads to the absolute path of the image.

    >>> from perceptron_annotations.datasets import ImageFiles
    >>> ImageFiles("photos", link=True).link
    True
    """

    #: The file name of an asset is a path below it.
    folder: str | Path
    link: bool = False

    def place(self, name: str, target: Path, losses: LossCounter) -> None:
        """Put the image ``name`` to ``target``; one that is not a regular file in the folder is counted."""
        source = inside(Path(self.folder), name)
        if source is None or not source.is_file():
            losses.add(LossCode.MISSING_IMAGE, name)
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        if self.link:
            target.symlink_to(source.resolve())
        else:
            shutil.copyfile(source, target)
