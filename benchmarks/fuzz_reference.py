"""``python -m benchmarks.fuzz_reference --seconds 60``: the parser against a slow reader made from the specification.

The answers are those of ``benchmarks.fuzz``. The first difference ends the run with status 1 and prints the answer.
``PERCEPTRON_ANNOTATIONS_PURE=1`` compares the pure parser.
"""

from __future__ import annotations

import argparse
import sys
import time

from benchmarks.fuzz import Hostile
from benchmarks.machine import describe
from perceptron_annotations import backend, parse
from tests.oracle.reference_comparison import difference


def main() -> None:
    """Run until the time is over or a difference is found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    print(describe("perceptron-annotations"))
    hostile = Hostile(options.seed)
    count = 0
    end = time.monotonic() + options.seconds
    while time.monotonic() < end:
        text = hostile.draw()
        count += 1
        if found := difference(text, parse(text)):  # type: ignore[no-untyped-call]
            sys.exit(f"seed {options.seed}, answer {count}: {found}")
    print(f"{count} answers, read as the specification says by the {backend} parser")


if __name__ == "__main__":
    main()
