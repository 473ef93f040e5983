"""What ``evaluate`` reads: the truth and the predictions of each model. Each file is opened once."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from io import BufferedReader, BytesIO
from typing import NamedTuple

from ..datasets.dataset import Dataset
from ..datasets.formats.choices import DatasetFormat
from ..datasets.formats.coco.results import is_coco_results, read_coco_results
from ..datasets.formats.recognition import Recognised
from ..datasets.formats.registry import rate_option, read_dataset
from ..datasets.name_joining import WHAT_NEXT
from ..datasets.policies import Merge
from ..datasets.recording_importer import ImportReport, RecordingImporter
from ..errors import FileError, InputError, UsageError
from ..evaluation.joining import by_image, image_names, join_assets
from ..evaluation.recorded import RecordedAnswer, consensus_of, first_answers
from ..files import InputFile, Source, read_bytes
from ..frames import Frame
from ..markup.document import Mode
from ..ops.label_counts import LabelMap
from ..table.read import iter_recorded
from .console import progress
from .inputs import recognised, refuse_no_answers
from .problem_table import ProblemTable


class ReadingOptions(NamedTuple):
    """How files are read."""

    mode: Mode
    frame: Frame
    key: str | None
    #: Which image of the truth each name means.
    join: Mapping[str, str]
    label_map: LabelMap | None
    #: The recorded fields that are wanted of each answer.
    fields: Sequence[str]
    #: The frame rate of videos whose file does not state one.
    fps: float | None
    #: Which answers are kept if several are about one image; with ``samples`` their consensus is.
    merge: Merge = Merge.ALL
    samples: bool = False
    #: The format of the predictions and of the truth, if the files do not tell.
    from_: str | None = None
    truth_from: str | None = None


class InputPath:
    """A path as it was given, with what it holds. A file of COCO is kept in memory for its several readers."""

    def __init__(self, path: str, found: Recognised) -> None:
        self.path = path
        self.found = found
        self._data = read_bytes(found.source) if found.format is DatasetFormat.COCO and _is_file(found) else None

    @property
    def source(self) -> Source:
        """What a reader takes: the input, or the file in memory from its beginning."""
        if self._data is None:
            return self.found.source
        return InputFile(self.path, BufferedReader(BytesIO(self._data)))  # type: ignore[arg-type]

    def dataset_format(self, hint: str) -> DatasetFormat:
        """The format. Raises ``UsageError`` with a hint if it is not a dataset, ``FileError`` if it is nothing."""
        if self.found.format is not None:
            return self.found.format
        if self.found.fault is not None:
            raise FileError(f"cannot read {self.path}: {self.found.fault.message}")
        if self.found.answers is not None:
            raise UsageError(f"{self.path} holds answers, not a dataset: make one of it with convert -o truth.json")
        raise UsageError(f"{self.path} is not a dataset whose format can be detected: {hint}")


def _is_file(found: Recognised) -> bool:
    return isinstance(found.source, InputFile)


class Truth(NamedTuple):
    """What is true."""

    input: InputPath
    dataset: Dataset
    problems: ProblemTable

    @property
    def is_sound(self) -> bool:
        """Whether nothing was wrong in the file."""
        return not len(self.problems)


class Model(NamedTuple):
    """The predictions of one model."""

    input: InputPath
    dataset: Dataset
    problems: ProblemTable
    is_coco_results: bool = False
    #: Of recorded answers: what the import left out, the first answer about each image of the truth, and what the first
    #: of all answers calls its image.
    imported: ImportReport | None = None
    answers: Mapping[str, RecordedAnswer] = {}
    first_name: str | None = None
    #: What of ``--join`` is still to be done; nothing for recorded answers, which have the names of the truth already.
    join: Mapping[str, str] = {}

    @property
    def is_sound(self) -> bool:
        """Whether nothing was wrong in the file, and every answer could be read whole and placed."""
        if len(self.problems):
            return False
        report = self.imported
        return report is None or not (report.losses or report.unsound)


def read_truth(path: str, options: ReadingOptions) -> Truth:
    """The truth. Raises ``UsageError`` if it is not a dataset whose format can be told."""
    problems = ProblemTable()
    with recognised(path, options.truth_from) as found:
        given = InputPath(path, found)
        name = given.dataset_format("name it with --truth-from, or make one with convert --from … -o truth.json")
        return Truth(given, _dataset(given.source, name, options, problems), problems)


def read_model(path: str, truth: Truth, options: ReadingOptions) -> Model:
    """The dataset at ``path``, or of the answers there. Raises ``UsageError`` if it shares no image with the truth."""
    with recognised(path, options.from_) as found:
        model = _read(InputPath(path, found), truth, options)
    assets = truth.dataset.assets
    joined = join_assets(model.dataset.assets, assets, model.join)
    if assets and not model.answers and not (joined.predicted >= 0).any() and not joined.ambiguous:
        name = next((asset.file_name for asset in model.dataset.assets), model.first_name)
        other = "has none" if name is None else f"has, for example, {name}"
        raise UsageError(
            f"no image of the truth, for example {assets[0].file_name}, is in {path}, which {other}. Images join by "
            f"file name, apart from folders in front and endings: {WHAT_NEXT}"
        )
    return model


def _read(given: InputPath, truth: Truth, options: ReadingOptions) -> Model:
    problems = ProblemTable()
    if given.found.format is DatasetFormat.COCO and is_coco_results(given.source):
        dataset = read_coco_results(given.source, truth.input.source, on_problem=problems)
        if problems.first is not None and not len(dataset):
            raise InputError(f"nothing could be read from {given.path}: {problems.first}")
        problems.complain(given.path)
        return Model(given, _relabelled(dataset, options), problems, is_coco_results=True)
    if given.found.format is not None:
        dataset = _dataset(given.source, given.found.format, options, problems)
        return Model(given, dataset, problems, join=options.join)
    return _answers(given, truth.dataset, options)


def _answers(given: InputPath, truth: Dataset, options: ReadingOptions) -> Model:
    """Recorded answers, placed on images as large as those of the truth."""
    sizes = {
        asset.file_name: (asset.width, asset.height)
        for asset in truth.assets
        if asset.width is not None and asset.height is not None
    }
    importer = RecordingImporter(sizes=sizes, join=options.join, label_map=options.label_map, merge=options.merge)
    problems = ProblemTable()
    with progress([given.path]) as watch:
        (recorded,) = iter_recorded(
            given.source,
            batch_size=sys.maxsize,
            mode=options.mode,
            frame=options.frame,
            key=options.key,
            on_problem=problems,
            progress=watch(given.path),
            fields=options.fields,
        )
    refuse_no_answers(len(recorded.assets), problems, given.path)
    problems.complain(given.path)
    sampled = consensus_of(recorded) if options.samples else recorded
    dataset = importer.add_batch(sampled)
    answers = first_answers(recorded)
    return Model(
        given,
        dataset,
        problems,
        imported=importer.report,
        answers=by_image(answers, image_names(truth.assets), options.join),
        first_name=next(iter(answers), None),
    )


def _dataset(source: Source, found: DatasetFormat, options: ReadingOptions, problems: ProblemTable) -> Dataset:
    dataset = read_dataset(source, found, on_problem=problems, **rate_option(found, options.fps))
    problems.complain(source)
    return _relabelled(dataset, options)


def _relabelled(dataset: Dataset, options: ReadingOptions) -> Dataset:
    return dataset if options.label_map is None else dataset.relabelled(options.label_map)
