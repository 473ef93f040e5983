"""The text of an answer as people read it: elements are their names, and what has issues is as it was written, marked.

The nodes of a document tile its source. They and the bounds of the issues cut it into pieces, each of which is prose,
an element or a part of one that is marked.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from ...geometry import Clip, Collection, Track
from ...issues import Issue, Severity, Span
from ...markup.document import Document
from ...markup.nodes import Element, Node, Outside
from ..html_fragments import Html, tag, together
from ..scene import Colours
from .cards import folded, paragraph

#: So many characters are shown.
_LONGEST = 4000
#: So many names of one element: the others are counted.
_MOST_NAMES = 3
#: So many issues are named in one tooltip.
_MOST_NAMED = 5


def answer_text(document: Document, colours: Colours) -> Html:
    """The reasoning, folded, and the answer; an answer without a character is said to be that."""
    start, end = document.answer
    limit = min(end, start + _LONGEST)
    issues = [issue for issue in document.issues if issue.span.start < limit]
    outside = "".join(node.span.of(document.source) for node in document.nodes if isinstance(node, Outside))
    parts = [together(_node(document, node, issues, limit, colours)) for node in document.nodes if _start(node) < limit]
    if end > limit:
        parts.append(tag("span", f" … {end - limit:,} more characters", class_="faint"))
    shown = paragraph(*parts, kind="answer") if end > start else paragraph("the answer has no text", kind="faint")
    reasoning = folded("outside of the answer", paragraph(outside, kind="answer")) if outside.strip() else Html("")
    return tag("div", reasoning, shown)


def _start(node: Node) -> int:
    return node.span.start


def _node(document: Document, node: Node, issues: Sequence[Issue], limit: int, colours: Colours) -> Iterator[Html]:
    if isinstance(node, Outside):
        return
    here = [issue for issue in issues if _touches(issue.span, node.span)]
    if isinstance(node, Element) and node.value is not None and not here:
        yield _name(document, node, colours)
        return
    yield from _marked(document.source, node.span, here, limit)


def _touches(one: Span, other: Span) -> bool:
    return one.start < other.end and other.start < one.end


def _name(document: Document, element: Element, colours: Colours) -> Html:
    """What an element names, or its tag; its markup is the tooltip."""
    rows = [document.annotations[row] for row in element.rows]
    names = list(dict.fromkeys(each.mention for each in rows if each.mention is not None))
    said = ", ".join(names[:_MOST_NAMES]) or _kind(element)
    if len(rows) > 1:
        said += f" ×{len(rows)}"
    source = _excerpt(element.span.of(document.source))
    style = f"border-bottom-color:{colours(names[0] if names else None)}"
    return tag("span", said, class_="read", style=style, title=source)


def _kind(element: Element) -> str:
    value = element.value
    return type(value).__name__.lower() if isinstance(value, Track | Collection | Clip) else element.tag


def _excerpt(source: str) -> str:
    return source if len(source) <= _LONGEST // 10 else source[: _LONGEST // 10] + "…"


def _marked(source: str, span: Span, issues: Sequence[Issue], limit: int) -> Iterator[Html]:
    """A stretch of the source, cut where an issue begins or ends."""
    end = min(span.end, limit)
    edges = {each for issue in issues for each in issue.span if span.start < each < end}
    places = [span.start, *sorted(edges), end]
    for start, stop in pairwise(places):
        here = [issue for issue in issues if _touches(issue.span, Span(start, stop))]
        written = source[start:stop]
        yield tag("span", written, class_=_class(here), title=_title(here)) if here else together((written,))


def _class(issues: Sequence[Issue]) -> str:
    return "issue" if any(issue.severity is Severity.ERROR for issue in issues) else "issue warning"


def _title(issues: Sequence[Issue]) -> str:
    more = f"\n… {len(issues) - _MOST_NAMED} more" if len(issues) > _MOST_NAMED else ""
    return "\n".join(issue.message for issue in issues[:_MOST_NAMED]) + more
