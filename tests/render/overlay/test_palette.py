"""The colours of labels: told apart by everybody, the same everywhere."""

import subprocess
import sys
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from perceptron_annotations.render import label_colour, label_colours
from perceptron_annotations.render.overlay.draw_style import verdict_stroke
from perceptron_annotations.render.overlay.marks import Verdict
from perceptron_annotations.render.overlay.palette import PALETTE, ink_on

#: What is left of light, in linear RGB, for people who lack one kind of cone (Machado, Oliveira and Fernandes, 2009,
#: severity 1).
SEEN_BY = {
    "normal vision": np.eye(3),
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}
#: From sRGB's light to XYZ, relative to the white of D65.
TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.072175], [0.0193339, 0.119192, 0.9503041]]
)
WHITE = np.array([0.95047, 1.0, 1.08883])


def light(colour):
    parts = np.array(colour) / 255
    return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)


def lab(colour, matrix):
    xyz = TO_XYZ @ np.clip(np.array(matrix) @ light(colour), 0, 1) / WHITE
    x, y, z = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def ciede2000(one, other):
    """Sharma, Wu and Dalal, 2005."""
    (l1, a1, b1), (l2, a2, b2) = one, other
    mean = (np.hypot(a1, b1) + np.hypot(a2, b2)) / 2
    g = 0.5 * (1 - np.sqrt(mean**7 / (mean**7 + 25**7)))
    a1, a2 = a1 * (1 + g), a2 * (1 + g)
    c1, c2 = np.hypot(a1, b1), np.hypot(a2, b2)
    h1, h2 = np.degrees(np.arctan2(b1, a1)) % 360, np.degrees(np.arctan2(b2, a2)) % 360
    turn = (h2 - h1 + 180) % 360 - 180
    hue = h1 + turn / 2
    chroma, lightness = (c1 + c2) / 2, (l1 + l2) / 2
    t = (
        1
        - 0.17 * np.cos(np.radians(hue - 30))
        + 0.24 * np.cos(np.radians(2 * hue))
        + 0.32 * np.cos(np.radians(3 * hue + 6))
        - 0.2 * np.cos(np.radians(4 * hue - 63))
    )
    sl = 1 + 0.015 * (lightness - 50) ** 2 / np.sqrt(20 + (lightness - 50) ** 2)
    sc, sh = 1 + 0.045 * chroma, 1 + 0.015 * chroma * t
    twist = -2 * np.sqrt(chroma**7 / (chroma**7 + 25**7))
    twist *= np.sin(np.radians(60 * np.exp(-(((hue % 360 - 275) / 25) ** 2))))
    dl, dc, dh = (l2 - l1) / sl, (c2 - c1) / sc, 2 * np.sqrt(c1 * c2) * np.sin(np.radians(turn) / 2) / sh
    return np.sqrt(dl**2 + dc**2 + dh**2 + twist * dc * dh)


def test_the_measure_is_that_of_its_authors():
    """Pairs 1, 7 and 17 of the table of Sharma, Wu and Dalal."""
    assert ciede2000((50, 2.6772, -79.7751), (50, 0, -82.7485)) == pytest.approx(2.0425, abs=1e-4)
    assert ciede2000((50, 0, 0), (50, -1, 2)) == pytest.approx(2.3669, abs=1e-4)
    assert ciede2000((50, 2.5, 0), (73, 25, -18)) == pytest.approx(27.1492, abs=1e-4)


@pytest.mark.parametrize("seen_by", SEEN_BY)
def test_no_two_colours_are_close(seen_by):
    """A difference of 10 is seen at a glance; that of neighbours in tables of colours is 2."""
    seen = [lab(colour, SEEN_BY[seen_by]) for colour in PALETTE]
    least = min(ciede2000(one, other) for one, other in combinations(seen, 2))
    assert least >= 10


@pytest.mark.parametrize("seen_by", SEEN_BY)
def test_verdicts_are_farther_apart_still(seen_by):
    seen = [lab(verdict_stroke(each, 2).colour, SEEN_BY[seen_by]) for each in Verdict]
    assert min(ciede2000(one, other) for one, other in combinations(seen, 2)) >= 15


def test_verdicts_differ_in_the_style_of_their_lines_too():
    assert len({(verdict_stroke(each, 4).dash, verdict_stroke(each, 4).width) for each in Verdict}) == len(Verdict)


@given(st.tuples(*[st.integers(0, 255)] * 3))
def test_letters_can_be_read_on_every_colour(colour):
    """WCAG 2 asks for a contrast of 4.5; black or white always has it."""
    weights = np.array([0.2126, 0.7152, 0.0722])
    ground, letters = (float(weights @ light(each)) for each in (colour, ink_on(colour)))
    assert (max(ground, letters) + 0.05) / (min(ground, letters) + 0.05) >= 4.5


def test_a_label_has_its_colour_in_every_process():
    code = "from perceptron_annotations.render import label_colour; print(*map(label_colour, ['cat', '猫', 'a b']))"
    found = {
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={"PYTHONHASHSEED": seed}
        ).stdout
        for seed in ("1", "2")
    }
    assert found == {" ".join(map(str, map(label_colour, ["cat", "猫", "a b"]))) + "\n"}


@given(st.sets(st.text(), max_size=40))
def test_labels_that_are_known_together_share_no_colour_while_there_are_some(labels):
    colours = label_colours(labels)
    assert colours == label_colours(sorted(labels, reverse=True))
    assert colours.keys() == labels
    assert len(set(colours.values())) == min(len(labels), len(PALETTE))
