"""A request → what a recording keeps of it: the fields listed here, and nothing else.

A list of what is left out would never be complete: keys and tokens go by many names, and tools, headers and metadata
may hold them anywhere. So this lists the parameters of Perceptron, OpenRouter, perceptron.cloud and OpenAI's API, with
the engines that serve it (vLLM, SGLang), as far as they say what was asked and how.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any, TypeAlias

import msgspec

#: The fields of an object that are kept, or of each object of a list.
_Fields: TypeAlias = Mapping[str, "_Fields"]

#: A text, a number or a list of them; an object in its place is emptied.
_PLAIN: _Fields = {}
#: Kept whatever it holds: a JSON Schema, whose names are those of the caller.
_WHOLE: _Fields = {"": {}}


def _plain(*names: str) -> dict[str, _Fields]:
    return dict.fromkeys(names, _PLAIN)


_URL = _plain("url", "detail")
_FILE = _plain("file_id")
_PART: _Fields = {
    **_plain("type", "text", "refusal"),
    "image_url": _URL,
    "video_url": _URL,
    "audio_url": _URL,
    "input_audio": _plain("data", "format"),
    "image_file_id": _FILE,
    "video_file_id": _FILE,
    "audio_file_id": _FILE,
    "video_frames": {"frames": {"image_url": _URL, **_plain("timestamp_ms")}},
}
_CALL: _Fields = {**_plain("id", "type", "index"), "function": _plain("name", "arguments")}
_REASONING = _plain("type", "id", "index", "format", "text", "summary", "data", "signature")
_MESSAGE: _Fields = {
    **_plain("role", "name", "tool_call_id", "reasoning", "reasoning_content", "refusal"),
    "content": _PART,
    "tool_calls": _CALL,
    "reasoning_details": _REASONING,
}
_VISION: _Fields = {
    **_plain("annotation_format", "enable_thinking", "enable_audio_in_video"),
    "internal_tools": _plain("focus"),
}
_TOOL: _Fields = {**_plain("type"), "function": {**_plain("name", "description", "strict"), "parameters": _WHOLE}}
_FORMAT: _Fields = {
    **_plain("type"),
    "json_schema": {**_plain("name", "description", "strict"), "schema": _WHOLE},
}
_ROUTING = _plain(
    *("order", "only", "ignore", "allow_fallbacks", "require_parameters", "data_collection", "quantizations", "sort")
)
_BODY: dict[str, _Fields] = {
    **_plain("model", "models", "temperature", "top_p", "top_k", "min_p", "n", "seed", "stop", "stream", "regex"),
    **_plain("frequency_penalty", "presence_penalty", "repetition_penalty", "max_completion_tokens", "max_tokens"),
    **_plain("reasoning_effort", "include_reasoning", "annotation_format", "logprobs", "top_logprobs"),
    **_plain("parallel_tool_calls", "skip_special_tokens", "guided_regex", "transforms", "route", "modalities"),
    "messages": _MESSAGE,
    "context": _MESSAGE,
    "prompts": {"content": _PART},
    "vision_config": _VISION,
    "tools": _TOOL,
    "tool_choice": {**_plain("type"), "function": _plain("name")},
    "response_format": _FORMAT,
    "reasoning": _plain("enabled", "effort", "exclude", "max_tokens", "summary"),
    "provider": _ROUTING,
    "stream_options": _plain("include_usage"),
    "guided_json": _WHOLE,
    "chat_template_kwargs": _VISION,
    "structured_outputs": {**_plain("regex", "choice"), "json": _WHOLE},
}
_HEADERS = ("accept", "content-type", "http-referer", "user-agent", "x-request-id", "x-title", "x-trace-id")


def kept_request(request: Mapping[str, Any]) -> dict[str, Any]:
    """What is kept of a request: a body, or the arguments of the ``openai`` client around one."""
    found: dict[str, Any] = _kept(request, _BODY)
    if isinstance(extra := request.get("extra_body"), Mapping):
        found["extra_body"] = _kept(extra, _BODY)
    for name in ("headers", "extra_headers"):
        if isinstance(headers := request.get(name), Mapping):
            found[name] = {each: value for each, value in headers.items() if str(each).lower() in _HEADERS}
    return found


def request_hash(request: Mapping[str, Any]) -> str:
    """The SHA-256 of a whole request, as JSON in ASCII with sorted names and no blanks, like ``json.dumps`` writes it.

    >>> from perceptron_annotations.completions.kept_request import request_hash
    >>> request_hash({"model": "isaac", "temperature": 0})[:16]
    'bc9c14a3328b1be7'
    """
    return hashlib.sha256(canonical_json(request)).hexdigest()


def canonical_json(request: Mapping[str, Any]) -> bytes:
    """What is hashed of a request."""
    return json.dumps(msgspec.to_builtins(request), sort_keys=True, separators=(",", ":")).encode("ascii")


def _kept(value: Any, fields: _Fields) -> Any:
    if fields is _WHOLE:
        return value
    if isinstance(value, Mapping):
        return {name: _kept(inner, fields[name]) for name, inner in value.items() if name in fields}
    if isinstance(value, list | tuple):
        return [_kept(inner, fields) for inner in value]
    return value
