"""A document as a card: its outcome in words, its shapes, its answer with names for elements, and its issues."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from ...geometry import Value
from ...issues import CATALOG, Issue, Severity
from ...markup.document import Document, Status
from ...wording import counted
from ..html_fragments import Html, tag, together
from ..scene import Colours, panels_of, values_of_document
from ..svg import inline_svg
from .answer_text import answer_text
from .cards import badge, bullets, card, paragraph

#: What each outcome means.
MEANINGS = {
    Status.EMPTY: "no annotation, and nothing that looks like one",
    Status.OK: "everything was read",
    Status.PARTIAL: "something was read and something was lost",
    Status.UNREADABLE: "there was something to read, and all of it was lost",
}
#: So many issues are listed one by one.
_MOST_ISSUES = 10


def value_card(value: Value) -> str:
    """A shape, clip, track or collection."""
    panels = panels_of([value])
    return card(tag("div", inline_svg(panels, Colours.of(panels)), class_="side"))


def document_card(document: Document) -> str:
    """A document."""
    return card(document_parts(document))


def document_parts(document: Document) -> Html:
    """What the card of a document consists of, for cards that hold documents."""
    panels = panels_of(values_of_document(document))
    colours = Colours.of(panels)
    shown = tag("div", inline_svg(panels, colours), answer_text(document, colours), class_="side")
    return together((_outcome(document), shown, _issues(document.issues)))


def _outcome(document: Document) -> Html:
    status = document.status
    kinds = (
        ("points", document.points),
        ("boxes", document.boxes),
        ("polygons", document.polygons),
        ("clips", document.clips),
        ("tracks", document.tracks),
        ("collections", document.collections),
    )
    found = ", ".join(f"{len(values)} {_singular(name, len(values))}" for name, values in kinds if values)
    cut = "; the answer was cut off" if document.truncated else ""
    return paragraph(badge(status.value, status.value), f" {MEANINGS[status]}{': ' if found else ''}{found}{cut}")


def _singular(plural: str, number: int) -> str:
    return plural if number != 1 else {"boxes": "box"}.get(plural, plural.removesuffix("s"))


def _issues(issues: Sequence[Issue]) -> Html:
    rest = Counter(issue.code.value for issue in issues[_MOST_ISSUES:])
    by_code = ", ".join(f"{count} {code}" for code, count in rest.most_common())
    more = f"and {counted(rest.total(), 'more issue')}: {by_code}" if rest else ""
    return bullets(map(_issue, issues[:_MOST_ISSUES]), more)


def _issue(issue: Issue) -> Html:
    kind = "warning" if issue.severity is Severity.WARNING else "error"
    saved = ", but the element was read all the same" if issue.recovered else ""
    place = f" at {issue.span.start}–{issue.span.end}"
    meaning = f"{kind}{place}: {CATALOG[issue.code].summary}{saved}"
    quoted = (": ", tag("code", issue.detail)) if issue.detail else ()
    return together((tag("code", issue.code.value), ", ", meaning, *quoted))
