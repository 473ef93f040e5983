"""A process that answers calls: what its parent tells it on standard input, it answers on standard output.

A message is a value that is pickled; the memory of its arrays goes through the pipe as it is, and is not copied first.
"""

from __future__ import annotations

import os
import pickle
import struct
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import suppress
from enum import IntEnum
from traceback import format_exc
from typing import IO, Any, NamedTuple

from msgspec import structs

from .limits import Limits, use_limits

#: A count of bytes or of parts.
_NUMBER = struct.Struct("<Q")


class Call(NamedTuple):
    """What is called, and the limits that hold in it. The function gives results one after the other."""

    function: Callable[[Any], Iterator[Any]]
    argument: Any
    limits: Limits


class ReplyKind(IntEnum):
    """What a reply holds."""

    #: One of the results of a call.
    RESULT = 0
    #: Nothing: all results have come.
    END = 1
    #: The exception that ended it.
    ERROR = 2


class Reply(NamedTuple):
    """What a worker answers to a call; there are several."""

    kind: ReplyKind
    value: Any = None


def send(stream: IO[bytes], value: object) -> None:
    """Write a message."""
    arrays: list[pickle.PickleBuffer] = []
    parts = [memoryview(pickle.dumps(value, protocol=5, buffer_callback=arrays.append))]
    parts += [array.raw() for array in arrays]
    stream.write(b"".join(map(_NUMBER.pack, (len(parts), *(part.nbytes for part in parts)))))
    for part in parts:
        stream.write(part)
    stream.flush()


def receive(stream: IO[bytes]) -> Callable[[], Any]:
    """Read a message, which the returned function unpickles. Raises ``EOFError`` if the writer has gone."""
    count = _number(stream)
    sizes = [_number(stream) for _ in range(count)]
    data, *arrays = [_exactly(stream, size) for size in sizes]
    return lambda: pickle.loads(data, buffers=arrays)  # noqa: S301 - from our own process alone


def _number(stream: IO[bytes]) -> int:
    number: int = _NUMBER.unpack(_exactly(stream, _NUMBER.size))[0]
    return number


def _exactly(stream: IO[bytes], size: int) -> bytearray:
    part = bytearray(size)
    if stream.readinto(part) < size:  # type: ignore[attr-defined]
        raise EOFError
    return part


def serve() -> None:
    """Answer calls until the parent goes, for whatever reason."""
    warnings.simplefilter("ignore")  # the parent has warned already
    calls, replies = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what is printed by mistake is not a message
    with suppress(EOFError, BrokenPipeError):
        while True:
            for reply in _replies(receive(calls)):
                send(replies, reply)


def _replies(read: Callable[[], Call]) -> Iterator[Reply]:
    try:
        call = read()
        with use_limits(**structs.asdict(call.limits)):
            for result in call.function(call.argument):
                yield Reply(ReplyKind.RESULT, result)
    except Exception as error:
        yield Reply(ReplyKind.ERROR, _sendable(error))
    else:
        yield Reply(ReplyKind.END)


def _sendable(error: Exception) -> Exception:
    """An exception with the traceback that it has here, as a note; or what can be said of one that is not pickled."""
    error.add_note(format_exc())
    try:
        pickle.loads(pickle.dumps(error))  # noqa: S301 - our own
    except Exception:
        return RuntimeError(f"{type(error).__name__}: {error}")
    return error
