"""Every kind of file that is read: its units, how they become a file and are mutated, and what a reading says."""

from __future__ import annotations

import io
import json
import random
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from perceptron_annotations import Dataset, read_dataset, read_recordings
from perceptron_annotations.csv_lines import csv_text
from perceptron_annotations.datasets import (
    read_label_map,
    read_sizes,
    sizes_in,
)

from . import file_samples as samples
from .file_mutations import mutated_cells, mutated_element, mutated_line, mutated_table, mutated_value

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


def _yolo(folder: Path, data: bytes, *, name: str) -> Counter[str]:
    files = {
        "images/a.png": samples.PNG,
        "labels/a.txt": b"",
        "data.yaml": b"train: images\nnames: [cat, dog]\n",
        name: data,
    }
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


def _in_list(units: Units) -> bytes:
    return json.dumps(list(units)).encode()


def _one_object(units: Units) -> bytes:
    return json.dumps(units[0] if units else {}).encode()


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


def _element(text: str) -> ET.Element:
    return ET.fromstring(text)  # noqa: S314 - our own


# -- the files ---------------------------------------------------------------------------------------------------------


def _parquet(units: Units) -> bytes:
    from pyarrow import parquet

    stream = io.BytesIO()
    if units:
        parquet.write_table(units[0], stream)
    return stream.getvalue()


def _one_head(units: Units) -> bytes:
    return units[-1] if units else b""


def _kinds() -> list[Kind]:
    return [*_answers(), *_json_datasets(), *_xml_datasets(), *_other_datasets(), *_beside_datasets()]


def _answers() -> list[Kind]:
    return [
        Kind("jsonl", samples.RECORDED, _json_lines, mutated_value, partial(_recordings, "a.jsonl"), is_lines=True),
        Kind("sse", samples.STREAMED, _events, mutated_value, partial(_recordings, "a.sse"), is_lines=True),
    ]


def _json_datasets() -> list[Kind]:
    entries, shapes = partial(_in_object, samples.COCO, "annotations"), partial(_in_object, samples.LABELME, "shapes")
    files: list[tuple[str, str, Units, Callable[[Units], bytes]]] = [
        ("coco", "a.json", samples.COCO_ENTRIES, entries),
        ("labelme", "c.json", samples.LABELME_SHAPES, shapes),
        ("label-studio", "d.json", samples.LABEL_STUDIO_TASKS, _in_list),
        ("activitynet", "e.json", samples.ACTIVITYNET_VIDEOS, _in_database),
    ]
    head = Kind(
        "coco-head", [samples.COCO], _one_object, mutated_value, partial(_dataset, "b.json", "coco"), keeps=False
    )
    return [
        *(
            Kind(name, units, render, mutated_value, partial(_dataset, file, name))
            for name, file, units, render in files
        ),
        head,
        Kind(
            "dataset-jsonl",
            samples.own_lines(),
            _json_lines,
            mutated_value,
            partial(_dataset, "b.jsonl", "dataset-jsonl"),
            is_lines=True,
        ),
    ]


def _xml_datasets() -> list[Kind]:
    files = [
        ("voc", "a.xml", samples.VOC, samples.VOC_OBJECT),
        ("cvat", "b.xml", samples.CVAT, samples.CVAT_IMAGE),
        ("cvat-video", "c.xml", samples.CVAT_VIDEO, samples.CVAT_TRACK),
    ]
    return [
        Kind(
            name,
            [_element(unit.format(number)) for number in range(5)],
            partial(_in_xml, whole),
            mutated_element,
            partial(_dataset, file, name),
        )
        for name, file, whole, unit in files
    ]


def _other_datasets() -> list[Kind]:
    lines, yaml = partial(_yolo, name="labels/a.txt"), partial(_yolo, name="data.yaml")
    table = partial(_dataset, "a.parquet", "dataset-parquet")
    return [
        Kind("yolo", samples.YOLO_LINES, _lines, mutated_line, lines, is_lines=True),
        Kind("yolo-yaml", samples.YAML, _lines, mutated_line, yaml, keeps=False),
        Kind("csv", samples.CELLS, _csv, mutated_cells, partial(_dataset, "a.csv", "csv"), is_lines=True),
        Kind("parquet", samples.arrow_tables(), _parquet, mutated_table, table, keeps=False),
    ]


def _beside_datasets() -> list[Kind]:
    """What is given beside a dataset: sizes, maps of labels, images."""
    sizes, label_map = partial(_list, "sizes.csv", read_sizes), partial(_list, "map.csv", read_label_map)
    sizes_json = partial(_list, "sizes.json", read_sizes)
    return [
        Kind("sizes", samples.SIZES, _csv, mutated_cells, sizes, keeps=False),
        Kind("sizes-json", samples.SIZES_JSON, _one_object, mutated_value, sizes_json, keeps=False),
        Kind("label-map", samples.SYNONYMS, _csv, mutated_cells, label_map, keeps=False),
        Kind("images", samples.image_heads(), _one_head, mutated_line, _image, keeps=False),
    ]


#: All kinds of files, by name.
KINDS = {kind.name: kind for kind in _kinds()}
