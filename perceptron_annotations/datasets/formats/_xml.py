"""XML in and out by lxml: no entities, no network, no unbounded growth; what XML cannot hold is replaced."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from lxml import etree

from ...errors import FileError
from ._reading import Reading

#: Characters that XML 1.0 cannot hold, not even escaped.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def read_xml(source: Reading, path: Path, *, root: str) -> Any:
    """The root element of a file. Raises ``FileError`` if it is not XML, has a DTD, or has another root."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=False)
    data = source.data(path)
    try:
        found: Any = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise FileError(f"{path} is not valid XML: {error.msg}") from None
    if found.getroottree().docinfo.doctype:
        raise FileError(f"{path} has a document type declaration, which annotation files do not need: it is not read")
    if found.tag != root:
        raise FileError(f"{path} has the root <{found.tag}>, not <{root}>")
    return found


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
