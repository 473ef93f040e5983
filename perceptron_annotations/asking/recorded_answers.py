"""What a file of recordings holds already: the answers that need not be asked for again, and what they cost.

An answer belongs to a question if its key and the hash of the whole request are the same, so a changed prompt, model or
image is another question. An answer that a cap on its length cut off was asked and paid for, and counts; an error, or
an answer that broke off, does not.
"""

from __future__ import annotations

import hashlib
import re
import time
from collections import Counter
from pathlib import Path
from typing import Any

from ..completions.answer_files import AnswerForm, Layout, answer_file
from ..completions.completion import Completion
from ..completions.ending import Ending
from ..completions.sent import decode_object
from ..errors import AnnotationsError, FileError
from ..files import DECODE_ERRORS, open_input
from ..outputs import check_appendable

#: Endings of what is asked again.
_UNFINISHED = frozenset({Ending.ERROR, Ending.CUT})
#: Bytes of a digest of a key and a hash: two of a million questions are alike with a probability of 1e-26.
_DIGEST_BYTES = 16
#: What stands in a recording in place of media (see ``redaction``).
_MEDIA_BYTES = re.compile(rb"data:[^;,\"]*;removed;bytes=([0-9]{1,9});")
#: How a line begins that ``record`` writes, and how much of a file is looked at for it.
_BEGINNING = b'{"response":'
_SHOWN_BYTES = 64
#: Seconds of the documented limit on media.
MEDIA_SECONDS = 48 * 3600.0


def is_answered(completion: Completion) -> bool:
    """Whether a completion is the service's last word, whole or cut off by a cap."""
    return (
        completion.fault is None
        and bool(completion.answers)
        and not any(answer.ending in _UNFINISHED for answer in completion.answers)
    )


class RecordedAnswers:
    """The answers in a file, each to be taken once."""

    def __init__(self) -> None:
        self._answers: Counter[bytes] = Counter()
        self._keys: set[bytes] = set()
        #: When the requests of the last minutes were sent.
        self.times: list[float] = []
        #: Tokens of all answers, as far as the service stated them.
        self.total_tokens = 0
        #: Bytes of media, as they were sent, of the last 48 hours.
        self.sent_bytes = 0

    @staticmethod
    def read(path: str | Path, *, window: float) -> RecordedAnswers:
        """What a file holds; nothing if there is none.

        Raises ``FileError`` if it cannot be read, if no line can be added to it, or if it holds something else.
        """
        found = RecordedAnswers()
        now = time.time()
        if check_appendable(path):
            with open_input(path) as file:
                kind = answer_file(file)
                is_ours = kind.form is AnswerForm.RECORDINGS and kind.layout is Layout.LINES and kind.fault is None
                if not (is_ours and (kind.is_certain or _is_begun(file.head(_SHOWN_BYTES)))):
                    raise FileError(
                        f"{path} does not hold recordings, one on each line: name another file to record to"
                    )
                for line in file.lines():
                    if line.fault is None:
                        found._add(line.data, now, window)
        return found

    def take(self, key: str, sha256: str) -> bool:
        """Whether there is an answer for a question that was not taken yet; it is taken."""
        digest = _digest(key, sha256)
        if not self._answers[digest]:
            del self._answers[digest]
            return False
        self._answers[digest] -= 1
        return True

    def has_key(self, key: str) -> bool:
        """Whether there was an answer for a key, whatever the request."""
        return _digest(key, "") in self._keys

    def _add(self, data: bytes, now: float, window: float) -> None:
        try:
            line = decode_object(data)
            completion = Completion.decode(line.get("response") or {})
        except (*DECODE_ERRORS, AnnotationsError):
            return  # a torn line, or one of another kind: readers tell of it
        times = [time for time in _list(line.get("asked_at")) if isinstance(time, int | float)]
        self.times += [min(time, now) for time in times if now - time < window]
        if completion.usage is not None:
            self.total_tokens += completion.usage.total_tokens or 0
        if any(now - time < MEDIA_SECONDS for time in times):
            self.sent_bytes += sum(map(int, _MEDIA_BYTES.findall(data)))
        key, sha256 = line.get("key"), line.get("request_sha256")
        if isinstance(key, str) and isinstance(sha256, str) and line.get("ended", True) and is_answered(completion):
            self._answers[_digest(key, sha256)] += 1
            self._keys.add(_digest(key, ""))


def _is_begun(head: bytes) -> bool:
    """Whether a file is empty, or begins with a recording that a killed run has torn."""
    return head.startswith(_BEGINNING) or _BEGINNING.startswith(head.rstrip())


def _digest(key: str, sha256: str) -> bytes:
    name = f"{sha256}\n{key}".encode("utf-8", "surrogatepass")
    return hashlib.blake2b(name, digest_size=_DIGEST_BYTES).digest()


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
