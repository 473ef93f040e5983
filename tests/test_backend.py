"""Which parser runs. The gate runs all tests with the compiled one, and ``pytest -m backend`` with the pure one."""

import ast
import os
import subprocess
import sys

import pytest

from perceptron_annotations import backend
from perceptron_annotations.markup.backend import PURE_VARIABLE
from tests.conftest import PARSING, TESTS

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


#: What reads answers; a module that imports one of them tests what was read, but for those of :data:`PARSE_ON_THE_WAY`.
READERS = {"Completion", "CompletionStream", "StreamParser", "parse", "parse_batch", "read_documents", "read_table"}
#: Folders whose tests parse only to make the table or dataset that they are about.
PARSE_ON_THE_WAY = ("datasets", "evaluation", "interop", "ops")
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
