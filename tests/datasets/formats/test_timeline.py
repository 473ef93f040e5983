"""Seconds and frames: what lies on a frame, what is rounded to one, and what has none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perceptron_annotations import AnnotationKind, UsageError
from perceptron_annotations.datasets import AssetKind, DatasetAsset, DatasetBuilder
from perceptron_annotations.datasets.formats._timeline import MAX_FRAME, VideoSelection, is_rate, rate_of
from perceptron_annotations.losses import LossCode

BOX = [(1, 2), (3, 4)]


def video(*rows, fps=25.0, **fields):
    """A video of one object; a row is a time, and what is different about it."""
    builder = DatasetBuilder()
    asset = builder.add_asset(
        DatasetAsset(**{"file_name": "a.mp4", "width": 100, "height": 50, "kind": AssetKind.VIDEO, "fps": fps} | fields)
    )
    number = builder.new_object()
    for t, other in rows:
        row = {"kind": AnnotationKind.BOX, "coords": BOX, "label": "cat", "object": number, "track": True} | other
        builder.add(asset, t=t, **row)
    return builder.build()


def timeline(dataset, *, fps=None, **holds):
    found = VideoSelection(
        dataset,
        (AnnotationKind.POINT, AnnotationKind.BOX, AnnotationKind.POLYGON),
        fps=fps,
        together=AnnotationKind.POINT,
        **holds,
    )
    videos = list(found.videos())
    return videos, {loss.code: loss.count for loss in found.report(1).losses}


def places(videos):
    return [each.frames for found in videos for each in found.objects]


@given(frame=st.integers(0, MAX_FRAME), fps=st.floats(1e-3, 1e6))
def test_a_time_that_came_from_a_frame_is_on_it(frame, fps):
    videos, losses = timeline(video((frame / fps, {}), fps=fps))
    assert (places(videos), losses) == ([{frame: [0]}], {})


@given(t=st.floats(), fps=st.floats())
def test_any_number_is_a_frame_or_counted(t, fps):
    videos, losses = timeline(video((t, {}), fps=fps))
    if not is_rate(fps):
        assert (places(videos), losses) == ([], {LossCode.UNKNOWN_FRAME_RATE: 1})
    elif losses.keys() & {LossCode.MISSING_TIMESTAMP, LossCode.OUTSIDE_VIDEO}:
        assert places(videos) == []
    else:
        ((frame,),) = places(videos)
        assert abs(frame / fps - t) <= (0.5 + 1e-6) / fps
        assert losses == ({LossCode.ROUNDED_TIMESTAMP: 1} if abs(frame / fps - t) > 1e-6 else {})


def test_what_is_not_on_a_frame():
    videos, losses = timeline(video((0.0, {}), (0.0400009, {}), (0.09, {}), (-1.0, {}), (1e300, {}), (None, {})))
    assert places(videos) == [{0: [0], 1: [1], 2: [2]}]
    assert losses == {LossCode.MISSING_TIMESTAMP: 1, LossCode.OUTSIDE_VIDEO: 2, LossCode.ROUNDED_TIMESTAMP: 1}


def test_one_row_on_a_frame():
    """The first stays; but points of one time, of which a format takes several, stand together."""
    point = {"kind": AnnotationKind.POINT, "coords": [(1, 2)]}
    videos, losses = timeline(video((0.4, {}), (0.2, point), (0.4, {}), (0.2, point), (0.2, {}), (0.2000001, point)))
    assert list(places(videos)[0].items()) == [(5, [1, 3]), (10, [0])]
    assert losses == {LossCode.SECOND_SHAPE_IN_FRAME: 3}


def test_what_is_no_video_with_a_size_and_a_rate():
    for fields, reason in (
        ({"kind": AssetKind.IMAGE}, LossCode.IMAGE),
        ({"width": None}, LossCode.MISSING_SIZE),
        ({"fps": None}, LossCode.UNKNOWN_FRAME_RATE),
        ({"fps": float("nan")}, LossCode.UNKNOWN_FRAME_RATE),
    ):
        assert timeline(video((0.2, {}), **fields)) == ([], {reason: 1})
    (reel,), losses = timeline(video((0.2, {}), fps=None), fps=10)
    assert (reel.fps, losses) == (10, {})
    (reel,), _ = timeline(video((0.2, {})), fps=10)
    assert reel.fps == 25


def test_marks_are_counted_unless_they_are_held():
    dataset = video((0.2, {"label": None, "score": 0.5, "iscrowd": True}))
    assert timeline(dataset)[1] == {LossCode.MISSING_LABEL: 1, LossCode.SCORE: 1, LossCode.ISCROWD: 1}
    assert timeline(dataset, scores=True, crowds=True)[1] == {LossCode.MISSING_LABEL: 1}


def test_rates():
    assert rate_of(None, 10.0, "a.xml") == 10
    assert rate_of(25.0, 10.0, "a.xml") == 25
    assert rate_of(float("inf"), 10.0, "a.xml") == 10
    with pytest.raises(UsageError, match=r"a\.xml does not state its frame rate, .*: pass fps="):
        rate_of(0.0, None, "a.xml")
    for fps in (0, -1, float("nan"), float("inf"), 1e-300):
        with pytest.raises(UsageError, match="fps must be a positive number of frames per second"):
            timeline(video(), fps=fps)
