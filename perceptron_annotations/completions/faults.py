"""Errors of services: their bodies, in all the forms in which they are sent → one :class:`ServiceFault`."""

from __future__ import annotations

import time
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

import msgspec
from msgspec import Struct

from ..files import DECODE_ERRORS


class FaultKind(StrEnum):
    """The kind of an error, which says what to do next."""

    AUTHENTICATION = "authentication"
    """The key is missing or wrong."""
    PERMISSION = "permission"
    """The key may not do this."""
    NOT_FOUND = "not_found"
    """No such model or path."""
    QUOTA = "quota"
    """No credit is left: waiting does not help."""
    RATE_LIMIT = "rate_limit"
    """Too many requests: wait ``retry_after`` seconds."""
    TIMEOUT = "timeout"
    """It took too long: try again."""
    BAD_REQUEST = "bad_request"
    """The request is wrong, or too large."""
    SERVER = "server"
    """The service failed: try again."""


_BY_STATUS = {
    401: FaultKind.AUTHENTICATION,
    402: FaultKind.QUOTA,
    403: FaultKind.PERMISSION,
    404: FaultKind.NOT_FOUND,
    408: FaultKind.TIMEOUT,
    429: FaultKind.RATE_LIMIT,
}
_BY_WORD = {
    "insufficient_quota": FaultKind.QUOTA,
    "rate_limit_error": FaultKind.RATE_LIMIT,
    "rate_limit_exceeded": FaultKind.RATE_LIMIT,
    "invalid_request_error": FaultKind.BAD_REQUEST,
    "authentication_error": FaultKind.AUTHENTICATION,
    "permission_error": FaultKind.PERMISSION,
    "not_found_error": FaultKind.NOT_FOUND,
}
_CLIENT_ERRORS = range(400, 500)


class ServiceFault(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An error as a service sent it. ``message`` is one line; ``raw`` is the whole error."""

    kind: FaultKind
    message: str
    type: str | None = None
    code: str | None = None
    param: str | None = None
    #: The status of HTTP, or the number that a body has for it.
    status: int | None = None
    #: Who serves the model behind the service, if it is named.
    provider: str | None = None
    #: Seconds.
    retry_after: float | None = None
    raw: Any = None

    def __hash__(self) -> int:  # ``raw`` may be a dict
        return hash((self.kind, self.message, self.type, self.code, self.status))

    def __str__(self) -> str:
        what = self.code or self.type or (str(self.status) if self.status is not None else "")
        return f"{self.message} ({what})" if what else self.message


def read_fault(error: Any, *, status: int | None = None, retry_after: float | None = None) -> ServiceFault:
    """The fault of an ``error`` value: an object, the text or JSON text of one, a list, a number, or None."""
    inner = _innermost(error)
    fields = inner if isinstance(inner, dict) else {}
    code = fields.get("code")
    if status is None:
        status = _status(code) or _status(fields.get("status"))
    words = [word for word in (fields.get("type"), code) if isinstance(word, str)]
    metadata = fields.get("metadata")
    provider = fields.get("provider") or (metadata.get("provider_name") if isinstance(metadata, dict) else None)
    return ServiceFault(
        kind=_kind(words, status),
        message=error_message(error),
        type=text_of(fields.get("type")),
        code=text_of(code),
        param=text_of(fields.get("param")),
        status=status,
        provider=text_of(provider),
        retry_after=retry_after,
        raw=error,
    )


def waiting_time(headers: Mapping[str, str]) -> float | None:
    """The seconds to wait that the headers of HTTP name, as a number or as a date; None if they name none."""
    named = {name.lower(): value for name, value in headers.items()}
    try:
        if "retry-after-ms" in named:
            return max(float(named["retry-after-ms"]) / 1000, 0.0)
        return max(float(named["retry-after"]), 0.0) if "retry-after" in named else None
    except ValueError:
        return _seconds_until(named.get("retry-after", ""), named.get("date", ""))


def _seconds_until(date: str, now: str) -> float | None:
    """The seconds from one date of HTTP to another, or from this moment if ``now`` is not a date."""
    from email.utils import parsedate_to_datetime  # it imports a dozen modules

    try:
        until = parsedate_to_datetime(date).timestamp()
    except (ValueError, OverflowError):
        return None
    try:
        start = parsedate_to_datetime(now).timestamp()
    except (ValueError, OverflowError):
        start = time.time()
    return max(until - start, 0.0)


#: How many errors are unwrapped from one another.
_DEPTH = 8
#: Where the message of an error is: OpenAI and most others, FastAPI, its list of wrong fields, and GraphQL.
_MESSAGES = ("message", "detail", "msg", "errors")


def error_message(error: Any, depth: int = _DEPTH) -> str:
    """The message of an error in one line; some services wrap the JSON of another error in it."""
    inner = _innermost(error)
    if isinstance(inner, dict) and depth:
        found = next((inner[name] for name in _MESSAGES if inner.get(name) is not None), "")
        return error_message(found, depth - 1)
    if isinstance(inner, list) and inner and depth:
        return "; ".join([error_message(each, depth - 1) for each in inner])
    return " ".join(str(inner).split()) if inner not in (None, "", []) else "without a message"


def _innermost(error: Any, depth: int = _DEPTH) -> Any:
    """The error inside ``{"error": …}``, and inside JSON text."""
    if isinstance(error, str) and error.lstrip()[:1] in ("{", "["):
        try:
            decoded = msgspec.json.decode(error)
        except DECODE_ERRORS:
            return error
        return _innermost(decoded, depth - 1) if depth else error
    if isinstance(error, dict) and depth:
        wrapped = error.get("error")
        if wrapped is not None and wrapped is not True:
            return _innermost(wrapped, depth - 1)
        message = error.get("message")
        if isinstance(message, str) and message.lstrip()[:1] == "{":
            inner = _innermost(message, depth - 1)
            if isinstance(inner, dict):
                return inner
    return error


def _kind(words: list[str], status: int | None) -> FaultKind:
    for word in words:
        if word in _BY_WORD:
            return _BY_WORD[word]
    if status in _BY_STATUS:
        return _BY_STATUS[status]
    return FaultKind.BAD_REQUEST if status in _CLIENT_ERRORS else FaultKind.SERVER


def _status(code: Any) -> int | None:
    """A status of HTTP that a service sends as a code, as a number or as text."""
    if isinstance(code, str) and code.isascii() and code.isdigit():
        code = int(code[:4])
    return code if type(code) is int and 100 <= code <= 599 else None  # noqa: PLR2004


def text_of(value: Any) -> str | None:
    """A text, or an integer as text; None for anything else."""
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else None
