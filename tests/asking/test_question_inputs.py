"""What words of a command come to: keys, prompts and images, of folders, patterns, lists and addresses."""

import gzip
import io
import json
import os
import sys
import time
from pathlib import Path

import pytest

from perceptron_annotations.asking.question_inputs import Asking, address_name, list_questions
from perceptron_annotations.completions import MediaKind
from perceptron_annotations.datasets import sizes_in
from perceptron_annotations.errors import FileError, InputError, UsageError
from perceptron_annotations.problems import ProblemCode

PNG = b"\x89PNG\r\n\x1a\n"
BOX = "Box every car."


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def put(*names, data=PNG):
    for name in names:
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        with Path(name).open("wb") as file:
            file.write(data)


def listed(*words, prompt=BOX, problems=None, **options):
    found = [] if problems is None else problems
    listing = list_questions(words, Asking(prompt=prompt, **options), found.append)
    if problems is None:
        assert found == []
    return listing


def keys(*words, **options):
    return [row.key for row in listed(*words, **options).rows]


# -- files and folders -------------------------------------------------------------------------------------------------


def test_a_folder_is_read_with_its_folders():
    put("photos/b.jpg", "photos/a.PNG", "photos/shop/a.webp", "photos/shop/deep/c.jpeg")
    put("photos/notes.txt", "photos/.hidden.jpg", "photos/.git/x.jpg", "photos/Thumbs.db")
    listing = listed("photos")
    assert [row.key for row in listing.rows] == ["a.PNG", "b.jpg", "shop/a.webp", "shop/deep/c.jpeg"]
    assert (listing.left_out, listing.left_out_example) == (2, str(Path("photos", "Thumbs.db")))
    assert {row.prompt for row in listing.rows} == {BOX}


def test_keys_are_the_names_by_which_convert_knows_the_images():
    """``convert --images FOLDER`` calls its images as ``sizes_in(FOLDER)`` does."""
    put("photos/b.jpg", "photos/shop/a.png", "photos/größe/ü 1.jpg", "photos/.x/a.jpg")
    assert keys("photos") == list(sizes_in("photos")) == keys("photos/") == keys("./photos")


def test_one_image_has_one_key_however_it_is_named():
    put("photos/a.jpg", "photos/b.jpg")
    wanted = ["a.jpg"]
    assert keys("photos/a.jpg") == keys("photos/a*") == keys("photos/../photos/a.jpg") == wanted
    assert keys("photos", "photos/a.jpg", "photos/*.jpg", "photos/**") == ["a.jpg", "b.jpg"]


def test_two_folders_with_one_name_are_told_apart_by_a_root():
    put("left/x.jpg", "right/x.jpg", "right/y.jpg")
    with pytest.raises(UsageError, match=r"left.x\.jpg and right.x\.jpg .*'x\.jpg'.*--root \."):
        listed("left", "right")
    assert keys("left", "right", root=".") == ["left/x.jpg", "right/x.jpg", "right/y.jpg"]
    with pytest.raises(UsageError, match="not below left"):
        listed("right", root="left")


@pytest.mark.parametrize("name", ["new\nline.jpg", "\x1b[31mred.jpg", "[x].jpg", "a*b.jpg", "-.jpg", "{label}.jpg"])
def test_hostile_names_are_keys_as_they_are(name):
    put(f"photos/{name}")
    assert keys("photos") == [name]
    assert keys(f"photos/{name}") == [name]


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names")
def test_a_name_that_is_not_utf8():
    put(os.fsdecode(b"photos/\xff.jpg"))
    assert keys("photos") == ["\udcff.jpg"]


def test_patterns():
    put("photos/a.jpg", "photos/2024/b.jpg", "photos/2024/c.png", "photos/2024/d.txt")
    assert keys("photos/*/*.jpg") == ["2024/b.jpg"]
    assert keys("photos/**/*.jpg") == ["2024/b.jpg", "a.jpg"]
    assert keys("photos/*") == ["2024/b.jpg", "2024/c.png", "a.jpg"]
    with pytest.raises(FileError, match="no file matches"):
        listed("photos/*.webp")


def test_what_is_not_there():
    with pytest.raises(FileError, match="no file or folder"):
        listed("missing")
    Path("empty").mkdir()
    with pytest.raises(InputError, match="empty is empty; name a folder with images"):
        listed("empty")
    put("texts/a.txt", "texts/b.txt")
    with pytest.raises(InputError, match=r"no images or videos in texts, but 2 files, such as texts.a\.txt"):
        listed("texts")


def test_videos_and_kinds():
    put("media/a.jpg", "media/b.mp4", "media/c.webm")
    assert [row.media[0].kind for row in listed("media").rows] == ["image", "video", "video"]
    assert keys("media", kinds=(MediaKind.VIDEO,)) == ["b.mp4", "c.webm"]


def test_a_linked_folder_that_leads_in_a_circle(here):
    put("photos/a.jpg")
    (here / "photos" / "loop").symlink_to(here / "photos")
    assert keys("photos") == ["a.jpg"]


def test_a_folder_that_cannot_be_read_is_told(here, monkeypatch):
    put("photos/a.jpg", "photos/closed/b.jpg")
    scan = os.scandir

    def refusing(path):
        if str(path).endswith("closed"):
            raise PermissionError(13, "Permission denied", str(path))
        return scan(path)

    monkeypatch.setattr(os, "scandir", refusing)
    problems = []
    assert [row.key for row in listed("photos", problems=problems).rows] == ["a.jpg"]
    assert [problem.code for problem in problems] == [ProblemCode.UNREADABLE_FILE]


def test_nothing_is_opened(here, monkeypatch):
    put("photos/a.jpg", data=b"not an image")
    os.mkfifo("photos/pipe.jpg")
    assert keys("photos") == ["a.jpg", "pipe.jpg"]


def test_a_hundred_thousand_images_are_listed_at_once(here):
    for folder in range(100):
        (here / "many" / f"{folder:03}").mkdir(parents=True)
        for number in range(100):
            (here / "many" / f"{folder:03}" / f"{number:03}.jpg").touch()
    start = time.perf_counter()
    assert len(keys("many")) == 10_000
    assert time.perf_counter() - start < 6  # about 0.2 s, and ten times as long for 100,000


def test_all_images_in_one_question():
    put("photos/a.jpg", "photos/b.jpg")
    (row,) = listed("photos", together=True).rows
    assert (row.key, [medium.name for medium in row.media]) == ("a.jpg", ["a.jpg", "b.jpg"])


def test_addresses():
    address = "https://me:pw@Example.org:8443/shop/a.jpg?X-Amz-Signature=abc#top"
    (row,) = listed(address).rows
    assert row.key == address_name(address) == "example.org/shop/a.jpg"
    assert (row.media[0].source, row.media[0].is_address) == (address, True)
    assert listed("https://example.org/clip.mp4").rows[0].media[0].kind == "video"
    with pytest.raises(UsageError, match="with key,image") as refused:
        listed("https://example.org/a?token=1", "https://example.org/a?token=2")
    assert "token" not in str(refused.value)


def test_fields_of_images():
    put("photos/red cars/a.b.jpg")
    (row,) = listed("photos", prompt="{folder}|{stem}|{image}").rows
    assert row.prompt == "red cars|a.b|red cars/a.b.jpg"
    with pytest.raises(UsageError, match="did you mean 'folder'"):
        listed("photos", prompt="{foldr}")
    with pytest.raises(UsageError, match="--prompt"):
        listed("photos", prompt=None)


# -- lists -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("start", [b"", b"\xef\xbb\xbf"], ids=["plain", "BOM"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_csv(separator, start, end):
    put("data/img/a.jpg", "data/img/b.jpg")
    rows = [["image", "label", "key"], ["img/a.jpg", '"a; b, c"', "k1"], ["img/b.jpg", "größe", "k2"]]
    put("data/list.csv", data=start + end.join(map(separator.join, rows)).encode())
    found = listed("data/list.csv", prompt="Find {label}").rows
    assert [(row.key, row.prompt) for row in found] == [("k1", "Find a; b, c"), ("k2", "Find größe")]
    assert [row.media[0].name for row in found] == ["img/a.jpg", "img/b.jpg"]
    assert all(Path(row.media[0].source).exists() for row in found)


def test_rows_have_prompts_and_keys_of_their_own():
    lines = [
        {"image": "a.jpg", "prompt": "Box {every} car"},
        {"image": "b.jpg", "prompt": "Point", "key": 7},
        {"images": ["c.jpg", "https://example.org/d.jpg"], "prompt": "Compare", "custom_id": "pair"},
    ]
    put("list.jsonl.gz", data=gzip.compress("\n".join(map(json.dumps, lines)).encode()))
    found = listed("list.jsonl.gz", prompt=None).rows
    assert [(row.key, row.prompt) for row in found] == [
        ("a.jpg", "Box {every} car"),
        ("7", "Point"),
        ("pair", "Compare"),
    ]
    assert [medium.name for medium in found[2].media] == ["c.jpg", "example.org/d.jpg"]
    put("wide.csv", data=b"image,image_2,image 3,prompt\na.jpg,b.jpg,c.jpg,x\nd.jpg,,,y\n")
    assert [len(row.media) for row in listed("wide.csv", prompt=None).rows] == [3, 1]


def test_a_template_over_the_fields_of_rows():
    lines = [{"image": "a.jpg", "n": 3, "size": 1.5, "tags": ["x", "y"], "prompt": "what {n} is"}]
    put("list.jsonl", data=json.dumps(lines[0]).encode())
    (row,) = listed("list.jsonl", prompt="{n} {size} {tags} {prompt} {stem}").rows
    assert row.prompt == '3 1.5 ["x", "y"] what {n} is a'


def test_a_row_that_cannot_be_used_costs_itself():
    lines = [
        '{"image": "a.jpg", "label": "cup"}',
        '{"image": "b.jpg"}',
        '{"image": null, "label": "cup"}',
        '{"image": [7], "label": "cup"}',
        "[1]",
        '{"image": "c.jpg", "label": null}',
        '{"image": "d.jpg", "label": "fork"}',
        '{"image": "e.jpg", "lab',
    ]
    put("list.jsonl", data="\n".join(lines).encode())
    problems = []
    assert [row.key for row in listed("list.jsonl", prompt="Find {label}", problems=problems).rows] == [
        "a.jpg",
        "d.jpg",
    ]
    found = {problem.place: problem.code for problem in problems}
    malformed = dict.fromkeys(("line 2", "line 3", "line 4", "line 6"), ProblemCode.MALFORMED_ENTRY)
    assert found == malformed | {"line 5": ProblemCode.UNREADABLE_LINE, "line 8": ProblemCode.TORN_LINE}
    put("list.csv", data=b'image,label\na.jpg,cup\nb.jpg,cup,more\n\n,cup\n"c.jpg,cup\n')
    problems = []
    assert [row.key for row in listed("list.csv", prompt="Find {label}", problems=problems).rows] == ["a.jpg"]
    assert [problem.place for problem in problems] == ["line 3", "line 5", "line 6"]


def test_an_unknown_field_ends_it_before_anything_is_asked():
    put("list.csv", data=b"image,label\na.jpg,cup\n")
    with pytest.raises(UsageError, match="did you mean 'label'"):
        listed("list.csv", prompt="Find {lable}")
    put("list.csv", data=b"picture,label\na.jpg,cup\n")
    with pytest.raises(UsageError, match="no column of images"):
        listed("list.csv")


def test_repeated_keys():
    put("list.csv", data=b"image,label\na.jpg,cup\na.jpg,fork\n")
    with pytest.raises(UsageError, match=r"'a\.jpg' .*line 2 and .*line 3.*--key-from"):
        listed("list.csv", prompt="Find {label}")
    assert keys("list.csv", prompt="Find {label}", key="{image}#{label}") == ["a.jpg#cup", "a.jpg#fork"]


def test_paths_of_lists():
    """They are below the folder of the list, or below the root; a path from Windows is read as one."""
    put("data/img/a.jpg", "elsewhere/img/a.jpg")
    put("data/list.csv", data=b"image\nimg\\a.jpg\n")
    (row,) = listed("data/list.csv").rows
    assert (row.key, os.path.realpath(row.media[0].source)) == ("img/a.jpg", os.path.realpath("data/img/a.jpg"))
    (row,) = listed("data/list.csv", root="elsewhere").rows
    assert os.path.realpath(row.media[0].source) == os.path.realpath("elsewhere/img/a.jpg")
    whole = str(Path("data/img/a.jpg").absolute())
    put("data/list.csv", data=f"image\n{whole}\n".encode())
    assert keys("data/list.csv") == ["img/a.jpg"]


@pytest.mark.parametrize(
    ("data", "wanted"),
    [
        (b'{"image": "a.jpg"}\n{"image": "b.jpg"}\n', ["a.jpg", "b.jpg"]),
        (b"image;label\na.jpg;x\n", ["a.jpg"]),
        (b"photos/a.jpg\nphotos/b.jpg\n", ["a.jpg", "b.jpg"]),
    ],
    ids=["rows", "CSV", "paths"],
)
def test_standard_input(data, wanted, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BufferedReader(io.BytesIO(data))))
    assert keys("-") == wanted
