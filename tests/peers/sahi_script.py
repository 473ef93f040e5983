"""COCO through ``sahi``, whose environment runs this: see ``test_peers``. It writes COCO."""

import contextlib
import json
import sys
from pathlib import Path

from sahi.utils.coco import Coco
from sahi.utils.file import save_json

folder = Path(sys.argv[1])
back = folder / "back"
back.mkdir()
with contextlib.redirect_stdout(sys.stderr):
    dataset = Coco.from_coco_dict_or_path(str(folder / "coco.json"), image_dir=str(folder / "pictures"))
    save_json(dataset.json, str(back / "coco.json"))
found = {}
for image in dataset.images:
    found[image.file_name] = shapes = []
    for each in image.annotations:
        left, top, width, height = each.bbox
        corners = each.segmentation[0] if each.segmentation else [left, top, left + width, top + height]
        shapes.append([each.category_name, *map(float, corners)])
json.dump({"coco": found}, sys.stdout)
