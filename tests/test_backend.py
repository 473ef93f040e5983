"""Which parser runs. The gate runs all tests with the compiled one, and ``pytest -m backend`` with the pure one."""

import ast
import os
import shutil
import subprocess
import sys

import pytest

from perceptron_annotations import backend
from perceptron_annotations.markup.backend import PURE_VARIABLE
from tests.conftest import PARSING, TESTS
from tests.corpora import ROOT

pytestmark = pytest.mark.backend

ASK = "import perceptron_annotations as p; print(p.backend, len(p.parse_batch(['<point> (1,2) </point>'])))"


def ask(**environment):
    done = subprocess.run([sys.executable, "-c", ASK], env=os.environ | environment, capture_output=True, check=True)
    return done.stdout.split()


def test_the_expected_one_runs():
    """A compiler is there where these tests run: a scanner that failed to build would go unnoticed, but for this."""
    wanted = "compiled" if os.environ.get(PURE_VARIABLE, "0") in ("", "0") else "pure"
    assert backend == wanted


def test_the_variable_forces_the_pure_one():
    assert ask(**{PURE_VARIABLE: "1"}) == [b"pure", b"1"]
    assert ask(**{PURE_VARIABLE: "0"})[1:] == [b"1"]


@pytest.fixture
def trees(tmp_path):
    """A checkout that was never built, and an installed package with a compiled scanner."""
    for name, left_out in (("clone", "*.so"), ("installed", "*.p[yx]x*")):
        ignored = shutil.ignore_patterns(left_out, "__pycache__")
        shutil.copytree(ROOT / "perceptron_annotations", tmp_path / name / "perceptron_annotations", ignore=ignored)
    return tmp_path


def told(folder, path="", **environment):
    """What Python says in a folder, and which parser runs."""
    kept = {name: value for name, value in os.environ.items() if name != PURE_VARIABLE}
    environment = kept | {"PYTHONPATH": str(path)} | environment
    # Without the checkout that an editable install of this Python leads to.
    code = f"import sys; from os.path import isdir; kept = '', {str(path)!r}\n"
    code += "sys.path = [each for each in sys.path if each in kept or not isdir(each + '/perceptron_annotations')]\n"
    command = [sys.executable, "-c", code + ASK]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()[0], done.stderr


def test_newcomer_m4_a_checkout_that_hides_an_installed_package_says_so(trees):
    backend, line = told(trees / "clone", trees / "installed")
    assert backend == "pure"
    assert line.count("\n") == 1
    assert "hides the package that is installed at" in line
    assert f"run pip install -e . in {trees / 'clone'}" in line
    assert told(trees / "clone", trees / "installed", **{PURE_VARIABLE: "1"}) == ("pure", "")
    assert told(trees, trees / "installed") == ("compiled", "")


def test_newcomer_15_a_package_without_the_scanner_says_so_once(trees):
    for scanner in (trees / "installed" / "perceptron_annotations" / "markup").glob("_scan*.so"):
        scanner.unlink()
    backend, line = told(trees, trees / "installed")
    assert (backend, line.count("\n")) == ("pure", 1)
    for word in ("without its compiled scanner", "more slowly", "C compiler", f"{PURE_VARIABLE}=1"):
        assert word in line


#: What reads answers; a module that imports one of them tests what was read, but for those of :data:`PARSE_ON_THE_WAY`.
READERS = {"Completion", "CompletionStream", "StreamParser", "parse", "parse_batch", "read_documents", "read_table"}
#: Folders whose tests parse only to make the table or dataset that they are about, or to see what was recorded.
PARSE_ON_THE_WAY = ("asking", "datasets", "engines", "evaluation", "interop", "ops")
#: Modules that do likewise: the programs of a page, which the folders above test in parts.
PROGRAMS = {"test_readme.py", "test_openai_client.py"}


def modules_that_read_answers():
    for path in sorted(TESTS.rglob("test_*.py")):
        folder = path.relative_to(TESTS).parts[0]
        if folder in (*PARSING, *PARSE_ON_THE_WAY) or path.name in PROGRAMS:
            continue
        nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        names = {alias.name for node in nodes if isinstance(node, ast.ImportFrom) for alias in node.names}
        if names & READERS:
            yield path


@pytest.mark.parametrize("path", list(modules_that_read_answers()), ids=lambda path: path.name)
def test_modules_that_read_answers_have_the_marker(path):
    assert "pytest.mark.backend" in path.read_text(encoding="utf-8")


def test_the_folders_with_the_marker_exist():
    assert [name for name in (*PARSING, *PARSE_ON_THE_WAY) if not (TESTS / name).is_dir()] == []
