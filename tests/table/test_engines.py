"""Tables that engines have taken and given back, and tables of the first layout: the same, whatever was done."""

import json
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from pyarrow import parquet

from perceptron_annotations import AnnotationTable, Box, Frame, Point, UsageError, parse_batch, read_table
from perceptron_annotations.table import (
    from_arrow,
    iter_parquet,
    iter_recorded,
    parse_arrow,
    read_parquet,
    to_arrow,
    write_parquet,
)
from perceptron_annotations.table.arrow_schema import RECORDED, SCHEMA, VERSION

OLDER = Path(__file__).parent / "older"
TEXTS = [
    "<point> (1,2) </point>",  # no mention: an engine's index of it is null
    '<point_box mention="cat"> (300,400) (100,200) </point_box> and <point mention="dog" t="2"> (5,6) </point>',
    "nothing here",
    '<collection mention="cups"> <polygon> (0,0) (9,0) (9,8) </polygon> <clip t="3 seconds 4 seconds" /> </collection>',
    '<track mention="ball"> <point t="1"> (1,2) </point> <point t="2"> (3,4) </point> </track> <point> 1.5 </point>',
    "<point> (1,2) </point> <point> (3",
]
PIXELS = AnnotationTable.from_annotations(
    [[Box(1, 2, 3, 4, frame=Frame.pixels(640, 480), score=0.5), Point(1, 2, frame=Frame.pixels(640, 480))], []],
    keys=["a", "b"],
)
TABLES = {
    "answers": parse_batch(TEXTS),
    "no mention at all": parse_batch(TEXTS[:1] * 2),
    "no annotation at all": parse_batch(["nothing", "<point> x </point>"]),
    "pixels": PIXELS,
    "no rows": parse_batch([]),
}


def recorded(tmp_path):
    """A table with endings, keys and log probabilities."""
    entries = [{"token": "<point>", "logprob": -1.0}, {"token": " (1,2) </point>", "logprob": -0.5}]
    choice = {"message": {"content": TEXTS[0]}, "finish_reason": "length", "logprobs": {"content": entries}}
    lines = [{"id": "a", "choices": [choice]}, {"id": "b", "choices": [choice | {"logprobs": None}]}]
    (tmp_path / "a.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    return read_table(tmp_path / "a.jsonl")


def by_polars(data):
    return pl.from_arrow(data).to_arrow()


def by_duckdb(data):
    engine = duckdb.connect()
    engine.register("data", data)
    return engine.sql("SELECT * FROM data").to_arrow_table()


def by_pandas(data):
    """Columns of objects: the types are guessed anew."""
    return pa.Table.from_pandas(data.to_pandas(), preserve_index=False)


def by_pandas_with_arrow_types(data):
    return pa.Table.from_pandas(data.to_pandas(types_mapper=pd.ArrowDtype), preserve_index=False)


def by_pylist(data):
    return pa.Table.from_pylist(data.to_pylist(), schema=None if len(data) else data.schema.remove_metadata())


def by_view_types(data):
    """Strings, lists and dictionaries in the other forms that Arrow has for them."""

    def other(kind):
        if pa.types.is_dictionary(kind):
            return pa.dictionary(pa.uint32(), pa.large_string())
        if pa.types.is_string(kind):
            return pa.string_view()
        if pa.types.is_large_list(kind):
            return pa.list_(other(kind.value_type))
        if pa.types.is_struct(kind):
            return pa.struct([(each.name, other(each.type)) for each in kind])
        return pa.int64() if pa.types.is_int32(kind) else kind

    return data.cast(pa.schema([(field.name, other(field.type)) for field in data.schema]))


ENGINES = [by_polars, by_duckdb, by_pandas, by_pandas_with_arrow_types, by_pylist, by_view_types]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_core_m6_what_an_engine_gives_back(table, engine):
    """core M6: nulls among mentions, categoricals with unsigned indices, other strings and lists, no metadata."""
    data = engine(to_arrow(table))
    assert from_arrow(data) == table
    if len(table.responses) > 1:
        parts = [data.slice(1), data.slice(0, 1)]
        joined = from_arrow(pa.concat_tables(parts))
        assert joined.to_values() == [*table.to_values()[1:], table.to_values()[0]]


@pytest.mark.parametrize("engine", ENGINES)
def test_endings_and_log_probabilities_stay(tmp_path, engine):
    table = recorded(tmp_path)
    assert not np.isnan(table.mean_logprob[0])
    assert from_arrow(engine(to_arrow(table))) == table


def test_core_m6_parquet_that_polars_wrote(tmp_path):
    """core M6, scale F4: of a table, and of the batches of ``parse_arrow`` in several row groups."""
    table = TABLES["answers"]
    pl.from_arrow(to_arrow(table)).write_parquet(tmp_path / "a.parquet", row_group_size=2)
    assert read_parquet(tmp_path / "a.parquet") == table
    assert AnnotationTable.concat(list(iter_parquet(tmp_path / "a.parquet"))) == table
    batches = [parse_arrow(pa.record_batch({"text": TEXTS[at : at + 2]})) for at in range(0, len(TEXTS), 2)]
    pl.from_arrow(pa.Table.from_batches(batches)).write_parquet(tmp_path / "b.parquet", row_group_size=1)
    assert read_parquet(tmp_path / "b.parquet") == table


def test_scale_f4_parquet_with_dictionaries_in_many_row_groups(tmp_path):
    """scale F4: batches whose dictionaries differ, as Ray writes them, are more than Arrow reads in one go."""
    path = tmp_path / "a.parquet"
    batches = [
        parse_arrow(pa.record_batch({"text": [f'<point mention="{name}{row}"> (1,2) </point>' for row in range(2000)]}))
        for name in "abcde"
    ]
    with parquet.ParquetWriter(path, batches[0].schema) as writer:
        for batch in batches:
            writer.write_batch(batch, row_group_size=500)
    table = read_parquet(path)
    assert table.labels.tolist() == [f"{name}{row}" for name in "abcde" for row in range(2000)]
    assert table == AnnotationTable.concat(list(iter_parquet(path)))


def test_core_m6_duckdb_reads_and_writes_parquet(tmp_path):
    """core M6: a filtered file of DuckDB."""
    table = TABLES["answers"]
    write_parquet(table, tmp_path / "a.parquet")
    kept = duckdb.read_parquet(str(tmp_path / "a.parquet")).filter("len(annotations) > 0")
    kept.write_parquet(str(tmp_path / "b.parquet"))
    found = read_parquet(tmp_path / "b.parquet")
    assert found.to_values() == [values for values in table.to_values() if values]


def test_the_frame_is_kept_without_metadata():
    """“A coordinate always knows its frame”: engines drop the metadata of a schema."""
    data = to_arrow(PIXELS)
    assert from_arrow(data.replace_schema_metadata(None)).frame == "pixels"
    both = pa.concat_tables(
        [data.replace_schema_metadata(None), to_arrow(parse_batch(TEXTS)).replace_schema_metadata(None)]
    )
    with pytest.raises(UsageError, match="the rows are in the frames grid and pixels"):
        from_arrow(both)


# -- the first layout --------------------------------------------------------------------------------------------------


def read_ipc(path):
    with pa.ipc.open_file(path) as file:
        return file.read_all()


@pytest.mark.parametrize("file", ["version_1.parquet", "version_1.arrow"])
def test_the_first_version_of_the_layout_is_read(file):
    """Without the columns that later versions added; the files were written by the code of that version."""
    path = OLDER / file
    data = parquet.read_table(path) if path.suffix == ".parquet" else read_ipc(path)
    assert data.schema.metadata[b"perceptron_annotations.version"] == b"1"
    assert VERSION == 4
    added = {field.name for field in SCHEMA} - set(data.column_names)
    assert added == {"frame", "ending"}
    now = read_table(OLDER / "answers.jsonl")
    wanted = now.replace(responses=now.responses.replace(ending=from_arrow(data).responses.ending))
    assert from_arrow(data) == wanted
    assert len(wanted.to_values()) == 4
    if path.suffix == ".parquet":
        assert read_parquet(path) == wanted
        assert list(iter_parquet(path)) == [wanted]
    assert from_arrow(data).responses.ending.tolist() == [1] * 4  # unstated


def test_the_second_version_of_the_layout_is_read():
    """Without the columns of recordings; the file was written by the code of that version."""
    path = OLDER / "version_2.parquet"
    data = parquet.read_table(path)
    assert data.schema.metadata[b"perceptron_annotations.version"] == b"2"
    assert set(data.column_names) == {field.name for field in SCHEMA}
    wanted = read_table(OLDER / "answers.jsonl")
    assert from_arrow(data) == wanted
    assert read_parquet(path) == wanted
    (recorded,) = iter_recorded(path, fields=["model"])
    assert recorded.table == wanted
    assert [asset.file_name for assets in recorded.assets for asset in assets] == [None] * len(wanted.responses.sizes)
    assert [each.fields for each in recorded.details] == [{}] * 4


def test_the_third_version_of_the_layout_is_read():
    """Without the numbers of lines; the file was written by the code of that version."""
    path = OLDER / "version_3.parquet"
    data = parquet.read_table(path)
    assert data.schema.metadata[b"perceptron_annotations.version"] == b"3"
    assert {field.name for field in RECORDED} - set(data.column_names) == {"line", "dialect"}
    (wanted,) = iter_recorded(OLDER / "answers.jsonl", texts=True)
    (recorded,) = iter_recorded(path)
    assert recorded.table == wanted.table
    assert recorded.assets == wanted.assets
    assert recorded.sent.texts == wanted.sent.texts
    assert recorded.sent.lines == [1, 2, 3, 4]  # its rows
