"""Answers drawn into videos: at each time what is said about it."""

import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from perceptron_annotations import Box, Clip, Point, Polygon, Track
from perceptron_annotations.errors import FileError, MissingExtraError, UsageError
from perceptron_annotations.limits import use_limits
from perceptron_annotations.render import DrawStyle, draw, draw_frames, draw_video, label_colour
from perceptron_annotations.render.overlay.moments import Persistence, way_at
from tests.render.overlay.pixels import bounds, is_colour, plain

av = pytest.importorskip("av", reason="videos need PyAV, the extra av")

BARE = DrawStyle(labels=False, line_width=2)
STAY = Persistence(0.5, 2)
BALL = Track((Point(0, 500, t=1), Point(800, 500, t=3)), mention="ball")


def make_video(path, frames=50, size=(160, 120), rate=25, image=None):
    pixels = np.asarray(image or plain(*size))
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=rate)
        stream.width, stream.height = size
        stream.pix_fmt = "yuv420p"
        for _ in range(frames):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels)))
        container.mux(stream.encode(None))
    return path


def read_video(path):
    with av.open(str(path)) as container:
        return [(frame.time, Image.fromarray(frame.to_ndarray(format="rgb24"))) for frame in container.decode(video=0)]


@pytest.mark.parametrize(
    ("t", "way"),
    [
        (0.4, []),
        (0.5, [(0, 500)]),
        (1, [(0, 500)]),
        (2, [(0, 500), (400, 500)]),
        (3, [(0, 500), (800, 500)]),
        (3.4, [(800, 500)]),
        (3.5, []),
    ],
)
def test_the_way_of_an_object(t, way):
    assert [(each.x, each.y) for each in way_at(BALL, t, STAY)] == way


def test_boxes_and_polygons_move_and_change():
    boxes = Track((Box(0, 0, 10, 10, t=0), Box(100, 0, 120, 10, t=1)))
    assert way_at(boxes, 0.5, STAY)[-1].xyxy == (50, 0, 65, 10)
    rings = (((0, 0), (2, 0), (0, 2)), ((10, 0), (12, 0), (10, 2)), ((0, 0), (9, 0), (9, 9), (0, 9)))
    polygons = Track(tuple(Polygon(ring, t=t) for t, ring in enumerate(rings)))
    assert way_at(polygons, 0.5, STAY)[-1].vertices == ((5, 0), (7, 0), (5, 2))
    assert way_at(polygons, 1.5, STAY)[-1].vertices == rings[1]


def test_a_track_without_times_is_always_there():
    track = Track((Point(1, 2), Point(3, 4)))
    assert way_at(track, 99, STAY) == list(track.waypoints)


def test_frames_show_what_is_said_about_their_times():
    frames = [(t, plain()) for t in (0.0, 1.0, 2.0, 2.4, 9.0)]
    what = [BALL, Box(500, 0, 1000, 300, t=2, mention="sign"), Point(100, 900, mention="pole")]
    found = [
        [is_colour(image, label_colour(label)).any() for label in ("ball", "sign", "pole")]
        for image in draw_frames(frames, what, style=BARE)
    ]
    assert found == [
        [False, False, True],
        [True, False, True],
        [True, True, True],
        [True, True, True],
        [False, False, True],
    ]


def test_an_object_is_between_its_waypoints():
    [image] = draw_frames([(2.0, plain())], Track((Box(0, 0, 200, 200, t=1), Box(800, 0, 1000, 200, t=3))), style=BARE)
    last = bounds(is_colour(image, label_colour(None))[40:])  # below the trail
    assert last[0] == pytest.approx(400 * 0.32 - 1, abs=1)
    assert last[2] == pytest.approx(600 * 0.32 + 1, abs=1)


def test_clips_are_a_bar_with_the_time_of_the_frame():
    first, last = draw_frames([(0.0, plain()), (4.0, plain())], Clip(1, 4, mention="run"))
    assert first.height > 240
    assert not np.array_equal(np.asarray(first), np.asarray(last))
    assert np.array_equal(np.asarray(first)[:240], np.asarray(plain()))


def test_frames_without_times_are_as_drawn_alone():
    box = Box(100, 100, 900, 900, mention="cat")
    [image] = draw_frames([(1.0, plain())], box)
    assert np.array_equal(np.asarray(image), np.asarray(draw(plain(), box)))


def test_a_video_is_drawn_frame_by_frame(tmp_path):
    source = make_video(tmp_path / "in.mp4")
    assert draw_video(source, Track((Point(0, 500, t=0), Point(1000, 500, t=2))), tmp_path / "out.mp4") == 50
    frames = read_video(tmp_path / "out.mp4")
    assert [round(t, 3) for t, _ in frames] == [round(number / 25, 3) for number in range(50)]
    blue = [np.asarray(image).astype(int) @ (-1, 0, 1) for _, image in frames]
    for number in (10, 25, 40):
        columns = np.flatnonzero((blue[number] > 60).any(axis=0))
        assert columns[-1] == pytest.approx(number / 50 * 160 + 5, abs=4)


def test_an_animated_image(tmp_path):
    source = make_video(tmp_path / "in.mp4")
    ball = Track((Point(0, 500, t=0), Point(1000, 500, t=2)))
    assert draw_video(source, ball, tmp_path / "out.webp", fps=10) == 20
    with Image.open(tmp_path / "out.webp") as image:
        assert (image.format, image.n_frames, image.size) == ("WEBP", 20, (160, 120))


def test_odd_sizes_and_time_bars(tmp_path):
    source = make_video(tmp_path / "in.mp4", frames=3)
    assert draw_video(source, Clip(0, 1), tmp_path / "out.mp4", style=DrawStyle(text_size=13)) == 3
    _, image = read_video(tmp_path / "out.mp4")[0]
    assert image.width == 160
    assert image.height > 120


def test_a_turned_video_is_upright(tmp_path):
    left_is_bright = plain(160, 120)
    left_is_bright.paste((250, 250, 250), (0, 0, 40, 120))
    source = make_video(tmp_path / "in.mp4", frames=2, image=left_is_bright)
    data = bytearray(source.read_bytes())
    matrix = data.find((0x10000).to_bytes(4, "big") + bytes(12) + (0x10000).to_bytes(4, "big"), data.find(b"tkhd"))
    turned = [0, 0x10000, 0, 0x1_0000_0000 - 0x10000, 0, 0]  # a quarter to the right, as telephones write it
    data[matrix : matrix + 24] = b"".join(number.to_bytes(4, "big") for number in turned)
    (tmp_path / "turned.mp4").write_bytes(data)
    draw_video(tmp_path / "turned.mp4", Point(500, 900), tmp_path / "out.mp4")
    _, image = read_video(tmp_path / "out.mp4")[0]
    assert image.size == (120, 160)
    assert image.getpixel((60, 20))[0] > 200 > image.getpixel((60, 80))[0], "what was at the left is at the top"


def test_what_is_no_video_is_named(tmp_path):
    (tmp_path / "in.mp4").write_bytes(b"no video")
    with pytest.raises(FileError, match=r"cannot read the video .*in\.mp4"):
        draw_video(tmp_path / "in.mp4", BALL, tmp_path / "out.mp4")
    whole = make_video(tmp_path / "whole.mp4").read_bytes()
    (tmp_path / "cut.mp4").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(FileError, match=r"cut\.mp4"):
        draw_video(tmp_path / "cut.mp4", BALL, tmp_path / "out.mp4")
    assert not (tmp_path / "out.mp4").exists()


def test_outputs_are_checked(tmp_path):
    source = make_video(tmp_path / "in.mp4", frames=2)
    with pytest.raises(UsageError, match=r"\.mp4 or \.webp"):
        draw_video(source, BALL, tmp_path / "out.avi")
    with pytest.raises(UsageError, match="would be overwritten"):
        draw_video(source, BALL, source)
    with use_limits(image_pixels=100), pytest.raises(FileError, match="image_pixels"):
        draw_video(source, BALL, tmp_path / "out.mp4")
    assert [path.name for path in tmp_path.iterdir()] == ["in.mp4"]


@pytest.mark.parametrize(
    "options", [{"fps": 0}, {"fps": -1}, {"fps": float("nan")}, {"hold": -1}, {"trail": float("inf")}]
)
def test_seconds_are_checked(tmp_path, options):
    with pytest.raises(UsageError, match=next(iter(options))):
        draw_video(tmp_path / "in.mp4", BALL, tmp_path / "out.mp4", **options)


def test_without_pyav_the_extra_is_named(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(MissingExtraError, match=r"PyAV.*\[av\]"):
        draw_video(tmp_path / "in.mp4", BALL, tmp_path / "out.mp4")


def test_ffprobe_reads_what_was_written(tmp_path):
    """A program that is not ours, if it is installed."""
    draw_video(make_video(tmp_path / "in.mp4"), BALL, tmp_path / "out.mp4")
    try:
        command = ["ffprobe", "-v", "error", "-count_frames", "-show_entries", "stream=nb_read_frames", "-of", "csv"]
        found = subprocess.run([*command, tmp_path / "out.mp4"], capture_output=True, text=True, check=True)
    except FileNotFoundError:
        pytest.skip("ffprobe is not installed")
    assert "50" in found.stdout
