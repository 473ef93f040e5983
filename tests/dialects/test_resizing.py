"""The sizes that a model sees: the makers' own examples and code, and what all rules keep."""

import math

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import perceptron_annotations as pa
from perceptron_annotations.dialects import ResizeRule, resized, smart_resize

SIDES = st.integers(1, 9000)


@pytest.mark.parametrize(
    ("size", "rule", "wanted"),
    [
        # qwen_vl_utils 0.0.14, smart_resize(height, width, 28), and with 256 to 1,280 tokens, and (…, 32)
        ((640, 480), "smart_resize_28", (644, 476)),
        ((4032, 3024), "smart_resize_28", (4032, 3024)),
        ((8000, 6000), "smart_resize_28", (4116, 3080)),
        ((20, 3000), "smart_resize_28", (28, 2996)),
        ((30, 40), "smart_resize_28", (56, 84)),
        ((4000, 3000), "smart_resize_28_1280", (1148, 840)),
        ((320, 240), "smart_resize_28_1280", (532, 392)),
        ((640, 480), "smart_resize_32", (640, 480)),
        ((1000, 700), "smart_resize_32", (992, 704)),
        ((8000, 6000), "smart_resize_32", (4704, 3520)),
        # "Vision" and "Coordinates and bounding boxes" of Claude's documentation
        ((200, 200), "claude_standard", (200, 200)),
        ((1092, 1092), "claude_standard", (1092, 1092)),
        ((1920, 1080), "claude_standard", (1456, 819)),
        ((3840, 2160), "claude_standard", (1456, 819)),
        ((1075, 1520), "claude_standard", (924, 1307)),
        ((1075, 1520), "claude", (1075, 1520)),
        ((2000, 1500), "claude", (2000, 1500)),
        ((3840, 2160), "claude", (2576, 1449)),
        # "Images and vision" of OpenAI's documentation
        ((1024, 1024), "openai_2500_patches", (1024, 1024)),
        ((2048, 2048), "openai_2500_patches", (1600, 1600)),
        ((2048, 4096), "openai_tiles", (768, 1536)),
        ((1024, 1024), "openai_tiles", (768, 768)),
        ((800, 600), "openai_tiles", (800, 600)),
        ((6000, 1000), "openai_10000_patches", (6000, 1000)),
        ((4096, 1024), "long_edge_2048", (2048, 512)),
    ],
)
def test_what_the_makers_say(size, rule, wanted):
    assert resized(size, rule) == wanted


def test_the_code_of_claude_and_not_its_table():
    """Its table says 1269×952 of 2000×1500, its reference code, "half to even", 1270×952, which is greater and fits."""
    assert resized((2000, 1500), "claude_standard") == (1270, 952)


@pytest.mark.parametrize(("rule", "edge", "tokens"), [("claude", 2576, 4784), ("claude_standard", 1568, 1568)])
@given(SIDES, SIDES)
@settings(max_examples=50)
def test_claude_sees_the_largest_size_of_the_shape_within_both_limits(rule, edge, tokens, width, height):
    def fits(one, other):
        columns, rows = -(-one // 28), -(-other // 28)
        return columns * 28 <= edge and rows * 28 <= edge and columns * rows <= tokens

    found = resized((width, height), rule)
    assert fits(*found)
    if found != (width, height):
        long, ratio = max(found) + 1, max(width, height) / min(width, height)
        assert not fits(long, max(round(long / ratio), 1))


@pytest.mark.parametrize("rule", ResizeRule)
@given(SIDES, SIDES)
@settings(max_examples=50)
def test_a_rule_leaves_what_it_made_and_turns_with_the_image(rule, width, height):
    """ "A rule leaves an image that it made as it is." """
    assume(max(width, height) / min(width, height) < 100)
    wide, high = resized((width, height), rule)
    assume(max(wide, high) / min(wide, high) < 200)
    assert resized((wide, high), rule) == (wide, high)
    assert resized((height, width), rule) == (high, wide)


@given(SIDES, SIDES, st.sampled_from([(2500, 2048), (6144, 2048), (10000, 6000)]))
def test_patches_stay_within_their_budget(width, height, limits):
    """ "Which count stays within that budget." """
    patches, edge = limits
    wide, high = resized((width, height), f"openai_{patches}_patches")
    assert max(wide, high) <= edge
    assert math.ceil(wide / 32) * math.ceil(high / 32) <= patches


def test_qwen_refuses_what_is_too_narrow():
    with pytest.raises(pa.UsageError, match="200"):
        smart_resize(28, 28 * 201, factor=28, min_pixels=1, max_pixels=10**9)
