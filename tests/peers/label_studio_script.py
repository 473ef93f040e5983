"""Tasks through Label Studio's SDK, whose environment runs this: see ``test_peers``.

Its converter makes COCO, YOLO and VOC of annotated tasks, and tasks of COCO.
"""

import contextlib
import json
import os
import shutil
import sys
from pathlib import Path
from xml.sax.saxutils import quoteattr

from label_studio_sdk.converter import Converter
from label_studio_sdk.converter.imports.coco import convert_coco_to_ls
from label_studio_sdk.label_interface import LabelInterface


def contents(coco):
    """The annotations of each picture, with all corners where there is a polygon."""
    images = {each["id"]: each["file_name"] for each in coco["images"]}
    labels = {each["id"]: each["name"] for each in coco["categories"]}
    found = {name: [] for name in images.values()}
    for each in coco["annotations"]:
        left, top, width, height = each["bbox"]
        corners = each["segmentation"][0] if each["segmentation"] else [left, top, left + width, top + height]
        found[images[each["image_id"]]].append([labels[each["category_id"]], *corners])
    return found


folder = Path(sys.argv[1])
back = folder / "back"
names = [each["name"] for each in json.loads((folder / "coco.json").read_text())["categories"]]
labels = "".join(f"<Label value={quoteattr(name)}/>" for name in names)
# One name for several kinds of shapes needs labels of their own beside the tools that draw.
config = f"""<View>
    <Image name="image" value="$image"/><Labels name="label" toName="image">{labels}</Labels>
    <Rectangle name="rectangle" toName="image"/><Polygon name="polygon" toName="image"/>
</View>"""
interface = LabelInterface(config)
interface.validate()
errors = []
for task in json.loads((folder / "predictions.json").read_text()):
    errors += interface.validate_prediction(task["predictions"][0], return_errors=True)
tasks = json.loads((folder / "label-studio.json").read_text())
errors += [task for task in tasks if not interface.validate_annotation(task["annotations"][0])]
if errors:
    sys.exit(f"Label Studio refuses: {errors}")

# The server numbers tasks when they are imported.
exported = folder / "exported.json"
exported.write_text(json.dumps([task | {"id": number} for number, task in enumerate(tasks, start=1)]))
for name in ("COCO", "YOLO", "VOC"):
    # Pictures are looked for where it writes, and by the names in the tasks.
    target = Path(shutil.copytree(folder / "pictures", back / name.lower()))
    os.chdir(target)
    Converter(config, str(folder), download_resources=False).convert(str(exported), str(target), name, is_dir=False)
(back / "coco" / "result.json").rename(back / "coco.json")
# It writes no data.yaml.
classes = (back / "yolo" / "classes.txt").read_text().splitlines()
shutil.copytree(folder / "pictures", back / "yolo" / "images", dirs_exist_ok=True)
(back / "yolo" / "data.yaml").write_text(json.dumps({"train": "images", "names": classes}))
with contextlib.redirect_stdout(sys.stderr):
    convert_coco_to_ls(str(folder / "coco.json"), str(back / "label-studio.json"))
json.dump({"label-studio": contents(json.loads((back / "coco.json").read_text()))}, sys.stdout)
