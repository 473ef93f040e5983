"""Which of the two implementations reads answers.

A compiler is optional when the package is built, and ``PERCEPTRON_ANNOTATIONS_PURE=1`` forces the pure parser. Both
give the same in every field; the compiled scanner leaves to the pure parser what it cannot decide.
"""

from __future__ import annotations

import os
from types import ModuleType

#: Set to anything but 0, it forces the pure parser.
PURE_VARIABLE = "PERCEPTRON_ANNOTATIONS_PURE"


def _compiled() -> ModuleType | None:
    if os.environ.get(PURE_VARIABLE, "0") not in ("", "0"):
        return None
    try:
        from . import _scan
    except ImportError:
        return None
    return _scan


#: The compiled scanner, or None.
scanner = _compiled()
#: ``"compiled"`` or ``"pure"``.
backend = "pure" if scanner is None else "compiled"
