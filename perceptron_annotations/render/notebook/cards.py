"""What all cards share: their frame, their style, and their parts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ..html_fragments import Html, tag

#: Colours come from the notebook: text has that of the cell, and grounds are the same colour, faint. So a card can be
#: read in any theme. A viewer that takes styles away shows the same words.
_STYLE = """
.pa-card{color:inherit;font-size:13px;line-height:1.45;max-width:72em}
.pa-card p,.pa-card ul{margin:.35em 0}
.pa-card ul{padding-left:1.4em}
.pa-card .badge{border:1px solid currentColor;border-radius:3px;padding:0 .4em;font-weight:600;letter-spacing:.03em}
.pa-card .unreadable,.pa-card .fault{border-width:2px;border-style:double}
.pa-card .partial{border-style:dashed}
.pa-card .faint{opacity:.75}
.pa-card .answer{white-space:pre-wrap;overflow-wrap:anywhere;max-height:22em;overflow-y:auto}
.pa-card .read{border-bottom:3px solid;padding:0 .1em}
.pa-card .issue{text-decoration:underline wavy;text-decoration-color:#d55e00;text-underline-offset:3px}
.pa-card .warning{text-decoration-style:dotted}
.pa-card code{background:none;color:inherit;font-size:12px}
.pa-card table{border-collapse:collapse;margin:.5em 0;font-size:12px}
.pa-card caption{text-align:left;font-weight:600}
.pa-card.pa-card table :is(th,td){padding:.15em .6em;text-align:left;border-bottom:1px solid rgba(128,128,128,.35)}
.pa-card.pa-card table :is(th,td).number{text-align:right;font-variant-numeric:tabular-nums}
.pa-card .side{display:flex;flex-wrap:wrap;gap:1em;align-items:flex-start}
.pa-card summary{cursor:pointer}
.pa-card svg{height:auto}
"""


def card(*parts: str) -> Html:
    """The whole card; empty parts are left out."""
    return tag("div", tag("style", Html(_STYLE)), *(part for part in parts if part), class_="pa-card")


def paragraph(*parts: str, kind: str | None = None) -> Html:
    """A paragraph."""
    return tag("p", *parts, class_=kind)


def badge(word: str, kind: str) -> Html:
    """An outcome in capitals; its frame differs by ``kind``, besides the word."""
    return tag("span", word.upper(), class_=f"badge {kind}")


def folded(heading: str, *parts: str) -> Html:
    """What is opened by a click."""
    return tag("details", tag("summary", heading), *parts)


def bullets(items: Iterable[str], more: str = "") -> Html:
    """A list, with ``more`` as its last line; nothing if there are no items."""
    lines = [*items, *([more] if more else [])]
    return tag("ul", *(tag("li", line) for line in lines)) if lines else Html("")


def counts_in_words(counts: Mapping[str, int]) -> str:
    """``2 ok, 1 empty``; those that are 0 are left out."""
    return ", ".join(f"{count:,} {name}" for name, count in counts.items() if count)
