"""Completions → lines of a file that ``read_recordings`` reads back: one whole line or nothing, and no secrets.

Of the response all is kept but media data and credentials in URLs; of the request what ``kept_request`` lists.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from ..errors import EnvelopeError, UsageError
from ..files import encode_json
from ..outputs import append_line
from .completion import Completion
from .completion_stream import CompletionStream
from .faults import read_fault
from .kept_request import kept_request, request_hash
from .redaction import redacted
from .sent_assets import RecordedAsset


def record(
    source: Completion | CompletionStream,
    path: str | Path,
    *,
    request: Mapping[str, Any] | None = None,
    assets: Sequence[RecordedAsset | Mapping[str, Any]] = (),
    key: str | None = None,
    asked_at: Sequence[float] = (),
    keep_media: bool = False,
) -> None:
    """Append a completion to a JSONL file, as one line that ``read_recordings`` reads.

    A stream that did not end and an error are recorded too. The response is kept but for media data and for
    credentials in URLs, which are replaced by their length and SHA-256, or their length alone if they are so short that
    they could be guessed from it. Of the request, the fields that say what was
    asked are kept, and ``request_sha256`` is the hash of all of it; keys, tokens and other headers are never written.

    Processes may record to one file at the same time. A line is on the disk when this returns; if the process is
    killed before, a part of this line may stay without a line end, which readers report as ``torn_line`` and the next
    call ends. Raises ``FileError`` if the file cannot be written; then the file is as it was. Raises ``EnvelopeError``
    for a completion that is hundreds of objects deep.

    >>> choice = {"message": {"content": "<point> (1,2) </point>"}, "finish_reason": "stop"}
    >>> pa.record(pa.Completion.decode({"choices": [choice]}), "recorded.jsonl", key="a.jpg")
    >>> [recording.key for recording in pa.read_recordings("recorded.jsonl")]
    ['a.jpg']

    Args:
        source: The completion, or the stream that it came by.
        path: The file, which is made if it does not exist.
        request: The body that was sent (``RequestPayload.body``), or the arguments of the ``openai`` client.
        assets: The images and videos in the request, with their sizes.
        key: What joins the answer to its image and its truth.
        asked_at: When it was asked, in seconds since 1970; each time, if it was tried several times.
        keep_media: Keep media data, such as data URLs.
    """
    sha256 = None if request is None else request_hash(request)
    line = recorded_line(
        source, request=request, request_sha256=sha256, assets=assets, key=key, asked_at=asked_at, keep_media=keep_media
    )
    append_line(path, line)


def recorded_line(
    source: Completion | CompletionStream,
    *,
    request: Mapping[str, Any] | None,
    request_sha256: str | None,
    assets: Sequence[RecordedAsset | Mapping[str, Any]],
    key: str | None,
    asked_at: Sequence[float],
    keep_media: bool = False,
) -> bytes:
    """The line that :func:`record` appends, for a caller that has the hash of the request."""
    line = _line(source)
    if request is not None:
        line |= {"request": kept_request(request), "request_sha256": request_sha256}
    if assets:
        line["assets"] = list(assets)
    if key is not None:
        line["key"] = key
    if asked_at:
        line["asked_at"] = [round(time, 3) for time in asked_at]
    try:
        plain = msgspec.to_builtins(line, builtin_types=(bytes,))
        return encode_json(redacted(plain, keep_media=keep_media))
    except RecursionError:
        raise EnvelopeError("the completion is nested too deeply to be recorded") from None


def _line(source: Completion | CompletionStream) -> dict[str, Any]:
    """What the service sent."""
    completion = source.completion if isinstance(source, CompletionStream) else source
    if not isinstance(completion, Completion):
        raise UsageError(f"a Completion or a CompletionStream is recorded, not {type(source).__name__}")
    body, fault = completion.raw, completion.fault
    if fault is not None and body.get("error") is None:
        body = body | {"error": fault.raw}
    line: dict[str, Any] = {"response": body}
    if fault is not None and fault.status != read_fault(body["error"]).status:  # only HTTP said it
        line["response"] = {"status_code": fault.status, "body": body}
    if completion.answers and not all(answer.ended for answer in completion.answers):
        line["ended"] = False
    return line
