"""How a file begins → what it is, if it is of a kind that holds neither answers nor JSON."""

from __future__ import annotations

import re

from .files import Fault
from .problems import ProblemCode

#: How files of other kinds begin: what they are, and what to do.
_MAGIC: tuple[tuple[re.Pattern[bytes], str], ...] = (
    (re.compile(rb"PK(?:\x03\x04|\x05\x06)"), "a ZIP archive: unpack it and name the files in it"),
    (re.compile(rb".{257}ustar", re.DOTALL), "a TAR archive: unpack it and name the files in it"),
    (re.compile(rb"7z\xbc\xaf|Rar!\x1a"), "an archive: unpack it and name the files in it"),
    (re.compile(rb"BZh\d|\xfd7zXZ|\x28\xb5\x2f\xfd|\x04\x22\x4d\x18"), "compressed: decompress it, or use gzip"),
    (
        re.compile(rb"\x89PNG|\xff\xd8\xff|GIF8[79]a|RIFF....WEBP|II\*\x00|MM\x00\*|BM....\x00\x00\x00\x00", re.DOTALL),
        "an image: name the file of the answers about it",
    ),
    (
        re.compile(rb"....ftyp|RIFF....AVI |\x1a\x45\xdf\xa3", re.DOTALL),
        "a video: name the file of the answers about it",
    ),
    (re.compile(rb"%PDF-"), "a PDF: name a file of recorded answers"),
    (re.compile(rb"\x7fELF|MZ.{30}.*\x00", re.DOTALL), "a program: name a file of recorded answers"),
    (re.compile(rb"SQLite format 3\x00"), "a database: export what you need as JSON Lines"),
    (re.compile(rb"ARROW1\x00\x00"), "an Arrow file: save it as Parquet"),
    (
        re.compile(rb"(?:<\?xml[^>]*>|<!--.*?-->|\s)*<(?:!doctype\s+html|html)\b", re.DOTALL | re.IGNORECASE),
        "an HTML page, perhaps the error of a server: fetch the file again",
    ),
    (re.compile(rb"HTTP/\d(?:\.\d)? \d{3}"), "an HTTP response with its headers: save the body alone"),
)
_PARQUET = b"PAR1"
_UTF16 = re.compile(rb"\xff\xfe|\xfe\xff|\x00[\x20-\x7e]\x00[\x20-\x7e]|[\x20-\x7e]\x00[\x20-\x7e]\x00")
#: A line that may be JSON, after whatever a broken disk or a rotated log left before it.
_OBJECT_LINE = re.compile(rb"(?:^|\x00)\{[^\x00\n]*\}[ \t\r]*$", re.MULTILINE)
#: How JSON and server-sent events begin, and what a file that only grew is full of.
_BEGINNING = re.compile(rb"\s*(?:[\[{]|(?:data|event|id|retry)?:)|\x00*\Z")
#: Characters that no text has.
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
#: Bytes of a file that are looked at for them.
_LOOKED_AT = 4096


def is_parquet(head: bytes) -> bool:
    """Whether a file begins as Parquet does."""
    return head.startswith(_PARQUET)


def foreign_kind(head: bytes) -> Fault | None:
    """What a file is that holds no text in UTF-8, or a page of HTML; None for any other text.

    Bytes that no text has may stand before or among good lines, so such a file is binary only if it begins otherwise
    than answers do, and no line of ``head`` is JSON.
    """
    for magic, said in _MAGIC:
        if magic.match(head):
            return Fault(ProblemCode.FOREIGN_FILE, f"it is {said}")
    if _OBJECT_LINE.search(head):
        return None
    if _UTF16.match(head):
        return Fault(ProblemCode.WRONG_ENCODING, "the file is UTF-16: save it as UTF-8")
    if _CONTROL.search(head[:_LOOKED_AT]) and not _BEGINNING.match(head):
        return Fault(ProblemCode.FOREIGN_FILE, "it is binary data: name a file of recorded answers")
    return None
