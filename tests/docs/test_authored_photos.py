"""The images of the page about asking are those that their program draws, and the answers are about these files."""

import hashlib
import json
import runpy

import numpy as np
import pytest
from PIL import Image

from perceptron_annotations import parse
from tests.corpora import ROOT

pytestmark = pytest.mark.backend

FOLDER = ROOT / "examples" / "ask"


def test_the_images_are_what_the_program_draws():
    """By their pixels: how a PNG is compressed depends on the version of the library."""
    made = runpy.run_path(str(FOLDER / "make.py"))
    answers = json.loads((FOLDER / "answers.json").read_text(encoding="utf-8"))
    names = []
    for name, drawn, text in made["scenes"]():
        names.append(name)
        path = FOLDER / "photos" / name
        with Image.open(path) as stored:
            assert np.array_equal(np.asarray(stored.convert("RGB")), np.asarray(drawn.convert("RGB"))), name
        assert answers[hashlib.sha256(path.read_bytes()).hexdigest()] == text
        assert len(parse(text).boxes) == made["NAMES"][name]
    assert len(names) == len(answers) == 4
