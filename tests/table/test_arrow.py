"""Arrow and Parquet: the same table back, the table's own memory, and annotations inside DuckDB and Polars."""

import io
import json
import subprocess
import sys

import duckdb
import numpy as np
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

from perceptron_annotations import (
    AnnotationKind,
    AnnotationTable,
    Box,
    Frame,
    Point,
    UsageError,
    parse,
    parse_batch,
    read_table,
)
from perceptron_annotations.datasets import DatasetAsset, DatasetBuilder, read_dataset_parquet, write_dataset_parquet
from perceptron_annotations.errors import FileError
from perceptron_annotations.table import (
    annotations_schema,
    from_arrow,
    iter_parquet,
    parse_arrow,
    read_parquet,
    to_arrow,
    write_parquet,
)
from perceptron_annotations.table.arrow_schema import SCHEMA
from tests import strategies

TEXTS = [
    '<point_box mention="cat"> (300,400) (100,200) </point_box> and <point mention="dog" t="2"> (5,6) </point>',
    "nothing here",
    '<collection mention="cups"> <polygon> (0,0) (9,0) (9,8) </polygon> <clip t="3 seconds 4 seconds" /> </collection>',
    "<point> 1.5 </point>",
]


def whole(text):
    """Without lone surrogates, which Arrow cannot hold; what becomes of them has a test of its own."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


tables = st.lists(strategies.texts.map(whole), max_size=5).map(parse_batch) | st.lists(
    st.lists(strategies.values, max_size=3), max_size=3
).map(AnnotationTable.from_annotations)


@given(tables)
def test_there_and_back(table):
    """“``to_arrow``/``from_arrow``” without loss, whole and in chunks."""
    data = to_arrow(table)
    data.validate(full=True)
    assert from_arrow(data) == table
    middle = len(data) // 2
    assert from_arrow(pa.concat_tables([data.slice(0, middle), data.slice(middle)])) == table
    assert from_arrow(data.slice(middle)).to_annotations() == table.to_annotations()[middle:]


def test_the_schema_is_the_documented_one():
    table = AnnotationTable.from_annotations([[Box(1, 2, 3, 4, frame=Frame.pixels(9, 9))]], keys=["k"])
    data = to_arrow(table)
    assert data.schema.equals(SCHEMA)
    assert data.schema.metadata == {
        b"perceptron_annotations.version": b"4",
        b"perceptron_annotations.frame": b"pixels",
    }
    row = data.to_pylist()[0]
    assert (row["key"], row["sizes"], row["status"]) == ("k", [[9, 9]], "ok")
    assert row["annotations"][0]["vertices"] == [[1, 2], [3, 4]]
    assert from_arrow(data) == table


def test_missing_values_are_null():
    row = to_arrow(parse_batch(["<point> (1,2) </point>"])).to_pylist()[0]
    assert row["key"] is None
    missing = {"mention", "t", "until", "asset_idx", "track", "collection", "score", "mean_logprob", "min_logprob"}
    assert {name for name, value in row["annotations"][0].items() if value is None} == missing


def test_numbers_are_not_copied():
    """“Zero-copy where dtypes allow.”"""
    table = parse_batch(TEXTS)
    annotations = to_arrow(table).column("annotations").chunk(0).values

    def address(array):
        return array.buffers()[1].address

    for name in ("t", "until", "asset_idx", "track", "collection", "score"):
        assert address(annotations.field(name)) == getattr(table, name).ctypes.data
    vertices = annotations.field("vertices")
    assert address(vertices) == table.offsets.ctypes.data
    assert address(vertices.values.values) == table.coords.ctypes.data
    assert address(annotations.field("span").values) == table.span.ctypes.data
    back = from_arrow(to_arrow(table))
    assert np.shares_memory(back.coords, table.coords)
    assert np.shares_memory(back.span, table.span)


def test_rows_in_any_order_are_brought_into_that_of_their_responses():
    table = parse_batch(TEXTS)
    assert from_arrow(to_arrow(table[[3, 1, 2, 0]])) == table[[3, 1, 2, 0]].sort("response")


def test_lone_surrogates_become_replacement_characters():
    table = parse_batch(['<point mention="\ud800x"> \udfff (1,2) </point>'])
    row = to_arrow(table).to_pylist()[0]
    assert row["annotations"][0]["mention"] == "\ufffdx"
    assert row["issues"][0]["detail"] == "\ufffd"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda data: data.drop_columns(["issues", "status"]), "it has no column status, issues"),
        (
            lambda data: data.replace_schema_metadata({"perceptron_annotations.version": "5"}),
            "the layout has the version 5, but this package knows 4",
        ),
    ],
)
def test_other_layouts_are_refused(change, message):
    with pytest.raises(UsageError, match=message):
        from_arrow(change(to_arrow(parse_batch(TEXTS))))


def test_key_and_sizes_may_be_missing():
    table = parse_batch(TEXTS)
    assert from_arrow(to_arrow(table).drop_columns(["key", "sizes"])) == table


# -- Parquet ---------------------------------------------------------------------------------------------------------


def test_parquet(tmp_path):
    """“Parquet read and write, one row group per batch.”"""
    path = tmp_path / "a.parquet"
    several = [parse_batch(TEXTS), parse_batch([]), parse_batch(TEXTS[::-1])]
    assert write_parquet(several, path) == 8
    assert list(iter_parquet(path)) == [table for table in several if len(table.responses)]
    assert read_parquet(path) == AnnotationTable.concat(several)
    assert parquet.read_table(path).num_rows == 8
    assert write_parquet([], path) == 0
    assert read_parquet(path) == parse_batch([])
    assert [each.name for each in tmp_path.iterdir()] == ["a.parquet"]


def written_table(path):
    write_parquet([parse_batch(TEXTS)] * 2, path)


def written_dataset(path):
    builder = DatasetBuilder()
    builder.add(
        builder.add_asset(DatasetAsset(file_name="a.png", width=64, height=48)),
        AnnotationKind.BOX,
        [[4, 8], [20, 30]],
        "a",
    )
    write_dataset_parquet(builder.build(), path)


READERS = {
    "read_parquet": (written_table, read_parquet),
    "iter_parquet": (written_table, lambda path: list(iter_parquet(path))),
    "read_dataset_parquet": (written_dataset, read_dataset_parquet),
}


@pytest.mark.parametrize(("make", "read"), READERS.values(), ids=READERS)
def test_a_corrupt_parquet_file(tmp_path, make, read):
    path = tmp_path / "a.parquet"
    make(path)
    data = path.read_bytes()
    end = parquet.read_metadata(path).row_group(0).column(0).total_compressed_size
    for start in (4, 8, 12):
        path.write_bytes(data[:start] + b"\xff" * end + data[start + end :])
        with pytest.raises(FileError, match=r"^cannot read .*a\.parquet: "):
            read(path)
    parquet.write_table(pa.table({"x": [1]}), path)
    with pytest.raises(FileError, match=r"it has no column"):
        read(path)


@pytest.mark.parametrize(("make", "read"), READERS.values(), ids=READERS)
def test_parquet_from_standard_input(tmp_path, monkeypatch, make, read):
    path = tmp_path / "a.parquet"
    make(path)
    for data in (path.read_bytes(), b"no parquet"):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BufferedReader(io.BytesIO(data))))
        if data.startswith(b"PAR1"):
            assert str(read("-")) == str(read(path))
        else:
            with pytest.raises(FileError, match=r"^cannot read -: "):
                read("-")


def test_parquet_is_whole_or_not_there(tmp_path):
    path = tmp_path / "a.parquet"
    pixels = AnnotationTable.from_annotations([[Point(1, 2, frame=Frame.pixels(3, 4))]])
    with pytest.raises(UsageError, match="must be in one frame"):
        write_parquet([parse_batch(TEXTS), pixels], path)
    assert list(tmp_path.iterdir()) == []
    path.write_bytes(b"no parquet")
    with pytest.raises(FileError, match=r"cannot read .*a\.parquet"):
        read_parquet(path)
    with pytest.raises(FileError, match="cannot read"):
        list(iter_parquet(tmp_path / "missing.parquet"))


# -- inside an engine ------------------------------------------------------------------------------------------------


def batch(**columns):
    return pa.record_batch({"id": list(range(len(TEXTS) + 1)), "text": [*TEXTS, None], **columns})


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string(), pa.dictionary(pa.int8(), pa.string())])
def test_a_batch_of_texts(kind):
    """“A function ``RecordBatch → RecordBatch`` from a text column”: rows and other columns stay what they are."""
    given_batch = batch(text=pa.array([*TEXTS, None], pa.string()).cast(kind))
    found = parse_arrow(given_batch)
    found.validate(full=True)
    assert found.schema.names == ["id", "text", "status", "truncated", "ending", "annotations", "containers", "issues"]
    assert found.column("id") == given_batch.column("id")
    assert [None if row is None else len(row) for row in found.column("annotations").to_pylist()] == [2, 0, 2, 0, None]
    assert from_arrow(found.slice(0, len(TEXTS))) == parse_batch(TEXTS)
    with pytest.raises(UsageError, match="some rows have no status"):
        from_arrow(found)


def test_a_wrong_column_is_named():
    with pytest.raises(UsageError, match="no column 'answer': choose from id, text"):
        parse_arrow(batch(), column="answer")
    with pytest.raises(UsageError, match="the column 'id' must hold strings, not int64"):
        parse_arrow(batch(), column="id")


def test_duckdb():
    """DuckDB reads the texts, and queries what they say."""
    engine = duckdb.connect()
    engine.register("answers", pa.table(batch()))
    batches = map(parse_arrow, engine.sql("SELECT * FROM answers").to_arrow_reader())
    engine.register("found", pa.Table.from_batches(batches))
    labels = "SELECT a.mention, a.vertices[1][1] FROM (SELECT id, unnest(annotations) AS a FROM found) ORDER BY id"
    assert engine.sql(labels).fetchall()[:3] == [("cat", 300), ("dog", 5), ("cups", 0)]
    table = parse_batch(TEXTS)
    engine.register("tabled", to_arrow(table))
    kept = engine.sql("SELECT * FROM tabled WHERE len(annotations) > 0")
    assert from_arrow(kept.to_arrow_table()).to_annotations() == table.to_annotations()[::2]


def test_polars():
    """Polars maps its batches, and takes a table as it is."""

    def read(frame):
        return pl.from_arrow(pa.Table.from_batches([parse_arrow(b) for b in frame.to_arrow().to_batches()]))

    lazy = pl.LazyFrame({"id": range(len(TEXTS)), "text": TEXTS})
    found = lazy.map_batches(read, schema=None, validate_output_schema=False).collect()
    assert found["annotations"].list.len().to_list() == [2, 0, 2, 0]
    table = parse_batch(TEXTS)
    assert from_arrow(pl.DataFrame(table).to_arrow()) == table


def test_one_document_says_the_same_as_its_row():
    for text, row in zip(TEXTS, to_arrow(parse_batch(TEXTS)).to_pylist(), strict=True):
        document = parse(text)
        assert [issue.code for issue in document.issues] == [issue["code"] for issue in row["issues"]]
        assert [tuple(span) for span in document.spans] == [tuple(each["span"]) for each in row["annotations"]]


def test_without_pyarrow_the_extra_is_named():
    code = """
import sys; sys.modules["pyarrow"] = None
from perceptron_annotations import errors, table
try: table.to_arrow
except errors.MissingExtraError as error: print(error)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "Arrow needs pyarrow: pip install -e '.[arrow]' in a clone of perceptron-annotations\n"


ANSWERS = [
    (
        '<think>maybe<point_box mention="ghost"> (1,2) (3,4) </point_box></think> <point mention="cat"> (1,2) </point>',
        "stop",
    ),
    ("<point> (1,2) </point> <point> (3", "length"),
    ("<point> (1,2) </point><|im_end|>", None),
    ("<think>never closed <point> (1,2) </point>", "stop"),
    ("I cannot do that", "content_filter"),
    ("<point> (1,2", "stop"),
    ("no cats", "weird reason"),
    ("", "stop"),
    ('<think>hm</think> {"annotations": [{"type": "point", "x": 10, "y": 20}]}', "stop"),
    ('[{"type": "box", "x1": 1, "y1": 2, "x2": 3, "y2": 4, "mention": "cat"}]', None),
    ('{"bbox_2d": [1, 2, 3, 4], "label": "cat"}', "stop"),
    ("<point> (1,2) </point> <think>again</think> <point> (3,4) </point>", "stop"),
    ('<point confidence="0.5"> (1,2) </point>', "stop"),
]


@pytest.mark.backend
@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("mode", ["lenient", "salvage"])
def test_scale_f2_message_contents_say_what_read_table_says(tmp_path, threads, mode):
    """scale F2: reasoning is not an answer, and a cut answer is cut."""
    path = tmp_path / "a.jsonl"
    texts, reasons = zip(*(ANSWERS * 400), strict=True)
    lines = [{"key": "k", "text": text, "finish_reason": reason} for text, reason in zip(texts, reasons, strict=True)]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    wanted = read_table(path, mode=mode)
    given_batch = pa.record_batch({"text": texts, "why": reasons})
    found = parse_arrow(given_batch, finish_reason="why", mode=mode, threads=threads)
    assert from_arrow(found) == wanted.replace(
        responses=wanted.responses.replace(
            key=None, size_offsets=np.zeros(len(texts) + 1, dtype=np.int64), sizes=np.empty((0, 2))
        )
    )
    assert found.column("truncated").to_pylist()[:4] == [False, True, False, True]


def test_scale_f2_reasoning_may_be_kept():
    """scale F2: unless told not to, for texts that are answers alone."""
    texts = [text for text, _ in ANSWERS]
    found = parse_arrow(pa.record_batch({"text": texts}), split_reasoning=False)
    assert from_arrow(found) == parse_batch(texts)
    cut = parse_arrow(
        pa.record_batch({"text": texts, "why": ["length"] * len(texts)}), finish_reason="why", split_reasoning=False
    )
    assert cut.column("truncated").to_pylist() == [True] * len(texts)


@pytest.mark.parametrize("name", ["status", "truncated", "ending", "annotations", "containers", "issues"])
def test_core_m3_columns_of_the_same_names_are_refused(name):
    """core m3: a second column of one name makes both unreachable."""
    with pytest.raises(UsageError, match=f"has columns {name} already: rename or drop"):
        parse_arrow(batch(**{name: [0] * (len(TEXTS) + 1)}))


def test_core_m3_a_column_of_nulls_is_one_of_texts():
    """core m3."""
    found = parse_arrow(pa.record_batch({"text": pa.nulls(3)}))
    assert found.column("status").to_pylist() == [None] * 3
    assert found.schema == annotations_schema(pa.schema({"text": pa.null()}))
    with pytest.raises(UsageError, match="the column 'why' must hold strings, not int64"):
        parse_arrow(pa.record_batch({"text": ["a"], "why": [1]}), finish_reason="why")
