"""What each dialect can write, found by asking it: what tests of every dialect draw their answers from.

A new dialect needs nothing here: its writer gives whole answers, and their parts, in any order, give broken ones.
"""

import re
from functools import cache

from hypothesis import strategies as st

import perceptron_annotations as pa
from perceptron_annotations.dialects import PatchIndices, dialect_named, dialect_names, write_answer
from perceptron_annotations.errors import UnwritableError

NAMES = dialect_names()
#: For dialects that count pixels.
SIZE = (640, 480)
UNIT = pa.Frame.UNIT
SHAPES = {
    "point": pa.Point(0.125, 0.25, frame=UNIT),
    "box": pa.Box(0.125, 0.25, 0.5, 0.75, frame=UNIT),
    "triangle": pa.Polygon([(0.125, 0.25), (0.5, 0.25), (0.5, 0.75)], frame=UNIT),
    "quad": pa.Polygon([(0.125, 0.25), (0.5, 0.25), (0.5, 0.75), (0.125, 0.75)], frame=UNIT),
}
LABELS = ("cat", "dog", "a red-haired dog's tail", "кот", "猫 🐈", "1 < 2")
#: What models and transports leave in answers, whatever the dialect.
NOISE = [
    "<",
    ">",
    "[",
    "]",
    "(",
    ")",
    "{",
    "}",
    ",",
    ";",
    '"',
    "'",
    " ",
    "\n",
    "a",
    "é",
    "9",
    "-1",
    "1.5",
    "\\",
    "`",
    "</",
    "<|",
]
NOISE += ["</s>", "<pad>", "<|im_end|>", "<loc_", "<loc", "<|", "<points", "9" * 50]
MOST_HOSTILE = 6
_LONG = 80
_PART = re.compile(r"<[^<>]*>|\w+|\s+|.")


def is_writable(name, values):
    """Whether a dialect has a form for values."""
    try:
        write_answer(values, name, image_size=SIZE)
    except UnwritableError:
        return False
    return True


@cache
def shapes(name):
    """The shapes that a dialect can write, each with a label if it can write labels."""
    found = [shape for shape in SHAPES.values() if is_writable(name, shape)]
    assert found, f"{name} can write nothing"
    return found


@cache
def labels(name):
    """The labels that a dialect can write beside each of its shapes, and None."""
    return [None, *(label for label in LABELS if all(is_writable(name, labelled(s, label)) for s in shapes(name)))]


def labelled(shape, label):
    """A shape with another label."""
    if isinstance(shape, pa.Polygon):
        return pa.Polygon(shape.vertices, frame=shape.frame, mention=label)
    return type(shape)(
        *shape.coordinates[0], *(shape.coordinates[1:] and shape.coordinates[1]), frame=shape.frame, mention=label
    )


@cache
def parts(name):
    """The parts of answers in a dialect."""
    written = [write_answer(labelled(s, label), name, image_size=SIZE) for s in shapes(name) for label in labels(name)]
    return sorted({part for text in written for part in _PART.findall(text)}) + written


@cache
def hostile(name):
    """What is repeated in answers that may be slow: a part of each form, with other digits and letters the same."""
    repeated = [*parts(name), "<", "[", "(", "{", "9", " ", '"', "[(", "</"]
    forms = {re.sub(r"[0-9]+", "0", re.sub(r"\w{2,}", "a", part)): part for part in repeated}
    found = sorted((part for part in forms.values() if len(part) < _LONG), key=len)
    return found[:: -(-len(found) // MOST_HOSTILE)]  # short ones and long ones


@st.composite
def values(draw, name):
    """Some values that a dialect can write, anywhere in the image."""
    fraction = st.floats(0, 1) | st.sampled_from([0, 1])
    found = []
    for template in draw(st.lists(st.sampled_from(shapes(name)), max_size=4)):
        label = draw(st.sampled_from(labels(name)))
        pairs = [(draw(fraction), draw(fraction)) for _ in template.coordinates]
        if isinstance(template, pa.Box):
            (x1, y1), (x2, y2) = pairs
            shape = pa.Box(min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2), frame=UNIT, mention=label)
        elif isinstance(template, pa.Point):
            shape = pa.Point(*pairs[0], frame=UNIT, mention=label)
        else:
            shape = pa.Polygon(pairs, frame=UNIT, mention=label)
        found.append(shape)
    return found


@st.composite
def broken(draw, name):
    """An answer in pieces: parts of whole ones and noise in any order, or a whole one with a stretch lost or twice."""
    if draw(st.booleans()):
        part = st.sampled_from(parts(name)) | st.sampled_from(parts(name)) | st.sampled_from(NOISE)
        return "".join(draw(st.lists(part, max_size=14)))
    text = write_answer(draw(values(name)), name, image_size=SIZE)
    start, end = sorted((draw(st.integers(0, len(text))), draw(st.integers(0, len(text)))))
    return draw(st.sampled_from([text[:start] + text[end:], text[:end] + text[start:], text[:end]]))


def rounding(name):
    """How far writing may move a coordinate, in the dialect's own frame."""
    dialect = dialect_named(name)
    if isinstance(getattr(dialect.surface, "inner", None), PatchIndices):
        return 1.0  # a box that lies in one row or column covers whole cells
    return 10.0**-dialect.scale.decimals if dialect.scale.last is None else 1.0
