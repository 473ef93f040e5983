"""LabelMe's own files through ``labelme``, whose environment runs this: see ``test_peers``."""

import json
import sys
from pathlib import Path

from labelme._label_file import read_label_file, write_label_file


def corners_of(shape):
    """All corners, of a rectangle its first two."""
    return [number for point in shape["points"] for number in point]


folder = Path(sys.argv[1])
back = folder / "back" / "labelme"
back.mkdir(parents=True)
found = {}
for path in sorted((folder / "labelme").glob("*.json")):
    # It looks for the image beside the file, and compares its size.
    (folder / "pictures" / f"{path.stem}.json").write_bytes(path.read_bytes())
    sheet = read_label_file(str(folder / "pictures" / f"{path.stem}.json"))
    size = json.loads(path.read_text(encoding="utf-8"))
    found[sheet.image_path] = [[shape["label"], *corners_of(shape)] for shape in sheet.shapes]
    write_label_file(
        str(back / path.name),
        shapes=[{name: value for name, value in shape.items() if name != "other_data"} for shape in sheet.shapes],
        image_path=sheet.image_path,
        image_height=size["imageHeight"],
        image_width=size["imageWidth"],
        flags=sheet.flags,
    )
json.dump({"labelme": found}, sys.stdout)
