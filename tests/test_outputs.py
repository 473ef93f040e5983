"""Outputs: whole or absent, on the disk before they take their place, and with the access of what they replace."""

import contextlib
import errno
import os
import re
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from perceptron_annotations import outputs, temporaries
from perceptron_annotations.errors import FileError, UsageError
from perceptron_annotations.outputs import (
    refuse_nesting,
    refuse_overwriting,
    write_folder,
    write_whole,
    written_together,
)

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="modes, links and locks of POSIX")
IS_ROOT = hasattr(os, "geteuid") and os.geteuid() == 0


def put(path, data=b"new"):
    with write_whole(path) as stream:
        stream.write(data)


def names(folder):
    return sorted(path.name for path in folder.iterdir())


@contextlib.contextmanager
def other_writer(folder, name, kind="whole"):
    """A process that is in the middle of writing an output."""
    code = (
        "import sys; from perceptron_annotations.outputs import write_whole, write_folder\n"
        f"with write_{kind}({str(folder / name)!r}) as out:\n"
        + ("    out.write(b'half'); out.flush()\n" if kind == "whole" else "    (out / 'a').write_bytes(b'half')\n")
        + "    print(flush=True); sys.stdin.read()\n"
    )
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", code], **pipes) as process:
        process.stdout.readline()
        try:
            yield process
        finally:
            process.stdin.close()


# -- replacing ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o604, 0o755])
def test_reliability_m10_the_mode_is_kept(tmp_path, mode):
    path = tmp_path / "a.json"
    path.write_bytes(b"old")
    path.chmod(mode)
    before = os.umask(0o022)
    try:
        with write_whole(path) as stream:
            (temporary,) = set(tmp_path.iterdir()) - {path}
            assert stat.S_IMODE(temporary.stat().st_mode) == 0o600  # nobody reads it before it has its mode
            stream.write(b"new")
        put(tmp_path / "b.json")
    finally:
        os.umask(before)
    assert (path.read_bytes(), stat.S_IMODE(path.stat().st_mode)) == (b"new", mode)
    assert stat.S_IMODE((tmp_path / "b.json").stat().st_mode) == 0o644


@pytest.mark.skipif(not IS_ROOT, reason="only root gives files away")
def test_reliability_m10_the_owner_is_kept(tmp_path):
    path, folder = tmp_path / "a.json", tmp_path / "out"
    path.write_bytes(b"old")
    folder.mkdir(0o750)
    for each in (path, folder):
        os.chown(each, 65534, 65533)
    path.chmod(0o640)
    put(path)
    with write_folder(folder) as root:
        (root / "a").write_bytes(b"")
    assert names(folder) == ["a"]
    for each, mode in ((path, 0o640), (folder, 0o750)):
        found = each.stat()
        assert (found.st_uid, found.st_gid, stat.S_IMODE(found.st_mode)) == (65534, 65533, mode)


def test_another_group_does_not_get_what_the_old_one_had(tmp_path, monkeypatch):
    path = tmp_path / "a.json"
    path.write_bytes(b"old")
    path.chmod(0o664)
    real = path.stat()
    stranger = os.stat_result((real.st_mode, *real[1:4], real.st_uid, real.st_gid + 1, *real[6:]))

    def refuse(*_):
        raise PermissionError

    monkeypatch.setattr(os, "fchown", refuse)
    with path.open("r+b") as file:
        temporaries._keep_access(file.fileno(), stranger)
    assert stat.S_IMODE(path.stat().st_mode) == 0o644


def test_reliability_m10_everything_is_on_the_disk_before_it_is_renamed(tmp_path, monkeypatch):
    calls = []

    def noting(name, function):
        def note(first, *rest, **named):
            path = Path(f"/proc/self/fd/{first}").resolve() if isinstance(first, int) else Path(first)
            kind = "folder" if path.is_dir() else "file"
            if path.is_relative_to(tmp_path):
                calls.append(f"{name} {kind}")
            return function(first, *rest, **named)

        return note

    if not Path("/proc/self/fd").is_dir():
        pytest.skip("this system does not name open files")
    monkeypatch.setattr(os, "fsync", noting("sync", os.fsync))
    monkeypatch.setattr(Path, "replace", noting("rename", Path.replace))
    monkeypatch.setattr(temporaries, "_sync_file_system", noting("sync all", temporaries._sync_file_system))
    put(tmp_path / "a")
    assert calls == ["sync file", "rename file", "sync folder"]
    calls.clear()
    with write_folder(tmp_path / "b") as root:
        for name in "xyz":
            (root / name).write_bytes(b"")
    if sys.platform == "linux":
        assert calls == ["sync all folder", "rename folder", "sync folder"]
    calls.clear()
    monkeypatch.setattr(temporaries, "_sync_file_system", lambda _: False)
    with write_folder(tmp_path / "c") as root:
        for name in "xyz":
            (root / name).write_bytes(b"")
    assert calls == ["sync file"] * 3 + ["sync folder", "rename folder", "sync folder"]
    calls.clear()
    with written_together():
        for name in "de":
            put(tmp_path / name)
        assert names(tmp_path / "b") == ["x", "y", "z"]
        assert not (tmp_path / "d").exists()
    assert calls == ["sync file"] * 2 + ["rename file"] * 2 + ["sync folder"]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux is told")
@pytest.mark.parametrize("refuses", [False, True])
def test_issue_18_a_large_file_goes_to_the_disk_while_it_is_written(tmp_path, monkeypatch, refuses):
    """Item 6: the end of a conversion waits for the rest alone, not for all of the file."""
    sent = []

    def advise(descriptor, offset, length, advice):
        assert os.fstat(descriptor).st_size >= offset + length
        sent.append((offset, length))
        if refuses:
            raise OSError(errno.EINVAL, "no advice")

    monkeypatch.setattr(os, "posix_fadvise", advise)
    pieces = [bytes([each]) * 1_000_003 for each in range(40)]
    with write_whole(tmp_path / "a") as stream:
        for piece in pieces:
            stream.write(piece)
    assert (tmp_path / "a").read_bytes() == b"".join(pieces)
    ends = [offset + length for offset, length in sent]
    assert [offset for offset, _ in sent] == [0, *ends[:-1]]  # nothing twice, and nothing between them is left out
    assert ends[-1] > 30_000_000
    assert len(sent) < len(pieces) / 4  # not each of them by itself
    sent.clear()
    put(tmp_path / "b")
    assert not sent


def test_a_link_stays_and_what_it_leads_to_is_replaced(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real/a")
    for data in (b"first", b"second"):  # the first makes what the link leads to
        put(tmp_path / "link", data)
        assert (tmp_path / "link").is_symlink()
        assert (tmp_path / "real" / "a").read_bytes() == data
    assert names(tmp_path / "real") == ["a"]
    (tmp_path / "folder").symlink_to("new")
    with write_folder(tmp_path / "folder") as root:
        (root / "a").write_bytes(b"")
    assert (tmp_path / "folder").is_symlink()
    assert names(tmp_path / "new") == ["a"]


def test_reliability_m1_a_link_that_leads_in_a_circle(tmp_path):
    path = tmp_path / "a"
    path.symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    refuse_overwriting([path], [tmp_path])
    for write in (write_whole, write_folder):
        with pytest.raises(FileError, match=r"cannot write .*symbolic links"), write(path):
            pass
    assert names(tmp_path) == ["a", "b"]


def test_a_long_name_in_many_bytes(tmp_path):
    path = tmp_path / ("猫" * 85)
    put(path)
    put(path, b"again")
    assert path.read_bytes() == b"again"


def test_a_folder_that_is_filled_meanwhile_is_not_touched(tmp_path):
    target = tmp_path / "out"
    target.mkdir()
    stack = contextlib.ExitStack()
    (stack.enter_context(write_folder(target)) / "mine").write_bytes(b"")
    (target / "theirs").write_bytes(b"")
    with pytest.raises(FileError, match="is a folder that is not empty"):
        stack.close()
    assert (names(tmp_path), names(target)) == (["out"], ["theirs"])
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(FileError, match="is a file"), write_folder(tmp_path / "file"):
        pass


#: What writes, renames or removes files; and the formats that fill a folder of ``write_folder``.
WRITING = re.compile(r"""open\([^()]*["'][wax]b?\+?["']|\.write_(?:bytes|text)\(|\.(?:rename|unlink)\(""")
#: What fills a folder, or a stream, that ``outputs`` has opened.
FILLING = {f"datasets/formats/{name}.py" for name in ("yolo/folder", "cvat/video_tracks", "labelme", "voc")}
FILLING |= {"render/page/page_writing.py", "render/overlay/video_files.py"}


def test_nothing_else_writes():
    """One module writes, so that what it promises holds everywhere."""
    package = Path(outputs.__file__).parent
    found = set()
    for path in package.rglob("*.py"):
        code = "\n".join(line for line in path.read_text().splitlines() if ">>>" not in line)
        if WRITING.search(code):
            found.add(path.relative_to(package).as_posix())
    assert found - FILLING == {"outputs.py", "temporaries.py", "cli/guard.py"}


# -- together ----------------------------------------------------------------------------------------------------------


def test_what_is_written_together_takes_its_place_or_nothing_does(tmp_path):
    put(tmp_path / "a", b"old")
    with contextlib.suppress(UsageError), written_together():
        put(tmp_path / "a")
        with write_folder(tmp_path / "b") as root:
            (root / "x").write_bytes(b"")
        assert len(names(tmp_path)) == 3
        raise UsageError
    assert (names(tmp_path), (tmp_path / "a").read_bytes()) == (["a"], b"old")
    with written_together(), written_together():
        put(tmp_path / "a")
        put(tmp_path / "c")
    assert (names(tmp_path), (tmp_path / "a").read_bytes()) == (["a", "c"], b"new")
    put(tmp_path / "d")  # what comes after does not wait
    assert (tmp_path / "d").exists()


# -- what was left -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["whole", "folder"])
def test_reliability_m11_what_a_killed_writer_left_is_removed_by_the_next(tmp_path, kind):
    with other_writer(tmp_path, "out", kind) as killed:
        killed.send_signal(signal.SIGKILL)
        killed.wait()
    assert len(names(tmp_path)) == 1
    put(tmp_path / "another")  # of another output
    assert len(names(tmp_path)) == 2
    if kind == "whole":
        put(tmp_path / "out")
    else:
        with write_folder(tmp_path / "out"):
            pass
    assert names(tmp_path) == ["another", "out"]


@pytest.mark.parametrize("kind", ["whole", "folder"])
def test_reliability_m11_what_a_living_writer_writes_stays(tmp_path, kind):
    with other_writer(tmp_path, "out", kind) as living:
        before = names(tmp_path)
        assert len(before) == 1
        put(tmp_path / "out")
        assert names(tmp_path) == [*before, "out"]
        (tmp_path / "out").unlink()
        living.stdin.close()
        assert living.wait() == 0
    assert names(tmp_path) == ["out"]


def test_names_that_only_look_like_ours_stay(tmp_path):
    kept = [".out.part", ".out.12345678.part.x", ".out.1234567g.part", ".out.json.12345678.part", "out.12345678.part"]
    for name in kept:
        (tmp_path / name).write_bytes(b"mine")
    (tmp_path / ".out.12345678.part").symlink_to("out.12345678.part")
    os.mkfifo(tmp_path / ".out.aaaaaaaa.part")
    put(tmp_path / "out")
    assert names(tmp_path) == sorted([*kept, "out", ".out.12345678.part", ".out.aaaaaaaa.part"])


def test_without_locks_nothing_is_removed(tmp_path, monkeypatch):
    with other_writer(tmp_path, "out") as killed:
        killed.kill()
    left = names(tmp_path)
    monkeypatch.setattr(temporaries, "_HAS_LOCKS", False)
    put(tmp_path / "out")
    with write_folder(tmp_path / "folder"):
        pass
    assert names(tmp_path) == [*left, "folder", "out"]


def test_a_temporary_that_another_run_takes_for_a_left_one_is_made_anew(tmp_path, monkeypatch):
    real, taken = temporaries._lock, []

    def lock(descriptor):
        if not taken:  # the other run was faster
            (path,) = tmp_path.glob(".out.*.part")
            taken.append(path.name)
            path.unlink()
        return real(descriptor)

    monkeypatch.setattr(temporaries, "_lock", lock)
    put(tmp_path / "out")
    assert (names(tmp_path), (tmp_path / "out").read_bytes()) == (["out"], b"new")


def test_all_that_is_unfinished_can_be_removed(tmp_path):
    stack = contextlib.ExitStack()
    stack.enter_context(write_whole(tmp_path / "a"))
    stack.enter_context(write_folder(tmp_path / "b"))
    assert len(names(tmp_path)) == 2
    outputs.remove_unfinished()
    assert names(tmp_path) == []
    with pytest.raises(FileError), stack:
        pass
    assert not temporaries.UNFINISHED


def test_two_writers_of_one_file_have_one_winner(tmp_path):
    path = tmp_path / "out"
    code = (
        "import sys; from perceptron_annotations.outputs import write_whole\n"
        "for _ in range(30):\n"
        f"    with write_whole({str(path)!r}) as out:\n"
        "        for _ in range(20): out.write(sys.argv[1].encode() * 5000); out.flush()\n"
    )
    writers = [subprocess.Popen([sys.executable, "-c", code, letter]) for letter in "abc"]
    seen = set()
    while any(writer.poll() is None for writer in writers):
        time.sleep(0.01)
        with contextlib.suppress(FileNotFoundError):
            seen.add(path.read_bytes())
    assert [writer.returncode for writer in writers] == [0, 0, 0]
    assert {*seen, path.read_bytes()} <= {letter * 100_000 for letter in (b"a", b"b", b"c")}
    assert names(tmp_path) == ["out"]


# -- what is read is not written ---------------------------------------------------------------------------------------


def test_newcomer_c1_folders_that_contain_each_other(tmp_path):
    source = tmp_path / "in"
    (source / "deep").mkdir(parents=True)
    member = source / "deep" / "a.xml"
    member.write_bytes(b"")
    outside = tmp_path / "b.xml"
    outside.write_bytes(b"")
    (source / "deep" / "link.xml").symlink_to(outside)
    (source / "deep" / "circle").symlink_to(source)
    (tmp_path / "other").symlink_to(source)
    (tmp_path / "hard.xml").hardlink_to(member)
    for output in (member, outside, source / "deep", tmp_path, tmp_path / "other" / "deep", tmp_path / "hard.xml"):
        with pytest.raises(UsageError, match=r"would be overwritten, and .* is read"):
            refuse_overwriting([output], [source])
    for output in (source / "new", tmp_path / "other" / "new", source / "deep" / "new" / "newer"):
        refuse_overwriting([output], [source])  # a new file can be there
        with pytest.raises(UsageError, match=r"is inside .*: name a folder outside of it"):
            refuse_nesting(output, [None, outside, source])
    refuse_nesting(tmp_path / "new", [source])
    with pytest.raises(UsageError, match="would be overwritten"):
        refuse_overwriting([source], [member])
