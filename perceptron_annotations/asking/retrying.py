"""Which errors are worth another try, and how long to wait before it."""

from __future__ import annotations

import random

from ..completions.completion import Completion
from ..completions.faults import FaultKind, ServiceFault
from .ask_limits import AskLimits

#: What another try may mend.
_PASSING = (FaultKind.RATE_LIMIT, FaultKind.TIMEOUT, FaultKind.SERVER)
_CONFLICT = 409
#: What every other question would fail of as well.
_LASTING = (FaultKind.AUTHENTICATION, FaultKind.QUOTA, FaultKind.NOT_FOUND)


def fault_of(completion: Completion) -> ServiceFault | None:
    """The error of a completion, or of one of its answers."""
    return completion.fault or next((answer.fault for answer in completion.answers if answer.fault), None)


def is_passing(fault: ServiceFault) -> bool:
    """Whether another try may succeed."""
    return fault.kind in _PASSING or fault.status == _CONFLICT


def is_lasting(fault: ServiceFault, limits: AskLimits) -> bool:
    """Whether each other question would fail too: a wrong key, no credit, no such model, or a long pause."""
    return fault.kind in _LASTING or (fault.retry_after or 0.0) > limits.longest_wait


def is_general(fault: ServiceFault) -> bool:
    """Whether it says nothing of the question that it came for, so that others may fail of the same."""
    return fault.kind is not FaultKind.BAD_REQUEST


def wait_before(try_number: int, fault: ServiceFault, limits: AskLimits) -> float | None:
    """Seconds to wait before another try (numbered from 1); None if there is to be none.

    What the service names is waited for, and a random part of the first wait so that not all come back at the same
    moment; else a random part of a time that doubles ("full jitter": it spreads best, see "Exponential Backoff And
    Jitter" of the AWS Architecture Blog).
    """
    if try_number > limits.tries or not is_passing(fault):
        return None
    if fault.retry_after is not None:
        if fault.retry_after > limits.longest_wait:
            return None
        return fault.retry_after + random.uniform(0, limits.first_wait)  # noqa: S311 - no secret
    most = min(limits.first_wait * 2.0 ** (try_number - 2), limits.longest_wait)
    return random.uniform(0, most)  # noqa: S311 - no secret
