"""Every kind of file that is read: small ones of several units, how a unit is mutated, and what a reading says."""

from __future__ import annotations

import copy
import io
import json
import random
import struct
import tempfile
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from perceptron_annotations import AnnotationKind, Dataset, read_dataset, read_recordings, write_dataset
from perceptron_annotations.csv_lines import csv_text
from perceptron_annotations.datasets import (
    DatasetAsset,
    DatasetBuilder,
    read_label_map,
    read_sizes,
    sizes_in,
    write_dataset_parquet,
)

from .file_mutations import NUMBERS, TEXTS, mutated_bytes, mutated_cells, mutated_value

Units = Sequence[Any]


class Kind(NamedTuple):
    """A kind of file."""

    name: str
    #: What a file is made of.
    units: Units
    render: Callable[[Units], bytes]
    mutate: Callable[[random.Random, Any], Any]
    #: Reads a file of these bytes, which it writes to the folder, and gives what it says, one text for each thing.
    read: Callable[[Path, bytes], Counter[str]]
    #: Each unit is a line or some lines, so that those before a damaged byte are not damaged.
    is_lines: bool = False
    #: A bad unit costs only itself.
    keeps: bool = True


# -- what a reading says -----------------------------------------------------------------------------------------------


def said(dataset: Dataset) -> Counter[str]:
    """Each asset, and each row with its place, label and times."""
    table = dataset.table
    found = Counter(f"{asset.file_name} {asset.width} {asset.height}" for asset in dataset.assets)
    columns = zip(dataset.asset.tolist(), table.kind.tolist(), table.t.tolist(), table.score.tolist(), strict=True)
    for row, (asset, *rest) in enumerate(columns):
        name = dataset.assets[asset].file_name
        found[f"{name} {dataset.label_of(row)} {rest} {table.vertices(row).tolist()}"] += 1
    return found


def _quiet(_problem: object) -> None:
    """Problems are what these files are made of."""


def _dataset(name: str, format_: str, folder: Path, data: bytes) -> Counter[str]:
    (folder / name).write_bytes(data)
    return said(read_dataset(folder / name, format_, on_problem=_quiet))


def _recordings(name: str, folder: Path, data: bytes) -> Counter[str]:
    """The answers; of a stream, each character of one, since its beginning is what must stay."""
    (folder / name).write_bytes(data)
    found: Counter[str] = Counter()
    for each in read_recordings(folder / name, on_problem=_quiet):
        if name.endswith(".sse"):
            found += Counter(f"{at} {char}" for at, char in enumerate(each.content or each.text))
        else:
            found[f"{each.key} {each.choice} {each.text} {each.document().status}"] += 1
    return found


def _list(name: str, read: Callable[[Path], dict[str, Any]], folder: Path, data: bytes) -> Counter[str]:
    (folder / name).write_bytes(data)
    return Counter(f"{key} {value}" for key, value in read(folder / name).items())


def _image(folder: Path, data: bytes) -> Counter[str]:
    (folder / "a.png").write_bytes(data)
    size = sizes_in(folder)("a.png")
    if size is None:
        return Counter()
    if min(size[:2]) < 1 or size.orientation not in range(1, 9):
        raise ValueError(f"no image has the size {size}")
    return Counter([str(size)])


_PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">II", 640, 480) + b"\x08\2\0\0\0\0\0\0\0"
_YAML = (b"path: .", b"train: images", b"kpt_shape: [2, 3]", b"names:", b"  0: cat", b"  1: 'dog'", b"nc: 2")
_YAML += (b'unused: {a: [1, 2], "b": &x c}', b"# comment", b"val: images")


def _yolo(folder: Path, data: bytes, *, name: str) -> Counter[str]:
    files = {"images/a.png": _PNG, "labels/a.txt": b"", "data.yaml": b"train: images\nnames: [cat, dog]\n", name: data}
    for each, content in files.items():
        (folder / each).parent.mkdir(exist_ok=True)
        (folder / each).write_bytes(content)
    return said(read_dataset(folder, "yolo", on_problem=_quiet))


# -- units -------------------------------------------------------------------------------------------------------------


def _json_line(unit: object) -> bytes:
    return json.dumps(unit).encode() + b"\n"


def _json_lines(units: Units) -> bytes:
    return b"".join(map(_json_line, units))


def _event(unit: object) -> bytes:
    return b"data: " + json.dumps(unit).encode() + b"\n\n"


def _events(units: Units) -> bytes:
    return b"".join(map(_event, units))


def _in_object(whole: dict[str, Any], key: str, units: Units) -> bytes:
    """A JSON object with the units in a list of it."""
    return json.dumps(whole | {key: list(units)}).encode()


def _in_database(units: Units) -> bytes:
    return json.dumps({"database": {f"{number}.mp4": unit for number, unit in enumerate(units)}}).encode()


def _csv(units: Units) -> bytes:
    return csv_text(units).encode("utf-8", "replace")


def _lines(units: Units) -> bytes:
    return b"".join(unit + b"\n" for unit in units)


def _in_xml(whole: str, units: Units) -> bytes:
    root = ET.fromstring(whole)  # noqa: S314 - our own
    root.extend(units)
    return ET.tostring(root, encoding="utf-8", xml_declaration=True)


def _mutated_bytes(rng: random.Random, unit: bytes) -> bytes:
    return mutated_bytes(rng, unit).replace(b"\n", b" ")


def _mutated_element(rng: random.Random, unit: ET.Element) -> ET.Element:
    """An element with one thing in it or below changed, so that the whole is XML still."""
    made = copy.deepcopy(unit)
    parent = rng.choice([each for each in made.iter() if isinstance(each.tag, str)])
    text = rng.choice([*(text for text in TEXTS if text.isprintable()), *NUMBERS, "\n"])
    names = list(parent.attrib)
    match rng.randrange(7):
        case 0 if names:
            parent.set(rng.choice(names), text)
        case 1 if names:
            del parent.attrib[rng.choice(names)]
        case 2 if len(parent):
            parent.remove(rng.choice(list(parent)))
        case 3 if len(parent):
            parent.append(copy.deepcopy(rng.choice(list(parent))))
        case 4:
            parent.insert(0, ET.Comment("a comment"))
        case 5 if parent is not made:
            parent.tag = rng.choice(("a", "box", "polygon", "object", "name", "points"))
        case _:
            parent.text = text
    return made


def _element(text: str) -> ET.Element:
    return ET.fromstring(text)  # noqa: S314 - our own


# -- the files ---------------------------------------------------------------------------------------------------------

_ANSWERS = (
    '<point_box mention="cat"> (10,20) (300,400) </point_box>',
    'Two: <collection mention="dog"> <point> (1,2) </point> <point> (3,4) </point> </collection>',
    '<polygon mention="ünï"> (0,0) (10,0) (10,10) </polygon> and <clip mention="jump"> 1.5 4 </clip>',
    "nothing here",
)
_RECORDED: list[dict[str, Any]] = [
    {"key": f"{n}.png", "text": text, "assets": [{"file_name": f"{n}.png", "width": 640, "height": 480}], "model": "m"}
    for n, text in enumerate(_ANSWERS)
]
_RECORDED += [
    {
        "id": f"c{n}",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}],
    }
    for n, text in enumerate(_ANSWERS)
]
_RECORDED += [
    {
        "custom_id": "b",
        "response": {"status_code": 200, "body": {"id": "d", "choices": _RECORDED[4]["choices"]}},
        "error": None,
    }
]
_STREAMED = [{"id": "s", "choices": [{"index": 0, "delta": {"content": word + " "}}]} for word in _ANSWERS[0].split()]
_STREAMED.append({"id": "s", "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
_COCO: dict[str, Any] = {
    "images": [{"id": n, "file_name": f"{n}.png", "width": 640, "height": 480} for n in range(3)],
    "categories": [{"id": 1, "name": "cat"}, {"id": 2, "name": "dog"}],
}
_ENTRIES: list[dict[str, Any]] = [
    {"id": n, "image_id": n % 3, "category_id": 1 + n % 2, "bbox": [n, n, 20.5, 30], "area": 615, "iscrowd": 0}
    for n in range(8)
]
_ENTRIES[2]["segmentation"] = [[0, 0, 10, 0, 10, 10], [20, 20, 30, 20, 30, 30.5]]
_ENTRIES[4] |= {"segmentation": {"size": [480, 640], "counts": [5, 10, 307185]}, "iscrowd": 1}
_ENTRIES[5]["keypoints"] = [1, 2, 2, 3, 4, 1]
_TYPES = {
    "rectangle": [[1, 2], [30, 40]],
    "polygon": [[0, 0], [9, 0], [9, 9]],
    "point": [[5, 5]],
    "circle": [[1, 1], [2, 2]],
}
_SHAPES = [
    {"label": "cat", "points": points, "shape_type": name, "group_id": None, "flags": {}}
    for name, points in _TYPES.items()
]
_LABELME = {
    "version": "5.0.0",
    "flags": {},
    "imagePath": "a.png",
    "imageWidth": 640,
    "imageHeight": 480,
    "imageData": None,
}
_BOX = {"x": 1, "y": 2, "width": 30, "height": 40, "rotation": 0, "rectanglelabels": ["cat"]}
_SIZED = {"original_width": 640, "original_height": 480, "from_name": "label", "to_name": "image"}
_TASKS = [
    {
        "id": n,
        "data": {"image": f"{n}.png"},
        "annotations": [{"result": [_SIZED | {"id": "r", "type": "rectanglelabels", "value": _BOX}]}],
    }
    for n in range(5)
]
_VIDEOS = [
    {"annotations": [{"segment": [1.5, 4 + n], "label": "jump", "score": 0.5}, {"segment": [3, 3], "label": "x"}]}
    for n in range(5)
]
_OBJECT = (
    "<object><name>cat</name><difficult>0</difficult><bndbox><xmin>{0}</xmin><ymin>2</ymin><xmax>30</xmax><ymax>40.5</ymax>"
    "</bndbox></object>"
)
_VOC = "<annotation><filename>a.png</filename><size><width>640</width><height>480</height></size></annotation>"
_IMAGE = (
    '<image id="{0}" name="{0}.png" width="640" height="480"><box label="cat" xtl="1" ytl="2" xbr="3.5" ybr="4"/>'
    '<polygon label="dog" points="0,0;10,0;10,10.5"/><points label="eye" points="1,2;3,4"><attribute name="a">b'
    "</attribute></points></image>"
)
_LABELS = "<labels><label><name>cat</name></label><label><name>dog</name></label></labels>"
_CVAT = f"<annotations><version>1.1</version><meta><task>{_LABELS}</task></meta></annotations>"
_TRACK = (
    '<track id="{0}" label="cat"><box frame="{0}" outside="0" keyframe="1" xtl="1" ytl="2" xbr="3" ybr="4"/>'
    '<box frame="9" outside="1" xtl="1" ytl="2" xbr="3" ybr="4"/></track>'
)
_TASK = (
    "<annotations><meta><task><original_size><width>640</width><height>480</height></original_size><source>a.mp4</source>"
    f"{_LABELS}</task><perceptron_annotations><fps>25</fps></perceptron_annotations></meta></annotations>"
)
_CELLS = [
    ["file_name", "width", "height", "label", "kind", "x1", "y1", "x2", "y2", "vertices", "score", "object"],
    ["a.png", "640", "480", "cat", "box", "1", "2", "3.5", "4", "", "0.5", "0"],
    ["b.png", "640", "480", "", "", "", "", "", "", "", "", ""],
    ["c,d.png", "640", "480", 'a "quoted" cat', "polygon", "0", "0", "9", "9", "0 0;9 0;9 9", "", "1"],
    ["a.png", "640", "480", "line\nend", "point", "5", "6", "", "", "", "", "2"],
    ["é.png", "64", "48", "'=1+1", "box", "1", "2", "3", "4", "", "1", "3"],
]
_HEADER = {"schema": "perceptron-annotations/dataset", "version": 1}


def _own_lines() -> list[Any]:
    """The lines of our own format, as it is written."""
    with tempfile.TemporaryDirectory() as folder:
        write_dataset(_example(), Path(folder) / "a.jsonl", "dataset-jsonl")
        return [json.loads(line) for line in (Path(folder) / "a.jsonl").read_text().split("\n") if line]


def _example() -> Dataset:
    builder = DatasetBuilder(["cat", "dog"])
    for number in range(5):
        asset = builder.add_asset(DatasetAsset(file_name=f"{number}.png", width=640, height=480))
        builder.add(asset, AnnotationKind.BOX, [[1, 2], [3.5, 4 + number]], "cat", score=0.5, source="s")
        builder.add(asset, AnnotationKind.POLYGON, [[0, 0], [9, 0], [9, 9]], "dog", t=1.5)
    return builder.build()


def _tables() -> list[Any]:
    """One table of Arrow, as our own format has it."""
    from pyarrow import parquet

    with tempfile.TemporaryDirectory() as folder:
        write_dataset_parquet(_example(), Path(folder) / "a.parquet")
        return [parquet.ParquetFile(Path(folder) / "a.parquet").read()]


def _parquet(units: Units) -> bytes:
    from pyarrow import parquet

    stream = io.BytesIO()
    if units:
        parquet.write_table(units[0], stream)
    return stream.getvalue()


def _mutated_table(rng: random.Random, table: Any) -> Any:
    """A table with one column removed, doubled, renamed, retyped, reordered or replaced by nulls or odd values."""
    import pyarrow as pa

    at = rng.randrange(table.num_columns)
    field = table.schema.field(at)
    values = table.column(at).to_pylist()
    some = rng.randrange(len(values))
    names = ["" if n == at else name for n, name in enumerate(table.column_names)]
    one_null = [None if n == some else value for n, value in enumerate(values)]
    odd = pa.array([rng.choice((None, "x", "", "cat"))] * len(values))
    return rng.choice(
        (
            lambda: table.remove_column(at),
            lambda: table.append_column(field, table.column(at)),
            lambda: table.rename_columns(names),
            lambda: table.set_column(at, field, pa.array(one_null, field.type)),
            lambda: table.set_column(at, field, pa.array(rng.sample(values, len(values)), field.type)),
            lambda: table.slice(some),
            lambda: table.replace_schema_metadata({"labels": rng.choice(TEXTS[:2]), "perceptron_annotations": b"\xff"}),
            lambda: table.set_column(at, field.name, odd),
        )
    )()


def _heads() -> list[bytes]:
    """Heads of every format, one after another: a unit is a whole file."""
    exif = b"Exif\0\0II*\0\x08\0\0\0\1\0\x12\1\3\0\1\0\0\0\6\0\0\0"
    segment = b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif
    tags = b"".join(struct.pack("<HHIHH", tag, 3, 1, value, 0) for tag, value in ((256, 640), (257, 480), (274, 6)))
    return [
        _PNG,
        b"\xff\xd8" + segment + b"\xff\xc0\0\x11\x08" + struct.pack(">HH", 480, 640) + b'\3\1"\0' * 3,
        b"GIF89a" + struct.pack("<HH", 640, 480) + b"\0\0\0",
        b"BM" + b"\0" * 12 + struct.pack("<Iii", 40, 640, 480) + b"\0" * 16,
        b"RIFF\x24\0\0\0WEBPVP8X\x0a\0\0\0" + b"\0" * 4 + b"\x7f\2\0\xdf\1\0",
        b"RIFF\x24\0\0\0WEBPVP8L\x0a\0\0\0\x2f" + (639 | 479 << 14).to_bytes(4, "little"),
        b"II*\0\x08\0\0\0" + struct.pack("<H", 3) + tags + b"\0\0\0\0",
    ]


def _one_head(units: Units) -> bytes:
    return units[-1] if units else b""


def _kinds() -> list[Kind]:
    coco = partial(_in_object, _COCO, "annotations")
    head = ["file_name", "width", "height"]
    sizes = [head, *([f"{n}.png", "640", "480"] for n in range(5))]
    synonyms = [["mention", "label"], ["kitten", "cat"], ["puppy", "dog"], ["a,b", "c"]]
    label_lines = [b"0 0.5 0.5 0.2 0.2", b"1 0.1 0.1 0.1 0.1 0.9", b"0 0 0 1 0 1 1", b"", b"1 0.5 0.5 1 1"]
    json_unit, cell_unit, xml_unit, byte_unit = mutated_value, mutated_cells, _mutated_element, _mutated_bytes
    objects, images, tracks = ([_element(each.format(n)) for n in range(5)] for each in (_OBJECT, _IMAGE, _TRACK))
    of = partial
    return [
        Kind("jsonl", _RECORDED, _json_lines, json_unit, of(_recordings, "a.jsonl"), is_lines=True),
        Kind("sse", _STREAMED, _events, json_unit, of(_recordings, "a.sse"), is_lines=True),
        Kind("coco", _ENTRIES, coco, json_unit, of(_dataset, "a.json", "coco")),
        Kind(
            "coco-head",
            [_COCO],
            lambda units: json.dumps(units[0] if units else {}).encode(),
            json_unit,
            of(_dataset, "b.json", "coco"),
            keeps=False,
        ),
        Kind("yolo", label_lines, _lines, byte_unit, of(_yolo, name="labels/a.txt"), is_lines=True),
        Kind("yolo-yaml", _YAML, _lines, byte_unit, of(_yolo, name="data.yaml"), keeps=False),
        Kind("voc", objects, of(_in_xml, _VOC), xml_unit, of(_dataset, "a.xml", "voc")),
        Kind("cvat", images, of(_in_xml, _CVAT), xml_unit, of(_dataset, "b.xml", "cvat")),
        Kind("cvat-video", tracks, of(_in_xml, _TASK), xml_unit, of(_dataset, "c.xml", "cvat-video")),
        Kind("labelme", _SHAPES, of(_in_object, _LABELME, "shapes"), json_unit, of(_dataset, "c.json", "labelme")),
        Kind(
            "label-studio",
            _TASKS,
            lambda units: json.dumps(list(units)).encode(),
            json_unit,
            of(_dataset, "d.json", "label-studio"),
        ),
        Kind("activitynet", _VIDEOS, _in_database, json_unit, of(_dataset, "e.json", "activitynet")),
        Kind("csv", _CELLS, _csv, cell_unit, of(_dataset, "a.csv", "csv"), is_lines=True),
        Kind("parquet", _tables(), _parquet, _mutated_table, of(_dataset, "a.parquet", "dataset-parquet"), keeps=False),
        Kind(
            "dataset-jsonl",
            _own_lines(),
            _json_lines,
            json_unit,
            of(_dataset, "b.jsonl", "dataset-jsonl"),
            is_lines=True,
        ),
        Kind("sizes", sizes, _csv, cell_unit, of(_list, "sizes.csv", read_sizes), keeps=False),
        Kind(
            "sizes-json",
            [{f"{n}.png": [640, 480] for n in range(5)}],
            lambda units: json.dumps(units[0] if units else {}).encode(),
            json_unit,
            of(_list, "sizes.json", read_sizes),
            keeps=False,
        ),
        Kind("label-map", synonyms, _csv, cell_unit, of(_list, "map.csv", read_label_map), keeps=False),
        Kind("images", _heads(), _one_head, byte_unit, _image, keeps=False),
    ]


#: All kinds of files, by name.
KINDS = {kind.name: kind for kind in _kinds()}
