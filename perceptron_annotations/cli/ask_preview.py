"""``ask --dry-run``: the first request as it would be sent, how many there are, and how many bytes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from ..asking import AskLimits, Endpoint, Question
from ..asking.image_questions import QuestionMaker
from ..asking.prepared import Prepared, prepared
from ..asking.question_inputs import AskedRow, MediumPlace
from ..completions import Media, RecordedAsset
from ..completions.media import sniffed_type
from ..completions.redaction import redacted
from ..completions.request_options import checked_media
from ..errors import AnnotationsError, InputError
from ..visible_text import visible
from ..wording import counted
from .ask_summary import Failures
from .console import console


def print_preview(
    maker: QuestionMaker, endpoint: Endpoint, rows: Sequence[AskedRow], *, samples: int, limits: AskLimits
) -> None:
    """Print what would be sent; no key is read. Raises ``InputError`` if no request can be made."""
    question, first = _first(maker, endpoint, rows)
    out = console()
    out.print(visible(f"POST {endpoint.base_url}/chat/completions"))
    for name, value in endpoint.headers.items():
        out.print(visible(f"{name}: {value}"))
    out.print(f"Authorization: the key in {endpoint.key_env}" if endpoint.key_env else "without a key")
    body = json.dumps(redacted(first.body), indent=2, ensure_ascii=False)
    out.print(visible(body, keep="\n"), soft_wrap=True)
    for asset in question.assets:
        if isinstance(asset, RecordedAsset) and asset.sent_width is not None:
            sizes = f"{asset.width}x{asset.height} to {asset.sent_width}x{asset.sent_height}"
            out.print(visible(f"scaled down: {asset.file_name} from {sizes}"))
    media = sum(len(medium.url) for medium in checked_media(question.request.media) if isinstance(medium, Media))
    size = samples * sum(first.size - media + sum(map(_size_of, row.media)) for row in rows)
    about = "at most " if maker.changes.max_side is not None else ""
    out.print(f"{counted(samples * len(rows), 'request')}, {about}{size:,} bytes")
    rate = limits.requests_per_minute or endpoint.requests_per_minute
    if rate is not None and samples * len(rows) > rate:
        out.print(f"at {rate} requests a minute: {samples * len(rows) / rate:.1f} minutes at least")
    if endpoint.media_bytes is not None and size > endpoint.media_bytes:
        out.print(f"more than the {endpoint.media_bytes / 1e9:g} GB of media that the service documents for 48 hours")


def _first(maker: QuestionMaker, endpoint: Endpoint, rows: Sequence[AskedRow]) -> tuple[Question, Prepared]:
    """The first question that can be asked; what is wrong with those before it is told."""
    failures = Failures()
    for row in rows:
        try:
            question = maker.question(row)
            return question, prepared(question, endpoint)
        except (AnnotationsError, OSError) as error:
            failures.add(row.key, error)
    raise InputError(f"no request could be made: {failures.first}")


def _size_of(place: MediumPlace) -> int:
    """Bytes of a medium in a body, as it is on the disk; none for a file that is missing."""
    if place.is_address:
        return len(place.source)
    try:
        size = Path(place.source).stat().st_size
    except (OSError, ValueError):
        return 0
    return len(f"data:{sniffed_type(b'', place.source)};base64,") + (size + 2) // 3 * 4
