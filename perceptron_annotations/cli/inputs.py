"""Recordings from several files, and the rejects of all of them into one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext

from ..completions.recordings import Recording, Reject, read_recordings
from ..files import encode_json, write_whole
from .console import progress


@contextmanager
def open_inputs(
    inputs: Sequence[str], *, key: str | None, rejects: str | None
) -> Iterator[Iterator[Recording | Reject]]:
    """All recordings of ``inputs``, in order; the lines without an answer are written to ``rejects`` too."""
    with progress(inputs) as watch, open_rejects(rejects) as keep:

        def read() -> Iterator[Recording | Reject]:
            for name in inputs:
                for recording in read_recordings(name, key=key, progress=watch(name)):
                    if isinstance(recording, Reject):
                        keep(recording)
                    yield recording

        yield read()


@contextmanager
def open_rejects(path: str | None) -> Iterator[Callable[[Reject], None]]:
    """What writes a reject to ``path``; where that is None, it does nothing."""
    with write_whole(path) if path is not None else nullcontext() as sink:

        def keep(reject: Reject) -> None:
            if sink is not None:
                sink.write(encode_json(reject) + b"\n")

        yield keep
