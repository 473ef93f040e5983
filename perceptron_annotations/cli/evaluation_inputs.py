"""What ``evaluate`` reads: the truth and the predictions of each model. Each file is opened once."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from io import BufferedReader, BytesIO
from pathlib import Path
from typing import NamedTuple

from ..datasets.dataset import Dataset
from ..datasets.formats.choices import DatasetFormat
from ..datasets.formats.coco.results import is_coco_results, read_coco_results
from ..datasets.formats.recognition import recognise
from ..datasets.formats.registry import rate_option, read_dataset
from ..datasets.name_joining import WHAT_NEXT
from ..datasets.policies import Merge
from ..datasets.recording_importer import ImportReport, RecordingImporter
from ..errors import UsageError
from ..evaluation.joining import by_image, image_names, join_assets
from ..evaluation.recorded import RecordedAnswer, consensus_of, first_answers
from ..files import InputFile, Source, read_bytes
from ..frames import Frame
from ..markup.document import Mode
from ..ops.label_counts import LabelMap
from ..table.read import iter_recorded
from .console import progress
from .inputs import refuse_no_answers
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


class InputPath:
    """A path as it was given. A JSON file is kept in memory, so that several readers share one opening."""

    def __init__(self, path: str) -> None:
        self.path = path
        is_json = Path(path).suffix.lower() == ".json" and Path(path).is_file()
        self._data = read_bytes(path) if is_json else None

    @property
    def source(self) -> Source:
        """What a reader takes: the path, or the file from its beginning."""
        return self.path if self._data is None else InputFile(self.path, BufferedReader(BytesIO(self._data)))


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
    given, problems = InputPath(path), ProblemTable()
    with recognise(given.source) as found:
        if found.format is None:
            raise UsageError(
                f"{path} is not a dataset whose format can be detected: make one with convert --from … -o truth.json"
            )
        return Truth(given, _dataset(found.source, found.format, options, problems), problems)


def read_model(path: str, truth: Truth, options: ReadingOptions) -> Model:
    """The dataset at ``path``, or of the answers there. Raises ``UsageError`` if it shares no image with the truth."""
    model = _read(InputPath(path), truth, options)
    assets = truth.dataset.assets
    joined = join_assets(model.dataset.assets, assets, model.join)
    if assets and not model.answers and not (joined.predicted >= 0).any() and not joined.ambiguous:
        found = next((asset.file_name for asset in model.dataset.assets), model.first_name)
        other = "has none" if found is None else f"has, for example, {found}"
        raise UsageError(
            f"no image of the truth, for example {assets[0].file_name}, is in {path}, which {other}. Images join by "
            f"file name, apart from folders in front and endings: {WHAT_NEXT}"
        )
    return model


def _read(given: InputPath, truth: Truth, options: ReadingOptions) -> Model:
    problems = ProblemTable()
    if is_coco_results(given.source):
        dataset = read_coco_results(given.source, truth.input.source, on_problem=problems)
        problems.complain(given.path)
        return Model(given, _relabelled(dataset, options), problems, is_coco_results=True)
    with recognise(given.source) as found:
        if found.format is not None:
            dataset = _dataset(found.source, found.format, options, problems)
            return Model(given, dataset, problems, join=options.join)
        return _answers(given, found.source, truth.dataset, options)


def _answers(given: InputPath, source: Source, truth: Dataset, options: ReadingOptions) -> Model:
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
            source,
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
