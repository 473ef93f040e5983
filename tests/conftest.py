"""Hypothesis profiles.

``dev`` searches anew at every run. ``ci`` draws the same examples each time, so that the gate fails for what changed
and nothing else. ``HYPOTHESIS_PROFILE=thorough`` searches a hundred times as long.

A test whose outcome depends on which of the two parsers runs has the marker ``backend``: it reads answers and looks at
what was read. All tests of :data:`PARSING` get it here. Elsewhere a module says ``pytestmark = pytest.mark.backend``,
or the test is decorated with it. Tests that parse only to make a table or dataset do not need it.
``tests/test_backend.py`` checks that no module forgets it.

A test with the marker ``heavy`` takes minutes in all its cases: the gate runs the one that the marker names as its
sample, or none if others show a sample of it, and ``pytest --heavy`` all of them.
"""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from perceptron_annotations.dialects import known_dialects

TESTS = Path(__file__).parent
#: Folders whose tests all depend on the parser.
PARSING = ("markup", "oracle", "property", "table")


def pytest_addoption(parser):
    parser.addoption("--heavy", action="store_true", help="run all cases of the tests that take minutes")


def pytest_collection_modifyitems(config, items):
    for item in items:
        heavy = item.get_closest_marker("heavy")
        if heavy and not config.getoption("--heavy") and not _is_sample(item, heavy.kwargs["sample"]):
            item.add_marker(pytest.mark.skip(reason="takes minutes: pytest --heavy runs it"))
        if TESTS in item.path.parents and item.path.relative_to(TESTS).parts[0] in PARSING:
            item.add_marker(pytest.mark.backend)


def _is_sample(item, sample):
    """Whether a heavy test is the case that the gate runs."""
    return sample is not None and item.callspec.id == sample


@pytest.fixture(autouse=True)
def _only_presets():
    """A dialect that a test adds, or a page or a docstring that it runs, is not there for the next one."""
    added = known_dialects._added
    before = dict(added)
    yield
    if added != before:
        added.clear()
        added.update(before)


# Generated answers are long, and a slow machine is no failure.
_SLOW = (HealthCheck.too_slow, HealthCheck.data_too_large)

settings.register_profile("dev", max_examples=150, deadline=None, suppress_health_check=_SLOW)
settings.register_profile("ci", settings.get_profile("dev"), derandomize=True)
settings.register_profile("thorough", settings.get_profile("dev"), max_examples=15_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci" if os.environ.get("CI") else "dev"))
