"""“No input makes work grow faster than its length, no depth or digit count raises out of the parser.”

Nothing here is timed; a quadratic step would make these tests take minutes.
"""

import pytest

from perceptron_annotations import Mode, Point, Status, StreamParser, parse

DEEP = 100_000
MEGABYTE = 10**6


def fed(text, size):
    parser = StreamParser()
    for at in range(0, len(text), size):
        parser.feed(text[at : at + size])
    return parser.close()


@pytest.mark.parametrize("opener", ["<collection>", "<track>", "<collection><track>"])
@pytest.mark.parametrize("mode", [Mode.LENIENT, Mode.SALVAGE])
def test_deep_nesting(opener, mode):
    closer = "".join(f"</{tag}>" for tag in reversed(opener.strip("<>").split("><")))
    text = opener * DEEP + "<point> (1,2) </point>"
    assert parse(text, mode=mode).points == (Point(1, 2),)
    closed = parse(text + closer * DEEP, mode=mode)
    assert closed.points == (Point(1, 2),)
    assert parse(closed.to_markup()).points == closed.points
    assert closed.prose == ""


def test_misplaced_clips_in_deep_tracks():
    text = "<collection>" + "<track>" * 20_000 + '<clip t="1"/>' * 20_000 + "</track>" * 20_000 + "</collection>"
    assert len(parse(text).clips) == 20_000


@pytest.mark.parametrize(
    "text",
    [
        "<" * 10 * MEGABYTE,
        "<point " * 200_000,
        "<point>" * 200_000,
        '<point "' * 200_000,
        "<point '<point \"" * 100_000,
        "<point " + "a" * MEGABYTE + ">",
        '<point t="1' + " " * MEGABYTE + 'x"> (1,2) </point>',
        '<clip t="1' + " " * MEGABYTE + 'x"/>',
        "<point>" + "(" * MEGABYTE + "</point>",
        "<point>" + "(1 " * 300_000 + "</point>",
        '<point mention="' + "&" * MEGABYTE + '"> (1,2) </point>',
        "<collection>" + "</point>" * 100_000,
        "<|" * 500_000,
        "<point> " + "9" * MEGABYTE + " 1 </point>",
    ],
    ids=lambda text: text[:24],
)
def test_hostile(text):
    for mode in (Mode.LENIENT, Mode.SALVAGE):
        document = parse(text, mode=mode)
        assert len(document.source) == len(text)


@pytest.mark.parametrize("digits", [5000, 100_000])
@pytest.mark.parametrize(
    "text",
    [
        "<point> ({},1) </point>",
        "<point> {} 1 </point>",
        '<point asset_idx="{}"> (1,2) </point>',
        '<point t="{}"> (1,2) </point>',
        '<clip t="{}"/>',
    ],
)
def test_many_digits(text, digits):
    assert parse(text.format("9" * digits)).status is Status.UNREADABLE
    zeros = "0" * digits
    assert parse(text.format(zeros + "1")).status is Status.OK
    assert parse(text.format("٠" * 4 + "1")).status in {Status.OK, Status.UNREADABLE}  # bare pairs are ASCII only


def test_many_digits_in_a_character_reference():
    for digits in ("9" * 5000, "x" + "f" * 5000):
        assert parse(f'<point mention="&#{digits};"> (1,2) </point>').points == (Point(1, 2, mention="\ufffd"),)
    assert parse(f'<point mention="&#{"0" * 5000}65;"> (1,2) </point>').points == (Point(1, 2, mention="A"),)


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("<collection>" + "<point> (1,2) </point>" * 20_000, 3),
        ('<point mention="' + "a" * 300_000, 1),
        ("<point " + 'a="b" ' * 50_000, 1),
        ("<point>" + "(" * 300_000, 1),
        ("words " * 50_000, 1),
        ("<collection>" + "</point>" * 30_000, 1),
        ('<point "' + "<point '" * 30_000, 1),
        ("<" * 300_000, 1),
    ],
    ids=lambda value: str(value)[:24],
)
def test_streams(text, size):
    assert fed(text, size) == parse(text)
