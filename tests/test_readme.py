"""The README and the fixtures; that what they show runs is tested with the other pages, in ``tests/docs``."""

import re

from perceptron_annotations import Recording, read_recordings
from tests.corpora import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
#: A page that is longer is not read.
MOST_LINES = 220


def test_it_is_short():
    assert README.count("\n") <= MOST_LINES


def test_the_gate_finds_its_commands():
    """``.ci/run`` runs the lines that begin so."""
    commands = re.findall(r"^(python3 -m venv|PERCEPTRON_ANNOTATIONS_PURE=1) ", README, re.MULTILINE)
    assert commands == ["python3 -m venv", "python3 -m venv", "PERCEPTRON_ANNOTATIONS_PURE=1"]


def test_its_links_lead_somewhere():
    targets = re.findall(r"\]\(([^)#]+)\)", README)
    assert len(targets) > 10
    for target in targets:
        assert (ROOT / target).is_file()


def test_fixtures_are_counted_right():
    """The fixtures' README says how many answers each file holds."""
    text = (ROOT / "fixtures" / "README.md").read_text(encoding="utf-8")
    for path in (ROOT / "fixtures").glob("*.jsonl"):
        assert f"`{path.name}`" in text
        assert any(isinstance(recording, Recording) for recording in read_recordings(path))
