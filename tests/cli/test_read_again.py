"""What is written of answers is read as the answers are: newcomer M3 and scale F5.

The oracle is the same command on the recordings themselves.
"""

import gzip
import json
import re
import tracemalloc

import pytest

from perceptron_annotations import Mode, parse, read_table
from perceptron_annotations.completions import DocumentRecord, RecordedAsset, read_documents, write_documents
from perceptron_annotations.datasets import RecordingImporter
from perceptron_annotations.errors import UsageError
from perceptron_annotations.table import iter_recorded, read_parquet, write_parquet
from tests.cli.in_process import run
from tests.corpora import ROOT

pytestmark = pytest.mark.backend

EXAMPLES = ROOT / "examples" / "evaluate"
BOX = '<point_box mention="{}"> (100,200) (300,400) </point_box>'


def odd_recordings():
    """Recordings that differ in all that has to survive."""
    videos = [{"file_name": "a.mp4", "width": 64, "height": 48}, {"file_name": "b c.png", "width": 80.5, "height": 60}]
    track = '<track mention="ball"> <point t="1"> (1,2) </point> <point t="2"> (3,4) </point> </track>'
    cup = BOX.format("cup")
    bodies = [
        ("one.jpg", [cup], "stop", [{"file_name": "one.jpg", "width": 640, "height": 480}]),
        ("two", [track + '<point asset_idx="0" mention="猫"> (5,6) </point>'], "stop", videos),
        ("cut.jpg", [f"{cup}<point> (1,"], "length", [{"file_name": "cut.jpg", "width": 64, "height": 48}]),
        ("bad.jpg", ["<point> nothing </point>"], "stop", [{"file_name": "bad.jpg", "width": 64, "height": 48}]),
        ("thought.jpg", [f"<think>{BOX.format('ghost')}</think>3 cups {cup}"], "stop", []),
        ("choices.jpg", [cup, BOX.format("pan")], "stop", [{"width": 64, "height": 48}]),
        ("refused.jpg", [""], "content_filter", [{"file_name": "refused.jpg", "width": 64, "height": 48}]),
    ]
    for number, (key, texts, reason, assets) in enumerate(bodies):
        choices = [
            {"index": at, "message": {"role": "assistant", "content": text}, "finish_reason": reason}
            for at, text in enumerate(texts)
        ]
        body = {"id": f"c-{number}", "object": "chat.completion", "model": f"m{number % 2}", "choices": choices}
        yield {"key": key, "response": body, "assets": assets}


@pytest.fixture(params=["fixtures", "odd", "example"])
def recordings(request, tmp_path):
    path = tmp_path / "recordings.jsonl"
    if request.param == "odd":
        path.write_text("".join(json.dumps(each) + "\n" for each in odd_recordings()))
        return path
    source = EXAMPLES / "small.jsonl" if request.param == "example" else ROOT / "fixtures" / "perceptron_mk1.jsonl"
    path.write_bytes(source.read_bytes())
    return path


def forms_of(recordings, *options):
    """The recordings, and what convert makes of them, under names that do not say what they are."""
    paths = [recordings.with_name(name) for name in ("documents.txt", "table.bin")]
    for path, form in zip(paths, ("jsonl", "parquet"), strict=True):
        assert run("convert", recordings, "--to", form, "-o", path, *options).status == 0
    return [recordings, *paths]


@pytest.mark.parametrize("target", ["coco", "csv", "dataset-jsonl"])
def test_newcomer_m3_scale_f5_a_dataset_is_the_same_byte_for_byte(recordings, tmp_path, target):
    written = []
    for path in forms_of(recordings):
        result = run("convert", path, "--to", target, "-o", tmp_path / "out")
        assert result.status == 0, result.err
        written.append(((tmp_path / "out").read_bytes(), told(result.out)))
    assert written[1] == written[0]
    assert written[2] == written[0]


def told(report):
    """What is said of answers; lines of a file that hold none do not come into what is written of it."""
    return [line for line in report.splitlines() if line.startswith(("read", "wrote")) or "|" in line]


def test_newcomer_m3_counts_and_checks_are_the_same(recordings):
    first, *others = forms_of(recordings)
    for verb in (("count",), ("count", "-f", "json", "--ignore-case"), ("check",)):
        wanted = run(verb[0], first, *verb[1:])
        for path in others:
            found = run(verb[0], path, *verb[1:])
            assert (found.status, found.err) == (0, "")
            assert without_rejects(found.out) == without_rejects(wanted.out)


def without_rejects(out):
    """A report without the lines of the recordings that held no answer."""
    lines = re.sub(r"\d+ lines|\"rejected\":\d+", "", out).splitlines()
    return lines[: next((at for at, line in enumerate(lines) if line.startswith("problems")), len(lines))]


@pytest.mark.parametrize("options", [(), ("--by", "model", "--by", "finish_reason"), ("--merge", "first")])
def test_newcomer_m3_an_evaluation_is_the_same(tmp_path, options):
    recordings = tmp_path / "small.jsonl"
    recordings.write_bytes((EXAMPLES / "small.jsonl").read_bytes())
    reports = []
    for path in forms_of(recordings):
        result = run("evaluate", path, "--truth", EXAMPLES / "truth.json", "-f", "json", *options)
        assert (result.status, result.err) == (0, "")
        reports.append(without(json.loads(result.out), "predictions", "file", "line_number"))
    assert reports[1] == reports[0]
    assert without(reports[2], "prompt") == without(reports[0], "prompt")  # a table does not say what was asked
    assert "Box every cup" in str(reports[1])


def without(report, *left):
    """A report without some fields, such as the names of the files, which differ."""
    if isinstance(report, dict):
        return {key: without(value, *left) for key, value in report.items() if key not in left}
    return [without(each, *left) for each in report] if isinstance(report, list) else report


def test_dedupe_goes_on_from_what_is_stored(recordings, tmp_path):
    written = []
    for path in forms_of(recordings):
        assert run("dedupe", path, "-o", tmp_path / "unique.parquet").status == 0
        assert run("convert", tmp_path / "unique.parquet", "--to", "coco", "-o", tmp_path / "out").status == 0
        written.append((tmp_path / "out").read_bytes())
    assert written[1] == written[2] == written[0]


def test_stored_answers_are_stored_again(recordings, tmp_path):
    documents, table = forms_of(recordings)[1:]
    assert run("convert", documents, "--to", "jsonl", "-o", tmp_path / "again.jsonl").status == 0
    assert (tmp_path / "again.jsonl").read_bytes() == documents.read_bytes()
    for path in (documents, table):
        assert run("convert", path, "--to", "parquet", "-o", tmp_path / "again.parquet").status == 0
        assert read_parquet(tmp_path / "again.parquet") == read_parquet(table)
        names = [asset.file_name for each in recorded(table).assets for asset in each]
        assert [asset.file_name for each in recorded(tmp_path / "again.parquet").assets for asset in each] == names


def recorded(path):
    return next(iter_recorded(path, texts=True))


def test_what_is_recorded_survives_both_forms(tmp_path):
    path = tmp_path / "odd.jsonl"
    path.write_text("".join(json.dumps(each) + "\n" for each in odd_recordings()))
    wanted, *others = [recorded(each) for each in forms_of(path)]
    assert wanted.sent.models == ["m0", "m1", "m0", "m1", "m0", "m1", "m1", "m0"]
    assert wanted.sent.choices == [0, 0, 0, 0, 0, 0, 1, 0]
    lines = [1, 2, 3, 4, 5, 6, 6, 7]  # a table has those of the recordings, documents are on lines of their own
    for found, numbers in zip((wanted, *others), (lines, [1, 2, 3, 4, 5, 6, 7, 8], lines), strict=True):
        assert found.table == wanted.table
        assert list(found.assets) == list(wanted.assets)
        assert found.sent == wanted.sent._replace(lines=numbers)


@pytest.mark.parametrize("options", [("--mode", "salvage"), ("--frame", "unit"), ("--frame", "640x480")])
def test_answers_say_how_they_were_read(tmp_path, options):
    """The second reading takes neither mode nor frame, and gives what the first gave."""
    recordings = tmp_path / "a.jsonl"
    recordings.write_text(
        json.dumps(
            {
                "key": "a.jpg",
                "text": "<point_box mention='cup'> (0.1,0.2) (0.3,0.4) </point_box> <point> (1 2) </point>",
                "assets": [{"file_name": "a.jpg", "width": 320, "height": 240}],
            }
        )
        + "\n"
    )
    wanted, *others = forms_of(recordings, *options)
    out = tmp_path / "out.json"
    assert run("convert", wanted, "-o", out, *options).status == 0
    expected = out.read_bytes()
    for path in others:
        assert run("convert", path, "--to", "coco", "-o", out).status == 0
        assert out.read_bytes() == expected
        for verb in (("check",), ("convert", "--to", "coco", "-o", out), ("count",)):
            refused = run(verb[0], path, *verb[1:], *options)
            assert refused.status == 2
            assert "were read already" in refused.err
        assert run("check", path, "--key", "model").status == 2
    with pytest.raises(UsageError, match="leave out mode"):
        read_table(others[0], mode="strict")


def test_an_edited_document_is_not_read(tmp_path):
    path = tmp_path / "documents.jsonl"
    write_documents([DocumentRecord(key="a", document=parse("<point> (1,2) </point>"))] * 2, path)
    first, second = path.read_text().splitlines()
    path.write_text(first + "\n" + second.replace('"x":1.0', '"x":9.0') + "\n")
    result = run("check", path, "--rejects", tmp_path / "rejects.jsonl")
    assert result.status == 0
    assert "1 answers, 1 annotations, 0 cut off, 1 lines without an answer" in result.out
    assert json.loads((tmp_path / "rejects.jsonl").read_text())["code"] == "changed_document"
    assert run("check", path, "--strict").status == 1


def test_a_document_in_pixels_brings_the_sizes_of_its_assets(tmp_path):
    document = parse(BOX.format("cup")).to_pixels(sizes=[(640, 480)])
    record = DocumentRecord(key="a.jpg", document=document, assets=(RecordedAsset("a.jpg"),))
    write_documents([record], tmp_path / "a.jsonl")
    dataset, report = RecordingImporter().read(tmp_path / "a.jsonl")
    assert report.losses == ()
    assert dataset.table.xyxy.tolist() == [[64, 96, 192, 192]]


def test_documents_are_told_by_their_schema_wherever_it_stands(tmp_path):
    path = tmp_path / "a.jsonl"
    write_documents([DocumentRecord(key="a.jpg", document=parse("<point> (1,2) </point>"))] * 2, path)
    lines = path.read_text().splitlines()
    turned = [json.dumps(dict(reversed(json.loads(line).items()))) for line in lines]
    for name, text in (
        ("turned.json", "\n".join(turned)),
        ("array.json", f"[{','.join(lines)}]"),
        ("pretty.json", json.dumps(json.loads(lines[0]), indent=2)),
    ):
        (tmp_path / name).write_text(text)
        assert len(read_table(tmp_path / name)) == len(list(read_documents(tmp_path / name))) > 0
    (tmp_path / "packed.json.gz").write_bytes(gzip.compress(path.read_bytes()))
    assert len(read_table([tmp_path / "packed.json.gz", path])) == 4


def test_recordings_and_stored_answers_are_read_together(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text("".join(json.dumps(each) + "\n" for each in odd_recordings()))
    forms = forms_of(path)
    table = read_table(forms)
    assert len(table.responses) == 3 * 8
    assert table.to_annotations() == 3 * read_table(path).to_annotations()
    assert [table.responses.key[at] for at in (0, 8, 16)] == ["one.jpg"] * 3


def test_a_table_without_names_is_named_by_its_keys(tmp_path):
    """Such as ``write_parquet`` makes of a plain table, and older versions of all."""
    (recorded,) = iter_recorded(ROOT / "tests" / "table" / "older" / "version_2.parquet")
    assert [each[0].file_name for each in recorded.assets] == [None] * 4
    dataset, _ = RecordingImporter().read(ROOT / "tests" / "table" / "older" / "version_2.parquet")
    wanted, _ = RecordingImporter().read(ROOT / "tests" / "table" / "older" / "answers.jsonl")
    assert dataset.assets == wanted.assets
    assert dataset.table == wanted.table


def test_salvaged_documents_stay_salvaged(tmp_path):
    text = "<point> (1 2) </point>"
    assert parse(text).points != parse(text, mode=Mode.SALVAGE).points
    record = DocumentRecord(key="a.jpg", document=parse(text, mode=Mode.SALVAGE))
    write_documents([record], tmp_path / "a.jsonl")
    assert len(read_table(tmp_path / "a.jsonl")) == 1


@pytest.mark.parametrize("form", ["jsonl", "parquet"])
def test_scale_f8_stored_answers_are_read_a_part_at_a_time(tmp_path, form):
    """The peak of reading does not grow with the file, whose row groups are as large as blocks of some 500 lines."""

    def peak(count):
        path = tmp_path / f"{count}.jsonl"
        line = {
            "text": "words " * 340 + BOX.format("cup"),
            "assets": [{"file_name": "a.jpg", "width": 64, "height": 48}],
        }
        path.write_text("".join(json.dumps({"key": str(number)} | line) + "\n" for number in range(count)))

        stored = path
        if form == "jsonl":
            assert run("convert", path, "--to", "jsonl", "-o", tmp_path / "documents").status == 0
            stored = tmp_path / "documents"
        else:
            stored = tmp_path / "table"
            write_parquet(iter_recorded(path, texts=True, batch_size=500), stored)
        tracemalloc.start()
        assert sum(len(each.assets) for each in iter_recorded(stored, batch_size=500)) == count
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    peak(500)  # imports
    assert peak(9_000) < 1.5 * peak(3_000)
