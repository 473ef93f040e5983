"""Lines of recorded completions → the contents of their answers, in bulk.

A block of lines is decoded in one call, and only into the fields that an answer needs. A block or a line that does not
fit these fields (an error of a service, a bad line, a key of the user's choice) is read as ``read_recordings`` reads
it, which gives the same or says what is wrong. The rules are those of ``envelope``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from msgspec import UNSET, Raw, Struct, UnsetType

from ..files import DECODE_ERRORS, Block, Line
from ..problems import OnProblem
from .answer_details import AnswerDetails, DetailedLine
from .completion import FIRST_ERROR_STATUS
from .ending import ENDING_CODES, Ending
from .envelope import first_key, joined
from .logprobs import TokenLogprobs
from .reasoning import OPEN
from .recordings import RecordedAsset, Recording, read_line


class Contents:
    """The messages of some answers, with reasoning and special tokens, and what belongs to each.

    ``fields`` are the recorded fields that are wanted of each answer; without them no details are kept.
    """

    def __init__(self, fields: Sequence[str] | None = None) -> None:
        self.texts: list[str] = []
        self.keys: list[str] = []
        self.assets: list[tuple[RecordedAsset, ...]] = []
        #: How each of them ended, as a place in ``Ending``.
        self.endings: list[int] = []
        #: Whether a part of each of them may be missing at its end.
        self.cuts: list[bool] = []
        #: The log probabilities of its tokens, of the answers that have them, by their place.
        self.logprobs: dict[int, TokenLogprobs] = {}
        #: One for each answer, or none at all.
        self.details: list[AnswerDetails] = []
        self._fields = fields

    def add(self, key: str, text: str, assets: tuple[RecordedAsset, ...], ending: Ending) -> None:
        """Append one."""
        self.texts.append(text)
        self.keys.append(key)
        self.assets.append(assets)
        self.endings.append(ENDING_CODES[ending])
        self.cuts.append(ending.truncates)

    def add_recording(self, found: Recording) -> None:
        """Append the answer of a recording."""
        text = found.text if found.content is None else found.content
        if found.logprobs is not None:
            self.logprobs[len(self.texts)] = found.logprobs
        self.add(found.key, text, found.assets, found.ending)

    def add_recordings(self, recordings: Iterable[Recording], line: Line, file: str) -> None:
        """Append the answers of one line that was read by the general way."""
        if self._fields is None:
            for found in recordings:
                self.add_recording(found)
            return
        detailed = DetailedLine(line, file, self._fields)
        for found in recordings:
            self.add_recording(found)
            known = {"key": found.key, "model": found.model, "finish_reason": found.finish_reason}
            self.details.append(detailed.of(found.choice, self.texts[-1], known))

    def add_details(self, line: Line, file: str) -> None:
        """Append the details of the answers of ``line``, the last that were added, all choices in order."""
        if self._fields is None:
            return
        detailed = DetailedLine(line, file, self._fields)
        for choice, at in enumerate(range(len(self.details), len(self.keys))):
            known = {"key": self.keys[at], "finish_reason": detailed.finish_reason(choice)}
            self.details.append(detailed.of(choice, self.texts[at], known))


def read_contents(
    block: Block, *, key: str | None, file: str, on_problem: OnProblem, fields: Sequence[str] | None = None
) -> Contents:
    """The answers of a block of lines; a line that holds none goes to ``on_problem``."""
    contents = Contents(fields)

    def add_generally(line: Line) -> None:
        contents.add_recordings(read_line(line, key=key, file=file, on_problem=on_problem), line, file)

    decoded = None if key is not None else _decoded(block)
    if decoded is None:
        for line in block.lines():
            add_generally(line)
        return contents
    raw: list[bytes] = []
    for place, sent in enumerate(decoded):
        is_added = _add_plain(contents, sent) or _add(contents, sent)
        if is_added and fields is None:
            continue
        raw = raw or block.data.split(b"\n")
        line = Line(block.first_number + place, raw[place].removesuffix(b"\r"))
        if is_added:
            contents.add_details(line, file)
        else:
            add_generally(line)
    return contents


# -- the fields of a line that an answer needs -----------------------------------------------------------------------


class _Part(Struct, gc=False):
    text: str | None = None


class _Message(Struct, gc=False):
    content: str | list[_Part] | None = None
    refusal: Any = None
    tool_calls: Any = None


class _Choice(Struct, gc=False):
    message: _Message | None = None
    finish_reason: str | None = None
    error: Any = None
    logprobs: Raw = Raw(b"")


class _Body(Struct, gc=False):
    id: str | int | None = None
    object: str | None = None
    model: str | None = None
    choices: list[_Choice] | None = None
    error: Any = None
    message: str | None = None
    results: list[Any] | None = None


class _Response(_Body, gc=False):
    body: _Body | UnsetType | None = UNSET
    status_code: int | None = None


class _Line(_Body, gc=False):
    custom_id: str | None = None
    key: str | int | None = None
    response: _Response | None = None
    text: str | None = None
    finish_reason: str | None = None
    assets: tuple[RecordedAsset, ...] | None = None
    ended: bool = True


#: Decodes lines of recordings, as far as an answer needs them.
LINES = msgspec.json.Decoder(_Line)
_NO_ASSETS: tuple[RecordedAsset, ...] = ()


def _decoded(block: Block) -> list[_Line] | None:
    """The lines of a block, if all fit the fields; None if the block has to be read line by line."""
    if block.fault or not block.data.endswith(b"\n"):
        return None
    try:
        lines = LINES.decode_lines(block.data)
    except DECODE_ERRORS:
        return None
    return lines if len(lines) == block.data.count(b"\n") else None  # there are blank lines


def _add_plain(contents: Contents, line: _Line) -> bool:
    """Add the answer of a line that is a completion and nothing more, as most are; false for any other line."""
    choices = line.choices
    key = line.id
    if not choices or len(choices) > 1 or type(key) is not str:
        return False
    if line.text is not None or line.error is not None or line.response is not None or line.object == "error":
        return False
    if line.custom_id is not None or line.key is not None or line.assets is not None or not line.ended:
        return False
    choice = choices[0]
    if choice.error is not None or choice.message is None or type(choice.message.content) is not str:
        return False
    ending = _ending(choice, choice.message.content)
    if ending is None:
        return False
    contents.keys.append(key)
    contents.texts.append(choice.message.content)
    contents.assets.append(_NO_ASSETS)
    contents.endings.append(ENDING_CODES[ending])
    contents.cuts.append(ending is Ending.LENGTH)
    return True


def _add(contents: Contents, line: _Line) -> bool:
    """Add the answers of a line; false if it has to be read by the general way."""
    if not line.ended:
        return False
    if line.text is not None:
        return _add_text(contents, line, line.text)
    response = line.response
    body: _Body | None = line
    if response is not None:
        body = response if response.body is UNSET else response.body
    if body is None or line.error is not None or body.error is not None or body.object == "error" or not body.choices:
        return False
    key = first_key(line.custom_id, line.key, body.id, line.id)
    is_error = response is not None and (response.status_code or 0) >= FIRST_ERROR_STATUS
    if key is None or is_error or any(choice.error is not None for choice in body.choices):
        return False
    found = [(content, _ending(choice, content)) for choice in body.choices for content in [_content(choice)]]
    read = [(content, ending) for content, ending in found if ending is not None]
    if len(read) < len(found):
        return False
    for content, ending in read:
        contents.add(key, content, line.assets or _NO_ASSETS, ending)
    return True


def _add_text(contents: Contents, line: _Line, text: str) -> bool:
    key, ending = first_key(line.custom_id, line.key, line.id), _ENDINGS.get(line.finish_reason)
    if key is None or ending is None or OPEN in text:
        return False
    contents.add(key, text, line.assets or _NO_ASSETS, ending)
    return True


def _content(choice: _Choice) -> str:
    content = None if choice.message is None else choice.message.content
    return joined(part.text for part in content) if isinstance(content, list) else content or ""


#: The endings that a reason to finish tells alone; others need the rest of the message.
_ENDINGS = {None: Ending.UNSTATED, "stop": Ending.COMPLETE, "length": Ending.LENGTH}


_NO_LOGPROBS = (Raw(b""), Raw(b"null"))


def _ending(choice: _Choice, content: str) -> Ending | None:
    """How an answer ended; None if that has to be found out by the general way."""
    message = choice.message
    if choice.logprobs not in _NO_LOGPROBS:
        return None
    if message is None or message.refusal is not None or message.tool_calls is not None:
        return None
    if OPEN in content:  # reasoning that may be cut
        return None
    return _ENDINGS.get(choice.finish_reason)
