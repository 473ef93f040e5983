"""The SDK's objects; ``tests/oracle`` compares them with ours."""

import sys

import pytest

from perceptron_annotations import Point
from perceptron_annotations.errors import GeometryError, MissingExtraError
from perceptron_annotations.interop import from_sdk, to_sdk


def test_a_missing_sdk_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "perceptron.pointing", None)
    for call in (lambda: to_sdk(Point(1, 2)), lambda: from_sdk(object())):
        with pytest.raises(MissingExtraError, match="pip install perceptron"):
            call()


def test_foreign_objects_are_refused():
    with pytest.raises(GeometryError, match="int is not an annotation"):
        from_sdk(5)
