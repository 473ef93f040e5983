"""What ``convert`` writes of a dataset: one file or folder, or one for each split, and what is said of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ..datasets.dataset import Dataset
from ..datasets.formats.catalog import FORMATS
from ..datasets.formats.choices import DatasetFormat, PointPolicy
from ..datasets.formats.registry import rate_option, write_dataset
from ..datasets.image_files import ImageFiles
from ..datasets.known_sizes import Sizes
from ..datasets.name_joining import JoinReport
from ..datasets.splits import Splits, split_dataset, split_names
from ..errors import InputError, UsageError
from ..files import STANDARD
from ..losses import Loss, LossCode, LossReport
from ..ops.label_counts import LabelMap
from ..visible_text import visible
from .console import print_losses
from .filters import Selection
from .format_words import AnswerFormat

if TYPE_CHECKING:
    from rich.console import Console


#: Formats that have their splits in one folder.
_SPLIT_INSIDE = (DatasetFormat.YOLO, DatasetFormat.YOLO_SEGMENT, DatasetFormat.YOLO_POSE)
#: Losses that end when the sizes of the images are given.
_WITHOUT_SIZE = (LossCode.MISSING_SIZE, LossCode.MISSING_ASSET)


class DatasetOptions(NamedTuple):
    """What is wanted of a dataset that is written; nothing of it is for whole answers."""

    selection: Selection
    categories: Sequence[str] | None
    points: PointPolicy
    #: What knows the size of an image by its name.
    sizes: Sizes | None
    #: Which labels are one.
    label_map: LabelMap | None
    #: Which image belongs to which part; None for one part.
    splits: Splits | None
    seed: int
    #: The frame rate of videos that do not state one.
    fps: float | None
    #: The images that are put beside the labels.
    image_files: ImageFiles | None = None
    #: Whether a number at the end of a track's mention is its id, and not part of its label.
    track_ids: bool = False

    @property
    def is_default(self) -> bool:
        """Whether none of them was given."""
        given = (self.categories, self.label_map, self.splits, self.fps, self.sizes, self.image_files)
        return self.selection.everything and not self.track_ids and all(each is None for each in given)


class Job(NamedTuple):
    """What is to be written, and where."""

    output: str
    target: DatasetFormat | AnswerFormat
    options: DatasetOptions
    #: Where the report is printed.
    out: Console


class Written(NamedTuple):
    """A file or folder, and what is in it."""

    path: str
    report: LossReport


def write_parts(dataset: Dataset | Iterable[Dataset], job: Job) -> list[Written]:
    """One file or folder, or one for each split."""
    name, splits = DatasetFormat(job.target), job.options.splits
    own = rate_option(name, job.options.fps)
    if name is DatasetFormat.COCO:
        own["points"] = job.options.points
    if job.options.image_files is not None:
        if FORMATS[name].images_in is None:
            raise UsageError(f"{name.value} has no images beside it: leave out --copy-images and --link-images")
        own["images"] = job.options.image_files
    parts = {job.output: dataset}
    if splits is not None and isinstance(dataset, Dataset):
        if name in _SPLIT_INSIDE:
            own |= {"splits": splits, "seed": job.options.seed}
        else:
            split = split_dataset(dataset, splits, seed=job.options.seed)
            parts = {_part_path(job.output, part): content for part, content in split.items()}
    return [Written(path, write_dataset(content, path, name, **own)) for path, content in parts.items()]


def refuse_nothing(
    written: Sequence[Written], rows: int, losses: Sequence[Loss], names: JoinReport | None = None
) -> None:
    """Raise ``InputError`` if something was to be written and nothing is; ``rows`` were chosen."""
    reports = [part.report for part in written]
    has_objects = any(report.objects > 0 for report in reports)
    has_assets = any(report.assets > 0 for report in reports)
    lost = sorted((*losses, *(loss for report in reports for loss in report.losses)), key=lambda loss: -loss.count)
    if has_objects or not (rows or lost) or (has_assets and not rows):
        return
    why = str(lost[0]) if lost else "no annotation is left"
    hint = " (see --sizes and --images)" if any(loss.code in _WITHOUT_SIZE for loss in lost) else ""
    unjoined = () if names is None or not (names.unknown or names.ambiguous) else names.remarks[-1:]
    raise InputError(". ".join((f"everything was dropped, so nothing is written: {why}{hint}", *unjoined)))


def output_paths(output: str, target: DatasetFormat | AnswerFormat, splits: Splits | None) -> list[str]:
    """The files or folders that are written."""
    if splits is None or target in _SPLIT_INSIDE:
        return [output]
    return [_part_path(output, name) for name in split_names(splits)]


def _part_path(output: str, split: str) -> str:
    """Where a part goes: ``out.json`` becomes ``out-train.json``."""
    if output == STANDARD:
        raise UsageError("several parts cannot go to standard output: name an output file")
    path = Path(output)
    return str(path.with_name(f"{path.stem}-{split}{path.suffix}"))


def is_lossless(written: Sequence[Written]) -> bool:
    """Whether the files hold all of the dataset."""
    return not any(part.report.losses for part in written)


def print_written(job: Job, written: Sequence[Written]) -> None:
    """Print what was written, what was lost, and where the images belong."""
    images_in = FORMATS[DatasetFormat(job.target)].images_in
    for path, report in written:
        told = f"{report.assets} images, {report.objects} annotations, {report.labels} labels"
        job.out.print(visible(f"wrote {path}: {told}"))
        print_losses(job.out, f"what {job.target.value} does not hold", report.losses)
        if images_in is not None and job.options.image_files is None and report.assets:
            place = "beside its labels" if images_in == "." else f"below {Path(path) / images_in}"
            told = f"the images are not copied: each belongs {place} (--copy-images or --link-images puts it there)"
            job.out.print(visible(told))
