"""The scanner of lines knows the fields that the plain reader of lines knows."""

import ast
import re
from pathlib import Path

from perceptron_annotations.completions import RecordedAsset, plain_lines
from perceptron_annotations.completions.completion import FIRST_ERROR_STATUS

FIELDS = Path(plain_lines.__file__).parent.parent / "markup" / "scanner" / "line_fields.pxi"


def rules():
    """The fields of each object that the scanner of lines knows, from its source."""
    source = FIELDS.read_text(encoding="utf-8")
    assigned = re.findall(r"cdef (?:dict|list) (BODY_RULES|FIELD_RULES) = (.*?)\n(?=\n|cdef )", source, re.DOTALL)
    body, objects = (ast.parse(text, mode="eval").body for _, text in assigned)
    return [names(each, body) for each in objects.elts]


def names(node, body):
    if isinstance(node, ast.BinOp):
        return names(node.left, body) | names(node.right, body)
    return names(body, body) if isinstance(node, ast.Name) else {key.value for key in node.keys}


def test_the_fields_are_those_of_the_plain_reader():
    """Both must leave the same lines to the general reader, for the same fields."""
    body = {*plain_lines._Body.__struct_fields__} - {"message"}  # which only says that a body is one
    assert rules() == [
        {*plain_lines.PlainLine.__struct_fields__} - {"message"},
        {*plain_lines._Response.__struct_fields__} - {"message"},
        body,
        *(
            {*kind.__struct_fields__}
            for kind in (
                plain_lines.PlainChoice,
                plain_lines._Message,
                plain_lines._Detail,
                plain_lines._Usage,
                plain_lines._TokenDetails,
                RecordedAsset,
            )
        ),
    ]


def test_the_first_status_of_an_error_is_that_of_completions():
    source = FIELDS.read_text(encoding="utf-8")
    assert re.search(r"FIRST_ERROR = (\d+)", source)[1] == str(FIRST_ERROR_STATUS)
