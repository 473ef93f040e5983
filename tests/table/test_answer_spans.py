"""Files in spans: the parts give what the whole gives, at whatever bytes it is cut."""

import gzip
import json
import pickle
from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perceptron_annotations import FileSpan, parse, read_recordings, read_table
from perceptron_annotations.completions import DocumentRecord, write_documents
from perceptron_annotations.errors import FileError, UsageError
from perceptron_annotations.files import open_input
from perceptron_annotations.table import AnnotationTable, split_files, write_parquet
from tests.corpora import ROOT
from tests.table.test_read import ODD_LINES, body, write

FIXTURES = sorted((ROOT / "fixtures").glob("*.jsonl"))


def read(source):
    problems = []
    return list(read_recordings(source, on_problem=problems.append)), problems


def check_the_parts(path, size):
    """The spans of a file give the answers, keys, places and problems of the whole, and cover each byte once."""
    spans = split_files(path, size)
    good, problems = zip(*map(read, spans), strict=True)
    assert ([*chain(*good)], [*chain(*problems)]) == read(path)
    assert [span.start for span in spans] == [0, *(span.stop for span in spans[:-1])]
    assert spans[-1].stop is None
    return spans


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.stem)
@pytest.mark.parametrize("size", [1, 700, 10_000])
def test_the_fixtures(path, size):
    check_the_parts(path, size)


@given(st.lists(st.sampled_from(sorted(ODD_LINES)), min_size=1, max_size=6), st.integers(1, 3000), st.booleans())
def test_any_lines_cut_anywhere(tmp_path_factory, names, size, is_ended):
    """A span begins and ends at line ends, so no line is lost, read twice, or told under another number."""
    lines = [line for name in names for line in ODD_LINES[name]]
    path = write(tmp_path_factory.mktemp("spans") / "a.jsonl", *lines, end="\n" if is_ended else "")
    check_the_parts(path, size)


def test_lines_longer_than_what_is_looked_at_together(tmp_path):
    """Chunks of 1 MiB are searched for line ends; a line may be longer, and a cut may be in the middle of one."""
    path = write(tmp_path / "long.jsonl", *({"key": str(n), "text": "x" * 400_000 * n} for n in range(1, 6)))
    assert len(check_the_parts(path, 500_000)) == 4
    assert len(check_the_parts(path, 1_500_000)) == 3


def test_tables_of_spans_are_the_table(tmp_path):
    """The compiled reader of lines numbers those without a name as of the whole file."""
    path = write(tmp_path / "a.jsonl", *[body(), {"text": "<point> (1,2) </point>"}] * 40)
    spans = split_files(path, 1000)
    assert len(spans) > 5
    assert AnnotationTable.concat([read_table(span) for span in spans]) == read_table(path)
    assert read_table(spans) == read_table(path)


def test_what_cannot_be_cut_is_one_span(tmp_path):
    chunk = {"id": "s", "object": "chat.completion.chunk", "choices": [{"index": 0, "delta": {"content": "a"}}]}
    files = {
        "stream.jsonl": b"\n".join(json.dumps(each).encode() for each in [body()] * 50 + [chunk, chunk]),
        "plain.jsonl.gz": gzip.compress(b'{"text": "a"}\n' * 500),
        "array.json": json.dumps([body()] * 20).encode(),
        "one.json": json.dumps(body(), indent=1).encode(),
        "empty.jsonl": b"",
        "wide.jsonl": '{"text": "a"}\n'.encode("utf-16") * 20,
    }
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    write_parquet(read_table(tmp_path / "one.json"), tmp_path / "a.parquet")
    write_documents([DocumentRecord(key=key, document=parse("a")) for key in "ab"], tmp_path / "documents.jsonl")
    for name in (*files, "a.parquet", "documents.jsonl"):
        (span,) = split_files(tmp_path / name, 20)
        assert span == FileSpan(str(tmp_path / name)), name
    assert len(read(split_files(tmp_path / "stream.jsonl", 20)[0])[0]) == 51


@pytest.mark.parametrize("start", [b"\xef\xbb\xbf", b"\x1f\x8b", b"\xff\xfe"])
def test_marks_of_a_file_in_the_midst_of_it_are_bytes_of_a_line(tmp_path, start):
    """A byte order mark, or the first bytes of gzip, count where a file begins and not where a span does."""
    path = write(tmp_path / "a.jsonl", {"text": "a"}, start + b'{"text": "b"}', {"text": "c"})
    assert len(check_the_parts(path, 1)) == 3


def test_a_byte_order_mark_belongs_to_the_first_span(tmp_path):
    path = write(tmp_path / "a.jsonl", b'\xef\xbb\xbf{"text": "a"}', {"text": "b"})
    first, second = check_the_parts(path, 1)
    assert (first.stop, second.start, second.first_line) == (17, 17, 2)


def test_a_span_is_a_value(tmp_path):
    path = write(tmp_path / "a.jsonl", body(), body())
    spans = split_files([path, path], 10)
    assert len(spans) == 4
    assert pickle.loads(pickle.dumps(spans)) == spans  # noqa: S301 - our own
    assert {str(span) for span in spans} == {str(path)}
    assert [span.is_whole for span in [FileSpan(str(path)), *spans[:2]]] == [True, False, False]
    with open_input(spans[1]) as file:
        assert file.read() == path.read_bytes()[spans[1].start :]


def test_errors(tmp_path):
    with pytest.raises(UsageError, match="standard input cannot be read in spans: name a file"):
        split_files("-")
    with pytest.raises(UsageError, match="size must be 1 byte or more, not 0"):
        split_files([], 0)
    with pytest.raises(FileError, match=r"cannot read .*missing\.jsonl"):
        split_files(tmp_path / "missing.jsonl")
