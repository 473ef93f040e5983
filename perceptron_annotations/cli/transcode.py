"""``transcode``: recorded answers to recordings in another dialect."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from msgspec import Struct

from ..completions.recording_files import read_recordings
from ..completions.recordings import Recording
from ..completions.sent_assets import RecordedAsset, sent_size
from ..datasets.image_sizes import ImageSize
from ..datasets.known_sizes import Sizes, size_lookup
from ..dialects.known_dialects import dialect_named
from ..files import encode_json
from ..frames import Size
from ..losses import LossCounter
from ..markup.document import Document, Mode
from ..markup.parsing import parse
from ..markup.transcoding import OWN_MARKUP, transcode
from ..outputs import write_whole
from ..visible_text import visible
from ..wording import counted
from .console import print_losses, report_console
from .exit_status import is_sound
from .inputs import Reading, open_inputs


class TranscodedLine(Struct, frozen=True, omit_defaults=True):
    """A recording as it is written."""

    key: str
    text: str
    dialect: str
    model: str | None = None
    finish_reason: str | None = None
    assets: tuple[RecordedAsset, ...] = ()


def write_transcoded(
    inputs: Sequence[str],
    output: str,
    *,
    source: str,
    target: str,
    mode: Mode,
    key: str | None,
    sizes: Sizes | None,
    rejects: str | None,
) -> bool:
    """Write ``output`` and print what was lost; whether all answers could be read whole."""
    for name in (source, target):
        if name != OWN_MARKUP:
            dialect_named(name)  # before a line is read
    size_of = size_lookup(sizes)
    losses, moved = LossCounter(), 0.0
    with open_inputs(inputs, key=key, rejects=rejects) as reading, write_whole(output) as stream:
        for recording in recordings_of(reading):
            size = image_size_of(recording, size_of)
            document = _document(recording, source, mode, size)
            reading.unsound += not is_sound(document, recording.ending)
            made = transcode(document, target, image_size=size)
            moved = max(moved, made.moved)
            for loss in made.losses:
                losses.add(loss.code, f"{recording.key}: {loss.example}".rstrip(": "), loss.count)
            stream.write(encode_json(_line(recording, made.text, target)) + b"\n")
        reading.finish()
    out = report_console(output)
    out.print(visible(f"{output}: {counted(reading.answers, 'answer')} in {target}"))
    if moved:
        out.print(f"coordinates moved by at most {moved:.3g} of a thousandth of the image's side")
    print_losses(out, "lost", losses.losses)
    reading.problems.print(out)
    return reading.is_sound


def recordings_of(reading: Reading) -> Iterator[Recording]:
    """All recordings of the inputs, counted as answers."""
    for found, watch in reading.found():
        for recording in read_recordings(found.source, key=reading.key, on_problem=reading.note, progress=watch):
            reading.answers += 1
            yield recording


def image_size_of(recording: Recording, size_of: Callable[[str], ImageSize | None]) -> Size | None:
    """The size of the last image of a recording as it was sent, or that of the image by its name."""
    asset = recording.assets[-1] if recording.assets else RecordedAsset()
    width, height = sent_size(asset)
    if width is not None and height is not None:
        return width, height
    known = size_of(asset.file_name or recording.key)
    return None if known is None else (known.width, known.height)


def _document(recording: Recording, source: str, mode: Mode, size: Size | None) -> Document:
    if source == OWN_MARKUP:
        return recording.document(mode=mode)
    return parse(recording.text, mode=mode, finish_reason=recording.finish_reason, dialect=source, image_size=size)


def _line(recording: Recording, text: str, target: str) -> TranscodedLine:
    return TranscodedLine(recording.key, text, target, recording.model, recording.finish_reason, recording.assets)
