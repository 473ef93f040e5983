"""Each allocation of the scanner fails in turn: an answer is right or a ``MemoryError``, and the next one is right.

A library that is loaded before the system's hands out no memory at the n-th request that comes from the scanner.
"""

import os
import shutil
import subprocess
import sys

import pytest

from perceptron_annotations import backend
from tests.corpora import ROOT

SHIM = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stddef.h>
#include <string.h>

static long failing = -1, seen;
static void *(*next_malloc)(size_t), *(*next_realloc)(void *, size_t);

void fail_at(long number) { failing = number; seen = 0; }
long requests(void) { return seen; }

static int fails(void *caller) {
    Dl_info info;
    if (failing < 0 || !dladdr(caller, &info) || !info.dli_fname || !strstr(info.dli_fname, "/_scan.")) return 0;
    return ++seen == failing;
}

void *malloc(size_t size) {
    if (!next_malloc) next_malloc = dlsym(RTLD_NEXT, "malloc");
    return fails(__builtin_return_address(0)) ? NULL : next_malloc(size);
}

void *realloc(void *old, size_t size) {
    if (!next_realloc) next_realloc = dlsym(RTLD_NEXT, "realloc");
    return fails(__builtin_return_address(0)) ? NULL : next_realloc(old, size);
}
"""
#: Writes what the pure parser reads, or reads the same while memory runs out: in a process of its own for each request,
#: so that nothing has been allocated before.
PROGRAM = r"""
import ctypes, itertools, os, pickle, sys
from perceptron_annotations import parse, parse_batch

numbers = range(100)
boxes = "".join(f'<point_box mention="b{n} &amp; {n}"> ({n},{n}) ({n + 1},{n + 2}) </point_box>' for n in numbers)
tracks = "".join(f'<track mention="t{n} &lt;"><point t="2 seconds"> (1,2) </point></track>' for n in numbers)
collections = "".join(f'<collection mention="c{n}"><point mention="p"> (1,2) </point></collection>' for n in numbers)
broken = "<point> (1 </point> <polygon> (1,2) (3,4) </polygon> &bogus; <clip" * 20
texts = [collections, boxes, tracks, broken, "\u00e9" * 500 + '<point mention="x"> (1,2) </point>'] * 2

def one_by_one():
    return [parse(text) for text in texts]

def batch():
    table = parse_batch(texts)
    return table.to_values(), table.status.tolist(), table.issues.code.tolist(), table.mentions

def attempt(function, wanted, number):
    shim.fail_at(number)
    try:
        found = function()
    except MemoryError:
        found = wanted
    has_failed = shim.requests() >= number
    shim.fail_at(-1)
    if found != wanted:
        return "a wrong answer"
    if function() != wanted:
        return "a wrong answer afterwards"
    return "right" if has_failed else "done"

def in_a_process_of_its_own(*arguments):
    reader, writer = os.pipe()
    if os.fork() == 0:
        os.write(writer, attempt(*arguments).encode())
        os._exit(0)
    os.close(writer)
    os.wait()
    with open(reader, "rb") as stream:
        return stream.read().decode()

functions = (one_by_one, batch)
if sys.argv[1] == "expected":
    pickle.dump([function() for function in functions], sys.stdout.buffer)
else:
    shim = ctypes.CDLL(os.environ["LD_PRELOAD"])
    for function, wanted in zip(functions, pickle.load(sys.stdin.buffer), strict=True):
        for number in itertools.count(1):
            found = in_a_process_of_its_own(function, wanted, number)
            if found != "right":
                break
        print(function.__name__, number, found or "a crash")
"""


def test_reliability_m10_every_allocation_fails_in_turn(tmp_path):
    compiler = shutil.which("gcc") or shutil.which("cc")
    if backend == "pure" or sys.platform != "linux" or compiler is None:
        pytest.skip("for the compiled scanner, on Linux, with a C compiler")
    (tmp_path / "shim.c").write_text(SHIM)
    build = [compiler, "-O1", "-fPIC", "-shared", "-o", "shim.so", "shim.c", "-ldl"]
    subprocess.run(build, cwd=tmp_path, check=True)
    program = [sys.executable, "-c", PROGRAM]
    pure = os.environ | {"PERCEPTRON_ANNOTATIONS_PURE": "1"}
    expected = subprocess.run([*program, "expected"], cwd=ROOT, env=pure, capture_output=True, check=True).stdout
    failing = os.environ | {"LD_PRELOAD": str(tmp_path / "shim.so")}
    done = subprocess.run([*program, "faults"], cwd=ROOT, env=failing, input=expected, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    outcomes = [line.split(maxsplit=2) for line in done.stdout.decode().splitlines()]
    assert [(name, outcome) for name, _, outcome in outcomes] == [("one_by_one", "done"), ("batch", "done")]
    assert all(int(requests) > 10 for _, requests, _ in outcomes)
