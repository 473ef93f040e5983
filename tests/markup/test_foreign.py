"""What other models write is told and never read; what is none of it raises no alarm."""

import re

import pytest

from perceptron_annotations import IssueCode, Mode, Severity, Status, StreamParser, TextDelta, parse, parse_batch
from perceptron_annotations.issues import CATALOG
from perceptron_annotations.markup.foreign import ForeignFamily
from tests.corpora import ROOT, TRICKY, lines
from tests.plain_answers import MENTIONS, PlainAnswers

SPEC = ROOT.parent / "shared" / "spec"

#: An answer of each sort, and the text at which the alarm points.
FOREIGN = [
    (ForeignFamily.JSON_BOX, '```json\n[{"bbox_2d": [1, 2, 30, 40], "label": "cat"}]\n```', '"bbox_2d": [1, 2, 30, 40'),
    (ForeignFamily.JSON_BOX, 'Here: {"label": "cat", "box": [[0.1, .2, 0.3, 0.4], [', '"box": [[0.1, .2, 0.3, 0.4'),
    (ForeignFamily.JSON_BOX, '{"boxes": [[1,2,3,4]]}', '"boxes": [[1,2,3,4'),
    (ForeignFamily.JSON_BOX, "{'boundingBox': ['1', '2', '3', '4']}", "'boundingBox': ['1', '2', '3', '4'"),
    (ForeignFamily.JSON_BOX, '[{"box_2d": [\n 1,\n "283",\n 3,\n 4\n]}]', '"box_2d": [\n 1,\n "283",\n 3,\n 4'),
    (ForeignFamily.JSON_BOX, '{"face_box": "[1, 2, 3, 4]"}', '"face_box": "[1, 2, 3, 4'),
    (ForeignFamily.JSON_POINT, '[{"point_2d": [925, 618], "label": "a"}]', '"point_2d": [925, 618'),
    (ForeignFamily.JSON_POINT, '{"points": [{"x": 0.5, "y": 0.25}]}', '"points": [{"x": 0.5, "y": 0.25'),
    (ForeignFamily.JSON_POINT, '{"action": "left_click", "coordinate": [12, 34]}', '"coordinate": [12, 34'),
    (ForeignFamily.JSON_POINT, "{'action': 'CLICK', 'position': [0.49, 0.42]}", "'position': [0.49, 0.42]"),
    (ForeignFamily.JSON_CORNERS, '[{"label": "a", "x_min": 7, "y_min": 4, "x_max": 8}]', '"x_min": 7'),
    (ForeignFamily.JSON_CORNERS, '{"x1": 1, "y1": 2, "x2": 3, "y2": 4}', '"x1": 1, "y1": 2'),
    (ForeignFamily.JSON_CORNERS, '{"left": 1, "top": 2, "right": 3}', '"left": 1, "top": 2'),
    (ForeignFamily.JSON_CORNERS, '{"x": 1, "y": 2, "width": 3, "height": 4}', '"x": 1, "y": 2, "width": 3'),
    (
        ForeignFamily.JSON_TYPED,
        'See: [{"type": "point", "mention": "a", "x": 1}]',
        '"type": "point", "mention": "a", "x": 1',
    ),
    (ForeignFamily.REPR_FORM, "See: [{'point_box': (1,2), (3,4)}]", "'point_box': (1,2"),
    (ForeignFamily.LOCATION_TOKENS, "detect cat <loc0222><loc0113><loc0933><loc0824> cat", "<loc0222><loc0113>"),
    (ForeignFamily.LOCATION_TOKENS, "</s><s>car<loc_52><loc_334><loc_932><loc_774></s>", "<loc_52><loc_334>"),
    (ForeignFamily.MASK_TOKENS, '"mask": "<start_of_mask><seg_1>"', "<start_of_mask>"),
    (ForeignFamily.MASK_TOKENS, "<seg114><seg074> wall", "<seg114><seg074>"),
    (
        ForeignFamily.PATCH_TOKENS,
        "<object><patch_index_0044><patch_index_0863></object>",
        "<patch_index_0044><patch_index_0863>",
    ),
    (ForeignFamily.BOX_TOKENS, "<|box_start|>(576,12),(592,42)<|box_end|>", "<|box_start|>(576,12"),
    (ForeignFamily.DETECTION_TOKENS, "<|ref|>a<|/ref|><|det|>[[580, 270, 999, 900]]<|/det|>", "<|det|>[[580, 270"),
    (
        ForeignFamily.FRAMED_BOX,
        "It is <|begin_of_box|>[[94,598,177,991]]<|end_of_box|>.",
        "<|begin_of_box|>[[94,598,177,991",
    ),
    (ForeignFamily.POINTS_TAG, '<points coords="1 1 308 305 2 752 377">ramp</points>', '<points coords="1'),
    (ForeignFamily.POINTS_TAG, '<points x1="23.0" y1="17.7" alt="a">a</points>', '<points x1="23.0"'),
    (ForeignFamily.POINTS_TAG, '<tracks coords="1.5 1 308 305">ramp</tracks>', '<tracks coords="1.5'),
    (ForeignFamily.POINTS_TAG, "<points 13.5\t1 44.4 69.9/>", "<points 13.5\t1"),
    (ForeignFamily.POINTS_TAG, '<point x="61.5" y="40.4" alt="boat" />', '<point x="61.5"'),
    (ForeignFamily.BOX_TAG, "a <ref>bus</ref><box>[[290, 202, 835, 851]]</box>", "<box>[[290, 202, 835, 851"),
    (ForeignFamily.BOX_TAG, "<bbox>12 34 56 78</bbox>", "<bbox>12 34 56 78"),
    (ForeignFamily.BOX_TAG, "<box>(536,509),(588,602)</box>", "<box>(536,509),(588,602"),
    (ForeignFamily.BOX_TAG, "<points> (1,2) (3,4) </points>", "<points> (1,2) (3,4"),
    (ForeignFamily.CORNER_TAGS, "<bndbox><xmin>48</xmin><ymin>2</ymin></bndbox>", "<xmin>48"),
    (
        ForeignFamily.ESCAPED_MARKUP,
        "&lt;point mention=&quot;a&quot;&gt; (1,2) &lt;/point&gt;",
        "&lt;point mention=&quot;a&quot;&gt; (1,2) &lt;/",
    ),
    (
        ForeignFamily.ESCAPED_MARKUP,
        "&lt;point_box&gt; (1,2) (3,4) &lt;/point_box&gt;",
        "&lt;point_box&gt; (1,2) (3,4) &lt;/",
    ),
    (ForeignFamily.ESCAPED_MARKUP, r"\u003cpolygon\u003e (1,2) (3,4) (5,9) \u003c/polygon\u003e", None),
    (ForeignFamily.ESCAPED_MARKUP, "&lt;clip t=&quot;1 seconds&quot; /&gt;", None),
    (ForeignFamily.CLICK, "Action: click(start_box='(197,525)')", "start_box='(197,525"),
    (ForeignFamily.CLICK, "pyautogui.click(x=0.1632, y=0.2711)", "click(x=0.1632, y=0.2711"),
    (ForeignFamily.BRACKETED_BOX, "CogVLM at the box [[212,498,787,564]]", "[[212,498,787,564]"),
    (ForeignFamily.BRACKETED_BOX, "the cat[0.123,0.456,0.789,0.900] sits", "[0.123,0.456,0.789,0.900]"),
    (ForeignFamily.BARE_NUMBERS, "[(0.461, 0.527), (0.498, 0.521)]", "[(0.461, 0.527), (0.498, 0.521)]"),
    (ForeignFamily.BARE_NUMBERS, "[0.73, 0.21]", "[0.73, 0.21]"),
    (ForeignFamily.BARE_NUMBERS, "[[12, 34, 56, 78], [1, 2, 3, 4]]", "[[12, 34, 56, 78], [1, 2, 3, 4]]"),
    (ForeignFamily.BARE_NUMBERS, "```json\n[120, 34, 560, 780]\n```", "```json\n[120, 34, 560, 780]\n```"),
]


def alarms(document):
    return [issue for issue in document.issues if issue.code is IssueCode.FOREIGN_MARKUP]


def streamed(text, mode, step=7):
    """The document of a stream, and the prose that its events told."""
    parser = StreamParser(mode=mode)
    events = [event for at in range(0, len(text), step) for event in parser.feed(text[at : at + step])]
    document = parser.close()
    events += parser.closing_events
    return document, "".join(event.text for event in events if isinstance(event, TextDelta))


@pytest.mark.parametrize(
    ("family", "text", "place"), [each for each in FOREIGN if each[0] is not ForeignFamily.BARE_NUMBERS]
)
def test_of_two_the_first_is_told(family, text, place):
    """The forms are searched one after another, each from the start; what counts is the place."""
    for _, other, _ in FOREIGN:
        (alarm,) = alarms(parse(f"So: {text} {other}"))
        assert alarm.detail == family.value
        assert place is None or alarm.span.of(alarm_source := f"So: {text} {other}") == place, alarm_source
        assert alarm.span.start < len(f"So: {text}")


@pytest.mark.parametrize(
    ("text", "family"),
    [
        ('"Box_2D" : [1, 2, 3, 4', ForeignFamily.JSON_BOX),
        ("\"bbox' \n:\n[1, 2, 3, 4]", ForeignFamily.JSON_BOX),
        ('{"LEFT": 1, "Top": 2}', ForeignFamily.JSON_CORNERS),
        ("in the restart_box = '1, 2' [x]", None),
        ("in the start_box = '1, 2' [x]", ForeignFamily.CLICK),
        ("<Loc_12><Loc_13>", None),
        ("<locs_12><locs_13>", None),
        ('"x_min": 3', None),  # without a bracket it is a sentence about a word
        ("<start_of_mask>", ForeignFamily.MASK_TOKENS),
        ("{'boxes': [[x1, y1, x2, y2]]}", None),  # nothing is foreign without a number
    ],
)
def test_names_and_what_is_around_them(text, family):
    assert [alarm.detail for alarm in alarms(parse(text))] == ([family.value] if family else [])


def test_every_family_has_an_example():
    assert {family for family, _, _ in FOREIGN} == set(ForeignFamily)
    assert len(ForeignFamily) >= 12


@pytest.mark.parametrize(("family", "text", "place"), FOREIGN)
def test_foreign_markup_is_told(family, text, place):
    """field A5, core m12: "the warning `foreign_markup`, naming the family, turns EMPTY into UNREADABLE"."""
    for mode in Mode:
        if mode is not Mode.STRICT and family is ForeignFamily.REPR_FORM and text.startswith("["):
            continue
        document = parse(text, mode=mode)
        (alarm,) = alarms(document)
        assert (alarm.detail, alarm.severity) == (family.value, Severity.WARNING)
        if place is not None:
            assert alarm.span.of(text) == place
        assert (document.status, document.annotations, document.errors) == (Status.UNREADABLE, (), ())
        told, prose = streamed(text, mode)
        assert (told.issues, told.nodes, told.status) == (document.issues, document.nodes, document.status)
        assert prose == document.prose
    table = parse_batch([text, "prose", text])
    assert table.status.tolist() == ["unreadable", "empty", "unreadable"]
    assert [issue.detail for issue in parse(text).issues][-1:] == [family.value]
    assert table.issues.details == tuple(issue.detail for issue in parse(text).issues) * 2


@pytest.mark.parametrize(("family", "text", "place"), FOREIGN)
def test_it_changes_nothing_else(family, text, place):
    """An answer that has an annotation, or lost one, is about its own markup."""
    assert alarms(parse(f"<point> (1,2) </point> {text}")) == []
    assert alarms(parse(f"<point> bad </point> {text}")) == []


@pytest.mark.parametrize("text", MENTIONS)
def test_prose_about_tags_is_prose(text):
    """Finding A5: "prose that mentions `<points>` or `&lt;point&gt;` is prose"."""
    assert parse(text).status is Status.EMPTY
    assert parse(f"{text} {text}").status is Status.EMPTY


@pytest.mark.parametrize("text", TRICKY)
def test_no_alarm_on_the_tricky_answers(text):
    assert alarms(parse(text)) == []


def test_no_alarm_on_ten_thousand_plain_answers():
    plain = PlainAnswers(20)
    answers = [plain.draw() for _ in range(10_000)]
    table = parse_batch(answers)
    loud = [
        answers[row]
        for row in table.issues.response[table.issues.code == list(CATALOG).index(IssueCode.FOREIGN_MARKUP)]
    ]
    assert loud == []


@pytest.mark.skipif(not SPEC.exists(), reason="the answers of other models are not beside the repository")
def test_an_alarm_on_each_answer_of_another_model():
    """field A5: an alarm on each answer that holds a box or a point, and on no other."""
    quiet = []
    for line in lines(SPEC / "vlm_answers.jsonl"):
        document = parse(line["answer"])
        holds = re.search(r"\[\s*[0-9]|x_min", line["answer"]) is not None
        assert document.status is (Status.UNREADABLE if holds else Status.EMPTY), line["answer"]
        assert len(alarms(document)) == holds
        quiet += [line["answer"]] * (not holds)
    assert len(quiet) == 3


@pytest.mark.skipif(not SPEC.exists(), reason="the answers of other models are not beside the repository")
def test_an_alarm_on_each_dialect():
    """field A5: what our grammar reads is read, and all else is told."""
    read = {"ui-tars-1.5", "perceptron-mk1", "perceptron-mk1-repr", "isaac-transformers"}
    for line in lines(SPEC / "dialect_examples.jsonl"):
        document = parse(line["text"])
        if line["dialect"] in read and "start_box" not in line["text"]:
            assert (document.status, alarms(document)) == (Status.OK, [])
        else:
            assert (document.status, len(alarms(document))) == (Status.UNREADABLE, 1), line["text"]


@pytest.mark.parametrize(
    "piece",
    [
        *(
            '"',
            '"box": [',
            '"box":',
            "<points ",
            "<points x",
            "&lt;point ",
            "&lt;clip t=",
            "&",
            "&#0",
            '"type": "point"',
        ),
        *(
            "[[",
            "[(1,2),",
            "[1,",
            " [",
            "<loc_1>",
            "<|det|>",
            "<box>",
            "<box>1,",
            "x=",
            "start_box=",
            '{"x": 1,',
            "\\u003c",
        ),
        *(
            '{"a": 1,',
            "[{",
            '[{"type": "point", "x": 1, "y": 2},',
            "{'point_box': (1,2),",
            "{'a': 'b',",
            "```",
            "\ufeff",
            "{",
        ),
    ],
)
def test_the_look_is_linear(piece):
    """Four times the text takes about four times the time; as much again allows for other work on the machine."""
    import time

    def seconds(size):
        text = piece * (size // len(piece))
        start = time.process_time()
        parse(text)
        parse(text, mode=Mode.SALVAGE)
        return time.process_time() - start

    small, large = (min(seconds(size) for _ in range(2)) for size in (10_000, 40_000))
    assert large < 4 * 4 * max(small, 0.002)


@pytest.mark.parametrize(
    "text",
    [
        '{"data": [{"x": 5, "y": 39}, {"x": 0, "y": 27}]}',
        '{"x": 1, "y": 2, "label": "w"}',
        '{"x": 1, "width": 3, "y": 2}',
    ],
)
def test_an_x_with_its_y_is_a_chart_until_a_width_follows(text):
    assert parse(text).issues == ()
    assert parse(text.replace("}", ', "x": 1, "y": 2, "W": 3}', 1)).issues[0].detail == "json_corners"
