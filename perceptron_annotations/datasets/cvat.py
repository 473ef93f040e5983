"""CVAT for images 1.1: one XML file of boxes, polygons and points for all pictures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from lxml import etree
from numpy.typing import NDArray

from ..files import write_whole
from ..table.table import Kind
from .dataset import Dataset, DatasetAsset, DatasetBuilder
from .reports import Loss, LossReport, Problem, Tally
from .shapes import Selecting, Shape, vocabulary
from .xml_files import element, is_xml_text, read_xml, to_bytes

_TAGS = {Kind.POINT: "points", Kind.BOX: "box", Kind.POLYGON: "polygon"}
_EDGES = ("xtl", "ytl", "xbr", "ybr")


def write_cvat(dataset: Dataset, path: str | Path) -> LossReport:
    """Write CVAT for images 1.1. Numbers have all their digits; the rings of one object become one shape each."""
    selecting = Selecting(dataset, tuple(_TAGS))
    root = etree.Element("annotations")
    element(root, "version", "1.1")
    labels = element(element(element(root, "meta"), "task"), "labels")
    for name in vocabulary(dataset):
        element(element(labels, "label"), "name", name)
    for number, sheet in enumerate(selecting.sheets()):
        name = sheet.asset.file_name
        if not is_xml_text(name):
            selecting.tally.add(Loss.NAME, name)
        image = element(root, "image", id=number, name=name, width=_number(sheet.width), height=_number(sheet.height))
        for shape in sheet.shapes:
            if not is_xml_text(shape.label):
                selecting.lose(Loss.LABEL, shape.row)
            element(image, _TAGS[shape.kind], label=shape.label, source="auto", occluded=0, **_places(shape), z_order=0)
    with write_whole(path) as stream:
        stream.write(to_bytes(root))
    return selecting.report(len(vocabulary(dataset)))


def _places(shape: Shape) -> dict[str, str]:
    if shape.kind is Kind.BOX:
        return dict(zip(_EDGES, map(repr, shape.xyxy), strict=True))
    return {"points": ";".join(f"{x!r},{y!r}" for x, y in shape.coords.tolist())}


def _number(value: float) -> str:
    return str(int(value)) if float(value).is_integer() else repr(value)


def read_cvat(path: str | Path, *, problems: Tally | None = None) -> Dataset:
    """Read CVAT for images 1.1.

    Lines, masks, cuboids and turned shapes are not held: they are counted. Several points of one element are points of
    one object. Raises ``FileError`` where the file is no XML of this kind.
    """
    tally = Tally() if problems is None else problems
    root = read_xml(Path(path), root="annotations")
    names = [name.text for name in root.iterfind("meta//labels/label/name") if name.text]
    builder = DatasetBuilder(names)
    seen: set[str] = set()
    for image in root.iterfind("image"):
        name = image.get("name") or ""
        if not name or name in seen:
            tally.add(Problem.DUPLICATE if name else Problem.MALFORMED, f"image {name or image.get('id')}")
            continue
        seen.add(name)
        width, height = _float(image.get("width")), _float(image.get("height"))
        if not (width and height):
            tally.add(Problem.NO_SIZE, name)
            width = height = None
        asset = builder.add_asset(DatasetAsset(file_name=name, width=width, height=height, source_id=image.get("id")))
        for place, shape in enumerate(image.iterchildren(tag=etree.Element)):
            _add(builder, asset, shape, tally, f"{name}: shape {place}")
    return builder.build()


_KINDS = {tag: kind for kind, tag in _TAGS.items()}


def _add(builder: DatasetBuilder, asset: int, shape: Any, tally: Tally, where: str) -> None:
    kind = _KINDS.get(shape.tag)
    if kind is None or _float(shape.get("rotation")):
        tally.add(Problem.NOT_HELD, f"{where}: {shape.tag if kind is None else 'turned'}")
        return
    coords = _coords(shape, kind)
    if coords is None:
        tally.add(Problem.MALFORMED, where)
        return
    number = builder.new_object()
    for part in coords[:, None] if kind is Kind.POINT else [coords]:
        builder.add(asset, kind, part, shape.get("label") or None, object=number)


def _coords(shape: Any, kind: Kind) -> NDArray[np.float64] | None:
    """The pairs of a shape, or None where they are malformed."""
    if kind is Kind.BOX:
        edges = [_float(shape.get(edge)) for edge in _EDGES]
        return None if None in edges else np.array(edges, dtype=np.float64).reshape(2, 2)
    try:
        pairs = [[float(number) for number in pair.split(",")] for pair in (shape.get("points") or "").split(";")]
        found = np.array(pairs, dtype=np.float64)
    except ValueError:
        return None
    good = found.ndim == 2 and found.shape[1] == 2 and np.isfinite(found).all()  # noqa: PLR2004
    return found if good and len(found) >= (3 if kind is Kind.POLYGON else 1) else None


def _float(text: str | None) -> float | None:
    try:
        number = float(text or "")
    except ValueError:
        return None
    return number if np.isfinite(number) else None
