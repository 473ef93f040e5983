"""Assets of many answers entered at once: the same as one by one, which is the general way and the oracle here.

Issue 18, point 6. So are ids, identities and labels, which are found for whole shards.
"""

import random
import sys

import numpy as np
import pytest

from perceptron_annotations import Recording
from perceptron_annotations.completions import RecordedAsset
from perceptron_annotations.datasets import ImageSize, ImageTransform, RecordingImporter, assets, write_coco
from perceptron_annotations.table.recorded_assets import RecordedAssets

SIDES = (640, 640, 640, 480, 480.0, 99.5, 1, 0, -1, 2**53, 2**60, None)
ENDINGS = (".jpg", ".jpg", ".png", ".mp4", "", ".JPG")
SIZES = {f"i{number}.jpg": (640, 480) for number in range(0, 60, 2)} | {"sub/i1.jpg": (10, 20), "k3.png": (320, 200)}
OPTIONS = {
    "plain": {},
    "sizes": {"sizes": SIZES},
    "a function of sizes": {"sizes": lambda name: ImageSize(*SIZES[name]) if name in SIZES else None},
    "joined": {"sizes": SIZES, "join": {"k5": "i4.jpg", "i7.jpg": "sub/i1.jpg"}},
    "joined without sizes": {"join": {"i7.jpg": "other.jpg"}},
    "first": {"merge": "first"},
    "last": {"merge": "last"},
    "scaled": {"transform": ImageTransform(scale=(0.5, 1e300))},
    "cut out": {"transform": ImageTransform(crop=(3, 4, 900, 800))},
}


def asset(rng, oddity):
    name = rng.choice([None, "", f"i{rng.randrange(60)}{rng.choice(ENDINGS)}", f"i{rng.randrange(10**6)}.jpg"])
    if rng.random() > oddity:
        return RecordedAsset(f"i{rng.randrange(10**6)}.jpg", 640, 480)
    return RecordedAsset(name, rng.choice(SIDES), rng.choice(SIDES))


def recordings(seed, oddity, count=400):
    rng = random.Random(seed)
    text = '<point_box mention="cat"> (1,2) (3,4) </point_box>'
    return [
        Recording(
            key=f"k{number}",
            text=text,
            assets=tuple(asset(rng, oddity) for _ in range(rng.choice([1, 1, 1, 1, 1, 1, 2, 3, 0]))),
        )
        for number in range(count)
    ]


def imported(options, answers, path):
    importer = RecordingImporter(**options)
    # The last answer, and which name means an image, may depend on all of them.
    half = len(answers) if {"merge", "sizes"} & set(options) else len(answers) // 2
    shards = [importer.add(some) for some in (answers[:half], answers[half:]) if some]
    written = write_coco(iter(shards), path)
    found = [(shard.assets, shard.table.xyxy.tolist(), shard.asset.tolist(), shard.source) for shard in shards]
    return repr(found), importer.report, written, path.read_bytes()


@pytest.mark.parametrize("oddity", [0.0, 0.01, 0.2, 1.0])
@pytest.mark.parametrize("options", OPTIONS)
def test_speed_6_assets_entered_at_once_are_those_entered_one_by_one(options, oddity, tmp_path, monkeypatch):
    for seed in range(3):
        answers = recordings(seed, oddity)
        at_once = imported(OPTIONS[options], answers, tmp_path / "a.json")
        with monkeypatch.context() as patched:
            patched.setattr(assets, "_FEW", sys.maxsize)
            assert imported(OPTIONS[options], answers, tmp_path / "a.json") == at_once


def test_speed_6_answers_about_sized_images_are_not_entered_one_by_one(monkeypatch):
    entered = []
    enter = assets.AssetRegister._enter
    monkeypatch.setattr(assets.AssetRegister, "_enter", lambda *given: (entered.append(given[2]), enter(*given)))
    RecordingImporter().add(recordings(1, 0.0))
    without = [answer.key for answer in recordings(1, 0.0) if not answer.assets]
    assert set(without) <= set(entered)
    assert len(entered) < 400 / 2  # runs of a few answers are


# -- the columns -------------------------------------------------------------------------------------------------------


def test_speed_6_columns_of_assets_give_back_what_was_recorded():
    rng = random.Random(4)
    given = [tuple(asset(rng, 1.0) for _ in range(rng.randrange(4))) for _ in range(200)]
    columns = RecordedAssets.of(given)
    assert columns == given
    assert columns == RecordedAssets.of(columns)
    assert repr(columns) == repr(given)  # 640.0 stays a float, and 640 a whole number
    assert columns[-1] == given[-1]
    assert columns[3:60:7] == given[3:60:7]
    assert columns != given[:-1]
    assert columns != "text"
    with pytest.raises(IndexError):
        columns[200]


def test_speed_6_columns_of_assets_know_what_answers_are_about():
    given = [(), (RecordedAsset("a"),), (RecordedAsset(), RecordedAsset("b"))]
    columns = RecordedAssets.of(given)
    assert list(columns.names_by_answer(["x", "y", "z"])) == [["x"], ["a"], ["z#0", "b"]]
    assert columns.names_of(["x", "y", "z"], 1, 3) == ["a", "z#0", "b"]
    assert np.isnan(columns.sizes).all()
