"""COCO's metrics from COCO's files: no difference from pycocotools, whatever bbox, area and segmentation say."""

import contextlib
import io
import json
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from perceptron_annotations.errors import FileError
from perceptron_annotations.evaluation import TiedScoresWarning, evaluate_coco_files

IMAGES, CATEGORIES = (7, 3, 12), (5, 90, 1)
BOX = st.tuples(*[st.integers(0, 60).map(lambda n: n / 2)] * 2, *[st.integers(1, 250).map(lambda n: n / 2)] * 2)
TRUTHS = st.lists(
    st.fixed_dictionaries(
        {
            "image_id": st.sampled_from(IMAGES),
            "category_id": st.sampled_from(CATEGORIES),
            "bbox": BOX,
            "area": st.sampled_from([10.0, 32.0**2, 5000.0, 96.0**2, 20000.0]),
            "iscrowd": st.integers(0, 1),
            "segmentation": st.just([[0, 0, 9, 0, 9, 9]]),
        }
    ),
    min_size=1,
    max_size=12,
)
FOUND = st.lists(
    st.fixed_dictionaries(
        {
            "image_id": st.sampled_from(IMAGES),
            "category_id": st.sampled_from(CATEGORIES),
            "bbox": BOX,
            "score": st.integers(0, 6).map(lambda n: n / 6),
        }
    ),
    min_size=1,
    max_size=12,
)


def write_files(folder, truths, found):
    truth = {
        "images": [{"id": number} for number in IMAGES],
        "categories": [{"id": number, "name": f"c{number}"} for number in CATEGORIES],
        "annotations": [{"id": number, **each} for number, each in enumerate(truths, start=1)],
    }
    (folder / "truth.json").write_text(json.dumps(truth))
    (folder / "found.json").write_text(json.dumps(found))
    return folder / "found.json", folder / "truth.json"


def with_pycocotools(found, truth):
    """Its twelve metrics."""
    with contextlib.redirect_stdout(io.StringIO()):
        coco = COCO(str(truth))
        evaluation = COCOeval(coco, coco.loadRes(str(found)), "bbox")
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    return np.where(evaluation.stats < 0, np.nan, evaluation.stats)


@settings(max_examples=100, deadline=None)
@given(truths=TRUTHS, found=FOUND)
def test_no_difference_from_pycocotools(tmp_path_factory, truths, found):
    """“All 12 figures, equal to pycocotools to the last bit.”"""
    paths = write_files(tmp_path_factory.mktemp("coco"), truths, found)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", TiedScoresWarning)
        ours = evaluate_coco_files(*paths)
    np.testing.assert_array_equal(list(ours.average_precision.metrics.values()), with_pycocotools(*paths))
    assert ours.labels == ("c1", "c5", "c90")


def test_what_pycocotools_refuses_is_named(tmp_path):
    box = {"image_id": 7, "category_id": 5, "bbox": [0, 0, 9, 9]}
    good = {**box, "score": 0.5}
    for truths, found, message in (
        ([box], [{**good, "image_id": 8}], "names the id 8"),
        ([{**box, "category_id": 6}], [good], "names the id 6"),
        ([box], [box], "list of COCO results"),
        ([{"image_id": 7, "category_id": 5}], [good], "COCO file of boxes"),
    ):
        with pytest.raises(FileError, match=message):
            evaluate_coco_files(*write_files(tmp_path, truths, found))
    paths = write_files(tmp_path, [box], [good, {**good, "category_id": 77}])
    assert evaluate_coco_files(*paths).average_precision.ap == pytest.approx(1)
