"""Issue 18, item 2: what models write is decided by the compiled scanner; what it leaves has a reason by name."""

import pytest

from benchmarks.corpus import Corpus, Mix
from benchmarks.fuzz import Hostile
from perceptron_annotations import Mode, parse_batch
from perceptron_annotations.issues import Span
from perceptron_annotations.markup.backend import scanner
from perceptron_annotations.markup.document import Document
from perceptron_annotations.markup.parsing import parse_purely

pytestmark = pytest.mark.skipif(scanner is None, reason="the compiled scanner is not there")

#: What models write, by what was handed over once.
DECIDED = {
    "unquoted, beyond ASCII": "<point mention=猫> (1,2) </point>",
    "name beyond ASCII": '<point größe="3"> (1,2) </point>',
    "exponent": '<point t="1.5e1"> (1,2) </point>',
    "long decimal": '<point t="0.1234567890123456789"> (1,2) </point>',
    "infinite": '<point t="1e999"> (1,2) </point>',
    "time beyond ASCII": '<point t="1.5 секунд"> (1,2) </point>',
    "two needless attributes": '<point id="1" color="red"> (1,2) </point>',
    "needless attribute twice": '<point id="1" id="2"> (1,2) </point>',
    "confidence of a collection": '<collection confidence="0.5"> <point> (1,2) </point> </collection>',
    "confidence in words": '<point confidence="high"> (1,2) </point>',
    "tag in a value": '<point mention="a <point> b"> (1,2) </point>',
    "start of a tag in a value": '<point mention="a <poi"> (1,2) </point>',
    "reference by name": '<point mention="caf&eacute;"> (1,2) </point>',
    "reference to nothing": '<collection mention="a"> <point mention="&#1;"> (1,2) </point> </collection>',
    "equal but for references": '<point mention="a&amp;b"> (1,2) </point> <point mention="a&b"> (1,2) </point>' * 2,
    "assets at odds": '<track> <point asset_idx="2"> (1,2) </point> <point asset_idx="10"> (1,2) </point> </track>',
    "collection in a collection": "<collection> <collection> <point> (1,2) </point> </collection> </collection>",
    "words beyond ASCII in a body": "<point> 猫 (1,2) </point>",
    "spaces beyond ASCII": "<point\u3000mention='a'\u2003>\u00a0(1,\u00a02)\u3000</point>",
    "digits beyond ASCII": "<point> (٣,４) </point>",
    "lone surrogate": "\ud800 <point mention='\udfff'> (1,2) </point>",
    "foreign markup": '[{"bbox_2d": [1, 2, 3, 4], "label": "cat"}]',
    "nearly foreign": '[{"scores": [1, 2, 3, 4]}]',
    "broken off": '<point mention="猫"> (1,2) </point> <point_box mention="зв',
    "stray close tag behind words": "猫 猫 猫 (1,2) </point>",
}


def purely(text: str, mode: Mode = Mode.LENIENT) -> Document:
    return parse_purely(text, Span(0, len(text)), mode=mode, cut=False)


@pytest.mark.parametrize("name", DECIDED)
def test_what_models_write_is_decided(name):
    """The oracle is the pure parser."""
    text = DECIDED[name]
    assert scanner.reason(text) == "decided"
    pure = purely(text)
    document = scanner.read(text, Mode.LENIENT)
    assert document == pure
    assert (document.nodes, document.annotations, document.issues) == (pure.nodes, pure.annotations, pure.issues)
    table = parse_batch([text])
    assert list(table.issues.details) == [issue.detail for issue in pure.issues]
    assert table.status.tolist() == [pure.status.value]


@pytest.mark.parametrize(
    ("reason", "text"),
    [
        ("other_form", '[{"type": "point", "x": 1, "y": 2}]'),
        ("other_form", "[{'point': (1,2), 'label': 'a'}]"),
        ("foreign_digit", "<point> (٣٣٣٣٣٣٣٣٣٣٣٣٣٣٣٣,1) </point>"),
        ("foreign_time", '<point t="١"> (1,2) </point>'),
        ("foreign_time", '<point t="1ſ"> (1,2) </point>'),
        ("reference_in_number", '<point t="&#49;"> (1,2) </point>'),
        ("many_attributes", "<point " + " ".join(f"a{each}=1" for each in range(17)) + "> (1,2) </point>"),
    ],
)
def test_what_is_left_has_a_reason(reason, text):
    assert scanner.reason(text) == reason
    assert scanner.read(text, Mode.LENIENT) is None
    assert reason in scanner.__doc__
    assert list(parse_batch([text]).issues.details) == [issue.detail for issue in purely(text).issues]


@pytest.mark.parametrize("mix", Mix)
def test_nearly_nothing_of_a_mix_is_handed_over(mix):
    answers = Corpus(3).answers(mix, 1000)
    assert sum(scanner.reason(text) != "decided" for text in answers) <= 1


def test_less_than_one_percent_of_hostile_answers_is_handed_over():
    """Of foreign markup, the second form of Mk1 and our own JSON too, which are two of seven of these answers."""
    hostile = Hostile(1)
    reasons = [scanner.reason(hostile.draw()) for _ in range(20_000)]
    assert sum(reason != "decided" for reason in reasons) < 200
