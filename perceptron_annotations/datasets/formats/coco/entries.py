"""The entries of COCO files, written and read: images, categories and annotations.

The files of images and those of videos have them in common.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from math import isfinite
from typing import Any, NamedTuple, TypeVar

import msgspec
import numpy as np
from msgspec import UNSET, Struct, UnsetType
from numpy.typing import NDArray

from ....files import DECODE_ERRORS
from ....geometry import AnnotationKind
from ....problems import ProblemCode
from ...dataset import DatasetAsset
from ...keypoints import Skeleton
from ...label_source import LabelSource
from .._details import read_attributes
from .._reading import Reading
from .ids import id_number

Entry = TypeVar("Entry", bound=Struct)

#: The first entries of a file.
HEAD = {"info": {"description": "made by perceptron-annotations"}, "licenses": []}
#: The sum of two numbers below it is finite.
MOST = np.finfo(np.float64).max / 2


class OwnImage(Struct, omit_defaults=True, gc=False):
    """Fields of this package in an image; COCO's tools ignore them."""

    split: str | None = None


class Image(Struct, gc=False):
    """An image."""

    id: int
    file_name: str
    width: float
    height: float
    perceptron_annotations: OwnImage | UnsetType = UNSET


def image_of(number: int, asset: DatasetAsset) -> Image:
    """The image of an asset, whose size is known."""
    own = UNSET if asset.split is None else OwnImage(asset.split)
    return Image(number, asset.file_name, whole(asset.width or 0.0), whole(asset.height or 0.0), own)


def whole(size: float) -> float:
    """A width or height; a whole number as an integer, since some tools read only those."""
    return int(size) if size == int(size) else size


class Category(Struct):
    """A label."""

    id: int
    name: str
    supercategory: str = ""
    keypoints: list[str] | UnsetType = UNSET
    skeleton: list[list[int]] | UnsetType = UNSET
    #: Fields of this package; COCO's tools ignore them.
    perceptron_annotations: _OwnCategory | UnsetType = UNSET


class _OwnCategory(Struct):
    flip: list[int]


class Own(Struct, omit_defaults=True, gc=False):
    """Fields of this package in an annotation."""

    source: str | None = None
    span: list[int] | None = None
    score: float | None = None


class Annotation(Struct, gc=False):
    """An object, or one of its shapes in a video."""

    id: int
    image_id: int
    category_id: int
    bbox: list[float]
    area: float
    segmentation: list[list[float]]
    iscrowd: int = 0
    keypoints: list[float] | UnsetType = UNSET
    num_keypoints: int | UnsetType = UNSET
    ignore: int | UnsetType = UNSET
    attributes: dict[str, str | int | float | bool] | UnsetType = UNSET
    #: Of a shape in a video; tools find its object by one of these names or the other.
    video_id: int | UnsetType = UNSET
    instance_id: int | UnsetType = UNSET
    track_id: int | UnsetType = UNSET
    #: Fields of this package; COCO's tools ignore them.
    perceptron_annotations: Own | UnsetType = UNSET


class CategoryEntry(NamedTuple):
    """What a category has beside its name."""

    id: int
    supercategory: str = ""


def categories_of(
    entries: Mapping[str, CategoryEntry], with_points: Container[int], skeletons: Mapping[str, Skeleton]
) -> list[Category]:
    """The categories by name; those with points have one keypoint."""
    found = []
    for name, entry in entries.items():
        made, skeleton = Category(entry.id, name, entry.supercategory), skeletons.get(name)
        if skeleton is not None:
            made.keypoints = list(skeleton.names)
            made.skeleton = [[start + 1, end + 1] for start, end in skeleton.edges]
            if skeleton.flip:
                made.perceptron_annotations = _OwnCategory(list(skeleton.flip))
        elif entry.id in with_points:
            made.keypoints, made.skeleton = ["point"], []
        found.append(made)
    return found


# -- reading ---------------------------------------------------------------------------------------------------------


def same_id(number: int | str) -> int | str:
    """An id as it is compared with others: some tools write a number as text in one place and not in the other."""
    found = id_number(number) if isinstance(number, str) else None
    return number if found is None else found


class ReadImage(Struct, gc=False):
    """An image, as far as it is read."""

    id: int | str
    file_name: str | None = None
    width: float | None = None
    height: float | None = None
    perceptron_annotations: OwnImage | None = None

    def __post_init__(self) -> None:
        self.id = same_id(self.id)

    def asset(self) -> DatasetAsset:
        """The image as an asset; one without a name has its id for a name."""
        own = self.perceptron_annotations
        return DatasetAsset(
            file_name=self.file_name or str(self.id),
            width=self.width,
            height=self.height,
            source_id=str(self.id),
            split=None if own is None else own.split,
        )


class ReadCategory(Struct, gc=False):
    """A label, as far as it is read."""

    id: int | str
    name: str
    supercategory: Any = None
    keypoints: Any = None
    skeleton: Any = None
    perceptron_annotations: Any = None

    def __post_init__(self) -> None:
        self.id = same_id(self.id)

    @property
    def source(self) -> LabelSource:
        """What the file calls the label."""
        return LabelSource(str(self.id), self.supercategory if isinstance(self.supercategory, str) else "")


class ReadOwn(Struct, gc=False):
    """What this package wrote beside COCO's fields, as far as it is read."""

    source: str | None = None
    score: float | None = None


class ReadAnnotation(Struct):
    """An object, or one of its shapes in a video, as far as it is read."""

    image_id: int | str
    category_id: int | str
    id: int | str | None = None
    bbox: list[float] | None = None
    segmentation: Any = None
    keypoints: Any = None
    area: float | None = None
    iscrowd: int | bool | None = 0
    ignore: int | bool | None = 0
    score: float | None = None
    attributes: Any = None
    perceptron_annotations: ReadOwn | None = None

    def __post_init__(self) -> None:
        self.image_id, self.category_id = same_id(self.image_id), same_id(self.category_id)


Labelled = TypeVar("Labelled", bound=ReadAnnotation)


def each_of(source: Reading, entries: Iterable[Any] | None, kind: type[Entry], name: str) -> list[Entry]:
    """The entries of the list ``name`` that can be read as ``kind``."""
    found = []
    for number, entry in enumerate(entries or ()):
        try:
            found.append(msgspec.convert(entry, kind, strict=False))
        except DECODE_ERRORS as error:
            source.problem(ProblemCode.MALFORMED_ENTRY, f"{name}[{number}]", error)
    return found


def sound_annotations(
    source: Reading,
    entries: Iterable[Any] | None,
    kind: type[Labelled],
    images: Container[int | str],
    categories: Container[int | str],
) -> Iterator[Labelled]:
    """The annotations with an id of their own that refer to an image and a category of the file."""
    seen: set[int | str] = set()
    for annotation in each_of(source, entries, kind, "annotations"):
        place = f"annotation {annotation.id}"
        if annotation.id is not None and annotation.id in seen:
            source.problem(ProblemCode.DUPLICATE_ENTRY, place)
            continue
        if annotation.id is not None:
            seen.add(annotation.id)
        if annotation.image_id not in images:
            source.problem(ProblemCode.DANGLING_REFERENCE, place, f"there is no image {annotation.image_id}")
        elif annotation.category_id not in categories:
            source.problem(ProblemCode.DANGLING_REFERENCE, place, f"there is no category {annotation.category_id}")
        else:
            if not _are_numbers(annotation.keypoints):
                source.problem(ProblemCode.UNSUPPORTED_ENTRY, place, "keypoints that are not a list of numbers")
                annotation.keypoints = None
            yield annotation


def _are_numbers(found: Any) -> bool:
    """Whether keypoints are a list of numbers, or none."""
    return found is None or (isinstance(found, list) and all(type(number) in (int, float) for number in found))


def context_of(source: Reading, annotation: ReadAnnotation) -> dict[str, Any]:
    """What the rows of an annotation have in common, as arguments of ``DatasetBuilder.add``."""
    own = annotation.perceptron_annotations or ReadOwn()
    bbox, area = annotation.bbox, annotation.area
    return {
        "iscrowd": bool(annotation.iscrowd),
        "ignore": bool(annotation.ignore),
        "score": annotation.score if annotation.score is not None else own.score,
        "source": own.source or ("" if annotation.id is None else str(annotation.id)),
        "bbox": bbox if bbox is not None and len(bbox) == 4 and all(map(isfinite, bbox)) else None,  # noqa: PLR2004
        "area": area if area is not None and isfinite(area) else None,
        "attributes": read_attributes(source, annotation.attributes, f"annotation {annotation.id}"),
    }


def shapes_of(source: Reading, annotation: ReadAnnotation) -> list[tuple[AnnotationKind, NDArray[np.float64]]]:
    """The shapes of an annotation: its rings, else its box; none if they are malformed."""
    place = f"annotation {annotation.id}"
    shapes: list[tuple[AnnotationKind, NDArray[np.float64]]] = []
    if isinstance(annotation.segmentation, list):
        for ring in annotation.segmentation:
            pairs = _pairs(ring)
            if pairs is None or len(pairs) < 3:  # noqa: PLR2004
                source.problem(ProblemCode.MALFORMED_ENTRY, place, "a ring is not a list of three pairs or more")
            else:
                shapes.append((AnnotationKind.POLYGON, pairs))
    elif annotation.segmentation is not None:
        source.problem(ProblemCode.UNSUPPORTED_ENTRY, place, "a run-length mask")
    if not shapes and annotation.bbox is not None:
        if len(annotation.bbox) != 4:  # noqa: PLR2004
            source.problem(ProblemCode.MALFORMED_ENTRY, place, "bbox does not have four numbers")
            return []
        left, top, width, height = annotation.bbox
        shapes.append((AnnotationKind.BOX, np.array([[left, top], [left + width, top + height]])))
    if not all(np.isfinite(coords).all() for _, coords in shapes):
        source.problem(ProblemCode.NON_FINITE_COORDINATES, place)
        return []
    return shapes


def _pairs(ring: Any) -> NDArray[np.float64] | None:
    """A flat list of numbers as pairs; None if it is anything else."""
    if not isinstance(ring, list) or len(ring) % 2 or not all(type(number) in (int, float) for number in ring):
        return None
    try:
        return np.array(ring, dtype=np.float64).reshape(-1, 2)
    except OverflowError:
        return None
