"""Models that write each number as a token: where the label stands, and what is odd, broken or cut."""

import re

import pytest

import perceptron_annotations as pa
from perceptron_annotations.dialects import Dialect, LocationTokens, Scale, TokenLabel, dialect_named, write_answer
from perceptron_annotations.errors import MarkupError, UnwritableError
from tests.dialects.examples import examples


def read(text, dialect, **options):
    return pa.parse(text, dialect=dialect, **options)


def said(document):
    """What each annotation says, in whole numbers of the dialect."""
    return [(each.mention, [int(n) for pair in each.coordinates for n in pair]) for each in document.annotations]


def codes(document):
    return [issue.code.value for issue in document.issues]


def locs(*numbers):
    return "".join(f"<loc_{number}>" for number in numbers)


def bins(*numbers):
    return "".join(f"<loc{number:04}>" for number in numbers)


A, B = (10, 20, 30, 40), (50, 60, 70, 80)
A_YX, B_YX = (20, 10, 40, 30), (60, 50, 80, 70)
SEGMENTS = "".join(f"<seg{number:03}>" for number in range(16))


# -- published answers -----------------------------------------------------------------------------------------------


def test_the_published_answers_of_paligemma():
    """ms-swift's test and the echo of a prompt; yxyx in 1024 bins."""
    first, echo = examples("paligemma")
    assert said(read(first, "paligemma")) == [("cat", [0, 0, 1022, 1022])]
    document = read(echo, "paligemma")
    assert said(document) == [("cat", [113, 222, 824, 933])]
    assert (document.prose, document.status, document.frame) == ("detect cat ", "ok", pa.Frame.grid(1024))


def test_the_published_answers_of_florence_2():
    """transformers' own tests: a car, and regions without labels; pixels are the centres of 1000 bins."""
    car, regions = examples("florence-2")
    document = read(car, "florence-2")
    assert said(document) == [("car", [52, 334, 932, 774])]
    assert (document.prose, document.status, document.truncated) == ("", "ok", False)
    # int((bin + 0.5) * size / 1000) for an image of 640 x 480, by Florence2PostProcessor.dequantize
    assert [int(number) for number in document.to_pixels(640, 480).boxes[0].xyxy] == [33, 160, 596, 371]
    assert [len(read(regions, name).boxes) for name in ("florence-2", "florence-2-edge")] == [7, 7]
    assert {box.mention for box in read(regions, "florence-2").boxes} == {None}


def test_the_two_rules_of_florence_2_are_half_a_bin_apart():
    """transformers takes the centre of a bin, supervision its edge: ``loc / 1000 * size``."""
    text = "car" + locs(52, 334, 932, 774)
    assert read(text, "florence-2").boxes[0].xyxy == (52.5, 334.5, 932.5, 774.5)
    assert read(text, "florence-2-edge").boxes[0].xyxy == (52, 334, 932, 774)


# -- the label -------------------------------------------------------------------------------------------------------


def test_a_label_before_is_shared():
    """transformers' tests: ``wheel<loc>…<loc>…`` are two wheels."""
    document = read("car" + locs(*A) + "door handle" + locs(*B) + "wheel" + locs(*A, *B), "florence-2-edge")
    wanted = [("car", [*A]), ("door handle", [*B]), ("wheel", [*A]), ("wheel", [*B])]
    assert (said(document), document.prose, codes(document)) == (wanted, "", [])


def test_a_line_ends_a_label_before():
    document = read("Two things:\ncar" + locs(*A) + "\n" + locs(*B), "florence-2-edge")
    assert said(document) == [("car", [*A]), (None, [*B])]
    assert document.prose == "Two things:\n"


def test_a_label_behind_ends_at_a_separator_the_line_or_a_token():
    text = f"{bins(*A_YX)} cat's eye ; {bins(*B_YX)} dog\n{bins(*A_YX)} a {bins(*B_YX)} b<eos>"
    document = read(text, "paligemma")
    assert said(document) == [("cat's eye", [*A]), ("dog", [*B]), ("a", [*A]), ("b", [*B])]
    assert (document.prose, codes(document)) == ("", [])


def test_segmentation_tokens_are_kept():
    text = f"{bins(*A_YX)} {SEGMENTS} wall ; {bins(*B_YX)}{SEGMENTS} car"
    document = read(text, "paligemma")
    assert said(document) == [("wall", [*A]), ("car", [*B])]
    elements = [node for node in document.nodes if node.__class__.__name__ == "Element"]
    assert [element.attributes for element in elements] == [(("seg", SEGMENTS),)] * 2
    fewer = read(f"{bins(*A_YX)} {SEGMENTS[:-8]} wall ;", "paligemma")
    assert (said(fewer), codes(fewer)) == ([("wall", [*A])], ["ignored_text"])


def test_doctags_have_the_label_in_the_tag_before():
    """SmolDocling's own example, and a caption in its picture; the text behind is prose."""
    text = (
        "<doctag><text><loc_60><loc_107><loc_321><loc_124>FREE Docling</text>\n<picture><loc_1><loc_2><loc_3><loc_4>"
        "<caption><loc_10><loc_20><loc_30><loc_40>Figure 1</caption></picture></doctag>"
    )
    document = read(text, "doctags")
    assert said(document) == [("text", [60, 107, 321, 124]), ("picture", [1, 2, 3, 4]), ("caption", [*A])]
    assert (document.prose, document.frame, codes(document)) == ("FREE DoclingFigure 1", pa.Frame.grid(500), [])


def test_what_is_left_of_qwen2_vl_without_its_special_tokens():
    """``label(x1,y1),(x2,y2)``: the published answer of Qwen2-VL, decoded with ``skip_special_tokens=True``."""
    (text,) = examples("qwen2-vl")
    text = re.sub(r"<\|[a-z_]*\|>", "", text)
    assert said(read(text, "qwen2-vl-text")) == [("language switch", [576, 12, 592, 42])]
    document = read("cats(10,20),(30,40)(50,60),(70,80), dog(10, 20), (30, 40)\n(1) a (2024) b(x", "qwen2-vl-text")
    assert said(document) == [("cats", [*A]), ("cats", [*B]), ("dog", [*A])]
    assert (document.prose.strip(), codes(document)) == ("(1) a (2024) b(x", [])
    broken = read("cat(1,2),(3,x) dog(10,20),(30,40)", "qwen2-vl-text")
    assert (said(broken)[-1][1], codes(broken)) == ([*A], ["invalid_item"])
    assert write_answer(pa.Box(*A, mention="dog"), "qwen2-vl-text") == "dog(10,20),(30,40)"


# -- polygons --------------------------------------------------------------------------------------------------------

RING, OTHER = (1, 2, 3, 9, 5, 6), (11, 12, 13, 19, 15, 16)


def test_eight_tokens_are_a_quad_or_two_boxes_as_the_task_says():
    text = "EXIT" + locs(*A, *B)
    assert [len(read(text, name).annotations) for name in ("florence-2", "florence-2-ocr")] == [2, 1]
    assert said(read(text, "florence-2-ocr")) == [("EXIT", [*A, *B])]


@pytest.mark.parametrize(
    "text", [locs(*RING) + "<sep>" + locs(*OTHER), f"<poly>{locs(*RING)}<sep>{locs(*OTHER)}</poly>"]
)
def test_polygons_of_one_object_are_a_collection(text):
    document = read("</s><s>dog" + text + "</s>", "florence-2-segmentation")
    assert [vertex for polygon in document.polygons for vertex in polygon.vertices[0]] == [1.5, 2.5, 11.5, 12.5]
    assert [(len(each.children), each.mention) for each in document.collections] == [(2, "dog")]


def test_polygons_between_tokens_are_read_among_boxes():
    text = f"cat{locs(*A)}dog<poly>{locs(*RING)}</poly><poly>{locs(*OTHER)}</poly>"
    wanted = [("cat", [*A]), ("dog", [*RING]), ("dog", [*OTHER])]
    assert said(read(text, "florence-2-edge")) == wanted


# -- broken ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "broken",
    [
        locs(1),
        locs(1, 2, 3),
        "<loc_1><loc_x2><loc_3>",
        "<loc_-1><loc_2><loc_3><loc_4>",
        "<loc_>" * 4,
        "<loc_1.5>" + locs(1, 2, 3),
        "<loc_" + "9" * 40 + ">",
    ],
)
def test_one_bad_element_costs_itself_with_the_label_before(broken):
    document = read("cat" + locs(*A) + "odd" + broken + "dog" + locs(*B), "florence-2-edge")
    assert next(each for each in said(document) if each[0] != "odd") == ("cat", [*A])
    assert said(document)[-1][1] == [*B]
    assert document.status == "partial"
    with pytest.raises(MarkupError):
        read("cat" + locs(*A) + "odd" + broken + "dog" + locs(*B), "florence-2-edge", mode="strict")


@pytest.mark.parametrize(
    "broken", [bins(1), bins(1, 2, 3), bins(1, 2, 3, 4, 5), "<loc-001><loc0002><loc0003><loc0004>", SEGMENTS]
)
def test_one_bad_element_costs_itself_with_the_label_behind(broken):
    """Of five tokens nobody knows which four are the box; supervision reads none of them either."""
    document = read(f"{bins(*A_YX)} cat ; {broken} odd ; {bins(*B_YX)} dog", "paligemma")
    assert said(document) == [("cat", [*A]), ("dog", [*B])]
    assert (document.status, codes(document)) == ("partial", ["invalid_item"])


def test_odd_tokens_at_the_end_are_told():
    """transformers cuts them off without a word."""
    document = read("car" + locs(*A, 50, 60) + "</s>", "florence-2-edge")
    assert (said(document), codes(document)) == ([("car", [*A])], ["invalid_item"])


def test_a_coordinate_too_many_costs_a_polygon_unless_it_is_salvaged():
    text = "dog<poly>" + locs(*RING, 7) + "<sep>" + locs(*OTHER) + "</poly>"
    document = read(text, "florence-2-edge")
    assert (said(document), document.status) == ([("dog", [*OTHER])], "partial")
    salvaged = read(text, "florence-2-edge", mode="salvage")
    assert [numbers for _, numbers in said(salvaged)] == [[*RING], [*OTHER]]
    assert [issue.recovered for issue in salvaged.errors] == [True]


def test_a_bin_that_is_not_there_is_told():
    assert codes(read("car" + locs(1, 2, 3, 1500), "florence-2")) == ["out_of_range"]


@pytest.mark.parametrize("dialect", ["paligemma", "florence-2", "florence-2-ocr", "florence-2-segmentation", "doctags"])
def test_an_answer_cut_within_an_element_is_never_silent(dialect):
    quad = pa.Polygon([(10, 10), (500, 10), (500, 500), (10, 400)])
    shape = quad if dialect in ("florence-2-ocr", "florence-2-segmentation") else pa.Box(10, 10, 500, 500)
    text = write_answer([shape] * 2, dialect)
    first = text.index("<loc")
    for end in range(first + 2, len(text)):
        document = read(text[:end], dialect)
        assert document.annotations or (document.truncated and codes(document) == ["truncated_element"]), text[:end]


def test_a_cut_box_with_all_its_numbers_is_salvaged():
    text = f"{bins(*A_YX)} {SEGMENTS[:-16]}"
    assert (said(read(text, "paligemma")), codes(read(text, "paligemma"))) == ([], ["truncated_element"])
    salvaged = read(text, "paligemma", mode="salvage")
    assert (said(salvaged), salvaged.truncated, salvaged.status) == ([(None, [*A])], True, "ok")


@pytest.mark.parametrize("text", ["", "No object detected.", "</s><s></s><pad>", "a < b, c<d"])
def test_nothing_is_there(text):
    for dialect in ("paligemma", "florence-2"):
        assert (read(text, dialect).status, codes(read(text, dialect))) == ("empty", [])


def test_tokens_of_another_dialect_are_told():
    assert codes(read("cat" + locs(*A), "paligemma")) == ["foreign_markup"]
    assert codes(read(bins(*A) + " cat", "florence-2")) == ["foreign_markup"]


# -- writing ---------------------------------------------------------------------------------------------------------


def test_elements_are_written_as_the_models_write_them():
    frame = pa.Frame.grid(1024)
    boxes = [pa.Box(*A, mention="cat", frame=frame), pa.Box(*B, mention="dog", frame=frame)]
    assert write_answer(boxes, "paligemma") == f"{bins(*A_YX)} cat ; {bins(*B_YX)} dog"
    boxes = [pa.Box(*A, mention="wheel"), pa.Box(*B, mention="wheel"), pa.Box(*A)]
    assert write_answer(boxes, "florence-2") == "wheel" + locs(*A, *B) + "\n" + locs(*A)
    page = pa.Box(*A, mention="picture", frame=pa.Frame.grid(500))
    assert write_answer(page, "doctags") == "<picture>" + locs(*A) + "</picture>"


def test_the_far_edge_is_the_last_bin():
    assert write_answer(pa.Box(0, 0, 1000, 1000), "paligemma") == bins(0, 0, 1023, 1023)
    assert write_answer(pa.Box(0, 0, 1000, 1000), "florence-2") == locs(0, 0, 999, 999)


@pytest.mark.parametrize("label", ["a ; b", "a\nb", " a", "a<loc_1>", "a <loc_", "</s>"])
def test_a_label_that_would_be_read_as_anything_else_is_refused(label):
    dialect = "paligemma" if ";" in label else "florence-2"
    with pytest.raises(UnwritableError, match="label"):
        write_answer(pa.Box(*A, mention=label), dialect)


def test_what_has_no_form_is_refused():
    for value in (pa.Point(1, 2), pa.Clip(1, 2), pa.Polygon([(1, 2), (3, 4), (5, 9)])):
        with pytest.raises(UnwritableError, match="location tokens"):
            write_answer(value, "paligemma")


# -- a dialect of one's own ------------------------------------------------------------------------------------------


def test_a_model_of_points_takes_a_few_lines():
    surface = LocationTokens(prefix="<p", digits=3, label=TokenLabel.AFTER, count=2, separator=",")
    dialect = Dialect(name="ours", surface=surface, scale=Scale.bins(256, at="centre"))
    document = read("<p010><p020> eye, <p030><p040> ear", dialect)
    assert said(document) == [("eye", [10, 20]), ("ear", [30, 40])]
    assert write_answer(document.points, dialect) == "<p010><p020> eye , <p030><p040> ear"
    assert dialect_named("paligemma").surface != surface
