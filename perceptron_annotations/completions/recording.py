"""Completions → lines of a file that ``read_recordings`` reads back: one whole line or nothing, and no secrets."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from errno import ENOSPC
from io import SEEK_END, FileIO
from pathlib import Path
from typing import Any

from ..errors import FileError, UsageError
from ..files import encode_json
from .completion import Completion
from .completion_stream import CompletionStream
from .recordings import RecordedAsset

_DATA_URL = re.compile(r"data:([\w.+-]*/[\w.+-]*)?[^,]{0,100},")
#: Fields of a request that hold headers or keys, whatever their spelling.
_SECRET = re.compile(
    r"headers?$|api.?key$|authori[sz]ation$|(?:^|_)(?:token|secret|password)$|cookies?$", re.IGNORECASE
)


def record(
    source: Completion | CompletionStream,
    path: str | Path,
    *,
    request: Mapping[str, Any] | None = None,
    assets: Sequence[RecordedAsset | Mapping[str, Any]] = (),
    key: str | None = None,
    keep_media: bool = False,
) -> None:
    """Append a completion to a JSONL file, as one line that ``read_recordings`` reads.

    A stream that did not end and an error are recorded too. Headers and API keys are never written. The line is
    written whole or not at all; a last line without a line end is ended first. Raises ``FileError`` if the file cannot
    be written.

    >>> choice = {"message": {"content": "<point> (1,2) </point>"}, "finish_reason": "stop"}
    >>> pa.record(pa.Completion.decode({"choices": [choice]}), "recorded.jsonl", key="a.jpg")
    >>> [recording.key for recording in pa.read_recordings("recorded.jsonl")]
    ['a.jpg']

    Args:
        source: The completion, or the stream that it came by.
        path: The file, which is made if it does not exist.
        request: The body that was sent (``RequestPayload.body``).
        assets: The images and videos in the request, with their sizes.
        key: What joins the answer to its image and its truth.
        keep_media: Keep data URLs, which are otherwise replaced by their type and their SHA-256.
    """
    line = encode_json(_line(source, request, assets, key, keep_media=keep_media)) + b"\n"
    try:
        with FileIO(path, "a+") as file:
            append_whole(file, line)
    except OSError as error:
        raise FileError(f"cannot write {path}: {error.strerror}") from None


def _line(
    source: Completion | CompletionStream,
    request: Mapping[str, Any] | None,
    assets: Sequence[RecordedAsset | Mapping[str, Any]],
    key: str | None,
    *,
    keep_media: bool,
) -> dict[str, Any]:
    completion = source.completion if isinstance(source, CompletionStream) else source
    if not isinstance(completion, Completion):
        raise UsageError(f"a Completion or a CompletionStream is recorded, not {type(source).__name__}")
    body = completion.raw
    if completion.fault is not None and body.get("error") is None:
        body = body | {"error": completion.fault.raw}
    line: dict[str, Any] = {"response": body}
    if completion.answers and not all(answer.ended for answer in completion.answers):
        line["ended"] = False
    if request is not None:
        line["request"] = _without_secrets(request)
    if assets:
        line["assets"] = list(assets)
    if key is not None:
        line["key"] = key
    return line if keep_media else _hashed(line)


def append_whole(file: FileIO, line: bytes) -> None:
    """Write at the end, in one call; if the disk takes only a part, remove that. Raises ``OSError``."""
    size = file.seek(0, SEEK_END)
    if size:
        file.seek(size - 1)
        line = line if file.read(1) == b"\n" else b"\n" + line
    if file.write(line) != len(line):
        file.truncate(size)
        raise OSError(ENOSPC, "no space left on the device")


def _without_secrets(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {
            name: _without_secrets(inner)
            for name, inner in value.items()
            if not (isinstance(name, str) and _SECRET.search(name))
        }
    if isinstance(value, list | tuple):
        return [_without_secrets(inner) for inner in value]
    return value


def _hashed(value: Any) -> Any:
    """``value`` with every data URL as ``data:TYPE;sha256,HEX``."""
    if isinstance(value, Mapping):
        return {name: _hashed(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_hashed(inner) for inner in value]
    if isinstance(value, str) and (match := _DATA_URL.match(value)):
        digest = hashlib.sha256(value.encode("utf-8", "surrogatepass")).hexdigest()
        return f"data:{match[1] or ''};sha256,{digest}"
    return value
