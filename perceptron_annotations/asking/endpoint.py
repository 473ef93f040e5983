"""Where questions go: the services with their addresses, keys and documented limits, and one's own servers."""

from __future__ import annotations

import os
from collections.abc import Mapping
from urllib.parse import urlsplit

from msgspec import Struct
from msgspec.structs import force_setattr

from ..checked import Checked
from ..completions.models import Service
from ..completions.request import Request, RequestPayload
from ..errors import UsageError
from ..words import closest


class _Facts(Struct, frozen=True, kw_only=True):
    """What is documented of a service."""

    base_url: str
    key_env: str
    model: str | None = None
    requests_per_minute: int | None = None
    media_bytes: int | None = None


_FACTS: Mapping[Service, _Facts] = {
    Service.PERCEPTRON: _Facts(
        base_url="https://api.perceptron.inc/v1",
        key_env="PERCEPTRON_API_KEY",
        model="perceptron-mk1.5",
        requests_per_minute=300,
        media_bytes=20_000_000_000,
    ),
    Service.OPENROUTER: _Facts(
        base_url="https://openrouter.ai/api/v1", key_env="OPENROUTER_API_KEY", model="perceptron/perceptron-mk1.5"
    ),
    # Its own page names PERCEPTRON_API_KEY, which is the key of another firm.
    Service.PERCEPTRON_CLOUD: _Facts(base_url="https://perceptron.cloud/api/v1", key_env="PERCEPTRON_CLOUD_API_KEY"),
}


#: What a service is called beside its own name.
_NAMES = {**{str(service): service for service in Service}, "perceptron-cloud": Service.PERCEPTRON_CLOUD}
#: Headers that hold a key, by any of whose names; ``key_env`` is the way to give one.
_KEY_HEADERS = ("authorization", "proxy-authorization", "api-key", "x-api-key", "cookie")


class Endpoint(Struct, metaclass=Checked, frozen=True, kw_only=True):
    """An address with OpenAI's API. A key goes to the host that it was named for and to no other.

    The key is read from the variable ``key_env`` when questions are asked, and is kept nowhere.

    >>> from perceptron_annotations.asking import Endpoint
    >>> Endpoint.of("perceptron").key_env
    'PERCEPTRON_API_KEY'
    >>> Endpoint.of("http://127.0.0.1:8000/v1", model="isaac").key_env is None
    True
    """

    base_url: str
    #: Whose form the requests have; None is that of OpenAI's API, without fields beyond it.
    service: Service | None = None
    #: The environment variable that holds the key; None sends no key.
    key_env: str | None = None
    #: The model that is asked, unless a question names its own.
    model: str | None = None
    #: Headers that the service documents, such as ``HTTP-Referer``; never keys.
    headers: Mapping[str, str] = {}
    #: The documented limit, if there is one.
    requests_per_minute: int | None = None
    #: The documented limit on bytes of media within 48 hours, if there is one; it is warned of.
    media_bytes: int | None = None

    @staticmethod
    def of(
        service: Service | str,
        *,
        model: str | None = None,
        key_env: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Endpoint:
        """The endpoint of a service by its name, or that of one's own server by its URL, up to and with ``/v1``.

        Raises ``UsageError`` for a name or a URL that cannot be asked.

        Args:
            service: ``perceptron``, ``openrouter``, ``perceptron-cloud``, or a URL.
            model: The model to ask; without it, the documented default of the service, if there is one.
            key_env: The variable that holds the key. Each service has its own; a server of one's own gets only the key
                that is named here.
            headers: Headers that the service documents, such as ``HTTP-Referer``; never keys.
        """
        addresses = {facts.base_url: service for service, facts in _FACTS.items()}
        named = addresses.get(str(service).rstrip("/")) or _NAMES.get(str(service).lower())
        if named is None:
            if "://" not in str(service):
                raise UsageError(
                    f"a service is one of {', '.join(_NAMES)}, or the URL of a server, not {str(service)!r}"
                    f"{closest(str(service), _NAMES)}"
                )
            return Endpoint(base_url=str(service), key_env=key_env, model=model, headers=headers or {})
        facts = _FACTS[named]
        return Endpoint(
            base_url=facts.base_url,
            service=named,
            key_env=key_env or facts.key_env,
            model=model or facts.model,
            headers=headers or {},
            requests_per_minute=facts.requests_per_minute,
            media_bytes=facts.media_bytes,
        )

    def check(self) -> None:
        """Raise ``UsageError`` for an address or a header that would give a key away."""
        url = urlsplit(self.base_url)
        if url.scheme not in ("https", "http") or not url.hostname:
            raise UsageError("the URL of a server begins with https:// or http://, then its host")
        if url.username or url.password or url.query or url.fragment:
            raise UsageError("the URL of a server has no user, password or query: name the variable of a key (key_env)")
        force_setattr(self, "base_url", self.base_url.rstrip("/"))
        force_setattr(self, "headers", dict(self.headers))
        for name in self.headers:
            if name.lower() in _KEY_HEADERS:
                raise UsageError(f"the header {name} holds a key: name the variable of the key instead (key_env)")
        for service, facts in _FACTS.items():
            if self.key_env == facts.key_env and self.origin != _origin(facts.base_url):
                raise UsageError(
                    f"{self.key_env} holds the key of {service}, which goes to no other host than "
                    f"{urlsplit(facts.base_url).hostname}: name another variable (key_env)"
                )

    def __repr__(self) -> str:
        return f"Endpoint(base_url={self.base_url!r}, service={self.service!r}, model={self.model!r})"

    @property
    def origin(self) -> tuple[str, str, int]:
        """The scheme, host and port that requests go to."""
        return _origin(self.base_url)

    def payload(self, request: Request, model: str | None = None) -> RequestPayload:
        """A request in the form of the service. Raises ``UsageError`` for what it does not take."""
        name = model or self.model
        if name is None:
            raise UsageError("name the model to ask (model): the server has no documented default")
        if self.service is Service.PERCEPTRON:
            return request.for_perceptron(name)
        return (
            request.for_openrouter(name) if self.service is Service.OPENROUTER else request.for_openai_compatible(name)
        )


class Key:
    """A key that no traceback, log or repr shows."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The key."""
        return self._text

    def __repr__(self) -> str:
        return "Key(…)"


def key_of(endpoint: Endpoint) -> Key | None:
    """The key of an endpoint, from its variable. Raises ``UsageError`` if the variable is not set."""
    if endpoint.key_env is None:
        return None
    key = Key(os.environ.get(endpoint.key_env, "").strip())
    if not key.reveal():
        host = urlsplit(endpoint.base_url).hostname
        raise UsageError(f"the key of {host} is read from {endpoint.key_env}: set it")
    return key


def _origin(url: str) -> tuple[str, str, int]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
