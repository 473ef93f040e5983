"""Folders of YOLO through Ultralytics' own checks: see ``ultralytics_command``.

Arguments: the folder of its unpacked wheel, then the folders to check. Its dependencies are not installed: what only
training needs is replaced by stubs, so that the checks of data run as they are.
"""

import json
import sys
from importlib import metadata
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

STUBBED = {"torch", "torchvision", "matplotlib", "psutil", "scipy", "polars", "ultralytics_thop", "thop", "requests"}


class Stub(ModuleType):
    """A module whose every attribute is there: classes by capital names, and else more of the same."""

    __version__ = "2.8.0"
    __path__ = ()

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        if name[0].isupper():
            return type(name, (Warning,) if name.endswith("Warning") else (), {})
        return Stub(f"{self.__name__}.{name}")

    def __call__(self, *arguments, **options):
        """Decorators leave what they decorate as it is."""
        return arguments[0] if len(arguments) == 1 and callable(arguments[0]) else self


class Stubs(MetaPathFinder, Loader):
    """Finds a stub for every module of the packages in ``STUBBED``."""

    def find_spec(self, name, path=None, target=None):
        return ModuleSpec(name, self, is_package=True) if name.partition(".")[0] in STUBBED else None

    def create_module(self, spec):
        return Stub(spec.name)

    def exec_module(self, module):
        """There is nothing to run."""


version_of = metadata.version
metadata.version = lambda name: "1.0" if name in STUBBED else version_of(name)
sys.meta_path.insert(0, Stubs())
sys.path.insert(0, sys.argv[1])

from ultralytics.data.utils import check_det_dataset, img2label_paths, verify_image_label  # noqa: E402

found = {}
for folder in map(Path, sys.argv[2:]):
    data = check_det_dataset(str(folder / "data.yaml"), autodownload=False)
    points, numbers = data.get("kpt_shape", (0, 0))
    images = sorted(str(path) for split in {data["train"], data["val"]} for path in Path(split).rglob("*.png"))
    count = 0
    for image, label in zip(images, img2label_paths(images), strict=True):
        checked = verify_image_label((image, label, "", bool(points), len(data["names"]), points, numbers, False))
        *_, corrupt, message = checked
        if corrupt or message:
            sys.exit(f"{folder.name}: {message}")
        count += len(checked[1])
    found[folder.name] = {"images": len(images), "objects": count, "names": list(data["names"].values())}
json.dump(found, sys.stdout)
