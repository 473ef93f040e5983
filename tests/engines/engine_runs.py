"""The job of ``examples/engines`` on an engine, each installed in an environment of its own, and workers that die."""

import os
import random
import signal
import subprocess
import sys
import time
import tomllib
from pathlib import Path

from tests.corpora import ROOT
from tests.peers.environments import interpreter

PROGRAMS = ROOT / "examples" / "engines"
#: What an engine needs, and how the processes of its workers are called.
REQUIREMENTS = {"ray": ("ray[data]==2.60.0", "aiohttp"), "spark": ("pyspark==4.3.0", "pandas<3")}
WORKERS = {"ray": b"ray::", "spark": b"CoarseGrainedExecutorBackend"}
#: Two executors of one core each, and their drivers, in processes of their own.
_SPARK = """
import sys
import spark_job
from pyspark.sql import SparkSession
builder = SparkSession.builder.master("local-cluster[2,1,1024]").config("spark.ui.enabled", "false")
session = builder.config("spark.executorEnv.PYTHONPATH", sys.path[0]).getOrCreate()
spark_job.main(session, *sys.argv[1:])
session.stop()
"""


def start(engine, folder, output):
    """The job in a process of its own."""
    words = [str(folder / "recordings"), str(folder / "truth"), str(output)]
    if engine == "one process":
        return _started([sys.executable, str(PROGRAMS / "one_process.py"), *words], output)
    core = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    python = str(interpreter(*REQUIREMENTS[engine], "pyarrow>=20", *core))
    if engine == "ray":
        return _started([python, str(PROGRAMS / "ray_job.py"), *words], output)
    environment = {"PYSPARK_PYTHON": python, "SPARK_LOCAL_IP": "127.0.0.1"}
    return _started([python, "-c", _SPARK, *words], output, **environment)


def _started(command, output, **environment):
    paths = os.pathsep.join([str(PROGRAMS), str(ROOT)])
    own = {**os.environ, "PYTHONPATH": paths, **environment}
    with output.with_suffix(".log").open("wb") as log:
        return subprocess.Popen(command, stdout=log, stderr=log, env=own, start_new_session=True)


def kill_a_worker(engine, job, seed):
    """Kill one of the workers of a running job at a random moment; whether there was one."""
    draw = random.Random(seed)
    while job.poll() is None:
        workers = [pid for pid in _processes() if WORKERS[engine] in _command(pid)]
        if workers:
            time.sleep(draw.uniform(0, 6))
            os.kill(draw.choice(workers), signal.SIGKILL)
            return True
        time.sleep(0.05)
    return False


def _processes():
    return [int(each.name) for each in Path("/proc").iterdir() if each.name.isdigit()]


def _command(pid):
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:  # it has ended
        return b""
