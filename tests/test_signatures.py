"""Every type of this package that a public signature names can be imported from a face or a module of values."""

import ast
import inspect
import sys
from functools import cache
from importlib import import_module
from importlib.util import resolve_name
from pathlib import Path

import perceptron_annotations as package
from tests.test_faces import FACES, VALUES, face


def public():
    """Every public class and function, by the name of its face and its own."""
    for name in FACES:
        for each in face(name).__all__:
            value = getattr(face(name), each)
            if inspect.isclass(value) or inspect.isfunction(value):
                yield f"{name}.{each}".lstrip("."), value


def annotated(value):
    """A public class or function, and the functions of a class, each with the module whose names it uses."""
    yield value
    if inspect.isclass(value):
        for name, member in vars(value).items():
            function = getattr(member, "__func__", None) or getattr(member, "fget", None) or member
            if not name.startswith("_") and inspect.isfunction(function):
                yield function


@cache
def imported(module):
    """Where the names come from that a module imports from this package, also for type checkers alone."""
    source = Path(sys.modules[module].__file__)
    folder = module if source.name == "__init__.py" else module.rpartition(".")[0]
    found = {}
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level:
            origin = resolve_name("." * node.level + (node.module or ""), folder)
            found |= {alias.asname or alias.name: (origin, alias.name) for alias in node.names}
    return found


def named_classes(value):
    """The classes of this package that the annotations of a function or class name."""
    for annotation in inspect.get_annotations(value).values():
        tree = ast.parse(annotation, mode="eval") if isinstance(annotation, str) else None
        for node in ast.walk(tree) if tree else ():
            if isinstance(node, ast.Name):
                origin, name = imported(value.__module__).get(node.id, (value.__module__, node.id))
                found = getattr(import_module(origin), name, None)
                if inspect.isclass(found) and found.__module__.startswith(package.__name__):
                    yield found


def test_what_a_public_signature_names_can_be_imported():
    handed_out = {id(value) for _, value in public()}
    for module in VALUES:
        handed_out |= {id(value) for value in vars(import_module(f"{package.__name__}.{module}")).values()}
    missing = {
        f"{name} names {found.__module__}.{found.__name__}"
        for name, value in public()
        for function in annotated(value)
        for found in named_classes(function)
        if id(found) not in handed_out and not found.__name__.startswith("_")
    }
    assert sorted(missing) == []
