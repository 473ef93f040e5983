"""Recordings as batches of Arrow: nothing is lost, every row has a name, and every engine takes them."""

import duckdb
import polars as pl
import pyarrow as pa
import pytest
from pyarrow import parquet

from perceptron_annotations import read_recordings, read_table
from perceptron_annotations.errors import FileError, UsageError
from perceptron_annotations.problems import ProblemWarning
from perceptron_annotations.table import (
    annotations_schema,
    from_arrow,
    iter_parquet,
    iter_recorded,
    parse_arrow,
    read_arrow,
    read_parquet,
    recordings_schema,
    split_files,
    write_parquet,
)
from tests.corpora import ROOT
from tests.table.test_read import GOOD, ODD_LINES, body, write

FIXTURES = sorted((ROOT / "fixtures").glob("*.jsonl"))
MIXED = [line for name in ODD_LINES for line in ODD_LINES[name]]


def whole(source, **options):
    schema = recordings_schema(layout=options.get("layout", "plain"))
    return pa.Table.from_batches(read_arrow(source, **options), schema)


def answers(data):
    return data.filter(data["problem"].is_null())


@pytest.mark.parametrize("layout", ["plain", "arrow"])
@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.stem)
def test_the_fixtures(path, layout):
    """A row for each answer that ``read_recordings`` gives, in its order, and one for each problem that it tells."""
    problems = []
    good = list(read_recordings(path, on_problem=problems.append))
    data = whole(path, layout=layout)
    data.validate(full=True)
    rows = answers(data)
    assert rows["key"].to_pylist() == [each.key for each in good]
    assert rows["line"].to_pylist() == [each.line_number for each in good]
    assert rows["id"].to_pylist() == [f"{path}:{each.line_number}#{each.choice}" for each in good]
    assert from_arrow(rows) == read_table(path, on_problem=[].append)
    told = [each for each in data["problem"].to_pylist() if each is not None]
    assert [(each["code"], each["place"], each["raw"]) for each in told] == [
        (each.code.value, each.place, each.raw.encode("utf-8", "replace").decode()) for each in problems
    ]


@pytest.mark.parametrize("size", [1, 500, 5000])
def test_spans_have_the_rows_of_the_file(tmp_path, size):
    path = write(tmp_path / "mixed.jsonl", *MIXED)
    parts = pa.concat_tables([whole(span) for span in split_files(path, size)])
    assert sorted(map(str, parts.to_pylist())) == sorted(map(str, whole(path).to_pylist()))  # NaN is itself in words
    assert len(set(parts["id"].to_pylist())) == len(parts)


def test_batches_have_the_size_that_was_asked_for(tmp_path):
    path = write(tmp_path / "a.jsonl", *[body()] * 50)
    sizes = [batch.num_rows for batch in read_arrow(path, batch_size=1)]
    assert sum(sizes) == 50
    assert pa.Table.from_batches(read_arrow(path, batch_size=20)) == whole(path).combine_chunks()


def test_a_file_that_cannot_be_read_is_a_row(tmp_path):
    """Not an empty result: what nobody could read is told like anything else."""
    (tmp_path / "photo.jsonl").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))
    (row,) = whole(tmp_path / "photo.jsonl").to_pylist()
    assert row["problem"]["code"] == "foreign_file"
    assert row["id"].endswith("photo.jsonl:!foreign_file")
    assert row["status"] is None
    with pytest.raises(FileError):
        next(read_arrow(tmp_path / "missing.jsonl"))


def test_stored_tables_are_named_by_their_rows(tmp_path):
    """Two files with the same lines may be in one table."""
    path = write(tmp_path / "a.jsonl", *[body()] * 3)
    write_parquet(iter_recorded([path, path], texts=True), tmp_path / "a.parquet")
    assert whole(tmp_path / "a.parquet")["line"].to_pylist() == [1, 2, 3, 1, 2, 3]
    assert whole(tmp_path / "a.parquet")["id"].to_pylist() == [f"{tmp_path / 'a.parquet'}:{n}#0" for n in range(1, 7)]


def by_duckdb(data, path):
    duckdb.from_arrow(data).write_parquet(str(path))


def by_polars(data, path):
    pl.from_arrow(data).write_parquet(path, row_group_size=3)


def by_pyarrow(data, path):
    parquet.write_table(data, path, row_group_size=2)


@pytest.mark.parametrize("layout", ["plain", "arrow"])
@pytest.mark.parametrize("write_by", [by_duckdb, by_polars, by_pyarrow])
def test_scale_f4_what_an_engine_wrote_is_read(tmp_path, write_by, layout):
    """scale F4 and F5: of many row groups, with the names of the images, so that datasets can be made of it."""
    path = write(
        tmp_path / "mixed.jsonl", *(line for name in ODD_LINES if name != "lone surrogates" for line in ODD_LINES[name])
    )
    write_by(answers(whole(path, layout=layout)).combine_chunks(), tmp_path / "engine.parquet")
    wanted = list(iter_recorded(path, on_problem=[].append))
    assert read_parquet(tmp_path / "engine.parquet") == wanted[0].table
    found = list(iter_recorded(tmp_path / "engine.parquet"))
    assert [asset for each in found for asset in each.assets] == [asset for each in wanted for asset in each.assets]


def test_scale_f3_the_plain_layout_has_plain_types_alone():
    """scale F3: strings, numbers, lists and structs; what Spark refuses is not among them."""

    def check(kind):
        assert not pa.types.is_dictionary(kind)
        if pa.types.is_nested(kind):
            assert pa.types.is_list(kind) or pa.types.is_struct(kind), kind
            for at in range(kind.num_fields):
                check(kind.field(at).type)
        else:
            assert str(kind) in {"string", "bool", "double", "int32", "int64"}

    for field in (*recordings_schema(), *annotations_schema()):
        check(field.type)


@pytest.mark.parametrize("layout", ["plain", "arrow"])
def test_the_schema_is_known_before_anything_runs(tmp_path, layout):
    batch = pa.record_batch({"text": [GOOD, None, "nothing"], "n": [1, 2, 3]})
    assert parse_arrow(batch, layout=layout).schema == annotations_schema(batch.schema, layout=layout)
    assert parse_arrow(batch.slice(0, 0), layout=layout).schema == annotations_schema(batch.schema, layout=layout)
    path = write(tmp_path / "a.jsonl", body(), b"oops")
    assert {each.schema for each in read_arrow(path, layout=layout)} == {recordings_schema(layout=layout)}


def test_layouts_hold_the_same():
    batch = pa.record_batch({"text": [GOOD, None, '<point_box mention="b"> (1,2) (3', "nothing"]})
    assert parse_arrow(batch, layout="plain").to_pylist() == parse_arrow(batch, layout="arrow").to_pylist()
    with pytest.raises(UsageError, match="layout must be one of plain, arrow, not 'flat'"):
        parse_arrow(batch, layout="flat")
    with pytest.raises(UsageError, match="layout must be one of plain, arrow, not 'flat'"):
        next(read_arrow("missing.jsonl", layout="flat"))


def test_scale_f2_a_column_tells_what_was_cut_off():
    """scale F2: as a service's reason to finish does."""
    batch = pa.record_batch({"text": [GOOD] * 3, "cut": [True, False, None], "n": [1, 2, 3]})
    found = parse_arrow(batch, cut="cut")
    assert found.column("truncated").to_pylist() == [True, False, False]
    assert found.column("ending").to_pylist() == ["length", "complete", "unstated"]
    with pytest.raises(UsageError, match="the column 'n' must hold booleans, not int64"):
        parse_arrow(batch, cut="n")
    with pytest.raises(UsageError, match="give finish_reason or cut, not both"):
        parse_arrow(batch, cut="cut", finish_reason="text")


def test_polars_reads_it_lazily(tmp_path):
    """With the schema told beforehand."""
    batch = pa.record_batch({"text": [GOOD, "nothing"]})
    schema = pl.from_arrow(annotations_schema(batch.schema).empty_table()).schema
    lazy = pl.from_arrow(batch).lazy()

    def parsed(frame):
        data = frame.to_arrow(compat_level=pl.CompatLevel.oldest())
        return pl.from_arrow(pa.Table.from_batches(map(parse_arrow, data.to_batches())))

    found = lazy.map_batches(parsed, schema=schema)
    assert found.select(pl.col("annotations").list.len()).collect().to_series().to_list() == [1, 0]


def test_rows_that_are_a_problem_are_told_when_they_are_read_from_parquet(tmp_path):
    """Scale F5: what an engine wrote of ``read_arrow`` is read as the recordings are, problems included."""
    lines = [
        '{"key": "a.jpg", "text": "<point> (1,2) </point>"}',
        '{"oops"',
        '{"key": "b", "error": {"message": "busy"}}',
    ]
    (tmp_path / "some.jsonl").write_text("\n".join(lines))
    parquet.write_table(pa.Table.from_batches(read_arrow(tmp_path / "some.jsonl")), tmp_path / "some.parquet")
    wanted, found, again = [], [], []
    table = read_table(tmp_path / "some.jsonl", on_problem=wanted.append)
    assert read_parquet(tmp_path / "some.parquet", on_problem=found.append).coords.tolist() == table.coords.tolist()
    assert found == wanted
    assert len(wanted) == 2
    assert read_table(tmp_path / "some.parquet", on_problem=again.append).responses.key == ("a.jpg",)
    assert again == wanted
    with pytest.warns(ProblemWarning, match="1 service_error"):
        assert [len(table) for table in iter_parquet(tmp_path / "some.parquet")] == [1]


def test_a_column_of_the_users_that_is_called_problem_is_left_alone(tmp_path):
    batch = parse_arrow(pa.record_batch({"text": ["<point> (1,2) </point>"], "problem": ["hard"]}))
    parquet.write_table(pa.Table.from_batches([batch]), tmp_path / "some.parquet")
    assert len(read_parquet(tmp_path / "some.parquet")) == 1
