"""A question → the request as it is sent, and the names under which its answer is recorded."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct

from ..completions.completion import Completion
from ..completions.faults import FaultKind, ServiceFault
from ..completions.kept_request import canonical_json
from ..completions.request import Request, RequestPayload
from ..completions.sent_assets import RecordedAsset
from ..errors import UsageError
from .endpoint import Endpoint
from .question import Askable, PendingQuestion, Question


class Prepared(Struct, frozen=True, kw_only=True):
    """A request that is ready to be sent."""

    key: str
    payload: RequestPayload
    body: Mapping[str, Any]
    sha256: str
    #: Bytes of the body.
    size: int
    assets: Sequence[RecordedAsset | Mapping[str, Any]]


def prepared(askable: Askable, endpoint: Endpoint) -> Prepared:
    """The request of a question; images are read now. Raises what making it raises, and ``UsageError``."""
    question = askable.prepare() if isinstance(askable, PendingQuestion) else askable
    if isinstance(question, Request):
        question = Question(request=question)
    if not isinstance(question, Question):
        raise UsageError(f"what is asked is a Question, a PendingQuestion or a Request, not {type(question).__name__}")
    if question.request.stream:
        raise UsageError("answers are recorded whole: leave stream out of the request")
    payload = endpoint.payload(question.request, question.model)
    body = payload.body
    encoded = canonical_json(body)
    sha256 = hashlib.sha256(encoded).hexdigest()
    named = askable.key if isinstance(askable, PendingQuestion) else question.key
    key = sha256 if named is None else named
    return Prepared(
        key=key, payload=payload, body=body, sha256=sha256, size=len(encoded), assets=tuple(question.assets)
    )


def not_sent(error: Exception) -> Completion:
    """What is recorded of a question that could not be sent."""
    fields = {"message": str(error), "type": "not_sent"}
    fault = ServiceFault(kind=FaultKind.BAD_REQUEST, message=str(error), type="not_sent", raw=fields)
    return Completion(fault=fault, raw={"error": fields})
