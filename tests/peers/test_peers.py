"""Tools of the field read the files that we write, and we read theirs.

Each tool is installed in an environment of its own. Its script there reads our files, says on stdout what it found, and
writes all of it again below ``back``, which our readers read.
"""

import json
import shutil
import struct
import subprocess
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from perceptron_annotations import AnnotationKind, read_dataset, write_dataset
from perceptron_annotations.datasets import DatasetAsset, DatasetBuilder, write_coco_results
from perceptron_annotations.problems import ProblemCode
from tests.peers.environments import interpreter

PLACES = {
    "coco": "coco.json",
    "yolo": "yolo",
    "yolo-segment": "yolo-segment",
    "voc": "voc",
    "cvat": "cvat.xml",
    "labelme": "labelme",
    "label-studio": "label-studio.json",
}
#: Name → width, height, and shapes: two corners of a box, or all of a polygon, whose bounds are at whole pixels since
#: some tools draw it.
PICTURES = {
    "a.png": (64, 48, [["cat", 4.25, 8.5, 20.75, 30.0], ["salt & pepper", 30.0, 8.0, 50.0, 10.0, 40.0, 40.0]]),
    "red room.png": (80, 60, [["cat", 0.0, 0.0, 80.0, 60.0], ["salt & pepper", 10.0, 12.125, 40.5, 44.25]]),
    "empty.png": (32, 32, []),
}


# -- what a tool holds of a shape ------------------------------------------------------------------------------------


def whole(label, *corners):
    """Boxes, and all corners of polygons."""
    return [[label, *corners]]


def bounds(label, *corners):
    """Boxes, also of polygons."""
    return [[label, min(corners[::2]), min(corners[1::2]), max(corners[::2]), max(corners[1::2])]]


def rings(label, *corners):
    """Polygons, also of boxes."""
    if len(corners) > 4:
        return [[label, *corners]]
    left, top, right, bottom = corners
    return [[label, left, top, right, top, right, bottom, left, bottom]]


def boxes(label, *corners):
    """Boxes, without the polygons."""
    return [[label, *corners]] if len(corners) == 4 else []


def twice(label, *corners):
    """Polygons, and their bounds beside them."""
    return [[label, *corners]] if len(corners) == 4 else [*bounds(label, *corners), [label, *corners]]


class Held(NamedTuple):
    """What comes through a tool in one format: of each shape, how far off in pixels, and whether empty pictures do."""

    of_shape: Callable[..., list[list]]
    within: float = 0.01
    with_empty: bool = True

    def wanted(self):
        """What is found of ``PICTURES``."""
        found = {
            name: [entry for shape in shapes for entry in self.of_shape(*shape)]
            for name, (_, _, shapes) in PICTURES.items()
        }
        return {name: entries for name, entries in found.items() if entries or self.with_empty}


class Peer(NamedTuple):
    """A tool, its script, the formats that it reads and those that it writes."""

    requirement: str
    script: str
    reads: dict[str, Held]
    writes: dict[str, Held]


PEERS = [
    Peer(
        "label-studio-sdk==2.1.2",
        "label_studio_script.py",
        {"label-studio": Held(whole)},
        {
            "coco": Held(whole),
            "yolo": Held(whole),
            # It leaves polygons and empty pictures out, and cuts off the fractions of corners and of extents.
            "voc": Held(boxes, within=2, with_empty=False),
            # It makes a rectangle of each bbox, and a polygon beside it of each ring.
            "label-studio": Held(twice),
        },
    ),
    Peer(
        "supervision==0.31.2",
        "supervision_script.py",
        dict.fromkeys(["coco", "yolo", "yolo-segment", "voc", "labelme"], Held(bounds)),
        {
            "coco": Held(bounds),
            "yolo": Held(bounds),
            # Beside a polygon it draws all shapes into masks, and writes the centres of the pixels at their edges.
            "yolo-segment": Held(bounds, within=1.01),
            "labelme": Held(bounds, within=1.01),
            # It rounds to whole pixels.
            "voc": Held(bounds, within=0.5),
        },
    ),
    Peer(
        "globox==2.9.0",
        "globox_script.py",
        # Of CVAT it reads boxes alone.
        dict.fromkeys(["coco", "yolo", "yolo-segment", "voc", "labelme"], Held(bounds)) | {"cvat": Held(boxes)},
        dict.fromkeys(["coco", "yolo", "voc", "labelme"], Held(bounds)) | {"cvat": Held(boxes)},
    ),
    Peer(
        "labelformat==0.1.17",
        "labelformat_script.py",
        # Of CVAT it reads boxes alone.
        dict.fromkeys(["coco", "yolo", "voc"], Held(bounds)) | {"cvat": Held(boxes), "yolo-segment": Held(rings)},
        # It closes rings with their first corner again, so that only their bounds are compared.
        dict.fromkeys(["coco", "yolo", "yolo-segment", "voc"], Held(bounds)) | {"cvat": Held(boxes)},
    ),
    Peer(
        "faster-coco-eval==1.8.0",
        "faster_coco_eval_script.py",
        {"coco": Held(whole), "results": Held(bounds)},
        {"coco": Held(whole)},
    ),
    Peer(
        "datumaro==1.12.0",
        "datumaro_script.py",
        # Of COCO it makes a box beside each polygon.
        {"coco": Held(twice), "cvat": Held(whole)},
        {"coco": Held(whole), "cvat": Held(twice), "voc": Held(bounds, with_empty=False)},
    ),
    Peer("kwcoco==0.9.1", "kwcoco_script.py", {"coco": Held(whole)}, {"coco": Held(whole)}),
    Peer("sahi==0.12.8", "sahi_script.py", {"coco": Held(whole)}, {"coco": Held(whole)}),
    Peer("labelme==6.3.1", "labelme_script.py", {"labelme": Held(whole)}, {"labelme": Held(whole)}),
]


def png(width, height):
    """A black picture."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress((b"\0" + b"\0\0\0" * width) * height)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def write_all(folder, *, one_based):
    """The dataset in every format, with its pictures where YOLO has them."""
    builder = DatasetBuilder(["cat", "salt & pepper"])
    (folder / "pictures").mkdir()
    for name, (width, height, found) in PICTURES.items():
        (folder / "pictures" / name).write_bytes(png(width, height))
        asset = builder.add_asset(DatasetAsset(file_name=name, width=width, height=height))
        for label, *corners in found:
            kind = AnnotationKind.BOX if len(corners) == 4 else AnnotationKind.POLYGON
            builder.add(asset, kind, list(zip(corners[::2], corners[1::2], strict=True)), label)
    dataset = builder.build()
    options = {"voc": {"one_based": one_based}, "label-studio": {"as_predictions": False}}
    for name, place in PLACES.items():
        write_dataset(dataset, folder / place, name, **options.get(name, {}))
    write_dataset(dataset, folder / "predictions.json", "label-studio")
    write_coco_results(dataset, folder / "results.json", score=0.5)
    for name in ("yolo", "yolo-segment"):
        shutil.copytree(folder / "pictures", folder / name / "images" / "train", dirs_exist_ok=True)


def contents(dataset, of_shape):
    """What we read, as a tool holds it; images of YOLO are below the folders of their splits."""
    names = [asset.file_name.rpartition("/")[2] for asset in dataset.assets]
    found = {name: [] for name in names}
    for row in range(len(dataset)):
        corners = dataset.table.vertices(row).ravel().tolist()
        found[names[dataset.asset[row]]] += of_shape(dataset.label_of(row), *corners)
    return found


def differences(found, held, where):
    """Where labels or corners are not those that we wrote."""
    wanted = held.wanted()
    for name in sorted(found.keys() | wanted.keys()):
        some, others = found.get(name), wanted.get(name)
        if some is None or others is None or not is_same(some, others, held.within):
            yield f"{where}, {name}: {some}, not {others}"


def is_same(some, others, within):
    """Whether shapes, in any order, have the same labels, and corners that are so close."""

    def order(shape):
        return shape[0], len(shape), shape

    return len(some) == len(others) and all(
        one[0] == other[0] and one[1:] == pytest.approx(other[1:], abs=within, rel=0)
        for one, other in zip(sorted(some, key=order), sorted(others, key=order), strict=True)
    )


@pytest.mark.parametrize("peer", PEERS, ids=lambda peer: peer.requirement)
def test_a_tool_reads_our_files_and_we_read_its_files(peer, tmp_path):
    # supervision counts the pixels of VOC from 1.
    one_based = peer.requirement.startswith("supervision")
    write_all(tmp_path, one_based=one_based)
    # Isolated: the tool sees neither us nor what we have installed.
    command = [interpreter(peer.requirement), "-I", Path(__file__).with_name(peer.script), tmp_path]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found.keys() == peer.reads.keys()
    wrong = [each for name in found for each in differences(found[name], peer.reads[name], f"it reads {name}")]
    for name, held in peer.writes.items():
        options = {"one_based": one_based} if name == "voc" else {}
        problems = []
        again = read_dataset(tmp_path / "back" / PLACES[name], name, on_problem=problems.append, **options)
        read = [problem for problem in problems if problem.code is not ProblemCode.UNREAD_FIELD]
        wrong += [f"it writes {name}: {problem}" for problem in read]
        wrong += differences(contents(again, bounds if held.of_shape is bounds else whole), held, f"it writes {name}")
    assert not wrong, "\n".join(wrong)
