"""Every difference from the SDK that is meant, by name, each shown on both sides.

A difference that is not here is a bug.
"""

import pytest
from perceptron.errors import ParseError
from perceptron.pointing.parser import collect_annotations

from perceptron_annotations import Box, Clip, IssueCode, Mode, Point, Severity, Status, parse
from perceptron_annotations.errors import MarkupError
from perceptron_annotations.issues import CATALOG


class TestNumberOverflow:
    """Above 2**53 floats have gaps, and an asset_idx above 2**31 - 1 fits no column; such an element stays text."""

    @pytest.mark.parametrize("beyond", [2**53 + 1, 10**20])
    def test_coordinate(self, beyond):
        text = f"<point> ({beyond},1) </point>"
        assert [point.x for point in collect_annotations(text).points] == [beyond]
        document = parse(text)
        assert document.points == ()
        assert [issue.code for issue in document.issues] == [IssueCode.NUMBER_OVERFLOW]

    def test_last_coordinate_that_both_read(self):
        text = f"<point> ({2**53},1) </point>"
        assert collect_annotations(text).points[0].x == parse(text).points[0].x == 2**53

    def test_asset_idx(self):
        text = f'<point asset_idx="{2**31}"> (1,2) </point>'
        assert collect_annotations(text).points[0].asset_idx == 2**31
        document = parse(text)
        assert document.points == ()
        assert [issue.code for issue in document.issues] == [IssueCode.NUMBER_OVERFLOW]

    def test_last_asset_idx_that_both_read(self):
        text = f'<point asset_idx="{2**31 - 1}"> (1,2) </point>'
        assert collect_annotations(text).points[0].asset_idx == parse(text).points[0].asset_idx == 2**31 - 1


class TestAsciiTagNames:
    """The SDK ignores case by Unicode's rules, where the Kelvin sign is a k and dotless i an i; our names are ASCII."""

    @pytest.mark.parametrize("close", ["</trac\u212a>", "</track>"])
    def test_kelvin_sign(self, close):
        text = f"<trac\u212a> <point> (1,2) </point> {close}"
        assert len(collect_annotations(text).tracks) == 1
        document = parse(text)
        assert document.tracks == ()
        assert document.points == (Point(1, 2),)

    def test_dotless_i_opens_a_nameless_container_in_the_sdk(self):
        text = "<po\u0131nt> (1,2) </point>"
        assert [error["code"] for error in collect_annotations(text).errors] == [
            "incomplete_annotation",
            "unexpected_close_tag",
        ]
        document = parse(text)
        assert [issue.code for issue in document.errors] == [IssueCode.MISSING_TAG]  # of </point>, which is ASCII
        assert not document.truncated


class TestOurOwnErrors:
    """What the SDK loses in silence is an error with a code of ours, which strict mode raises."""

    @pytest.mark.parametrize(
        ("text", "code"),
        [
            ("<point> (1,2) and", IssueCode.MISSING_TAG),
            ("(1,2) </point>", IssueCode.MISSING_TAG),
            ("<point_box> (1,2) (3,4)", IssueCode.TRUNCATED_ELEMENT),
            ("<point> (1,2) </point> <point_bo", IssueCode.TRUNCATED_ELEMENT),
            (f"<point> ({2**53 + 1},1) </point>", IssueCode.NUMBER_OVERFLOW),
            ('{"annotations": [{"type": "point", "x": 1}]}', IssueCode.INVALID_ITEM),
        ],
    )
    def test_strict_mode_raises(self, text, code):
        assert collect_annotations(text, strict=True).errors == []
        with pytest.raises(MarkupError) as caught:
            parse(text, mode=Mode.STRICT)
        assert caught.value.issue.code is code

    def test_every_error_that_the_sdk_does_not_know_is_named_here(self):
        ours = {code for code, info in CATALOG.items() if info.severity is Severity.ERROR and not info.in_sdk}
        assert ours == {
            IssueCode.MISSING_TAG,
            IssueCode.TRUNCATED_ELEMENT,
            IssueCode.NUMBER_OVERFLOW,
            IssueCode.INVALID_ITEM,
        }

    def test_ours_may_stand_before_theirs(self):
        text = "<point> (1,2) and <point> bad </point>"
        with pytest.raises(ParseError) as theirs:
            collect_annotations(text, strict=True)
        assert theirs.value.code == "invalid_point_coords"
        with pytest.raises(MarkupError) as ours:
            parse(text, mode=Mode.STRICT)
        assert ours.value.issue.code is IssueCode.MISSING_TAG


class TestStructuralFaults:
    """A structural fault costs the SDK the whole container; us only itself, and the codes are the same."""

    @pytest.mark.parametrize(
        ("text", "code", "kept"),
        [
            (
                '<collection mention="a"> <point>3 4</point><collection> <point>1 2</point></collection></collection>',
                "invalid_collection_child",
                (Point(3, 4, mention="a"), Point(1, 2, mention="a")),
            ),
            (
                '<collection mention="c"> <point> (1,2) </point> </point> </collection>',
                "unexpected_close_tag",
                (Point(1, 2, mention="c"),),
            ),
            (
                '<collection mention="c"> <point> (1,2) <point> (3,4) </point> </collection>',
                "unclosed_tag",
                (Point(3, 4, mention="c"),),
            ),
            (
                '<collection asset_idx="x" mention="c"> <point> (1,2) </point> </collection>',
                "invalid_asset_idx",
                (Point(1, 2, mention="c"),),
            ),
            (
                '<collection t="soon" mention="c"> <point> (1,2) </point> </collection>',
                "invalid_time",
                (Point(1, 2, mention="c"),),
            ),
            (
                '<track mention="k"> <point> (1,2) </point> <point_box> (1,2) (3,4) </point_box> </track>',
                "invalid_track_geometry",
                (Point(1, 2, mention="k"), Box(1, 2, 3, 4, mention="k")),
            ),
            (
                '<track asset_idx="2" mention="k"> <point asset_idx="1"> (1,2) </point> </track>',
                "invalid_track_asset",
                (Point(1, 2, mention="k", asset_idx=1),),
            ),
        ],
    )
    def test_valid_children_stay(self, text, code, kept):
        theirs = collect_annotations(text)
        assert [error["code"] for error in theirs.errors] == [code]
        assert theirs.points == theirs.boxes == theirs.tracks == []
        document = parse(text)
        assert [issue.code.value for issue in document.errors] == [code]
        assert document.annotations == kept

    def test_a_misplaced_child_is_kept(self):
        text = '<track mention="k"> <clip t="1" /> <point> (1,2) </point> </track>'
        theirs = collect_annotations(text)
        assert (len(theirs.clips), len(theirs.points)) == (0, 1)
        document = parse(text)
        assert document.clips == (Clip(1, mention="k"),)
        assert document.points == (Point(1, 2, mention="k"),)


class TestOtherForms:
    """What is no markup is prose to the SDK; to us it may be an answer that is read, or one that is not ours."""

    @pytest.mark.parametrize(
        "text",
        [
            '[{"bbox_2d": [1, 2, 30, 40], "label": "cat"}]',
            "<loc0000><loc0000><loc1022><loc1022> cat",
            "&lt;point mention=&quot;a&quot;&gt; (1,2) &lt;/point&gt;",
        ],
    )
    def test_foreign_markup(self, text):
        """(a) A warning that alone turns EMPTY into UNREADABLE, and that strict mode does not raise."""
        theirs = collect_annotations(text, strict=True)
        assert theirs.points == theirs.boxes == theirs.errors == []
        for mode in Mode:
            document = parse(text, mode=mode)
            assert [issue.code for issue in document.issues] == [IssueCode.FOREIGN_MARKUP]
            assert (document.status, document.annotations, document.errors) == (Status.UNREADABLE, (), ())

    def test_the_second_form_of_mk1(self):
        """(b) Read in lenient and salvage mode, with the warning ``repr_form``; foreign in strict mode."""
        text = "[{'point_box': (891,402), (939,495), 'label': 'brick'}]"
        assert collect_annotations(text).boxes == []
        for mode in (Mode.LENIENT, Mode.SALVAGE):
            assert parse(text, mode=mode).annotations == (Box(891, 402, 939, 495, mention="brick"),)
            assert [issue.code for issue in parse(text, mode=mode).issues] == [IssueCode.REPR_FORM]
        assert [issue.code for issue in parse(text, mode=Mode.STRICT).issues] == [IssueCode.FOREIGN_MARKUP]

    def test_confidence(self):
        """(c) The attribute is the score of a leaf or clip, and is written back."""
        text = '<point mention="a" confidence="0.95"> (1,2) </point>'
        (theirs,) = collect_annotations(text).points
        assert (theirs.x, theirs.y, theirs.mention) == (1, 2, "a")
        document = parse(text)
        assert document.annotations == (Point(1, 2, mention="a", score=0.95),)
        assert document.to_markup() == text

    @pytest.mark.parametrize("mode", Mode)
    def test_json_of_our_own_schema(self, mode):
        """(d) A text that is wholly that JSON is read as annotations."""
        text = '{"annotations": [{"type": "point", "x": 1, "y": 2}]}'
        assert collect_annotations(text).points == []
        assert parse(text, mode=mode).annotations == (Point(1, 2),)


class TestTheSdkBreaks:
    """Where the SDK crashes, or takes time that grows with the square of the input, ours answers."""

    @pytest.mark.parametrize(
        "text",
        [
            f"<point> ({'9' * 5000},1) </point>",
            f'<point asset_idx="{"9" * 5000}"> (1,2) </point>',
            f'<point mention="&#{"9" * 5000};"> (1,2) </point>',
        ],
        ids=["coordinate", "asset_idx", "reference"],
    )
    def test_five_thousand_digits(self, text):
        with pytest.raises(ValueError, match="Exceeds the limit"):
            collect_annotations(text + " <point> (3,4) </point>")
        assert Point(3, 4) in parse(text + " <point> (3,4) </point>").points

    def test_nested_containers(self):
        text = "<collection>" * 1500 + "<point> (1,2) </point>"
        with pytest.raises(RecursionError):
            collect_annotations(text)
        assert parse(text).points == (Point(1, 2),)

    @pytest.mark.parametrize(
        "text",
        ["<point " + "a" * 300_000 + "> (1,2) </point>", '<point t="1' + " " * 300_000 + 'x"> (1,2) </point>'],
        ids=["a word in a tag", "spaces in a time"],
    )
    def test_long_runs_that_the_sdk_takes_minutes_for(self, text):
        assert parse(text).status in {Status.OK, Status.UNREADABLE}


@pytest.mark.parametrize("expects", ["point", "clip"])
def test_families_are_not_ours(expects):
    """The SDK reads one family of tags where it is told to; we always read all kinds."""
    text = '<point> (1,2) </point> <clip t="1" />'
    theirs = collect_annotations(text, expects=expects)
    assert len(theirs.points) + len(theirs.clips) == 1
    assert parse(text).annotations == (Point(1, 2), Clip(1))
