"""A page → a file that holds all of it, or a folder with its answers and images in files that are loaded as needed."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Iterator, Sequence
from os import PathLike, fspath
from pathlib import Path

from msgspec import Struct, structs

from ...datasets.dataset import Dataset
from ...datasets.lists import Join
from ...errors import UsageError
from ...evaluation.evaluation_options import EvaluationOptions
from ...evaluation.predictions import Predictions, Truth
from ...outputs import write_folder, write_whole
from ...problems import OnProblem, reporting
from .page_content import Page
from .page_data import PagePick
from .shell import Section, encode_data, page_html

#: Cards in one file of a folder: some hundred kilobytes.
_SHARD = 250


class PageReport(Struct, frozen=True, kw_only=True):
    """What was written.

    >>> report = pa.render.PageReport(path="report.html", cards=2, images=1, bytes=70_000)
    >>> report.bytes
    70000
    """

    path: str
    #: Answers, and images of the truth without one.
    cards: int
    #: Images that are in the page.
    images: int
    #: Of all that was written.
    bytes: int
    #: What a reader should know, which the page says as well.
    notes: tuple[str, ...] = ()


def write_page(
    models: Predictions | Dataset | Sequence[Predictions | Dataset],
    output: str | PathLike[str],
    *,
    truth: Truth | Dataset | None = None,
    compare: Predictions | Dataset | None = None,
    images: str | PathLike[str] | None = None,
    join: Join | None = None,
    options: EvaluationOptions = EvaluationOptions(),  # noqa: B008 - frozen
    title: str | None = None,
    sections: Sequence[Section] = (),
    picks: Sequence[PagePick] = (),
    on_problem: OnProblem | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> PageReport:
    """Write answers as a page to look through with a browser, without a server and without a network.

    ``output`` is a file that holds everything, or with a slash at its end a new folder, whose ``index.html`` loads
    answers and images as they are needed: right for more than about a thousand. The extra ``render`` makes small copies
    of the images; without it, shapes are drawn on an empty canvas. Raises ``FileError`` if the page cannot be written,
    and ``UsageError`` if answers and truth do not fit each other.

    Args:
        models: What :func:`evaluation.read_predictions` reads, or datasets; their cards are one after the other.
        output: The file, or the folder with a slash at its end.
        truth: What is true of the images, from :func:`evaluation.read_truth`: then shapes are true or false positives.
        compare: The answers of another model, shown beside those about the same images.
        images: The folder with the images.
        join: The name in that folder of each image that is called otherwise.
        options: How predictions and truth are matched.
        title: Of the page; by default from the names of the models.
        sections: Other parts of the page, before its answers.
        picks: The lists of images that the sections link to.
        on_problem: Called for each image that cannot be read; without it, one ``ProblemWarning`` counts them.
        progress: Called with how many images are done, and how many there are.

    >>> from perceptron_annotations.evaluation import Predictions, Truth, read_predictions
    >>> from pathlib import Path
    >>> _ = Path("answers.jsonl").write_text('{"key": "a.png", "text": "One: <point> (1,2) </point>"}')
    >>> report = pa.render.write_page(read_predictions("answers.jsonl"), "report.html")
    >>> report.cards, Path("report.html").stat().st_size == report.bytes
    (1, True)
    """
    page = Page.of(
        _all_predictions(models),
        None if compare is None else _predictions(compare),
        truth if truth is None or isinstance(truth, Truth) else Truth(dataset=truth),
        images=images,
        join=join,
        options=options,
        title=title,
    )
    name = fspath(output)
    with reporting(on_problem) as report:
        copies = _Copies(page, report, progress)
        size = (
            _write_folder(page, name, sections, picks, copies)
            if name[-1:] in _SLASHES
            else _write_file(page, name, sections, picks, copies)
        )
    return PageReport(path=name, cards=len(page.cards), images=copies.kept, bytes=size, notes=tuple(page.head.notes))


#: What ends the name of a folder.
_SLASHES = ("/", "\\")


def _all_predictions(models: Predictions | Dataset | Sequence[Predictions | Dataset]) -> list[Predictions]:
    given = [models] if isinstance(models, Predictions | Dataset) else models
    return [_predictions(each) for each in given]


def _predictions(given: Predictions | Dataset) -> Predictions:
    if isinstance(given, Predictions):
        return given
    if isinstance(given, Dataset):
        return Predictions(dataset=given)
    raise UsageError(
        f"a page shows Predictions or a Dataset, not {type(given).__name__}: evaluation.read_predictions(path) reads "
        "files of answers"
    )


class _Copies:
    """The small copies of the images of a page, while they are made."""

    def __init__(self, page: Page, on_problem: OnProblem, progress: Callable[[int, int], None] | None) -> None:
        self._page = page
        self._on_problem = on_problem
        self._progress = progress
        #: How many images could be copied.
        self.kept = 0

    def __iter__(self) -> Iterator[bytes]:
        """Each copy; empty for an image that cannot be read."""
        images = self._page.images
        for done, copy in enumerate(images.copies(self._on_problem), 1):
            self.kept += bool(copy)
            if self._progress is not None:
                self._progress(done, len(images))
            yield copy


def _picked(page: Page, picks: Sequence[PagePick]) -> dict[str, bytes]:
    """Each list with its title and the places of the cards of its images, as data; nothing if there is no list."""
    if not picks:
        return {}
    cards: dict[str, list[int]] = {}
    for place, card in enumerate(page.cards):
        for name in {asset.name for asset in card.assets}:
            cards.setdefault(name, []).append(place)
    found = [(pick.title, sorted({place for name in pick.images for place in cards.get(name, ())})) for pick in picks]
    return {"page-picks": encode_data(found)}


def _write_file(page: Page, name: str, sections: Sequence[Section], picks: Sequence[PagePick], copies: _Copies) -> int:
    """Write one file; how many bytes it has."""
    images = [f"data:image/webp;base64,{b64encode(copy).decode()}" if copy else "" for copy in copies]
    data = {
        "page-head": encode_data(page.head),
        "page-cards": encode_data(page.cards),
        "page-images": encode_data(images),
        **_picked(page, picks),
    }
    html = page_html(page.head.title, sections=sections, data=data)
    with write_whole(name) as stream:
        stream.write(html)
    return len(html)


def _write_folder(
    page: Page, name: str, sections: Sequence[Section], picks: Sequence[PagePick], copies: _Copies
) -> int:
    """Write a folder; how many bytes its files have together."""
    size = 0

    def write(path: Path, data: bytes) -> None:
        nonlocal size
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)
        size += len(data)

    with write_folder(name.rstrip("".join(_SLASHES)) or name) as folder:
        shards = [page.cards[start : start + _SHARD] for start in range(0, len(page.cards), _SHARD)]
        for number, cards in enumerate(shards):
            write(folder / "answers" / f"{number}.js", b"pageCards(%b);\n" % encode_data(cards))
        for number, copy in enumerate(copies):
            if copy:
                write(folder / "images" / f"{number}.webp", copy)
        head = structs.replace(page.head, shards=len(shards))
        data = {"page-head": encode_data(head), **_picked(page, picks)}
        html = page_html(head.title, sections=sections, data=data, loads_files=True)
        write(folder / "index.html", html)
    return size
