"""Thirty hostile answers through every sink: what models and files say is shown, and never obeyed."""

import csv
import io
import json
import os
import pty
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from perceptron_annotations import Box, parse, to_markup
from perceptron_annotations.render import to_svg
from perceptron_annotations.render.report_text import markdown_table, markdown_text
from perceptron_annotations.visible_text import visible
from tests.cli.test_cli import run

pytestmark = pytest.mark.backend

#: What a model, or who wrote its prompt, may want a label to do.
MENTIONS = [
    "\x1b[2J\x1b[H wiped",
    "\x1b]8;;https://evil.example\x1b\\click\x1b]8;;\x1b\\",
    "\x1b]0;title\x07",
    "\x9b31mred",
    "\u202egpj.exe",
    "\u2066hidden\u2069",
    "\r=1+1",
    "x\r=1+1",
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-1+1",
    "@SUM(1+1)",
    "\t=1+1",
    "[bold red]rich[/bold red]",
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "]]></text><!-- -->",
    "&lt;b&gt; &x;",
    "@everyone and @some-user",
    "https://evil.example and www.evil.example",
    ":bomb: :+1:",
    "$\\rm{x}$ $$y$$",
    "GH-1 #1 owner/repo#2 f1@0.5",
    "| a | b |\n| --- | --- |",
    "[a](javascript:alert(1)) ![b](x)",
    "*bold* _it_ `code` ~~x~~",
    "\x7f\ufffe\uffff\ufeff\x85\u2028",
    "lone \ud800 and \udfff",
    "'quoted', \"twice\"\nand: {a: b} # c",
]


def answer(mention):
    """An answer about it."""
    return to_markup([Box(10, 20, 300, 400, mention=mention)])


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The answers recorded, and a truth with the same labels."""
    folder = tmp_path_factory.mktemp("hostile")
    lines, images, boxes = [], [], []
    for number, mention in enumerate(MENTIONS, start=1):
        name = f"{number}.png"
        assets = [{"file_name": name, "width": 640, "height": 480}]
        lines.append(json.dumps({"key": name, "text": answer(mention), "assets": assets, "model": mention}))
        images.append({"id": number, "file_name": name, "width": 640, "height": 480})
        box = {
            "id": number,
            "image_id": number,
            "category_id": number,
            "bbox": [6, 9, 180, 180],
            "area": 9,
            "iscrowd": 0,
        }
        boxes.append(box)
    categories = [{"id": number, "name": mention} for number, mention in enumerate(MENTIONS, start=1)]
    (folder / "answers.jsonl").write_text("\n".join(lines) + "\n")
    truth = {"images": images, "annotations": boxes, "categories": categories}
    (folder / "truth.json").write_text(json.dumps(truth))
    return folder


def test_there_are_thirty():
    assert len(set(MENTIONS)) == 30
    for mention in MENTIONS:
        assert [each.mention for each in parse(answer(mention)).boxes] == [mention]


def on_a_terminal(*arguments):
    """What a command shows on a terminal, without the colours of its own."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "perceptron_annotations", *map(str, arguments)]
    environment = os.environ | {"TERM": "xterm", "COLUMNS": "200"}
    process = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment)
    os.close(theirs)
    shown = b""
    try:
        while piece := os.read(ours, 65536):
            shown += piece
    except OSError:  # the terminal has gone
        pass
    os.close(ours)
    assert process.wait() in (0, 1), shown
    return re.sub(r"\x1b\[[0-9;]*m", "", shown.decode("utf-8"))


@pytest.mark.parametrize(
    "words",
    [
        ("check", "answers.jsonl"),
        ("count", "answers.jsonl"),
        ("count", "answers.jsonl", "-f", "json"),
        ("inspect", "truth.json"),
        ("evaluate", "answers.jsonl", "--truth", "truth.json", "--by", "model", "--worst", "30"),
        ("evaluate", "answers.jsonl", "--truth", "truth.json", "-f", "markdown"),
        ("evaluate", "answers.jsonl", "--truth", "truth.json", "-f", "csv"),
        ("parse", "x.txt"),
    ],
    ids=" ".join,
)
def test_terminals(folder, words):
    (folder / "x.txt").write_text(answer(MENTIONS[0]))
    paths = [folder / word if (folder / word).exists() else word for word in words]
    shown = on_a_terminal(*paths)
    assert "Traceback" not in shown
    for char in sorted(set(shown) - set("\r\n\t")):
        assert char.isprintable(), f"{char!r} reached the terminal"


def cells_of(text):
    """All cells, as a spreadsheet sees them that takes a carriage return for the end of a line outside quotes."""
    return [cell for line in csv.reader(io.StringIO(text, newline=None)) for cell in line]


def test_reliability_m6_no_cell_is_a_formula(folder):
    answers, truth = folder / "answers.jsonl", folder / "truth.json"
    report = run("evaluate", answers, "--truth", truth, "-f", "csv", "--by", "model").stdout
    assert run("convert", answers, "-o", folder / "out.csv").returncode == 0
    for text in (report, (folder / "out.csv").read_bytes().decode()):
        cells = cells_of(text)
        assert len(cells) > 300
        formulas = [cell for cell in cells if cell.startswith(("=", "+", "@", "\t", "\r"))]
        assert formulas == []
        assert not [cell for cell in cells if cell.startswith("-") and not re.fullmatch(r"-[\d.e-]+", cell)]


def test_reliability_m7_machine_output_holds_any_text(folder):
    counted = json.loads(run("count", folder / "answers.jsonl", "-f", "json").stdout)
    assert {each["label"] for each in counted["labels"]} == set(MENTIONS)
    arguments = ("evaluate", folder / "answers.jsonl", "--truth", folder / "truth.json", "--by", "model", "-f", "json")
    assert set(json.loads(run(*arguments).stdout)["slices"]["model"]) >= set(MENTIONS) - {MENTIONS[28]}
    named = os.fsencode(folder) + b"/b\xff.jsonl"
    Path(os.fsdecode(named)).write_bytes((folder / "answers.jsonl").read_bytes())
    command = [sys.executable, "-m", "perceptron_annotations", "evaluate", named, "--truth", folder / "truth.json"]
    result = subprocess.run([*command, "-f", "json"], capture_output=True, check=True)
    assert json.loads(result.stdout)["predictions"].endswith("b\udcff.jsonl")


# -- Markdown ----------------------------------------------------------------------------------------------------------

#: What GitHub and GitLab look for in texts, after Markdown was read.
LIVE = re.compile(
    r"(?<!\w)@[\w-]+|(?<!\w)[\w.+-]+@[\w-]+\.[\w.-]*\w|:[\w+-]+:|(?<!\w)GH-\d|#\d|\$\S|https?://|www\.", re.IGNORECASE
)


def text_nodes(markdown):
    """The texts of a page between its tags, and the tags."""
    from markdown_it import MarkdownIt

    page = MarkdownIt("commonmark").enable("table").enable("strikethrough").render(markdown)
    parts = re.split(r"(<[^>]*>)", page)
    return [part.replace("&amp;", "&") for part in parts[::2]], parts[1::2]


def test_the_live_texts_are_found():
    texts, _ = text_nodes("@user a@b.de :bomb: GH-1 #1 $x$ https://a www.b")
    assert len(LIVE.findall(" ".join(texts))) == 8


@pytest.mark.parametrize("mention", MENTIONS, ids=range(30))
def test_reliability_m4_nothing_is_live_in_markdown(mention):
    """The minor m4."""
    shown = visible(mention)
    for markdown in (markdown_text(shown), markdown_table([shown, "b"], [[shown, shown]])):
        texts, tags = text_nodes(markdown)
        assert [found for text in texts for found in LIVE.findall(text)] == []
        known = r"</?(p|span|table|thead|tbody|tr|th|td)>"
        assert [tag for tag in tags if not re.fullmatch(known, tag)] == []
        assert len([tag for tag in tags if tag == "<th>"]) in (0, 2)


def test_a_report_in_markdown(folder):
    arguments = (
        "evaluate",
        folder / "answers.jsonl",
        "--truth",
        folder / "truth.json",
        "--by",
        "model",
        "-f",
        "markdown",
    )
    texts, tags = text_nodes(run(*arguments, "--worst", "30").stdout)
    assert [found for text in texts for found in LIVE.findall(text)] == []
    assert not [tag for tag in tags if tag.startswith(("<a", "<img", "<script", "<code", "<svg"))]


# -- XML, SVG and YAML -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mention", MENTIONS, ids=range(30))
def test_svg_is_xml_without_scripts(mention):
    document = parse(answer(mention))
    drawn = {"svg", "rect", "title", "text", "g", "circle", "polygon", "polyline", "line"}
    said = {"div", "style", "p", "span", "ul", "li", "code", "details", "summary"}
    for written, allowed in ((to_svg(document.annotations), drawn), (document._repr_html_(), drawn | said)):
        found = ET.fromstring(written)  # noqa: S314
        assert {each.tag.rpartition("}")[2] for each in found.iter()} <= allowed
        attributes = {name for each in found.iter() for name in each.attrib}
        assert not [name for name in attributes if name.startswith("on") or "href" in name]


def test_reliability_m7_curves_with_any_name_are_xml(tmp_path):
    """The minor m7: the names of files of answers."""
    pytest.importorskip("matplotlib")
    from perceptron_annotations.evaluation import plot_curves
    from perceptron_annotations.evaluation.curves import Curve

    curve = Curve(title="F1", x_label="IoU", y_label="F1", x=(0.5, 0.75), y=(0.9, 0.6))
    plot_curves({MENTIONS[number]: [curve] for number in (0, 3, 4, 14, 22, 27, 28)}, tmp_path / "curves.svg")
    assert ET.parse(tmp_path / "curves.svg").getroot().tag.endswith("svg")  # noqa: S314


@pytest.mark.parametrize("format", ["cvat", "voc", "yolo", "labelme", "label-studio", "coco", "dataset-jsonl"])
def test_files_of_datasets(folder, tmp_path, format):
    """Other readers take what is written: the standard library's for XML and JSON, PyYAML."""
    result = run("convert", folder / "answers.jsonl", "--to", format, "-o", tmp_path / "out")
    assert result.returncode == 0, result.stderr
    files = [tmp_path / "out"] if (tmp_path / "out").is_file() else sorted((tmp_path / "out").rglob("*.*"))
    found = 0
    for path in files:
        text = path.read_text(encoding="utf-8") if path.is_file() else ""
        if text.startswith("<?xml"):
            labels = [
                each.get("label") or each.findtext("name")
                for each in ET.fromstring(text).iter()  # noqa: S314
                if each.tag in ("box", "object")
            ]
            found += len(labels)
        elif path.suffix == ".yaml":
            names = pytest.importorskip("yaml").safe_load(text)["names"]
            assert set(names.values()) == set(MENTIONS)
            found += len(names)
        elif text[:1] in ("{", "["):
            found += sum(
                mention in strings(json.loads(line)) for line in text.split("\n") if line for mention in MENTIONS
            )
    assert found >= 30


def strings(value):
    """All texts in a value of JSON."""
    if isinstance(value, str):
        return {value}
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return set().union(*map(strings, inner))


def test_notebooks(folder):
    box = Box(1, 2, 3, 4, mention=MENTIONS[14])
    assert "<script>" not in box._repr_html_()
