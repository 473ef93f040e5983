"""Limits of readers, and how they are raised."""

import pytest

from perceptron_annotations import UsageError
from perceptron_annotations.errors import FileError
from perceptron_annotations.limits import Limits, current_limits, limits_from, refuse_beyond, use_limits


def test_limits_hold_in_their_block():
    with use_limits(xml_bytes=7), use_limits(xml_depth=3):
        assert (current_limits().xml_bytes, current_limits().xml_depth) == (7, 3)
        refuse_beyond("xml_bytes", 7, "a.xml")
        with pytest.raises(FileError, match=r"a\.xml is beyond the limit of xml_bytes, 7: raise it with"):
            refuse_beyond("xml_bytes", 8, "a.xml")
    assert current_limits() == Limits()


@pytest.mark.parametrize("changes", [{"bytes": 1}, {"xml_bytes": 0}, {"xml_bytes": True}, {"xml_bytes": 1.5}])
def test_limits_that_there_are_not(changes):
    with pytest.raises(UsageError), use_limits(**changes):
        pass


def test_limits_on_the_command_line():
    assert limits_from(["xml_bytes=10", "yaml_depth=3"]) == {"xml_bytes": 10, "yaml_depth": 3}
    for text in ("xml_bytes", "xml_bytes=", "xml_bytes=-1", "xml_bytes=1e9", "xml_bytes=²", f"xml_bytes={'9' * 5000}"):
        with pytest.raises(UsageError):
            limits_from([text])
