"""Lists of images that a section links to: the page shows the answers about one list when its link is followed."""

from __future__ import annotations

from collections.abc import Iterable

from ..html_fragments import Html, tag
from ..page.page_data import PagePick


class Picks:
    """The lists of a page, each with what it is called."""

    def __init__(self) -> None:
        self.all: list[PagePick] = []

    def link(self, text: str, title: str, images: Iterable[str]) -> Html:
        """A link to the answers about some images; ``title`` says which these are."""
        named = list(dict.fromkeys(images))
        self.all.append(PagePick(title=title, images=named))
        address = f"#view=answers&picked={len(self.all)}"
        return tag("a", text, href=address, title=f"{title}: show the answers")
