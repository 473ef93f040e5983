"""Limits for metrics, as the command takes them (E8)."""

import pytest

from perceptron_annotations import AnnotationKind, UsageError, evaluate
from perceptron_annotations.datasets import DatasetAsset, DatasetBuilder
from perceptron_annotations.evaluation.metric_limits import Limit


def a_report():
    """Of nothing predicted where one cat is."""
    builder = DatasetBuilder()
    asset = builder.add_asset(DatasetAsset(file_name="a.jpg", width=100, height=100))
    empty = builder.build()
    builder.add(asset, AnnotationKind.BOX, [(0, 0), (10, 10)], "cat")
    return evaluate(empty, builder.build())


def broken(option, text):
    return Limit.of(option, text, is_error=option == "--fail-over").broken(a_report())


def test_e8_limits():
    assert broken("--fail-under", "recall@0.50=0.5") == "recall@0.5 is 0.0000, below 0.5"
    assert broken("--fail-under", "recall=0") is None
    # Nothing was predicted, so that there is no precision; but none is below 0.
    assert broken("--fail-under", "precision=0") is None
    assert broken("--fail-under", "precision=0.1") == (
        "precision is not defined, as there is nothing to measure: it does not reach 0.1"
    )
    assert broken("--fail-over", "count_mae=0.5") == "count_mae is 1.0000, above 0.5"
    assert broken("--fail-over", "count_mae=1") is None
    assert broken("--fail-over", "count_bias=0.5") == "count_bias is 1.0000, above 0.5"  # it is -1


def test_e8_wrong_limits_are_explained():
    for option, text, message in (
        ("--fail-under", "f1@0.5=nan", "METRIC=VALUE, such as f1@0.5=0.7"),
        ("--fail-over", "2", "METRIC=VALUE, such as count_mae=2"),
        ("--fail-over", "f1=2", "--fail-under has the higher-is-better ones"),
        ("--fail-under", "count_mae=2", "--fail-over has the lower-is-better ones"),
    ):
        with pytest.raises(UsageError, match=message):
            broken(option, text)
