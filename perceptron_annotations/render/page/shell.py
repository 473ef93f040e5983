"""The frame of every page that is written: its head, its policy, its data and its sections, as one HTML text.

Nothing of a model or a file is ever markup here. Data are JSON in which no character can end a script or a comment;
the scripts make text nodes of it. The policy lets the browser run and apply only what is in the page by its hash, load
images from the page alone, and ask nobody for anything.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, Sequence
from hashlib import sha256
from html import escape
from importlib.resources import files
from typing import Any, NamedTuple

from ...files import encode_json

#: What could end a script or begin markup, and what JavaScript before 2019 takes for the end of a line.
_ESCAPES = {
    b"<": b"\\u003c",
    b">": b"\\u003e",
    b"&": b"\\u0026",
    "\u2028".encode(): b"\\u2028",
    "\u2029".encode(): b"\\u2029",
}


#: The files of the script, of which each uses what the ones before it declare.
_SCRIPTS = ("elements.js", "shapes.js", "filters.js", "grid.js", "answer.js", "lighting.js", "start.js")


class Section(NamedTuple):
    """A part of a page beside its answers, such as the metrics: ``html`` is markup of ours, with all data escaped.

    A link to ``#view=answers&label=cat`` shows the answers that have a label; see ``readHash`` in ``filters.js``.
    """

    name: str
    title: str
    html: str


def encode_data(value: Any) -> bytes:
    """A value as JSON that can stand in a script."""
    data = encode_json(value)
    for character, escaped in _ESCAPES.items():
        data = data.replace(character, escaped)
    return data


def page_html(
    title: str,
    *,
    sections: Sequence[Section] = (),
    data: Mapping[str, bytes],
    loads_files: bool = False,
) -> bytes:
    """A whole page.

    Args:
        title: Its title, as text.
        sections: What it shows beside the answers, in order.
        data: JSON from :func:`encode_data`, by the ids of the elements that hold it.
        loads_files: Whether it loads scripts and images from beside it, and not only from itself.
    """
    style, script = asset_text("page.css"), page_script()
    parts = {
        "policy": escape(_policy(style, script, loads_files=loads_files)),
        "title": escape(title),
        "style": style,
        "tabs": "".join(_tab(section.name, section.title) for section in sections),
        "sections": "".join(_section(section) for section in sections),
        "data": "".join(
            f'<script type="application/json" id="{name}">{text.decode()}</script>\n' for name, text in data.items()
        ),
        "script": script,
    }
    html = asset_text("page.html")
    pieces = []
    for part in html.split("<!--"):
        name, marker, rest = part.partition("-->")
        pieces.append(parts[name] + rest if marker and name in parts else part)
    return "".join(pieces).encode()


def page_script() -> str:
    """The script of a page: its files one after the other, in a scope of their own."""
    return f'(() => {{\n"use strict";\n{"".join(map(asset_text, _SCRIPTS))}}})();\n'


def asset_text(name: str) -> str:
    """A file of the folder ``browser``."""
    return files(__package__).joinpath("browser", name).read_text(encoding="utf-8")


def _policy(style: str, script: str, *, loads_files: bool) -> str:
    own = " 'self'" if loads_files else ""
    return (
        f"default-src 'none'; img-src data: blob:{own}; style-src {_hash(style)}; script-src {_hash(script)}{own}; "
        "base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def _tab(name: str, title: str) -> str:
    return f'<button type="button" role="tab" data-view="{escape(name)}">{escape(title)}</button>'


def _section(section: Section) -> str:
    name = escape(section.name)
    return (
        f'<section id="view-{name}" class="sheet" role="tabpanel" aria-label="{escape(section.title)}" hidden>'
        f"{section.html}</section>"
    )
