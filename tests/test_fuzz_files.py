"""A sample of the mutated files of ``benchmarks/fuzz_files.py``, and the faults that it found."""

import json
from collections import Counter

import pytest

from benchmarks.file_kinds import KINDS
from benchmarks.fuzz_files import LEAST_READABLE, run_kind
from perceptron_annotations import read_dataset, read_recordings, write_dataset
from perceptron_annotations.datasets import read_coco, read_cvat, read_label_studio, read_labelme, read_sizes
from perceptron_annotations.problems import ProblemCode

INPUTS = 150


@pytest.mark.parametrize("name", KINDS)
def test_mutated_files(name):
    """Only our errors come out, and what stands before the fault is kept; the seed is not that of the long runs."""
    tally = run_kind(KINDS[name], range(INPUTS), seed=20)
    assert tally.failures == []
    assert tally.readable >= LEAST_READABLE * INPUTS


def test_what_the_fuzzer_finds():
    """A reader that raises something else, and one that reads only good files."""
    csv = KINDS["csv"]

    def raising(folder, data):
        raise ZeroDivisionError

    def strict(folder, data):
        found = csv.read(folder, data)
        return found if data in good else Counter()

    good = {csv.render(csv.units[:count]) for count in range(len(csv.units) + 1)}
    assert len(run_kind(csv._replace(read=raising, keeps=False), range(5), 1).failures) == 5
    assert len(run_kind(csv._replace(read=strict), range(50), 1).failures) > 10


KEY = "\ud800"
SHAPE = {"label": "cat", "points": [[1, 2]], "shape_type": "point"}


def test_a_lone_surrogate_as_a_key_costs_its_entry(tmp_path):
    """JSON may hold it, and msgspec then raises what is no error of its own."""
    problems = []
    path = tmp_path / "a.json"
    path.write_text(json.dumps({"imagePath": "a.png", "shapes": [SHAPE | {KEY: 1}, SHAPE]}))
    assert len(read_labelme(path, on_problem=problems.append)) == 1
    image = {"id": 1, "file_name": "a.png", "width": 9, "height": 9}
    box = {"id": 1, "image_id": 1, "category_id": 1, "bbox": [1, 1, 2, 2]}
    coco = {"images": [image], "categories": [{"id": 1, "name": "cat"}], "annotations": [box | {"id": 2, KEY: 1}, box]}
    path.write_text(json.dumps(coco))
    assert len(read_coco(path, on_problem=problems.append)) == 1
    path.write_text(json.dumps([{"data": {"image": "a.png"}, KEY: 1}, {"data": {"image": "b.png"}}]))
    assert len(read_label_studio(path, on_problem=problems.append).assets) == 1
    codes = [each.code for each in problems if each.code is not ProblemCode.UNREAD_FIELD]  # which it is, too
    assert codes == [ProblemCode.MALFORMED_ENTRY] * 3
    path.write_text(json.dumps([{"file_name": "a.png", "width": 1, "height": 1, KEY: 1}]))
    assert read_sizes(path) == {"a.png": (1, 1)}  # it is not looked at there


@pytest.mark.parametrize("number", ["9" * 400, "9223372036854775808", "1e999"])
def test_an_attribute_that_no_number_holds_is_a_text(tmp_path, number):
    attribute = f'<attribute name="n">{number}</attribute>'
    box = f'<box label="cat" xtl="1" ytl="2" xbr="3" ybr="4">{attribute}</box>'
    image = f'<image id="0" name="a.png" width="9" height="9">{box}</image>'
    (tmp_path / "a.xml").write_text(f"<annotations>{image}</annotations>")
    dataset = read_cvat(tmp_path / "a.xml")
    assert dataset.attributes[0] == (("n", number),)
    write_dataset(dataset, tmp_path / "a.jsonl", "dataset-jsonl")
    assert read_dataset(tmp_path / "a.jsonl").attributes[0] == (("n", number),)


def test_an_error_of_a_service_that_is_nested(tmp_path):
    error = "deep"
    for _ in range(600):
        error = [error]
    (tmp_path / "a.jsonl").write_text(json.dumps({"error": error}) + "\n" + json.dumps({"text": "x"}) + "\n")
    assert len(list(read_recordings(tmp_path / "a.jsonl", on_problem=(problems := []).append))) == 1
    assert [each.code for each in problems] == [ProblemCode.SERVICE_ERROR]
