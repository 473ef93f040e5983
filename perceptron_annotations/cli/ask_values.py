"""What the options of ``ask`` mean: who is asked, what is asked, and how the answer is constrained."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any, NamedTuple

from msgspec import Struct

from ..asking import Endpoint
from ..asking.question_inputs import Asking
from ..completions import MediaKind, Request, RequestWarning
from ..completions.models import Service
from ..errors import FileError, UsageError
from ..files import read_bytes, read_json
from ..geometry import AnnotationKind
from ..markup.constrain import constraint_regex, json_schema
from .ask_options import Constraint

#: The services whose requests say what to point with.
_POINTING = (Service.PERCEPTRON, Service.OPENROUTER)


class AnswerOptions(Struct, frozen=True, kw_only=True):
    """The fields of a request that are options."""

    system: str | None = None
    annotation_format: AnnotationKind | None = None
    thinking: bool | None = None
    reasoning_effort: str | None = None
    focus: bool | None = None
    temperature: float | None = None
    top_p: float | None = None
    max_completion_tokens: int | None = None


class ConstraintOptions(NamedTuple):
    """What an answer has to be like."""

    regex: str | None
    schema: str | None
    constrain: Constraint | None
    labels: Sequence[str] | None


def prompt_from(text: str | None, path: str | None) -> str | None:
    """``--prompt`` or ``--prompt-file``."""
    if path is None:
        return text
    if text is not None:
        raise UsageError("--prompt and --prompt-file both say what to ask: use one of them")
    try:
        return read_bytes(path).decode().strip()
    except UnicodeDecodeError:
        raise FileError(f"{path} is not UTF-8 text: save it as such") from None


def asking_from(
    prompt: str | None, kind: AnnotationKind | None, *, key: str | None, root: str | None, together: bool
) -> Asking:
    """What is asked about each input; clips are of videos."""
    kinds = (MediaKind.VIDEO,) if kind is AnnotationKind.CLIP else (MediaKind.IMAGE, MediaKind.VIDEO)
    return Asking(prompt=prompt, key=key, root=root, kinds=kinds, together=together)


def endpoint_from(
    service: str, *, url: str | None, model: str | None, key_env: str | None, headers: Sequence[str] | None
) -> Endpoint:
    """``--service``, ``--url``, ``--model``, ``--key-env`` and ``--header``."""
    named = _headers(headers or ())
    if url is None:
        return Endpoint.of(service, model=model, key_env=key_env, headers=named)
    form = Endpoint.of(service, model=model)
    if form.service is None:
        raise UsageError("--service and --url both name an address: --service says whose requests go to --url")
    return Endpoint(base_url=url, service=form.service, model=form.model, key_env=key_env, headers=named)


def _headers(given: Sequence[str]) -> dict[str, str]:
    parts = [text.partition(":") for text in given]
    for (name, colon, value), text in zip(parts, given, strict=True):
        if not (colon and name.strip() and value.strip() and text.isprintable()):
            raise UsageError(f"--header must be NAME:VALUE, such as 'X-Title: My study', not {text[:40]!r}")
    return {name.strip(): value.strip() for name, _, value in parts}


def request_from(answer: AnswerOptions, constraint: ConstraintOptions, endpoint: Endpoint) -> Request:
    """The request without its prompt and media, checked for the service that is asked."""
    fields: dict[str, Any] = {name: getattr(answer, name) for name in answer.__struct_fields__}
    kind = answer.annotation_format
    if kind is not None and endpoint.service not in _POINTING:
        if constraint.constrain is None:
            raise UsageError(
                "the requests of this service cannot say --annotation-format: say in the prompt what to point with; "
                "for a server that can, add --constrain regex; for one with Perceptron's models, --service perceptron "
                "--url URL"
            )
        del fields["annotation_format"]
    template = Request(prompt="", **fields, **_constraint(constraint, kind))
    endpoint.payload(template)
    warnings.simplefilter("once", RequestWarning)  # and not for every question
    return template


def _constraint(constraint: ConstraintOptions, kind: AnnotationKind | None) -> dict[str, Any]:
    """The fields of a request for what an answer has to be like."""
    regex, schema, constrain, labels = constraint
    if sum(each is not None for each in constraint[:3]) > 1:
        raise UsageError("--regex, --schema and --constrain each say what answers are like: use one of them")
    if constrain is None:
        if labels:
            raise UsageError("--label is for --constrain: add --constrain regex, or name labels in the prompt")
        read = None if schema is None else read_json(schema, dict, "JSON Schema")
        return {"regex": regex, "schema": read}
    if kind is None:
        raise UsageError("--constrain needs to know what to point with: add --annotation-format box, for example")
    if constrain is Constraint.REGEX:
        return {"regex": constraint_regex(kind, labels=labels)}
    return {"schema": json_schema(kind, labels=labels)}
