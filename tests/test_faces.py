"""The public faces: what each folder hands out, that types in signatures can be imported, and what importing costs."""

import ast
import inspect
import subprocess
import sys
import types
from importlib import import_module
from pathlib import Path

import pytest

import perceptron_annotations as package

ROOT = Path(package.__file__).parent
FACES = [
    "",
    ".asking",
    ".completions",
    ".datasets",
    ".dialects",
    ".evaluation",
    ".interop",
    ".markup",
    ".ops",
    ".render",
    ".table",
]
#: Modules of values, whose names are public where they stand.
VALUES = ["errors", "frames", "geometry", "issues", "losses", "problems"]


def face(name):
    return import_module(package.__name__ + name)


def public():
    """Every public name and what it is."""
    found = {}
    for name in FACES:
        found |= {f"{name}.{each}".lstrip("."): getattr(face(name), each) for each in face(name).__all__}
    return {name: value for name, value in found.items() if not isinstance(value, types.ModuleType)}


@pytest.mark.parametrize("name", FACES)
def test_every_name_of_a_stub_is_handed_out(name):
    stub = ast.parse((Path(face(name).__file__).with_suffix(".pyi")).read_text(encoding="utf-8"))
    imported = [alias.name for node in stub.body if isinstance(node, ast.ImportFrom) for alias in node.names]
    listed = next(node.value for node in stub.body if isinstance(node, ast.Assign))
    names = ast.literal_eval(listed)
    assert {*imported, *(["__version__"] if not name else [])} == set(names)
    assert face(name).__all__ == sorted(imported)
    for each in names:
        assert getattr(face(name), each) is not None
    with pytest.raises(AttributeError):
        _ = face(name).nothing


def test_the_top_level_is_short():
    assert len(package.__all__) <= 60


def modules():
    return sorted(path for path in ROOT.rglob("*.py") if path.name not in ("__init__.py", "__main__.py"))


def test_no_file_name_stands_twice():
    names = [path.name.lstrip("_") for path in modules()]
    assert sorted({name for name in names if names.count(name) > 1}) == []


def test_no_public_function_has_the_name_of_a_module():
    """``import package.thing as module`` would give the function."""
    functions = {name.rpartition(".")[2] for name, value in public().items() if inspect.isroutine(value)}
    beside = {path.stem for path in modules() if path.parent.name != "cli"}
    beside |= {path.name for path in ROOT.iterdir() if path.is_dir()}
    assert functions & beside == set()


@pytest.mark.parametrize(
    ("statement", "unwanted"),
    [
        ("import perceptron_annotations", "numpy shapely rich typer lxml msgspec"),
        (
            "import perceptron_annotations as p; p.parse('<point> (1,2) </point>').to_markup()",
            "numpy shapely rich typer",
        ),
        ("import perceptron_annotations.cli.main", "numpy shapely rich lxml"),
        (
            "from perceptron_annotations.ops import box_iou, consensus, count_labels, dedupe, match, nms",
            "shapely scipy",
        ),
        ("from perceptron_annotations.render import label_colour", "PIL av numpy shapely"),
        (
            "from perceptron_annotations.datasets import read_coco",
            "shapely lxml rich perceptron_annotations.ops.tracks",
        ),
        (
            "from perceptron_annotations.datasets import read_yolo",
            "shapely lxml rich perceptron_annotations.ops.tracks",
        ),
    ],
)
def test_what_is_not_needed_is_not_imported(statement, unwanted):
    code = f"{statement}\nimport sys\nprint(*sorted(set({unwanted.split()!r}) & set(sys.modules)))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert found.strip() == ""
