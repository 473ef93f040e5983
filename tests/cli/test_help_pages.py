"""What ``--help`` shows, and what the short command and a shell are told."""

import os
import re
import subprocess
import sys

import pytest
import typer

from perceptron_annotations.cli.help_pages import HEADINGS  # noqa: TID251 - it is tested here
from perceptron_annotations.cli.main import app  # noqa: TID251
from tests.corpora import ROOT

COMMAND = typer.main.get_command(app)
VERBS = sorted(COMMAND.commands)
#: Runs the command under another name.
CALLED = "import sys; sys.argv[0] = '/usr/bin/{}'; from perceptron_annotations.cli.main import main; main()"


def page(verb, monkeypatch, columns="80"):
    """What ``VERB --help`` prints in a terminal of some columns."""
    monkeypatch.setenv("COLUMNS", columns)
    with COMMAND.make_context("pann", [verb or "formats"], resilient_parsing=True) as root:
        command = COMMAND.commands[verb] if verb else COMMAND
        context = command.make_context(verb, [], parent=root, resilient_parsing=True) if verb else root
        return command.get_help(context)


def python(code, *arguments, **environment):
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout + done.stderr


@pytest.mark.parametrize("verb", VERBS)
def test_newcomer_8_a_page_has_an_example_and_no_types(verb, monkeypatch):
    text = page(verb, monkeypatch)
    assert re.search(rf"Example:\n\n +perceptron-annotations {verb}", text)
    rows = re.findall(r"\n  (?:-|[A-Z]{2}).*", text)
    assert rows
    assert not re.search(r"<\w|list\[|\{", text.splitlines()[0] + "".join(rows))


@pytest.mark.parametrize("verb", VERBS)
def test_newcomer_8_every_option_is_below_a_heading(verb):
    listed = [name for names in HEADINGS.values() for name in names]
    assert len(listed) == len(set(listed))
    for parameter in COMMAND.commands[verb].params:
        if parameter.param_type_name == "option":
            assert {*parameter.opts} & {*listed}, parameter.opts


def test_newcomer_8_many_options_come_in_groups(monkeypatch):
    for verb in ("convert", "evaluate"):
        groups = re.split(r"\n(?=\w[\w ]+:\n)", page(verb, monkeypatch))[2:]
        assert len(groups) >= 6
        assert max(len(re.findall(r"\n  -", group)) for group in groups) <= 10


@pytest.mark.parametrize("columns", ["40", "60", "80", "200"])
def test_newcomer_8_no_verb_is_cut(columns, monkeypatch):
    text = " ".join(page(None, monkeypatch, columns).split())
    for verb in VERBS:
        assert f" {verb} {COMMAND.commands[verb].help.splitlines()[0]}" in text


def test_newcomer_8_help_starts_without_what_it_does_not_need():
    code = "import atexit, sys; atexit.register(lambda: print('LOADED', *sys.modules))\n"
    loaded = python(code + CALLED.format("pann"), "convert", "-h").split("LOADED")[1].split()
    assert not {"numpy", "rich", "shapely", "lxml"}.intersection(loaded)


@pytest.mark.parametrize(("called", "name"), [("pann", "pann"), ("perceptron-annotations", "perceptron-annotations")])
def test_newcomer_8_the_command_calls_itself_as_it_was_called(called, name):
    assert f"Usage: {name} convert [OPTIONS] INPUT..." in python(CALLED.format(called), "convert", "-h")
    assert f"(see {name} convert --help)" in python(CALLED.format(called), "convert")


@pytest.mark.parametrize("name", ["pann", "perceptron-annotations"])
@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (["con"], {"consensus", "convert"}),
        (["convert", "--to", "coco"], {"coco", "coco-video"}),
        (["parse", "--mode", ""], {"lenient", "strict", "salvage"}),
        (["evaluate", "--tas"], {"--task"}),
        (["evaluate", "--task", "k"], {"keypoints"}),
    ],
)
def test_newcomer_8_a_shell_completes(name, words, offered):
    """As the script that bash is given asks for it."""
    asked = {f"_{name}_COMPLETE".replace("-", "_").upper(): "complete_bash"}
    line = {"COMP_WORDS": " ".join([name, *words]), "COMP_CWORD": str(len(words))}
    assert set(python(CALLED.format(name), **asked, **line).split()) == offered


def test_newcomer_8_the_script_of_a_shell_is_shown():
    asked = {"_PANN_COMPLETE": "source_bash"}
    assert "complete -o default -F _pann_completion pann" in python(CALLED.format("pann"), **asked)
    for option in ("--install-completion", "--show-completion"):
        assert option in python(CALLED.format("pann"), "-h")
