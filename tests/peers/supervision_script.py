"""COCO, YOLO, VOC and LabelMe through ``supervision``, whose environment runs this: see ``test_peers``."""

import json
import sys
from pathlib import Path

from supervision import DetectionDataset


def contents(dataset):
    """The bounds on each picture."""
    return {
        Path(path).name: [
            [dataset.classes[label], *corners]
            for corners, label in zip(found.xyxy.tolist(), found.class_id.tolist(), strict=True)
        ]
        for path, _, found in dataset
    }


def yolo(name):
    """What the two kinds of YOLO share; only the folders of its ``data.yaml`` are the user's."""
    dataset = DetectionDataset.from_yolo(
        str(folder / name / "images" / "train"),
        str(folder / name / "labels" / "train"),
        str(folder / name / "data.yaml"),
    )
    data = back / name / "data.yaml"
    dataset.as_yolo(str(back / name / "images" / "train"), str(back / name / "labels" / "train"), str(data))
    data.write_text(data.read_text() + "train: images/train\n")
    return dataset


folder = Path(sys.argv[1])
back, pictures = folder / "back", str(folder / "pictures")
coco = DetectionDataset.from_coco(pictures, str(folder / "coco.json"))
coco.as_coco(annotations_path=str(back / "coco.json"))
voc = DetectionDataset.from_pascal_voc(pictures, str(folder / "voc" / "Annotations"))
voc.as_pascal_voc(annotations_directory_path=str(back / "voc" / "Annotations"))
labelme = DetectionDataset.from_labelme(pictures, str(folder / "labelme"))
labelme.as_labelme(annotations_directory_path=str(back / "labelme"))
found = {"coco": coco, "voc": voc, "labelme": labelme, "yolo": yolo("yolo"), "yolo-segment": yolo("yolo-segment")}
json.dump({name: contents(dataset) for name, dataset in found.items()}, sys.stdout)
