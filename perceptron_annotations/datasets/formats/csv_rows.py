"""CSV: a line for each row of a dataset. Spreadsheets do not take any cell for a formula.

Text that a spreadsheet would take for a formula, or that begins with an apostrophe, is written with an apostrophe in
front, which reading removes; an empty label is written as one apostrophe, and a missing one as an empty cell. Lines
with one ``number`` are about one asset; without numbers, those of one name, split and source id. There are no columns
for the status of assets, spans, and labels without rows.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from math import isfinite
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ...csv_lines import armed, csv_text, defused, read_records
from ...errors import FileError
from ...files import Source, encode_json
from ...geometry import AnnotationKind
from ...losses import LossCode, LossCounter, LossReport
from ...outputs import write_whole
from ...problems import OnProblem, ProblemCode
from ..asset_identity import AssetNumbers
from ..builder import DatasetBuilder
from ..dataset import Dataset, DatasetAsset, shards_of
from ..disjoint_shards import asset_numbers
from ..keypoints import MOST_KEYPOINTS, Skeleton
from ..label_source import LabelSource
from ..policies import AssetKind
from ._details import read_attributes, read_keypoints, skeletons_by_label
from ._reading import Reading, reading

COLUMNS = (
    *("number", "file_name", "split", "source_id", "width", "height", "media", "fps", "orientation"),
    *("label", "kind", "x1", "y1", "x2", "y2", "vertices"),
    *("t", "until", "score", "object", "track", "iscrowd", "source"),
    *("ignore", "bbox", "area", "keypoints", "attributes", "label_id", "supercategory"),
)
_KINDS = {kind.name.lower(): kind for kind in AnnotationKind}


def _label_cell(label: str | None) -> str:
    return "" if label is None else defused(label) or "'"


def write_csv(dataset: Dataset | Iterable[Dataset], path: str | Path) -> LossReport:
    """Write a CSV file in UTF-8: :data:`COLUMNS`, a line for each row, and one for each asset without rows.

    ``x1 … y2`` are the bounds in pixels, but of a box its corners in the order that they have; ``vertices`` are
    ``x y`` pairs, separated by ``;``. ``keypoints`` are x, y and visibility of each, without their names.
    Numbers have all their digits. Shards are written as they come.

    >>> builder = pa.datasets.DatasetBuilder()
    >>> asset = builder.add_asset(pa.datasets.DatasetAsset(file_name="a.png", width=64, height=48))
    >>> builder.add(asset, pa.AnnotationKind.BOX, [[4, 8], [20, 30]], "cat")
    >>> _ = pa.datasets.write_csv(builder.build(), "a.csv")
    >>> pa.datasets.read_csv("a.csv").table.xyxy.tolist()
    [[4.0, 8.0, 20.0, 30.0]]
    """
    writing = _Writing(asset_numbers(dataset))
    with write_whole(path) as stream:
        stream.write(_encoded([COLUMNS], writing.losses))
        for shard in shards_of(dataset):
            stream.write(_encoded(writing.lines(shard), writing.losses))
    return writing.report()


def _encoded(lines: Iterable[Sequence[object]], losses: LossCounter) -> bytes:
    text = csv_text(lines)
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError:
        losses.add(LossCode.UNLISTED_LABEL, "a lone surrogate, which UTF-8 cannot hold")
        return text.encode("utf-8", "replace")


class _Writing:
    """What was written of the shards so far."""

    def __init__(self, numbers: AssetNumbers) -> None:
        self.losses = LossCounter()
        self._numbers = numbers
        self._labels: tuple[str, ...] = ()
        self._objects = 0
        #: The number that is added to the object numbers of the next shard.
        self._first = 0

    def lines(self, dataset: Dataset) -> Iterator[Sequence[object]]:
        """The lines of a shard."""
        table, first = dataset.table, self._first
        bounds = table.xyxy
        ends = dataset.rows_by_asset().tolist()
        before = len(self._numbers)
        for number, (asset, in_file) in enumerate(
            zip(dataset.assets, self._numbers.enter(dataset.assets), strict=True)
        ):
            head = [str(in_file), *_asset_cells(asset)]
            if ends[number] == ends[number + 1] and in_file >= before:
                yield head + [""] * (len(COLUMNS) - len(head))
            for row in range(ends[number], ends[number + 1]):
                corners = table.vertices(row)
                kind = AnnotationKind(table.kind[row])
                edges = corners.ravel().tolist() if kind is AnnotationKind.BOX else bounds[row].tolist()
                yield [
                    *head,
                    _label_cell(dataset.label_of(row)),
                    kind.name.lower(),
                    *(_number(edge) for edge in edges),
                    ";".join(f"{x!r} {y!r}" for x, y in corners.tolist()) if kind is AnnotationKind.POLYGON else "",
                    *(_number(column[row]) for column in (table.t, table.until, table.score)),
                    first + int(dataset.object[row]),
                    "" if table.track[row] < 0 else first + int(table.track[row]),
                    int(dataset.iscrowd[row]),
                    defused("" if dataset.source is None else dataset.source[row]),
                    *_detail_cells(dataset, row),
                ]
        for label, skeleton in skeletons_by_label(dataset).items():
            if skeleton != Skeleton.numbered(len(skeleton)):
                self.losses.add(LossCode.SKELETON, label)
        self._labels = dataset.labels
        self._objects += len(np.unique(dataset.object))
        self._first += int(max(dataset.object.max(initial=-1), table.track.max(initial=-1))) + 1

    def report(self) -> LossReport:
        """What was written, and what was lost."""
        return LossReport(
            assets=len(self._numbers), objects=self._objects, labels=len(self._labels), losses=self.losses.losses
        )


def _asset_cells(asset: DatasetAsset) -> list[str]:
    """The cells that say what an asset is."""
    names = [defused(text or "") for text in (asset.file_name, asset.split, asset.source_id)]
    numbers = [_number(number) for number in (asset.width, asset.height)]
    return [*names, *numbers, asset.kind.value, _number(asset.fps), str(asset.orientation)]


def _detail_cells(dataset: Dataset, row: int) -> list[object]:
    """The cells that are empty for most rows: the last ones."""
    bbox, area = dataset.bbox, dataset.area
    keypoints = [] if dataset.keypoints is None else dataset.keypoints.as_list(row)
    attributes = dict(dataset.attributes[row]) if dataset.attributes is not None else {}
    return [
        int(dataset.ignore[row]) or "",
        "" if bbox is None or np.isnan(bbox[row, 0]) else " ".join(map(_number, bbox[row].tolist())),
        "" if area is None else _number(area[row]),
        " ".join(map(_number, keypoints)),
        encode_json(attributes).decode() if attributes else "",
        *_source_cells(dataset, row),
    ]


def _source_cells(dataset: Dataset, row: int) -> list[str]:
    """What the label of a row was called in the file that it was read from."""
    found = dataset.label_sources[dataset.label[row]] if dataset.label[row] >= 0 else None
    return ["", ""] if found is None else [defused(found.id), defused(found.supercategory)]


def _number(value: float | None) -> str:
    if value is None or np.isnan(value):
        return ""
    return repr(int(value)) if float(value).is_integer() and abs(value) < 2**53 else repr(float(value))


class _Line(NamedTuple):
    """The cells of a line, by column."""

    cells: dict[str, str]

    def number(self, name: str) -> float | None:
        """A number, or None for an empty cell. Raises ``ValueError`` if the cell holds anything but a finite number."""
        text = self.cells.get(name) or ""
        if not text.strip():
            return None
        found = float(text)
        if not isfinite(found):
            raise ValueError
        return found

    def is_marked(self, name: str) -> bool:
        """Whether a cell says that something is so."""
        return (self.cells.get(name) or "0").strip() not in ("0", "", "false", "False")

    def text(self, name: str) -> str:
        """A text."""
        return armed(self.cells.get(name) or "")

    def asset(self, name: str) -> DatasetAsset:
        """The asset; all but its name may be missing. Raises ``ValueError`` if a cell is malformed."""
        return DatasetAsset(
            file_name=name,
            width=self.number("width"),
            height=self.number("height"),
            kind=AssetKind(self.cells.get("media") or AssetKind.IMAGE),
            fps=self.number("fps"),
            orientation=int(self.cells.get("orientation") or 1),
            split=self.text("split") or None,
            source_id=self.text("source_id") or None,
        )

    def numbers(self, name: str) -> list[float]:
        """Finite numbers with spaces between them. Raises ``ValueError`` if the cell holds anything else."""
        found = [float(word) for word in (self.cells.get(name) or "").split()]
        if not all(map(isfinite, found)):
            raise ValueError
        return found

    def bbox(self) -> list[float] | None:
        """The object's own box, None for an empty cell. Raises ``ValueError`` if it is malformed."""
        found = self.numbers("bbox")
        if len(found) not in (0, 4):
            raise ValueError
        return found or None

    def coords(self, kind: AnnotationKind) -> NDArray[np.float64]:
        """The vertices of a shape. Raises ``ValueError`` if they are malformed."""
        if kind is AnnotationKind.CLIP:
            return np.empty((0, 2))
        if kind is AnnotationKind.POLYGON:
            pairs = [pair.split() for pair in (self.cells.get("vertices") or "").split(";")]
            found = np.array(pairs, dtype=np.float64).reshape(-1, 2)
        else:
            names = ("x1", "y1") if kind is AnnotationKind.POINT else ("x1", "y1", "x2", "y2")
            found = np.array([float(self.cells.get(name) or "nan") for name in names]).reshape(-1, 2)
        if not np.isfinite(found).all() or (kind is AnnotationKind.POLYGON and len(found) < 3):  # noqa: PLR2004
            raise ValueError
        return found


def read_csv(path: Source, *, on_problem: OnProblem | None = None) -> Dataset:
    """Read a CSV file as :func:`write_csv` writes it; the columns may have any order, and may be missing.

    A malformed line is left out, and the rest is read; damage of a compressed file costs what follows it.
    ``on_problem`` is called with each problem; without it, one ``ProblemWarning`` counts them. Raises ``FileError`` if
    there is no column ``file_name``.

    >>> from pathlib import Path
    >>> lines = ["file_name,kind,label,x1,y1,x2,y2", "a.png,box,cat,4,8,20,30"]
    >>> _ = Path("a.csv").write_text("\\n".join(lines))
    >>> pa.datasets.read_csv("a.csv").labels
    ('cat',)
    """
    with reading(path, on_problem) as source:
        found = _Found(source)
        with source.open() as file:
            records = read_records(file)
            header = next(records, None)
            if header is None or "file_name" not in header.cells:
                raise FileError(f"{path} has no column file_name: its first line must name the columns")
            for record in records:
                if record.fault is not None:
                    source.problem(record.fault.code, f"line {record.number}", record.fault.message)
                    if not record.cells:
                        continue
                try:
                    found.add(_Line(dict(zip(header.cells, record.cells, strict=False))), record.number)
                except (ValueError, KeyError):
                    source.problem(ProblemCode.MALFORMED_ENTRY, f"line {record.number}", "a cell cannot be read")
        return source.checked(found.builder.build())


class _Found:
    """What the lines so far say."""

    def __init__(self, source: Reading) -> None:
        self.builder = DatasetBuilder()
        self._source = source
        self._assets: dict[tuple[str, ...], int] = {}
        self._objects: dict[str, int] = {}

    def add(self, line: _Line, number: int) -> None:
        """Enter the asset and the row of a line. Raises ``ValueError`` or ``KeyError`` if a cell cannot be read."""
        name = line.text("file_name")
        if not name:
            raise ValueError
        builder, place = self.builder, f"line {number}"
        identity = tuple([line.cells.get(column) or "" for column in ("number", "file_name", "split", "source_id")])
        if identity not in self._assets:
            self._assets[identity] = builder.add_asset(line.asset(name))
        if not line.cells.get("kind"):
            return
        kind = _KINDS[line.cells["kind"].strip().lower()]
        coords, bbox = line.coords(kind), line.bbox()
        given = line.cells.get("object") or ""
        if given and given not in self._objects:
            self._objects[given] = builder.new_object()
        label = line.text("label") if line.cells.get("label") else None
        attributes = line.cells.get("attributes")
        if label is not None and line.cells.get("label_id"):
            builder.add_label(label, source=LabelSource(line.text("label_id"), line.text("supercategory")))
        builder.add(
            self._assets[identity],
            kind,
            coords,
            label,
            object=self._objects.get(given),
            iscrowd=line.is_marked("iscrowd"),
            ignore=line.is_marked("ignore"),
            track=bool(line.cells.get("track")),
            t=line.number("t"),
            until=line.number("until"),
            score=line.number("score"),
            source=line.text("source"),
            bbox=bbox,
            area=line.number("area"),
            keypoints=self._keypoints(label, line.numbers("keypoints"), place),
            attributes=read_attributes(self._source, json.loads(attributes), place) if attributes else None,
        )

    def _keypoints(self, label: str | None, numbers: list[float], place: str) -> NDArray[np.float64] | None:
        """The keypoints of a row; the first row of a label says how many all of them have."""
        if not numbers:
            return None
        count = -(-len(numbers) // 3)
        if label is None or count > MOST_KEYPOINTS:
            why = "it has no label" if label is None else f"it has more than {MOST_KEYPOINTS}"
            self._source.problem(ProblemCode.MALFORMED_ENTRY, place, f"its keypoints are left out: {why}")
            return None
        if label not in self.builder.skeletons:
            self.builder.add_label(label, Skeleton.numbered(count))
        return read_keypoints(self._source, numbers, self.builder.skeletons[label], place)
