"""Arrow and Parquet that are damaged: only this library's errors, and whatever is read is a sound table."""

import copy
import math
import random
from contextlib import suppress

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from perceptron_annotations import AnnotationKind, AnnotationTable, Frame, Point, Track, UsageError, parse_batch
from perceptron_annotations.datasets import DatasetAsset, DatasetBuilder, read_dataset_parquet, write_dataset_parquet
from perceptron_annotations.errors import AnnotationsError, FileError
from perceptron_annotations.table import from_arrow, iter_parquet, read_parquet, to_arrow, write_parquet
from perceptron_annotations.table.arrow_schema import SCHEMA

TEXTS = [
    '<point_box mention="cat"> (300,400) (100,200) </point_box> and <point mention="dog" t="2"> (5,6) </point>',
    "nothing here",
    '<collection mention="cups"> <polygon> (0,0) (9,0) (9,8) </polygon> <clip t="3 seconds 4 seconds" /> </collection>',
    '<track mention="ball"> <point t="1"> (1,2) </point> <point t="2"> (3,4) </point> </track> <point> 1.5 </point>',
]


def answers_table():
    table = parse_batch(TEXTS)
    return table.replace(responses=table.responses.replace(key=("a", "b", "c", "d")))


def written_dataset(path):
    builder = DatasetBuilder(["dog"])
    for name in ("a.mp4", "b.png"):
        asset = builder.add_asset(DatasetAsset(file_name=name, width=64, height=48, kind="video", fps=25.0))
        for at in range(4):
            builder.add(asset, AnnotationKind.BOX, [[4 + at, 8], [20, 30]], "cat", t=at / 10, track=True, object=7)
        builder.add(asset, AnnotationKind.POINT, [[5, 8]], "dog", score=0.5)
    write_dataset_parquet(builder.build(), path)


FILES = {
    "read_parquet": (lambda path: write_parquet([answers_table()] * 2, path), read_parquet),
    "iter_parquet": (
        lambda path: write_parquet([answers_table()] * 2, path),
        lambda path: AnnotationTable.concat(list(iter_parquet(path))),
    ),
    "read_dataset_parquet": (written_dataset, lambda path: read_dataset_parquet(path, on_problem=lambda _: None)),
}


# -- what a column may hold ------------------------------------------------------------------------------------------


def changed(data, path, value):
    """The data with another value of a field in their first annotation, container or issue."""
    rows = data.to_pylist()
    column, name = path.split(".")
    next(row[column] for row in rows if row[column])[0][name] = value
    return pa.Table.from_pylist(rows, schema=plain_schema(data.schema))


def plain_schema(schema):
    """The schema with words as strings, which take any word."""

    def plain(kind):
        if pa.types.is_dictionary(kind):
            return pa.string()
        if pa.types.is_large_list(kind):
            return pa.large_list(plain(kind.value_type))
        if pa.types.is_fixed_size_list(kind):
            return pa.list_(kind.value_type)
        return pa.struct([(each.name, plain(each.type)) for each in kind]) if pa.types.is_struct(kind) else kind

    return pa.schema([(field.name, plain(field.type)) for field in schema], schema.metadata)


REFUSED = [
    ("annotations.track", 99999, "annotations.track is 99999, but response 0 has 0"),
    ("annotations.track", -5, "track must be from -1"),
    ("annotations.collection", 77, "annotations.collection is 77"),
    ("annotations.asset_idx", -3, "asset_idx must be from -1"),
    ("annotations.mention", 5, None),
    ("annotations.span", [10**9, -1], r"span must be \[start, end\].* but it has \[1000000000, -1\]"),
    ("annotations.span", [-7, -1], "span must be"),
    ("annotations.span", None, "annotations.span is null"),
    ("annotations.span", [1], "annotations.span must hold pairs"),
    ("annotations.span", [1, None], "annotations.span is null"),
    ("annotations.kind", "zzz", "annotations.kind must be one of point, box, polygon, clip, but 'zzz' came"),
    ("annotations.kind", None, "annotations.kind must be one of .* but null came"),
    ("annotations.kind", "point", "row 0 is a point, but has 2 coordinate pairs"),
    ("annotations.kind", "polygon", "row 0 is a polygon, but has 2"),
    ("annotations.kind", "clip", "row 0 is a clip, but has 2"),
    ("annotations.vertices", [[1.0, 2.0]], "row 0 is a box, but has 1"),
    ("annotations.vertices", None, "annotations.vertices is null"),
    ("annotations.vertices", [[1.0, 2.0], None], "annotations.vertices is null"),
    ("annotations.vertices", [[1.0, 2.0], [3.0]], "annotations.vertices must hold pairs"),
    ("containers.kind", "box", "containers.kind must be one of track, collection"),
    ("containers.collection", 4, "containers.collection is 4"),
    ("containers.complete", None, "containers.complete is null"),
    ("issues.code", "no_such_code", "issues.code must be one of"),
    ("issues.detail", None, "issues.detail is null"),
    ("issues.span", [4, 2], "issues.span must be"),
]


@pytest.mark.parametrize(("path", "value", "message"), REFUSED)
def test_reliability_m8_values_out_of_range_are_refused(path, value, message):
    """reliability M8: what no table holds is refused where it is made."""
    try:
        data = changed(to_arrow(answers_table()), path, value)
    except pa.ArrowException:
        assert message is None  # Arrow itself refuses it
        return
    with pytest.raises(UsageError, match=message):
        from_arrow(data)


COLUMNS = {
    "a status of another word": lambda data: put(data, "status", pa.array(["zzz"] * 4)),
    "a status of numbers": lambda data: put(data, "status", pa.array([1, 2, 3, 4])),
    "a null status": lambda data: put(data, "status", pa.array(["ok", None, "ok", "ok"])),
    "an unknown ending": lambda data: put(data, "ending", pa.array(["stop"] * 4)),
    "truncated of numbers": lambda data: put(data, "truncated", pa.array([0, 1, 0, 1])),
    "null annotations": lambda data: put(data, "annotations", pa.nulls(4, SCHEMA.field("annotations").type)),
    "annotations of structs": lambda data: put(data, "annotations", pa.array([{"kind": "box"}] * 4)),
    "annotations of another struct": lambda data: put(data, "annotations", pa.array([[{"x": 1}]] * 4)),
    "a null annotation": lambda data: put(
        data, "annotations", pa.array([[None]] * 4, SCHEMA.field("annotations").type)
    ),
    "keys of numbers": lambda data: put(data, "key", pa.array([1, 2, 3, 4])),
    "some keys": lambda data: put(data, "key", pa.array(["a", None, "b", "c"])),
    "sizes of strings": lambda data: put(data, "sizes", pa.array([["a"]] * 4)),
    "frames that differ": lambda data: put(data, "frame", pa.array(["grid", "unit", "grid", "grid"])),
    "an unknown frame": lambda data: put(data, "frame", pa.array(["mils"] * 4)),
    "a key that is not UTF-8": lambda data: put(data, "key", broken_strings(4)),
    "a mention that is not UTF-8": lambda data: put(data, "annotations", broken_mentions(data)),
    "two columns of one name": lambda data: data.append_column("status", data.column("status")),
    "a version that is not UTF-8": lambda data: data.replace_schema_metadata(
        {"perceptron_annotations.version": b"\xff"}
    ),
    "a frame that is not UTF-8": lambda data: data.drop_columns(["frame"]).replace_schema_metadata(
        {"perceptron_annotations.frame": b"\xff"}
    ),
}


def put(data, name, column):
    return data.set_column(data.column_names.index(name), name, column)


def broken_strings(count):
    return pa.Array.from_buffers(
        pa.string(),
        count,
        [None, pa.py_buffer(np.arange(count + 1, dtype=np.int32)), pa.py_buffer(b"\xff" * count)],
    )


def broken_mentions(data):
    column = data.column("annotations").chunk(0)
    values = column.values
    fields = values.flatten()
    fields[1] = pa.DictionaryArray.from_arrays(pa.array([0] * len(values), pa.int32()), broken_strings(1))
    structs = pa.StructArray.from_arrays(fields, names=[field.name for field in values.type])
    return pa.LargeListArray.from_arrays(column.offsets, structs)


@pytest.mark.parametrize("change", COLUMNS.values(), ids=COLUMNS)
def test_reliability_m8_columns_of_another_form_are_refused(tmp_path, change):
    """reliability M8: by ``from_arrow`` as a wrong call, by the readers of files as a wrong file."""
    data = change(to_arrow(answers_table()))
    with pytest.raises(UsageError):
        from_arrow(data)
    try:
        data.validate(full=True)
        parquet.write_table(data, tmp_path / "a.parquet")
    except (pa.ArrowException, ValueError):
        return
    for read in (read_parquet, lambda path: list(iter_parquet(path))):
        with pytest.raises(FileError, match=r"cannot read .*a\.parquet"):
            read(tmp_path / "a.parquet")


def test_a_table_is_checked_when_it_is_made():
    """reliability M8: the same rules hold for columns that a caller gives."""
    table = answers_table()
    for name, value, message in (("track", -2, "track must be"), ("kind", 0, "coordinate pairs")):
        column = getattr(table, name).copy()
        column[0] = value
        with pytest.raises(UsageError, match=message):
            table.replace(**{name: column})
    with pytest.raises(UsageError, match="status must be from 0 to 3"):
        table.responses.replace(status=np.full(4, 9, dtype=np.uint8))
    with pytest.raises(UsageError, match="each clip must have its start"):
        table.replace(t=np.full(len(table), np.nan))


def test_a_dataset_is_a_table_too(tmp_path):
    """“Whatever reads tables of answers reads this too”: its tracks are containers, numbered in their asset."""
    written_dataset(tmp_path / "a.parquet")
    table = read_parquet(tmp_path / "a.parquet")
    assert table.track.tolist() == [0, 0, 0, 0, -1] * 2
    values = table.to_values()
    assert [[type(value) for value in each] for each in values] == [[Track, Point]] * 2
    assert [len(each[0].waypoints) for each in values] == [4, 4]
    assert [each[0].mention for each in values] == ["cat", "cat"]
    dataset = read_dataset_parquet(tmp_path / "a.parquet")
    assert (dataset.table.track >= 0).tolist() == [True, True, True, True, False] * 2


# -- damaged bytes ---------------------------------------------------------------------------------------------------


def outcomes(read, path, variants):
    """How often each reader could read, and refused; another exception fails the test."""
    counts = {"read": 0, "refused": 0}
    for data in variants:
        path.write_bytes(data)
        try:
            read(path)
        except FileError:
            counts["refused"] += 1
        else:
            counts["read"] += 1
    return counts


@pytest.mark.parametrize(("make", "read"), FILES.values(), ids=FILES)
def test_reliability_m8_any_damaged_byte_is_a_file_error(tmp_path, make, read):
    """reliability M8: every 97th byte changed in three ways, and the file cut off in 200 places."""
    path = tmp_path / "a.parquet"
    make(path)
    data = path.read_bytes()
    flipped = [
        data[:at] + bytes([value]) + data[at + 1 :]
        for at in range(0, len(data), 97)
        for value in {0, 255, data[at] ^ 1} - {data[at]}
    ]
    cut = [data[:at] for at in range(0, len(data), max(1, len(data) // 200))]
    assert outcomes(read, path, flipped)["refused"] > len(flipped) / 3
    assert outcomes(read, path, cut) == {"read": 0, "refused": len(cut)}


@pytest.mark.parametrize(("make", "read"), FILES.values(), ids=FILES)
def test_reliability_m8_a_changed_number_is_noticed(tmp_path, make, read):
    """reliability M8: pages have checksums, so no byte of the data can change unseen."""
    path = tmp_path / "a.parquet"
    make(path)
    data = path.read_bytes()
    footer = len(data) - 8 - int.from_bytes(data[-8:-4], "little")
    meta = parquet.read_metadata(path)
    pages = []
    for group in range(meta.num_row_groups):
        for number in range(meta.num_columns):
            column = meta.row_group(group).column(number)
            start = column.dictionary_page_offset or column.data_page_offset
            pages.append((start, start + column.total_compressed_size))
    ends = [end - 1 for _, end in pages]
    assert max(ends) < footer
    last_bytes = [data[:at] + bytes([data[at] ^ 0x10]) + data[at + 1 :] for at in ends]
    found = outcomes(read, path, last_bytes)
    assert found["read"] == 0, found


# -- structure ---------------------------------------------------------------------------------------------------------

ODD = [
    None,
    -5,
    -1,
    0,
    99999,
    2**40,
    1e308,
    math.nan,
    math.inf,
    "zzz",
    "",
    "box",
    True,
    [],
    [1],
    [1, 2],
    [[1, 2, 3]],
    {},
    {"x": 1},
]


def mutate(rows, rng):
    """Change one thing: a value, a name or a place, in one row or in all of them."""
    rows = copy.deepcopy(rows)
    column = rng.choice(list(rows[0]))
    everywhere = rng.random() < 0.5
    seed = rng.random()
    for row in rows if everywhere else [rng.choice(rows)]:
        mutate_within(row, column, random.Random(seed))
    return rows


def mutate_within(row, column, rng):
    holder, key = row, column
    while isinstance(holder[key], dict | list) and holder[key] and rng.random() < 0.8:
        holder = holder[key]
        key = rng.choice(list(holder) if isinstance(holder, dict) else range(len(holder)))
    what = rng.randrange(6)
    if what <= 2:
        holder[key] = copy.deepcopy(rng.choice(ODD))
    elif what == 3:
        del holder[key]
    elif what == 4:
        other = rng.choice(list(holder) if isinstance(holder, dict) else range(len(holder)))
        holder[key], holder[other] = holder[other], holder[key]
    elif isinstance(holder, list):
        holder.insert(key, copy.deepcopy(holder[key]))
    else:
        holder["zzz"] = holder.pop(key)


def mutations(data, count, seed):
    rng = random.Random(seed)
    rows = data.to_pylist()
    made = 0
    while made < count:
        changed_rows = mutate(rows, rng)
        names = list(dict.fromkeys(name for row in changed_rows for name in row))
        try:
            columns = {name: pa.array([row.get(name) for row in changed_rows]) for name in names}
        except (pa.ArrowException, OverflowError):
            continue  # Arrow has no such column
        made += 1
        yield pa.table(columns).replace_schema_metadata(data.schema.metadata)


def test_reliability_m8_mutated_structure_is_refused_or_a_sound_table():
    """reliability M8: fields swapped, retyped, renamed, nulled, doubled; what is read is a table like any other."""
    pixels = AnnotationTable.from_annotations([[Point(1, 2, frame=Frame.pixels(3, 4), asset_idx=0)], []])
    read = 0
    for table, count in ((answers_table(), 2500), (pixels, 500)):
        for data in mutations(to_arrow(table), count, seed=count):
            try:
                found = from_arrow(data)
            except UsageError:
                continue
            read += 1
            assert from_arrow(to_arrow(found)) == found
            with suppress(AnnotationsError):  # a time may be negative, and the size of an asset missing
                found.to_values()
    assert read > 300


def test_reliability_m8_mutated_datasets_are_refused_or_sound(tmp_path):
    """reliability M8: the same for datasets in Parquet."""
    path = tmp_path / "a.parquet"
    written_dataset(path)
    read = 0
    for data in mutations(parquet.read_table(path), 1200, seed=1):
        try:
            parquet.write_table(data, path)
        except pa.ArrowException:
            continue  # such as a struct without fields
        try:
            found = read_dataset_parquet(path, on_problem=lambda _: None)
        except FileError:
            continue
        read += 1
        assert len(found.table.responses) == len(found.assets)
    assert read > 120


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("labels", b"\xff"),
        ("labels", b"[" * 100_000),
        ("labels", b'"cat"'),
        ("labels", b"[1]"),
        ("skeletons", b"{"),
        ("skeletons", b"[]"),
    ],
)
def test_reliability_m8_metadata_of_a_dataset(tmp_path, name, said):
    """reliability M8: labels that are not UTF-8, not JSON, or not a list."""
    path = tmp_path / "a.parquet"
    written_dataset(path)
    data = parquet.read_table(path)
    parquet.write_table(
        data.replace_schema_metadata(data.schema.metadata | {f"perceptron_annotations.{name}": said}), path
    )
    with pytest.raises(FileError, match=r"cannot read .*a\.parquet"):
        read_dataset_parquet(path)
