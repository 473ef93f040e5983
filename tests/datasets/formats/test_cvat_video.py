"""CVAT for video: what stands in the file, what ends an object, and how frames become seconds."""

from collections import Counter

import pytest

from perceptron_annotations import AnnotationKind, UsageError
from perceptron_annotations.datasets import (
    AssetKind,
    DatasetAsset,
    DatasetBuilder,
    DatasetFormat,
    guess_format,
    read_cvat,
    read_cvat_video,
    write_cvat_video,
)
from perceptron_annotations.errors import FileError
from perceptron_annotations.losses import LossCode
from perceptron_annotations.problems import ProblemCode
from tests.datasets.examples import close, objects

FILE = """<?xml version='1.0' encoding='utf-8'?>
<annotations>
  <version>1.1</version>
  <meta>
    <task>
      <name>clip.mp4</name>
      <mode>interpolation</mode>
      <start_frame>0</start_frame>
      <labels>
        <label>
          <name>cat</name>
        </label>
        <label>
          <name>tip</name>
        </label>
      </labels>
      <original_size>
        <width>100</width>
        <height>50</height>
      </original_size>
      <source>clip.mp4</source>
    </task>
    <perceptron_annotations>
      <fps>12.5</fps>
    </perceptron_annotations>
  </meta>
  <track id="0" label="cat" source="auto">
    <box frame="0" outside="0" occluded="0" keyframe="1" xtl="10.0" ytl="10.0" xbr="30.25" ybr="20.0" z_order="0"/>
    <box frame="25" outside="0" occluded="0" keyframe="1" xtl="12.0" ytl="10.0" xbr="32.0" ybr="20.0" z_order="0"/>
    <box frame="26" outside="1" occluded="0" keyframe="1" xtl="12.0" ytl="10.0" xbr="32.0" ybr="20.0" z_order="0"/>
  </track>
  <track id="1" label="tip" source="auto">
    <points frame="25" outside="0" occluded="0" keyframe="1" points="1.0,2.0;3.0,4.0" z_order="0"/>
    <points frame="26" outside="1" occluded="0" keyframe="1" points="1.0,2.0;3.0,4.0" z_order="0"/>
  </track>
</annotations>
"""


def clip(fps=12.5, **fields):
    builder = DatasetBuilder()
    asset = {"file_name": "clip.mp4", "width": 100, "height": 50, "kind": AssetKind.VIDEO, "fps": fps}
    video = builder.add_asset(DatasetAsset(**asset | fields))
    cat, tip = builder.new_object(), builder.new_object()
    builder.add(video, AnnotationKind.BOX, [(12, 20), (32, 10)], "cat", object=cat, t=2.0, track=True)
    builder.add(video, AnnotationKind.BOX, [(10, 10), (30.25, 20)], "cat", object=cat, t=0.0, track=True)
    for point in ((1, 2), (3, 4)):
        builder.add(video, AnnotationKind.POINT, [point], "tip", object=tip, t=2.0, track=True)
    return builder.build()


def test_by_hand(tmp_path):
    report = write_cvat_video(clip(), tmp_path / "d")
    assert [path.name for path in (tmp_path / "d").iterdir()] == ["clip.xml"]
    assert (tmp_path / "d" / "clip.xml").read_text() == FILE
    assert (report.assets, report.objects, report.labels, report.losses) == (1, 2, 2, ())
    again = read_cvat_video(tmp_path / "d")
    assert again.assets == (DatasetAsset(file_name="clip.mp4", width=100, height=50, kind=AssetKind.VIDEO, fps=12.5),)
    assert again.table.t.tolist() == [0, 2, 2, 2]
    assert again.object.tolist() == [0, 0, 1, 1]
    assert (again.table.track >= 0).all()
    assert guess_format(tmp_path / "d") is guess_format(tmp_path / "d" / "clip.xml") is DatasetFormat.CVAT_VIDEO
    assert write_cvat_video(again, tmp_path / "e").losses == ()
    assert (tmp_path / "e" / "clip.xml").read_text() == FILE


def test_an_object_that_is_there_to_the_end_has_no_place_behind_it(tmp_path):
    write_cvat_video(clip(), tmp_path / "d", frame_counts={"clip.mp4": 26})
    text = (tmp_path / "d" / "clip.xml").read_text()
    assert 'frame="25"' in text
    assert 'outside="1"' not in text
    assert "<size>26</size>" in text
    close(objects(read_cvat_video(tmp_path / "d")), objects(read_cvat_video(_written(tmp_path, FILE))))


def _written(tmp_path, text, name="clip.xml"):
    (tmp_path / name).write_text(text)
    return tmp_path / name


def test_what_is_lost_is_counted(tmp_path):
    builder = DatasetBuilder()
    for name, fields in (
        ("a.mp4", {"kind": AssetKind.VIDEO, "fps": 10.0}),
        ("b.png", {}),
        ("c.mp4", {"kind": AssetKind.VIDEO}),
        ("../d.mp4", {"kind": AssetKind.VIDEO, "fps": 10.0}),
    ):
        asset = builder.add_asset(DatasetAsset(file_name=name, width=9, height=9, **fields))
        builder.add(asset, AnnotationKind.BOX, [(1, 1), (2, 2)], "x", t=0.1, track=True)
    builder.add(0, AnnotationKind.CLIP, [], "x", t=0.0, until=1.0)
    builder.add(0, AnnotationKind.BOX, [(1, 1), (2, 2)], "x", t=0.1)
    builder.add(0, AnnotationKind.BOX, [(1, 1), (2, 2)], "x")
    builder.add(0, AnnotationKind.BOX, [(1, 1), (2, 2)], "b\x00d", t=0.125, track=True)
    report = write_cvat_video(builder.build(), tmp_path / "d")
    assert {loss.code: loss.count for loss in report.losses} == {
        LossCode.IMAGE: 1,
        LossCode.UNKNOWN_FRAME_RATE: 1,
        LossCode.CLIP: 1,
        LossCode.MISSING_TIMESTAMP: 1,
        LossCode.ROUNDED_TIMESTAMP: 1,
        LossCode.WRITTEN_AS_TRACK: 1,
        LossCode.UNLISTED_LABEL: 1,
        LossCode.UNSAFE_FILE_NAME: 1,
    }
    assert report.objects == 3
    assert [path.name for path in tmp_path.glob("d/*")] == ["a.xml"]


def test_two_videos_that_would_share_a_file(tmp_path):
    builder = DatasetBuilder()
    for name in ("a.mp4", "a.mov"):
        builder.add_asset(DatasetAsset(file_name=name, width=9, height=9, kind=AssetKind.VIDEO, fps=1.0))
    report = write_cvat_video(builder.build(), tmp_path / "d")
    assert (report.assets, report.losses) == (2, ())
    assert sorted(path.name for path in (tmp_path / "d").iterdir()) == ["a.xml", "a_2.xml"]
    assert [asset.file_name for asset in read_cvat_video(tmp_path / "d").assets] == ["a.mp4", "a.mov"]


#: As CVAT writes it: without a frame rate, with two digits, and with what it interpolated.
EXPORTED = """<annotations><version>1.1</version><meta><task><id>7</id><name>my task</name><size>3</size>
<mode>interpolation</mode><start_frame>100</start_frame><stop_frame>120</stop_frame>
<frame_filter>step=10</frame_filter><labels><label><name>cat</name></label></labels>
<original_size><width>100</width><height>50</height></original_size><source>clip.mp4</source></task></meta>
<track id="0" label="cat" source="manual">
<box frame="100" keyframe="1" outside="0" occluded="0" xtl="0.00" ytl="0.00" xbr="10.00" ybr="10.00" z_order="0">
<attribute name="tame">yes</attribute></box>
<box frame="110" keyframe="0" outside="0" occluded="0" xtl="1.00" ytl="0.00" xbr="11.00" ybr="10.00" z_order="0"/>
<box frame="120" keyframe="1" outside="1" occluded="0" xtl="2.00" ytl="0.00" xbr="12.00" ybr="10.00" z_order="0"/>
</track></annotations>"""


def test_what_cvat_exports(tmp_path):
    """Frames are those of the video, whatever the task starts at and leaves out."""
    path = _written(tmp_path, EXPORTED)
    assert guess_format(path) is DatasetFormat.CVAT_VIDEO
    with pytest.raises(UsageError, match=r"clip\.xml does not state its frame rate.*pass fps="):
        read_cvat_video(path)
    problems = []
    found = read_cvat_video(path, fps=25, on_problem=problems.append)
    assert found.table.t.tolist() == [4, 4.4]
    assert (found.assets[0].fps, found.assets[0].source_id, problems) == (25, "7", [])
    assert read_cvat_video(path, fps=25, keyframes_only=True).table.t.tolist() == [4]
    without = _written(tmp_path, EXPORTED.replace("track", "group"), "b.xml")
    assert read_cvat_video(without).assets[0].fps is None


def test_odd_files(tmp_path):
    """What is malformed costs only itself; a file of a project and one that is broken too."""
    track = EXPORTED[EXPORTED.index("<track") : EXPORTED.index("</annotations>")]
    box = '<box frame="{}" xtl="0" ytl="0" xbr="9" ybr="{}"/>'
    frames = ("-1", "", "1.5", "1_0", "x", str(10**400), str(2**31))
    odd = "".join(box.format(frame, 9) for frame in frames) + box.format(1, "nan") + box.format(1, 9)
    odd += '<mask frame="1"/><points frame="1" points="1"/><box frame="1" rotation="5"/><!-- x -->'
    _written(tmp_path, EXPORTED.replace(track, f'<track id="0">{odd}</track><image id="0" name="a.png"/>'), "a.xml")
    _written(tmp_path, EXPORTED.replace("task>", "project>"), "c.xml")
    _written(tmp_path, EXPORTED[:-5], "d.xml")
    problems = []
    found = read_cvat_video(tmp_path, fps=25, on_problem=problems.append)
    assert (len(found), found.table.t.tolist(), found.label.tolist()) == (1, [0.04], [-1])
    assert Counter(each.code for each in problems) == {
        ProblemCode.MALFORMED_ENTRY: 9,
        ProblemCode.UNSUPPORTED_ENTRY: 3,
        ProblemCode.UNREADABLE_FILE: 2,
    }
    with pytest.raises(FileError, match="export each task by itself"):
        read_cvat_video(tmp_path / "c.xml", fps=25)
    (tmp_path / "none").mkdir()
    with pytest.raises(FileError, match="there is no XML file"):
        read_cvat_video(tmp_path / "none")


def test_odd_meta(tmp_path):
    problems = []
    for old, new in (("100</width>", "wide</width>"), ("12.5", "nan"), ("<source>clip.mp4</source>", "")):
        found = read_cvat_video(_written(tmp_path, FILE.replace(old, new)), fps=5, on_problem=problems.append)
        assert found.assets[0].file_name == "clip.mp4"
    assert Counter(each.code for each in problems) == {
        ProblemCode.MISSING_SIZE: 1,
        ProblemCode.MALFORMED_ENTRY: 1,
    }


def test_the_formats_of_cvat_are_not_taken_for_each_other(tmp_path):
    problems = []
    assert len(read_cvat(_written(tmp_path, FILE), on_problem=problems.append)) == 0
    told = [(ProblemCode.UNSUPPORTED_ENTRY, 2), (ProblemCode.UNREAD_FIELD, 1)]
    assert [*Counter(each.code for each in problems).items()] == told
