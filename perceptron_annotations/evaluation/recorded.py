"""What recorded answers say besides their annotations: which model was asked what, and what it said in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct, structs

from ..completions.recordings import Recording, Reject, read_recordings
from ..datasets.assets import asset_names
from ..files import DECODE_ERRORS, decode_json
from ..markup.document import parse
from .mistakes import AnswerLocation

#: The fields of a line that hold a request, and those that hold the fields of a service.
_PROMPTS = ("prompt", "question", "request.prompt")
_MESSAGES = ("request.messages", "request.body.messages", "body.messages", "messages")
_BODIES = ("response.body", "response", "request.body", "request")


class RecordedAnswer(Struct, frozen=True, kw_only=True):
    """The first answer about an image."""

    location: AnswerLocation
    #: The answer, apart from its reasoning.
    text: str
    #: The recorded fields that were asked for; those that are not there are missing.
    fields: dict[str, str]
    #: How many answers there are about the image.
    count: int = 1

    @property
    def prose(self) -> str:
        """The answer without its markup."""
        return parse(self.text).prose


def read_answers(
    paths: str | Path | Iterable[str | Path], *, fields: Sequence[str] = (), key: str | None = None
) -> dict[str, RecordedAnswer]:
    """The first answer about each image, by file name; lines without an answer are skipped.

    ``fields`` are names with dots into objects, such as ``model`` or ``request.temperature``: looked up in the line,
    then in its response and its request; ``prompt`` is also what a conversation asked last. Raises ``FileError`` if a
    file cannot be opened.
    """
    found: dict[str, RecordedAnswer] = {}
    counts: Counter[str] = Counter()
    for path in [paths] if isinstance(paths, str | Path) else paths:
        for recording in read_recordings(path, key=key):
            if isinstance(recording, Reject):
                continue
            named = set(asset_names(recording.key, recording.assets))
            counts.update(named)
            names = sorted(name for name in named if name not in found)
            if names:
                found |= dict.fromkeys(names, _answer(str(path), recording, fields))
    return {name: structs.replace(answer, count=counts[name]) for name, answer in found.items()}


def _answer(path: str, recording: Recording, fields: Sequence[str]) -> RecordedAnswer:
    line = _line(recording.raw)
    values = {field: _field(line, recording, field) for field in fields}
    return RecordedAnswer(
        location=AnswerLocation(path, recording.line_number, _prompt(line)),
        text=recording.text,
        fields={field: value for field, value in values.items() if value is not None},
    )


def _line(raw: str) -> Any:
    try:
        return decode_json(raw.encode("utf-8", "surrogatepass"), object)
    except DECODE_ERRORS:  # a transcript of a stream
        return {}


def _at(value: Any, field: str) -> Any:
    for part in field.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return value


def _field(line: Any, recording: Recording, field: str) -> str | None:
    candidates = [_at(line, field), *(_at(line, f"{body}.{field}") for body in _BODIES)]
    value = next((each for each in candidates if isinstance(each, str | int | float)), None)
    if value is None and field == "prompt":
        return _prompt(line)
    if value is None and field in ("model", "finish_reason", "key"):
        value = getattr(recording, field)
    return None if value is None else str(value)


def _prompt(line: Any) -> str | None:
    """What was asked last, in words."""
    said = next((text for text in (_at(line, field) for field in _PROMPTS) if isinstance(text, str)), None)
    if said is not None:
        return said
    for field in _MESSAGES:
        messages = _at(line, field)
        for message in reversed(messages if isinstance(messages, list) else []):
            if isinstance(message, dict) and message.get("role") == "user":
                return _words(message.get("content"))
    return None


def _words(content: Any) -> str | None:
    if isinstance(content, list):
        parts = [part.get("text") for part in content if isinstance(part, dict)]
        content = " ".join(part for part in parts if isinstance(part, str)) or None
    return content if isinstance(content, str) else None
