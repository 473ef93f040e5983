"""COCO, YOLO, VOC and CVAT through ``labelformat``, whose environment runs this: see ``test_peers``."""

import json
import shutil
import sys
from pathlib import Path

from labelformat import formats


def contents(labels):
    """The boxes on each picture, and all corners of polygons."""
    return {each.image.filename: [[shape.category.name, *corners(shape)] for shape in each.objects] for each in labels}


def corners(shape):
    """Of a box two, of a ring all."""
    if hasattr(shape, "box"):
        return [shape.box.xmin, shape.box.ymin, shape.box.xmax, shape.box.ymax]
    (ring,) = shape.segmentation.polygons
    return [number for point in ring for number in point]


folder = Path(sys.argv[1])
back = folder / "back"
names = ",".join(each["name"] for each in json.loads((folder / "coco.json").read_text())["categories"])
found = {
    "coco": formats.COCOObjectDetectionInput(folder / "coco.json"),
    "yolo": formats.YOLOv8ObjectDetectionInput(folder / "yolo" / "data.yaml", "train"),
    "yolo-segment": formats.YOLOv8InstanceSegmentationInput(folder / "yolo-segment" / "data.yaml", "train"),
    "voc": formats.PascalVOCObjectDetectionInput(folder / "voc" / "Annotations", names),
    "cvat": formats.CVATObjectDetectionInput(folder / "cvat.xml"),
}
outputs = {
    "coco": formats.COCOObjectDetectionOutput(back / "coco.json"),
    "yolo": formats.YOLOv8ObjectDetectionOutput(back / "yolo" / "data.yaml", "train"),
    "yolo-segment": formats.YOLOv8InstanceSegmentationOutput(back / "yolo-segment" / "data.yaml", "train"),
    "voc": formats.PascalVOCObjectDetectionOutput(back / "voc"),
    "cvat": formats.CVATObjectDetectionOutput(back / "cvat"),
}
for name, output in outputs.items():
    output.save(found[name])
for name in ("yolo", "yolo-segment"):
    shutil.copytree(folder / "pictures", back / name / "images")
(back / "cvat" / "annotations.xml").rename(back / "cvat.xml")
json.dump({name: contents(each.get_labels()) for name, each in found.items()}, sys.stdout)
