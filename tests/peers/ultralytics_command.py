"""``python -m tests.peers.ultralytics_command``: Ultralytics' own checks of the folders of YOLO that we write.

Ultralytics is under the AGPL and needs torch, so it is neither a dependency nor a part of the tests. This command
unpacks its wheel without its dependencies, runs its checks from another working directory, and throws all of it away.
The tests have its rules as assertions of our own.
"""

import json
import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from perceptron_annotations import AnnotationKind, write_dataset
from perceptron_annotations.datasets import DatasetAsset, DatasetBuilder, Skeleton
from tests.peers.environments import interpreter
from tests.peers.test_peers import PICTURES, png

VERSION = "8.4.190"
#: What its checks of data import.
NEEDED = ("opencv-python-headless==5.0.0.93", "pillow", "pyyaml", "typing_extensions", "requests")
POSE = Skeleton(names=("head", "left", "right"), flip=(0, 2, 1))


def main():
    """Print what Ultralytics found, or stop with what it refuses."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        written = list(write_folders(folder / "written"))
        script = Path(__file__).with_name("ultralytics_script.py")
        command = [interpreter(*NEEDED), "-I", script, unpacked(folder), *written]
        settings = os.environ | {"YOLO_CONFIG_DIR": str(folder)}
        (folder / "Ultralytics").mkdir()
        (folder / "Ultralytics" / "Arial.ttf").touch()  # or it would download the font
        done = subprocess.run(command, cwd=folder, env=settings, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(done.stderr)
    for name, found in json.loads(done.stdout.splitlines()[-1]).items():
        sys.stdout.write(f"{name}: {found['images']} images, {found['objects']} objects, {', '.join(found['names'])}\n")


def unpacked(folder):
    """The folder of the unpacked wheel."""
    download = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:"]
    subprocess.run([*download, "--dest", folder, f"ultralytics=={VERSION}"], check=True)
    with zipfile.ZipFile(next(folder.glob("ultralytics-*.whl"))) as wheel:
        wheel.extractall(folder / "ultralytics")
    return folder / "ultralytics"


def write_folders(folder):
    """Folders of each kind of YOLO, with and without splits, with their images; yields their paths."""
    for name, dataset in (("yolo", shapes(boxes=True)), ("yolo-segment", shapes(boxes=False)), ("yolo-pose", poses())):
        for splits in (None, {"train": 0.5, "val": 0.5}):
            path = folder / (f"{name}-split" if splits else name)
            path.parent.mkdir(exist_ok=True)
            write_dataset(dataset, path, name, splits=splits)
            for label in path.glob("labels/**/*.txt"):
                image = path / "images" / label.relative_to(path / "labels").with_suffix(".png")
                image.parent.mkdir(parents=True, exist_ok=True)
                width, height, _ = PICTURES[image.name]
                image.write_bytes(png(width, height))
            yield path


def shapes(*, boxes):
    """The shapes of the tests: boxes, or polygons."""
    builder = DatasetBuilder()
    for name, (width, height, found) in PICTURES.items():
        asset = builder.add_asset(DatasetAsset(file_name=name, width=width, height=height))
        for label, *corners in found:
            if boxes and len(corners) == 4:
                builder.add(asset, AnnotationKind.BOX, [corners[:2], corners[2:]], label)
            elif not boxes and len(corners) > 4:
                ring = list(zip(corners[::2], corners[1::2], strict=True))
                builder.add(asset, AnnotationKind.POLYGON, ring, label)
    return builder.build()


def poses():
    """A person with a keypoint that is not visible and one that is missing."""
    builder = DatasetBuilder()
    builder.add_label("person", POSE)
    for name, (width, height, _) in PICTURES.items():
        asset = builder.add_asset(DatasetAsset(file_name=name, width=width, height=height))
        keypoints = [[5, 5, 2], [9, 8, 1], [0, 0, 0]]
        builder.add(asset, AnnotationKind.BOX, [[2, 3], [20, 30]], "person", keypoints=keypoints)
    return builder.build()


if __name__ == "__main__":
    main()
