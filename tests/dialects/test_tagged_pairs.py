"""Models that write labels and boxes between tokens: what is between them, and what is broken, cut or no box at all."""

import pytest

import perceptron_annotations as pa
from perceptron_annotations.dialects import Dialect, PatchIndices, Scale, TaggedPairs, write_answer
from perceptron_annotations.errors import MarkupError, UnwritableError
from tests.dialects.examples import examples


def read(text, dialect, **options):
    return pa.parse(text, dialect=dialect, **options)


def said(document):
    """What each annotation says, in the numbers of the dialect."""
    return [(each.mention, [n for pair in each.coordinates for n in pair]) for each in document.annotations]


def codes(document):
    return [issue.code.value for issue in document.issues]


A, B = [10, 20, 30, 40], [50, 60, 70, 80]


# -- published answers -----------------------------------------------------------------------------------------------


def test_the_published_answer_of_qwen2_vl():
    (text,) = examples("qwen2-vl")
    document = read(text, "qwen2-vl")
    assert said(document) == [("language switch", [576, 12, 592, 42])]
    assert (document.prose, document.status, document.frame) == ("", "ok", pa.Frame.GRID)


def test_the_published_answers_of_deepseek_vl2():
    """Its README, on a grid of 999; and issue #100, for which supervision raises: the broken element costs itself."""
    good, broken = examples("deepseek-vl2")
    document = read(good, "deepseek-vl2")
    assert said(document) == [("The giraffe at the back.", [580, 270, 999, 900])]
    assert (document.status, document.boxes[0].to(pa.Frame.UNIT).x2) == ("ok", 1.0)
    document = read(broken, "deepseek-vl2")
    assert said(document) == [("compact car", [220, 416, 417, 720])]
    assert (document.status, codes(document), document.truncated) == ("partial", ["invalid_item"], False)
    assert document.issues[0].span.of(broken) == "<|ref|>mazdaughters<|/ref|><|det|>[[220, "


def test_the_published_answers_of_glm():
    boxes, cats = examples("glm-4.6v")
    document = read(boxes, "glm-v")
    assert said(document) == [(None, [94, 598, 177, 991])]
    assert document.prose.endswith("on the table are .")
    document = read(cats, "glm-v")
    assert (len(document.boxes), document.boxes[0].mention, document.status) == (8, "American Shorthair-1", "ok")
    assert document.boxes[7].xyxy == (808, 473, 886, 825)


def test_the_published_answer_of_internvl():
    (text,) = examples("internvl")
    document = read(text, "internvl")
    assert (said(document), document.prose) == ([("bus", [290, 202, 835, 851])], "In the image, a tall red ")


def test_the_published_answer_of_kosmos_2():
    """The docstring of transformers' processor, with the boxes and the text that it gives."""
    (text,) = examples("kosmos-2")
    document = read(text, "kosmos-2")
    assert [(box.mention, *box.to(pa.Frame.UNIT).xyxy) for box in document.boxes] == [
        ("a snowman", 0.390625, 0.046875, 0.984375, 0.828125),
        ("a fire", 0.171875, 0.015625, 0.484375, 0.890625),
    ]
    assert document.prose.strip() == "An image of a snowman warming himself by a fire."


# -- labels ----------------------------------------------------------------------------------------------------------

PAIR = "<|object_ref_start|>{}<|object_ref_end|>"
BOX = "<|box_start|>({},{}),({},{})<|box_end|>"


def test_several_boxes_share_a_label():
    text = PAIR.format("cats") + BOX.format(*A) + BOX.format(*B) + "\n" + BOX.format(*A)
    assert said(read(text, "qwen2-vl")) == [("cats", A), ("cats", B), (None, A)]
    text = f"<ref>cats</ref><box>[{A}, {B}]</box><ref>dog</ref><box>[{A}]</box>"
    document = read(text, "internvl")
    assert (said(document), document.prose) == ([("cats", A), ("cats", B), ("dog", A)], "")


def test_a_quad_is_a_polygon():
    text = PAIR.format("EXIT") + "<|quad_start|>(1,2),(9,2),(9,8),(1,8)<|quad_end|>"
    assert said(read(text, "qwen2-vl")) == [("EXIT", [1, 2, 9, 2, 9, 8, 1, 8])]


def test_a_label_without_a_box_is_prose():
    document = read(f"The <ref>bus</ref> is red, a <ref>car</ref> <box>[{A}]</box> is not.", "internvl")
    assert (said(document), document.prose) == ([("car", A)], "The bus is red, a  is not.")
    assert codes(document) == []


def test_labels_of_a_caption_are_its_words():
    patches = "<object><patch_index_0033><patch_index_0066></object>"
    document = read(f"<grounding><phrase> A dog</phrase>{patches} and<phrase> me</phrase>.", "kosmos-2")
    assert (said(document), document.prose) == ([("A dog", [1.5, 1.5, 2.5, 2.5])], " A dog and me.")


# -- what is between the tokens --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body", ["[[1,2,3,4]]", "[1, 2, 3, 4]", "(1,2,3,4)", "<1,2,3,4>", "[[1 2 3 4]]", "[[[1,2,3,4]]]"]
)
def test_the_style_of_brackets_may_vary(body):
    """zai-org/GLM-V README: "the bracket style may vary ([], [[]], (), <>)"."""
    document = read(f"It is <|begin_of_box|>{body}<|end_of_box|>.", "glm-v")
    assert (said(document), document.prose, codes(document)) == ([(None, [1, 2, 3, 4])], "It is .", [])
    assert said(read(f"<ref>a</ref><box>{body}</box>", "internvl")) == [("a", [1, 2, 3, 4])]


def test_the_marker_of_glm_holds_points_too():
    document = read("<|begin_of_box|>[[1,2],[3,4]]<|end_of_box|>", "glm-v")
    assert [point.coordinates for point in document.points] == [((1, 2),), ((3, 4),)]


@pytest.mark.parametrize("answer", ["42", "B", " Yes. ", "3.5 cm", "[x, y]", "(a) is right", "x = {1, 2}"])
def test_an_answer_that_is_no_box_is_prose(answer):
    document = read(f"So <|begin_of_box|>{answer}<|end_of_box|>.", "glm-v")
    assert (document.status, document.prose, codes(document)) == ("empty", f"So {answer}.", [])


def test_objects_without_the_marker_of_glm_are_read_too():
    """It is gone if special tokens are skipped."""
    text = 'Here: [{"bbox_2d": [10, 20, 30, 40], "label": "cat"}], and <|begin_of_box|>[[50,60,70,80]]<|end_of_box|>.'
    document = read(text, "glm-v")
    assert (said(document), codes(document)) == ([("cat", A), (None, B)], [])
    cut = read('[{"bbox_2d": [10, 20, 30, 40], "label": "cat"}, {"bbox', "glm-v")
    assert (said(cut), cut.truncated, codes(cut)) == ([("cat", A)], True, ["truncated_element"])


@pytest.mark.parametrize("body", ["", "[]", "[[]]", " "])
def test_an_empty_body_says_that_nothing_is_there(body):
    document = read(f"<ref>cat</ref><box>{body}</box>", "internvl")
    assert (document.status, [issue.recovered for issue in document.issues]) == ("empty", [True])


@pytest.mark.parametrize(
    ("indices", "cells"),
    [
        ((44, 863), (12.5, 1.5, 31.5, 26.5)),
        ((0, 1023), (0.5, 0.5, 31.5, 31.5)),
        ((33, 33), (1, 1, 2, 2)),  # one cell
        ((33, 37), (1, 1, 6, 2)),  # a row
        ((33, 97), (1, 1, 2, 4)),  # a column
    ],
)
def test_the_cells_of_kosmos_2(indices, cells):
    """transformers 5.23, ``patch_index_to_coordinate``: centres, but whole cells if both share a row or column."""
    text = "<object><patch_index_{:04}><patch_index_{:04}></object>".format(*indices)
    assert read(text, "kosmos-2").boxes[0].xyxy == cells
    assert write_answer(read(text, "kosmos-2").boxes, "kosmos-2") == text


def test_several_boxes_of_a_phrase_are_delimited():
    one, two = "<patch_index_0000><patch_index_0033>", "<patch_index_0066><patch_index_0099>"
    text = f"<phrase>dogs</phrase><object>{one}</delimiter_of_multi_objects/>{two}</object>"
    assert said(read(text, "kosmos-2")) == [("dogs", [0.5, 0.5, 1.5, 1.5]), ("dogs", [2.5, 2.5, 3.5, 3.5])]
    broken = text.replace("<patch_index_0033>", "<patch_index_1024>")
    document = read(broken, "kosmos-2")
    assert (said(document), codes(document)) == ([("dogs", [2.5, 2.5, 3.5, 3.5])], ["invalid_item"])


# -- broken ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "broken",
    [
        "[1, 2, 3]",
        "[1, null, 3, 4]",
        "[1, 2, 3, 4, 5]",
        "[1.2.3, 4, 5, 6]",
        f"[{'9' * 60}, 1, 2, 3]",
        "[cat]",
        "[1, 2, 3, [4]]",
    ],
)
def test_one_bad_box_of_a_list_costs_itself(broken):
    """DeepSeek-VL2#96: odd counts and endless nines; supervision raises for the whole answer."""
    text = f"<|ref|>cat<|/ref|><|det|>[{A}, {broken}, {B}]<|/det|>"
    document = read(text, "deepseek-vl2")
    assert (said(document)[0], said(document)[-1]) == (("cat", A), ("cat", B))
    assert (len(document.boxes), document.status) == (2, "partial")
    with pytest.raises(MarkupError):
        read(text, "deepseek-vl2", mode="strict")


@pytest.mark.parametrize(
    "broken",
    ["<ref>odd<box>[[1, 2, 3, 4]", "<ref>odd", "<ref>odd</ref><box>[[1, 2, ", "<box>nowhere</box>", "</box>", "</ref>"],
)
def test_one_bad_pair_costs_itself(broken):
    text = f"<ref>cat</ref><box>[{A}]</box>{broken}<ref>dog</ref><box>[{B}]</box>"
    document = read(text, "internvl")
    assert [each for each in said(document) if each[0]] == [("cat", A), ("dog", B)] or "nowhere" in broken
    assert (said(document)[0], said(document)[-1]) == (("cat", A), ("dog", B))
    assert (document.status, document.truncated) == ("partial", False)


@pytest.mark.parametrize("dialect", ["qwen2-vl", "deepseek-vl2", "internvl", "kosmos-2", "glm-v"])
def test_an_answer_cut_within_an_element_is_never_silent(dialect):
    label = None if dialect in ("glm-v", "kosmos-2") else "cat"
    boxes = [pa.Box(10, 20, 300, 400, mention=label), pa.Box(100, 200, 800, 900, mention=label)]
    text = write_answer(boxes, dialect)
    for end in range(2, len(text)):
        document = read(text[:end], dialect)
        assert document.truncated or text[:end].rstrip("<").endswith("<|box_end|>"), text[:end]
        if not text[:end].strip("[").endswith("<|begin_of_box|>"):  # it may be no box
            assert document.annotations or codes(document) == ["truncated_element"], text[:end]


# -- writing ---------------------------------------------------------------------------------------------------------


def test_elements_are_written_as_the_models_write_them():
    cats = [pa.Box(*A, mention="cats"), pa.Box(*B, mention="cats")]
    assert write_answer(cats, "qwen2-vl") == PAIR.format("cats") + BOX.format(*A) + BOX.format(*B)
    assert write_answer(cats, "internvl") == f"<ref>cats</ref><box>[{A}, {B}]</box>"
    assert (
        write_answer([pa.Box(*A), pa.Box(*B)], "glm-v") == "<|begin_of_box|>[[10,20,30,40],[50,60,70,80]]<|end_of_box|>"
    )
    labelled = write_answer(cats, "glm-v")
    assert labelled.startswith('<|begin_of_box|>[{"bbox_2d": [10, 20, 30, 40], "label": "cats"}')


@pytest.mark.parametrize("label", ["a</ref>b", " a", "<box>"])
def test_a_label_that_would_be_read_as_anything_else_is_refused(label):
    with pytest.raises(UnwritableError, match="label"):
        write_answer(pa.Box(*A, mention=label), "internvl")


def test_what_has_no_form_is_refused():
    for value in (pa.Point(1, 2), pa.Clip(1, 2), pa.Track([pa.Box(*A, t=1)])):
        with pytest.raises(UnwritableError, match="no form"):
            write_answer(value, "internvl")


# -- a dialect of one's own ------------------------------------------------------------------------------------------


def test_another_grid_of_cells_takes_a_few_lines():
    inner = PatchIndices(prefix="<cell_", digits=1, between="|", side=10)
    surface = TaggedPairs(label=("<l>", "</l>"), box=("<b>", "</b>"), inner=inner)
    dialect = Dialect(name="cells", surface=surface, scale=Scale.grid(10, decimals=6))
    text = "<l>cat</l><b><cell_0><cell_22>|<cell_99><cell_99></b>"
    assert said(read(text, dialect)) == [("cat", [0.5, 0.5, 2.5, 2.5]), ("cat", [9, 9, 10, 10])]
    assert write_answer(read(text, dialect).boxes, dialect) == text
