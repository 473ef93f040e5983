"""Ids of a COCO file stay when it is read and written, so that files of results still fit (findings D1, D3)."""

import json
from collections import Counter

from perceptron_annotations.datasets import (
    DatasetAsset,
    DatasetBuilder,
    LabelSource,
    read_coco,
    read_coco_results,
    read_coco_video,
    write_coco,
    write_coco_results,
    write_coco_video,
)
from perceptron_annotations.losses import Loss, LossCode
from perceptron_annotations.problems import ProblemCode

BOX = [1.0, 2.0, 3.0, 4.0]


def coco(
    images=(90, 17), categories=((18, "dog", "animal"), (1, "person", "")), annotations=((1768, 17, 18), (5, 90, 1))
):
    """A file with ids that do not count from 1, and not in their order."""
    return {
        "images": [{"id": number, "file_name": f"{number}.jpg", "width": 20, "height": 10} for number in images],
        "categories": [{"id": number, "name": name, "supercategory": group} for number, name, group in categories],
        "annotations": [
            {"id": number, "image_id": image, "category_id": category, "bbox": BOX}
            for number, image, category in annotations
        ],
    }


def there_and_back(file, folder, write=write_coco, read=read_coco):
    """The problems, the losses, and the file that is written of what was read of ``file``."""
    (folder / "in.json").write_text(json.dumps(file))
    problems = []
    dataset = read(folder / "in.json", on_problem=problems.append)
    report = write(dataset, folder / "out.json")
    return problems, report.losses, json.loads((folder / "out.json").read_text())


def test_datasets_d1_coco_ids_stay(tmp_path):
    problems, losses, out = there_and_back(coco(), tmp_path)
    assert (problems, losses) == ([], ())
    assert [(each["id"], each["file_name"]) for each in out["images"]] == [(90, "90.jpg"), (17, "17.jpg")]
    assert out["categories"] == coco()["categories"]
    found = {each["id"]: (each["image_id"], each["category_id"], each["bbox"]) for each in out["annotations"]}
    assert found == {1768: (17, 18, BOX), 5: (90, 1, BOX)}
    assert not any("perceptron_annotations" in each for each in out["annotations"])
    results = [{"image_id": 17, "category_id": 18, "bbox": BOX, "score": 0.5}]
    (tmp_path / "results.json").write_text(json.dumps(results))
    assert len(read_coco_results(tmp_path / "results.json", tmp_path / "out.json")) == 1


def test_datasets_d1_coco_results_have_the_ids_of_the_file(tmp_path):
    (tmp_path / "in.json").write_text(json.dumps(coco()))
    write_coco_results(read_coco(tmp_path / "in.json"), tmp_path / "results.json", score=1.0)
    results = json.loads((tmp_path / "results.json").read_text())
    assert {(each["image_id"], each["category_id"]) for each in results} == {(17, 18), (90, 1)}


def test_datasets_d1_coco_ids_of_a_part_stay(tmp_path):
    """Chosen rows, other labels, and labels in another order."""
    (tmp_path / "in.json").write_text(json.dumps(coco()))
    dataset = read_coco(tmp_path / "in.json").relabelled(str.upper).with_labels(["PERSON", "DOG"])
    write_coco(dataset.take([1]), tmp_path / "out.json")
    out = json.loads((tmp_path / "out.json").read_text())
    assert [(each["id"], each["name"]) for each in out["categories"]] == [(1, "PERSON"), (18, "DOG")]
    assert [each["id"] for each in out["annotations"]] == [1768]


def test_datasets_d3_coco_string_ids(tmp_path):
    """Numbers in quotes are the numbers; other texts cannot stay, and are counted."""
    quoted = coco(("90", 17), (("18", "dog", ""), (1, "person", "")), (("1768", "17", 18), (5, 90, "1")))
    problems, losses, out = there_and_back(quoted, tmp_path)
    assert (problems, losses, out) == (
        [],
        (),
        there_and_back(coco(categories=((18, "dog", ""), (1, "person", ""))), tmp_path)[2],
    )
    words = coco(("img_a", "img_b"), (("dog", "dog", ""),), (("x", "img_b", "dog"), ("y", "img_a", "dog")))
    problems, losses, out = there_and_back(words, tmp_path)
    assert problems == []
    assert losses == (Loss(LossCode.RENUMBERED, 3, "img_a"),)
    assert [each["id"] for each in out["images"]] == [1, 2]
    assert [each["perceptron_annotations"]["source"] for each in out["annotations"]] == ["y", "x"]
    (tmp_path / "results.json").write_text(
        json.dumps([{"image_id": "img_b", "category_id": "dog", "bbox": BOX, "score": 0.5}])
    )
    assert read_coco_results(tmp_path / "results.json", tmp_path / "in.json").asset.tolist() == [1]


def test_datasets_d3_coco_booleans_and_names_that_are_null(tmp_path):
    file = coco()
    file["annotations"][0]["iscrowd"] = False
    file["annotations"][1]["iscrowd"] = True
    file["images"][1]["file_name"] = None
    (tmp_path / "in.json").write_text(json.dumps(file))
    problems = []
    dataset = read_coco(tmp_path / "in.json", on_problem=problems.append)
    assert dataset.iscrowd.tolist() == [True, False]
    assert [asset.file_name for asset in dataset.assets] == ["90.jpg", "17"]
    assert [(each.code, each.place) for each in problems] == [(ProblemCode.MALFORMED_ENTRY, "image 17")]


def test_datasets_d1_two_categories_of_one_name(tmp_path):
    problems, losses, out = there_and_back(coco(categories=((18, "dog", ""), (1, "dog", ""))), tmp_path)
    assert [(each.code, each.place) for each in problems] == [(ProblemCode.DUPLICATE_ENTRY, "category 1")]
    assert losses == ()
    assert [each["id"] for each in out["categories"]] == [18]


def test_ids_that_are_given_twice(tmp_path):
    """Two files in one: the second image gets the next free number, and that is counted."""
    builder = DatasetBuilder()
    for name, number in (("a", "2"), ("b", None), ("c", "2"), ("d", "007"), ("e", "1")):
        builder.add_asset(DatasetAsset(file_name=name, width=9, height=9, source_id=number))
    builder.add_label("cat", source=LabelSource("3"))
    builder.add_label("dog", source=LabelSource("3"))
    report = write_coco(builder.build(), tmp_path / "out.json")
    assert report.losses == (Loss(LossCode.RENUMBERED, 3, "2"),)
    out = json.loads((tmp_path / "out.json").read_text())
    assert [each["id"] for each in out["images"]] == [2, 3, 4, 5, 1]
    assert [each["id"] for each in out["categories"]] == [3, 1]


def test_ids_in_shards(tmp_path):
    (tmp_path / "in.json").write_text(json.dumps(coco()))
    dataset = read_coco(tmp_path / "in.json")
    report = write_coco([dataset, dataset], tmp_path / "out.json")
    out = json.loads((tmp_path / "out.json").read_text())
    assert (report.assets, report.losses) == (2, ())
    assert Counter(each["id"] for each in out["annotations"]) == Counter([5, 1768, 1769, 1770])


def test_datasets_d4_frame_index(tmp_path):
    """kwcoco and TAO find the number of a frame as ``frame_index``; MMTracking finds it as ``frame_id``."""
    file = {
        "videos": [{"id": 7, "name": "a.mp4", "width": 20, "height": 10, "fps": 5}],
        "images": [{"id": 3, "video_id": 7, "frame_index": 4}],
        "categories": [{"id": 18, "name": "dog"}],
        "annotations": [{"id": 1, "image_id": 3, "category_id": 18, "bbox": BOX, "track_id": 6}],
    }
    problems, losses, out = there_and_back(file, tmp_path, write_coco_video, read_coco_video)
    assert (problems, losses) == ([], ())
    assert [(each["frame_id"], each["frame_index"]) for each in out["images"]] == [(4, 4)]
    assert (out["videos"][0]["id"], out["categories"][0]["id"]) == (7, 18)
