"""Names of files that are made: inside their folder, and such that every system can hold them."""

import json
import ntpath
import unicodedata

import pytest

from perceptron_annotations import AnnotationKind, read_dataset, write_dataset
from perceptron_annotations.datasets import DatasetAsset, DatasetBuilder
from perceptron_annotations.datasets.paths import OwnFiles, portable
from perceptron_annotations.losses import LossCode

#: Names, and whether every system can hold them.
NAMES = {
    "a.png": True,
    "sub/with space.jpg": True,
    "constant.png": True,
    "console.png": True,
    "auxiliary/a.png": True,
    ".hidden.png": True,
    "ünï 日本.png": True,
    "CON": False,
    "NUL.txt": False,
    "aux.jpg": False,
    "sub/com1.tar.gz": False,
    "lpt9 .png": False,
    "a.jpg:ads": False,
    "a.png.": False,
    "a.png ": False,
    "sub./a.png": False,
    "a|b.png": False,
    "what?.png": False,
    "*.png": False,
    "<a>.png": False,
    'a"b.png': False,
    "\x1b[2J.png": False,
    "line\nend.png": False,
    "\x9b2J.png": False,
    "a\u202egpj.exe": False,
    "a\u2066b.png": False,
}
DEVICES = {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(10))}


def holds(name):
    """Whether Windows can hold a name, by the rules that Microsoft publishes, and whether all of it prints."""
    for part in name.split("/"):
        if set(part) & set('<>:"|?*\\') or part.endswith((".", " ")) or not part.isprintable():
            return False
        if part.split(".")[0].rstrip().lower() in DEVICES:
            return False
    return True


def test_the_names_here():
    assert {name: holds(name) for name in NAMES} == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_reliability_m5_names_that_every_system_can_hold(tmp_path, name):
    """The minor m5."""
    made = portable(name)
    assert holds(made)
    assert (made == name) is NAMES[name]
    assert portable(made) == made
    file = OwnFiles(tmp_path, ".txt").of(name)
    assert file.name == made
    assert holds(file.path.relative_to(tmp_path).as_posix())
    assert not ntpath.isabs(made)


def test_names_of_thousands_of_folders(tmp_path):
    """Reliability m1: they cost themselves. PATH_MAX of Linux is 4,096, and Python makes folders one by one."""
    assert OwnFiles(tmp_path, ".txt").of("a/" * 2000 + "b.png") is None
    assert OwnFiles(tmp_path, ".txt").of("a/" * 500 + "b.png") is not None
    (tmp_path / "data.yaml").write_text("train: " + "../a" * 200_000 + "\nnames: [cat]\n")
    problems = []
    assert len(read_dataset(tmp_path, "yolo", on_problem=problems.append).assets) == 0
    assert problems


@pytest.mark.parametrize(
    "names",
    [
        ("A.png", "a.png", "a.jpg"),
        ("Sub/a.png", "sub/a.png"),
        (unicodedata.normalize("NFC", "é.png"), unicodedata.normalize("NFD", "é.png")),
        ("straße.png", "STRASSE.png"),
        ("nul.png", "nul_.png", "NUL_.jpg"),
        ("a_2.png", "a.png", "A.png", "a.gif"),
    ],
)
def test_reliability_m5_files_are_apart_where_case_is_ignored(tmp_path, names):
    """The minor m5: macOS and Windows would take these for one file."""
    files = OwnFiles(tmp_path, ".txt")
    paths = [str(files.of(name).path) for name in names]
    assert len({unicodedata.normalize("NFC", path).casefold() for path in paths}) == len(names)


@pytest.mark.parametrize("format", ["yolo", "voc", "labelme"])
def test_reliability_m5_names_that_are_changed_are_counted(tmp_path, format):
    """The minor m5: one rule in every format of folders."""
    builder = DatasetBuilder(["cat"])
    for name in ("CON.png", "a\u202eb.png", "A.png", "a.png", "good.png"):
        asset = builder.add_asset(DatasetAsset(file_name=name, width=9, height=9))
        builder.add(asset, AnnotationKind.BOX, [[0, 0], [1, 1]], "cat")
    report = write_dataset(builder.build(), tmp_path / "d", format)
    assert report.count(LossCode.RENAMED) == 3
    own = {"yolo": "labels/**/*.txt", "voc": "Annotations/*.xml", "labelme": "*.json"}
    files = list((tmp_path / "d").glob(own[format]))
    assert len(files) == 5
    assert all(holds(path.name) for path in files)
    if format != "yolo":  # which has no images here
        names = {asset.file_name for asset in read_dataset(tmp_path / "d", format).assets}
        assert names == {"CON_.png", "a_b.png", "A.png", "a_2.png", "good.png"}


def test_reliability_m9_yaml_that_every_reader_takes(tmp_path):
    """All that YAML does not print is escaped; PyYAML gives it back, and so do we."""
    yaml = pytest.importorskip("yaml")
    labels = [
        "\x7f",
        "\ufffe",
        "\uffff",
        "\x85",
        "\x80",
        "\u2028",
        "\ufeff",
        "\0",
        "\n",
        "😀",
        '"',
        "~",
        "yes",
        "2020-01-01",
    ]
    labels += ["- a", "{}", "a: b", "#", "&a", "*a", "!a", "%", "@", "`", " ", "\ud800"]
    builder = DatasetBuilder(labels)
    builder.add(
        builder.add_asset(DatasetAsset(file_name="a.png", width=9, height=9)), AnnotationKind.BOX, [[0, 0], [1, 1]], "~"
    )
    write_dataset(builder.build(), tmp_path / "d", "yolo")
    text = (tmp_path / "d" / "data.yaml").read_text()
    names = yaml.safe_load(text)["names"]
    assert [names[code] for code in range(len(labels))] == labels
    assert json.dumps(text)
    back = read_dataset(tmp_path / "d", "yolo", on_problem=[].append)
    assert back.labels[: len(labels)] == tuple(labels)
