"""Lines of recorded completions → the contents of their answers, in bulk.

A block of lines is decoded in one call, into the fields of ``plain_lines``. A block that cannot be decoded so (it has
a bad line, or the user has chosen the key) is read line by line, as ``read_recordings`` does, with the same result.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..files import DECODE_ERRORS, Block, Line
from .answer_details import AnswerDetails, DetailedLine
from .ending import ENDING_CODES, Ending
from .logprobs import TokenLogprobs
from .plain_lines import LINES, PLAIN_OBJECTS, PlainLine, plain_answers, plain_ending, recordings_in
from .reasoning import may_think
from .recorded_lines import LineReader
from .recordings import Recording
from .sent_assets import RecordedAsset


class Contents:
    """The messages of some answers, with reasoning and special tokens, and what belongs to each.

    ``fields`` are the recorded fields that are wanted of each answer; without them no details are kept.
    """

    def __init__(self, fields: Sequence[str] | None = None) -> None:
        self.texts: list[str] = []
        self.keys: list[str] = []
        self.assets: list[tuple[RecordedAsset, ...]] = []
        #: The place of each of them among the choices of its line, and what the service said of it.
        self.choices: list[int] = []
        self.models: list[str | None] = []
        self.finish_reasons: list[str | None] = []
        #: The number of the line that each of them is in; none for texts that are not from a file.
        self.lines: list[int] = []
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

    def add(self, key: str, text: str, assets: tuple[RecordedAsset, ...], ending: Ending, *, choice: int = 0) -> None:
        """Append one."""
        if may_think(text) and "<think>" not in text and "</think>" not in text:
            self._strange.append(len(self.texts))
        self.texts.append(text)
        self.keys.append(key)
        self.choices.append(choice)
        self.assets.append(assets)
        self.endings.append(ENDING_CODES[ending])
        self.cuts.append(ending.truncates)

    def note(self, model: str | None, finish_reason: str | None) -> None:
        """Append what the service said of the answer that was appended."""
        self.models.append(model)
        self.finish_reasons.append(finish_reason)

    def add_recording(self, found: Recording) -> None:
        """Append the answer of a recording."""
        text = found.text if found.content is None else found.content
        if found.logprobs is not None:
            self.logprobs[len(self.texts)] = found.logprobs
        self.add(found.key, text, found.assets, found.ending, choice=found.choice)
        self.note(found.model, found.finish_reason)
        self.lines.append(found.line_number)

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
            known = {
                "key": found.key,
                "model": found.model,
                "finish_reason": found.finish_reason,
                "reasoning": found.reasoning,
            }
            self.details.append(detailed.of(found.choice, self.texts[-1], known))

    def add_details(self, line: Line, file: str) -> None:
        """Append the details of the answers of ``line``, the last that were added, all choices in order."""
        if self._fields is None:
            return
        detailed = DetailedLine(line, file, self._fields)
        for choice, at in enumerate(range(len(self.details), len(self.keys))):
            self.details.append(detailed.own(choice, self.texts[at], self.keys[at]))


def read_contents(block: Block, reader: LineReader, fields: Sequence[str] | None = None) -> Contents:
    """The answers of a block of lines; ``reader`` reads the lines that do not fit, and tells what is wrong."""
    contents = Contents(fields)
    decoded = None if reader.key is not None or reader.has_streams else _decoded(block)
    if decoded is None:
        for line in block.lines():
            contents.add_recordings(recordings_in(line, reader), line, reader.file)
        return contents
    raw: list[bytes] = []
    for place, sent in enumerate(decoded):
        is_added = not reader.has_streams and (_add_plain(contents, sent) or _add(contents, sent))
        if is_added:
            contents.lines += [block.first_number + place] * (len(contents.keys) - len(contents.lines))
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


# -- lines that fit ---------------------------------------------------------------------------------------------------

_NO_ASSETS: tuple[RecordedAsset, ...] = ()


def _decoded(block: Block) -> list[PlainLine] | None:
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


def _add_plain(contents: Contents, line: PlainLine) -> bool:
    """Add the answer of a line that is a completion and nothing more, as most are; false for any other line."""
    choices = line.choices
    key = line.id
    if not choices or len(choices) > 1 or type(key) is not str:
        return False
    if line.text is not None or line.error is not None or line.response is not None or line.object not in PLAIN_OBJECTS:
        return False
    if line.custom_id is not None or line.key is not None or line.assets is not None or not line.ended:
        return False
    choice = choices[0]
    ending = plain_ending(choice)
    if ending is None:
        return False
    contents.keys.append(key)
    contents.texts.append(choice.message.content)  # type: ignore[union-attr]
    contents.assets.append(_NO_ASSETS)
    contents.endings.append(ENDING_CODES[ending])
    contents.cuts.append(ending is Ending.LENGTH)
    contents.choices.append(0)
    contents.models.append(line.model if line.model is None else str(line.model))
    contents.finish_reasons.append(choice.finish_reason)
    return True


def _add(contents: Contents, line: PlainLine) -> bool:
    """Add the answers of a line; false if it has to be read by the general way."""
    found = plain_answers(line)
    if found is None:
        return False
    for place, (choice, ending) in enumerate(zip(found.choices, found.endings, strict=True)):
        text: str = choice.message.content  # type: ignore[union-attr]
        contents.add(found.key, text, found.assets, ending, choice=place)
        contents.note(found.model, choice.finish_reason)
    return True
