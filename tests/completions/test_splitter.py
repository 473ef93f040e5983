"""Reasoning told apart while the content arrives."""

import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from perceptron_annotations.completions.reasoning import ContentSplitter, split_reasoning

PIECES = [
    "<think>",
    "<thinking>",
    "</Thinking>",
    "◁think▷",
    "◁/think▷",
    "</think>",
    "<|im_end|>",
    "<|endoftext|>",
    "<",
    "<|",
    "|>",
    "th",
    "</thi",
    " ",
    "\n",
    "a",
    "<point>",
    "<thINK>",
    "</tHink>",
    "</THINKING>",
]
contents = st.lists(st.sampled_from(PIECES), max_size=12).map("".join)


@st.composite
def cut(draw, texts=contents):
    """A content, and pieces that join to it."""
    content = draw(texts)
    places = sorted(draw(st.lists(st.integers(0, len(content)), max_size=6)))
    return content, [content[start:end] for start, end in zip([0, *places], [*places, len(content)], strict=True)]


@given(cut())
@example(("<think></tHink>", ["<think></tHink>"]))
def test_any_cut_gives_the_split_of_the_whole(content_and_deltas):
    """“Any chunking … ends in the same.”"""
    content, deltas = content_and_deltas
    splitter = ContentSplitter()
    pieces = [piece for delta in deltas for piece in splitter.feed(delta)] + splitter.close()
    restart = max((row for row, piece in enumerate(pieces) if piece.restarts), default=0)
    pieces = pieces[restart:]
    split = split_reasoning(content)
    assert "".join(piece.text for piece in pieces if piece.is_answer) == split.answer.of(content)
    reasoning = "".join(piece.text for piece in pieces if not piece.is_answer)
    assert reasoning == (split.reasoning.of(content) if split.reasoning else "")
    if split.answer.start < split.answer.end:
        assert splitter.before == content[: split.answer.start]


LONG = [" " * 8000, "<|im_end|>" * 800, "<think>" + "<|a|> " * 1300, "x" + "<|im_end|>" * 800 + "y" + "<|a|>" * 9]


@pytest.mark.parametrize("content", LONG, ids=["spaces", "tokens", "reasoning", "answer"])
def test_core_m17_characters_one_by_one_are_each_looked_at_a_few_times(content):
    """core m17: runs of special tokens and spaces were looked at anew with every character."""
    splitter = ContentSplitter()
    start = time.process_time()
    pieces = [piece for character in content for piece in splitter.feed(character)] + splitter.close()
    assert time.process_time() - start < 0.3
    assert "".join(piece.text for piece in pieces if piece.is_answer) == split_reasoning(content).answer.of(content)
