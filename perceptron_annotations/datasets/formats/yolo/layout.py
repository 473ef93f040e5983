"""Where the images and the label files of a YOLO folder are, and what its classes are called.

Tools agree on the label files and on little else. Ultralytics and Roboflow have a ``data.yaml``, whose splits are
folders, lists of images, or several of both; Label Studio and LabelImg have a ``classes.txt``; CVAT and darknet have
``obj.data``. Paths are often those of another machine, or lead upwards: then the end of a path that is in the folder
counts, and nothing outside the folder is ever read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from os.path import commonpath
from pathlib import Path, PureWindowsPath
from typing import NamedTuple

from ....errors import FileError
from ....problems import ProblemCode
from ...media_suffixes import IMAGE_SUFFIXES
from ...paths import inside
from .._reading import Reading
from .._yaml import Value, read_yaml, whole

SPLITS = ("train", "val", "test")
#: The key of this package, which others ignore: under ``stand_ins``, the splits that have no images of their own, and
#: are there only because Ultralytics asks for them.
OWN = "perceptron_annotations"
#: Keys of ``data.yaml`` that name no split.
NOT_SPLITS = frozenset(
    {"path", "names", "nc", "kpt_shape", "kpt_names", "flip_idx", "channels", "download", "roboflow", OWN}
)
#: Those of them that say nothing of the labels.
_UNREAD = frozenset({"channels", "download", "roboflow"})
#: Files with the name of a class on each line.
_CLASSES = ("classes.txt", "obj.names", "_darknet.labels")
#: What may be beside label files without being one.
_NOT_LABELS = ("classes.txt", "notes.txt", "train.txt", "val.txt", "valid.txt", "test.txt", "readme")
_YAML = (".yaml", ".yml")


class LabelledImage(NamedTuple):
    """An image and its label file. One of them may be missing."""

    #: Its path below the folder that holds the images of all splits; without a suffix if there is no image.
    name: str
    split: str | None
    image: Path | None
    labels: Path | None


class Layout(NamedTuple):
    """What is in a folder."""

    #: The label of each class.
    labels: dict[int, str]
    #: What ``data.yaml`` says; empty without one.
    data: dict[str, Value]
    images: list[LabelledImage]


def yaml_of(folder: Path) -> Path | None:
    """The file that describes a YOLO folder: ``data.yaml``, else the only YAML file there; None if there is none."""
    if (folder / "data.yaml").exists():
        return folder / "data.yaml"
    found = [path for path in folder.glob("*.y*ml") if path.suffix.lower() in _YAML and path.is_file()]
    return found[0] if len(found) == 1 else None


def classes_of(folder: Path) -> Path | None:
    """The file of class names of a YOLO folder without ``data.yaml``; None if there is none."""
    for pattern in ("{}", "labels/{}", "*/{}", "labels/*/{}"):
        for name in _CLASSES:
            found = next((path for path in sorted(folder.glob(pattern.format(name))) if path.is_file()), None)
            if found is not None:
                return found
    return None


def is_yolo_without_yaml(folder: Path) -> bool:
    """Whether a folder without ``data.yaml`` has the names of classes, and label files."""
    found = (each for each in folder.rglob("*.txt") if not each.name.lower().startswith(_NOT_LABELS))
    return classes_of(folder) is not None and next(found, None) is not None


def read_layout(source: Reading) -> Layout:
    """What is in the folder that is read, or in that of its ``data.yaml``. Raises ``FileError`` if it is not YOLO's."""
    path = source.path
    file = path if path.suffix.lower() in _YAML else yaml_of(path)
    if file is not None:
        return _of_yaml(source, file)
    classes = classes_of(path)
    if classes is None:
        raise FileError(
            f"cannot read {path}: it has neither a data.yaml nor a classes.txt with the names of the classes"
        )
    lines = source.data(classes).decode("utf-8", "replace").splitlines()
    names = dict(enumerate(line.strip() for line in lines if line.strip()))
    search = _Search(source, path)
    return Layout(names, {}, search.images(_unnamed_parts(search, path)))


def _unnamed_parts(search: _Search, path: Path) -> dict[str | None, list[Path]]:
    """The splits of a folder in which no ``data.yaml`` names them: lists, else folders with their names, else one."""
    lists = {split: path / f"{split}.txt" for split in (*SPLITS, "valid") if (path / f"{split}.txt").is_file()}
    if lists and not (path / "images").is_dir():
        return {split: [found] for split, found in lists.items()}
    base = path / "images" if (path / "images").is_dir() or (path / "labels").is_dir() else path
    parts = [each for each in (*SPLITS, "valid") if (base / each).is_dir() or (search.mirror(base) / each).is_dir()]
    return {part: [base / part] for part in parts} or {None: [base]}


def _of_yaml(source: Reading, file: Path) -> Layout:
    data = read_yaml(source, file)
    if not isinstance(data, dict):
        raise FileError(f"{file} does not describe a YOLO dataset: it has no names")
    path, search = data.get("path"), _Search(source, file.parent)
    base = search.below(path) if isinstance(path, str) else None
    search = _Search(source, base) if base is not None and base.is_dir() else search
    parts: dict[str | None, list[Path]] = {}
    own = data.get(OWN)
    stand_ins = own.get("stand_ins") if isinstance(own, dict) else None
    for split in (*SPLITS, *sorted(data.keys() - {*SPLITS, *NOT_SPLITS})):
        if isinstance(stand_ins, list) and split in stand_ins:
            continue
        value = data.get(split)
        named = value if isinstance(value, list) else [value]
        for name in named:
            found = search.below(name, is_quiet=split not in SPLITS) if isinstance(name, str) and name else None
            if found is not None and (found.exists() or search.mirror(found).is_dir()):
                parts.setdefault(split, []).append(found)
            elif found is not None and split in SPLITS:
                source.problem(ProblemCode.DANGLING_REFERENCE, split, f"there is no folder or list {name}")
    if not any(split in data for split in SPLITS):
        parts = _unnamed_parts(search, base or file.parent)
    source.leave_unread(file.name, data, {*NOT_SPLITS - _UNREAD, *SPLITS, *(split for split in parts if split)})
    return Layout(_labels(source, data.get("names")), data, search.images(parts))


def _labels(source: Reading, names: Value) -> dict[int, str]:
    """The label of each class; they are listed in their order, or by number."""
    pairs = names.items() if isinstance(names, dict) else enumerate(names) if isinstance(names, list) else ()
    labels = {}
    for code, name in pairs:
        number = whole(code) if isinstance(code, str) else code
        if number is None or not isinstance(name, str):
            source.problem(ProblemCode.MALFORMED_ENTRY, "data.yaml", f"the name of class {code} is not a text")
        else:
            labels[number] = name
    return labels


#: Folders at the end of a path that leads elsewhere, of which some may be below.
_TAIL = 16


class _Search:
    """Finds images and label files below ``base``."""

    def __init__(self, source: Reading, base: Path) -> None:
        self._source = source
        self._base = base

    def below(self, name: str, *, is_quiet: bool = False) -> Path | None:
        """The path that a text names, which is always below ``base``, or None.

        A path that leads elsewhere is told, unless ``is_quiet``, and the end of it that is below ``base`` counts.
        """
        if name in ("", ".", "./"):
            return self._base
        plain = inside(self._base, name)
        if plain is not None:
            return plain
        path = Path(name)
        if path.is_absolute() and path.resolve().is_relative_to(self._base.resolve()):
            return self._base / path.resolve().relative_to(self._base.resolve())
        parts = [part for part in PureWindowsPath(name).parts if part not in ("..", ".") and ":" not in part]
        names = ["/".join(parts[at:]) for at in range(max(len(parts) - _TAIL, 0), len(parts))]
        tails = (tail for each in names if (tail := inside(self._base, each)) is not None)
        found = next((tail for tail in tails if tail.exists() or self.mirror(tail).is_dir()), None)
        if not is_quiet:
            self._source.problem(ProblemCode.UNSAFE_FILE_NAME, "data.yaml", name)
        return found

    def mirror(self, images: Path) -> Path:
        """The folder of the label files of a folder of images: ``labels`` in place of ``images``, else the same."""
        parts = images.relative_to(self._base).parts
        if "images" not in parts:
            return images
        at = len(parts) - 1 - parts[::-1].index("images")
        return self._base.joinpath(*parts[:at], "labels", *parts[at + 1 :])

    def images(self, parts: dict[str | None, list[Path]]) -> list[LabelledImage]:
        """All images of the splits, each once."""
        found = {split: [pair for path in paths for pair in self._of(path)] for split, paths in parts.items()}
        top = self._top([image.parent for pairs in found.values() for image, _ in pairs], parts.values())
        images: list[LabelledImage] = []
        first: dict[Path, str | None] = {}
        for split, pairs in found.items():
            repeated: Counter[str | None] = Counter()
            for image, labels in pairs:
                if image in first:
                    repeated[first[image]] += first[image] != split
                    continue
                first[image] = split
                name = image.relative_to(top).as_posix()
                images.append(LabelledImage(name, split, image if image.suffix else None, labels))
            for other, count in repeated.items():
                if count:
                    said = f"{count} of its images are of {other} too: they are read once, as {other}"
                    self._source.problem(ProblemCode.DUPLICATE_ENTRY, str(split), said)
        return images

    def _of(self, path: Path) -> Iterator[tuple[Path, Path | None]]:
        """The images of a folder or of a list, each with its label file; one without an image has no suffix."""
        if path.suffix.lower() == ".txt" and path.is_file():
            for image in self._listed(path):
                yield image, self._labels_of(image)
            return
        texts = self.mirror(path)
        images = sorted(each for each in path.rglob("*") if each.suffix.lower() in IMAGE_SUFFIXES)
        for image in images:
            if image.is_file():
                yield image, self._labels_of(image)
            else:
                self._source.problem(ProblemCode.MISSING_SIZE, image.name, "the image is not a regular file")
        stems = {image.relative_to(path).with_suffix("") for image in images}
        for labels in sorted(texts.rglob("*.txt")):
            stem = labels.relative_to(texts).with_suffix("")
            if stem not in stems and not labels.name.lower().startswith(_NOT_LABELS) and labels.is_file():
                yield path / stem, labels

    def _listed(self, path: Path) -> Iterator[Path]:
        """The images that a list names, one on each line, relative to its own folder or to ``base``."""
        missing = 0
        for line in self._source.data(path).decode("utf-8", "replace").splitlines():
            name = line.strip().removeprefix("./")
            if not name:
                continue
            beside = inside(path.parent, name)
            image = beside if beside is not None and beside.is_file() else self._quietly_below(name)
            if image is None:
                missing += 1
            else:
                yield image
        if missing:
            said = f"{missing} of its images are not in the folder"
            self._source.problem(ProblemCode.DANGLING_REFERENCE, path.name, said)

    def _quietly_below(self, name: str) -> Path | None:
        """The image that a line names, by the longest end of it that is below ``base``."""
        parts = [part for part in PureWindowsPath(name).parts if part not in ("..", ".", "/", "\\") and ":" not in part]
        for at in range(len(parts)):
            found = self._base.joinpath(*parts[at:])
            if found.is_file():
                return found
            labels = self._labels_of(found)
            if labels is not None and at < len(parts) - 1:
                return found.with_suffix("")
        return None

    def _labels_of(self, image: Path) -> Path | None:
        """The label file of an image: in the mirrored folder, else beside it."""
        beside = image.with_suffix(".txt")
        mirrored = self.mirror(image.parent) / beside.name
        return next((path for path in (mirrored, beside) if path.is_file()), None)

    def _top(self, folders: Iterable[Path], named: Iterable[list[Path]]) -> Path:
        """The folder that holds the images of all splits: the ``images`` that they share, else what is around it."""
        every = [*folders, *(path for paths in named for path in paths if path.suffix.lower() != ".txt")]
        tops = set()
        for folder in every:
            parts = folder.relative_to(self._base).parts
            below = parts[: parts.index("images") + 1] if "images" in parts else parts
            tops.add(self._base.joinpath(*below))
        return Path(commonpath(tops)) if tops else self._base
