"""What the code base looks like in numbers: names by face, sizes, opens by verb, and what starting costs.

``python benchmarks/structure.py [CHECKOUT]`` measures this checkout or another one; it imports nothing of the package
itself, so that two states can be compared. Times are the least of several runs.
"""

from __future__ import annotations

import ast
import json
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

PACKAGE = "perceptron_annotations"
LONG = 40
RUNS = 7

#: Names that a module hands out.
NAMES = "import importlib, sys; m = importlib.import_module(sys.argv[1]); print(len(getattr(m, '__all__', [])))"
#: Runs the command and counts how often each of its inputs is opened.
OPENS = """
import os, sys
inputs = {os.path.realpath(path): 0 for path in sys.argv[1].split(os.pathsep)}
def count(event, arguments):
    if event == "open" and isinstance(arguments[0], (str, bytes, os.PathLike)):
        path = os.path.realpath(os.fsdecode(arguments[0]))
        if path in inputs:
            inputs[path] += 1
sys.addaudithook(count)
sys.argv = ["perceptron-annotations", *sys.argv[2:]]
from perceptron_annotations.cli.main import main
try:
    main()
finally:
    print("opens", *inputs.values(), file=sys.stderr)
"""


def main() -> None:
    """Print all of it."""
    root = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent.parent).resolve()
    print(f"Python {sys.version.split()[0]}, {root.name}")
    _faces(root)
    _sizes(root)
    _opens(root)
    _starts(root)
    print(f"README.md: {len((root / 'README.md').read_text(encoding='utf-8').splitlines())} lines")


def _faces(root: Path) -> None:
    print("\npublic names")
    folders = sorted(path.parent.name for path in (root / PACKAGE).glob("*/__init__.py"))
    for name in [PACKAGE, *(f"{PACKAGE}.{folder}" for folder in folders)]:
        print(f"  {name:40} {_python(root, NAMES, name).stdout.strip()}")


def _sizes(root: Path) -> None:
    modules = sorted((root / PACKAGE).rglob("*.py"))
    lines = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in modules}
    functions = [
        (_length(node), f"{path.relative_to(root / PACKAGE)}:{node.name}")
        for path in modules
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    sizes = sorted(lines.values())
    print(f"\nfiles: {len(modules)}, {sum(sizes)} lines, median {sizes[len(sizes) // 2]}, longest {sizes[-1]}")
    for path in sorted(modules, key=lambda path: -lines[path])[:5]:
        print(f"  {lines[path]:5} {path.relative_to(root / PACKAGE)}")
    long = sorted((found for found in functions if found[0] > LONG), reverse=True)
    print(f"functions: {len(functions)}, over {LONG} lines without the docstring: {len(long)}")
    for length, name in long:
        print(f"  {length:5} {name}")
    names = Counter(path.name for path in modules if not path.name.startswith("__"))
    twice = sorted(name for name, count in names.items() if count > 1)
    print(f"file names that stand twice: {len(twice)} {' '.join(twice)}")


def _length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """The lines of a function, its docstring taken off."""
    first = function.body[0]
    is_docstring = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    docstring = (first.end_lineno or 0) - first.lineno + 1 if is_docstring else 0
    return (function.end_lineno or 0) - function.lineno + 1 - docstring


def _opens(root: Path) -> None:
    print("\nopens of each input")
    answers, truth = (root / "examples" / "evaluate" / name for name in ("small.jsonl", "truth.json"))
    with tempfile.TemporaryDirectory() as folder:
        results = Path(folder) / "results.json"
        entries = json.loads(truth.read_bytes())["annotations"]
        found = [{key: entry[key] for key in ("image_id", "category_id", "bbox")} | {"score": 0.5} for entry in entries]
        results.write_text(json.dumps(found), encoding="utf-8")
        for verb, inputs, options in (
            ("check", [answers], []),
            ("count", [answers], []),
            ("dedupe", [answers], ["-o", f"{folder}/d.parquet"]),
            ("convert", [answers], ["--to", "coco", "-o", f"{folder}/c.json"]),
            ("convert", [answers], ["--to", "parquet", "-o", f"{folder}/c.parquet"]),
            ("convert", [truth], ["--to", "yolo", "-o", f"{folder}/yolo"]),
            ("inspect", [truth], []),
            ("evaluate", [answers, truth], ["--truth"]),
            ("evaluate", [results, truth], ["--truth"]),
        ):
            words = [verb, str(inputs[0]), *options, *map(str, inputs[1:])]
            done = _python(root, OPENS, ":".join(map(str, inputs)), *words)
            counts = done.stderr.splitlines()[-1].removeprefix("opens ")
            shown = " ".join(path.name for path in inputs)
            print(f"  {verb:9} {shown:28} {counts}" + (f" (exit status {done.returncode})" if done.returncode else ""))


def _starts(root: Path) -> None:
    print("\nmilliseconds to start, the empty interpreter taken off")
    timed = "import time; s = time.perf_counter(); {}; print((time.perf_counter() - s) * 1000)"
    face = "datasets" if (root / PACKAGE / "datasets" / "__init__.pyi").exists() else ""
    reader = f"from {PACKAGE}{'.' * bool(face)}{face} import read_coco"
    for statement in (f"import {PACKAGE}", f"from {PACKAGE} import parse", reader, f"import {PACKAGE}.cli.main"):
        times = [float(_python(root, timed.format(statement)).stdout) for _ in range(RUNS)]
        print(f"  {statement:60} {min(times):6.0f}")
    helped = (
        f"import sys; sys.argv = ['x', '--help']; from {PACKAGE}.cli.main import main\ntry: main()\nfinally: print(T())"
    )
    code = f"import time; s = time.perf_counter(); T = lambda: (time.perf_counter() - s) * 1000\n{helped}"
    times = [float(_python(root, code).stdout.split()[-1]) for _ in range(RUNS)]
    print(f"  {'perceptron-annotations --help':60} {min(times):6.0f}")


def _python(root: Path, code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-c", code, *arguments], cwd=root, capture_output=True, text=True, check=False
    )


if __name__ == "__main__":
    main()
