"""Equality, inequality and hashes of every class of the package; the comparison that a class defines is its whole."""

import copy
import importlib
import inspect
import pkgutil

import msgspec
import pytest

import perceptron_annotations
from perceptron_annotations import Completion, Frame, parse, parse_batch
from perceptron_annotations.completions import Answer, AnswerDetails, FaultKind, ServiceFault, Usage
from perceptron_annotations.datasets import DatasetAsset, DatasetBuilder
from perceptron_annotations.evaluation import evaluate

pytestmark = pytest.mark.backend


def package_classes():
    """Every class that a module of the package defines."""
    for info in pkgutil.walk_packages(perceptron_annotations.__path__, "perceptron_annotations."):
        if info.name.endswith("__main__"):
            continue
        module = importlib.import_module(info.name)
        yield from (kind for _, kind in inspect.getmembers(module, inspect.isclass) if kind.__module__ == info.name)


COMPARED = sorted({kind for kind in package_classes() if "__eq__" in vars(kind)}, key=lambda kind: kind.__qualname__)


def test_core_m1_a_class_that_defines_equality_defines_inequality():
    """core M1: a Struct has an ``__ne__`` of its own, which compares identities."""
    assert {kind.__name__ for kind in COMPARED} >= {"Document", "AnnotationTable", "EvaluationReport"}
    assert [kind for kind in COMPARED if kind.__ne__ is msgspec.Struct.__ne__] == []


def report():
    dataset = DatasetBuilder().build()
    return evaluate(dataset, dataset, tasks=["detection"])


EQUALS = {
    "Document": lambda: parse("<point> (1,2) </point>"),
    "AnnotationTable": lambda: parse_batch(["<point> (1,2) </point>"]),
    "EvaluationReport": report,
    "Frame": lambda: Frame.pixels(3, 4),
    "DatasetAsset": lambda: DatasetAsset(file_name="a", width=1, height=2),
    "Completion": lambda: Completion.decode({"choices": [{"message": {"content": "x"}}], "usage": {"cost": 1.0}}),
}


@pytest.mark.parametrize("make", EQUALS.values(), ids=EQUALS)
def test_core_m1_equal_values_are_not_unequal(make):
    """core M1."""
    one, other = make(), copy.copy(make())
    assert (one == other, one != other) == (True, False)
    assert (one == 5, one != 5) == (False, True)


FROZEN = {
    "Answer": lambda: Answer(content="x", raw={"a": [1]}, reasoning_details=({"type": "x"},)),
    "Completion": EQUALS["Completion"],
    "Usage": lambda: Usage(cost=1.0, raw={"cost": 1.0}),
    "ServiceFault": lambda: ServiceFault(kind=FaultKind.SERVER, message="busy", raw={"message": "busy"}),
    "AnswerDetails": lambda: AnswerDetails(file="a", line_number=1, choice=0, prompt=None, fields={"m": "1"}, text=""),
}


@pytest.mark.parametrize("make", FROZEN.values(), ids=FROZEN)
def test_core_m9_frozen_values_can_be_hashed(make):
    """core m9: they hold the dicts that were sent, and are hashed without them."""
    assert make() == make()
    assert len({make(), make()}) == 1
