"""The compiled writer of rows: its numbers are Python's and msgspec's, and COCO's text is that of the annotations.

Issue 18, point 6: files are written from columns, byte for byte as they are written of an object for each row.
"""

import random
import struct

import msgspec
import numpy as np
import pytest

from benchmarks.corpus import Corpus, Mix
from perceptron_annotations import AnnotationKind, Recording, backend
from perceptron_annotations.completions import RecordedAsset
from perceptron_annotations.datasets import DatasetAsset, DatasetBuilder, from_recordings, write_yolo
from perceptron_annotations.datasets.formats import _row_texts
from perceptron_annotations.datasets.formats._row_texts import RowTexts, TextColumn, runs, writes_rows
from perceptron_annotations.datasets.formats.coco import annotation_text as text_module
from perceptron_annotations.datasets.formats.coco.annotation_text import annotation_texts, texts_of_annotations
from perceptron_annotations.datasets.formats.coco.written_objects import Objects
from perceptron_annotations.datasets.formats.yolo import labels

pytestmark = pytest.mark.backend
compiled = pytest.mark.skipif(not writes_rows, reason="the package is not compiled")


def test_speed_6_the_writer_of_rows_is_built_with_the_scanner():
    assert writes_rows == (backend == "compiled")


# -- numbers -----------------------------------------------------------------------------------------------------------


def written(numbers, *, as_python=False):
    rows = RowTexts(len(numbers), as_python=as_python)
    rows.add(np.array(numbers, dtype=np.float64), b" ")
    return b"".join(rows.pieces()).decode().split()


def of_bits(rng, low=0, high=2**64):
    (number,) = struct.unpack("d", struct.pack("Q", rng.randrange(low, high)))
    return number


def beside(numbers):
    """The numbers, their neighbours, and the same below zero."""
    near = [[each, np.nextafter(each, -np.inf), np.nextafter(each, np.inf)] for each in numbers]
    return [sign * float(each) for some in near for each in some for sign in (1, -1)]


_RNG = random.Random(6)
FAMILIES = {
    "any bits": [of_bits(_RNG) for _ in range(20_000)],
    "subnormal": [of_bits(_RNG, 1, 2**52) for _ in range(5_000)],
    "grid": [_RNG.randrange(1001) / 1000 * 1920 for _ in range(5_000)],
    "differences": [(_RNG.randrange(1001) - _RNG.randrange(1001)) / 1000 * 1080 for _ in range(5_000)],
    "products": [_RNG.randrange(1001) / 1000 * 1920 * _RNG.randrange(1001) / 1000 * 1080 for _ in range(5_000)],
    "decimals": [_RNG.randrange(10**6) * 10.0 ** _RNG.randrange(-30, 30) for _ in range(5_000)],
    "whole": [float(_RNG.randrange(-(10**k), 10**k)) for k in range(1, 25) for _ in range(200)],
    "powers of two": beside([2.0**power for power in range(-1074, 1024)]),
    "powers of ten": beside([float(f"1e{power}") for power in range(-323, 309)]),
    "special": [0.0, -0.0, np.nan, np.inf, -np.inf, 5e-324, 1.7976931348623157e308, 2.2250738585072014e-308],
}


@compiled
@pytest.mark.parametrize("family", FAMILIES)
def test_speed_6_numbers_are_written_as_python_and_msgspec_write_them(family):
    numbers = FAMILIES[family]
    assert written(numbers, as_python=True) == [repr(number) for number in map(float, numbers)]
    assert written(numbers) == [msgspec.json.encode(number).decode() for number in map(float, numbers)]


@compiled
def test_speed_6_whole_numbers_of_64_bits():
    numbers = [0, -1, 9, 10, 99, 100, -100, 2**63 - 1, -(2**63), *(10**k for k in range(19))]
    rows = RowTexts(len(numbers))
    rows.add(np.array(numbers), b" ")
    assert b"".join(rows.pieces()).decode().split() == [str(number) for number in numbers]


# -- rows --------------------------------------------------------------------------------------------------------------


@compiled
def test_speed_6_rows_hold_texts_columns_and_parts_of_some_rows():
    rows = RowTexts(3, separator=b";")
    rows.add(b"<", np.array([1, 2, 3]))
    with rows.only(np.array([True, False, True])):
        rows.add(b"a")
        with rows.only(np.array([True, True, False])):
            rows.add(b"b")
    rows.add_texts(TextColumn.of_json(['x"', "猫"]), np.array([1, 0, 1]))
    rows.add_lists(np.array([0.5, 1.5, 2.5]), np.array([0, 2, 2, 3]), np.array([0, 1, 2]))
    rows.add(b">")
    assert b"".join(rows.pieces()).decode() == '<1ab"猫"0.5;1.5><2"x\\"">' + '<3a"猫"2.5>'
    assert rows.with_offsets().data.tobytes() == b"".join(rows.pieces())
    assert rows.with_offsets().offsets.tolist() == [0, 17, 25, 37]


@compiled
@pytest.mark.parametrize(
    "add",
    [
        lambda rows: rows.add(np.array([1, 2])),
        lambda rows: rows.add(np.array([1.0])),
        lambda rows: rows.add_texts(TextColumn.of_json(["a"]), np.array([0, 0, 1])),
        lambda rows: rows.add_texts(TextColumn.of_json(["a"]), np.array([0, 0, -1])),
        lambda rows: rows.add_lists(np.zeros(3), np.array([0, 2, 4]), np.array([0, 0, 1])),
        lambda rows: rows.add_lists(np.zeros(3), np.array([2, 1]), np.array([0, 0, 0])),
        lambda rows: rows.add(*[b"x"] * 100),
    ],
)
def test_speed_6_columns_that_do_not_fit_are_refused(add):
    rows = RowTexts(3)
    with pytest.raises(ValueError, match=r"too short|beyond the end|too many"):
        add(rows) or list(rows.pieces())


@compiled
def test_speed_6_rows_and_runs_beyond_the_end_are_refused():
    with pytest.raises(ValueError, match="no such rows"):
        _row_texts._rows.Rows(3).written(2, 4)
    with pytest.raises(IndexError):
        runs(("a",), np.array([0, 1]))


@compiled
def test_speed_6_runs_of_one_object():
    names = ("a", "b", "b", "c", "a")
    found, number = runs(names, np.array([0, 1, 2, 4, 0, 3]))
    assert (found, number.tolist()) == (["a", "b", "a", "c"], [0, 1, 1, 2, 2, 3])


# -- YOLO --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("block", [1, 7, 8000])
def test_speed_6_label_files_of_columns_are_those_of_the_lines(block, tmp_path, monkeypatch):
    rng, builder = random.Random(9), DatasetBuilder()
    for number in range(60):
        asset = builder.add_asset(DatasetAsset(file_name=f"{number}.jpg", width=1919, height=1081 + number))
        for _ in range(rng.choice([0, 0, 1, 3, 20])):
            corners = [[rng.uniform(-10, 2000), rng.choice([0.0, 1e-7, 540, 1080.5])] for _ in range(2)]
            builder.add(asset, AnnotationKind.BOX, corners, rng.choice(["cat", "dog", None]))
    dataset = builder.build()
    monkeypatch.setattr(labels, "_BLOCK", block)
    report = write_yolo(dataset, tmp_path / "columns")
    monkeypatch.setattr(labels, "writes_rows", False)
    assert write_yolo(dataset, tmp_path / "lines") == report
    of_columns, of_lines = (
        {path.name: path.read_bytes() for path in (tmp_path / folder).rglob("*.txt")} for folder in ("columns", "lines")
    )
    assert of_columns == of_lines
    assert len(of_lines) == 60


# -- COCO --------------------------------------------------------------------------------------------------------------


def objects_of(dataset):
    rows = np.flatnonzero((dataset.table.kind != 3) & np.isfinite(dataset.table.xyxy).all(axis=1))
    category = np.arange(len(dataset.labels) + 1) * 7
    return Objects(dataset, rows, dataset.asset + 1000, category, after=5)


def one_by_one(objects):
    return b"".join(texts_of_annotations(objects, slice(0, len(objects))))


def built():
    """Objects of all that COCO can hold but keypoints and attributes."""
    rng, builder = random.Random(7), DatasetBuilder()
    builder.add_asset(DatasetAsset(file_name="a.png", width=640, height=480))
    sources = ["", "6", "key", 'quo"ted', "ключ", "line\nend"]
    for number in range(3000):
        corners = [[rng.uniform(-1e3, 1e3), rng.choice([0.0, 1e-7, 1e17, 5.5])] for _ in range(rng.randint(3, 9))]
        kind = rng.choice([AnnotationKind.BOX, AnnotationKind.POINT, AnnotationKind.POLYGON, AnnotationKind.POLYGON])
        count = {AnnotationKind.BOX: 2, AnnotationKind.POINT: 1}.get(kind, len(corners))
        builder.add(
            0,
            kind,
            corners[:count],
            rng.choice(["cat", "dog", None]),
            object=number - number % rng.choice([1, 2, 3]),
            score=rng.choice([None, None, 0.25, rng.random()]),
            source=rng.choice([*sources, str(number)]),
            iscrowd=rng.random() < 0.1,
            ignore=rng.random() < 0.1,
        )
    return builder.build()


@compiled
def test_speed_6_coco_text_of_columns_is_that_of_the_annotations(monkeypatch):
    objects, blocks = objects_of(built()), 777
    monkeypatch.setattr(text_module, "_BLOCK", blocks)
    assert b"".join(annotation_texts(objects)) == one_by_one(objects)


@compiled
@pytest.mark.parametrize("mix", Mix)
def test_speed_6_coco_text_of_answers_is_that_of_the_annotations(mix):
    asset = (RecordedAsset("a.jpg", 1919, 1081),)
    answers = [Recording(key=f"r{n}", text=text, assets=asset) for n, text in enumerate(Corpus(8).answers(mix, 300))]
    objects = objects_of(from_recordings(answers)[0])
    assert len(objects) > 100
    assert b"".join(annotation_texts(objects)) == one_by_one(objects)


@compiled
def test_speed_6_a_lone_surrogate_in_a_source_is_escaped(monkeypatch):
    text = '<point_box mention="a"> (1,2) (3,4) </point_box>'
    answers = [Recording(key="k\ud800", text=text, assets=(RecordedAsset("a.jpg", 10, 10),))]
    objects = objects_of(from_recordings(answers)[0])
    assert b'"source":"k\\ud800"' in b"".join(annotation_texts(objects))
    monkeypatch.setattr(text_module, "writes_rows", False)
    assert b"".join(annotation_texts(objects)) == one_by_one(objects)


def test_speed_6_without_a_compiler_nothing_is_missing():
    assert (_row_texts._rows is None) == (not writes_rows)
