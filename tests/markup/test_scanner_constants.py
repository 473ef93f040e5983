"""The literals that the compiled scanner repeats, against the one place in Python where each of them stands.

The scanner works without the GIL and cannot ask Python for a limit, so its sources say the limits again. The sources
are read here as text: every constant in them must be equal to its Python twin, or be listed as the scanner's own.
"""

import ast
import re
from pathlib import Path

import pytest

from perceptron_annotations import Status
from perceptron_annotations.dialects import Order
from perceptron_annotations.geometry import ANNOTATION_TYPES, AnnotationKind
from perceptron_annotations.issues import DETAIL_LIMIT, IssueCode
from perceptron_annotations.markup import grammar
from perceptron_annotations.markup.columns import Columns

ROOT = Path(grammar.__file__).parent
#: They find answers in lines of recordings. The tests of scanned lines and the fuzzer of envelopes hold them equal.
OF_LINES = {"json_values", "line_fields", "line_scanner"}
PARTS = [path for path in sorted((ROOT / "scanner").glob("*.pxi")) if path.stem not in OF_LINES]
SOURCES = [ROOT / "_scan.pyx", *PARTS]
#: Lines of a ``cdef enum:``, whose members are indented.
ENUM = re.compile(r"^cdef enum:\n((?:[ \t]+.*\n|\n)+)", re.MULTILINE)
#: ``cdef double GRID_MAX = 1000.0``, ``cdef list ISSUE_NAMES = …``, ``NAMES[:] = […]``
ASSIGNED = re.compile(
    r"^(?:cdef [^=\n(]*?)?\b([A-Z][A-Z_]+)(?:\[:\])? = (\"\"\".*?\"\"\"\.split\(\)|[^\n]+)", re.DOTALL | re.MULTILINE
)

#: What only the scanner has: how it stores and computes, which no answer can tell.
OWN = {
    *("SPACE", "DIGIT", "WORD", "CUT", "DIGIT_SHIFT"),  # bits of the classes of characters
    *("LONGEST_EXACT", "LARGEST_POWER"),  # digits and powers of ten that floats hold exactly
    *("NOTHING", "RAW", "STRIPPED", "UNESCAPED", "BESIDE_PAIRS", "BESIDE_ATTRIBUTES"),  # forms of an issue's detail
    *("OPEN_TAG", "CLOSE_TAG", "LENGTH", "TIMES", "COUNT", "FAMILY", "ASSETS", "DETAIL_BYTES", "ELLIPSIS"),
    *("DECIDED", "FOREIGN_DIGIT", "FOREIGN_TIME", "REFERENCE_IN_NUMBER", "MANY_ATTRIBUTES", "OTHER_FORM", "REFUSED"),
    *("REASONS", "REASON_NAMES", "MOST_UNKNOWN"),  # why an answer is handed over
    *("PAGE", "PAGES", "KNOWN_PAGES", "SURROGATES", "RECENT", "FEW_DIGITS", "FETCHED", "CACHE_LINE"),
    *(
        "STRIDE",
        "BLOCK",
        "KEPT_BYTES",
        "MOST_SPARE",
        "LARGE",
        "LARGE_PAGE",
        "LITTLE",
        "SECOND",
        "IDLE",
        "GRID_NUMBERS",
        "PLACES",
        "LONGEST_KEPT_TEXT",
    ),
    *("ROWS", "PAIRS", "ANSWERS", "CONTAINERS", "ISSUES", "LETTERS", "MEASURES"),  # what columns have entries for
    # What it reads of boxes in JSON itself; a fuzzer holds it to the surface, which reads the rest.
    *("LONGEST_GAP", "LONGEST_WORD_OF_FENCE", "MOST_WHOLE_DIGITS", "MOST_DECIMALS", "MOST_KEYS"),
    *("HEAD_BYTES", "REFERENCE_BYTES", "FOREIGN_TAGS"),  # a hint may be too broad; if too narrow, the backends differ
}


def without_comment(line):
    return line.partition("#")[0].strip()


def enums():
    """The enums of the sources, each as a dict of numbers by name."""
    for path in SOURCES:
        for found in ENUM.finditer(path.read_text(encoding="utf-8")):
            members, number = {}, 0
            for line in filter(None, map(without_comment, found.group(1).splitlines())):
                name, _, value = line.partition(" = ")
                number = eval(value) if value else number  # noqa: S307 - a number of our own source, such as 1 << 20
                members[name] = number
                number += 1
            yield members


def literals():
    """The other constants whose values are literals."""
    found = {}
    for path in SOURCES:
        for name, text in ASSIGNED.findall(path.read_text(encoding="utf-8")):
            if text.endswith(".split()"):
                found[name] = ast.literal_eval(text.removesuffix(".split()")).split()
                continue
            try:
                found[name] = eval(without_comment(text), {"__builtins__": {}})  # noqa: S307 - likewise
            except Exception:  # noqa: S112 - made of Python objects, such as ``Point(0, 0).__copy__``
                continue
    return found


def constants():
    return literals() | {name: number for members in enums() for name, number in members.items()}


TAGS = [*grammar.KIND_TAGS.values(), "track", "collection"]

#: The Python twin of each.
TWINS = {
    "GRID_MAX": grammar.GRID_MAX,
    "MAX_ASSET_IDX": grammar.MAX_ASSET_IDX,
    "EXACT_LIMIT": grammar.MAX_COORDINATE,
    "DETAIL_LIMIT": DETAIL_LIMIT,
    "REPEAT_RUN": grammar.REPEAT_RUN,
    "BEHIND_WINDOW": grammar.BEHIND_WINDOW,
    "CUT_TAG_LETTERS": grammar.CUT_TAG_LETTERS,
    "TAG_NAMES": tuple(TAGS),
    "NAMES": [tag.encode() for tag in TAGS],
    "NAME_LENGTHS": [len(tag) for tag in TAGS],
    "ISSUE_NAMES": [code.name for code in IssueCode],
    "CODES": len(IssueCode),
    "NO_TAG": len(TAGS),
    "TRACK": len(AnnotationKind),
    "COLLECTION": len(AnnotationKind) + 1,
    **{kind.name: kind.value for kind in AnnotationKind},
    **{code.name: number for number, code in enumerate(IssueCode)},
    **{status.name: number for number, status in enumerate(Status)},
    "ORDERS": [str(order) for order in Order],
    **{order.name: number for number, order in enumerate(Order)},
}
#: The columns have names of their own, because some are those of tags and of issues.
COLUMN_NAMES = {
    "ANSWER_OF": "response",
    "TRACK_OF": "track",
    "COLLECTION_OF": "collection",
    "IS_TRUNCATED": "truncated",
}


def column_enum():
    return next(members for members in enums() if "TRACK_OF" in members)


@pytest.mark.parametrize("name", TWINS)
def test_every_limit_is_that_of_the_grammar(name):
    assert constants()[name] == TWINS[name]


def test_the_columns_stand_in_the_same_order():
    *members, end = column_enum().items()
    buffers = [name for name in Columns._fields if name != "mentions"]
    assert [COLUMN_NAMES.get(name, name.lower()) for name, _ in members] == buffers
    assert [number for _, number in members] == list(range(len(buffers)))
    assert end == ("BUFFERS", len(buffers))


def test_nothing_is_repeated_that_is_not_compared():
    compared = TWINS.keys() | OWN | column_enum().keys()
    assert constants().keys() - compared == set()


def test_each_kind_has_its_class_and_its_tag():
    assert [each.__struct_config__.tag for each in ANNOTATION_TYPES] == [str(kind) for kind in AnnotationKind]
    assert list(grammar.KIND_TAGS) == list(AnnotationKind)
    assert list(grammar.PAIRS) == TAGS[:3]
    assert set(grammar.TAGS) == set(TAGS)
