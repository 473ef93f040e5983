"""What a type checker makes of a user's script: every face resolves, and a misspelt name is an error."""

import re
import shutil
import subprocess
import sys
import sysconfig
from functools import cache, partial

import pytest

from tests.corpora import ROOT

SCRIPT = """
import perceptron_annotations as pa
from perceptron_annotations import Box, Request, parse
from perceptron_annotations.completions import image
from perceptron_annotations.datasets import DatasetBuilder, LabelMap, read_coco
from perceptron_annotations.evaluation import average_precision
from perceptron_annotations.interop import to_shapely
from perceptron_annotations.markup import constraint_regex
from perceptron_annotations.ops import nms
from perceptron_annotations.problems import ProblemCode
from perceptron_annotations.render import to_svg
from perceptron_annotations.table import parse_batch

document = parse("<point> (1,2) </point>", mode="salvage")
boxes: tuple[Box, ...] = document.boxes
table: pa.AnnotationTable = pa.parse_batch(["a"])
rows = pa.ops.nms(table.xyxy)
request = Request(prompt="x", media=(image("https://example.com/a.jpg"),), annotation_format="box")
shown: str = to_svg(boxes)
version: str = pa.__version__
"""


#: A line each, and the word that is misspelt in it.
MISSPELT = {
    "pars": "pa.pars('x')",
    "stirct": "parse('x', mode='stirct')",
    "cocoo": "pa.write_dataset(DatasetBuilder().build(), 'x', 'cocoo')",
    "yoloo": "pa.read_dataset('x', format='yoloo')",
}
CHECKERS = {"mypy": ["--strict", "--cache-dir", "cache", "--python-executable"], "pyright": ["--pythonpath"]}


def checked(folder, checker, python, script):
    """The exit status and output of a type checker for a script, run with the packages of a Python."""
    (folder / "script.py").write_text(script, encoding="utf-8")
    command = [sys.executable, "-m", checker, *CHECKERS[checker], str(python), "script.py"]
    result = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if checker == "pyright" and "npm" in result.stdout + result.stderr:
        pytest.skip(f"pyright could not fetch its program from the npm registry: {result.stderr[-200:]}")
    return result.returncode, result.stdout + result.stderr


def assert_the_wrong_words_are_refused(folder, checker, python):
    status, output = checked(folder, checker, python, SCRIPT)
    assert status == 0, output
    lines = SCRIPT.count("\n")
    status, output = checked(folder, checker, python, SCRIPT + "\n".join(MISSPELT.values()))
    assert status == 1
    found = {int(number) for number in re.findall(r"script\.py:(\d+):.*error", output)}
    assert found == {lines + at for at in range(1, len(MISSPELT) + 1)}, output


@pytest.mark.parametrize("checker", CHECKERS)
def test_newcomer_6_names_resolve_and_a_misspelt_one_is_refused(tmp_path, checker):
    assert_the_wrong_words_are_refused(tmp_path, checker, sys.executable)


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """Installs the package, editable or plain, into an environment that has what it needs. Returns its Python."""

    def install(kind):
        tree = tmp_path_factory.mktemp(kind)
        listed = subprocess.run(
            ["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, check=True
        )
        for name in listed.stdout.decode().splitlines():
            if (ROOT / name).is_file() and not name.startswith(("tests/", "docs/")):
                (tree / "clone" / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(ROOT / name, tree / "clone" / name)
        run = partial(subprocess.run, check=True, capture_output=True)
        run([sys.executable, "-m", "venv", "--without-pip", tree / "venv"])
        (packages,) = (tree / "venv").glob("lib/*/site-packages")
        (packages / "needed.pth").write_text(sysconfig.get_path("platlib"))  # whose own .pth files are not followed
        editable = ["-e"] if kind == "editable" else []
        python = tree / "venv" / "bin" / "python"
        run([sys.executable, "-m", "pip", "--python", python, "install", "--no-deps", *editable, tree / "clone"])
        return python

    return cache(install)


@pytest.mark.heavy(sample="plain-mypy")
@pytest.mark.parametrize("checker", CHECKERS)
@pytest.mark.parametrize("kind", ["plain", "editable"])
def test_newcomer_7_an_installed_package_resolves(tmp_path, installed, kind, checker):
    assert_the_wrong_words_are_refused(tmp_path, checker, installed(kind))
