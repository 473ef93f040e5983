"""Issues, their catalog, and the error of strict mode."""

import re
from pathlib import Path

import pytest

from perceptron_annotations import AnnotationsError, InputError, Issue, IssueCode, Mode, Severity, Span, parse
from perceptron_annotations.errors import MarkupError
from perceptron_annotations.issues import CATALOG, DETAIL_LIMIT

pytestmark = pytest.mark.backend

CODES = (Path(__file__).parent.parent / "docs" / "reference" / "codes.md").read_text(encoding="utf-8")


def test_the_catalog_has_every_code_and_the_page_of_codes_its_table():
    assert list(CATALOG) == list(IssueCode)
    rows = re.findall(r"^\| `(\w+)` \| (error|warning) \| (yes|) \| (.+) \|$", CODES, re.MULTILINE)
    expected = [
        (code.value, info.severity.value, "yes" if info.in_sdk else "", re.sub(r"([_*])", r"\\\1", info.summary))
        for code, info in CATALOG.items()
    ]
    assert rows == expected


def test_spans_are_half_open_pairs():
    start, end = Span(2, 5)
    assert (start, end) == (2, 5)
    assert Span(2, 5).of("abcdefg") == "cde"


def test_message_escapes_the_cause():
    issue = Issue(IssueCode.INVALID_TIME, Span(0, 1), "\x1b[2J")
    assert issue.message == f"invalid_time: {CATALOG[IssueCode.INVALID_TIME].summary}: '\\x1b[2J'"
    assert issue.severity is Severity.ERROR
    assert issue.failure
    assert not Issue(IssueCode.INVALID_TIME, Span(0, 1), recovered=True).failure
    assert not Issue(IssueCode.ZERO_AREA, Span(0, 1)).failure


def test_details_are_bounded():
    (issue,) = parse(f"<point> {'x' * 10**6} </point>").issues
    assert len(issue.detail) == DETAIL_LIMIT


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a <point> bad </point>", ["1 | a <point> bad </point>", "      ^~~~~~~~~~~~~~~~~~~~"]),
        ("one\ntwo <point>\nx </point>", ["2 | two <point>", "        ^~~~~~~"]),
        ("\x1b[2J<point> bad </point>", ["1 | ·[2J<point> bad </point>", "        ^~~~~~~~~~~~~~~~~~~~"]),
    ],
)
def test_caret_under_the_place(text, shown):
    with pytest.raises(MarkupError) as caught:
        parse(text, mode=Mode.STRICT)
    assert str(caught.value).split("\n")[1:] == shown
    assert caught.value.issue.code is IssueCode.INVALID_POINT_COORDS
    assert isinstance(caught.value, InputError)
    assert isinstance(caught.value, AnnotationsError)


def test_caret_in_a_long_line():
    text = "x" * 5000 + "<point> bad </point>" + "y" * 5000
    with pytest.raises(MarkupError) as caught:
        parse(text, mode="strict")
    _, line, marks = str(caught.value).split("\n")
    assert len(line) < 120
    assert line[marks.index("^") :].startswith("<point> bad </point>")
    assert line[len("1 | ")] == line[-1] == "…"
