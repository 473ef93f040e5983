"""Evaluation as rows of sums: whatever adds them up, over whatever shards, gives the metrics of all images together.

The oracle is the report of one evaluation of all images.
"""

import math
import random

import duckdb
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perceptron_annotations import AnnotationKind, UsageError
from perceptron_annotations.datasets import DatasetAsset, DatasetBuilder, shard_of
from perceptron_annotations.datasets.name_joining import NameJoin
from perceptron_annotations.evaluation import (
    EvaluationOptions,
    PartialEvaluation,
    ReducedEvaluation,
    Task,
    evaluate,
    sums_schema,
)

OPTIONS = EvaluationOptions(tasks=(Task.DETECTION, Task.COUNTING, Task.TEMPORAL))
SHARDS = 5


def images(seed, count=80):
    """Truth and predictions about some images, some of which nobody answered."""
    draw = random.Random(seed)
    sides = []
    for share in (1.0, 0.9):
        side = {}
        for number in range(count):
            if draw.random() < share:
                boxes = [
                    (
                        draw.choice(["cat", "dog", "猫"]),
                        draw.randrange(60),
                        draw.randrange(60),
                        draw.choice([8, 10, 12]),
                    )
                    for _ in range(draw.randrange(6))
                ]
                side[f"folder/{number:03}.jpg"] = boxes + (boxes[:1] if draw.random() < 0.3 else [])
        sides.append(side)
    truth, found = sides
    for name, boxes in found.items():  # so that some match
        found[name] = boxes + [(label, x, y, size + draw.randrange(4)) for label, x, y, size in truth[name]]
    return truth, found


def dataset(side, *, chosen=lambda name: True):
    builder = DatasetBuilder()
    for name, boxes in side.items():
        if chosen(name):
            asset = builder.add_asset(DatasetAsset(file_name=name, width=100, height=80))
            for label, x, y, size in boxes:
                builder.add(asset, AnnotationKind.BOX, [(x, y), (x + size, y + size)], label)
                builder.add(asset, AnnotationKind.CLIP, [], label, t=float(x), until=float(x + size))
    return builder.build()


def by_arrow(tables):
    return pa.concat_tables(tables)


def by_duckdb(tables):
    rows = pa.concat_tables(tables)  # noqa: F841 - DuckDB finds it by its name
    sums = ", ".join(f"sum({name}) AS {name}" for name in sums_schema().names[5:])
    query = f"SELECT task, readable, label, metric, scale, {sums} FROM rows GROUP BY ALL"  # noqa: S608 - our names
    return duckdb.sql(query).to_arrow_table()


def by_polars(tables):
    keys, sums = sums_schema().names[:5], sums_schema().names[5:]
    return pl.from_arrow(pa.concat_tables(tables)).group_by(keys).agg(pl.col(sums).sum()).to_arrow()


def by_arrow_groups(tables):
    """With the names that Arrow gives sums, as Ray does too."""
    keys, sums = sums_schema().names[:5], sums_schema().names[5:]
    return pa.concat_tables(tables).group_by(keys).aggregate([(name, "sum") for name in sums])


def same(one, other):
    return (math.isnan(one) and math.isnan(other)) or math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-12)


def check(estimates, wanted):
    assert estimates.keys() == wanted.keys()
    for name, estimate in estimates.items():
        interval, other = estimate.interval, wanted[name].interval
        assert same(estimate.value, wanted[name].value), name
        assert same(interval.low, other.low), name
        assert same(interval.high, other.high), name


@pytest.mark.parametrize("reduce", [by_arrow, by_duckdb, by_polars, by_arrow_groups])
@pytest.mark.parametrize("seed", range(3))
def test_scale_f7_shards_that_an_engine_adds_up(seed, reduce):
    """Scale F7: with intervals, by label, and over the readable images; shards need nothing of each other."""
    truth, found = images(seed)
    rows = []
    for number in range(SHARDS):
        here = {"chosen": lambda name, number=number: shard_of(name, SHARDS) == number}
        rows.append(PartialEvaluation.of(dataset(found, **here), dataset(truth, **here), OPTIONS).to_arrow())
    assert {each.schema for each in rows} == {sums_schema()}
    reduced = ReducedEvaluation.from_arrow(reduce(rows))
    report = evaluate(dataset(found), dataset(truth), tasks=OPTIONS.tasks)
    assert reduced.images == report.outcomes.images == 80
    assert reduced.outcomes == {each: report.outcomes.counts.get(each, 0) for each in reduced.outcomes}
    for task in OPTIONS.tasks:
        check(reduced.estimates(task), getattr(report, task.field).metrics)
        check(reduced.estimates(task, readable=True), getattr(report.readable, task.field).metrics)
    assert reduced.labels == ("cat", "dog", "猫")
    for label in reduced.labels:
        estimates = reduced.estimates("detection", label=label)
        for threshold, scores in zip(("0.5", "0.75"), report.detection.by_label[label], strict=True):
            for name in ("precision", "recall", "f1"):
                assert same(estimates[f"{name}@{threshold}"].value, getattr(scores, name))
        assert same(
            reduced.estimates("counting", label=label)["count_bias"].value, report.counting.by_label[label].bias
        )


def test_rows_do_not_grow_with_images():
    sizes = []
    for count in (50, 400):
        truth, found = images(7, count)
        sizes.append(len(PartialEvaluation.of(dataset(found), dataset(truth), OPTIONS).to_arrow()))
    assert sizes[0] == sizes[1]


def test_a_shard_without_images_adds_nothing():
    truth, found = images(1)
    whole = PartialEvaluation.of(dataset(found), dataset(truth), OPTIONS).to_arrow()
    nothing = PartialEvaluation.of(dataset({}), dataset({}), OPTIONS).to_arrow()
    assert ReducedEvaluation.from_arrow(pa.concat_tables([nothing, whole])) == ReducedEvaluation.from_arrow(whole)
    assert ReducedEvaluation.from_arrow(nothing).images == 0
    (batch,) = whole.combine_chunks().to_batches()
    assert ReducedEvaluation.from_arrow(batch) == ReducedEvaluation.from_arrow(whole)


def test_what_are_not_such_rows():
    with pytest.raises(UsageError, match="there is no column readable, scale, images"):
        ReducedEvaluation.from_arrow(pa.table({name: ["a"] for name in ("task", "label", "metric")}))
    truth, found = images(1)
    rows = PartialEvaluation.of(dataset(found), dataset(truth), OPTIONS).to_arrow()
    at = rows.schema.get_field_index("task")
    with pytest.raises(UsageError, match="'juggling' is not a valid Task"):
        ReducedEvaluation.from_arrow(rows.set_column(at, "task", pa.array(["juggling"] * len(rows))))
    at = rows.schema.get_field_index("part")
    with pytest.raises(UsageError, match=r"not rows of PartialEvaluation\.to_arrow"):
        ReducedEvaluation.from_arrow(rows.set_column(at, "part", pa.array(["x"] * len(rows))))


PARTS = st.sampled_from(["a", "b", "A", "é", "e\u0301", "x.1", "images", "猫"])
NAMES = st.builds(
    lambda folders, name, suffix, slash: slash.join([*folders, name + suffix]),
    st.lists(PARTS, max_size=2),
    PARTS,
    st.sampled_from(["", ".jpg", ".PNG", ".mp4", ".txt"]),
    st.sampled_from(["/", "\\", "//", "/./"]),
)


@settings(max_examples=300)
@given(NAMES, NAMES, st.integers(1, 9))
def test_names_that_can_mean_one_image_are_in_one_shard(name, image, shards):
    """“Names that can mean one image are in one part”, by the rule that joins them."""
    assert 0 <= shard_of(name, shards) < shards
    join = NameJoin({image: None})
    join.add([name])
    if join.image_of(name) is not None:
        assert shard_of(name, shards) == shard_of(image, shards)


def test_shards_are_the_same_everywhere():
    """By ``hashlib.blake2b`` of the stem, computed here apart."""
    assert [shard_of(name, 1000) for name in ("a.jpg", "x/a", "frame_1.5", "")] == [928, 928, 958, 756]
    with pytest.raises(UsageError, match="shards must be 1 or more, not 0"):
        shard_of("a.jpg", 0)
