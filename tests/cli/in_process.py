"""The command in this process: as ``python -m`` runs it, without what it does to signals and streams at its end."""

import contextlib
import io
import warnings
from typing import NamedTuple

from perceptron_annotations.cli import guard  # noqa: TID251 - it is the command that is tested
from perceptron_annotations.cli.main import app  # noqa: TID251


class Result(NamedTuple):
    status: int
    out: str
    err: str


def run(*words):
    out, err = io.TextIOWrapper(io.BytesIO(), encoding="utf-8"), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), warnings.catch_warnings():
        warnings.showwarning = guard._show_warning
        warnings.simplefilter("always")
        try:
            status = guard._run(app, [str(word) for word in words])
        except Exception as error:
            status = guard._report(error)
        out.flush()
    return Result(int(status), out.buffer.getvalue().decode(), err.getvalue())
