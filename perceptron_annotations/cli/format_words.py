"""What the verbs print and write, by the words that name it."""

from __future__ import annotations

from enum import StrEnum

from ..datasets.formats.choices import DatasetFormat
from ..errors import UsageError
from ..words import closest


class Format(StrEnum):
    """What ``parse`` prints."""

    TABLE = "table"
    JSON = "json"
    MARKUP = "markup"


class AnswerFormat(StrEnum):
    """The formats that keep whole answers; all others are those of datasets."""

    JSONL = "jsonl"
    PARQUET = "parquet"


#: What ``--to`` and ``--from`` take.
FORMAT_NAMES = (*DatasetFormat, *AnswerFormat)


def format_from(name: str) -> DatasetFormat | AnswerFormat:
    """The format called ``name``, in upper or lower case. Raises ``UsageError`` that names the nearest one."""
    formats: dict[str, DatasetFormat | AnswerFormat] = {each.value: each for each in FORMAT_NAMES}
    if name.lower() in formats:
        return formats[name.lower()]
    raise UsageError(f"there is no format {name!r}{closest(name, formats) or ': choose from ' + ', '.join(formats)}")


class CountFormat(StrEnum):
    """What ``count`` prints."""

    TABLE = "table"
    JSON = "json"


class EvaluateFormat(StrEnum):
    """What ``evaluate`` prints."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    MARKDOWN = "markdown"
