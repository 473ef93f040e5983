"""XML in and out by lxml; what XML cannot hold is replaced.

A file is counted while it is parsed, so its limits are ours (:class:`~perceptron_annotations.limits.Limits`) and not
libxml2's, which refuses long texts that we write. libxml2 gets UTF-8, whatever the file is in, and only after its
beginning was looked at: a document type declaration, which alone brings entities and files from elsewhere, is refused.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

from lxml import etree

from ...errors import FileError
from ...limits import refuse_beyond
from ._reading import Reading

#: Characters that XML 1.0 cannot hold, not even escaped.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
#: What may come before the root: white space, the XML declaration, instructions and comments.
_PROLOG = re.compile(rb"(?:\s++|<\?.*?\?>|<!--.*?-->)*+", re.DOTALL)
_ROOT = re.compile(rb"<[A-Za-z_:\x80-\xff]")
#: Bytes that may come before the root, and that are parsed between two looks at the counts.
_PIECE = 2**16
_ENCODING = re.compile(rb"""\s*<\?xml\b[^>]{0,100}?\bencoding\s*=\s*["']([A-Za-z0-9_.-]{1,30})["']""")
#: Encodings in which annotation tools have written. Others could hide what they hold.
_ENCODINGS = re.compile(
    "utf-?(8|16(-?(le|be))?)|(us-)?ascii|iso-?8859-?[0-9]+|latin-?1|windows-?125[0-9]|cp125[0-9]"
    "|gbk|gb2312|gb18030|big5|shift_jis|euc-(jp|kr)",
    re.IGNORECASE,
)


def read_xml(source: Reading, path: Path, *, root: str) -> Any:
    """The root element of a file.

    Raises ``FileError`` if it is not XML, has a document type declaration or another root, or is beyond a limit.
    """
    parser = etree.XMLPullParser(
        ("start", "end"), encoding="utf-8", huge_tree=True, resolve_entities=False, no_network=True, load_dtd=False
    )
    try:
        with source.open(path) as file:
            counts = _Counts(path)
            for piece in _checked(file.limited_chunks("xml_bytes"), path):
                parser.feed(piece)
                counts.add(parser)
        found: Any = parser.close()
    except (etree.XMLSyntaxError, UnicodeError) as error:
        raise FileError(f"{path} is not valid XML: {getattr(error, 'msg', error)}") from None
    if found.tag != root:
        raise FileError(f"{path} has the root <{found.tag}>, not <{root}>")
    return found


class _Counts:
    """The elements of a file, and how deep they are in each other."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._elements = 0
        self._depth = 0

    def add(self, parser: Any) -> None:
        """Count what was parsed. Raises ``FileError`` beyond a limit."""
        depth, deepest, elements = self._depth, 0, self._elements
        for event, _ in parser.read_events():
            if event == "start":
                elements += 1
                depth += 1
                deepest = max(deepest, depth)
            else:
                depth -= 1
        self._depth, self._elements = depth, elements
        refuse_beyond("xml_elements", elements, self._path)
        refuse_beyond("xml_depth", deepest, self._path)


def _checked(chunks: Iterator[bytes], path: Path) -> Iterator[bytes]:
    """A file in small pieces of UTF-8. Raises ``FileError`` if it begins with anything but XML without a DTD."""
    encoded = _utf8(chunks, path)
    head = b""
    for piece in encoded:
        head += piece
        if len(head) >= _PIECE:
            break
    start = _PROLOG.match(head)
    at = start.end() if start else 0
    if head.startswith(b"<!DOCTYPE", at):
        raise FileError(f"{path} has a document type declaration, which annotation files do not need: it is not read")
    if not _ROOT.match(head, at):
        raise FileError(f"{path} is not valid XML: it does not begin with an element")
    for piece in chain([head], encoded):
        for place in range(0, len(piece), _PIECE):
            yield piece[place : place + _PIECE]


def _utf8(chunks: Iterator[bytes], path: Path) -> Iterator[bytes]:
    """The same in UTF-8, from the encoding that the file names."""
    head = next(chunks, b"")
    named = _ENCODING.match(head)
    is_utf16 = head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    name = "utf-16" if is_utf16 else named[1].decode("ascii") if named else "utf-8"
    if not _ENCODINGS.fullmatch(name):
        raise FileError(f"{path} is in the encoding {name}, which is not read: save it as UTF-8")
    if codecs.lookup(name).name == "utf-8":
        yield from chain([head], chunks)
        return
    decoder = codecs.getincrementaldecoder(name)()
    for chunk in chain([head], chunks):
        yield decoder.decode(chunk).encode("utf-8")
    yield decoder.decode(b"", final=True).encode("utf-8")


def element(parent: Any, tag: str, text: object = None, **attributes: object) -> Any:
    """A new element at the end of ``parent``."""
    made = etree.SubElement(parent, tag, {name: xml_text(value) for name, value in attributes.items()})
    if text is not None:
        made.text = xml_text(text)
    return made


def xml_text(value: object) -> str:
    """``value`` as text that XML can hold; characters that it cannot hold become U+FFFD."""
    return _NOT_XML.sub("\ufffd", str(value))


def is_xml_text(text: str) -> bool:
    """Whether ``text`` comes back as it is. A carriage return does not: it is read as a line feed."""
    return not _NOT_XML.search(text) and "\r" not in text


def to_bytes(root: Any) -> bytes:
    """The content of a file with this root, in UTF-8."""
    etree.indent(root)
    written: bytes = etree.tostring(root, xml_declaration=True, encoding="utf-8")
    return written + b"\n"


def child_text(parent: Any, path: str) -> str | None:
    """The text of a descendant, without white space around it; None if it is missing or empty."""
    found = parent.findtext(path)
    return found.strip() or None if found is not None else None


def child_number(parent: Any, path: str) -> float | None:
    """The number in a descendant; None if it is missing or not a number."""
    text = child_text(parent, path)
    try:
        return None if text is None else float(text)
    except ValueError:
        return None


def size_text(value: float) -> str:
    """A width or height; a whole number without a decimal point, since some tools read only those."""
    return str(int(value)) if float(value).is_integer() else repr(value)
