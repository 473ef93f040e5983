"""The job of ``examples/engines`` on an engine, each installed in an environment of its own, and what it wrote."""

import os
import signal
import subprocess
import sys
import time
import tomllib
import uuid
from pathlib import Path

from pyarrow import dataset

from perceptron_annotations.table import recordings_schema
from tests.corpora import ROOT
from tests.peers.environments import interpreter

PROGRAMS = ROOT / "examples" / "engines"
#: How many parts the programs divide images into.
PARTS = 4
#: What an engine needs; pyspark comes without a wheel.
REQUIREMENTS = {
    "ray": ("ray[data]==2.60.0", "aiohttp"),
    "spark": ("pyspark==4.3.0", "pandas<3", "--no-binary=pyspark"),
    "datafusion": ("datafusion==55.0.0",),
    "daft": ("daft==0.7.26",),
    "datasets": ("datasets==5.2.0",),
}
#: Two executors of one core each, in processes of their own.
_CLUSTER = ("--master", "local-cluster[2,1,1024]")
_FILES = {"counts.csv", "metrics.csv", "coco.json"}
#: By it the processes of a run are known, wherever they hang.
_MARK = "PERCEPTRON_ANNOTATIONS_ENGINE_RUN"


class EngineRun:
    """A job that runs in processes of its own."""

    def __init__(self, engine, inputs, output):
        self.output = output
        self._mark = uuid.uuid4().hex
        environment = {**os.environ, **_environment(engine), _MARK: self._mark}
        self._log = output.with_name(f"{output.name}-{self._mark}.log")
        words = [str(inputs / "recordings"), str(inputs / "truth"), str(output)]
        with self._log.open("wb") as log:
            self.driver = subprocess.Popen(
                [*_program(engine), *words],
                stdout=log,
                stderr=log,
                env=environment,
                cwd=inputs,
                start_new_session=True,
            )

    @property
    def is_running(self):
        return self.driver.poll() is None

    def processes(self):
        """The command of each of its processes that live, by pid."""
        found = {}
        for pid in (int(each.name) for each in Path("/proc").iterdir() if each.name.isdigit()):
            try:
                if f"{_MARK}={self._mark}".encode() in Path(f"/proc/{pid}/environ").read_bytes():
                    found[pid] = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode().strip()
            except OSError:  # it has ended, or is another's
                continue
        return {pid: words for pid, words in found.items() if words}  # what is dead already has no words

    def finish(self, timeout=900):
        """Wait for its end; the folder that it filled. Raises ``AssertionError`` with the end of its log."""
        try:
            assert self.driver.wait(timeout) == 0, self._log.read_text(errors="replace")[-3000:]
        finally:
            self.end()
        return self.output

    def end(self, patience=60):
        """Wait until no process of it is left, and end what stays; how many did."""
        deadline = time.monotonic() + patience
        while (left := self.processes()) and time.monotonic() < deadline:
            self.driver.poll()  # a child that nobody waits for stays in the list
            time.sleep(0.2)
        for pid in left:
            os.kill(pid, signal.SIGKILL)
        return len(left)


def _environment(engine):
    paths = os.pathsep.join([str(PROGRAMS), str(ROOT)])
    if engine == "spark":
        return {"PYTHONPATH": str(ROOT), "PYSPARK_PYTHON": str(engine_python(engine)), "SPARK_LOCAL_IP": "127.0.0.1"}
    return {"PYTHONPATH": paths}


def _program(engine):
    if engine == "one process":
        return [sys.executable, str(PROGRAMS / "one_process.py")]
    if engine == "ray":
        return [str(engine_python(engine)), str(PROGRAMS / "ray_job.py")]
    settings = {"spark.ui.enabled": "false", "spark.sql.shuffle.partitions": PARTS}
    settings |= {"spark.executorEnv.PYTHONPATH": ROOT}
    given = [word for name, value in settings.items() for word in ("--conf", f"{name}={value}")]
    files = ",".join(str(PROGRAMS / name) for name in ("steps.py", "one_process.py"))
    submit = engine_python(engine).with_name("spark-submit")
    return [str(submit), *_CLUSTER, *given, "--py-files", files, str(PROGRAMS / "spark_job.py")]


def engine_python(engine):
    """The interpreter of the environment of an engine, which is made if there is none."""
    core = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    return interpreter(*REQUIREMENTS[engine], "pyarrow>=20", *core)


def rows_of(output):
    """All rows in the order of their names, without the folder that the recordings lie in; NaN is itself in words."""
    table = dataset.dataset(output / "answers", format="parquet").to_table().sort_by("id")
    assert table.schema.names == recordings_schema().names
    return [str(row).replace(row["file"].partition("recordings")[0], "") for row in table.to_pylist()]


def differences(found, wanted):
    """What is not the same in the outputs of two runs, or was left over by one; nothing if all is well."""
    unequal = [name for name in _FILES if (found / name).read_bytes() != (wanted / name).read_bytes()]
    unequal += ["answers"] if rows_of(found) != rows_of(wanted) else []
    entries = {path.name for path in found.iterdir()} ^ {"answers", "parts", *_FILES}
    parts = {path.name for path in (found / "parts").iterdir()} ^ {path.name for path in (wanted / "parts").iterdir()}
    return sorted(unequal + [f"left over or missing: {name}" for name in entries | parts | _unfinished(found)])


def _unfinished(folder):
    return {path.name for path in folder.rglob("*.part")}
