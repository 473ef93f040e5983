"""The sdist and the wheel, built and installed as a user would, run the compiled scanner."""

import hashlib
import json
import os
import subprocess
import sys
import sysconfig
import tarfile
import zipfile

import pytest

from perceptron_annotations.markup.backend import PURE_VARIABLE
from tests.corpora import ROOT

pytestmark = pytest.mark.skipif(
    os.environ.get(PURE_VARIABLE, "0") not in ("", "0"), reason="the run with the compiled scanner builds the packages"
)
#: Every name of every face, with what its stub says beside what it hands out.
FACES = """
import ast, importlib, pathlib, perceptron_annotations as package
folders = [path.parent for path in pathlib.Path(package.__file__).parent.glob("*/__init__.pyi")]
names = sorted(folder.name for folder in folders)
assert {"asking", "dialects", "evaluation", "table"} <= set(names), names
for face in [package, *(importlib.import_module(f"perceptron_annotations.{name}") for name in names)]:
    stub = ast.parse(pathlib.Path(face.__file__).with_suffix(".pyi").read_text(encoding="utf-8"))
    imported = {each.name for node in stub.body if isinstance(node, ast.ImportFrom) for each in node.names}
    assert imported == set(face.__all__), face
    for name in face.__all__:
        getattr(face, name)
from perceptron_annotations.render.page.shell import page_html
assert page_html("a page", data={}).endswith(b"</html>\\n"), "the files of a page are missing"
print(package.__file__)
"""
ASK = "import perceptron_annotations as p; print(p.backend, p.parse('<point> (1,2) </point>').status.value, p.__file__)"


def run(*command, **options):
    done = subprocess.run([sys.executable, *command], capture_output=True, text=True, check=False, **options)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def packages(tmp_path_factory):
    """The two packages, built from the files of the last commit and what was changed since."""
    tree = tmp_path_factory.mktemp("tree")
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, check=True)
    for name in listed.stdout.decode().splitlines():
        if (ROOT / name).is_file():
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            (tree / name).write_bytes((ROOT / name).read_bytes())
    run("-m", "build", str(tree))
    wheel, sdist = sorted((tree / "dist").iterdir(), key=lambda path: path.suffix != ".whl")
    return {"wheel": wheel, "sdist": sdist}


def test_the_wheel_serves_every_python_from_3_11_on(packages):
    assert "-cp311-abi3-" in packages["wheel"].name


@pytest.mark.parametrize("kind", ["wheel", "sdist"])
def test_both_install_and_run_compiled(packages, kind, tmp_path):
    """“``python -m build`` makes an sdist and an abi3 wheel that both install and run compiled.”"""
    target = tmp_path / "installed"
    run("-m", "pip", "install", "-q", "--no-deps", "--target", str(target), str(packages[kind]))
    assert not list(target.rglob("*.pyx"))
    backend, status, place = run("-c", ASK, cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(target)}).split()
    assert (backend, status) == ("compiled", "ok")
    assert place.startswith(str(target))
    assert run("-c", FACES, cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(target)}).startswith(str(target))


def test_newcomer_15_the_sdist_runs_its_own_tests(packages, tmp_path):
    """Unpacked, it has the tests with all that they read; a few of them run, against the package in it."""
    with tarfile.open(packages["sdist"]) as archive:
        archive.extractall(tmp_path, filter="data")
    (tree,) = tmp_path.iterdir()
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split(
        "\n"
    )
    left_out = {".ci/run", ".gitignore", ".pre-commit-config.yaml"}
    assert [name for name in listed if name and name not in left_out and not (tree / name).exists()] == []
    tests = ["tests/test_fixtures.py", "tests/test_geometry.py", "tests/render/test_svg.py"]
    run("-m", "pytest", "-q", "-n0", "-p", "no:cacheprovider", *tests, cwd=tree, env=os.environ | {PURE_VARIABLE: "1"})


def test_newcomer_15_a_wheel_without_the_scanner_is_for_every_system(packages, tmp_path):
    """It holds no compiled code, so its tag must not promise any; and the log of the build says it once."""
    with tarfile.open(packages["sdist"]) as archive:
        archive.extractall(tmp_path, filter="data")
    (tree,) = tmp_path.iterdir()
    command = [sys.executable, "-m", "build", "--wheel", "--outdir", tmp_path / "built", tree]
    variables = os.environ | {"CC": "there-is-no-compiler"}
    log = subprocess.run(
        command, env=variables, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=True
    ).stdout
    assert [path.name.split("-", 2)[2] for path in (tmp_path / "built").iterdir()] == ["py3-none-any.whl"]
    assert log.count("is built without its compiled scanner") == 1


@pytest.mark.heavy(sample=None)  # what it builds, the tests above build too
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the wheel is for Linux")
def test_reliability_m11_a_release_is_built_by_one_command(tmp_path):
    """The minor m11: a manylinux wheel without a RUNPATH, hashes, and a list of what it brings along."""
    out = tmp_path / "release"
    subprocess.run(["sh", ROOT / "tools" / "release.sh", out], check=True, env=os.environ | {"PYTHON": sys.executable})
    hashes = dict(line.split()[::-1] for line in (out / "SHA256SUMS").read_text().splitlines())
    files = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in out.iterdir()}
    assert hashes == {name: found for name, found in files.items() if name != "SHA256SUMS"}
    (wheel,) = out.glob("*.whl")
    assert "-cp311-abi3-manylinux" in wheel.name
    with zipfile.ZipFile(wheel) as archive:
        scanner = archive.read("perceptron_annotations/markup/_scan.abi3.so")
    assert (sysconfig.get_config_var("LIBDIR") or "no folder").encode() not in scanner
    bill = json.loads((out / "sbom.cdx.json").read_text())
    assert {"lxml", "msgspec", "numpy", "shapely"} <= {each["name"] for each in bill["components"]}
