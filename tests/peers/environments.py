"""An environment for each tool, since their requirements conflict, kept between sessions."""

import contextlib
import getpass
import os
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

import pytest

#: Deleting it is safe: what is missing is made again.
KEPT = Path(tempfile.gettempdir()) / f"perceptron-annotations-peers-of-{getpass.getuser()}"


def interpreter(requirement, *others):
    """The interpreter of the environment with a requirement such as ``tool==1.2``, which is made where there is none.

    Without an index to install from the test is skipped, but where ``PEERS`` is ``required`` it fails.
    """
    place = KEPT / f"{requirement}-python{sys.version_info.major}.{sys.version_info.minor}"
    if not place.is_dir():
        KEPT.mkdir(mode=0o700, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=KEPT) as folder:
            made = Path(folder) / "made"
            venv.create(made, symlinks=os.name != "nt")
            _install(made, [requirement, *others])
            # Another session may have been faster.
            with contextlib.suppress(OSError):
                made.replace(place)
    return _python(place)


def _python(environment):
    return environment / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def _install(environment, requirements):
    """Wheels alone, and not compiled: most of their modules are never imported."""
    pip = [sys.executable, "-m", "pip", "--python", _python(environment), "install", "--quiet", "--retries", "1"]
    command = [*pip, "--no-compile", "--only-binary", ":all:", *requirements]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        reason = f"cannot install {requirements[0]}: {done.stderr.strip().rpartition(chr(10))[2]}"
        if os.environ.get("PEERS") == "required":
            pytest.fail(reason)
        pytest.skip(reason)
