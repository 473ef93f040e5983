"""What a type checker makes of a user's script: every face resolves, and a misspelt name is an error."""

import subprocess
import sys

import pytest

SCRIPT = """
import perceptron_annotations as pa
from perceptron_annotations import Box, Request, parse
from perceptron_annotations.completions import image
from perceptron_annotations.datasets import DatasetBuilder, LabelMap, read_coco
from perceptron_annotations.evaluation import average_precision
from perceptron_annotations.interop import to_shapely
from perceptron_annotations.markup import constraint_regex
from perceptron_annotations.ops import nms
from perceptron_annotations.problems import ProblemCode
from perceptron_annotations.render import to_svg
from perceptron_annotations.table import parse_batch

document = parse("<point> (1,2) </point>", mode="salvage")
boxes: tuple[Box, ...] = document.boxes
table: pa.AnnotationTable = pa.parse_batch(["a"])
rows = pa.ops.nms(table.xyxy)
request = Request(prompt="x", media=(image("https://example.com/a.jpg"),), annotation_format="box")
shown: str = to_svg(boxes)
version: str = pa.__version__
"""


def checked(tmp_path, *command):
    """The exit status and output for the script, and for one with a misspelt name."""
    for name, script in (("right.py", SCRIPT), ("wrong.py", SCRIPT + "pa.pars('x')\n")):
        (tmp_path / name).write_text(script, encoding="utf-8")
        result = subprocess.run(
            [sys.executable, "-m", *command, name], cwd=tmp_path, capture_output=True, text=True, check=False
        )
        yield result.returncode, result.stdout + result.stderr


@pytest.mark.parametrize(
    "command",
    [("mypy", "--strict", "--cache-dir", "cache"), ("pyright", "--pythonpath", sys.executable)],
    ids=["mypy", "pyright"],
)
def test_names_resolve(tmp_path, command):
    (status, output), (refused, message) = checked(tmp_path, *command)
    if command[0] == "pyright" and "npm" in output:
        pytest.skip(f"pyright could not fetch its program from the npm registry: {output[-200:]}")
    assert status == 0, output
    assert refused == 1
    assert "pars" in message
