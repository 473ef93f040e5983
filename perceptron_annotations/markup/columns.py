"""Many answers as flat buffers, before they become a table.

The compiled scanner writes them, and :mod:`.flatten` makes the same of documents. A buffer is anything that
``memoryview`` takes; the comment after a field gives the type of its items, as ``array`` names them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer


class Columns(NamedTuple):
    """R answers with N annotations, V coordinate pairs, C containers and I issues. -1 and NaN stand for none.

    The order of the fields is also that of the compiled scanner's.
    """

    # of each annotation
    response: ReadableBuffer  # q: the answer that it stands in
    kind: ReadableBuffer  # B: 0 point, 1 box, 2 polygon, 3 clip
    mention: ReadableBuffer  # i: number in ``mentions``
    t: ReadableBuffer  # d: of a clip, its start
    until: ReadableBuffer  # d
    asset_idx: ReadableBuffer  # i
    score: ReadableBuffer  # d
    track: ReadableBuffer  # i: counted from 0 in each answer
    collection: ReadableBuffer  # i: the innermost, likewise
    offsets: ReadableBuffer  # q: from 0; its pairs are from here to the next
    coords: ReadableBuffer  # d: x, y, x, y, …
    span: ReadableBuffer  # q: start, end, start, end, …
    # of each answer
    row_offsets: ReadableBuffer  # q: from 0; its annotations are from here to the next
    container_offsets: ReadableBuffer  # q
    issue_offsets: ReadableBuffer  # q
    status: ReadableBuffer  # B: place in ``Status``
    truncated: ReadableBuffer  # B
    # of each track and collection with a value, as they open; with what they take from those around them
    container_kind: ReadableBuffer  # B: 0 track, 1 collection
    container_mention: ReadableBuffer  # i
    container_t: ReadableBuffer  # d
    container_asset_idx: ReadableBuffer  # i
    container_collection: ReadableBuffer  # i: the collection around it
    container_complete: ReadableBuffer  # B
    container_span: ReadableBuffer  # q
    # of each issue
    issue_code: ReadableBuffer  # B: place in ``IssueCode``
    issue_span: ReadableBuffer  # q
    issue_recovered: ReadableBuffer  # B
    detail_offsets: ReadableBuffer  # q: from 0; its words are from here to the next
    detail_text: ReadableBuffer  # B: UTF-8, in which a lone surrogate is written like any other character

    #: Of all annotations and containers, each once, in order of first appearance: an answer's annotations, then its
    #: containers.
    mentions: list[str]
