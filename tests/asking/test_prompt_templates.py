"""Prompts with fields: what is put in, what is refused, and that nothing of a template or a row is evaluated."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perceptron_annotations.asking.prompt_templates import PromptTemplate
from perceptron_annotations.errors import UsageError


@pytest.mark.parametrize(
    ("template", "row", "prompt"),
    [
        ("Box every car.", {}, "Box every car."),
        ("Find the {label}.", {"label": "cup"}, "Find the cup."),
        ("{a}{b}{a}", {"a": "1", "b": "2"}, "121"),
        ("{{label}} is {label}", {"label": "x"}, "{label} is x"),
        ('Answer as {{"a": [{{}}]}}', {}, 'Answer as {"a": [{}]}'),
        ("{{{label}}}", {"label": "x"}, "{x}"),
        ("{two words}", {"two words": "ok"}, "ok"),
        ("{größe}", {"größe": "3 m"}, "3 m"),
        ("", {}, ""),
        ("{a}", {"a": "line\nline"}, "line\nline"),
    ],
)
def test_fields_are_put_in(template, row, prompt):
    assert PromptTemplate(template).fill(row) == prompt


@pytest.mark.parametrize(
    "hostile",
    [
        "{label.__class__}",
        "{label.__class__.__mro__}",
        "{label[0]}",
        "{label!r}",
        "{label:>100000000}",
        "{0}",
        "{__globals__}",
    ],
)
def test_nothing_is_reached_through_a_field(hostile):
    """Only a column of exactly that name is meant; there is none."""
    with pytest.raises(UsageError, match="no such field"):
        PromptTemplate(hostile).fill({"label": "cup"})
    name = hostile[1:-1]
    assert PromptTemplate(hostile).fill({name: "a column called so"}) == "a column called so"


@pytest.mark.parametrize("value", ["{label}", "{secret}", "{{", "}", "{label.__class__}", "%s", "$HOME", "`id`"])
def test_a_value_is_text(value):
    assert PromptTemplate("Find {label}!").fill({"label": value, "secret": "key"}) == f"Find {value}!"


@pytest.mark.parametrize("wrong", ["{", "}", "a { b", "a } b", "{label", "label}", "{a{b}}", "{}", "{{}"])
def test_single_braces_are_refused(wrong):
    with pytest.raises(UsageError, match=r"write|such field"):
        PromptTemplate(wrong).fill({"label": "x"})


def test_the_nearest_field_is_named():
    with pytest.raises(UsageError, match="did you mean 'label'"):
        PromptTemplate("Find the {lable}").check(["image", "label"])
    with pytest.raises(UsageError, match="choose from image, label"):
        PromptTemplate("Find the {zzz}").check(["image", "label"])


@given(st.text(), st.dictionaries(st.text(alphabet=st.characters(exclude_characters="{}"), min_size=1), st.text()))
def test_doubled_braces_are_the_inverse(text, row):
    """Any text can be said: with its braces doubled it comes back, whatever the fields."""
    assert PromptTemplate(text.replace("{", "{{").replace("}", "}}")).fill(row) == text


@given(st.text(alphabet=st.characters(exclude_characters="{}"), min_size=1), st.text())
def test_any_name_is_a_field(name, value):
    template = PromptTemplate(f"<{{{name}}}>")
    assert template.fields == (name,)
    assert template.fill({name: value}) == f"<{value}>"
