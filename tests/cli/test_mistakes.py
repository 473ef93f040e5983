"""What people type wrong: the command, its exit status, and the one line that says what to do.

The first part has the mistakes of the first hour that somebody made on purpose who had the README alone; the second
has those of people who have not read it, who know other tools, or who are in a hurry.
"""

import json
import subprocess
import sys

import pytest

from tests.corpora import ROOT

#: Mistakes of the first hour. A status of 0 means that what was typed is understood.
FIRST_HOUR = [
    ("convert rec.jsonl --to jsonl -o rec.jsonl", 2, "rec.jsonl would be overwritten", "name another file to write"),
    ("check rec.jsonl --rejects rec.jsonl", 2, "rec.jsonl would be overwritten", "name another file to write"),
    ("convert rec.jsonl --to coco -o o.json --rejects o.json", 2, "are the same file", "name another one"),
    ("convert truth.json --to coco -o truth.json", 2, "truth.json would be overwritten", "name another file to write"),
    ("convert notes.jsonl --to coco -o out.json", 2, "no recorded answer could be read from notes.jsonl", "line 1"),
    ("convert program.bin --to coco -o out.json", 2, "it is a program", "name a file of recorded answers"),
    ("convert empty.jsonl -o out.json", 2, "no recorded answer could be read", "there is nothing in it"),
    ("count truth.json", 2, "truth.json is a dataset (coco)", "use inspect or convert"),
    ("convert batch.jsonl --to coco -o out.json", 2, "nothing is written", "q0", "see --sizes and --images"),
    ("evaluate rec.jsonl --truth truth.json", 2, "no image of the truth, for example table_00.jpg", "--join FILE"),
    ("convert documents.jsonl --to coco -o out.json", 0),
    ("parse one.jsonl", 0),
    ("parse ''", 0),
    ("parse answer.txt", 2, "there is no file answer.txt", "add --text"),
    ("convert answers.jsonl --to COCO -o out.json", 0),
    ("convert answers.jsonl --to cocoo -o out.json", 2, "there is no format 'cocoo'", "did you mean 'coco'?"),
    ("evaluate answers.jsonl --truth truth.json --iou 50", 2, "--iou", "above 0 and at most 1", "for 50 % type 0.5"),
    ("dedupe answers.jsonl -o d.json", 2, "dedupe writes Parquet", "name it d.parquet"),
    ("check array.json", 0),
    ("convert answers.jsonl --to yolo -o ds --split train=0.8,val=0.3", 2, "must sum to 1, not 1.1", "write train=0.7"),
    ("convert answers.jsonl --to yolo -o ds --split train=8,val=2", 2, "must sum to 1", "write train=0.8,val=0.2"),
    ("evaluate answers.jsonl --truth truth.json --task ap", 2, "71 of 71 predictions have no score", "--samples"),
    ("convert yolo --from yolo -o out.json", 2, "cannot read yolo", "neither a data.yaml nor a classes.txt"),
    ("evaluate answers.jsonl --truth truth.json --fail-under speed=1", 2, "unknown metric 'speed'", "choose from"),
    ("convert scans --to coco -o out.json", 2, "scans is a directory", "name the files in it", "scans/*.jsonl"),
    ("check answers.jsonl -h", 0),
]
#: What else would be typed.
OTHERS = [
    ("answers.jsonl", 2, "answers.jsonl is not a verb", "such as check answers.jsonl"),
    ("convrt answers.jsonl", 2, "there is no verb 'convrt'", "did you mean 'convert'?"),
    ("help", 2, "there is no verb 'help'", "--help"),
    ("convert answers.jsonl --to coco", 2, "--output PATH is missing", "convert --help"),
    ("convert -o out.json", 2, "INPUT... is missing", "convert --help"),
    ("convert answers.jsonl --format coco -o out.json", 2, "there is no option --format", "did you mean --to?"),
    ("convert answers.jsonl -o out.xml", 2, "cannot tell the format of out.xml", "add --to coco"),
    ("convert answers.jsonl -o none/out.json", 2, "cannot write none/out.json", "its folder does not exist"),
    ("convert answers.jsonl --to yolo -o folder", 2, "folder that is not empty", "name a new one"),
    ("convert nothing.jsonl -o out.json", 2, "cannot read nothing.jsonl", "there is no such file or folder"),
    ("convert answers.jsonl -o out.json --label zebra", 2, "none of 71 annotations is left", "count or inspect shows"),
    ("convert answers.jsonl -o out.json --kind boxes", 2, "--kind must be one of", "did you mean 'box'?"),
    ("convert answers.jsonl -o out.csv --fps fast", 2, "--fps must be a number, not 'fast'"),
    ("convert answers.jsonl -o out.csv --images photos", 2, "there is no folder photos"),
    ("convert truth.json truth.json -o out.csv", 2, "truth.json is a dataset (coco)", "convert one at a time"),
    ("evaluate answers.jsonl truth.json", 2, "--truth DATASET is missing", "evaluate --help"),
    ("evaluate answers.jsonl --gt truth.json", 2, "there is no option --gt", "did you mean --truth?"),
    ("evaluate truth.json --truth answers.jsonl", 2, "holds answers, not a dataset", "convert -o truth.json"),
    ("evaluate answers.jsonl --truth truth.json -f html", 2, "--format must be one of table, json, csv, markdown"),
    ("evaluate answers.jsonl --truth truth.json --worst -1", 2, "--worst must be 0 or more, not '-1'"),
    ("check answers.jsonl --mode stirct", 2, "--mode must be one of", "did you mean 'strict'?"),
    ("check answers.jsonl --stric", 2, "there is no option --stric", "did you mean --strict?"),
    ("check https://example.com/answers.jsonl", 2, "https://example.com/answers.jsonl is an address", "download it"),
    ("check answers.jsonl --limit lines=3", 2, "there is no limit 'lines'", "choose from line_bytes"),
    ("parse folder", 2, "folder is a directory", "name a file that holds one answer"),
    ("parse rec.jsonl", 2, "rec.jsonl holds several answers", "use check, count or convert"),
    ("parse '<point> (1,2) </point>' --size big", 2, "--size must be WIDTHxHEIGHT such as 1920x1080, not 'big'"),
    ("inspect answers.jsonl", 2, "answers.jsonl holds answers, not a dataset", "use check or count"),
]
#: Runs command lines that come as JSON, one after the other, and prints what each said.
RUN_ALL = """
import contextlib, io, json, shlex, sys
from perceptron_annotations.cli.main import app
from perceptron_annotations.cli.guard import run

def outcome(line):
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for _ in range(2))
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            status = run(app, shlex.split(line))
        except SystemExit as ended:
            status = ended.code
        err.flush()
    return int(status), err.buffer.getvalue().decode()

print(json.dumps([outcome(line) for line in json.load(sys.stdin)]))
"""
BATCH = {"choices": [{"index": 0, "message": {"role": "assistant", "content": "<point> (1,2) </point>"}}]}


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory):
    """The status and the complaint of every command line, all run in one process and a folder of small files."""
    folder = tmp_path_factory.mktemp("mistakes")
    recorded = (ROOT / "fixtures" / "perceptron_mk1.jsonl").read_bytes()
    files = {
        "rec.jsonl": recorded,
        "one.jsonl": recorded.splitlines()[0],
        "folder/rec.jsonl": recorded,
        "answers.jsonl": (ROOT / "examples" / "evaluate" / "small.jsonl").read_bytes(),
        "truth.json": (ROOT / "examples" / "evaluate" / "truth.json").read_bytes(),
        "notes.jsonl": b"hello\n",
        "empty.jsonl": b"",
        "program.bin": b"\x7fELF\x02\x01\x01" + bytes(100),
        "array.json": json.dumps([{"key": "a.jpg", "text": "<point> (1,2) </point>"}]).encode(),
        "batch.jsonl": json.dumps({"custom_id": "q0", "response": {"status_code": 200, "body": BATCH}}).encode(),
        "scans/a.jpg": b"\xff\xd8\xff",
        "yolo/labels/a.txt": b"0 0.5 0.5 0.1 0.1\n",
    }
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    lines = ["convert answers.jsonl --to jsonl -o documents.jsonl", *(row[0] for row in (*FIRST_HOUR, *OTHERS))]
    command = [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(ROOT)!r})\n" + RUN_ALL]
    done = subprocess.run(command, cwd=folder, input=json.dumps(lines), capture_output=True, text=True, check=True)
    assert {name: (folder / name).read_bytes() for name in files} == files
    return dict(zip(lines, json.loads(done.stdout), strict=True))


@pytest.mark.parametrize(("line", "status", "said"), [(row[0], row[1], row[2:]) for row in (*FIRST_HOUR, *OTHERS)])
def test_newcomer_a_mistake_is_told_in_one_line(outcomes, line, status, said):
    ended, complaint = outcomes[line]
    assert (ended, [words for words in said if words not in complaint]) == (status, []), complaint
    if status:
        assert complaint.startswith("error: ")
        assert complaint.count("\n") == 1
        assert "Traceback" not in complaint
        assert "Value error" not in complaint


def test_there_are_at_least_25_and_ten_more():
    assert len(FIRST_HOUR) >= 25
    assert len(OTHERS) >= 10
