"""How much is asked of a service at once, in a minute, again, and in all."""

from __future__ import annotations

from msgspec import Struct

from ..checked import Checked
from ..errors import UsageError


class AskLimits(Struct, metaclass=Checked, frozen=True, kw_only=True):
    """Limits of asking; what is None is not limited, but for ``requests_per_minute``.

    Raises ``UsageError`` for a limit that lets nothing through.

    >>> from perceptron_annotations.asking import AskLimits
    >>> AskLimits(concurrency=16).tries
    6
    """

    #: How many requests are on their way at the same time.
    concurrency: int = 8
    #: Requests in any 60 seconds; None is the documented limit of the endpoint, if there is one.
    requests_per_minute: int | None = None
    #: How often a question is sent at most, if the service is overloaded or cannot be reached.
    tries: int = 6
    #: Tokens of all answers together, those that were recorded before included; no more is asked after that.
    max_tokens_total: int | None = None
    #: Seconds for one try, from the connection to the last byte.
    timeout: float = 600.0
    #: Seconds of the first wait before another try: a random part of it, and twice as much after each try.
    first_wait: float = 1.0
    #: Seconds of the longest wait before another try, and of the longest ``Retry-After`` that is waited for.
    longest_wait: float = 120.0
    #: Seconds to wait for answers that are on their way when asking is stopped.
    drain: float = 60.0

    def check(self) -> None:
        """Raise ``UsageError`` for a limit that lets nothing through."""
        for name in ("concurrency", "requests_per_minute", "tries", "max_tokens_total"):
            value = getattr(self, name)
            if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < 1):
                raise UsageError(f"{name} must be a whole number from 1 on, not {value!r}")
        for name in ("timeout", "first_wait", "longest_wait", "drain"):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int | float) or not value >= 0:  # NaN is refused
                raise UsageError(f"{name} must be a number of seconds, not {value!r}")
