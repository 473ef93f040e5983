"""A request → what came of it as a ``Completion``, through a client of ``openai`` or one that looks like it.

Nothing that a service or the network does raises here: an error of either is the ``fault`` of the completion. A key is
known to this module alone. It is put on a request at the last moment, by a hook that sees each of them on its way out
and lets only the headers through that belong there, so neither a redirect nor a variable of the environment that the
client reads (``OPENAI_CUSTOM_HEADERS``) brings it, or another one, to a host that it was not named for. If a service
sends the key back, as some do with a wrong one, it is removed.
"""

from __future__ import annotations

import asyncio
import inspect
import sys
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import Executor
from typing import Any, Protocol
from urllib.parse import urlsplit

from ..completions.completion import Completion
from ..completions.faults import FaultKind, ServiceFault
from ..completions.request import RequestPayload
from ..errors import EnvelopeError, MissingExtraError, UsageError
from .endpoint import Endpoint, Key

#: What HTTP needs. Of all others, those of the client itself pass, and none that it found in the environment.
_PASSED_HEADERS = ("host", "accept", "accept-encoding", "connection", "content-type", "content-length", "user-agent")
_CLIENT_HEADERS = "x-stainless-"
_REDIRECTS = range(300, 400)
#: What a key is replaced by.
_REMOVED = "[key removed]"
#: Errors of the network, by the names that ``openai`` and ``httpx`` give them.
_TIMEOUTS = frozenset({"APITimeoutError", "TimeoutException"})
_BREAKS = frozenset({"APIConnectionError", "TransportError"})


class ChatClient(Protocol):
    """A client of ``openai``, or anything with ``chat.completions.create(**kwargs)``, which may be asynchronous.

    It returns what :meth:`~perceptron_annotations.Completion.decode` takes.

    >>> import openai
    >>> client: pa.asking.ChatClient = openai.AsyncOpenAI(api_key="mine", base_url="http://127.0.0.1:8000/v1")
    >>> asker = pa.asking.Asker(client, model="my-model")
    >>> asker.endpoint.base_url
    'http://127.0.0.1:8000/v1'
    """

    @property
    def chat(self) -> object:
        """What holds ``completions``."""


class Transport:
    """Sends requests, each once."""

    def __init__(self, client: Any, *, timeout: float, executor: Executor, key: Key | None = None) -> None:
        self._timeout = timeout
        self._executor = executor
        self._key = key or _key_of(client)
        openai = sys.modules.get("openai")
        self._is_raw = openai is not None and isinstance(client, openai.AsyncOpenAI | openai.OpenAI)
        if self._is_raw:
            client = client.with_options(max_retries=0)  # tries are counted and paced here
        completions = client.chat.completions
        self._create: Callable[..., Any] = (completions.with_raw_response if self._is_raw else completions).create

    async def send(self, payload: RequestPayload) -> Completion:
        """What came of a request, after ``timeout`` seconds at the latest."""
        try:
            async with asyncio.timeout(self._timeout):
                sent = await self._call(payload.kwargs)
        except TimeoutError:
            return failed(FaultKind.TIMEOUT, "timeout", f"no answer came within {self._timeout:g} seconds")
        except Exception as error:
            found = self._completion_of_error(error)
            if found is None:
                raise
            return found
        return self._completion(sent, payload.body)

    async def _call(self, kwargs: Mapping[str, Any]) -> Any:
        """What the client returns; a client that blocks is called in a thread."""
        if inspect.iscoroutinefunction(self._create):
            return await self._create(**kwargs)
        loop = asyncio.get_running_loop()
        sent = await loop.run_in_executor(self._executor, lambda: self._create(**kwargs))
        return await sent if isinstance(sent, Awaitable) else sent

    def _completion(self, sent: Any, body: Mapping[str, Any]) -> Completion:
        try:
            if not self._is_raw:
                return Completion.decode(sent, request=body)
            data = self._without_key(sent.content)
            return Completion.decode(data, status=sent.status_code, headers=sent.headers, request=body)
        except EnvelopeError as error:
            return failed(FaultKind.SERVER, "invalid_response", str(error))

    def _completion_of_error(self, error: Exception) -> Completion | None:
        """An error of the service or of the network as a completion; None for any other."""
        response = getattr(error, "response", None)
        status = getattr(response, "status_code", None)
        if response is not None and isinstance(status, int):
            if status in _REDIRECTS:
                return _redirected(response, status)
            return Completion.decode(self._without_key(response.content), status=status, headers=response.headers)
        names = {kind.__name__ for kind in type(error).__mro__}
        if names & _TIMEOUTS:
            return failed(FaultKind.TIMEOUT, "timeout", "no answer came in time")
        if names & _BREAKS or isinstance(error, OSError):
            cause = error.__cause__ or error
            why = f"{type(cause).__name__}: {cause}" if str(cause) else type(cause).__name__
            return failed(FaultKind.SERVER, "connection_error", f"the connection failed ({self._without_key(why)})")
        return None

    def _without_key(self, text: Any) -> Any:
        """A text or bytes without the key."""
        if self._key is None:
            return text
        if isinstance(text, str):
            return text.replace(self._key.reveal(), _REMOVED)
        return text.replace(self._key.reveal().encode(), _REMOVED.encode())

    def __repr__(self) -> str:
        return "Transport()"


def failed(kind: FaultKind, name: str, message: str) -> Completion:
    """A completion of an error that no service sent."""
    fields = {"message": message, "type": name}
    fault = ServiceFault(kind=kind, message=message, type=name, raw=fields)
    return Completion(fault=fault, raw={"error": fields})


def open_client(endpoint: Endpoint, key: Key | None, *, timeout: float) -> Any:
    """A client of ``openai`` for an endpoint. Raises ``MissingExtraError`` if ``openai`` is not installed."""
    try:
        import openai
    except ImportError:
        raise MissingExtraError.from_extra("ask", "asking a service needs openai") from None
    http_client = openai.DefaultAsyncHttpxClient(
        base_url=endpoint.base_url,
        follow_redirects=False,
        timeout=timeout,
        event_hooks={"request": [_hook(endpoint, key)]},
    )
    return openai.AsyncOpenAI(
        api_key="set-by-the-hook", base_url=endpoint.base_url, max_retries=0, timeout=timeout, http_client=http_client
    )


def _hook(endpoint: Endpoint, key: Key | None) -> Callable[[Any], Awaitable[None]]:
    """What makes a request ready just before it leaves: its headers, and the key for the host that it was named for."""

    async def finish(request: Any) -> None:
        if (request.url.scheme, request.url.host, request.url.port or endpoint.origin[2]) != endpoint.origin:
            raise UsageError(f"a request was about to go to {request.url.host}, which is not {endpoint.origin[1]}")
        for name in [*request.headers]:
            if name.lower() not in _PASSED_HEADERS and not name.lower().startswith(_CLIENT_HEADERS):
                del request.headers[name]
        request.headers.update(endpoint.headers)
        if key is not None:
            request.headers["Authorization"] = f"Bearer {key.reveal()}"

    return finish


def _redirected(response: Any, status: int) -> Completion:
    host = urlsplit(response.headers.get("location", "")).hostname or "another address"
    message = f"the service answered with status {status} and sends on to {host}, which is not followed: name its URL"
    return failed(FaultKind.NOT_FOUND, "redirect", message)


def _key_of(client: Any) -> Key | None:
    """The key of a client of the caller's own, to be kept out of what is recorded."""
    key = getattr(client, "api_key", None)
    return Key(key) if isinstance(key, str) and key else None
