"""The documentation builds without a warning, every block of it runs, and its tables are what the code says."""

import os
import re
import runpy
import subprocess
import sys
import zlib
from importlib import import_module

import openai
import pytest
import yaml

import perceptron_annotations as package
from tests.completions.loopback import serving
from tests.corpora import ROOT
from tests.docs.pages import PAGES, blocks, client_of, copy_files, run
from tests.test_faces import FACES
from tests.test_quality import FLOORS, PACKAGE
from tests.test_words import REFUSED

RUN = [path for path in PAGES if {block.language for block in blocks(path)} - {"text"}]


@pytest.fixture(scope="module")
def generate():
    return runpy.run_path(str(ROOT / "docs" / "generate.py"))


@pytest.mark.parametrize("path", RUN, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_block_runs(path, tmp_path, monkeypatch):
    copy_files(path, tmp_path)
    monkeypatch.chdir(tmp_path)
    with serving() as server:
        monkeypatch.setattr(openai, "OpenAI", client_of(server))
        for block, printed in run(path, server):
            assert printed == block.code, f"{path.name}:{block.line}: run python -m tests.docs.pages"


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_tables_are_what_the_code_says(path, generate):
    text = path.read_text(encoding="utf-8")
    assert generate["filled"](text) == text, "run: python docs/generate.py"


def test_the_site(tmp_path):
    """Built strictly: links, anchors, pages that no menu has, and docstrings are errors, not warnings."""
    built = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(tmp_path)],
        cwd=ROOT,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert built.returncode == 0, built.stderr
    assert "WARNING" not in built.stdout + built.stderr
    pages = [path.read_text(encoding="utf-8") for path in tmp_path.rglob("*.html")]
    assert len(pages) > 20
    assert [found for text in pages for found in LOADED.findall(text)] == []
    assert [program for program in summaries() if not any(program in text for text in pages)] == []
    assert [text for text in pages if "-8&lt;-" in text] == []
    assert public_names() - described_names(tmp_path / "objects.inv") == set()


#: What a page loads from elsewhere.
LOADED = re.compile(r"""(?:<script[^>]*src|<link[^>]*rel="stylesheet"[^>]*href|<img[^>]*src)=["'](https?:[^"']*)""")


def summaries():
    """The first lines of the programs, each of which a page includes."""
    programs = [*(ROOT / "docs" / "programs").glob("*.py"), *(ROOT / "examples").glob("*.py")]
    return [path.read_text(encoding="utf-8").splitlines()[0].removeprefix('"""') for path in programs]


def described_names(inventory):
    """The names of the reference: the inventory, as Sphinx defines it, has one on each line, below a head of four."""
    packed = inventory.read_bytes().split(b"\n", 4)[4]
    return {line.split(" ")[0] for line in zlib.decompress(packed).decode().splitlines()}


def public_names():
    """All names of the faces, and some of the values."""
    found = {
        f"{package.__name__}{face}.{name}"
        for face in FACES[1:]
        for name in import_module(package.__name__ + face).__all__
        if name != "backend"  # a word, described in the text
    }
    return found | {
        f"{package.__name__}.{name}" for name in ("geometry.Box", "problems.ProblemCode", "errors.FileError")
    }


def test_every_language_of_a_block_is_run_or_shown():
    assert {block.language for path in PAGES for block in blocks(path)} <= {
        "bash",
        "csv",
        "json",
        "pycon",
        "python",
        "text",
        "xml",
        "yaml",
    }


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_words(path):
    """What the lint of the package refuses is not in the pages either."""
    text = " ".join(path.read_text(encoding="utf-8").split())
    assert [(found.group(), better) for pattern, better in REFUSED if (found := pattern.search(text))] == []


def test_the_drawing_of_the_floors_is_made_by_its_script():
    drawn = runpy.run_path(str(ROOT / "docs" / "draw_floors.py"))
    assert drawn["TARGET"].read_text(encoding="utf-8") == drawn["drawing"]()
    there = [name for name in FLOORS if name == "values" or (PACKAGE / name).is_dir()]
    assert [name for name, _ in drawn["FLOORS"]] == there


def test_the_hooks_run_what_the_tests_run():
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))["repos"][0]["hooks"]
    commands = [hook["entry"] for hook in hooks]
    for command in ("ruff check", "ruff format --check", "mypy", "docs/generate.py"):
        assert any(command in each for each in commands)
