"""What goes wrong, as one tree: the caller's mistake apart from bad input.

::

    AnnotationsError
    ├── UsageError (also a ValueError): the call is wrong, and changing the call mends it
    │   ├── GeometryError     a value that no geometry can have (NaN, a negative asset_idx)
    │   ├── FrameError        coordinates of two frames mixed, or a size that is missing
    │   ├── UnwritableError   a value that the markup or a format has no form for
    │   ├── LossError         a file format does not hold all of a dataset, and that was forbidden (in losses)
    │   └── MissingExtraError an optional package that is not installed
    └── InputError: the input is wrong, whoever wrote it
        ├── MarkupError       the first error of an answer, in strict mode
        ├── FileError         a file that cannot be read or written, or is not what it should be
        ├── EnvelopeError     what a service sent is not a completion
        └── ServiceError      what a service sent is an error (in completions)

Malformed text of a model is neither, outside strict mode: it becomes an :class:`~perceptron_annotations.Issue`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .visible_text import PLACEHOLDER, visible

if TYPE_CHECKING:
    from .issues import Issue


class AnnotationsError(Exception):
    """The base of every error that this package raises on purpose."""


class UsageError(AnnotationsError, ValueError):
    """The call is wrong; the message says what to pass instead."""


class GeometryError(UsageError):
    """A coordinate, time, index or child that the geometry cannot have."""


class FrameError(UsageError):
    """Two frames were mixed, or a frame is not known."""


class UnwritableError(UsageError):
    """A value has no form in the language or format asked for; nothing was written."""


#: How an extra is installed, until there is a release on an index.
INSTALL_EXTRA = "pip install -e '.[{}]' in a clone of perceptron-annotations"


class MissingExtraError(UsageError, ImportError):
    """A feature needs a package that is not installed; the message names what to install."""

    @classmethod
    def from_extra(cls, extra: str, needs: str) -> MissingExtraError:
        """The error for one of our extras; ``needs`` says what needs what: ``"Arrow needs pyarrow"``."""
        return cls(f"{needs}: {INSTALL_EXTRA.format(extra)}")


class InputError(AnnotationsError):
    """The input is wrong; the message says where."""


class FileError(InputError):
    """A file cannot be read or written, or does not hold what was expected."""


class EnvelopeError(InputError):
    """What a service sent is not a completion: not JSON, not an object, or without an answer."""


class MarkupError(InputError):
    """The first error of an answer, raised in strict mode.

    ``.issue`` has the code, span and detail; ``.source`` the whole answer; ``.where`` names the recording, if it is
    from one; ``.response`` its place in a batch. The message shows the line with a caret under the place.
    """

    def __init__(self, issue: Issue, source: str, where: str = "", response: int | None = None) -> None:
        super().__init__(issue, source, where, response)
        self.issue = issue
        self.source = source
        self.where = where
        self.response = response

    def __str__(self) -> str:
        place = caret(self.source, self.issue.span.start, self.issue.span.end)
        return f"{self.where}{': ' if self.where else ''}{self.issue.message}\n{place}"


#: Columns of the source shown around the caret; an answer is often one line of many thousand characters.
CARET_WIDTH = 100


def caret(source: str, start: int, end: int) -> str:
    r"""The line of ``source`` that holds ``start``, numbered, with ``^~~~`` under ``start … end``.

    Control characters are shown as ``·``, so that the caret is under its character and no escape code reaches a
    terminal; a long line is cut around the place.

    >>> print(caret("two\nlines", 4, 7))
    2 | lines
        ^~~
    """
    line_start = max(source.rfind(mark, 0, start) for mark in "\n\r") + 1
    stops = [at for mark in "\n\r" if (at := source.find(mark, start)) >= 0]
    line_end = min(stops, default=len(source))
    left = max(line_start, start - CARET_WIDTH // 2)
    right = min(line_end, left + CARET_WIDTH)
    shown = visible(source[left:right], placeholder=PLACEHOLDER)
    number = source.count("\n", 0, start) + 1
    prefix = f"{number} | " + ("…" if left > line_start else "")
    suffix = "…" if right < line_end else ""
    marks = "^" + "~" * (max(start + 1, min(end, right)) - start - 1)
    return f"{prefix}{shown}{suffix}\n{' ' * (len(prefix) + start - left)}{marks}"
