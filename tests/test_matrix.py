"""The lowest versions that are declared, installed as a user would: the package imports, converts, and passes tests."""

import subprocess
import sys

import pytest

from tests.corpora import ROOT

pytest.importorskip("uv", reason="uv installs the lowest versions: it comes with the extra test")


def test_newcomer_m5_the_lowest_versions_work():
    """One cell of the matrix; ``python tools/matrix.py`` prints all of them."""
    python = ".".join(map(str, sys.version_info[:2]))
    command = [sys.executable, "tools/matrix.py", "--python", python, "--compiler", "yes", "--versions", "lowest"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    row = done.stdout.splitlines()[-1]
    if "skipped" in row:
        pytest.skip(row)
    assert done.returncode == 0, row + done.stderr
    assert "| compiled |" in row
    assert row.endswith(" passed |")


def test_a_python_that_is_not_there_is_skipped_with_its_reason(tmp_path):
    command = [sys.executable, "tools/matrix.py", "--python", "3.13", "--compiler", "yes", "--versions", "lowest"]
    done = subprocess.run(command, cwd=ROOT, env={"PATH": str(tmp_path)}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "| 3.13 | yes | lowest | skipped: there is none on the path |  |  |  |  |"
