"""Readers take no more of a hostile file than their limits, and one bad file of a folder costs only itself."""

import gzip
import os
import signal
from contextlib import contextmanager

import pytest

from perceptron_annotations import AnnotationKind, read_dataset
from perceptron_annotations.datasets import (
    DatasetAsset,
    DatasetBuilder,
    guess_format,
    read_coco,
    read_cvat,
    read_labelme,
    read_voc,
    read_yolo,
    write_cvat,
)
from perceptron_annotations.errors import FileError
from perceptron_annotations.limits import use_limits
from perceptron_annotations.problems import ProblemCode
from tests.datasets.examples import png

VOC = (
    "<annotation><filename>{}</filename><size><width>9</width><height>9</height></size><object><name>cat</name><bndbox>"
    "<xmin>1</xmin><ymin>1</ymin><xmax>3</xmax><ymax>3</ymax></bndbox></object></annotation>"
)
LABELME = '{"imagePath": "a.png", "imageWidth": 9, "imageHeight": 9, "shapes": []}'


@contextmanager
def seconds(most):
    """Fails if the block takes longer, even if it waits for something."""

    def fail(*_):
        raise TimeoutError

    signal.signal(signal.SIGALRM, fail)
    signal.alarm(most)
    try:
        yield
    finally:
        signal.alarm(0)


def yolo(folder, data):
    """A YOLO folder of one image and one box of class 1."""
    for name in ("images", "labels"):
        (folder / name).mkdir()
    (folder / "images" / "a.png").write_bytes(png(9, 9))
    (folder / "labels" / "a.txt").write_text("1 0.5 0.5 0.5 0.5\n")
    (folder / "data.yaml").write_text(f"train: images\n{data}\n")
    return folder


# -- YAML --------------------------------------------------------------------------------------------------------------


BOMB = "\n".join([f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" if n else "a0: &a0 [x]" for n in range(9)])
MERGED = [f"m{n}: &m{n}\n  <<: [{', '.join([f'*m{n - 1}'] * 9)}]" for n in range(1, 8)]
MERGES = "\n".join(["m0: &m0 {x: 1}", *MERGED])


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (f"{BOMB}\nnames: *a8", "has an alias"),
        (f"{BOMB}\npath: *a8", "has an alias"),
        (f"{BOMB}\nkpt_shape: *a8", "has an alias"),
        (f"{MERGES}\nnames: [cat, dog]", "has a merge key|has an alias"),
        ("<<: {names: [cat, dog]}", "has a merge key"),
        ("names: " + "[" * 5000, "beyond the limit of yaml_depth"),
        ("unused: " + "{a: " * 5000, "beyond the limit of yaml_depth"),
        ("unused: [" + "a, " * 50_001 + "]", "beyond the limit of yaml_nodes"),
        ("# " + "x" * 2**20, "beyond the limit of yaml_bytes"),
        ("? [a, b]\n: c", "as a key"),
        ("names: {0: cat", "is not valid YAML"),
        ("names: 'cat", "is not valid YAML"),
        ("names: [cat]\x00", "is not valid YAML"),
        ("kpt_shape: [&x 3, *x]", "has an alias"),
        (f"kpt_shape: [{'9' * 5000}, 3]", "kpt_shape must be"),
    ],
)
def test_reliability_m1_yaml_that_is_refused(tmp_path, data, message):
    with seconds(60), pytest.raises(FileError, match=message):
        read_yolo(yolo(tmp_path, data))


@pytest.mark.parametrize(
    ("data", "labels"),
    [
        ("names: [cat, dog]\nd: 2020-99-99", ("cat", "dog")),
        (f"names: [cat, dog]\nnc: {'9' * 5000}", ("cat", "dog")),
        ("names: [yes, 2020-01-01]", ("yes", "2020-01-01")),
        ("names: [0x10, 1_000]", ("0x10", "1_000")),
        ("names: [1.0, '~']", ("1.0", "~")),
        ("names: {1: dog, 0: cat}", ("cat", "dog")),
        ("names:\n  0: cat\n  1: 'dog'", ("cat", "dog")),
        ("names: !!python/tuple [cat, dog]", ("cat", "dog")),
    ],
)
def test_reliability_m1_plain_values_are_texts(tmp_path, data, labels):
    problems = []
    dataset = read_yolo(yolo(tmp_path, data), on_problem=problems.append)
    assert {each.code for each in problems} <= {ProblemCode.UNREAD_FIELD}
    assert dataset.labels == labels
    assert dataset.label_of(0) == labels[1]


@pytest.mark.parametrize("data", ["names: {0: cat, b: dog}", "names: {~: a, 1: b}", "names: [~, b]", "names: [[a], b]"])
def test_reliability_m1_classes_that_have_no_name(tmp_path, data):
    read_yolo(yolo(tmp_path, data), on_problem=(problems := []).append)
    assert ProblemCode.MALFORMED_ENTRY in {each.code for each in problems}


def test_yaml_limits_can_be_raised(tmp_path):
    folder = yolo(tmp_path, "names: [cat, dog]\nunused: " + "[" * 20 + "]" * 20)
    with use_limits(yaml_depth=30):
        assert read_yolo(folder).labels == ("cat", "dog")


# -- XML ---------------------------------------------------------------------------------------------------------------


def test_reliability_m3_a_gzip_bomb_of_xml(tmp_path):
    """It is counted while it is unpacked, and not handed to libxml2 to unpack."""
    bomb = b"<annotation>" + b"<object/>" * 300_000 + b"</annotation>"
    (tmp_path / "a.xml").write_bytes(gzip.compress(bomb))
    (tmp_path / "b.xml").write_text(VOC.format("b.png"))
    for limits in ({"xml_bytes": 2**20}, {"xml_elements": 100_000}):
        with use_limits(**limits):
            dataset = read_voc(tmp_path, on_problem=(problems := []).append)
        assert [asset.file_name for asset in dataset.assets] == ["b.png"]
        assert next(iter(limits)) in problems[0].message


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (gzip.compress(gzip.compress(b"<annotations/>", mtime=0), mtime=0), "does not begin with an element"),
        (b"<a>" * 1000, "xml_depth"),
        (b"<a>" * 100_000, "is not valid XML|xml_depth"),
        (b"<!DOCTYPE annotations><annotations/>", "document type declaration"),
        (b"<!-- <a> --><?x <a>?>\n<!DOCTYPE annotations><annotations/>", "document type declaration"),
        ("<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>".encode("utf-16"), "document type declaration"),
        (b"<?xml version='1.0' encoding='utf-7'?>+ADwAIQ-DOCTYPE a><a/>", "encoding utf-7"),
        (b"<?xml version='1.0' encoding='zlib'?><a/>", "encoding zlib"),
        (b"<?xml version='1.0' encoding='gbk'?><annotations>\xff</annotations>", "is not valid XML"),
        (b"<!--" * 100_000, "does not begin with an element"),
        (b"<annotations>&x;</annotations>", "is not valid XML"),
        (b"<annotations>\xff</annotations>", "is not valid XML"),
        (b"<annotations>\0</annotations>", "is not valid XML"),
        (b"<annotations>", "is not valid XML"),
        (b"", "does not begin with an element"),
        (b"<a/>", "has the root <a>"),
    ],
)
def test_reliability_m3_xml_that_is_refused(tmp_path, data, message):
    (tmp_path / "a.xml").write_bytes(data)
    with seconds(20), pytest.raises(FileError, match=message):
        read_cvat(tmp_path / "a.xml")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "gbk", "windows-1252", "ISO-8859-1"])
def test_xml_in_the_encoding_that_it_names(tmp_path, encoding):
    name = "猫" if encoding in ("utf-8", "utf-16", "gbk") else "é"
    text = f'<?xml version="1.0" encoding="{encoding}"?><annotations><image id="0" name="{name}.png"/></annotations>'
    (tmp_path / "a.xml").write_bytes(text.encode(encoding))
    assert read_cvat(tmp_path / "a.xml", on_problem=[].append).assets[0].file_name == f"{name}.png"


def test_reliability_m6_a_polygon_of_a_million_vertices(tmp_path):
    """The minor m6: 10 MB of an attribute are what libxml2 refuses."""
    builder = DatasetBuilder(["cat"])
    asset = builder.add_asset(DatasetAsset(file_name="a.png", width=4e6, height=9))
    ring = [[n / 4, n % 7] for n in range(1_000_000)]
    builder.add(asset, AnnotationKind.POLYGON, ring, "cat")
    write_cvat(builder.build(), tmp_path / "a.xml")
    assert (tmp_path / "a.xml").stat().st_size > 10 * 2**20
    assert read_cvat(tmp_path / "a.xml").table.vertices(0).tolist() == ring


# -- folders -----------------------------------------------------------------------------------------------------------


def folder_of(tmp_path, suffix, good):
    """A folder with a good file, and what must not be opened, or cannot be."""
    (tmp_path / f"c{suffix}").write_text(good)
    os.mkfifo(tmp_path / f"a{suffix}")
    (tmp_path / f"b{suffix}").mkdir()
    (tmp_path / f"d{suffix}").symlink_to("/dev/zero")
    (tmp_path / f"e{suffix}").symlink_to("nowhere")
    return tmp_path


@pytest.mark.parametrize(("suffix", "good"), [(".xml", VOC.format("c.png")), (".json", LABELME)])
def test_reliability_m2_pipes_and_devices_are_never_opened(tmp_path, suffix, good):
    """And the minor m3: a directory of that name, or a link to nothing, costs only itself."""
    folder_of(tmp_path, suffix, good)
    with seconds(20):
        dataset = read_dataset(tmp_path, on_problem=(problems := []).append)
    assert len(dataset.assets) == 1
    assert [(each.code, each.place) for each in problems] == [
        (ProblemCode.UNREADABLE_FILE, f"{name}{suffix}") for name in "abde"
    ]


def test_reliability_m2_pipes_of_a_yolo_folder(tmp_path):
    folder = yolo(tmp_path, "names: [cat, dog]")
    os.mkfifo(folder / "images" / "b.png")
    os.mkfifo(folder / "labels" / "b.txt")
    with seconds(20):
        dataset = read_yolo(folder, on_problem=(problems := []).append)
    assert [asset.file_name for asset in dataset.assets] == ["a.png"]
    assert [each.code for each in problems] == [ProblemCode.MISSING_SIZE]
    (folder / "data.yaml").unlink()
    os.mkfifo(folder / "data.yaml")
    with seconds(20), pytest.raises(FileError, match="not a regular file"):
        read_yolo(folder)
    with seconds(20), pytest.raises(ValueError, match="cannot tell the format"):
        guess_format(folder)


@pytest.mark.parametrize(
    ("read", "suffix", "good"), [(read_voc, ".xml", VOC.format("b.png")), (read_labelme, ".json", LABELME)]
)
def test_reliability_m3_an_unreadable_file_costs_itself(tmp_path, monkeypatch, read, suffix, good):
    """The minor m3; the system refuses to open the file."""
    from pathlib import Path

    (tmp_path / f"a{suffix}").write_text(good)
    (tmp_path / f"b{suffix}").write_text(good)
    original = Path.open

    def refuse(self, *arguments, **options):
        if self.name == f"a{suffix}":
            raise PermissionError(13, "Permission denied")
        return original(self, *arguments, **options)

    monkeypatch.setattr(Path, "open", refuse)
    dataset = read(tmp_path, on_problem=(problems := []).append)
    assert len(dataset.assets) == 1
    assert [each.code for each in problems] == [ProblemCode.UNREADABLE_FILE]


def test_reliability_m3_an_unreadable_label_file_costs_itself(tmp_path):
    """The minor m3; the file is damaged gzip."""
    folder = yolo(tmp_path, "names: [cat, dog]")
    (folder / "images" / "b.png").write_bytes(png(9, 9))
    (folder / "labels" / "b.txt").write_bytes(gzip.compress(b"0 0.5 0.5 0.5 0.5\n")[:-8])
    dataset = read_yolo(folder, on_problem=(problems := []).append)
    assert len(dataset) == 1
    assert [(each.code, each.place) for each in problems] == [(ProblemCode.UNREADABLE_FILE, "b.txt")]


@pytest.mark.parametrize("damage", [b'"\xff\xe0": "by hand"', b'"note": "\xff\xe0 by hand"', b'"note": {"\xff": 1}'])
@pytest.mark.parametrize(
    ("read", "file"),
    [
        (read_coco, b'{"images": [{"id": 1, "file_name": "b.png"}], "annotations": [], "categories": [], %s}'),
        (read_labelme, LABELME.encode().strip().removesuffix(b"}").replace(b"%", b"%%") + b", %s}"),
    ],
    ids=["coco", "labelme"],
)
def test_a_damaged_field_that_is_not_read_costs_nothing(tmp_path, read, file, damage):
    """Found by the fuzz of files: the name of a field that no reader looks for was not UTF-8."""
    (tmp_path / "a.json").write_bytes(file % damage)
    dataset = read(tmp_path / "a.json", on_problem=(problems := []).append)
    assert len(dataset.assets) == 1
    assert [each.code for each in problems] == [ProblemCode.UNREAD_FIELD]
    assert "\ufffd" in problems[0].message


def test_a_number_beyond_all_floats_that_is_not_read_costs_nothing(tmp_path):
    """Found by the fuzz of files, as the damaged fields were."""
    head = '"images": [{"id": 1, "file_name": "b.png"}], "annotations": [], "categories": []'
    (tmp_path / "a.json").write_text(f'{{{head}, "licenses": [1e999, {"9" * 5000}], "note": "x"}}')
    dataset = read_coco(tmp_path / "a.json", on_problem=(problems := []).append)
    assert (len(dataset.assets), [each.code for each in problems]) == (1, [ProblemCode.UNREAD_FIELD])
    assert "licenses" in problems[0].message
