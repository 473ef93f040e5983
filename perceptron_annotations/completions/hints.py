"""The words that steer Isaac: one ``<hint>…</hint>`` at the start of the one system message."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

_HINT = re.compile(r"<hint>([^<]*)</hint>\n?", re.IGNORECASE)


def with_hint(
    words: Iterable[str], system: str | None, history: Sequence[Mapping[str, Any]]
) -> list[Mapping[str, Any]]:
    """The messages before the question, with ``words`` in the hint.

    Words that stand in hints already come first, and none comes twice. The system messages of ``history`` with text are
    joined to ``system``, so that the service sees one system message with one hint.
    """
    is_system = [message["role"] == "system" and isinstance(message.get("content"), str) for message in history]
    texts = [system or "", *(message["content"] for message, found in zip(history, is_system, strict=True) if found)]
    found = [word.upper() for text in texts for hint in _HINT.findall(text) for word in hint.split()]
    all_words = dict.fromkeys([*found, *words])
    hint = f"<hint>{' '.join(all_words)}</hint>" if all_words else ""
    parts = [hint, *(_HINT.sub("", text).strip("\n") for text in texts)]
    joined = "\n".join(part for part in parts if part)
    before: list[Mapping[str, Any]] = [{"role": "system", "content": joined}] if joined else []
    return before + [message for message, found in zip(history, is_system, strict=True) if not found]
