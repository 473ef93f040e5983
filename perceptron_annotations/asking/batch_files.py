"""Questions → the input of OpenAI's Batch API: a request on each line, with the key of its answer as ``custom_id``.

The API takes files of up to 50,000 requests and 200 MB, so there are several files if there is more. Its output has the
``custom_id``, and is read like any other recordings. (See "Batch API" of OpenAI's API reference.)
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from pathlib import Path
from typing import IO

from msgspec import Struct

from ..errors import AnnotationsError, FileError, UsageError
from ..files import STANDARD, encode_json
from ..outputs import write_whole, written_together
from .endpoint import Endpoint
from .prepared import prepared
from .question import Askable, PendingQuestion, Question

#: What one file may hold.
MOST_REQUESTS = 50_000
MOST_BYTES = 200_000_000
#: Where a line is to be sent, below the address of the service.
_PATH = "/v1/chat/completions"


class BatchFile(Struct, frozen=True):
    """A file that was written."""

    path: str
    requests: int
    size: int


def write_batch(
    questions: Iterable[Askable],
    endpoint: Endpoint,
    path: str,
    *,
    on_failure: Callable[[str, Exception], None],
    samples: int = 1,
) -> list[BatchFile]:
    """Write the requests to ``path``, and to ``NAME-2.jsonl``, ``NAME-3.jsonl`` … if they do not fit in one file.

    What cannot be prepared goes to ``on_failure`` with its key, and is left out. All files take their places at the
    end. Raises ``FileError`` if a numbered file is there already, which would look like one of these.

    >>> from perceptron_annotations.asking import Endpoint, Question, write_batch
    >>> endpoint = Endpoint.of("http://localhost:8000/v1", model="my-model")
    >>> question = Question(request=pa.Request(prompt="How many cars are there?"), key="a.jpg")
    >>> [file.requests for file in write_batch([question], endpoint, "batch.jsonl", on_failure=print)]
    [1]

    Args:
        questions: One for each line; their keys are all different.
        endpoint: Whose form the requests have.
        path: The file to write.
        on_failure: Gets the key and the error of a question that cannot be asked.
        samples: How many answers each request asks for (``n``).
    """
    _refuse_older(path)
    with written_together():
        shards = _Shards(path)
        with shards:
            for question in questions:
                try:
                    found = prepared(question, endpoint)
                except (AnnotationsError, OSError) as error:
                    key = question.key if isinstance(question, Question | PendingQuestion) else None
                    on_failure(key or "", error)
                    continue
                body = {**found.body, **({"n": samples} if samples > 1 else {})}
                line = {"custom_id": found.key, "method": "POST", "url": _PATH, "body": body}
                shards.add(encode_json(line) + b"\n")
        return shards.written


def shard_path(path: str, number: int) -> str:
    """The name of one of several files, from 1.

    >>> shard_path("batch.jsonl", 1), shard_path("batch.jsonl", 2)
    ('batch.jsonl', 'batch-2.jsonl')
    """
    named = Path(path)
    return path if number == 1 else str(named.with_name(f"{named.stem}-{number}{named.suffix}"))


def _refuse_older(path: str) -> None:
    if path == STANDARD:
        raise UsageError("a batch may need several files, so it cannot go to standard output: name a file")
    named = Path(path)
    numbered = re.compile(re.escape(named.stem) + r"-[0-9]+" + re.escape(named.suffix))
    folder = named.parent
    older = sorted(each.name for each in folder.iterdir() if numbered.fullmatch(each.name)) if folder.is_dir() else []
    if older:
        raise FileError(f"{folder / older[0]} is of an earlier batch: remove it, or name another file than {path}")


class _Shards:
    """Files that are filled one after the other."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._stack = ExitStack()
        self._sink: IO[bytes] | None = None
        self._requests = self._size = 0
        self.written: list[BatchFile] = []

    def __enter__(self) -> None:
        self._stack.__enter__()

    def __exit__(self, *error: object) -> None:
        if self._sink is not None and error[0] is None:
            self._note()
        self._stack.__exit__(*error)  # type: ignore[arg-type]

    def add(self, line: bytes) -> None:
        is_full = self._requests == MOST_REQUESTS or self._size + len(line) > MOST_BYTES
        if self._sink is None or is_full:
            if self._sink is not None:
                self._note()
                self._stack.close()
            path = shard_path(self._path, len(self.written) + 1)
            self._sink = self._stack.enter_context(write_whole(path))
            self._requests = self._size = 0
        self._sink.write(line)
        self._requests += 1
        self._size += len(line)

    def _note(self) -> None:
        path = shard_path(self._path, len(self.written) + 1)
        self.written.append(BatchFile(path, self._requests, self._size))
