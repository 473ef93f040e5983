"""Input files: opened once, looked at without being read, whatever they are packed in."""

import contextlib
import gzip
import io
import os
import sys
from pathlib import Path

import pytest

from perceptron_annotations import files
from perceptron_annotations.errors import FileError
from perceptron_annotations.files import open_input, read_bytes, read_head
from perceptron_annotations.limits import use_limits
from perceptron_annotations.outputs import write_whole
from perceptron_annotations.problems import ProblemCode

DATA = b"".join(b'{"line": %d}\n' % number for number in range(5000))
BOM = b"\xef\xbb\xbf"
FORMS = {"plain": DATA, "zipped": gzip.compress(DATA), "bom": BOM + DATA, "zipped bom": gzip.compress(BOM + DATA)}


def lines_of(path):
    with open_input(path) as file:
        return list(file.lines())


@pytest.mark.parametrize("content", FORMS.values(), ids=FORMS)
@pytest.mark.parametrize("size", [0, 1, 2, 3, 100, 20_000, 10**7])
def test_a_head_takes_nothing_away(tmp_path, content, size):
    path = tmp_path / "in"
    path.write_bytes(content)
    with open_input(path) as file:
        assert str(file) == file.path == str(path)
        assert file.head(size) == DATA[:size]
        assert file.head(7) == DATA[:7]
        assert file.read() == DATA
        assert (file.head(5), file.read()) == (b"", b"")
    with open_input(path) as file:
        file.head(size)
        assert b"".join(block.data for block in file.blocks()) == DATA
    with open_input(path) as file:
        file.head(size)
        assert [line.number for line in file.lines()] == [*range(1, 5001)]
    assert read_bytes(path) == DATA
    assert read_head(path, size) == DATA[:size]


def test_what_is_open_is_not_opened_again(tmp_path, monkeypatch):
    path = tmp_path / "in"
    path.write_bytes(DATA)
    opened = []
    real = files.Path.open
    monkeypatch.setattr(files.Path, "open", lambda self, *args: opened.append(self) or real(self, *args))
    with open_input(path) as file:
        assert read_head(file, 5) == DATA[:5]
        assert files.Path(file) == path
        with open_input(file) as same:
            assert same is file
        assert read_bytes(file) == DATA
    assert opened == [path]


def test_small_pieces(monkeypatch, tmp_path):
    monkeypatch.setattr(files, "BLOCK_BYTES", 2)
    path = tmp_path / "in"
    path.write_bytes(BOM + b"ab\n\ncd")
    with open_input(path) as file:
        assert file.head(4) == b"ab\n\n"
        assert [line.data for line in file.lines()] == [b"ab", b"cd"]


def test_damage_is_told_where_it_is(tmp_path):
    path = tmp_path / "in"
    path.write_bytes(gzip.compress(DATA)[:-20])
    assert read_head(path, 10**7)[:100] == DATA[:100]
    *_, last = lines_of(path)
    assert last.fault.code is ProblemCode.DAMAGED_GZIP
    with pytest.raises(FileError, match=r"cannot read .*in: the gzip data is cut off or damaged here"):
        read_bytes(path)
    path.write_bytes(b"\x1f\x8b and no more")
    assert read_head(path, 10) == b""
    assert [line.fault.code for line in lines_of(path)] == [ProblemCode.DAMAGED_GZIP]


def test_lines_that_cannot_be_read(tmp_path):
    path = tmp_path / "in"
    path.write_bytes(b"x" * 101 + b"\ny\n")
    with use_limits(line_bytes=100):
        assert [line.fault and line.fault.code for line in lines_of(path)] == [ProblemCode.OVERSIZED_LINE, None]
    path.write_bytes("a\n".encode("utf-16"))
    first, *_ = lines_of(path)
    assert first.fault.code is ProblemCode.WRONG_ENCODING


def test_standard_input(monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BufferedReader(io.BytesIO(DATA))))
    with open_input("-") as file:
        assert file.head(3) == DATA[:3]
        assert file.read() == DATA


def test_what_cannot_be_opened(tmp_path):
    for read in (read_bytes, lambda path: read_head(path, 1), lines_of):
        with pytest.raises(FileError, match="is a directory: name the files in it"):
            read(tmp_path)
        with pytest.raises(FileError, match=r"cannot read .*: No such file"):
            read(tmp_path / "none")


@pytest.fixture
def pipe():
    """A pipe as the paths of its two ends, and its reading end."""
    if not Path("/dev/fd").is_dir():
        pytest.skip("this system does not name open files")
    ends = reader, writer = os.pipe()
    yield f"/dev/fd/{reader}", f"/dev/fd/{writer}", ends
    for end in ends:
        with contextlib.suppress(OSError):
            os.close(end)


def test_a_pipe_has_progress(pipe):
    source, _, (_, writer) = pipe
    os.write(writer, b"ab\ncd\n")
    os.close(writer)
    seen = []
    with open_input(source) as file:
        file.head(2)
        assert [line.data for line in file.lines(progress=seen.append)] == [b"ab", b"cd"]
    assert seen == [6]


def test_a_pipe_is_written_to(pipe):
    _, target, (reader, writer) = pipe
    with write_whole(target) as stream:
        stream.write(b"whole")
    os.close(writer)
    assert os.read(reader, 100) == b"whole"


def test_a_reader_that_leaves(pipe):
    _, target, (reader, _) = pipe
    os.close(reader)
    with pytest.raises(BrokenPipeError), write_whole(target) as stream:
        stream.write(b"x")


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="only Linux has this file")
def test_what_cannot_be_read_on(tmp_path, monkeypatch):
    with pytest.raises(FileError, match=r"^cannot read /proc/self/mem: Input/output error$"):
        read_bytes("/proc/self/mem")
    path = tmp_path / "in"
    path.write_bytes(DATA)
    with open_input(path) as file, Path("/proc/self/mem").open("rb") as broken:
        monkeypatch.setattr(file, "_stream", broken)
        with pytest.raises(FileError, match=r"cannot read .*in: Input/output error$"):
            list(file.lines())
