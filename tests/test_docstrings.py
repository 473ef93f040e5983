"""Docstrings: public functions and classes with behaviour have examples that run; long signatures list Args."""

import doctest
import enum
import inspect
import sys
import types
import warnings
from importlib import import_module

import pytest

import perceptron_annotations as package
from tests.test_faces import FACES, VALUES

#: From so many parameters on, a docstring lists them.
LISTED = 4
#: Faces whose docstrings are not rewritten yet.
PENDING = {
    ".datasets",
}


def members(face):
    """The public functions and classes of a face, by name, each once in the face that defines it."""
    if face == "values":
        modules = [import_module(f"{package.__name__}.{name}") for name in VALUES]
        found = {name: value for module in modules for name, value in vars(module).items() if not name.startswith("_")}
        inside = {module.__name__ for module in modules}
    else:
        module = import_module(package.__name__ + face)
        found = {name: getattr(module, name) for name in module.__all__}
        inside = None
    return {
        name: value
        for name, value in found.items()
        if (inspect.isfunction(value) or inspect.isclass(value))
        and (inside is None or value.__module__ in inside)
        and value.__module__.startswith(package.__name__)
    }


def has_behaviour(value):
    """Whether there is something to show: not of enums, errors, warnings and plain records."""
    if inspect.isfunction(value):
        return True
    if issubclass(value, enum.Enum | BaseException):
        return False
    return any(
        not name.startswith("_")
        and (inspect.isfunction(member) or isinstance(member, property | classmethod | staticmethod))
        for name, member in vars(value).items()
        if not isinstance(member, types.MemberDescriptorType)
    )


def parameters(function):
    return [name for name in inspect.signature(function).parameters if name not in ("self", "cls")]


def methods(value):
    for name, member in vars(value).items():
        function = getattr(member, "__func__", member)
        if not name.startswith("_") and inspect.isfunction(function):
            yield name, function


FOUND = [name for name in [*FACES[1:], "values"] if name not in PENDING]


@pytest.mark.parametrize("face", FOUND)
def test_every_function_and_class_with_behaviour_has_an_example(face):
    without = [
        name for name, value in members(face).items() if has_behaviour(value) and ">>> " not in (value.__doc__ or "")
    ]
    assert without == []


@pytest.mark.parametrize("face", FOUND)
def test_parameters_are_listed_from_four_on(face):
    unlisted = []
    for name, value in members(face).items():
        functions = (
            [(name, value)] if inspect.isfunction(value) else [(f"{name}.{at}", each) for at, each in methods(value)]
        )
        for place, function in functions:
            text = inspect.getdoc(function) or ""
            names = parameters(function)
            if len(names) < LISTED:
                continue
            listed = text.partition("Args:\n")[2]
            unlisted += [f"{place}({each})" for each in names if f"    {each}: " not in listed]
    assert unlisted == []


@pytest.mark.parametrize("face", FOUND)
def test_the_examples_run(face, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    finder = doctest.DocTestFinder(exclude_empty=True)
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS)
    for name, value in members(face).items():
        for test in finder.find(value, name, module=sys.modules[value.__module__]):
            test.globs["pa"] = package
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                runner.run(test)
    assert runner.summarize(verbose=False).failed == 0
