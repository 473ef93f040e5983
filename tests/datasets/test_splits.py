"""Shares of splits: what they must be, and the one line that says what to type instead."""

import pytest

from perceptron_annotations import UsageError
from perceptron_annotations.datasets import DatasetAsset, DatasetBuilder, split_dataset, write_yolo
from tests.cli.test_cli import assert_one_line_error, run
from tests.corpora import ROOT

WRONG = [
    ({"train": 0.8, "val": 0.3}, "must sum to 1, not 1.1: write train=0.727,val=0.273"),
    ({"train": 8, "val": 2}, "must sum to 1, not 10: write train=0.8,val=0.2"),
    ({"train": 80, "val": 10, "test": 10}, "must sum to 1, not 100: write train=0.8,val=0.1,test=0.1"),
    ({"train": 0.8, "val": 0.1}, "must sum to 1, not 0.9: write train=0.889,val=0.111"),
    ({"train": 1e5, "val": 1}, "write train=0.99999,val=1e-05"),
    ({"train": 1e9, "val": 1}, "write shares such as train=0.8,val=0.2"),
    ({"train": 1.0, "val": 0.0}, "above zero, such as train=0.8,val=0.2, not train=1,val=0"),
    ({"train": 1.5, "val": -0.5}, "above zero"),
    ({"train": float("nan")}, "above zero"),
    ({"train": float("inf"), "val": 1}, "above zero"),
    ({}, "above zero"),
]


def images(count):
    builder = DatasetBuilder(["cat"])
    for number in range(count):
        builder.add_asset(DatasetAsset(file_name=f"{number}.png", width=9, height=9))
    return builder.build()


@pytest.mark.parametrize(("shares", "message"), WRONG)
def test_newcomer_minor_10_shares_that_do_not_sum_to_one_are_refused(shares, message, tmp_path):
    for split in (
        lambda: split_dataset(images(3), shares),
        lambda: write_yolo(images(3), tmp_path / "d", splits=shares),
    ):
        with pytest.raises(UsageError) as raised:
            split()
        assert message in str(raised.value)
        assert "\n" not in str(raised.value)
    assert not (tmp_path / "d").exists()


@pytest.mark.parametrize("shares", [{"all": 1}, {"a": 0.1, "b": 0.2, "c": 0.7}, {"a": 1 / 3, "b": 1 / 3, "c": 1 / 3}])
def test_shares_that_sum_to_one_as_numbers_do(shares):
    assert sum(len(part.assets) for part in split_dataset(images(30), shares).values()) == 30
    assert split_dataset(images(30), {"a": 0.3333333, "b": 0.3333333, "c": 0.3333333}).keys() == {"a", "b", "c"}


@pytest.mark.parametrize("text", ["train=0.8,val=0.3", "train=8,val=2"])
def test_newcomer_minor_10_the_command_refuses_them_before_it_reads(text, tmp_path):
    output = tmp_path / "out.json"
    result = run("convert", ROOT / "fixtures" / "perceptron_mk1.jsonl", "-o", output, "--split", text)
    assert_one_line_error(result, "must sum to 1", "write train=0.")
    assert list(tmp_path.iterdir()) == []
