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
from .answer_details import AnswerDetails, DetailedLine
from .completion import FIRST_ERROR_STATUS
from .ending import ENDING_CODES, Ending
from .envelope import first_key
from .logprobs import TokenLogprobs
from .reasoning import may_think
from .recorded_lines import LineReader
from .recordings import RecordedAsset, Recording


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
        self._strange: list[int] = []  # the places of texts with tags of reasoning that the scanner does not know

    @property
    def scanned(self) -> list[str]:
        """The texts as they are given to the scanner, which must leave those with tags of reasoning to the parser."""
        if not self._strange:
            return self.texts
        texts = self.texts.copy()
        for place in self._strange:
            texts[place] = "<think>"
        return texts

    def add(self, key: str, text: str, assets: tuple[RecordedAsset, ...], ending: Ending) -> None:
        """Append one."""
        if may_think(text) and "<think>" not in text and "</think>" not in text:
            self._strange.append(len(self.texts))
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
        detailed, number = None, 0
        for found in recordings:
            if detailed is None or found.line_number != number:
                number = found.line_number
                is_here = number == line.number  # else it is of a stream of chunks that began before
                data = line.data if is_here else found.raw.encode("utf-8", "surrogateescape")
                detailed = DetailedLine(Line(number, data), file, self._fields)
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


def read_contents(block: Block, reader: LineReader, fields: Sequence[str] | None = None) -> Contents:
    """The answers of a block of lines; ``reader`` reads the lines that do not fit, and tells what is wrong."""
    contents = Contents(fields)
    decoded = None if reader.key is not None or reader.has_streams else _decoded(block)
    if decoded is None:
        for line in block.lines():
            contents.add_recordings(reader.read(line), line, reader.file)
        return contents
    raw: list[bytes] = []
    for place, sent in enumerate(decoded):
        is_added = not reader.has_streams and (_add_plain(contents, sent) or _add(contents, sent))
        if is_added and fields is None:
            continue
        raw = raw or block.data.split(b"\n")
        line = Line(block.first_number + place, raw[place].removesuffix(b"\r"))
        if is_added:
            contents.add_details(line, reader.file)
        else:
            contents.add_recordings(reader.read(line), line, reader.file)
    return contents


def rest_of(reader: LineReader, fields: Sequence[str] | None = None) -> Contents:
    """The answers of streams that had not ended when the file did."""
    contents = Contents(fields)
    contents.add_recordings(reader.close(), Line(0, b""), reader.file)
    return contents


# -- the fields of a line that an answer needs -----------------------------------------------------------------------


class _Detail(Struct, gc=False):
    text: str | None = None
    summary: str | None = None


class _Message(Struct, gc=False):
    content: Any = None
    refusal: Any = None
    tool_calls: Any = None
    function_call: Any = None
    reasoning_content: str | None = None
    reasoning: str | None = None
    reasoning_details: list[_Detail] | None = None


class _Choice(Struct, gc=False):
    message: _Message | None = None
    delta: Any = None
    finish_reason: str | None = None
    native_finish_reason: str | None = None
    error: Any = None
    logprobs: Raw = Raw(b"")


class _TokenDetails(Struct, gc=False):
    cached_tokens: int | None = None
    audio_tokens: int | None = None
    reasoning_tokens: int | None = None


class _Usage(Struct, gc=False):
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    total_tokens: int | None = None
    prompt_tokens_details: _TokenDetails | None = None
    completion_tokens_details: _TokenDetails | None = None
    cost: float | None = None


class _Body(Struct, gc=False):
    id: str | int | None = None
    object: str | None = None
    model: str | int | None = None
    created: int | None = None
    provider: str | int | None = None
    choices: list[_Choice] | None = None
    usage: _Usage | None = None
    error: Any = None
    message: Any = None


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
    results: Any = None
    ended: bool = True


#: Decodes lines of recordings, as far as an answer needs them.
LINES = msgspec.json.Decoder(_Line)
#: What the ``object`` of a body can be that is not an error, nor a piece of a stream.
_PLAIN = (None, "chat.completion")
_NO_ASSETS: tuple[RecordedAsset, ...] = ()


def _decoded(block: Block) -> list[_Line] | None:
    """The lines of a block, if all fit the fields; None if the block has to be read line by line."""
    if block.fault or not _is_regular(block.data):
        return None
    try:
        lines = LINES.decode_lines(block.data)
    except DECODE_ERRORS:
        return None
    return lines if len(lines) == block.data.count(b"\n") else None  # a line has several objects


def _is_regular(data: bytes) -> bool:
    """Whether each line begins and ends like an object, so that none is blank, and no object is on two lines."""
    for end in (b"\n", b"\r\n"):
        if data.startswith(b"{") and data.endswith(b"}" + end):
            return data.count(b"}" + end + b"{") == data.count(b"\n") - 1
    return False


def _add_plain(contents: Contents, line: _Line) -> bool:
    """Add the answer of a line that is a completion and nothing more, as most are; false for any other line."""
    choices = line.choices
    key = line.id
    if not choices or len(choices) > 1 or type(key) is not str:
        return False
    if line.text is not None or line.error is not None or line.response is not None or line.object not in _PLAIN:
        return False
    if line.custom_id is not None or line.key is not None or line.assets is not None or not line.ended:
        return False
    choice = choices[0]
    ending = _ending(choice)
    if ending is None:
        return False
    contents.keys.append(key)
    contents.texts.append(choice.message.content)  # type: ignore[union-attr]
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
    if (
        body is None
        or line.error is not None
        or body.error is not None
        or body.object not in _PLAIN
        or not body.choices
    ):
        return False
    key = first_key(line.custom_id, line.key, body.id, line.id)
    if key is None or (response is not None and (response.status_code or 0) >= FIRST_ERROR_STATUS):
        return False
    read = [(choice, ending) for choice in body.choices if (ending := _ending(choice)) is not None]
    if len(read) < len(body.choices):
        return False
    for choice, ending in read:
        contents.add(key, choice.message.content, line.assets or _NO_ASSETS, ending)  # type: ignore[union-attr]
    return True


def _add_text(contents: Contents, line: _Line, text: str) -> bool:
    key, ending = first_key(line.custom_id, line.key, line.id), _ENDINGS.get(line.finish_reason)
    if key is None or ending is None or line.error is not None or may_think(text):
        return False
    if line.choices is not None or line.response is not None or line.results is not None:
        return False
    contents.add(key, text, line.assets or _NO_ASSETS, ending)
    return True


#: The endings that a reason to finish tells alone; others need the rest of the message.
_ENDINGS = {None: Ending.UNSTATED, "stop": Ending.COMPLETE, "length": Ending.LENGTH}
_NO_LOGPROBS = (Raw(b""), Raw(b"null"))


def _ending(choice: _Choice) -> Ending | None:
    """How an answer ended; None if that, or what the answer is, has to be found out by the general way."""
    message = choice.message
    if choice.logprobs not in _NO_LOGPROBS:
        return None
    if message is None or type(message.content) is not str or choice.error is not None or choice.delta is not None:
        return None
    if message.refusal is not None or message.tool_calls is not None or message.function_call is not None:
        return None
    return None if may_think(message.content) else _ENDINGS.get(choice.finish_reason)
