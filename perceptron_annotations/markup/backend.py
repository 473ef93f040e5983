"""Which of the two implementations reads answers.

A compiler is optional when the package is built, and ``PERCEPTRON_ANNOTATIONS_PURE=1`` forces the pure parser. Both
give the same in every field; the compiled scanner leaves to the pure parser what it cannot decide. If the pure one runs
and nobody asked for it, a warning says why, once and in one line.
"""

from __future__ import annotations

import os
import sys
import warnings
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path
from types import ModuleType

#: Set to anything but 0, it forces the pure parser.
PURE_VARIABLE = "PERCEPTRON_ANNOTATIONS_PURE"


def _compiled() -> ModuleType | None:
    if os.environ.get(PURE_VARIABLE, "0") not in ("", "0"):
        return None
    try:
        from . import _scan
    except ImportError:
        # Without a file of that name, Python prints no line of source below the message.
        warnings.warn_explicit(_why_slow(), RuntimeWarning, __package__, 1)
        return None
    return _scan


def _has_scanner(package: Path) -> bool:
    return any((package / "markup" / f"_scan{suffix}").exists() for suffix in EXTENSION_SUFFIXES)


def _why_slow() -> str:
    """Why there is no compiled scanner, and what to do about it."""
    package = Path(__file__).parent.parent
    places = (Path(place, package.name) for place in sys.path)
    hidden = next((each for each in places if _has_scanner(each) and not each.samefile(package)), None)
    if hidden is not None:
        why = f"{package} hides the package that is installed at {hidden}, and has no compiled scanner"
        cure = f"run pip install -e . in {package.parent}, or work in another folder"
    elif Path(__file__).with_name("_scan.pyx").exists():
        why = f"{package} has no compiled scanner"
        cure = f"run pip install -e . in {package.parent}, with a C compiler"
    else:
        why = "perceptron-annotations was built without its compiled scanner"
        cure = "install it again with a C compiler"
    return f"{why}, so answers are read many times more slowly: {cure} ({PURE_VARIABLE}=1 hides this warning)"


#: The compiled scanner, or None.
scanner = _compiled()
#: ``"compiled"`` or ``"pure"``.
backend = "pure" if scanner is None else "compiled"
