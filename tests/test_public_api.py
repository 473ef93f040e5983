"""What the package hands out, and what importing it costs."""

import subprocess
import sys
from importlib import import_module

import pytest

import perceptron_annotations as package


def test_all_is_sorted_and_there():
    assert package.__all__ == sorted(package.__all__)
    assert set(package.__all__) <= set(dir(package))
    for name in package.__all__:
        assert getattr(package, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = package.nothing


def test_lazy_names_stand_where_they_are_said_to():
    for name, module in package._LAZY.items():
        assert name in package.__all__
        assert getattr(import_module(f"perceptron_annotations.{module}"), name) is getattr(package, name)


@pytest.mark.parametrize(
    ("statement", "unwanted"),
    [
        ("import perceptron_annotations", "numpy shapely rich typer lxml"),
        (
            "import perceptron_annotations as p; p.parse('<point> (1,2) </point>').to_markup()",
            "numpy shapely rich typer",
        ),
        ("import perceptron_annotations.cli.main", "numpy shapely rich lxml"),
    ],
)
def test_what_is_not_needed_is_not_imported(statement, unwanted):
    code = f"{statement}\nimport sys\nprint(*sorted(set({unwanted.split()!r}) & set(sys.modules)))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert found.strip() == ""
