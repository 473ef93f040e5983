"""Every kind of input × every verb: the exit status, and the one line that comes (newcomer M3, M7, minor 10).

Half of the files are of others: none of our code has written them.
"""

import gzip
import io
import json
import sys
import tarfile
import zipfile
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet

from perceptron_annotations import read_recordings, read_table
from perceptron_annotations.problems import ProblemCode
from tests.cli.in_process import run
from tests.datasets.examples import png

pytestmark = pytest.mark.backend

BOX = '<point_box mention="cup"> (100,100) (300,400) </point_box>'


def body(number=0, text=BOX):
    """As OpenAI's service sends it, with a list of annotations of its own."""
    message = {"role": "assistant", "content": text, "refusal": None, "annotations": []}
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}
    usage = {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}
    return {"id": f"chat-{number}", "object": "chat.completion", "model": "m", "choices": [choice], "usage": usage}


def recording(number=0):
    name = f"{number}.jpg"
    return {"key": name, "response": body(number), "assets": [{"file_name": name, "width": 640, "height": 480}]}


def lines(*values):
    return "".join(json.dumps(value) + "\n" for value in values)


def chunk(delta, reason=None):
    choice = {"index": 0, "delta": delta, "finish_reason": reason}
    return "data: " + json.dumps({"id": "0.jpg", "object": "chat.completion.chunk", "choices": [choice]}) + "\n\n"


def zipped():
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("a.jsonl", lines(recording()))
    return stream.getvalue()


def tarred(mode):
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode=mode) as archive:
        data = lines(recording()).encode()
        entry = tarfile.TarInfo("a.jsonl")
        entry.size = len(data)
        archive.addfile(entry, io.BytesIO(data))
    return stream.getvalue()


def foreign_parquet():
    stream = io.BytesIO()
    parquet.write_table(pa.table({"image": ["a"], "caption": ["b"]}), stream)
    return stream.getvalue()


def converted(tmp_path, source, *options):
    """What convert makes of a file of some content."""
    (tmp_path / "source.json").write_text(source)
    result = run("convert", tmp_path / "source.json", *options, "-o", tmp_path / "made")
    assert result.status == 0, result.err
    return (tmp_path / "made").read_bytes()


COCO = json.dumps(
    {
        "images": [{"id": 1, "file_name": "0.jpg", "width": 640, "height": 480}],
        "annotations": [{"id": 1, "image_id": 1, "category_id": 1, "bbox": [64, 48, 128, 144], "area": 1}],
        "categories": [{"id": 1, "name": "cup"}],
    }
)
JSON_MIN = {
    "image": "/data/upload/0.jpg",
    "id": 1,
    "label": [
        {
            "x": 10,
            "y": 10,
            "width": 20,
            "height": 30,
            "rotation": 0,
            "rectanglelabels": ["cup"],
            "original_width": 640,
            "original_height": 480,
        }
    ],
    "annotator": 1,
    "annotation_id": 2,
    "created_at": "2024-01-01T00:00:00Z",
    "lead_time": 1.5,
}
REQUEST = {"custom_id": "q1", "method": "POST", "url": "/v1/chat/completions", "body": {"model": "m", "messages": []}}
HUGGING_FACE = {"image": {"path": "0.jpg"}, "width": 640, "objects": {"bbox": [[1, 2, 3, 4]], "category": [0]}}
RESULTS = [{"image_id": 1, "category_id": 1, "bbox": [64, 48, 128, 144], "score": 0.5}]
REJECT = {"line_number": 4, "code": "torn_line", "reason": "cut", "raw": "{", "file": "a.jsonl"}
REPORT = {"schema": "perceptron-annotations/evaluation", "version": 1}
PAGE = "<!DOCTYPE html>\n<html><head><title>502</title></head><body>Bad Gateway</body></html>"
EVENTS = ": comment\n\n" + chunk({"role": "assistant", "content": BOX}) + chunk({}, "stop") + "data: [DONE]\n\n"

#: Kinds whose content is made when it is needed.
MADE = {
    "documents.json": lambda folder: converted(folder, lines(recording()), "--to", "jsonl"),
    "documents.jsonl": lambda folder: converted(folder, lines(recording(), recording(1)), "--to", "jsonl"),
    "answers.parquet": lambda folder: converted(folder, lines(recording(), recording(1)), "--to", "parquet"),
    "answers.bin": lambda folder: converted(folder, lines(recording(), recording(1)), "--to", "parquet"),
    "dataset.jsonl": lambda folder: converted(folder, COCO, "--to", "dataset-jsonl"),
    "dataset.txt": lambda folder: converted(folder, COCO, "--to", "dataset-jsonl"),
    "dataset.parquet": lambda folder: converted(folder, COCO, "--to", "dataset-parquet"),
    "dataset.pq": lambda folder: converted(folder, COCO, "--to", "dataset-parquet"),
}
CONTENTS = {
    "one.jsonl": lines(recording()),
    "two.jsonl": lines(recording(), recording(1)),
    "two.txt": lines(recording(), recording(1)),
    "body.json": json.dumps(recording()),
    "pretty.json": json.dumps(recording(), indent=2),
    "pretty.json.gz": gzip.compress(json.dumps(recording(), indent=4).encode()),
    "array.json": json.dumps([recording(), recording(1)]),
    "array_of_one.json": json.dumps([recording()], indent=2),
    "jq.json": json.dumps(recording(), indent=2) + "\n" + json.dumps(recording(1), indent=2) + "\n",
    "events.txt": EVENTS,
    "batch_input.jsonl": lines(REQUEST, REQUEST),
    "batch_output.jsonl": lines({"custom_id": "0.jpg", "response": {"status_code": 200, "body": body()}}),
    "error_body.json": json.dumps({"error": {"message": "Rate limit", "code": 429}}),
    "rejects.jsonl": lines(REJECT),
    "report.json": json.dumps(REPORT),
    "words.txt": BOX,
    "coco.json": COCO,
    "coco": COCO,
    "coco.json.gz": gzip.compress(COCO.encode()),
    "results.json": json.dumps(RESULTS),
    "json_min.json": json.dumps([JSON_MIN]),
    "hugging_face.json": json.dumps([HUGGING_FACE]),
    "hugging_face.jsonl": lines(HUGGING_FACE),
    "foreign.csv": "filename,xmin,ymin,xmax,ymax,class\n0.jpg,1,2,3,4,cup\n",
    "page.json": PAGE,
    "empty.jsonl": "",
    "empty.json": "",
    "utf16.jsonl": lines(recording()).encode("utf-16"),
    "utf16_without_mark.jsonl": lines(recording()).encode("utf-16-le"),
    "a.zip": zipped(),
    "a.tar": tarred("w"),
    "a.tar.gz": tarred("w:gz"),
    "a.png": png(9, 9),
    "program": Path(sys.executable).read_bytes()[:100_000],
    "foreign.parquet": foreign_parquet(),
    "random.jsonl": bytes(range(256)) * 9,
    "curl.txt": "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n" + lines(body()),
}

OK = (0, "")
SEVERAL = (2, "holds several answers, and parse prints one: use check, count or convert")
NO_DATASET = (2, "holds answers, not a dataset: use check or count")
NO_TRUTH = (2, "holds answers, not a dataset: make one of it with convert -o truth.json")
UNTOLD = (2, "cannot tell the format of")
UNTOLD_TRUTH = (2, "is not a dataset whose format can be detected: name it with --truth-from")
NO_ANSWERS = (2, "and this is for answers: use inspect or convert")
NO_ANSWER = (2, "not an answer: use inspect or convert")


def answers(parse):
    """The row of a file of answers that is read."""
    return {"parse": parse, "inspect": NO_DATASET, "truth": NO_TRUTH, "": OK}


def dataset(**others):
    """The row of a dataset."""
    refused = dict.fromkeys(("check", "count", "dedupe"), NO_ANSWERS)
    return {"parse": NO_ANSWER, **refused, "": OK} | others


def nothing(said):
    """The row of a file that no verb reads."""
    return {"": (2, said)}


def no_recordings(said, **others):
    """The row of a file in which no line is a recording."""
    return {"parse": OK, "inspect": UNTOLD, "truth": UNTOLD_TRUTH, "": (2, said)} | others


TABLE = {
    "documents.json": answers(OK),
    "documents.jsonl": answers(SEVERAL),
    "answers.parquet": answers((2, "is Parquet, whose annotations may be some of those in the texts")),
    "answers.bin": answers((2, "is Parquet, whose annotations may be some of those in the texts")),
    "dataset.jsonl": dataset(),
    "dataset.txt": dataset(),
    "dataset.parquet": dataset(),
    "dataset.pq": dataset(),
    "one.jsonl": answers(OK),
    "two.jsonl": answers(SEVERAL),
    "two.txt": answers(SEVERAL),
    "body.json": answers(OK),
    "pretty.json": answers(OK),
    "pretty.json.gz": answers(OK),
    "array.json": answers(SEVERAL),
    "array_of_one.json": answers(OK),
    "jq.json": answers(SEVERAL),
    "events.txt": answers(OK) | {"convert": (2, "everything was dropped"), "evaluate": OK},
    "batch_input.jsonl": answers(None) | {"parse": (2, "a request, not an answer: read the output file of the batch")},
    "batch_output.jsonl": answers(OK) | {"convert": (2, "everything was dropped"), "evaluate": OK},
    "error_body.json": answers((2, "the service sent an error: Rate limit (429)")),
    "rejects.jsonl": answers((2, "a reject, not an answer: mend what is in raw, and read that")),
    "report.json": nothing("it is a report of evaluate: name what was evaluated"),
    "words.txt": no_recordings("not a recording, but words: parse reads the text of one answer"),
    "coco.json": dataset(),
    "coco": dataset(),
    "coco.json.gz": dataset(),
    "results.json": dataset(
        **dict.fromkeys(("convert", "inspect", "truth"), (2, "evaluate it against the file of its images (--truth)"))
    ),
    "json_min.json": dataset(),
    "hugging_face.json": dataset(
        parse=(0, ""), convert=(2, "its data does not name an image"), inspect=OK, evaluate=None, truth=None
    ),
    "hugging_face.jsonl": no_recordings("not a recording: it has none of choices, response and text"),
    "foreign.csv": dataset(parse=OK)
    | dict.fromkeys(("convert", "inspect", "evaluate", "truth"), (2, "its first line must name the columns")),
    "page.json": nothing("it is an HTML page, perhaps the error of a server: fetch the file again"),
    "empty.jsonl": no_recordings("there is nothing in it"),
    "empty.json": no_recordings("there is nothing in it"),
    "utf16.jsonl": nothing("the file is UTF-16: save it as UTF-8"),
    "utf16_without_mark.jsonl": nothing("the file is UTF-16: save it as UTF-8"),
    "a.zip": nothing("it is a ZIP archive: unpack it"),
    "a.tar": nothing("it is a TAR archive: unpack it"),
    "a.tar.gz": nothing("it is a TAR archive: unpack it"),
    "a.png": nothing("it is an image: name the file of the answers about it"),
    "program": nothing("name a file of recorded answers"),
    "foreign.parquet": nothing("foreign.parquet"),
    "random.jsonl": nothing("it is binary data: name a file of recorded answers"),
    "curl.txt": nothing("it is an HTTP response with its headers: save the body alone"),
}
for failing in ("batch_input.jsonl", "error_body.json", "rejects.jsonl"):
    TABLE[failing][""] = TABLE[failing]["parse"]


def test_the_table_is_whole():
    assert TABLE.keys() == MADE.keys() | CONTENTS.keys()
    assert not MADE.keys() & CONTENTS.keys()


@pytest.mark.parametrize("verb", ["parse", "check", "convert", "count", "dedupe", "inspect", "evaluate", "truth"])
@pytest.mark.parametrize("kind", TABLE)
def test_newcomer_m3_m7_each_kind_in_each_verb(tmp_path, kind, verb):
    path = tmp_path / kind
    content = MADE[kind](tmp_path) if kind in MADE else CONTENTS[kind]
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    (tmp_path / "truth.json").write_text(COCO)
    (tmp_path / "answers.jsonl").write_text(lines(recording()))
    words = {
        "convert": ("convert", path, "--to", "coco", "-o", tmp_path / "out.json"),
        "dedupe": ("dedupe", path, "-o", tmp_path / "out.parquet"),
        "evaluate": ("evaluate", path, "--truth", tmp_path / "truth.json"),
        "truth": ("evaluate", tmp_path / "answers.jsonl", "--truth", path),
    }.get(verb, (verb, path))
    row = TABLE[kind]
    expected = row[verb] if verb in row else row[""]
    if expected is None:
        pytest.skip("it is neither read nor worth a word of its own")
    result = run(*words)
    assert (result.status, "unexpected" in result.err) == (expected[0], False), result.err
    if result.status:
        assert len(result.err.splitlines()) == 1
        assert expected[1] in result.err
        assert not (tmp_path / "out.json").exists()
    else:
        assert "error" not in result.err


def test_newcomer_m7_a_saved_response_is_parsed_as_an_answer(tmp_path):
    for name in ("one.jsonl", "body.json", "pretty.json.gz", "events.txt", "documents.json"):
        path = tmp_path / name
        content = MADE[name](tmp_path) if name in MADE else CONTENTS[name]
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        result = run("parse", path)
        assert "cup" in result.out
        assert result.out.endswith("ok: 1 annotations, 0 issues\n")
        stored = json.loads(run("parse", path, "-f", "json").out)
        assert (stored["source"], stored["key"]) == (BOX, "0.jpg")


@pytest.mark.parametrize("kind", ["program", "a.png", "a.zip", "a.tar.gz", "foreign.parquet", "random.jsonl"])
def test_scale_f5_binary_data_are_not_counted_as_lines(tmp_path, kind):
    path, good = tmp_path / kind, tmp_path / "good.jsonl"
    path.write_bytes(CONTENTS[kind])
    good.write_text(lines(recording()))
    result = run("check", good, path, "--rejects", tmp_path / "rejects.jsonl")
    assert result.status == 0
    assert "1 answers, 1 annotations, 0 cut off, 0 lines without an answer" in result.out
    assert run("check", good, path, "--strict").status == 1
    table = read_table([good, path], on_problem=(problems := []).append)
    assert len(table) == 1
    assert [(problem.path, problem.place, problem.raw) for problem in problems] == [(str(path), "", "")]
    list(read_recordings(path, on_problem=(problems := []).append))
    assert [problem.code for problem in problems] == [ProblemCode.FOREIGN_FILE]


def test_good_lines_after_bytes_of_no_text_are_read(tmp_path):
    """As a log has them that was cut while it was written, or a disk that lost a block."""
    for name, before in (("nul", b"\x00" * 5000), ("mark", b"\xff\xfe{\x00\n"), ("torn", b'{"key": "x", "te\n')):
        path = tmp_path / name
        path.write_bytes(before + b"\n" + lines(recording(), recording(1)).encode())
        found = list(read_recordings(path, on_problem=(problems := []).append))
        assert [each.key for each in found] == ["0.jpg", "1.jpg"]
        assert len(problems) == 1


def test_an_array_that_is_cut_off_gives_the_items_before(tmp_path):
    path = tmp_path / "cut.json"
    path.write_text(json.dumps([recording(), recording(1), recording(2)])[:-50])
    found = list(read_recordings(path, on_problem=(problems := []).append))
    assert [each.key for each in found] == ["0.jpg", "1.jpg"]
    assert [(problem.place, problem.code) for problem in problems] == [("item 3", ProblemCode.UNREADABLE_LINE)]
    result = run("check", path, "--rejects", tmp_path / "rejects.jsonl")
    assert "2 answers, 2 annotations, 0 cut off, 1 lines without an answer" in result.out
    assert json.loads((tmp_path / "rejects.jsonl").read_text())["line_number"] == 3


def test_an_item_of_an_array_that_holds_no_answer_is_told_by_its_number(tmp_path):
    path = tmp_path / "a.json"
    path.write_text(json.dumps([recording(), {"error": {"message": "busy"}}], indent=1))
    assert len(read_table(path, on_problem=(problems := []).append)) == 1
    assert [problem.place for problem in problems] == ["item 2"]


@pytest.mark.parametrize("name", ["x.csv", "d.json", "d.jsonl"])
def test_newcomer_minor_10_dedupe_writes_only_what_the_suffix_says(tmp_path, name):
    (tmp_path / "a.jsonl").write_text(lines(recording()))
    result = run("dedupe", tmp_path / "a.jsonl", "-o", tmp_path / name)
    assert (result.status, len(result.err.splitlines())) == (2, 1)
    assert f"name it {(tmp_path / name).with_suffix('.parquet')}, and convert that" in result.err
    assert not (tmp_path / name).exists()


def test_evaluate_takes_the_formats_that_the_files_do_not_tell(tmp_path):
    (tmp_path / "truth").write_text(
        "number,file_name,width,height,label,kind,x1,y1,x2,y2\n0,0.jpg,640,480,cup,box,64,48,192,192\n"
    )
    (tmp_path / "answers.jsonl").write_text(lines(recording()))
    words = ("evaluate", tmp_path / "answers.jsonl", "--truth", tmp_path / "truth")
    assert "--truth-from" in run(*words).err
    assert run(*words, "--truth-from", "csv", "--fail-under", "f1@0.5=1").status == 0
    words = ("evaluate", tmp_path / "truth", "--truth", tmp_path / "truth", "--truth-from", "csv")
    assert run(*words).status == 2
    assert run(*words, "--from", "csv", "--fail-under", "f1@0.5=1").status == 0
    refused = run(*words, "--from", "cvs")
    assert (refused.status, "did you mean 'csv'?" in refused.err) == (2, True)


def test_the_strict_mode_of_check_names_the_answer_and_its_choice(tmp_path):
    both = body()
    both["choices"].append(both["choices"][0] | {"index": 1, "message": {"content": "<point> bad </point>"}})
    (tmp_path / "a.jsonl").write_text(lines({"key": "k7", "response": both}))
    result = run("check", tmp_path / "a.jsonl", "--mode", "strict")
    assert result.status == 2
    assert "answer k7, choice 1: invalid_point_coords" in result.err


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.jsonl", lines(recording()).encode().replace(b'"m"', b'"\0"') + lines(recording(1)).encode()),
        ("a.sse", chunk({"content": BOX}).encode() + b'data: {"id": "\0"}\n\n'),
        ("a.jsonl", b"\0" * 100_000 + b"\n" + lines(recording()).encode()),
    ],
    ids=["a line", "an event", "a hole"],
)
def test_a_damaged_byte_does_not_make_a_file_binary(tmp_path, name, data):
    """Found by the fuzz of files: one byte that no text has cost all that stood before it."""
    (tmp_path / name).write_bytes(data)
    problems = []
    assert [each.text for each in read_recordings(tmp_path / name, on_problem=problems.append)][:1] == [BOX]
    assert problems
