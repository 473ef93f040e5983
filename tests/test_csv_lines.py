"""Our CSV against that of the standard library, and where it is better."""

import csv
import gzip
import io
import random
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perceptron_annotations import AnnotationKind, write_dataset
from perceptron_annotations.csv_lines import csv_text, read_records
from perceptron_annotations.datasets import DatasetAsset, DatasetBuilder, read_csv, read_sizes
from perceptron_annotations.files import InputFile
from perceptron_annotations.limits import use_limits
from perceptron_annotations.problems import ProblemCode

CELLS = st.text(st.sampled_from("a\",;\n\r é😀='\t\0"), max_size=8)


def records(text):
    data = text if isinstance(text, bytes) else text.encode()
    return list(read_records(InputFile("a.csv", io.BufferedReader(io.BytesIO(data)))))


@given(st.lists(st.lists(CELLS, min_size=1, max_size=4), max_size=6))
def test_what_is_written_is_read(rows):
    found = [record.cells for record in records(csv_text(rows))]
    wanted = [row for row in rows if row != [""] or "\r" in row[0]]
    assert found == wanted or [row for row in found if row != [""]] == [row for row in rows if row != [""]]
    assert list(csv.reader(io.StringIO(csv_text(rows), newline=""))) == rows or "\0" in csv_text(rows)


@given(st.text(st.sampled_from('a",\n'), max_size=40))
def test_as_the_standard_library(text):
    """Wherever the quotes are, if they are closed; and a blank line is no record."""
    found = records(text)
    if not any(record.fault for record in found):
        wanted = [row for row in csv.reader(io.StringIO(text, newline="")) if row]
        assert [record.cells for record in found] == wanted


def test_line_ends():
    assert [record.cells for record in records('a,"b"\r\nc,"d\r\n"\r\n\r\n"e\r"')] == [
        ["a", "b"],
        ["c", "d\r\n"],
        ["e\r"],
    ]


def test_reliability_c2_a_quote_that_is_not_closed_costs_its_line():
    found = records('a,b\n"c,d\ne,f\n"g,h\ni,"j\n"\n')
    assert [(record.number, record.cells) for record in found][:2] == [(1, ["a", "b"]), (2, ["c,d\ne,f\ng", "h"])]
    found = records('a,b\n"c,d\ne,f\ng,h\n')
    assert [record.cells for record in found] == [["a", "b"], [], ["e", "f"], ["g", "h"]]
    assert found[1].fault.code is ProblemCode.MALFORMED_ENTRY
    with use_limits(line_bytes=20):
        found = records('a,b\n"c,d\n' + "e,f\n" * 20)
    assert [record.number for record in found if record.fault] == [2]
    assert sum(record.cells == ["e", "f"] for record in found) == 20


def test_quotes_are_read_in_linear_time():
    """Each of these lines opens a quote, if it is read alone, and does not close one."""
    found = records('a","\n' * 200_000)
    assert len(found) == 200_000
    assert records('"' + '""' * 2_000_000)[0].fault


def test_bytes_that_are_not_utf_8():
    found = records(b"a,b\n\xff,c\nd,e\n")
    assert [record.cells for record in found] == [["a", "b"], ["\ufffd", "c"], ["d", "e"]]
    assert [record.fault and record.fault.code for record in found] == [None, ProblemCode.WRONG_ENCODING, None]


def rings(path, *, count=20, vertices=7000):
    """A dataset whose third polygon has a cell beyond 131,072 characters."""
    builder = DatasetBuilder(["cat"])
    for number in range(count):
        asset = builder.add_asset(DatasetAsset(file_name=f"{number}.png", width=9999, height=9))
        ring = [[n + 1 / 3, n % 5 + 1 / 7] for n in range(vertices if number == 2 else 3)]
        builder.add(asset, AnnotationKind.POLYGON, ring, "cat")
    write_dataset(builder.build(), path, "csv")
    return path


def test_reliability_c2_a_long_polygon_is_read(tmp_path):
    path = rings(tmp_path / "a.csv")
    assert max(map(len, path.read_text().split(","))) > 131_072
    dataset = read_csv(path)
    assert len(dataset) == 20
    assert len(dataset.table.vertices(2)) == 7000


def test_reliability_c2_the_limit_of_the_process_stays(tmp_path):
    """Other threads may read CSV with the standard library meanwhile."""
    path, limits = rings(tmp_path / "a.csv", vertices=9000), set()
    thread = threading.Thread(target=lambda: [read_csv(path) for _ in range(3)])
    thread.start()
    while thread.is_alive():
        limits.add(csv.field_size_limit())
    assert limits == {131_072}


def test_reliability_c2_a_bad_line_costs_itself(tmp_path):
    path = rings(tmp_path / "a.csv", vertices=3)
    lines = path.read_text().splitlines()
    lines[5] = '"' + lines[5]
    path.write_text("\n".join(lines))
    dataset = read_csv(path, on_problem=(problems := []).append)
    assert len(dataset) == 19
    assert [(each.code, each.place) for each in problems] == [(ProblemCode.MALFORMED_ENTRY, "line 6")]


def test_what_stands_before_damage_is_kept(tmp_path):
    path = rings(tmp_path / "a.csv", count=5000, vertices=3)
    (tmp_path / "b.csv").write_bytes(gzip.compress(path.read_bytes())[:-20])
    dataset = read_csv(tmp_path / "b.csv", on_problem=(problems := []).append)
    assert len(dataset) > 4000
    assert problems[-1].code is ProblemCode.DAMAGED_GZIP


def test_lists_have_long_cells_too(tmp_path):
    name = "n" * 200_000 + ".png"
    (tmp_path / "sizes.csv").write_text(f"file_name,width,height\n{name},4,3\n")
    assert read_sizes(tmp_path / "sizes.csv") == {name: (4.0, 3.0)}


@pytest.mark.parametrize("seed", range(3))
def test_records_cut_anywhere(seed):
    """A file that ends anywhere gives the records before its end, as they are in the whole file."""
    rng = random.Random(seed)
    rows = [["".join(rng.choices('a",\n é', k=5)) for _ in range(3)] for _ in range(30)]
    data = csv_text(rows).encode()
    for cut in range(0, len(data), 7):
        whole = data[:cut].count(b"\n")
        found = [record.cells for record in records(data[:cut]) if not record.fault]
        complete = 0
        while complete < len(rows) and len(csv_text(rows[: complete + 1]).encode()) <= cut:
            complete += 1
        assert found[:complete] == rows[:complete]
        assert whole >= complete
