"""What a file says and a dataset has no place for is told as one problem for each kind of entry."""

import json

import pytest

from perceptron_annotations import read_dataset
from perceptron_annotations.errors import FileError
from perceptron_annotations.problems import ProblemCode


def told(path):
    problems = []
    read_dataset(path, on_problem=problems.append)
    return [(each.code, each.place, each.message) for each in problems]


def coco(path, **others):
    image = {"id": 1, "file_name": "a.png", "width": 64, "height": 48} | others.pop("image", {})
    box = {"id": 1, "image_id": 1, "category_id": 1, "bbox": [4, 8, 16, 22]} | others.pop("box", {})
    file = {"images": [image], "annotations": [box], "categories": [{"id": 1, "name": "cat"}]}
    path.write_text(json.dumps(file | others))
    return path


def test_issue_15_fields_are_counted_with_an_example(tmp_path):
    """A sound file is read at once, and one with further fields of annotations entry by entry: both tell."""
    fast = coco(tmp_path / "a.json", image={"license": 3}, info={"year": 2024})
    assert told(fast) == [
        (ProblemCode.UNREAD_FIELD, "the file", 'not read: info (1, such as {"year":2024})'),
        (ProblemCode.UNREAD_FIELD, "images", "not read: license (1, such as 3)"),
    ]
    slow = coco(tmp_path / "b.json", box={"caption": "a cat", "isfake": 0})
    assert told(slow) == [(ProblemCode.UNREAD_FIELD, "annotations", "not read: caption (1, such as a cat)")]


def test_issue_15_empty_fields_say_nothing(tmp_path):
    """Tools fill fields of which they know nothing."""
    empty = {"info": {"year": "", "url": None}, "licenses": [{"id": 0, "name": ""}], "image": {"date_captured": 0}}
    assert not told(coco(tmp_path / "a.json", **empty))


def test_issue_15_hostile_fields_are_told_shortly(tmp_path):
    """Many fields, long values and lone surrogates make one short sentence."""
    many = {f"field{number}": "x" * 10**5 for number in range(100)}
    ((_, _, said),) = told(coco(tmp_path / "a.json", image=many))
    assert len(said) < 1500
    assert said.endswith("and 88 more")
    ((_, place, _),) = told(coco(tmp_path / "b.json", note="\ud800"))
    assert place == "the file"


def test_issue_15_results_are_not_taken_for_tasks(tmp_path):
    """A list of COCO results is not a list of Label Studio's tasks in which there is nothing."""
    path = tmp_path / "results.json"
    path.write_text('[{"image_id": 1, "category_id": 1, "bbox": [1, 2, 3, 4], "score": 0.5}]')
    with pytest.raises(FileError, match="and not a COCO file"):
        read_dataset(path)
