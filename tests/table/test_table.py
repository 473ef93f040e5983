"""The table by itself: what it refuses, what it shows, and what it gives for made-up columns."""

import subprocess
import sys
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from perceptron_annotations import (
    AnnotationKind,
    AnnotationTable,
    Box,
    Clip,
    Collection,
    Frame,
    Point,
    Polygon,
    Track,
    UsageError,
    ops,
    parse,
    parse_batch,
)
from perceptron_annotations.errors import FrameError

TEXTS = [
    '<point_box mention="cat"> (300,400) (100,200) </point_box> and <point mention="dog" t="2"> (5,6) </point>',
    "nothing here",
    '<collection mention="cups"> <polygon> (0,0) (9,0) (9,8) </polygon> <clip t="3 seconds 4 seconds" /> </collection>',
    "<point> 1.5 </point>",
]


@pytest.fixture
def table():
    return parse_batch(TEXTS)


def test_columns(table):
    assert table.response.tolist() == [0, 0, 2, 2]
    assert [AnnotationKind(kind).name for kind in table.kind] == ["BOX", "POINT", "POLYGON", "CLIP"]
    assert table.labels.tolist() == ["cat", "dog", "cups", "cups"]
    assert table.mentions == ("cat", "dog", "cups")
    assert table.collection.tolist() == [-1, -1, 0, 0]
    np.testing.assert_array_equal(table.t, [np.nan, 2, np.nan, 3])
    np.testing.assert_array_equal(table.until, [np.nan, np.nan, np.nan, 4])
    assert table.status.tolist() == ["ok", "empty", "ok", "unreadable"]
    assert table.issues.codes.tolist() == ["swapped_corners", "invalid_point_coords"]
    assert table.issues.details == ("", "1.5")
    assert table.span[0].tolist() == [0, TEXTS[0].index(" and")]
    assert (table.status == "ok").mean() == 0.5


def test_bounds_are_ordered_and_vertices_are_not(table):
    np.testing.assert_array_equal(table.xyxy[:2], [[100, 200, 300, 400], [5, 6, 5, 6]])
    assert np.isnan(table.xyxy[3]).all()
    assert table.vertices(0).tolist() == [[300, 400], [100, 200]]
    assert table.vertices(-1).shape == (0, 2)
    with pytest.raises(UsageError, match="row 4 is beyond a table of 4 rows"):
        table.vertices(4)


def test_columns_cannot_be_changed(table):
    with pytest.raises(ValueError, match="read-only"):
        table.coords[0, 0] = 1
    with pytest.raises(AttributeError):
        table.kind = table.kind
    mine = table.coords.copy()
    made = table.replace(coords=mine)
    mine.flags.writeable = True  # the caller's own array stays writable
    assert not made.coords.flags.writeable


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"kind": np.zeros(3, np.uint8)}, r"kind must be uint8 of shape \(4,\), but uint8 of shape \(3,\) came"),
        ({"kind": np.zeros(4, np.int64)}, r"kind must be uint8 of shape \(4,\), but int64"),
        ({"kind": [0, 0, 0, 0]}, r"kind must be uint8 .* but list came"),
        ({"coords": np.zeros((6, 3))}, r"coords must be float64 of shape \(any, 2\)"),
        ({"offsets": np.array([0, 2, 3, 6, 7])}, "offsets must rise from 0 to 6"),
        ({"offsets": np.array([0, 3, 2, 6, 6])}, "offsets must rise from 0 to 6"),
        ({"span": np.zeros(4, np.int64)}, r"span must be int64 of shape \(4, 2\)"),
        ({"response": np.array([0, 0, 2, 4])}, "response must be from 0 to 3"),
        ({"mention": np.array([0, 1, 2, 3], np.int32)}, "mention must be from -1 to 2"),
        ({"kind": np.array([0, 1, 2, 4], np.uint8)}, "kind must be from 0 to 3"),
    ],
)
def test_wrong_columns_are_named(table, changes, message):
    with pytest.raises(UsageError, match=message):
        table.replace(**changes)


def test_wrong_small_tables_are_named(table):
    with pytest.raises(UsageError, match="key must have one entry for each of 4 responses, not 1"):
        table.responses.replace(key=("a",))
    with pytest.raises(UsageError, match="details must have one text for each of 2 issues"):
        table.issues.replace(details=())


@pytest.mark.parametrize(
    ("use", "message"),
    [
        (lambda table: table[np.ones(3, bool)], "a mask must have one entry for each of 4 rows"),
        (lambda table: table[[7]], "beyond the 4 rows"),
        (lambda table: table.take([0.5]), "indices must be a list of whole numbers"),
        (lambda table: table.sort("size"), "cannot sort by 'size': choose from response, kind"),
        (lambda table: table[[3, 0]].group_by_response(), r"table.sort\(\"response\"\)"),
        (lambda table: AnnotationTable.concat([]), "no table was given"),
        (lambda table: AnnotationTable.from_annotations([["cat"]]), "a table holds points"),
    ],
)
def test_wrong_use_says_what_to_do(table, use, message):
    with pytest.raises(UsageError, match=message):
        use(table)


def test_rows_by_response(table):
    assert table.group_by_response().tolist() == [0, 2, 2, 4, 4]
    shuffled = table[[3, 1, 2, 0]]
    assert shuffled.sort("response").group_by_response().tolist() == [0, 2, 2, 4, 4]
    assert shuffled.sort("response").labels.tolist() == ["dog", "cat", "cups", "cups"]
    assert table.sort("t", descending=True).t.tolist()[:2] == [3, 2]


def test_joining_numbers_responses_and_mentions_anew(table):
    other = parse_batch(['<point mention="dog"> (1,1) </point> <point mention="eel"> (2,2) </point>'])
    joined = AnnotationTable.concat([table, other])
    assert joined.response.tolist() == [0, 0, 2, 2, 4, 4]
    assert joined.mentions == ("cat", "dog", "cups", "eel")
    assert joined.labels.tolist()[-2:] == ["dog", "eel"]
    assert joined.issues.response.tolist() == [0, 3]
    keyed = AnnotationTable.from_annotations([[]], keys=["a"])
    with pytest.raises(UsageError, match="1 of 2 tables have no keys"):
        AnnotationTable.concat([keyed, other])
    assert AnnotationTable.concat([keyed, keyed]).responses.key == ("a", "a")


def test_frames_of_values():
    boxes = [
        Box(1, 2, 30, 40, asset_idx=0, frame=Frame.pixels(640, 480)),
        Box(1, 2, 3, 4, frame=Frame.pixels(100, 50)),
        Polygon(((0, 0), (1, 0), (1, 1)), asset_idx=1, frame=Frame.pixels(100, 50)),
        Clip(1),
    ]
    table = AnnotationTable.from_annotations([boxes, [Point(1, 2, frame=Frame.pixels(7, 8), score=0.5)]])
    assert table.frame == "pixels"
    assert table.responses.sizes.tolist() == [[640, 480], [100, 50], [7, 8]]
    assert table.to_annotations() == [boxes, [Point(1, 2, frame=Frame.pixels(7, 8), score=0.5)]]
    grid = AnnotationTable.from_annotations([[Point(1, 2)]])
    with pytest.raises(FrameError, match="grid, pixels cannot be joined"):
        AnnotationTable.concat([table, grid])
    with pytest.raises(FrameError, match="one kind of frame, not in grid and pixels"):
        AnnotationTable.from_annotations([[Point(1, 2), boxes[0]]])
    with pytest.raises(FrameError, match="asset 0 in two sizes"):
        AnnotationTable.from_annotations([[boxes[0], boxes[0].to(Frame.pixels(5, 5))]])


def test_documents_in_pixels():
    document = parse('<point asset_idx="1"> (500,500) </point> <point> (1,1) </point>').to_pixels(
        sizes=[(10, 10), (200, 100)]
    )
    table = AnnotationTable.from_documents([document], keys=["k"])
    assert table.to_annotations() == [list(document.annotations)]
    assert table.responses.key == ("k",)
    assert np.isnan(table.responses.sizes[0]).all()


def test_values_keep_their_groups():
    track = Track((Point(1, 2, t=0), Point(3, 4, t=1)), mention="car")
    values = [Point(9, 9), Collection((Box(1, 2, 3, 4), track, Clip(1, 2)), mention="all", asset_idx=2), track]
    table = AnnotationTable.from_annotations([values, [Collection((), complete=False)]])
    assert table.to_values() == [values, [Collection((), complete=False)]]
    assert table.labels.tolist() == [None, "all", "car", "car", "all", "car", "car"]
    assert table.track.tolist() == [-1, -1, 0, 0, -1, 1, 1]
    # A track whose waypoints were filtered away is gone with them; an unfinished container is still there.
    assert table[table.track < 0].to_values()[0][1].children == values[1].children[::2]


def test_what_is_shown(table):
    assert repr(table) == (
        "<AnnotationTable: 4 annotations in 4 responses (grid): 1 points, 1 boxes, 1 polygons, 1 clips, "
        "1 collections, 1 errors, 1 warnings; 1 empty, 2 ok, 1 unreadable>"
    )
    hostile = parse_batch([f'<point mention="<b>&amp;{chr(27)}"> (1,2) </point>'] * 30)
    page = ET.fromstring(hostile._repr_html_())  # noqa: S314 - our own text
    assert page.find("table/tbody/tr/td[4]").text == "<b>&·"
    assert len(page.findall("table/tbody/tr")) == 10
    assert "20 more" in page.findall("p")[1].text
    assert "0 responses" in repr(parse_batch([]))


def test_data_frames(table):
    frame = table.to_pandas()
    assert frame["mention"].tolist() == ["cat", "dog", "cups", "cups"]
    assert frame["collection"].isna().tolist() == [True, True, False, False]
    assert frame["vertices"][2].tolist() == [[0, 0], [9, 0], [9, 8]]
    polars = table.to_polars()
    assert polars["collection"].to_list() == [None, None, 0, 0]
    assert polars["vertices"].to_list()[1] == [[5.0, 6.0]]
    assert polars["x1"].to_list() == [100, 5, 0, None]
    for empty in (parse_batch([]).to_pandas(), parse_batch([]).to_polars()):
        assert len(empty) == 0
        assert list(empty.columns) == list(frame.columns)


@pytest.mark.parametrize("name", ["pandas", "polars"])
def test_a_missing_package_is_named(name):
    code = f"""
import sys; sys.modules[{name!r}] = None
from perceptron_annotations import parse_batch
from perceptron_annotations.errors import MissingExtraError
try: parse_batch([]).to_{name}()
except MissingExtraError as error: print(error)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == f"to_{name} needs {name}: pip install {name}\n"


def test_frames_are_those_of_ops():
    texts = ["<point> (500,250) </point>", "<point_box> (0,0) (1000,500) </point_box>"]
    table = parse_batch(texts)
    assert table.to_pixels(640, 480) == ops.to_pixels(table, (640, 480))
    sizes = [(100, 10), (10, 100)]
    pixels = table.to_pixels(sizes=sizes)
    assert pixels == ops.to_pixels(table, sizes)
    assert pixels.to_pixels() == pixels
    assert pixels.to_unit() == ops.to_unit(pixels)
    assert pixels.to_grid() == ops.to_grid(pixels)
    assert table.to_unit().to_grid() == table.to_grid() == table
    with pytest.raises(FrameError, match="no size is known"):
        table.to_pixels()
    for wrong in ({"width": 5}, {"width": 5, "height": 5, "sizes": sizes}, {"height": 5, "sizes": sizes}):
        with pytest.raises(FrameError, match=r"pass to_pixels\(width, height\)"):
            table.to_pixels(**wrong)


@pytest.mark.parametrize("kind", [np.int8, np.uint8, np.int16, np.uint64])
def test_core_m2_indices_of_small_types(kind):
    """core m2: the type of the indices need not hold the number of rows."""
    table = parse_batch(["<point> (1,2) </point>" * 300])
    assert table.take(np.array([3, 1], dtype=kind)) == table.take([3, 1])
    assert table[np.array([5], dtype=kind)].span.tolist() == [table.span[5].tolist()]
    with pytest.raises(UsageError, match="beyond the 1 rows"):
        table.take([0]).take(np.array([100], dtype=kind))


def test_core_m9_a_table_is_not_a_sequence(table):
    """core m9: Python would otherwise try the indices 0, 1, … as rows."""
    with pytest.raises(TypeError, match="not iterable"):
        iter(table)
    with pytest.raises(TypeError, match="AnnotationTable"):
        assert 5 in table


def test_core_m9_a_mapping_of_texts_is_refused():
    """core m9: its keys would have been read."""
    with pytest.raises(UsageError, match="not a mapping"):
        parse_batch({"a.jpg": "<point> (1,2) </point>"})
