"""Each call of the system fails in turn: what was there before stays, or what is new is there; nothing in between.

As in SQLite's tests, the n-th write, sync, rename, open … fails, for n = 1, 2, … until none is left to fail: once with
only that call failing, and once with all that come after it failing too.
"""

import itertools
import json
import os
import random
import re
import signal
import warnings

import pytest

from benchmarks import faults
from benchmarks.injection import Failing
from benchmarks.outputs import append, contents, remove, verbs, writers
from perceptron_annotations import read_recordings
from perceptron_annotations.errors import FileError

OLD = b"what was there before"
LINE = b'{"text": "old", "key": "old"}\n'
REASONS = "Permission denied|No space left on device|Input/output error"


def each_fault(folder, *, for_good):
    """A failing system for each call, until none is left to fail."""
    for number in itertools.count(1):
        failing = Failing(folder, number, for_good=for_good)
        yield failing
        if not failing.has_failed:
            return


@pytest.mark.parametrize("for_good", [False, True], ids=["once", "for good"])
@pytest.mark.parametrize("operation", writers(), ids=lambda operation: operation.name)
def test_every_fault_of_every_writer(tmp_path, operation, for_good):
    for package in operation.needs:
        pytest.importorskip(package)
    (name,) = operation.outputs
    operation.run(tmp_path)
    new = contents(tmp_path)
    is_folder = (tmp_path / name).is_dir()
    faults = 0
    for failing in each_fault(tmp_path, for_good=for_good):
        remove(tmp_path, [name])
        if not is_folder:
            (tmp_path / name).write_bytes(OLD)
        old = contents(tmp_path)
        try:
            with failing:
                operation.run(tmp_path)
        except FileError as error:
            assert re.fullmatch(rf"cannot write {re.escape(str(tmp_path / name))}: ({REASONS})", str(error))
            found = {path: data for path, data in contents(tmp_path).items() if path.startswith(name)}
            assert found in (old, new)
            faults += 1
        else:
            assert contents(tmp_path).items() >= new.items()
        if is_folder:
            remove(tmp_path, [name])
        operation.run(tmp_path)
        assert contents(tmp_path) == new
    assert faults >= 4


@pytest.fixture
def own_process(monkeypatch):
    """What the command sets in its process is set back."""
    monkeypatch.setattr(warnings, "showwarning", warnings.showwarning)
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    yield
    for number, handler in handlers.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("for_good", [False, True], ids=["once", "for good"])
@pytest.mark.parametrize("name", ["dedupe", "convert --rejects", "convert --split", "convert --to yolo"])
def test_every_fault_of_a_verb(tmp_path, own_process, capsys, name, for_good):
    """The command says what failed, and each output is the old or the new one."""
    pytest.importorskip("pyarrow")
    (operation,) = (verb for verb in verbs() if verb.name == name)
    assert operation.run(tmp_path) == 0
    new = contents(tmp_path)
    is_folder = (tmp_path / operation.outputs[0]).is_dir()
    for failing in each_fault(tmp_path, for_good=for_good):
        remove(tmp_path, operation.outputs)
        for output in () if is_folder else operation.outputs:
            (tmp_path / output).write_bytes(OLD)
        capsys.readouterr()
        with failing:
            status = operation.run(tmp_path)
        said = capsys.readouterr().err
        if status:
            assert status == 2
            assert re.match(rf"error: cannot write {re.escape(str(tmp_path))}/\S+: ({REASONS})\n", said)
        found = contents(tmp_path)
        for output in operation.outputs:
            if is_folder:
                here = {path: data for path, data in found.items() if path.startswith(output)}
                assert here in ({}, new)
            else:
                assert found[output] in ((OLD, new[output]) if status else (new[output],))
        if is_folder:
            remove(tmp_path, operation.outputs)
        assert operation.run(tmp_path) == 0
        assert contents(tmp_path) == new


@pytest.mark.parametrize("for_good", [False, True], ids=["once", "for good"])
@pytest.mark.parametrize(
    "before", [None, b"", b'{"text": "old", "key": "old"}\n', b'{"text": "old", "key": "old"}\n{"te']
)
def test_every_fault_of_record(tmp_path, before, for_good):
    path = tmp_path / "recorded.jsonl"
    keys = ["old"] if before else []
    for failing in each_fault(tmp_path, for_good=for_good):
        path.unlink(missing_ok=True)
        if before is not None:
            path.write_bytes(before)
        try:
            with failing:
                append(tmp_path, "first")
        except FileError as error:
            assert re.fullmatch(rf"cannot write {re.escape(str(path))}: ({REASONS})", str(error))
            assert not path.exists() or path.read_bytes().startswith(before or b"")
        else:
            assert b'"first"' in path.read_bytes()
        append(tmp_path, "second")
        problems = []
        found = [each.key for each in read_recordings(path, on_problem=problems.append)]
        assert found in ([*keys, "first", "second"], [*keys, "second"])
        assert {problem.code.value for problem in problems} <= {"torn_line"}
        assert json.loads(path.read_bytes().splitlines()[-1])["key"] == "second"


@pytest.fixture(scope="module")
def answers(tmp_path_factory):
    """Many answers, so that a kill may come while they are written."""
    if not hasattr(os, "fork"):
        pytest.skip("this system has no fork")
    path = tmp_path_factory.mktemp("answers") / "answers.jsonl"
    faults.write_answers(path, 100)
    return path


@pytest.mark.parametrize("number", range(len(verbs())), ids=[verb.name for verb in verbs()])
def test_a_verb_that_is_killed(tmp_path, answers, number):
    """At random moments: kill -9 leaves the old output or the new one, and nothing after the next run. TERM, INT and
    HUP leave nothing at once, and the status tells them."""
    operation, rng = verbs(answers)[number], random.Random(number)
    for package in operation.needs:
        pytest.importorskip(package)
    assert faults.kill(operation, tmp_path, 5, rng).losses == []
    assert faults.end(operation, tmp_path, 6, rng).losses == []


def test_reliability_m12_processes_that_are_killed_while_they_record(tmp_path, answers):
    assert faults.kill_recorders(tmp_path, 10, random.Random(1)).losses == []
