"""A :class:`Document` ⇄ the fields that JSON holds of it.

What makes a document is its source, which part of it is the answer, the mode and the frames. The annotations, tracks,
collections and issues are there for readers in other languages: ours reads the source again and compares.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from ..errors import UsageError
from ..frames import AssetFrames, Frame
from ..geometry import Annotation, Collection, Track
from ..issues import Issue, Severity, Span
from ..plain_values import from_plain, json_schema_of, to_plain
from .document import Document, Mode, Status
from .parsing import parse_within

#: Why a form is not read.
CHANGED = "its annotations are not what its source says: parse the source again, or undo the edit"


class IssueForm(Struct, frozen=True):
    """The fields of an issue, with its severity."""

    code: str
    severity: Severity
    span: Span
    detail: str
    recovered: bool

    @staticmethod
    def of(issue: Issue) -> IssueForm:
        """The fields of an issue."""
        return IssueForm(issue.code.value, issue.severity, issue.span, issue.detail, issue.recovered)


class DocumentForm(Struct, frozen=True, kw_only=True):
    """The fields of a document."""

    source: str
    answer: Span
    mode: Mode
    truncated: bool
    frame: Frame | AssetFrames
    status: Status
    annotations: tuple[Annotation, ...]
    spans: tuple[Span, ...]
    tracks: tuple[Track, ...]
    collections: tuple[Collection, ...]
    issues: tuple[IssueForm, ...]
    read_in: Frame = Frame.GRID
    dialect: str = ""


def fields_of(document: Document) -> dict[str, Any]:
    """The fields of a document by name."""
    names = (name for name in DocumentForm.__struct_fields__ if name != "issues")
    return {name: getattr(document, name) for name in names} | {"issues": tuple(map(IssueForm.of, document.issues))}


def read_again(form: DocumentForm) -> Document:
    """The document of the source of a form, in the frame and dialect in which it was read."""
    if form.dialect:
        from .dialect_reading import read_within

        return read_within(
            form.source, form.answer, form.dialect, mode=form.mode, cut=form.truncated, frame=form.read_in
        )
    return parse_within(form.source, form.answer, mode=form.mode, cut=form.truncated, frame=form.read_in)


def document_of(form: DocumentForm, as_read: Document) -> Document | None:
    """The document of a form, if its annotations are those that its source gives; ``as_read`` is the source read."""
    document = as_read if form.frame == as_read.frame else as_read.to(form.frame)
    is_same = (document.annotations, document.spans) == (form.annotations, form.spans)
    return document if is_same else None


def document_to_dict(document: Document) -> dict[str, Any]:
    """The dict of a document, which ``json.dumps`` takes."""
    return to_plain(DocumentForm(**fields_of(document)))


def document_from_dict(fields: Mapping[str, Any]) -> Document:
    """The document of a dict. Raises ``UsageError`` if it is not one, or its annotations were changed."""
    form = from_plain(DocumentForm, fields)
    document = document_of(form, read_again(form))
    if document is None:
        raise UsageError(CHANGED)
    return document


def document_schema() -> dict[str, Any]:
    """The JSON schema (2020-12) of what :meth:`Document.to_dict` gives.

    >>> sorted(pa.markup.document_schema()["required"])[:4]
    ['annotations', 'answer', 'collections', 'frame']
    """
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **json_schema_of(DocumentForm)}
