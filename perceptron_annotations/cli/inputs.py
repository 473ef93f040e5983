"""Recordings from several files, and the rejects of all of them into one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager

from ..completions.recordings import Recording, Reject, read_recordings
from ..files import encode_json, write_whole
from .console import progress


@contextmanager
def open_inputs(
    inputs: Sequence[str], *, key: str | None, rejects: str | None
) -> Iterator[Iterator[Recording | Reject]]:
    """All recordings of ``inputs``, in order; the lines without an answer are written to ``rejects`` too."""
    with ExitStack() as stack:
        watch = stack.enter_context(progress(inputs))
        sink = stack.enter_context(write_whole(rejects)) if rejects is not None else None

        def read() -> Iterator[Recording | Reject]:
            for name in inputs:
                for recording in read_recordings(name, key=key, progress=watch(name)):
                    if sink is not None and isinstance(recording, Reject):
                        sink.write(encode_json(recording) + b"\n")
                    yield recording

        yield read()
