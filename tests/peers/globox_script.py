"""COCO, YOLO, VOC, CVAT and LabelMe through ``globox``, whose environment runs this: see ``test_peers``."""

import json
import shutil
import sys
from pathlib import Path

from globox import AnnotationSet


def contents(annotations):
    """The bounds on each picture."""
    return {each.image_id: [[box.label, *box.ltrb] for box in each.boxes] for each in annotations}


folder = Path(sys.argv[1])
back = folder / "back"
names = [each["name"] for each in json.loads((folder / "coco.json").read_text())["categories"]]
codes = {str(code): name for code, name in enumerate(names)}
pictures = folder / "pictures"
found = {
    "coco": AnnotationSet.from_coco(folder / "coco.json"),
    "yolo": AnnotationSet.from_yolo_darknet(
        folder / "yolo" / "labels" / "train", image_folder=pictures, image_extension=".png"
    ).map_labels(codes),
    "yolo-segment": AnnotationSet.from_yolo_seg(
        folder / "yolo-segment" / "labels" / "train", image_folder=pictures, relative=True
    ).map_labels(codes),
    "voc": AnnotationSet.from_pascal_voc(folder / "voc" / "Annotations"),
    "cvat": AnnotationSet.from_cvat(folder / "cvat.xml"),
    "labelme": AnnotationSet.from_labelme(folder / "labelme", include_poly=True),
}
shutil.copytree(pictures, back / "yolo" / "images")
found["coco"].save_coco(back / "coco.json")
found["yolo"].save_yolo_darknet(back / "yolo" / "labels", label_to_id={name: int(code) for code, name in codes.items()})
# It writes no data.yaml.
(back / "yolo" / "data.yaml").write_text(json.dumps({"train": "images", "names": names}))
found["voc"].save_pascal_voc(back / "voc")
found["cvat"].save_cvat(back / "cvat.xml")
found["labelme"].save_labelme(back / "labelme")
json.dump({name: contents(annotations) for name, annotations in found.items()}, sys.stdout)
