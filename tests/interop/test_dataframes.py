"""Datasets as data frames; ``tests/table`` has those of tables."""

import sys

import pytest

from perceptron_annotations.datasets import DatasetBuilder
from perceptron_annotations.errors import MissingExtraError
from perceptron_annotations.interop import to_pandas, to_polars


def test_frames(dataset):
    frame = to_pandas(dataset)
    assert frame["file_name"].tolist() == ["b.png"] * 4
    assert frame["label"].tolist()[0] == "dog"
    assert [*frame.columns] == [*dataset.table.to_pandas().columns, "file_name", "label", "object", "iscrowd"]
    again = to_polars(dataset)
    assert again["label"].to_list() == ["dog", None, "cat", "cat"]
    assert again.columns == [*frame.columns]


def test_an_empty_dataset_has_the_same_columns(dataset):
    empty = DatasetBuilder().build()
    assert [*to_pandas(empty).columns] == [name for name in to_pandas(dataset).columns if name != "key"]
    assert {name: kind for name, kind in to_polars(dataset).schema.items() if name != "key"} == to_polars(empty).schema


@pytest.mark.parametrize(("name", "convert"), [("pandas", to_pandas), ("polars", to_polars)])
def test_a_missing_library_is_named(dataset, monkeypatch, name, convert):
    monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(MissingExtraError, match=f"pip install {name}"):
        convert(dataset)
