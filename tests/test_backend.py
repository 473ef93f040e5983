"""Which implementation runs. The gate runs all tests with each of the two."""

import os
import subprocess
import sys

from perceptron_annotations import backend
from perceptron_annotations.markup.backend import PURE_VARIABLE

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
