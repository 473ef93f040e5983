"""Text that is shown and never obeyed."""

import pytest

from perceptron_annotations.visible_text import visible, visible_html


@pytest.mark.parametrize(
    ("text", "options", "wanted"),
    [
        ("plain ünï 日本", {}, "plain ünï 日本"),
        ("\x1b[2J", {}, "\\x1b[2J"),
        ("\u202e\ud800", {}, "\\u202e\\ud800"),
        ("a\nb\tc", {"keep": "\n"}, "a\nb\\tc"),
        ("\x1b[2J\0", {"placeholder": "·"}, "·[2J·"),
    ],
)
def test_visible(text, options, wanted):
    assert visible(text, **options) == wanted


def test_html():
    assert visible_html("<b>&\x1b\"'") == "&lt;b&gt;&amp;·&quot;&#x27;"
