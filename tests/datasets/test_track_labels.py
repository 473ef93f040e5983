"""Mentions of tracks that are ids, such as ``vehicle_1`` (issue 15, item 7), and answers without an image."""

import pytest

from perceptron_annotations import Recording
from perceptron_annotations.completions import RecordedAsset
from perceptron_annotations.datasets import LabelMap, Merge, RecordingImporter, from_recordings
from perceptron_annotations.datasets.answer_labels import TrackLabel
from perceptron_annotations.losses import Loss, LossCode

VIDEO = RecordedAsset("a.mp4", 100, 50)


def track(mention, *times):
    points = "".join(f'<point t="{t}"> ({10 * t},1) </point>' for t in times)
    return f'<track mention="{mention}"> {points} </track>'


def imported(*texts, **options):
    return from_recordings(
        [Recording(key=f"{at}", text=text, assets=(VIDEO,)) for at, text in enumerate(texts)], **options
    )


def labels(dataset):
    return [dataset.label_of(row) for row in range(len(dataset))]


TEXT = f'{track("vehicle_1", 1, 2)} {track("vehicle_2", 1)} <point mention="vehicle_1"> (3,4) </point>'


def test_mentions_stay_unless_asked():
    dataset, report = imported(TEXT)
    assert labels(dataset) == ["vehicle_1", "vehicle_1", "vehicle_2", "vehicle_1"]
    assert (report.losses, report.track_labels) == ((), ())


def test_when_asked_only_tracks_change_and_each_is_counted():
    dataset, report = imported(TEXT, TEXT, track_ids=True)
    assert labels(dataset) == ["vehicle", "vehicle", "vehicle", "vehicle_1"] * 2
    assert len(set(dataset.object.tolist())) == 6  # the tracks are still different objects
    assert report.track_labels == (TrackLabel("vehicle_1", "vehicle", 4), TrackLabel("vehicle_2", "vehicle", 2))
    assert report.losses == (Loss(LossCode.TRACK_ID, 6, "vehicle_1 as vehicle"),)


def test_labels_that_do_not_hold_the_id():
    dataset, report = imported(TEXT, labels=["vehicle"])
    assert labels(dataset) == ["vehicle", "vehicle", "vehicle"]
    assert {loss.code: loss.count for loss in report.losses} == {LossCode.TRACK_ID: 3, LossCode.UNLISTED_LABEL: 1}
    assert [each.count for each in report.track_labels] == [2, 1]


def test_labels_that_hold_the_id():
    dataset, report = imported(TEXT, labels=["vehicle", "vehicle_1"], track_ids=True)
    assert labels(dataset) == ["vehicle_1", "vehicle_1", "vehicle", "vehicle_1"]
    assert [each.mention for each in report.track_labels] == ["vehicle_2"]


def test_with_a_map_of_labels():
    dataset, report = imported(track("Car #12", 1), label_map=LabelMap(ignore_case=True), labels=["car"])
    assert labels(dataset) == ["car"]
    assert report.track_labels == (TrackLabel("Car #12", "car", 1),)


@pytest.mark.parametrize(
    ("mention", "label"), [("car1", "car"), ("red car - 3", "red car"), ("12", "12"), ("車2", "車"), ("a1b", "a1b")]
)
def test_what_an_id_is(mention, label):
    assert labels(imported(track(mention, 1), track_ids=True)[0]) == [label]


def test_in_shards(tmp_path):
    """A label of one shard has the same code in the next."""
    importer = RecordingImporter(track_ids=True)
    parts = [importer.add([Recording(key="1", text=track(f"dog_{at}", 1), assets=(VIDEO,))]) for at in range(3)]
    assert [labels(part) for part in parts] == [["dog"]] * 3
    assert importer.report.track_labels[-1] == TrackLabel("dog_2", "dog", 1)


def test_newcomer_m2_a_key_that_names_no_image():
    """It is told as what it is, with what images are called."""
    answer = Recording(key="q00000", text="<point> (1,2) </point>")
    _, report = from_recordings([answer], sizes={"q00001.jpg": (100, 50)})
    assert report.losses == (Loss(LossCode.UNKNOWN_KEY, 1, "q00000"),)
    assert "such as 'q00000'; images are called, for example, 'q00001.jpg'" in report.names.remarks[0]
    assert report.unplaced == 1
    _, report = from_recordings([answer], sizes=lambda name: None)
    assert report.losses == (Loss(LossCode.UNKNOWN_KEY, 1, "q00000"),)
    _, report = from_recordings([answer])
    assert report.losses == (Loss(LossCode.MISSING_ASSET, 1, "q00000"),)


@pytest.mark.parametrize("merge", [Merge.FIRST, Merge.LAST])
def test_what_merge_leaves_out_is_not_unplaced(merge):
    text = "<point> (1,2) </point>"
    _, report = imported(text, text, text, merge=merge)
    assert report.losses == (Loss(LossCode.MERGED_ANSWER, 2, report.losses[0].example),)
    assert report.unplaced == 0
