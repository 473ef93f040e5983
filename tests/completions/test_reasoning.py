"""Where the reasoning ends and the answer begins."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perceptron_annotations.completions.reasoning import split_reasoning


@pytest.mark.documented("Isaac", "Reasoning that is not closed is cut, and special tokens are not part of the answer")
@pytest.mark.parametrize(
    ("content", "reasoning", "answer", "cut"),
    [
        ("plain", None, "plain", False),
        ("<think>a</think>b", "a", "b", False),
        (" \n<think>\n\n</think>\n\nNo", "\n\n", "\n\nNo", False),
        ("a</think>b", "a", "b", False),
        ("<think>a", "a", "", True),
        ("<think>a</think>b</think>c", "a", "b</think>c", False),
        ("say <think> aloud", None, "say <think> aloud", False),
        ("<|endoftext|><think>a</think>b<|im_end|>", "a", "b", False),
        ("<|a|> <|b|>x<|c|> <|d|>\n", None, "x", False),
        ("<|im_end|>", None, "", False),
        ("a <|im_end|> b", None, "a <|im_end|> b", False),
        ("<think><|im_end|>", "", "", True),
        ("", None, "", False),
        ("<THINK>a</Think>b", "a", "b", False),
        ("<thINK>a</thINK>b", None, "<thINK>a</thINK>b", False),  # nobody writes it so
        # core m13: other tags, and several blocks
        ("<thinking>a</thinking>b", "a", "b", False),
        ("<Think>a</Think>b", "a", "b", False),
        ("◁think▷a◁/think▷b", "a", "b", False),
        ("◁think▷a", "a", "", True),
        ("<think>a </thinking> b</think>c", "a </thinking> b", "c", False),
        ("a◁/think▷b", "a", "b", False),
        ("<think>a</think>\n<think>b</think>c", "a</think>\n<think>b", "c", False),
        ("<think>a</think>\n<think>b", "a</think>\n<think>b", "", True),
    ],
)
def test_split(content, reasoning, answer, cut):
    split = split_reasoning(content)
    assert (split.reasoning and split.reasoning.of(content)) == reasoning
    assert split.answer.of(content) == answer
    assert split.cut is cut


@given(st.lists(st.sampled_from(["<think>", "</think>", "<|im_end|>", "<|", "|>", " ", "x", "<point> (1,2) </point>"])))
def test_parts_stand_in_order(pieces):
    """“Spans still index the original content.”"""
    content = "".join(pieces)
    split = split_reasoning(content)
    assert 0 <= split.answer.start <= split.answer.end <= len(content)
    if split.reasoning is not None:
        assert 0 <= split.reasoning.start <= split.reasoning.end <= split.answer.start


def test_many_special_tokens_are_linear():
    content = "<|a|>" * 100_000
    assert split_reasoning(content).answer.of(content) == ""
    assert split_reasoning("x" + content).answer.of("x" + content) == "x"


@pytest.mark.parametrize(
    ("content", "resumes"),
    [
        ("<think>a</think>b", False),
        ("say <think> aloud", False),
        ("thinking of <point> (1,2) </point>", False),
        ("<think>a</think>b <think>c</think> d", True),
        ("<think>a</think>b <think><point> (1,2) </point>", True),
        ("b <thinking>c</thinking> d", False),  # the opening tag may be missing: all of this is reasoning
        ("<think>a</think>b</think>c", True),
        ("see ◁think▷ <point> (1,2) </point>", True),
    ],
)
def test_core_m13_reasoning_inside_the_answer_is_told(content, resumes):
    """core m13: what is marked in a later block of reasoning counts as the answer, so it is told."""
    assert split_reasoning(content).resumes is resumes
