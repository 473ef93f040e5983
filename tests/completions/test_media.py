"""Images, videos and sounds of requests: the documented types, told from the bytes, and everything else refused."""

import base64

import pytest

from perceptron_annotations import UsageError
from perceptron_annotations.completions import Media, audio, image, video, video_frames
from perceptron_annotations.completions.media import count_media
from perceptron_annotations.errors import FileError

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 9
URL = "https://media.example.com/a.jpg"


@pytest.mark.documented("Perceptron", "Images are PNG, JPEG or WebP, videos MP4 or WebM, sounds WAV, MP3 or FLAC")
@pytest.mark.parametrize(
    ("make", "data", "found"),
    [
        (image, PNG, "image/png"),
        (image, b"\xff\xd8\xff\xe0", "image/jpeg"),
        (image, b"RIFF\0\0\0\0WEBP", "image/webp"),
        (video, b"\0\0\0\x18ftypmp42", "video/mp4"),
        (video, b"\0\0\0\x18ftypisom", "video/mp4"),
        (video, b"\x1aE\xdf\xa3\x9fB\x86\x81\x01B\xf7\x81\x01B\xf2\x81\x04B\xf3\x81\x08B\x82\x84webm", "video/webm"),
        (audio, b"RIFF\0\0\0\0WAVE", "audio/wav"),
        (audio, b"fLaC", "audio/flac"),
        (audio, b"ID3\x04", "audio/mpeg"),
        (audio, b"\xff\xfb\x90\x00", "audio/mpeg"),
    ],
)
def test_types_are_told_from_the_bytes(make, data, found):
    assert make(data).url == f"data:{found};base64,{base64.b64encode(data).decode()}"


@pytest.mark.parametrize(
    ("make", "data", "told"),
    [
        (image, b"GIF89a", "pass mime_type="),
        (image, b"\0\0\0\x18ftypheic", "an image as image/png, image/jpeg, image/webp, not as image/heic"),
        (image, b"\0\0\0\x18ftypavif", "not as image/avif"),
        (video, b"\0\0\0\x18ftypqt  ", "a video as video/mp4, video/webm, not as video/quicktime"),
        (video, b"\x1aE\xdf\xa3\x93B\x82\x88matroska", "not as video/x-matroska"),
        (audio, b"\0\0\0\x18ftypM4A ", "an audio as audio/wav, audio/mpeg, audio/flac, not as audio/mp4"),
        (video, PNG, "not as image/png"),
        (image, b"raw", "pass mime_type="),
        (image, b"", "is empty"),
        (image, 5, "not int"),
    ],
)
def test_other_files_are_refused_by_their_own_names(make, data, told):
    """core m10: QuickTime, HEIC and Matroska are not sent as what they are not."""
    with pytest.raises(UsageError, match=told):
        make(data)


def test_names_of_files(tmp_path):
    path = tmp_path / "a.bin"
    path.write_bytes(PNG)
    assert image(path) == image(str(path)) == image(PNG) == image(image(PNG).url)
    gif = tmp_path / "a.gif"
    gif.write_bytes(b"no magic")
    with pytest.raises(UsageError, match="not as image/gif"):
        image(gif)
    with pytest.raises(FileError, match="cannot read"):
        image(tmp_path / "none.png")
    assert image(b"raw", mime_type="image/jpg").url.startswith("data:image/jpeg;")


@pytest.mark.documented("Perceptron", "Media are http(s) URLs or base64 data URLs")
def test_urls():
    """core m10: schemes in any case; a data URL is whole base64 of a documented type."""
    for url in (URL, "HTTPS://a/b.png", "http://a/b", "DATA:image/png;base64,AAAA"):
        assert image(url).part == {"type": "image_url", "image_url": {"url": url}}
    for wrong, told in (
        ("data:image/gif;base64,AAAA", "not as image/gif"),
        ("data:image/png,raw", "whole base64"),
        ("data:image/png;base64,AAA", "whole base64"),
        ("data:video/mp4;base64,AAAA", "not as video/mp4"),
    ):
        with pytest.raises(UsageError, match=told):
            image(wrong)
    with pytest.raises(UsageError, match="must begin with https"):
        Media("image", "ftp://a")
    assert audio("data:audio/x-wav;base64,AAAA").part["input_audio"] == {"data": "AAAA", "format": "wav"}


@pytest.mark.documented("Perceptron", "`video_frames` has 2 to 256 frames in order of time (SDK 0.4.0)")
@pytest.mark.parametrize(
    ("frames", "told"),
    [
        ([(URL, 0)], "from 2 to 256 frames, not 1"),
        ([(URL, 0)] * 257, "not 257"),
        ([(URL, 5), (URL, 4)], "frame 1 needs a time in whole milliseconds, from 5 on, not 4"),
        ([(URL, 0), (URL, 0.5)], "frame 1 needs a time"),
        ([(URL, False), (URL, 1)], "frame 0 needs a time"),
        ([(URL, -1), (URL, 1)], "frame 0 needs a time"),
        ([(URL, 0), (video(URL), 1)], "frame 1 must be an image"),
        ([(URL, 0), ("file-" + "a" * 22, 1)], "frame 1 must be an image with a URL or data"),
    ],
)
def test_frames(frames, told):
    with pytest.raises(UsageError, match=told):
        video_frames(frames)


@pytest.mark.documented(
    "Perceptron", "`asset_idx` counts the media of all messages in order; a video of frames is one (SDK 0.4.0)"
)
def test_media_are_counted():
    parts = [image(URL).part, video_frames([(URL, 0), (URL, 1)]).part, audio(b"fLaC").part, {"type": "text"}]
    assert list(count_media({"messages": [{"content": parts}, {"content": "x"}]})) == [3]
    context = [{"role": "user", "content": parts}]
    assert list(count_media({"context": context, "prompts": ["x", {"content": parts}]})) == [3, 6]
