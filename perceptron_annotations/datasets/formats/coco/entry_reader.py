"""COCO files read entry by entry into one dataset: what is wrong in one of them costs only that entry."""

from __future__ import annotations

from typing import Any

from msgspec import Struct, structs

from ....errors import FileError
from ....files import decode_file
from ....problems import ProblemCode
from ...builder import DatasetBuilder
from ...dataset import Dataset
from ...object_measures import own_measures
from .._reading import Reading
from .annotation_files import CocoFile
from .annotation_rows import Place, add_annotation, enter_categories, name_keypoints
from .entries import ReadAnnotation, ReadCategory, ReadImage, each_of, sound_annotations
from .left_fields import leave_unread


class _File(Struct):
    images: list[Any] | None = None
    annotations: list[Any] | None = None
    categories: list[Any] | None = None
    keypoint_categories: Any = None


class EntryReader:
    """The entries of some files, which share the labels of one name."""

    def __init__(self, source: Reading) -> None:
        self._source = source
        self._builder = DatasetBuilder()

    def add(self, data: bytes, file: CocoFile) -> None:
        """Enter a file. Raises ``FileError`` if it is not a COCO file."""
        if data.lstrip().startswith(b"["):
            raise FileError(
                f"{file.path} is a list, as COCO results are, and not a COCO file: evaluate it against the file of its "
                "images (--truth)"
            )
        found = decode_file(data, file.path, _File, "COCO file")
        if found.images is found.annotations is found.categories is None:
            raise FileError(f"{file.path} is not a COCO file: it has no images, annotations or categories")
        source, builder = self._source, self._builder
        leave_unread(source, data, found.annotations)
        labels = each_of(source, found.categories, ReadCategory, "categories")
        name_keypoints(labels, found.keypoint_categories)
        images = self._enter_images(found.images, file)
        ids = {label.id for label in labels}
        annotations = list(sound_annotations(source, found.annotations, ReadAnnotation, images, ids))
        categories = enter_categories(source, builder, labels, annotations)
        for annotation in annotations:
            place = Place(images[annotation.image_id], builder.new_object())
            add_annotation(source, builder, annotation, categories, place)

    def dataset(self) -> Dataset:
        """What all files say."""
        return own_measures(self._builder.build())

    def _enter_images(self, entries: list[Any] | None, file: CocoFile) -> dict[int | str, int]:
        """The assets of the images of a file by id."""
        found: dict[int | str, int] = {}
        images = each_of(self._source, entries, ReadImage, "images")
        below = file.below([image.file_name for image in images[:3] if image.file_name])
        for image in images:
            if image.id in found:
                self._source.problem(ProblemCode.DUPLICATE_ENTRY, f"image {image.id}")
                continue
            if not image.file_name:
                said = "it has no file_name: its id is its name"
                self._source.problem(ProblemCode.MALFORMED_ENTRY, f"image {image.id}", said)
            asset = image.asset()
            own = structs.replace(asset, file_name=f"{below}{asset.file_name}", split=asset.split or file.split)
            found[image.id] = self._builder.add_asset(own)
        return found
