"""Whole COCO files at once and entry by entry: the same, and COCO results by the names in their truth."""

import json
from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from perceptron_annotations import AnnotationKind
from perceptron_annotations.datasets import read_coco, read_coco_results, write_coco
from perceptron_annotations.datasets.formats.coco import instances
from perceptron_annotations.datasets.formats.coco.bulk_reader import read_sound_coco
from perceptron_annotations.datasets.formats.coco.results import is_coco_results
from perceptron_annotations.errors import FileError
from perceptron_annotations.problems import ProblemCode
from tests.datasets.examples import datasets, objects

NUMBER = st.integers(-5, 50) | st.sampled_from([1.5, 1e300])
ENTRY = st.fixed_dictionaries(
    {"image_id": st.integers(1, 3), "category_id": st.integers(1, 2)},
    optional={
        "id": st.integers(1, 6) | st.sampled_from(["x", None]),
        "bbox": st.lists(NUMBER, min_size=3, max_size=5) | st.none(),
        "segmentation": st.lists(st.lists(NUMBER, min_size=4, max_size=8), max_size=2) | st.just({"counts": "abc"}),
        "keypoints": st.just([1, 2, 2]),
        "iscrowd": st.integers(0, 1),
        "score": st.just(0.5),
        "perceptron_annotations": st.just({"source": "k", "score": 0.25}),
    },
)


def said(dataset):
    return objects(dataset), dataset.labels, dataset.source, dataset.assets


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(entries=st.lists(ENTRY, max_size=6))
def test_at_once_is_entry_by_entry(tmp_path_factory, entries):
    """Whatever a file holds, reading it at once changes nothing."""
    images = [{"id": number, "file_name": f"{number}.png", "width": 9, "height": 9} for number in (2, 1)]
    file = {"images": images, "annotations": entries, "categories": [{"id": 1, "name": "cat"}]}
    path = tmp_path_factory.mktemp("coco") / "a.json"
    path.write_text(json.dumps(file))
    problems, others = [], []
    found = read_coco(path, on_problem=problems.append)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(instances, "read_sound_coco", lambda _: None)
        slowly = read_coco(path, on_problem=others.append)
    assert said(found) == said(slowly)
    assert problems == others


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(dataset=datasets((AnnotationKind.BOX, AnnotationKind.POLYGON), rings=True, scores=True, crowds=True))
def test_what_we_write_is_read_at_once(tmp_path_factory, dataset):
    path = tmp_path_factory.mktemp("coco") / "a.json"
    write_coco(dataset, path)
    assert objects(read_sound_coco(path.read_bytes())) == objects(read_coco(path))


def test_results(tmp_path):
    truth = tmp_path / "truth.json"
    images = [{"id": 7, "file_name": "a.png", "width": 9, "height": 9}, {"id": 8, "file_name": "b.png"}]
    truth.write_text(json.dumps({"images": images, "categories": [{"id": 3, "name": "cat"}], "annotations": []}))
    good = {"image_id": 8, "category_id": 3, "bbox": [1, 2, 3, 4], "score": 0.5}
    results = tmp_path / "results.json"
    results.write_text(json.dumps([good, {**good, "image_id": 7}]), encoding="utf-8-sig")
    found = read_coco_results(results, truth)
    assert objects(found)["b.png"][2] == [("cat", [("BOX", [[1, 2], [4, 6]])], False, 0.5, [(None, None)], [False])]
    assert [asset.file_name for asset in found.assets] == ["a.png", "b.png"]
    bad = [good, {**good, "image_id": 9}, {**good, "score": "high"}, {"segmentation": {"counts": "x"}}, 5]
    results.write_text(json.dumps(bad).replace("0.5", "1e400", 1))
    problems = []
    assert len(read_coco_results(results, truth, on_problem=problems.append)) == 0
    assert Counter(each.code for each in problems) == {
        ProblemCode.MALFORMED_ENTRY: 4,  # 1e400 is no number of JSON that can be held
        ProblemCode.DANGLING_REFERENCE: 1,
    }
    for text in ("{}", "[", ""):
        results.write_text(text)
        with pytest.raises(FileError, match="list of COCO results"):
            read_coco_results(results, truth)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ('[{"image_id": 1, "bbox": [1, 2, 3, 4]}]', True),
        ('[{"bbox": [1, 2, 3, 4], "image_id": 1}]', True),
        ('\ufeff [ {"score": 1, "category_id": 2}]', True),
        ("[]", True),
        ('[{"data": {"image": "a.png"}}]', False),
        ('{"images": []}', False),
        ("", False),
    ],
)
def test_results_are_told(tmp_path, text, wanted):
    path = tmp_path / "a.json"
    path.write_text(text, encoding="utf-8")
    assert is_coco_results(path) is wanted
    assert not is_coco_results(tmp_path / "none.json")
