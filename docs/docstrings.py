"""What the API pages make of the docstrings of the package, which are written for readers of the source.

Roles of reStructuredText become links to the public name, doctests become code blocks, comments ``#:`` become the
docstrings of the attributes that they stand above, and the fields of structs and named tuples become the signature of
their constructor. Griffe loads this file as an extension; it imports nothing of the package.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import griffe

PACKAGE = "perceptron_annotations"
#: Modules whose names are public where they stand; everything else is public in the face of its folder.
VALUES = ("errors", "frames", "geometry", "issues", "losses", "problems")

_ROLE = re.compile(r":(?:class|func|meth|attr|data|mod|exc|obj):`~?\.?([\w.]+)(?:\(\))?`")
_DOCTEST = re.compile(r"^( *)>>> .*(?:\n(?!\s*$).*)*", re.MULTILINE)
_LITERAL = re.compile(r"::$", re.MULTILINE)


def public_names(root: Path) -> dict[str, str]:
    """The page's anchor of every public name: ``nms`` is at ``perceptron_annotations.ops.nms``."""
    found: dict[str, str] = {}
    for name in VALUES:
        for node in ast.parse((root / f"{name}.py").read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef | ast.FunctionDef) and not node.name.startswith("_"):
                found[node.name] = f"{PACKAGE}.{name}.{node.name}"
    for stub in sorted(root.glob("*/__init__.pyi")):
        for name in listed(stub):
            found.setdefault(name, f"{PACKAGE}.{stub.parent.name}.{name}")
    return found


def listed(stub: Path) -> list[str]:
    """``__all__`` of a stub."""
    body = ast.parse(stub.read_text(encoding="utf-8")).body
    names = next(node.value for node in body if isinstance(node, ast.Assign))
    return [str(name) for name in ast.literal_eval(names)]


class Docstrings(griffe.Extension):
    """Rewrites each docstring once, when its object is loaded."""

    def __init__(self) -> None:
        super().__init__()
        self._public: dict[str, str] = {}

    def on_package(self, *, pkg: griffe.Module, **_: Any) -> None:
        """Rewrite the docstrings of the whole package, when its stubs are merged."""
        if pkg.name != PACKAGE or not isinstance(pkg.filepath, Path):
            return
        self._public = public_names(pkg.filepath.parent)
        self._visit(pkg)

    def _visit(self, found: griffe.Object) -> None:
        if found.docstring is not None:
            found.docstring.value = self._rewritten(found.docstring.value)
        for member in found.members.values():
            if member.is_alias or not isinstance(member, griffe.Object):
                continue
            if isinstance(member, griffe.Attribute) and member.docstring is None:
                _take_comment(member)
            self._visit(member)
        if isinstance(found, griffe.Class) and "__init__" not in found.members:
            _add_constructor(found)

    def _rewritten(self, text: str) -> str:
        text = _ROLE.sub(self._link, text)
        text = _DOCTEST.sub(lambda match: _fenced(match.group(0), match.group(1)), text)
        return _LITERAL.sub(":", text).removeprefix(":\n")

    def _link(self, match: re.Match[str]) -> str:
        *_, owner, name = ("", *match.group(1).split("."))
        if name in self._public:
            return f"[`{name}`][{self._public[name]}]"
        if owner in self._public:
            return f"[`{owner}.{name}`][{self._public[owner]}]"
        return f"`{name}`"


def _fenced(block: str, indent: str) -> str:
    return f"{indent}```pycon\n{block}\n{indent}```"


def _take_comment(attribute: griffe.Attribute) -> None:
    """The comment lines ``#:`` directly above an attribute, as its docstring."""
    if not isinstance(attribute.filepath, Path) or attribute.lineno is None:
        return
    lines = attribute.filepath.read_text(encoding="utf-8").splitlines()
    found: list[str] = []
    for line in reversed(lines[: attribute.lineno - 1]):
        if not line.strip().startswith("#:"):
            break
        found.insert(0, line.strip().removeprefix("#:").strip())
    if found:
        attribute.docstring = griffe.Docstring("\n".join(found), lineno=attribute.lineno, parent=attribute)


def _add_constructor(found: griffe.Class) -> None:
    """Give a struct or named tuple the constructor that its fields make."""
    line = [*reversed(found.mro()), found]
    if not any(str(base).rpartition(".")[2] in ("Struct", "NamedTuple") for each in line for base in each.bases):
        return
    fields = {parameter.name: parameter for each in line for parameter in _fields(each)}
    ordered = sorted(fields.values(), key=lambda parameter: parameter.kind is griffe.ParameterKind.keyword_only)
    itself = griffe.Parameter("self", kind=griffe.ParameterKind.positional_or_keyword)
    found.set_member("__init__", griffe.Function("__init__", parameters=griffe.Parameters(itself, *ordered)))


def _fields(found: griffe.Class) -> Iterator[griffe.Parameter]:
    is_keyword = str(found.keywords.get("kw_only")) == "True"
    kind = griffe.ParameterKind.keyword_only if is_keyword else griffe.ParameterKind.positional_or_keyword
    for name, member in found.members.items():
        if not isinstance(member, griffe.Attribute) or member.annotation is None or name.startswith("_"):
            continue
        if "property" not in member.labels and "ClassVar" not in str(member.annotation):
            yield griffe.Parameter(name, annotation=member.annotation, kind=kind, default=member.value)
