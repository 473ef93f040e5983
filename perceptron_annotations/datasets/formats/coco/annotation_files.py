"""The COCO files of a folder: which are read, to which split each belongs, and where its images are.

COCO itself has ``annotations/instances_train2017.json`` and the images of each split in a folder of its own; CVAT has
``annotations/instances_default.json``; Roboflow has ``train/_annotations.coco.json`` beside the images.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from ....problems import ProblemCode
from ...paths import inside
from .._reading import Reading

_SPLIT = r"(?:train|val|valid|validation|test)"
#: The end of a file name that says a split, ``train2017`` in ``instances_train2017.json``.
_NAMED = re.compile(rf"(?:.*[_.-])?({_SPLIT}(?:-?dev)?[0-9]{{0,4}})", re.IGNORECASE)
_FOLDER = re.compile(_SPLIT, re.IGNORECASE)
_ROBOFLOW = "_annotations.coco.json"
_INSTANCES = "instances_"


class CocoFile(NamedTuple):
    """A COCO file of a folder."""

    path: Path
    split: str | None = None
    #: The folder that is read; None if the file is read by itself.
    root: Path | None = None

    def below(self, names: Sequence[str]) -> str:
        """What comes before the names of the images: their folder, from the one that holds those of all splits.

        ``names`` are those of some images. Without these images, only Roboflow's files say where they are.
        """
        if self.root is None or not names:
            return ""
        beside = self.path.parent.relative_to(self.root).as_posix()
        own = "" if beside == "." else f"{beside}/"
        split = "" if self.split is None else f"{self.split}/"
        for folder, prefix in (
            (self.path.parent, own),
            (self.root / "images" / split, split),
            (self.root / split, split),
        ):
            if any((path := inside(folder, name)) is not None and path.is_file() for name in names[:3]):
                return prefix
        return own if self.path.name == _ROBOFLOW else ""


def coco_files(source: Reading) -> Iterator[CocoFile]:
    """The file that is read; or the COCO files of the folder, by path.

    Beside ``instances_….json``, which has all objects, COCO's folder has files with the keypoints or the captions of
    the same images: they are told and left out, since their objects would come twice.
    """
    root = source.path
    if source.is_file:
        yield CocoFile(root)
        return
    files = source.files(".json")
    with_instances = {file.parent for file in files if file.name.startswith(_INSTANCES)}
    for file in files:
        if file.parent in with_instances and not file.name.startswith(_INSTANCES):
            said = "only the instances of a folder are read, not other files about the same images: name it to read it"
            source.problem(ProblemCode.UNSUPPORTED_ENTRY, file.name, said)
            continue
        named = _NAMED.fullmatch(file.stem)
        if named is not None:
            split = named[1]
        else:
            split = file.parent.name if file.parent != root and _FOLDER.fullmatch(file.parent.name) else None
        yield CocoFile(file, split, root)
