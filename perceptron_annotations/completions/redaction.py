"""JSON → the same JSON without media data and without credentials in URLs, each replaced by its length and hash.

A marker is ``removed;bytes=LENGTH;sha256=HEX``, of the text that it replaces, so the same image is known again. Media
are data URLs, in any case and anywhere in a text, and the fields that hold base64. Credentials are what stands before
the ``@`` of a URL, and the query of a URL that is signed or has a token in it. The rest of a text stays as it is.

A password or a code of a few characters could be guessed from its hash, by trying them all. So the marker of
credentials has a hash only if a secret in it is as long as a signature, and is ``removed;bytes=LENGTH`` otherwise.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Any

#: Fields whose text is base64, whatever holds them.
_BASE64_FIELDS = ("b64_json", "file_data")
#: Objects whose field ``data`` is base64.
_BASE64_HOLDERS = ("input_audio", "audio", "inline_data", "inlineData", "source")

#: A value that is a data URL as a whole; prose may begin with "Data:", but has no comma without a blank before it.
_DATA_URL = re.compile(r"\s*data:(?P<type>[\w.+-]+/[\w.+-]+)?(?:;[^,\s]*)?,", re.IGNORECASE)
#: A data URL inside of a text: its base64 may be broken into lines.
_DATA_URL_INSIDE = re.compile(
    r"data:(?P<type>[\w.+-]+/[\w.+-]+)?(?:;[\w.+-]+=[^;,\s]*)*;base64,(?:[\w+/%-]{60,}\s+)*[\w+/=%-]*", re.IGNORECASE
)
#: A URL in a text, after its scheme; inside of JSON in a string its slashes and ampersands may be escaped.
_URL = re.compile(r"(?<=[a-z0-9+.-])(?P<slashes>:(?:\\?/){2})(?P<rest>(?:[^\s\"<>`\\]++|\\/|\\u0026)+)", re.IGNORECASE)
_QUERY = re.compile(r"[?#]")
#: What stands between two parameters of a query, or of a fragment.
_SEPARATOR = re.compile(r"[?&;#]|\\u0026")
#: Names of parameters in the URLs of storage services, and of others that let in whoever has the URL.
_SECRET_NAME = re.compile(
    r"sig|token|key|cred|auth|secret|pass|pw|jwt|hmac|session|access|policy|otp|code|x-amz|x-goog|x-oss", re.IGNORECASE
)
#: A value that looks like a token whatever its name.
_TOKEN = re.compile(r"(?=.*[0-9])(?=.*[A-Za-z])[\w+/%=-]{32,}")
#: A host and its port; what has a colon and is none is a user and a part of a password that has a slash in it.
_HOST = re.compile(r"[^:\\]*(?::[0-9]*)?\\?|\[.*")


def redacted(value: Any, *, keep_media: bool = False) -> Any:
    """JSON without credentials in URLs, and without media data unless ``keep_media``.

    >>> from perceptron_annotations.completions.redaction import redacted
    >>> redacted({"url": "https://me:secret@example.org/a.jpg"})
    {'url': 'https://removed;bytes=9@example.org/a.jpg'}
    """
    return _redacted(value, "", keep_media)


def marker(text: str) -> str:
    """What stands in place of a text."""
    return f"{_length_marker(text)};sha256={hashlib.sha256(_bytes(text)).hexdigest()}"


def _length_marker(text: str) -> str:
    return f"removed;bytes={len(_bytes(text))}"


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _redacted(value: Any, holder: str, keep_media: bool) -> Any:
    if isinstance(value, Mapping):
        return {name: _field(name, inner, holder, keep_media) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_redacted(inner, holder, keep_media) for inner in value]
    if isinstance(value, bytes):  # a text that was not UTF-8
        value = value.decode("utf-8", "replace")
    return _text(value, keep_media) if isinstance(value, str) else value


def _field(name: Any, value: Any, holder: str, keep_media: bool) -> Any:
    is_base64 = name in _BASE64_FIELDS or (name == "data" and holder in _BASE64_HOLDERS)
    if is_base64 and isinstance(value, str) and not keep_media:
        return _data_marker(value)
    return _redacted(value, name, keep_media)


def _text(text: str, keep_media: bool) -> str:
    if not keep_media and "data:" in text.lower():
        if _DATA_URL.match(text):
            return _data_marker(text)
        text = _DATA_URL_INSIDE.sub(lambda found: _data_marker(found[0]), text)
    return _URL.sub(_without_credentials, text) if "/" in text else text


def _data_marker(text: str) -> str:
    """A marker that is still a data URL if the text is one, so that its type is known."""
    found = _DATA_URL.match(text)
    return marker(text) if found is None else f"data:{found['type'] or ''};{marker(text)},"


def _without_credentials(found: re.Match[str]) -> str:
    rest = found["rest"]
    end = rest.find("/")
    host = rest if end < 0 else rest[:end]
    at = host.rfind("@") if "@" in host or _HOST.fullmatch(host) else rest.rfind("@")
    user, rest = rest[: max(at, 0)], rest[max(at, 0) :]
    mark = _QUERY.search(rest)
    if mark is not None:
        rest = rest[: mark.end()] + _without_secrets(rest[mark.end() :])
    return f"{found['slashes']}{_length_marker(user) if at > 0 else user}{rest}"


def _without_secrets(query: str) -> str:
    """A marker of a query that lets somebody in; any other as it is."""
    parameters = [parameter.partition("=") for parameter in _SEPARATOR.split(query)]
    named = [value for name, equals, value in parameters if equals and _SECRET_NAME.search(name)]
    if any(map(_TOKEN.fullmatch, named)):
        return marker(query)
    is_secret = bool(named) or any(_TOKEN.fullmatch(value) for _, _, value in parameters)
    return _length_marker(query) if is_secret else query
