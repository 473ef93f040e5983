"""The layout of a table in Arrow and Parquet: its columns, their types, and the version of all of it.

A row is a response, so a batch of texts and the batch of their annotations have the same rows, and nothing of a table
is lost. Annotations, containers and issues are lists of structs. What is missing is null.

=============  =====================================================================================================
column         type
=============  =====================================================================================================
key            string, null if none was given
frame          dictionary of ``grid``, ``unit``, ``pixels``; the same in all rows
status         dictionary of ``empty``, ``ok``, ``partial``, ``unreadable``
truncated      bool
ending         dictionary of ``complete``, ``unstated``, ``length``, …: how each answer ended
sizes          list of ``[width, height]`` of the assets, NaN if not known
annotations    list of structs: kind (dictionary), mention (dictionary), t, until, asset_idx, track, collection, score,
               mean_logprob, min_logprob, vertices (list of ``[x, y]``), span (``[start, end]``)
containers     list of structs: kind, mention, t, asset_idx, collection, complete, span
issues         list of structs: code (dictionary), recovered, detail, span
=============  =====================================================================================================

The schema's metadata hold ``perceptron_annotations.version`` (of this layout) and ``perceptron_annotations.frame``.
Engines drop metadata, so the frame is a column too.

Tables of recorded answers have more columns, after these; tables of texts do not have them:

=============  =====================================================================================================
column         type
=============  =====================================================================================================
assets         list of structs: file_name, width, height, sent_width, sent_height, as they were recorded
text           string: the whole message, in which the spans count
choice         int32: its place among the choices of its line
model          string
finish_reason  string
line           int64: the number of its line in the file of the recordings, from 1
=============  =====================================================================================================

Version 2 added ``frame``, ``ending``, ``annotations.mean_logprob`` and ``annotations.min_logprob``; version 3 added the
columns of recorded answers; version 4 added ``line`` and the sizes
that were sent. Data of older versions are read without them.
"""

from __future__ import annotations

from typing import Any

from ..completions.ending import Ending
from ..errors import MissingExtraError
from ..frames import FrameKind
from ..geometry import AnnotationKind
from ..issues import IssueCode
from ..markup.document import Status

try:
    import pyarrow
except ImportError:
    raise MissingExtraError.from_extra("arrow", "Arrow needs pyarrow") from None

#: The modules about Arrow take it from here, so that each of them says what to install.
pa = pyarrow

#: The version of the layout that is written.
VERSION = 4
#: The versions that are read.
KNOWN_VERSIONS = ("1", "2", "3", "4")
VERSION_KEY = b"perceptron_annotations.version"
FRAME_KEY = b"perceptron_annotations.frame"

WORDS = pa.dictionary(pa.int8(), pa.string())
MENTION = pa.dictionary(pa.int32(), pa.string())
PAIR = pa.list_(pa.field("item", pa.float64(), nullable=False), 2)
SPAN = pa.list_(pa.field("item", pa.int64(), nullable=False), 2)
ANNOTATION = pa.struct(
    {
        "kind": WORDS,
        "mention": MENTION,
        "t": pa.float64(),
        "until": pa.float64(),
        "asset_idx": pa.int32(),
        "track": pa.int32(),
        "collection": pa.int32(),
        "score": pa.float64(),
        "mean_logprob": pa.float64(),
        "min_logprob": pa.float64(),
        "vertices": pa.large_list(PAIR),
        "span": SPAN,
    }
)
CONTAINER = pa.struct(
    {
        "kind": WORDS,
        "mention": MENTION,
        "t": pa.float64(),
        "asset_idx": pa.int32(),
        "collection": pa.int32(),
        "complete": pa.bool_(),
        "span": SPAN,
    }
)
ISSUE = pa.struct({"code": WORDS, "recovered": pa.bool_(), "detail": pa.string(), "span": SPAN})
#: The columns of a table, without its metadata.
SCHEMA = pa.schema(
    {
        "key": pa.string(),
        "frame": WORDS,
        "status": WORDS,
        "truncated": pa.bool_(),
        "ending": WORDS,
        "sizes": pa.large_list(PAIR),
        "annotations": pa.large_list(ANNOTATION),
        "containers": pa.large_list(CONTAINER),
        "issues": pa.large_list(ISSUE),
    }
)
ASSET = pa.struct(
    {"file_name": pa.string()} | dict.fromkeys(("width", "height", "sent_width", "sent_height"), pa.float64())
)
#: The further columns of recorded answers.
RECORDED = pa.schema(
    {
        "assets": pa.large_list(ASSET),
        "text": pa.large_string(),
        "choice": pa.int32(),
        "model": pa.string(),
        "finish_reason": pa.string(),
        "line": pa.int64(),
        "dialect": pa.string(),
    }
)
#: Columns and fields that data may lack: they are not in every version, or not in every table.
OPTIONAL = frozenset({"key", "frame", "ending", "sizes", "mean_logprob", "min_logprob", "sent_width", "sent_height"})

#: The words that stand for the numbers of columns, each at the place that is its number.
KINDS = [str(kind) for kind in AnnotationKind]
CONTAINER_KINDS = ["track", "collection"]
STATUSES = [status.value for status in Status]
ENDINGS = [ending.value for ending in Ending]
CODES = [code.value for code in IssueCode]
FRAMES = [frame.value for frame in FrameKind]


def field_names(kind: Any) -> list[str]:
    """The names of the fields of a struct."""
    return [field.name for field in kind]
