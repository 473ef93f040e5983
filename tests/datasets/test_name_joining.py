"""Which image a name means: the rule against one that is written from its sentence alone, and real layouts."""

import unicodedata
from itertools import pairwise
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perceptron_annotations import UsageError
from perceptron_annotations.datasets.name_joining import JoinedBy, NameJoin

IMAGE_ENDINGS = (".jpg", ".jpeg", ".png", ".JPG")
VIDEO_ENDINGS = (".mp4", ".mov")


def joined(names, images, listed=None):
    join = NameJoin(dict.fromkeys(images), listed)
    join.add(names)
    return {name: join.image_of(name) for name in names}


# -- the oracle: every name against every image, as the sentence says --------------------------------------------------


def parts(name):
    text = unicodedata.normalize("NFC", name.replace("\\", "/"))
    return [part for part in text.split("/") if part and part != "."]


def without_ending(name):
    for endings, kind in ((IMAGE_ENDINGS, "image"), (VIDEO_ENDINGS, "video")):
        for ending in endings:
            if name.endswith(ending) and name != ending:
                return name.removesuffix(ending), kind
    return name, None


def way(name, image):
    """In which of the four ways ``name`` finds ``image``; None if in no way."""
    if name == image:
        return 1
    one, other = parts(name), parts(image)
    if not one or not other:
        return None
    if one == other:
        return 2
    (one_stem, one_kind), (other_stem, other_kind) = without_ending(one[-1]), without_ending(other[-1])
    if one_kind and other_kind and one_kind != other_kind:
        return None
    short = min(len(one), len(other))
    folders_fit = one[:-1][len(one) - short :] == other[:-1][len(other) - short :]
    same_folders, same_file = len(one) == len(other) and folders_fit, one[-1] == other[-1]
    if not folders_fit or one_stem != other_stem:
        return None
    return 3 if same_folders or same_file else 4


def by_the_sentence(names, images):
    """“Joined if it finds this image alone, and no other name that finds this image alone does so as early.”"""
    alone = {}
    for name in names:
        ways = {image: found for image in images if (found := way(name, image))}
        first = [image for image, found in ways.items() if found == min(ways.values())]
        if len(first) == 1:
            alone[name] = (first[0], ways[first[0]])
    return {
        name: alone[name][0]
        if name in alone
        and not any(
            image == alone[name][0] and found <= alone[name][1]
            for other, (image, found) in alone.items()
            if other != name
        )
        else None
        for name in names
    }


FOLDERS = st.lists(st.sampled_from(["a", "b", "A", ".", "..", "", "\u00e9", "e\u0301"]), max_size=3)
FILES = st.builds(
    str.__add__,
    st.sampled_from(["a", "A", "b", "a.v2", "a.jpg", "\u00e9", "e\u0301", ""]),
    st.sampled_from(["", *IMAGE_ENDINGS, *VIDEO_ENDINGS, ".txt"]),
)
NAMES = st.builds(
    lambda folders, file, separator: separator.join([*folders, file]), FOLDERS, FILES, st.sampled_from(["/", "\\"])
)
SETS = st.lists(NAMES, max_size=8, unique=True)


@settings(max_examples=600)
@given(SETS, SETS)
def test_the_rule_is_its_sentence(names, images):
    assert joined(names, images) == by_the_sentence(names, images)


@settings(max_examples=300)
@given(SETS, SETS, st.randoms())
def test_neither_order_nor_repetition_matters(names, images, random):
    wanted = joined(names, images)
    other_names, other_images = [*names, *names], list(images)
    random.shuffle(other_names)
    random.shuffle(other_images)
    assert joined(other_names, other_images) == wanted


@settings(max_examples=300)
@given(SETS, SETS)
def test_each_image_is_that_of_one_name_and_what_is_not_joined_is_told(names, images):
    join = NameJoin(dict.fromkeys(images))
    join.add(names)
    found = [image for name in names if (image := join.image_of(name)) is not None]
    assert len(set(found)) == len(found)
    assert sorted([*join.unknown, *join.ambiguous, *(name for name in names if join.image_of(name) is not None)]) == (
        sorted(names)
    )
    assert sum(each.count for each in join.counts) == len(found)


@settings(max_examples=300)
@given(SETS, SETS, st.integers(0, 8))
def test_in_turns_the_result_is_the_same_or_it_is_refused(names, images, cut):
    """A name that comes later must not change what was handed out before."""
    join = NameJoin(dict.fromkeys(images))
    join.add(names[:cut])
    first = {name: join.image_of(name) for name in names[:cut]}
    whole = joined(names, images)
    was_wrong = any(image is not None and whole[name] != image for name, image in first.items())
    if was_wrong:
        with pytest.raises(UsageError, match="--join FILE"):
            join.add(names[cut:])
        return
    join.add(names[cut:])
    assert {name: join.image_of(name) for name in names[cut:]} == {name: whole[name] for name in names[cut:]}


# -- layouts of other tools --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "images", "wanted"),
    [
        # OpenAI Batch: custom_id against a folder of images.
        ("q00000", ["q00000.jpg", "q00001.jpg"], "q00000.jpg"),
        ("request-7", ["request-7.PNG", "request-77.PNG"], "request-7.PNG"),
        # Folders in front, on either side.
        ("images/table_00.jpg", ["table_00.jpg"], "table_00.jpg"),
        ("train/a.jpg", ["data/train/a.jpg", "data/val/a.jpg"], "data/train/a.jpg"),
        ("/home/me/data/train/a.jpg", ["train/a.jpg", "val/a.jpg"], "train/a.jpg"),
        ("file:///data/train/a.jpg", ["train/a.jpg"], "train/a.jpg"),
        # Another ending.
        ("table_00.png", ["table_00.jpg"], "table_00.jpg"),
        ("DSC_1.JPG", ["DSC_1.jpg"], "DSC_1.jpg"),
        ("images/table_00.png", ["table_00.jpg"], "table_00.jpg"),
        # Windows.
        (r"C:\\data\\train\\a.jpg".replace("\\\\", "\\"), ["train/a.jpg"], "train/a.jpg"),
        ("train\\a.jpg", ["train/a.jpg", "a.jpg"], "train/a.jpg"),
        # Roboflow: the hash belongs to the name, so two augmentations are two images.
        ("shop_jpg.rf.3f2a", ["shop_jpg.rf.3f2a.jpg", "shop_jpg.rf.9c1d.jpg"], "shop_jpg.rf.3f2a.jpg"),
        ("shop_jpg.rf.3f2a", ["shop_jpg.rf.9c1d.jpg"], None),
        ("shop.jpg", ["shop_jpg.rf.3f2a.jpg"], None),
        # Dots in names are not endings.
        ("frame_1.5", ["frame_1.jpg", "frame_1.7.jpg"], None),
        ("frame_1.5", ["frame_1.5.jpg", "frame_1.jpg"], "frame_1.5.jpg"),
        # Nearer ones first, else nothing by guess.
        ("a", ["a.jpg", "thumbs/a.jpg"], "a.jpg"),
        ("a.jpg", ["train/a.jpg", "val/a.jpg"], None),
        ("a", ["a.jpg", "a.png"], None),
        ("x/a.png", ["x/a.jpg", "a.png"], None),
        ("train/a.jpg", ["val/a.jpg"], None),
        # Case is not ignored, and a video is not an image.
        ("A.jpg", ["a.jpg"], None),
        ("Train/a.jpg", ["train/a.jpg"], None),
        ("clip.mp4", ["clip.jpg"], None),
        ("clip", ["clip.mp4"], "clip.mp4"),
        ("clip.mp4", ["other/clip.mp4", "clip.jpg"], "other/clip.mp4"),
        # Composed and decomposed, as macOS writes names.
        ("caf\u00e9.jpg", ["cafe\u0301.jpg"], "cafe\u0301.jpg"),
        # No path at all.
        ("", ["a.jpg"], None),
        ("/", ["a.jpg", ""], None),
    ],
)
def test_names_of_other_tools(name, images, wanted):
    assert joined([name], images) == {name: wanted}


@pytest.mark.parametrize(
    ("names", "images", "wanted"),
    [
        # An image belongs to its own name, whoever comes first.
        (["a.png", "a.jpg"], ["a.jpg"], [None, "a.jpg"]),
        # Two names may be the image: neither is.
        (["train/a.jpg", "val/a.jpg"], ["a.jpg"], [None, None]),
        (["a", "a.png"], ["a.jpg"], [None, None]),
        # The nearer name has it.
        (["x/a.png", "a.png"], ["a.jpg"], [None, "a.jpg"]),
    ],
)
def test_two_names_for_one_image(names, images, wanted):
    assert list(joined(names, images).values()) == wanted


def test_a_list_stands_in_for_the_name():
    listed = {"q0": "shop/a.jpg", "q1": "b", "q2": "nowhere.jpg", "a.jpg": "b.jpg"}
    images = ["a.jpg", "b.jpg"]
    assert joined(["q0", "q1", "q2"], images, listed) == {"q0": "a.jpg", "q1": "b.jpg", "q2": None}
    assert joined(["a.jpg", "q1"], images, listed) == {"a.jpg": "b.jpg", "q1": None}
    assert joined(["q1", "again"], images, {"q1": "b.jpg", "again": "b.jpg"}) == {"q1": "b.jpg", "again": "b.jpg"}


def test_how_names_were_joined_is_told():
    join = NameJoin(dict.fromkeys(["a.jpg", "b.jpg", "c.jpg", "d.jpg", "e.jpg", "g.jpg"]), {"five": "e.jpg"})
    names = ["a.jpg", "x/b.jpg", "c", "y/d.png", "five", "nobody"]
    join.add(names)
    assert [(each.by, each.count, each.name, each.image) for each in join.counts] == [
        (JoinedBy.NAME, 1, "a.jpg", "a.jpg"),
        (JoinedBy.LIST, 1, "five", "e.jpg"),
        (JoinedBy.PATH, 1, "x/b.jpg", "b.jpg"),
        (JoinedBy.STEM, 1, "c", "c.jpg"),
        (JoinedBy.PATH_AND_STEM, 1, "y/d.png", "d.jpg"),
    ]
    told = join.report(names).remarks
    assert told[0] == "joined by list: 1, first five with e.jpg"
    assert told[-1].startswith(
        "names that are those of no image: 1, such as 'nobody'; images are called, for example, 'g.jpg'; "
    )
    assert "--key FIELD" in told[-1]
    assert "--join FILE" in told[-1]


def seconds(count, name, image):
    names, images = ([form.format(each) for each in range(count)] for form in (name, image))
    start = process_time()
    assert len(set(joined(names, images).values()) - {None}) == count
    return process_time() - start


@pytest.mark.parametrize(
    ("name", "image"),
    [
        ("q{:05}", "q{:05}.jpg"),
        ("data/{:05}/img.jpg", "{:05}/img.jpg"),
        ("{:05}/img.png", "run/{:05}/img.jpg"),
    ],
)
def test_joining_is_linear(name, image):
    """20,000 names in one folder, and in 20,000 folders whose files all have one name."""
    times = [min(seconds(count, name, image) for _ in range(3)) for count in (5_000, 10_000, 20_000)]
    assert all(later < 4 * earlier + 0.05 for earlier, later in pairwise(times)), times


def test_one_name_for_all_images_is_found_at_once():
    """Names that differ in spelling alone and may be any of 20,000 images."""
    names = ["./" * each + "img.jpg" for each in range(200)]
    images = [f"{each}/img.jpg" for each in range(20_000)]
    start = process_time()
    assert set(joined(names, images).values()) == {None}
    assert process_time() - start < 5
