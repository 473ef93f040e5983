"""What is told of an answer while it arrives: its prose, its annotations, its containers and what is wrong with it."""

from __future__ import annotations

from typing import TypeAlias

from msgspec import Struct

from ..geometry import Annotation
from ..issues import Issue, Span


class TextDelta(Struct, frozen=True, gc=False):
    """Prose that cannot be markup any more. All of them joined are ``Document.prose``."""

    text: str
    span: Span


class AnnotationFound(Struct, frozen=True, gc=False):
    """An annotation whose close tag has arrived; it comes once.

    ``id`` is its row in ``Document.annotations``. While ``container`` (the id of the innermost open one) is open the
    annotation is ``provisional``: the container's close event confirms or replaces it. None is ever withdrawn.
    """

    id: int
    annotation: Annotation
    span: Span
    provisional: bool = False
    container: int | None = None


class ContainerOpened(Struct, frozen=True, gc=False):
    """A track or collection was opened. ``span`` is that of its open tag."""

    id: int
    tag: str
    span: Span
    mention: str | None = None


class ContainerClosed(Struct, frozen=True, gc=False):
    """A track or collection was closed, or the answer ended (``complete`` is False).

    ``confirmed`` are the ids of its annotations that stay as they were; ``replaced`` those that a track gave the
    asset that its other waypoints share.
    """

    id: int
    tag: str
    span: Span
    complete: bool
    confirmed: tuple[int, ...] = ()
    replaced: tuple[AnnotationFound, ...] = ()


class IssueFound(Struct, frozen=True, gc=False):
    """Something wrong or odd, as soon as it is known. In strict mode too; ``close`` raises there."""

    issue: Issue


#: What ``StreamParser.feed`` tells.
Event: TypeAlias = TextDelta | AnnotationFound | ContainerOpened | ContainerClosed | IssueFound
