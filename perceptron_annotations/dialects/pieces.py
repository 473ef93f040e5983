"""What a surface finds in an answer: stretches that tile its text, each prose, syntax or an element.

The numbers of an element are as they are written; :mod:`.building` makes values of them.
"""

from __future__ import annotations

from typing import Literal, NamedTuple, TypeAlias

from msgspec import Struct

from ..geometry import AnnotationKind
from ..issues import IssueCode, Span


class Prose(Struct, frozen=True, gc=False):
    """Words for a person."""

    span: Span


class Syntax(Struct, frozen=True, gc=False):
    """What stands around and between the elements: brackets, commas, a fence, special tokens."""

    span: Span


class Item(Struct, frozen=True, gc=False, kw_only=True):
    """A point, box, polygon or clip as it is written."""

    kind: AnnotationKind
    #: In the order of the dialect: two of a point, four of a box, pairs of a polygon. Of a clip its start and, if it
    #: has one, its end, in seconds.
    numbers: tuple[float, ...]
    #: Whether names say which number is x, so that they are left, top, right and bottom whatever the dialect's order.
    named: bool = False
    label: str | None = None
    t: float | None = None
    asset_idx: int | None = None
    score: float | None = None
    #: What else is written of it, by name: an id, a mask.
    attributes: tuple[tuple[str, str], ...] = ()
    #: Its own place, if it is a member of a group and has one.
    span: Span | None = None


class Group(Struct, frozen=True, gc=False, kw_only=True):
    """Several items in one element: one object at several times, or several objects under one label."""

    tag: Literal["track", "collection"]
    members: tuple[Item | Group, ...]
    label: str | None = None
    attributes: tuple[tuple[str, str], ...] = ()


class Remark(NamedTuple):
    """Something wrong or odd about an element; an error leaves it unread, unless it was recovered."""

    code: IssueCode
    detail: str = ""
    recovered: bool = False


class Found(Struct, frozen=True, gc=False):
    """An element. Without ``content`` it could not be read, or says that there is nothing; ``remarks`` tell which."""

    span: Span
    content: Item | Group | None
    remarks: tuple[Remark, ...] = ()


#: What a reader of a surface gives.
Piece: TypeAlias = Prose | Syntax | Found
