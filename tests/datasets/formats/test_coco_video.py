"""COCO of videos: what stands in the file, and what other tools write."""

import contextlib
import io
import json
from collections import Counter

import pytest
from pycocotools.coco import COCO

from perceptron_annotations import AnnotationKind, UsageError
from perceptron_annotations.datasets import (
    AssetKind,
    DatasetAsset,
    DatasetBuilder,
    DatasetFormat,
    guess_format,
    read_coco_video,
    write_coco_video,
)
from perceptron_annotations.errors import FileError
from perceptron_annotations.losses import Loss, LossCode
from perceptron_annotations.problems import ProblemCode
from tests.datasets.examples import close, objects

RING = [(0, 0), (10, 0), (10, 10)]
OTHER = [(20, 0), (30, 0), (30, 10)]


def clip():
    """A cat on two frames, a leaf of two rings and a tip at a time, in the second of two videos."""
    builder = DatasetBuilder(["cat", "leaf"])
    for name in ("empty.mp4", "sub/clip.mp4"):
        video = DatasetAsset(file_name=name, width=100, height=50, kind=AssetKind.VIDEO, fps=12.5)
        asset = builder.add_asset(video)
    cat, leaf = builder.new_object(), builder.new_object()
    builder.add(asset, AnnotationKind.BOX, [(12, 10), (32, 20)], "cat", object=cat, t=2.0, track=True, score=0.5)
    builder.add(
        asset,
        AnnotationKind.BOX,
        [(10, 10), (30.25, 20)],
        "cat",
        object=cat,
        t=0.0,
        track=True,
        source="k",
        span=(1, 9),
    )
    builder.add(asset, AnnotationKind.POLYGON, RING, "leaf", object=leaf, t=2.0, track=True, iscrowd=True)
    builder.add(asset, AnnotationKind.POLYGON, OTHER, "leaf", object=leaf, t=2.0, track=True, iscrowd=True)
    builder.add(asset, AnnotationKind.POINT, [(1, 2)], None, t=0.08)
    return builder.build()


def test_by_hand(tmp_path):
    path = tmp_path / "a.json"
    report = write_coco_video(clip(), path)
    of_video, of_place = {"video_id": 2, "iscrowd": 0}, {"instance_id": 1, "track_id": 1}
    assert json.loads(path.read_text()) == {
        "info": {"description": "made by perceptron-annotations"},
        "licenses": [],
        "videos": [
            {"id": 1, "name": "empty.mp4", "width": 100, "height": 50, "fps": 12.5},
            {"id": 2, "name": "sub/clip.mp4", "width": 100, "height": 50, "fps": 12.5},
        ],
        "images": [
            {
                "id": number,
                "file_name": f"sub/clip/{frame:06}.jpg",
                "width": 100,
                "height": 50,
                "video_id": 2,
                "frame_id": frame,
                "frame_index": frame,
            }
            for number, frame in ((1, 0), (2, 1), (3, 25))
        ],
        "tracks": [{"id": 1, "category_id": 1, "video_id": 2}, {"id": 2, "category_id": 2, "video_id": 2}],
        "annotations": [
            {
                "id": 1,
                "image_id": 1,
                "category_id": 1,
                "bbox": [10, 10, 20.25, 10],
                "area": 202.5,
                "segmentation": [],
                "perceptron_annotations": {"source": "k", "span": [1, 9]},
                **of_video,
                **of_place,
            },
            {
                "id": 2,
                "image_id": 3,
                "category_id": 1,
                "bbox": [12, 10, 20, 10],
                "area": 200,
                "segmentation": [],
                "perceptron_annotations": {"score": 0.5},
                **of_video,
                **of_place,
            },
            {
                "id": 3,
                "image_id": 3,
                "category_id": 2,
                "bbox": [0, 0, 30, 10],
                "area": 100,
                "segmentation": [[0, 0, 10, 0, 10, 10], [20, 0, 30, 0, 30, 10]],
                **of_video,
                "iscrowd": 1,
                "instance_id": 2,
                "track_id": 2,
            },
            {
                "id": 4,
                "image_id": 2,
                "category_id": 3,
                "bbox": [1, 2, 0, 0],
                "area": 0,
                "segmentation": [],
                "keypoints": [1, 2, 2],
                "num_keypoints": 1,
                **of_video,
            },
        ],
        "categories": [
            {"id": 1, "name": "cat", "supercategory": ""},
            {"id": 2, "name": "leaf", "supercategory": ""},
            {"id": 3, "name": "object", "supercategory": "", "keypoints": ["point"], "skeleton": []},
        ],
    }
    assert (report.assets, report.objects, report.labels) == (2, 3, 3)
    assert [(loss.code, loss.count) for loss in report.losses] == [(LossCode.MISSING_LABEL, 1)]
    assert guess_format(path) is DatasetFormat.COCO_VIDEO
    again = read_coco_video(path)
    assert again.table.t.tolist() == [0, 2, 2, 2, 0.08]
    assert (again.table.track >= 0).tolist() == [True, True, True, True, False]
    write_coco_video(again, tmp_path / "b.json")
    close(objects(read_coco_video(tmp_path / "b.json")), objects(again))


def test_pycocotools_reads(tmp_path):
    write_coco_video(clip(), tmp_path / "a.json")
    with contextlib.redirect_stdout(io.StringIO()):
        found = COCO(str(tmp_path / "a.json"))
    assert [each["instance_id"] for each in found.loadAnns(found.getAnnIds(imgIds=[3]))] == [1, 2]


def test_what_is_lost_is_counted(tmp_path):
    builder = DatasetBuilder()
    asset = builder.add_asset(DatasetAsset(file_name="a.mp4", width=9, height=9, kind=AssetKind.VIDEO, fps=10.0))
    builder.add_asset(DatasetAsset(file_name="b.mp4", width=9, height=9, kind=AssetKind.VIDEO))
    number = builder.new_object()
    for t in (0.0, 0.123):
        builder.add(asset, AnnotationKind.BOX, [(1, 1), (2, 2)], "x", object=number, t=t)
    builder.add(asset, AnnotationKind.POINT, [(1, 1)], "x", object=number, t=0.0)
    builder.add(asset, AnnotationKind.CLIP, [], "x", t=0.0)
    report = write_coco_video(builder.build(), tmp_path / "a.json")
    assert {loss.code: loss.count for loss in report.losses} == {
        LossCode.CLIP: 1,
        LossCode.UNKNOWN_FRAME_RATE: 1,
        LossCode.ROUNDED_TIMESTAMP: 1,
        LossCode.SECOND_SHAPE_IN_FRAME: 1,
        LossCode.WRITTEN_AS_TRACK: 2,
    }
    assert [asset.fps for asset in read_coco_video(tmp_path / "a.json").assets] == [10]
    assert write_coco_video(builder.build(), tmp_path / "a.json", fps=5).count(LossCode.UNKNOWN_FRAME_RATE) == 0


def test_two_videos_that_would_share_their_images(tmp_path):
    builder = DatasetBuilder()
    for name in ("a.mp4", "a.mov"):
        builder.add_asset(DatasetAsset(file_name=name, width=9, height=9, kind=AssetKind.VIDEO, fps=1.0))
    box = [(1, 1), (3, 4)]
    for asset in (0, 1):
        builder.add(asset, AnnotationKind.BOX, box, "cat", t=2.0, track=True)
    report = write_coco_video(builder.build(), tmp_path / "a.json")
    assert report.losses == (Loss(LossCode.RENAMED, 1, "a.mov as a_2.mov"),)
    images = json.loads((tmp_path / "a.json").read_text())["images"]
    assert [image["file_name"] for image in images] == ["a/000002.jpg", "a_2/000002.jpg"]


#: As TAO has it: no frame rate, no size of the video, frames as ``frame_index``, objects as ``track_id``.
TAO = {
    "videos": [{"id": 0, "name": "train/a"}],
    "images": [
        {"id": 5, "video_id": 0, "file_name": "train/a/frame0031.jpg", "width": 90, "height": 60, "frame_index": 30}
    ],
    "annotations": [{"id": 1, "image_id": 5, "track_id": 7, "category_id": 4, "bbox": [1, 2, 3, 4], "video_id": 0}],
    "categories": [{"id": 4, "name": "cat", "synset": "cat.n.01"}],
    "tracks": [{"id": 7, "category_id": 4, "video_id": 0}],
}


def written(tmp_path, **fields):
    (tmp_path / "a.json").write_text(json.dumps(TAO | fields))
    return tmp_path / "a.json"


def test_what_tao_has(tmp_path):
    path = written(tmp_path)
    with pytest.raises(UsageError, match=r"video train/a does not state its frame rate.*pass fps="):
        read_coco_video(path)
    problems = []
    found = read_coco_video(path, fps=30, on_problem=problems.append)
    assert [(each.code, each.place) for each in problems] == [(ProblemCode.UNREAD_FIELD, "categories")], "synset"
    assert objects(found) == {
        "train/a": (90, 60, [("cat", [("BOX", [[1, 2], [4, 6]])], False, None, [(1.0, None)], [True])])
    }
    path = written(tmp_path, annotations=[])
    assert read_coco_video(path, on_problem=problems.append).assets[0].fps is None


def test_odd_files(tmp_path):
    """What is malformed or names what is not there costs only itself."""
    frame, place = TAO["images"][0], TAO["annotations"][0]
    videos = [{"id": 0, "name": "a", "fps": 10}, {"id": 0, "name": "b"}, {"id": 1, "file_name": "a"}, {"id": 2}, {}]
    videos += [{"id": 3, "name": "c", "fps": 0}, {"id": 4, "name": "d", "fps": 10**400}]
    images = [
        frame,
        frame,
        frame | {"id": 6, "video_id": 9},
        {"id": 7, "file_name": "b.png"},
        *(frame | {"id": 8 + more, "frame_index": odd} for more, odd in enumerate((-1, 2**31, 10**400, None, "x"))),
    ]
    annotations = [
        place,
        place,
        place | {"id": 2, "image_id": 6},
        place | {"id": 3, "image_id": 8},
        place | {"id": 4, "category_id": 5},
        place | {"id": 5, "bbox": [10**400, 0, 1, 1]},
        place | {"id": 6, "segmentation": [[10**400, 0, 1, 1, 2, 2]]},
        place | {"id": 7, "track_id": [1]},
        place | {"id": 8, "track_id": "seven"},
    ]
    problems = []
    found = read_coco_video(
        written(tmp_path, videos=videos, images=images, annotations=annotations), on_problem=problems.append
    )
    assert [asset.file_name for asset in found.assets] == ["a", "a", "c"]
    assert found.object.tolist() == [0, 0, 1]
    assert Counter(each.code for each in problems) == {
        ProblemCode.UNREAD_FIELD: 1,
        ProblemCode.MALFORMED_ENTRY: 12,
        ProblemCode.DUPLICATE_ENTRY: 3,
        ProblemCode.MISSING_SIZE: 2,
        ProblemCode.DANGLING_REFERENCE: 5,
    }
    for text, message in (
        ("{", "is not a COCO file of videos"),
        ("{}", "it has no videos"),
        ("[]", "is not a COCO file"),
    ):
        (tmp_path / "a.json").write_text(text)
        with pytest.raises(FileError, match=message):
            read_coco_video(tmp_path / "a.json")
