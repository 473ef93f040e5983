"""Lint and types are part of the tests, the direction of imports included."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


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
    ],
)
def test_imports_against_the_direction_are_refused(folder, statement):
    name = f"perceptron_annotations/{folder}/example.py"
    result = run("ruff", "check", "--stdin-filename", name, "--select", "TID251", "-", input=statement + "\n")
    assert "TID251" in result.stdout
