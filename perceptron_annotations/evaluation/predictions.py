"""Files → the truth and the predictions of each model, as :func:`evaluate` takes them. Each file is opened once."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from io import BufferedReader, BytesIO
from itertools import chain
from os import PathLike, fspath
from typing import NamedTuple

from msgspec import Struct
from msgspec.structs import force_setattr

from ..completions.answer_files import AnswerForm
from ..completions.answer_reading import AnswerDialect
from ..completions.shard_names import answer_shards
from ..datasets.dataset import Dataset, DatasetAsset
from ..datasets.formats.choices import DatasetFormat
from ..datasets.formats.coco.results import is_coco_results, read_coco_results
from ..datasets.formats.recognition import Recognised, checked_format, recognise
from ..datasets.formats.registry import rate_option, read_dataset
from ..datasets.import_report import ImportReport
from ..datasets.lists import as_join, as_label_map
from ..datasets.name_joining import WHAT_NEXT, JoinReport
from ..datasets.policies import Merge
from ..datasets.recording_importer import SHARD_SIZE, RecordingImporter
from ..errors import InputError, UsageError
from ..files import InputFile, Source, read_bytes
from ..frames import Frame
from ..losses import Loss
from ..markup.document import Mode, checked_mode
from ..ops.label_counts import LabelMap
from ..problems import OnProblem, Problem, refuse_no_answers, reporting
from ..table.read import iter_recorded
from ..table.read_beside import ReaderInput, read_beside
from ..table.recorded_table import RecordedTable, joined
from ..words import member_of
from .joining import by_image, image_names, join_assets
from .recorded import RecordedAnswer, consensus_of, first_answers


class ReadingOptions(Struct, frozen=True, kw_only=True):
    """How the truth and the predictions are read from files.

    ``label_map``, ``fps`` and ``truth_format`` are of the truth, too; all others of the predictions alone. Raises
    ``UsageError`` for a mode or a merge that does not exist.

    >>> ReadingOptions(fields=("model",), label_map=pa.datasets.LabelMap(ignore_case=True)).merge
    <Merge.ALL: 'all'>
    """

    mode: Mode = Mode.LENIENT
    #: What the coordinates of answers count.
    frame: Frame | None = None
    #: How answers are written, as for ``read_table``: ``"qwen3-vl"``, ``"by-model"``; None for our own markup.
    dialect: AnswerDialect | None = None
    #: The field that holds the key of an answer, if it is not the usual one.
    key: str | None = None
    #: Which image of the truth each name means, if the names do not tell.
    join: Mapping[str, str] = {}
    #: Which answers are kept if several are about one image; with ``samples`` their consensus is.
    merge: Merge = Merge.ALL
    samples: bool = False
    #: The recorded fields that are read of each answer, with dots into objects, such as ``request.temperature``.
    fields: tuple[str, ...] = ()
    #: Which labels are one, on both sides.
    label_map: LabelMap | None = None
    #: The frame rate of videos whose file does not state one.
    fps: float | None = None
    #: What the files of predictions and of the truth hold, if they do not tell it.
    format: DatasetFormat | AnswerForm | None = None
    truth_format: DatasetFormat | AnswerForm | None = None

    def __post_init__(self) -> None:
        force_setattr(self, "mode", checked_mode(self.mode))
        force_setattr(self, "merge", member_of(Merge, self.merge, "merge"))
        force_setattr(self, "fields", _names(self.fields))
        force_setattr(self, "join", as_join(self.join))
        if self.label_map is not None:
            force_setattr(self, "label_map", as_label_map(self.label_map))


def _names(given: Sequence[str]) -> tuple[str, ...]:
    """Names, or one alone."""
    return (given,) if isinstance(given, str) else tuple(given)


class KeptFile(Struct, frozen=True, eq=False):
    """A file as it was named; one of COCO is kept in memory, so that several readers share one opening.

    >>> pa.evaluation.KeptFile("results.json", b"[]").path
    'results.json'
    """

    path: str
    data: bytes

    @property
    def source(self) -> Source:
        """What a reader takes: the file from its beginning."""
        return InputFile(self.path, BufferedReader(BytesIO(self.data)))


def _kept(found: Recognised) -> KeptFile | None:
    """The file, if it is one of COCO."""
    if found.format is not DatasetFormat.COCO or not isinstance(found.source, InputFile):
        return None
    return KeptFile(fspath(found.source), read_bytes(found.source))


class Truth(Struct, frozen=True, eq=False, kw_only=True):
    """What is true, and what the text forms of a report call it; :func:`read_truth` gives one."""

    dataset: Dataset
    name: str | None = None
    #: The file of COCO that it was read from, which COCO results are read with.
    file: KeptFile | None = None


class CocoFiles(Struct, frozen=True):
    """COCO results and their annotations: what pycocotools would evaluate, to the last bit."""

    results: KeptFile
    annotations: KeptFile


class ReadingReport(Struct, frozen=True, kw_only=True):
    """What there is to know of predictions that were read from recorded answers."""

    #: How the names of images were joined with those of the truth.
    names: JoinReport = JoinReport()

    #: Answers that are partial or unreadable, were cut off, or did not end as they should.
    unsound: int = 0
    #: What of the answers could not be used, counted by code.
    losses: tuple[Loss, ...] = ()
    #: The consensus of several answers about each image is evaluated.
    is_consensus: bool = False
    #: Images with several answers, all of whose annotations are evaluated together.
    repeated_images: tuple[str, ...] = ()


class Predictions(Struct, frozen=True, eq=False, kw_only=True):
    """What one model predicted, what the model is called, and what its answers said besides.

    :func:`read_predictions` gives one; a :class:`Dataset` alone is enough for :func:`evaluate`, too.

    >>> predictions = Predictions(dataset=pa.datasets.DatasetBuilder().build(), name="my model")
    >>> pa.evaluate(predictions, predictions.dataset).predictions
    'my model'
    """

    dataset: Dataset
    name: str | None = None
    #: The first answer about each image, by file name, if answers were read: where it is, and what it says.
    answers: Mapping[str, RecordedAnswer] = {}
    reading: ReadingReport = ReadingReport()
    #: Which image of the truth a name in the dataset or in the answers means, if the names do not tell.
    join: Mapping[str, str] = {}
    #: What average precision is computed from, in place of the dataset, if that was read from COCO results.
    coco: CocoFiles | None = None
    #: All answers with their texts, if answers were read.
    recorded: RecordedTable | None = None


def read_truth(
    path: str | PathLike[str],
    options: ReadingOptions = ReadingOptions(),  # noqa: B008 - frozen
    *,
    on_problem: OnProblem | None = None,
) -> Truth:
    """The truth: a dataset of any format that can be told from the file.

    ``on_problem`` is called with each problem; without it, one ``ProblemWarning`` counts them. Raises ``FileError`` if
    the file cannot be read, and ``UsageError`` if its format cannot be told.

    >>> from pathlib import Path
    >>> _ = Path("truth.json").write_text('{"images": [{"id": 7, "file_name": "a.png"}], "categories": []}')
    >>> truth = pa.evaluation.read_truth("truth.json")
    >>> truth.name, len(truth.dataset.assets)
    ('truth.json', 1)
    """
    with recognise(path, options.truth_format) as found:
        format = checked_format(
            found,
            path,
            for_answers="make one of it with convert -o truth.json",
            untold=f"{path} is not a dataset whose format can be detected: name it with --truth-from (truth_format=), "
            "or make one with convert --from … -o truth.json",
        )
        file = _kept(found)
        dataset = _dataset(found.source if file is None else file.source, format, options, on_problem)
    return Truth(dataset=dataset, name=fspath(path), file=file)


def read_predictions(
    path: str | PathLike[str],
    truth: Truth | None = None,
    options: ReadingOptions = ReadingOptions(),  # noqa: B008 - frozen
    *,
    on_problem: OnProblem | None = None,
    progress: Callable[[int], None] | None = None,
    processes: int = 1,
) -> Predictions:
    """The predictions of a model: its recorded answers, COCO results, or a dataset of any format.

    Recorded answers without sizes of their images are placed on images as large as those of the truth. Raises
    ``FileError`` if the file cannot be read, ``InputError`` if it holds no answer, and ``UsageError`` if it shares no
    image with the truth.

    Args:
        path: The file; a folder or a pattern stands for the files of answers in it.
        truth: What they will be compared with, from :func:`read_truth`; None if they are only looked at.
        options: How files are read; the same as of the truth.
        on_problem: Called with each problem; without it, one ``ProblemWarning`` counts them.
        progress: Called with the position in a file of answers while it is read.
        processes: How many processes read files of answers beside each other, with the same result.

    >>> from pathlib import Path
    >>> image = '{"id": 7, "file_name": "a.png", "width": 640, "height": 480}'
    >>> _ = Path("truth.json").write_text('{"images": [' + image + '], "categories": []}')
    >>> _ = Path("answers.jsonl").write_text('{"key": "a.png", "text": "<point> (500,500) </point>"}')
    >>> truth = pa.evaluation.read_truth("truth.json")
    >>> predictions = pa.evaluation.read_predictions("answers.jsonl", truth)
    >>> predictions.dataset.table.coords.tolist(), predictions.answers["a.png"].location.line_number
    ([[320.0, 240.0]], 1)
    """
    if not (truth is None or isinstance(truth, Truth)):
        raise UsageError(f"truth must be what read_truth(path) gives, not a {type(truth).__name__}")
    with recognise(path, options.format) as found:
        if found.format is None:
            return _answers(found.source, truth, options, _Beside(on_problem, progress, processes))
        file = _kept(found)
        if file is not None and is_coco_results(file.source):
            return _checked(_coco_results(file, truth, options, on_problem), truth)
        dataset = _dataset(found.source if file is None else file.source, found.format, options, on_problem)
    return _checked(Predictions(dataset=dataset, name=fspath(path), join=options.join), truth)


def _coco_results(
    file: KeptFile, truth: Truth | None, options: ReadingOptions, on_problem: OnProblem | None
) -> Predictions:
    """COCO results, whose ids get their names from the file of the truth."""
    if truth is None or truth.file is None:
        raise UsageError(f"{file.path} holds COCO results, so the truth must be the COCO file of their images")
    problems: list[Problem] = []
    with _noting(problems, on_problem) as note:
        dataset = read_coco_results(file.source, truth.file.source, on_problem=note)
    if problems and not len(dataset):
        raise InputError(f"nothing could be read from {file.path}: {problems[0]}")
    coco = None if options.label_map is not None else CocoFiles(file, truth.file)
    return Predictions(dataset=_relabelled(dataset, options), name=file.path, coco=coco)


@contextmanager
def _noting(first: list[Problem], on_problem: OnProblem | None) -> Iterator[OnProblem]:
    """``on_problem``; ``first`` gets the first problem."""
    with reporting(on_problem) as report:

        def note(problem: Problem) -> None:
            first.extend([] if first else [problem])
            report(problem)

        yield note


def _checked(predictions: Predictions, truth: Truth | None, first_name: str | None = None) -> Predictions:
    """The same. Raises ``UsageError`` if there is not one image that both have."""
    assets = () if truth is None else truth.dataset.assets
    if predictions.answers or not assets:
        return predictions
    joined = join_assets(predictions.dataset.assets, assets, predictions.join)
    if not (joined.predicted >= 0).any() and not joined.ambiguous:
        found = next((asset.file_name for asset in predictions.dataset.assets), first_name)
        other = "has none" if found is None else f"has, for example, {found}"
        raise UsageError(
            f"no image of the truth, for example {assets[0].file_name}, is in {predictions.name}, which {other}. "
            f"Images join by file name, apart from folders in front and endings: {WHAT_NEXT}"
        )
    return predictions


class _AnswerReader(NamedTuple):
    """Reads answers as tables, in this process or in others."""

    options: ReadingOptions
    size: int
    #: Of the images of the truth.
    image_sizes: Mapping[str, tuple[float, float] | None]

    def __call__(
        self, source: Source, *, on_problem: OnProblem, progress: Callable[[int], None] | None = None
    ) -> Iterator[RecordedTable]:
        options = self.options
        return iter_recorded(
            source,
            batch_size=self.size,
            mode=options.mode,
            frame=options.frame,
            dialect=options.dialect,
            image_sizes=self.image_sizes,
            key=options.key,
            on_problem=on_problem,
            progress=progress,
            fields=options.fields,
            texts=True,
        )


class _Beside(NamedTuple):
    """Who is told what while answers are read, and how many processes read them."""

    on_problem: OnProblem | None
    progress: Callable[[int], None] | None
    processes: int


def _recorded(
    source: Source,
    options: ReadingOptions,
    beside: _Beside,
    sizes: Mapping[str, tuple[float, float] | None],
) -> RecordedTable:
    """The answers of some files about images of these sizes. Raises ``InputError`` if there is none."""
    named = {name: sizes[image] for name, image in options.join.items() if image in sizes}
    read = _AnswerReader(options, sys.maxsize if beside.processes == 1 else SHARD_SIZE, {**sizes, **named})
    inputs = (ReaderInput(each, read, beside.progress) for each in answer_shards(source))
    problems: list[Problem] = []
    with _noting(problems, beside.on_problem) as note:
        found = chain.from_iterable(read_beside(inputs, processes=beside.processes, on_problem=note))
        tables = [each for each in found if len(each.table.responses)]
    refuse_no_answers(sum(len(each.assets) for each in tables), next(iter(problems), None), fspath(source))
    return joined(tables)


def _answers(source: Source, truth: Truth | None, options: ReadingOptions, beside: _Beside) -> Predictions:
    """Recorded answers, placed on images as large as those of the truth."""
    assets = () if truth is None else truth.dataset.assets
    sizes = _sizes(assets)
    importer = RecordingImporter(
        sizes=None if truth is None else sizes,
        join=options.join,
        label_map=options.label_map,
        merge=options.merge,
    )
    recorded = _recorded(source, options, beside, sizes)
    first = first_answers(recorded)
    answers = by_image(first, image_names(assets), options.join)
    dataset = importer.add_batch(consensus_of(recorded) if options.samples else recorded)
    found = Predictions(
        dataset=dataset,
        name=fspath(source),
        answers=answers,
        reading=_reading(importer.report, answers, options),
        recorded=recorded,
    )
    return _checked(found, truth, next(iter(first), None))


def _sizes(assets: Sequence[DatasetAsset]) -> dict[str, tuple[float, float] | None]:
    return {
        asset.file_name: None if asset.width is None or asset.height is None else (asset.width, asset.height)
        for asset in assets
    }


def _reading(imported: ImportReport, answers: Mapping[str, RecordedAnswer], options: ReadingOptions) -> ReadingReport:
    all_together = options.merge is Merge.ALL and not options.samples
    return ReadingReport(
        names=imported.names,
        unsound=imported.unsound,
        losses=imported.losses,
        is_consensus=options.samples,
        repeated_images=tuple(name for name, answer in answers.items() if answer.count > 1 and all_together),
    )


def _dataset(source: Source, found: DatasetFormat, options: ReadingOptions, on_problem: OnProblem | None) -> Dataset:
    dataset = read_dataset(source, found, on_problem=on_problem, **rate_option(found, options.fps))
    return _relabelled(dataset, options)


def _relabelled(dataset: Dataset, options: ReadingOptions) -> Dataset:
    return dataset if options.label_map is None else dataset.relabelled(options.label_map)
