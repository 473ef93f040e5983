"""COCO, VOC and CVAT through ``datumaro``, whose environment runs this: see ``test_peers``."""

import json
import shutil
import sys
from pathlib import Path

from datumaro import AnnotationType, Dataset


def contents(dataset):
    """The shapes of each image, with all corners of polygons."""
    labels = dataset.categories()[AnnotationType.label]
    return {
        f"{item.id}.png": [[labels[each.label].name, *map(float, each.points)] for each in item.annotations]
        for item in dataset
    }


folder = Path(sys.argv[1])
back = folder / "back"
# Folders as it looks for them: its names of the split and of the file belong together.
coco = folder / "datumaro-coco"
(coco / "annotations").mkdir(parents=True)
shutil.copy(folder / "coco.json", coco / "annotations" / "instances_train.json")
shutil.copytree(folder / "pictures", coco / "images" / "train")
cvat = folder / "datumaro-cvat"
shutil.copytree(folder / "pictures", cvat / "images")
shutil.copy(folder / "cvat.xml", cvat / "train.xml")
found = {"coco": Dataset.import_from(str(coco), "coco"), "cvat": Dataset.import_from(str(cvat), "cvat")}
for name, exported in (("coco", "coco_instances"), ("cvat", "cvat"), ("voc", "voc_detection")):
    found["coco"].export(str(folder / "exported" / name), exported, save_media=True)
back.mkdir()
(folder / "exported" / "coco" / "annotations" / "instances_train.json").rename(back / "coco.json")
(folder / "exported" / "cvat" / "train.xml").rename(back / "cvat.xml")
(folder / "exported" / "voc").rename(back / "voc")
json.dump({name: contents(dataset) for name, dataset in found.items()}, sys.stdout)
