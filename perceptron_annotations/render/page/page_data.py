"""What a page shows, as the values that its JSON holds; the scripts read them by the same names.

Coordinates are on the 0–1000 grid of their image, so that a page needs no size to draw them. Labels, models and issue
codes are places in the lists of the head. Fields that have their default are left out.
"""

from __future__ import annotations

from typing import TypeAlias

from msgspec import Struct

#: A part of a text: plain words, or words with what they are (see ``annotated_text.Role``), the places of the shapes
#: that they name, and the places of the issues that are about them.
Piece: TypeAlias = str | tuple[str, int, list[int], list[int]]
#: A point, a box, a polygon, a clip: the places in ``AnnotationKind``.
Coordinate: TypeAlias = int | float


class PageShape(Struct, omit_defaults=True, kw_only=True):
    """An annotation of an answer, or of the truth."""

    kind: int
    #: x and y in turn.
    at: list[Coordinate] = []
    label: int | None = None
    #: The place of its image among those of the card.
    asset: int = 0
    t: float | None = None
    until: float | None = None
    score: float | None = None
    #: Shapes of one track have one number.
    track: int | None = None
    #: The rings of a mask, and a box with its keypoints, have one number.
    object: int | None = None
    #: ``tp``, ``fp`` or ``fn``; None if it is not compared with anything.
    verdict: str | None = None
    #: The overlap with its match.
    iou: float | None = None


class PageIssue(Struct, omit_defaults=True, kw_only=True):
    """An issue of an answer; ``code`` is a place in the list of the head."""

    code: int
    detail: str = ""


class PageAnswer(Struct, omit_defaults=True, kw_only=True):
    """What one model said about the images of a card."""

    outcome: str
    model: int | None = None
    prompt: str | None = None
    #: The name of the file, without its folder, and the line in it.
    place: str | None = None
    #: How it ended, in words, if that was not as it should be.
    ending: str | None = None
    pieces: list[Piece] = []
    reasoning: str | None = None
    shapes: list[PageShape] = []
    issues: list[PageIssue] = []
    #: The places of the shapes of the truth that it does not match.
    missed: list[int] = []
    #: True and false positives, and false negatives, if there is a truth.
    counts: tuple[int, int, int] | None = None
    f1: float | None = None
    #: The least overlap of a match.
    iou: float | None = None


class PageAsset(Struct, omit_defaults=True, kw_only=True):
    """An image or a video of a card; ``image`` is its place among the images of the page."""

    name: str
    width: float | None = None
    height: float | None = None
    image: int | None = None
    video: bool = False


class PageCard(Struct, omit_defaults=True, kw_only=True):
    """One row of a page: images, what is true of them, and what each side said about them."""

    assets: list[PageAsset]
    #: One answer, or two if another model is compared; None for a side that did not answer.
    answers: list[PageAnswer | None]
    truth: list[PageShape] = []


class PagePick(Struct, kw_only=True):
    """The answers about some images, which a section links to with ``#view=answers&picked=`` and its number from 1."""

    title: str
    #: The names of the images, as the truth has them.
    images: list[str]


class PageIssueCode(Struct, kw_only=True):
    """A code of issues, and what it means."""

    code: str
    severity: str
    meaning: str


class PageHead(Struct, omit_defaults=True, kw_only=True):
    """What all cards of a page share."""

    title: str
    labels: list[str]
    #: The colour of each label, as CSS has it.
    colours: list[str]
    models: list[str]
    issues: list[PageIssueCode]
    #: What each side is called.
    sides: list[str]
    cards: int
    #: The overlap that a match needs; None without a truth.
    threshold: float | None = None
    #: The colours of ``tp``, ``fp`` and ``fn``, as in overlays.
    verdicts: dict[str, str] = {}
    #: How many files the cards are in, if they are not in the page.
    shards: int = 0
    #: What a reader must know, such as images that were not found.
    notes: list[str] = []
