"""Tables between frames: what single values do, on all rows at once."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from perceptron_annotations import AnnotationTable, parse, parse_batch, read_table
from perceptron_annotations import ops as o
from perceptron_annotations.errors import FrameError
from tests import strategies
from tests.corpora import ROOT

TEXT = '<point_box> (0,0) (500,250) </point_box> <clip t="1 seconds 2 seconds" />'


def test_one_size_for_all():
    table = o.to_pixels(parse_batch([TEXT, TEXT, ""]), (640, 480))
    assert table.frame == "pixels"
    np.testing.assert_array_equal(table.xyxy[[0, 2]], [[0, 0, 320, 120]] * 2)
    assert table.to_annotations()[0] == list(parse(TEXT).to_pixels(640, 480).annotations)


def test_a_size_for_each_response():
    table = o.to_pixels(parse_batch([TEXT, TEXT]), [(100, 100), (200, 400)])
    np.testing.assert_array_equal(table.xyxy[[0, 2]], [[0, 0, 50, 25], [0, 0, 100, 100]])


def test_sizes_of_the_recordings(tmp_path):
    path = tmp_path / "a.jsonl"
    assets = '"assets": [{"width": 100, "height": 50}, {"width": 10, "height": 20}]'
    points = '<point asset_idx=\\"0\\"> (500,500) </point> <point> (500,500) </point>'
    path.write_text(f'{{"text": "{points}", {assets}, "id": "x"}}\n')
    np.testing.assert_array_equal(o.to_pixels(read_table(path)).coords, [[50, 25], [5, 10]])


@given(st.lists(strategies.answers, max_size=4), st.integers(1, 4000), st.integers(1, 4000))
def test_there_and_back(texts, width, height):
    """“Exact there and back”, to the last digits of a division; and rows as their values."""
    table = parse_batch(texts)
    one_asset = table.replace(asset_idx=np.full(len(table), -1, dtype=np.int32))
    pixels = o.to_pixels(one_asset, (width, height))
    np.testing.assert_allclose(o.to_grid(pixels).coords, table.coords, rtol=1e-15)
    np.testing.assert_allclose(o.to_grid(o.to_unit(table)).coords, table.coords, rtol=1e-15)
    assert o.to_grid(table) is table
    for values, document in zip(pixels.to_annotations(), map(parse, texts), strict=True):
        wanted = [each.replace(asset_idx=None) for each in document.annotations]
        assert values == [
            each.to(value.frame) if hasattr(each, "frame") else each for each, value in zip(wanted, values, strict=True)
        ]


@given(st.lists(strategies.answers, max_size=4), st.integers(1, 4000), st.integers(1, 4000))
def test_frames_commute_with_ops(texts, width, height):
    """“Frames commute with ops”: overlap and counts do not change, areas and centres go along."""
    grid = parse_batch(texts)
    grid = grid.replace(asset_idx=np.full(len(grid), -1, dtype=np.int32), coords=np.minimum(grid.coords, 2000.0))
    pixels = o.to_pixels(grid, (width, height))
    scale = np.array([width, height, width, height]) / 1000
    spatial = ~np.isnan(grid.xyxy).any(axis=1)
    before, after = grid[spatial], pixels[spatial]
    np.testing.assert_allclose(o.box_area(after.xyxy), o.box_area(before.xyxy) * scale[0] * scale[1], rtol=1e-9)
    np.testing.assert_allclose(o.box_center(after.xyxy), o.box_center(before.xyxy) * scale[:2], rtol=1e-12)
    np.testing.assert_allclose(o.box_iou(after.xyxy, after.xyxy), o.box_iou(before.xyxy, before.xyxy), atol=1e-9)
    assert o.count_labels(pixels).counts.tolist() == o.count_labels(grid).counts.tolist()


@pytest.mark.parametrize(
    ("use", "message"),
    [
        (o.to_pixels, "no size is known for its last asset of response 0: pass sizes="),
        (lambda table: o.to_pixels(table, [(1, 2), (3, 4)]), "one for each of 1 responses, not 2"),
        (lambda table: o.to_pixels(table, (0, 5)), "finite and above zero"),
        (lambda table: o.to_pixels(o.to_pixels(table, (5, 5)), (6, 6)), "in pixels already"),
        (
            lambda table: o.to_pixels(
                parse_batch(['<point asset_idx="0"> (1,2) </point> <point asset_idx="1"> (1,2) </point>']), (5, 5)
            ),
            "response 0 names several assets",
        ),
        (lambda table: o.from_letterbox([[1, 2]], (0, 5), (5, 5)), "sizes must be above zero"),
    ],
)
def test_what_cannot_be_told_is_refused(use, message):
    with pytest.raises(FrameError, match=message):
        use(parse_batch([TEXT]))


def test_one_asset_that_is_not_the_first():
    table = o.to_pixels(parse_batch(['<point asset_idx="2"> (500,500) </point>']), (10, 20))
    np.testing.assert_array_equal(table.coords, [[5, 10]])
    assert AnnotationTable.from_annotations(table.to_annotations()).coords.tolist() == [[5, 10]]


def test_letterbox():
    # 1000 x 500 in 640 x 640: scaled by 0.64 to 640 x 320, with borders of 160 above and below.
    np.testing.assert_allclose(o.from_letterbox([[0, 160], [640, 480]], (640, 640), (1000, 500)), [[0, 0], [1000, 500]])
    np.testing.assert_allclose(o.to_letterbox([[0, 0], [1000, 500]], (640, 640), (1000, 500)), [[0, 160], [640, 480]])


def test_crops():
    coords, offsets = [[1, 1], [2, 2], [3, 3]], np.array([0, 2, 3])
    np.testing.assert_array_equal(o.from_crops(coords, offsets, [[10, 20], [0, 5]]), [[11, 21], [12, 22], [3, 8]])


def test_the_fixtures_have_a_size_wherever_they_say():
    for path in sorted((ROOT / "fixtures").glob("*.jsonl")):
        table = read_table(path, on_problem=lambda problem: None)
        assert o.row_sizes(table).shape == (len(table), 2)
