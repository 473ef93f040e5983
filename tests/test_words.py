"""The words of the package and its benchmarks: the field's terms, in plain English. Old calques do not come back."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "perceptron_annotations"

#: What is not written, and what is written instead.
REFUSED = [
    (re.compile(r"(?<![Tt]here )\bis no (?!longer\b)[a-z]"), "is not a …"),
    (re.compile(r"\bRaises [^.]*\bwhere\b"), "Raises X if …"),
    (re.compile(r"\b[Pp]ictures?\b"), "image"),
    (re.compile(r"\bfigures? of (?:the|an?) (?:evaluation|report|task)\b"), "metric"),
    (re.compile(r"\bmade up\b"), "false positive"),
    (re.compile(r"\bThe one idea\b"), "a plain sentence"),
    (re.compile(r"\bfor want of\b"), "because there is no …"),
    (re.compile(r"\bof which (?:more|less) is better\b"), "higher-is-better, lower-is-better"),
]


#: What is read by people. The words of the corpus are those of models.
MODULES = [*PACKAGE.rglob("*.py"), *(path for path in (ROOT / "benchmarks").glob("*.py") if path.stem != "corpus")]


def folder(path):
    if PACKAGE not in path.parents:
        return path.parent.name
    parts = path.relative_to(PACKAGE).parts
    return parts[0] if len(parts) > 1 else "values"


def texts(path):
    """The strings and comments of a module: docstrings, messages and help."""
    source = path.read_text(encoding="utf-8")
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, " ".join(node.value.split())
    for number, line in enumerate(source.splitlines(), 1):
        if "#" in line:
            yield number, line.partition("#")[2]


@pytest.mark.parametrize("name", sorted({folder(path) for path in MODULES}))
def test_words(name):
    wrong = [
        f"{path.relative_to(ROOT)}:{line}: {found.group()!r}; write {better}"
        for path in sorted(MODULES)
        if folder(path) == name
        for line, text in texts(path)
        for pattern, better in REFUSED
        if (found := pattern.search(text))
    ]
    assert wrong == []
