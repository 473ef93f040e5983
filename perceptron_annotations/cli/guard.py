"""The last line of defence: whatever happens becomes one line on standard error and an exit status.

Arguments come in, an :class:`ExitStatus` comes out. Standard streams that are closed, pipes whose reader leaves and
terminals that cannot show a character are ordinary; an unexpected error asks for a report, and ``--debug`` shows its
traceback.
"""

from __future__ import annotations

import os
import signal
import sys
import traceback
import warnings
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import NoReturn

import typer

from .. import __version__
from ..errors import AnnotationsError
from ..outputs import remove_unfinished
from .exit_status import ExitStatus

#: Shows the traceback of any error; taken anywhere among the arguments.
DEBUG = "--debug"
#: Raises a limit of the readers; taken anywhere too.
LIMIT = "--limit"
_NAME = "perceptron-annotations"
_SHORT_NAME = "pann"
#: What people type who know the options of other tools, and our option.
_CALLED_ELSEWHERE = {
    **dict.fromkeys(("--format", "--output-format"), "--to"),
    **dict.fromkeys(("--gt", "--ground-truth", "--annotations"), "--truth"),
    **dict.fromkeys(("--threshold", "--iou-threshold"), "--iou"),
    **dict.fromkeys(("--classes", "--names"), "--categories"),
}
#: What asks the process to end, as far as the system has it.
_SIGNALS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]


def run(app: typer.Typer, arguments: Sequence[str]) -> int:
    """Run one command line and return its exit status. Nothing is raised but ``SystemExit`` by a signal."""
    _open_standard_streams()
    received: list[int] = []

    def end_by_signal(number: int, _frame: FrameType | None) -> NoReturn:
        """End as on any other error, so that no half-written file is left."""
        received.append(number)
        sys.exit(128 + number)

    for number in _SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:  # nohup ignores it
            signal.signal(number, end_by_signal)
    warnings.showwarning = _show_warning
    words = list(arguments)
    debug = DEBUG in words
    while DEBUG in words:
        words.remove(DEBUG)
    words = _limits_first(words)
    try:
        status = _run(app, words)
        sys.stdout.flush()
    except BrokenPipeError:
        _drop_output()
        return ExitStatus.DONE
    except Exception as error:
        if received:  # code of others may make an error of its own of the end that a signal asks for
            return 128 + received[0]
        if debug:
            traceback.print_exc()
        return _report(error)
    finally:
        for number in _SIGNALS:
            signal.signal(number, signal.SIG_IGN)  # this is the end already
        remove_unfinished()  # a signal may have come between two steps of a writer
    return status


def _name() -> str:
    """What the command was called, which help shows and shell completion is for."""
    called = Path(sys.argv[0]).stem
    return called if called == _SHORT_NAME else _NAME


def _limits_first(words: list[str]) -> list[str]:
    """The arguments with the options that are of no verb before it, where typer takes them."""
    limits = [at for at, word in enumerate(words) if word.split("=", 1)[0] == LIMIT]
    moved = [at for limit in limits for at in range(limit, limit + (1 if "=" in words[limit] else 2))]
    rest = [word for at, word in enumerate(words) if at not in moved]
    return [*(words[at] for at in moved if at < len(words)), *rest]


def _run(app: typer.Typer, words: list[str]) -> int:
    """Run the verb. Typer's own runner would turn broken pipes into status 1, so this calls what is below it."""
    command = typer.main.get_command(app)
    name = _name()
    if f"_{name}_COMPLETE".replace("-", "_").upper() in os.environ:  # how the script of a shell asks
        command.main(words, prog_name=name)
    try:
        with command.make_context(name, words) as context:
            command.invoke(context)
    except typer.Exit as ended:
        return ended.exit_code
    return ExitStatus.DONE


def _report(error: Exception) -> int:
    """One line about an error, and the status that goes with it."""
    from .console import complain

    if hasattr(error, "format_message"):  # typer's, for a wrong command line
        return _report_usage(error)
    if isinstance(error, AnnotationsError):
        complain(f"error: {error}")
    elif isinstance(error, OSError):  # files have errors of their own, so this is the output itself
        _drop_output()
        complain(f"error: cannot read or write {error.filename or 'standard output'}: {error.strerror or error}")
    elif isinstance(error, MemoryError):
        complain("error: out of memory: split the input into smaller files")
    else:
        what = f"{type(error).__name__}: {error}".splitlines()[0]
        complain(
            f"error: unexpected {what}; this is a bug in {_NAME} {__version__}: please report it with the command "
            f"and the output of running it again with {DEBUG}"
        )
    return ExitStatus.FAILED


def _report_usage(error: Exception) -> int:
    """A wrong command line, in one line that says where to look; no arguments at all show the help."""
    from .console import complain

    if type(error).__name__ == "NoArgsIsHelpError":
        sys.stderr.write(str(error) + "\n")
        return ExitStatus.FAILED
    message = " ".join(_usage_message(error).split())
    context = getattr(error, "ctx", None)
    path = _name() if context is None else context.command_path
    if message[1:2].islower():
        message = message[0].lower() + message[1:]
    complain(f"error: {message.rstrip('.')} (see {path} --help)")
    return ExitStatus.FAILED


def _usage_message(error: Exception) -> str:
    """What is wrong with a command line, and what was probably meant."""
    parameter, message = getattr(error, "param", None), getattr(error, "message", "")
    if isinstance(error, typer.BadParameter) and parameter is not None:
        word = max(parameter.opts, key=len) if parameter.param_type_name == "option" else ""
        value = parameter.metavar or ""
        return f"{word} {message}" if message else f"{word} {value} is missing".strip()
    if hasattr(error, "possibilities"):
        meant = _guessed(error) or error.possibilities or ()
        return f"there is no option {error.option_name}" + (f"; did you mean {' or '.join(meant)}?" if meant else "")  # type: ignore[attr-defined]
    return str(error.format_message())  # type: ignore[attr-defined]


def _guessed(error: Exception) -> list[str]:
    """The option of the verb that other tools call by the name that was typed."""
    meant = _CALLED_ELSEWHERE.get(str(getattr(error, "option_name", "")), "")
    command = getattr(getattr(error, "ctx", None), "command", None)
    return [meant for parameter in getattr(command, "params", ()) if meant in parameter.opts]


def _open_standard_streams() -> None:
    """Stand in for closed standard streams, and let those that cannot encode a character show its escape."""
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest free number, which is this one
    sys.stdin = sys.stdin or open(0, encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stdout = sys.stdout or open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stderr = sys.stderr or open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def _drop_output() -> None:
    """Send what Python still holds of standard output nowhere, so that its end does not fail again."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _show_warning(message: Warning | str, *_: object, **__: object) -> None:
    from .console import complain

    complain(f"warning: {message}")
