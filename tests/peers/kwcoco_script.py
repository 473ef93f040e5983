"""COCO through ``kwcoco``, whose environment runs this: see ``test_peers``. Its validator has to find no error."""

import json
import sys
from pathlib import Path

import kwcoco


def contents(dataset):
    """The annotations of each image, with all corners where there is a polygon."""
    found = {image["file_name"]: [] for image in dataset.dataset["images"]}
    for each in dataset.dataset["annotations"]:
        left, top, width, height = each["bbox"]
        rings = each["segmentation"]
        corners = rings[0] if rings else [left, top, left + width, top + height]
        found[dataset.imgs[each["image_id"]]["file_name"]].append([dataset.cats[each["category_id"]]["name"], *corners])
    return found


folder = Path(sys.argv[1])
back = folder / "back"
back.mkdir()
dataset = kwcoco.CocoDataset(str(folder / "coco.json"))
errors = dataset.validate(missing=False, verbose=0)["errors"]
if errors:
    sys.exit(f"kwcoco refuses: {errors}")
dataset.dump(str(back / "coco.json"))
json.dump({"coco": contents(dataset)}, sys.stdout)
