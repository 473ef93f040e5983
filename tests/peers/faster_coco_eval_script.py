"""COCO and its results through ``faster-coco-eval``, whose environment runs this: see ``test_peers``."""

import json
import sys
from pathlib import Path

from faster_coco_eval import COCO


def contents(coco, *, is_results=False):
    """The annotations of each picture, with all corners where there is a polygon; of results the boxes only."""
    found = {image["file_name"]: [] for image in coco.loadImgs(coco.getImgIds())}
    for each in coco.loadAnns(coco.getAnnIds()):
        left, top, width, height = each["bbox"]
        rings = [] if is_results else each["segmentation"]
        corners = rings[0] if rings else [left, top, left + width, top + height]
        found[coco.imgs[each["image_id"]]["file_name"]].append([coco.cats[each["category_id"]]["name"], *corners])
    return found


folder = Path(sys.argv[1])
truth = COCO(folder / "coco.json")
results = truth.loadRes(str(folder / "results.json"))
(folder / "back").mkdir()
truth.dump(folder / "back" / "coco.json")
json.dump({"coco": contents(truth), "results": contents(results, is_results=True)}, sys.stdout)
