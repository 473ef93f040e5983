"""Lint and types are part of the tests, the direction of imports included."""

import ast
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "perceptron_annotations"
#: Data flows down: a folder may import from the ones before it. Values are the modules that are in no folder.
FLOORS = (
    "values",
    "dialects",
    "markup",
    "completions",
    "table",
    "ops",
    "datasets",
    "evaluation",
    "interop",
    "render",
    "asking",
    "cli",
)
#: The only imports against that direction: of methods that call a function further down, and at most refuse arguments.
UPWARD = {
    ("table/table.py", "ops.coordinates.to_grid"),
    ("table/table.py", "ops.coordinates.to_pixels"),
    ("table/table.py", "ops.coordinates.to_unit"),
    ("evaluation/report.py", "render.report_rows.report_csv"),
    ("evaluation/report.py", "render.report_text.report_markdown"),
    ("evaluation/report.py", "render.report_text.report_table"),
    ("spatial_values.py", "render.notebook.document_card.value_card"),
    ("markup/document.py", "render.notebook.document_card.document_card"),
    ("markup/document.py", "render.overlay.drawing.draw"),
    ("completions/answer.py", "render.notebook.completion_card.answer_card"),
    ("completions/completion.py", "render.notebook.completion_card.completion_card"),
    ("table/table.py", "render.notebook.table_card.table_card"),
    ("datasets/dataset.py", "render.notebook.dataset_card.dataset_card"),
    ("datasets/import_report.py", "render.notebook.dataset_card.import_card"),
    ("evaluation/report.py", "render.evaluation_page.evaluation_writing.page_size"),
    ("evaluation/report.py", "render.notebook.report_card.report_card"),
    ("table/table.py", "interop.dataframes.to_pandas"),
    ("table/table.py", "interop.dataframes.to_polars"),
}


def run(*command, **options):
    return subprocess.run(
        [sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True, check=False, **options
    )


@pytest.mark.parametrize(
    "command", [("ruff", "check", "."), ("ruff", "format", "--check", "."), ("mypy",)], ids=lambda command: command[0]
)
def test_clean(command):
    result = run(*command)
    assert result.returncode == 0, result.stdout + result.stderr


def floor(parts):
    """The floor of a module, from the parts of its place in the package."""
    name = "cli" if parts[-1] == "__main__.py" else parts[0]
    return FLOORS.index(name) if name in FLOORS else 0


def imported(path):
    """Each import of the package by a module: what is imported, and the function that holds the import, if one does."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    inside = {
        node: function
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef)
        for node in ast.walk(function)
    }
    package = [PACKAGE.name, *path.relative_to(PACKAGE).parts[:-1]]
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            names = [".".join(filter(None, (*above, node.module, alias.name))) for alias in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            continue
        for name in names:
            if name.startswith(f"{PACKAGE.name}."):
                yield name.partition(".")[2], inside.get(node)


def test_data_flows_one_way():
    """A module imports from its own floor and the floors above it; methods that only delegate are listed."""
    upward = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        place = path.relative_to(PACKAGE)
        for name, function in imported(path):
            if floor(name.split(".")) > floor(place.parts):
                upward.setdefault((place.as_posix(), name), []).append(function)
    assert upward.keys() == UPWARD
    for functions in upward.values():
        for function in functions:
            docstring, _, *refusals, call = function.body
            assert isinstance(docstring, ast.Expr)
            assert all(isinstance(each, ast.If) and isinstance(each.body[-1], ast.Raise) for each in refusals)
            assert isinstance(call, ast.Return)


@pytest.mark.parametrize("folder", FLOORS[1:-1])
def test_each_folder_bans_the_folders_below(folder):
    if not (PACKAGE / folder).is_dir():
        pytest.skip(f"{folder} is still to come")
    rules = tomllib.loads((PACKAGE / folder / "ruff.toml").read_text(encoding="utf-8"))
    banned = rules["lint"]["flake8-tidy-imports"]["banned-api"]
    below = {f"{PACKAGE.name}.{name}" for name in FLOORS[FLOORS.index(folder) + 1 :]}
    assert below <= banned.keys()


@pytest.mark.parametrize(
    ("folder", "statement"),
    [
        ("markup", "from ..completions import recordings"),
        ("markup", "from ..datasets import dataset"),
        ("markup", "import numpy"),
        ("markup", "from ..table import table"),
        ("table", "from ..datasets import dataset"),
        ("table", "import shapely"),
        ("ops", "from .. import files"),
        ("ops", "from ..completions import recordings"),
        ("completions", "from ..datasets import dataset"),
        ("completions", "from ..cli import main"),
        ("datasets", "from ..cli import main"),
        ("datasets", "from ..evaluation import detection"),
        ("completions", "from ..evaluation import detection"),
        ("evaluation", "from ..cli import main"),
        ("evaluation", "from ..render import svg"),
        ("evaluation", "from ..interop import dataframes"),
        ("datasets", "from ..interop import dataframes"),
        ("markup", "from ..render.svg import to_svg"),
        ("interop", "from ..render import svg"),
        ("interop", "from ..cli import main"),
        ("render", "from ..cli import main"),
        ("render", "from ..asking import question"),
        ("asking", "from ..cli import main"),
    ],
)
def test_imports_against_the_direction_are_refused(folder, statement):
    name = f"perceptron_annotations/{folder}/example.py"
    result = run("ruff", "check", "--stdin-filename", name, "--select", "TID251", "-", input=statement + "\n")
    assert "TID251" in result.stdout
