"""``python -m tests.peers.ultralytics_command``: Ultralytics' own checks of the folders of YOLO that we write.

Ultralytics is under the AGPL and needs torch, so it is neither a dependency nor a part of the tests. This command unpacks
its wheel without its dependencies, runs its checks from another working directory, and throws all of it away. The
tests have its rules as assertions of our own.
"""

import json
import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from perceptron_annotations import AnnotationKind, write_dataset
from perceptron_annotations.datasets import DatasetAsset, DatasetBuilder, Skeleton, split_dataset
from tests.peers.environments import interpreter
from tests.peers.test_peers import PICTURES, png

VERSION = "8.4.190"
#: What its checks of data import.
NEEDED = ("opencv-python-headless==4.13.0.90", "pillow", "pyyaml", "typing_extensions", "requests")
POSE = Skeleton(names=("head", "left", "right"), flip=(0, 2, 1))


def main():
    """Print what Ultralytics found, or stop with what it refuses."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        written = write_folders(folder / "written")
        command = [interpreter(*NEEDED), "-I", Path(__file__).with_name("ultralytics_script.py"), unpacked(folder), *written]
        settings = os.environ | {"YOLO_CONFIG_DIR": str(folder)}
        done = subprocess.run(command, cwd=folder, env=settings, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(done.stderr)
    for name, found in json.loads(done.stdout.splitlines()[-1]).items():
        print(f"{name}: {found['images']} images, {found['objects']} objects, {', '.join(found['names'])}")


def unpacked(folder):
    """The folder of the unpacked wheel."""
    download = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:"]
    subprocess.run([*download, "--dest", folder, f"ultralytics=={VERSION}"], check=True)
    with zipfile.ZipFile(next(folder.glob("ultralytics-*.whl"))) as wheel:
        wheel.extractall(folder / "ultralytics")
    return folder / "ultralytics"


def write_folders(folder):
    """Folders of each kind of YOLO, with and without splits, with their images; yields their paths."""
    for name, dataset in (("yolo", shapes()), ("yolo-segment", shapes()), ("yolo-pose", poses())):
        for shares in (None, {"train": 0.5, "val": 0.5}):
            path = folder / (f"{name}-split" if shares else name)
            path.parent.mkdir(exist_ok=True)
            write_dataset(split_dataset(dataset, shares) if shares else dataset, path, name)
            for label in path.glob("labels/**/*.txt"):
                image = path / "images" / label.relative_to(path / "labels").with_suffix(".png")
                image.parent.mkdir(parents=True, exist_ok=True)
                width, height, _ = PICTURES.get(image.name, (64, 48, None))
                image.write_bytes(png(width, height))
            yield path
