"""The files that are mutated, as they are whole: small ones of several units, of each kind that is read."""

from __future__ import annotations

import json
import struct
import tempfile
from pathlib import Path
from typing import Any

from perceptron_annotations import AnnotationKind, Dataset, write_dataset
from perceptron_annotations.datasets import DatasetAsset, DatasetBuilder, write_dataset_parquet

_ANSWERS = (
    '<point_box mention="cat"> (10,20) (300,400) </point_box>',
    'Two: <collection mention="dog"> <point> (1,2) </point> <point> (3,4) </point> </collection>',
    '<polygon mention="ünï"> (0,0) (10,0) (10,10) </polygon> and <clip mention="jump"> 1.5 4 </clip>',
    "nothing here",
)
RECORDED: list[dict[str, Any]] = [
    {"key": f"{n}.png", "text": text, "assets": [{"file_name": f"{n}.png", "width": 640, "height": 480}], "model": "m"}
    for n, text in enumerate(_ANSWERS)
]
RECORDED += [
    {
        "id": f"c{n}",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}],
    }
    for n, text in enumerate(_ANSWERS)
]
RECORDED += [
    {
        "custom_id": "b",
        "response": {"status_code": 200, "body": {"id": "d", "choices": RECORDED[4]["choices"]}},
        "error": None,
    }
]
STREAMED = [{"id": "s", "choices": [{"index": 0, "delta": {"content": word + " "}}]} for word in _ANSWERS[0].split()]
STREAMED.append({"id": "s", "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
COCO: dict[str, Any] = {
    "images": [{"id": n, "file_name": f"{n}.png", "width": 640, "height": 480} for n in range(3)],
    "categories": [{"id": 1, "name": "cat"}, {"id": 2, "name": "dog"}],
}
COCO_ENTRIES: list[dict[str, Any]] = [
    {"id": n, "image_id": n % 3, "category_id": 1 + n % 2, "bbox": [n, n, 20.5, 30], "area": 615, "iscrowd": 0}
    for n in range(8)
]
COCO_ENTRIES[2]["segmentation"] = [[0, 0, 10, 0, 10, 10], [20, 20, 30, 20, 30, 30.5]]
COCO_ENTRIES[4] |= {"segmentation": {"size": [480, 640], "counts": [5, 10, 307185]}, "iscrowd": 1}
COCO_ENTRIES[5]["keypoints"] = [1, 2, 2, 3, 4, 1]
COCO_ENTRIES[6]["perceptron_annotations"] = {"source": "s", "score": 0.5, "span": [3, 9]}
_TYPES = {
    "rectangle": [[1, 2], [30, 40]],
    "polygon": [[0, 0], [9, 0], [9, 9]],
    "point": [[5, 5]],
    "circle": [[1, 1], [2, 2]],
}
LABELME_SHAPES = [
    {"label": "cat", "points": points, "shape_type": name, "group_id": None, "flags": {}}
    for name, points in _TYPES.items()
]
LABELME = {
    "version": "5.0.0",
    "flags": {},
    "imagePath": "a.png",
    "imageWidth": 640,
    "imageHeight": 480,
    "imageData": None,
}
_BOX = {"x": 1, "y": 2, "width": 30, "height": 40, "rotation": 0, "rectanglelabels": ["cat"]}
_SIZED = {"original_width": 640, "original_height": 480, "from_name": "label", "to_name": "image"}
LABEL_STUDIO_TASKS = [
    {
        "id": n,
        "data": {"image": f"{n}.png"},
        "annotations": [{"result": [_SIZED | {"id": "r", "type": "rectanglelabels", "value": _BOX}]}],
    }
    for n in range(5)
]
ACTIVITYNET_VIDEOS = [
    {"annotations": [{"segment": [1.5, 4 + n], "label": "jump", "score": 0.5}, {"segment": [3, 3], "label": "x"}]}
    for n in range(5)
]
VOC_OBJECT = (
    "<object><name>cat</name><difficult>0</difficult><bndbox><xmin>{0}</xmin><ymin>2</ymin><xmax>30</xmax><ymax>40.5</ymax>"
    "</bndbox></object>"
)
VOC = "<annotation><filename>a.png</filename><size><width>640</width><height>480</height></size></annotation>"
CVAT_IMAGE = (
    '<image id="{0}" name="{0}.png" width="640" height="480"><box label="cat" xtl="1" ytl="2" xbr="3.5" ybr="4"/>'
    '<polygon label="dog" points="0,0;10,0;10,10.5"/><points label="eye" points="1,2;3,4"><attribute name="a">b'
    "</attribute></points></image>"
)
_LABELS = "<labels><label><name>cat</name></label><label><name>dog</name></label></labels>"
CVAT = f"<annotations><version>1.1</version><meta><task>{_LABELS}</task></meta></annotations>"
CVAT_TRACK = (
    '<track id="{0}" label="cat"><box frame="{0}" outside="0" keyframe="1" xtl="1" ytl="2" xbr="3" ybr="4"/>'
    '<box frame="9" outside="1" xtl="1" ytl="2" xbr="3" ybr="4"/></track>'
)
CVAT_VIDEO = (
    "<annotations><meta><task><original_size><width>640</width><height>480</height></original_size><source>a.mp4</source>"
    f"{_LABELS}</task><perceptron_annotations><fps>25</fps></perceptron_annotations></meta></annotations>"
)
CELLS = [
    ["file_name", "width", "height", "label", "kind", "x1", "y1", "x2", "y2", "vertices", "score", "object"],
    ["a.png", "640", "480", "cat", "box", "1", "2", "3.5", "4", "", "0.5", "0"],
    ["b.png", "640", "480", "", "", "", "", "", "", "", "", ""],
    ["c,d.png", "640", "480", 'a "quoted" cat', "polygon", "0", "0", "9", "9", "0 0;9 0;9 9", "", "1"],
    ["a.png", "640", "480", "line\nend", "point", "5", "6", "", "", "", "", "2"],
    ["é.png", "64", "48", "'=1+1", "box", "1", "2", "3", "4", "", "1", "3"],
]
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">II", 640, 480) + b"\x08\2\0\0\0\0\0\0\0"
YOLO_LINES = (b"0 0.5 0.5 0.2 0.2", b"1 0.1 0.1 0.1 0.1 0.9", b"0 0 0 1 0 1 1", b"", b"1 0.5 0.5 1 1")
SIZES = [["file_name", "width", "height"], *([f"{number}.png", "640", "480"] for number in range(5))]
SIZES_JSON: list[dict[str, list[int]]] = [{f"{number}.png": [640, 480] for number in range(5)}]
SYNONYMS = [["mention", "label"], ["kitten", "cat"], ["puppy", "dog"], ["a,b", "c"]]
YAML = (b"path: .", b"train: images", b"kpt_shape: [2, 3]", b"names:", b"  0: cat", b"  1: 'dog'", b"nc: 2")
YAML += (b'unused: {a: [1, 2], "b": &x c}', b"# comment", b"val: images")


def own_lines() -> list[Any]:
    """The lines of our own format, as it is written."""
    with tempfile.TemporaryDirectory() as folder:
        write_dataset(_example(), Path(folder) / "a.jsonl", "dataset-jsonl")
        return [json.loads(line) for line in (Path(folder) / "a.jsonl").read_text().split("\n") if line]


def _example() -> Dataset:
    builder = DatasetBuilder(["cat", "dog"])
    for number in range(5):
        asset = builder.add_asset(DatasetAsset(file_name=f"{number}.png", width=640, height=480))
        builder.add(asset, AnnotationKind.BOX, [[1, 2], [3.5, 4 + number]], "cat", score=0.5, source="s")
        builder.add(asset, AnnotationKind.POLYGON, [[0, 0], [9, 0], [9, 9]], "dog", t=1.5, span=(3, 9))
        builder.add(asset, AnnotationKind.CLIP, [], "dog", t=1.5, until=2.0)
    return builder.build()


def arrow_tables() -> list[Any]:
    """One table of Arrow, as our own format has it."""
    from pyarrow import parquet

    with tempfile.TemporaryDirectory() as folder:
        write_dataset_parquet(_example(), Path(folder) / "a.parquet")
        return [parquet.ParquetFile(Path(folder) / "a.parquet").read()]


def image_heads() -> list[bytes]:
    """Heads of every format, one after another: a unit is a whole file."""
    exif = b"Exif\0\0II*\0\x08\0\0\0\1\0\x12\1\3\0\1\0\0\0\6\0\0\0"
    segment = b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif
    tags = b"".join(struct.pack("<HHIHH", tag, 3, 1, value, 0) for tag, value in ((256, 640), (257, 480), (274, 6)))
    return [
        PNG,
        b"\xff\xd8" + segment + b"\xff\xc0\0\x11\x08" + struct.pack(">HH", 480, 640) + b'\3\1"\0' * 3,
        b"GIF89a" + struct.pack("<HH", 640, 480) + b"\0\0\0",
        b"BM" + b"\0" * 12 + struct.pack("<Iii", 40, 640, 480) + b"\0" * 16,
        b"RIFF\x24\0\0\0WEBPVP8X\x0a\0\0\0" + b"\0" * 4 + b"\x7f\2\0\xdf\1\0",
        b"RIFF\x24\0\0\0WEBPVP8L\x0a\0\0\0\x2f" + (639 | 479 << 14).to_bytes(4, "little"),
        b"II*\0\x08\0\0\0" + struct.pack("<H", 3) + tags + b"\0\0\0\0",
    ]
