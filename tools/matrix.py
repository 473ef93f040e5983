"""Prints where the package installs and works: each Python, with and without a compiler, oldest and newest versions.

    python tools/matrix.py                                    all cells, each in an environment of its own
    python tools/matrix.py --python 3.11 --versions lowest    some of them

A cell builds the wheel from the files that git knows, installs it with the extra arrow, converts recorded answers with
the command, and runs a small group of tests against the installed package. The bytes of the conversion are compared
with those of the first cell. A Python that this machine does not have is skipped. Needs uv, and a package index. The
exit status is 1 if a cell failed.
"""

from __future__ import annotations

import argparse
import hashlib
import itertools
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parent.parent
PYTHONS = ("3.11", "3.12", "3.13")
#: What uv calls the choice of versions.
RESOLUTIONS = {"lowest": "lowest-direct", "newest": "highest"}
#: Tests that need no more than the package, pytest and hypothesis, and take seconds.
TESTS = (
    "tests/test_geometry.py",
    "tests/test_csv_lines.py",
    "tests/markup/test_write.py",
)
ANSWERS = "examples/evaluate/small.jsonl"
ASK = """
import time; start = time.perf_counter()
import perceptron_annotations as package; package.parse("")
print(package.backend, round(1000 * (time.perf_counter() - start)), package.__file__)
"""
COLUMNS = ("Python", "compiler", "versions", "install", "backend", "import", "conversion", "tests")


class Cell(NamedTuple):
    """One way to install the package."""

    python: str
    compiler: str
    versions: str


class FailedStepError(Exception):
    """A step of a cell failed; the message is the end of what it printed."""


def run(*command: str | Path, cwd: Path, **variables: str) -> str:
    """What a command prints. Raises ``FailedStepError``."""
    done = subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise FailedStepError(" ".join((done.stdout + done.stderr).split())[-300:])
    return done.stdout


def copy_tree(target: Path, *, package: bool) -> None:
    """Copy the files that git knows: those to build, or those of the tests without the package."""
    listed = run("git", "ls-files", "-co", "--exclude-standard", cwd=ROOT).splitlines()
    for name in listed:
        is_test = name.startswith(("tests/", "fixtures/", "examples/"))
        if is_test != package and (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, target / name)


def install(cell: Cell, python: str, work: Path) -> Path:
    """Build the wheel and install it. Returns the folder of the programs of the new environment."""
    copy_tree(work / "source", package=True)
    uv = (sys.executable, "-m", "uv")
    variables = {} if cell.compiler == "yes" else {"CC": "there-is-no-compiler"}
    run(*uv, "build", "-q", "--wheel", "--python", python, "-o", work / "built", work / "source", cwd=work, **variables)
    (wheel,) = (work / "built").glob("*.whl")
    if ("abi3" in wheel.name) != (cell.compiler == "yes"):
        raise FailedStepError(f"the wheel is called {wheel.name}")
    run(*uv, "venv", "-q", "--python", python, work / "installed", cwd=work)
    programs = work / "installed" / ("Scripts" if os.name == "nt" else "bin")
    versions = ("--resolution", RESOLUTIONS[cell.versions], "--only-binary", ":all:")
    run(*uv, "pip", "install", "-q", "--python", programs / "python", *versions, f"{wheel}[arrow]", cwd=work)
    return programs


def check(cell: Cell, python: str, work: Path) -> Mapping[str, str]:
    """Install, import, convert and test. Raises ``FailedStepError``."""
    start = time.perf_counter()
    programs = install(cell, python, work)
    row = {"install": f"{time.perf_counter() - start:.0f} s"}
    empty = work / "empty"
    empty.mkdir()
    quiet = {"PYTHONWARNINGS": "ignore", "PYTHONPATH": "", "CI": "true"}  # hypothesis sets no deadlines in CI
    backend, milliseconds, place = run(programs / "python", "-c", ASK, cwd=empty, **quiet).split(maxsplit=2)
    if backend != ("compiled" if cell.compiler == "yes" else "pure") or str(work) not in place:
        raise FailedStepError(f"the {backend} parser runs, from {place}")
    run(programs / "pann", "--help", cwd=empty, **quiet)
    run(programs / "pann", "convert", ROOT / ANSWERS, "--to", "coco", "-o", "out.json", cwd=empty, **quiet)
    row |= {"backend": backend, "import": f"{milliseconds} ms"}
    row["conversion"] = hashlib.sha256((empty / "out.json").read_bytes()).hexdigest()[:12]
    copy_tree(work / "tests", package=False)
    install_tests = (sys.executable, "-m", "uv", "pip", "install", "-q", "--python", programs / "python")
    run(*install_tests, "pytest", "hypothesis", cwd=work)
    variables = quiet | ({"PERCEPTRON_ANNOTATIONS_PURE": "1"} if backend == "pure" else {})
    told = run(programs / "python", "-m", "pytest", "-q", "--noconftest", *TESTS, cwd=work / "tests", **variables)
    return row | {"tests": told.strip().splitlines()[-1].split(" in ")[0]}


def outcome(cell: Cell) -> Mapping[str, str]:
    """The row of a cell; one that could not be tried says why."""
    python = shutil.which(f"python{cell.python}")
    try:
        if python is None:
            raise FailedStepError("there is none on the path")
        run(python, "-c", "", cwd=ROOT)
    except FailedStepError as error:
        return {"install": f"skipped: {error}"}
    with tempfile.TemporaryDirectory() as folder:
        try:
            return check(cell, python, Path(folder))
        except FailedStepError as error:
            reached = "error sending request" not in str(error) and "Failed to fetch" not in str(error)
            return {"install": f"{'FAILED' if reached else 'skipped, no package index'}: {error}"}


def print_row(words: Iterable[str]) -> None:
    """Print a row of a Markdown table."""
    print("| " + " | ".join(words) + " |", flush=True)


def main() -> int:
    """Print the table, a row as soon as it is known."""
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--python", choices=PYTHONS, action="append")
    options.add_argument("--compiler", choices=("yes", "no"), action="append")
    options.add_argument("--versions", choices=tuple(RESOLUTIONS), action="append")
    asked = options.parse_args()
    print_row(COLUMNS)
    print_row("---" for _ in COLUMNS)
    first = ""
    failed = False
    chosen = (asked.python or PYTHONS, asked.compiler or ("yes", "no"), asked.versions or tuple(RESOLUTIONS))
    for cell in itertools.starmap(Cell, itertools.product(*chosen)):
        row = dict(outcome(cell))
        if found := row.get("conversion"):
            first = first or found
            row["conversion"] = "same bytes" if found == first else "OTHER BYTES"
        failed |= "FAILED" in row["install"] or row.get("conversion") == "OTHER BYTES"
        print_row([*cell, *(row.get(name, "") for name in COLUMNS[len(Cell._fields) :])])
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
