"""Bodies of completions cut into the streams that services would send of them."""

import json
import random

DONE = b"data: [DONE]\n\n"
#: What is sent with every chunk.
HEAD = ("id", "created", "model", "provider")


def chunks(body, *, size=7, usage_apart=False):
    """The chunks of a body: text in pieces of ``size``, the choices in turn, usage at the end."""
    head = {name: body[name] for name in HEAD if name in body} | {"object": "chat.completion.chunk"}
    rest = {name: value for name, value in body.items() if name not in (*HEAD, "object", "choices", "usage")}
    streams = [list(_deltas(choice, size)) for choice in body["choices"]]
    found = []
    for turn in range(max(map(len, streams), default=0)):
        for choice, stream in zip(body["choices"], streams, strict=True):
            if turn < len(stream):
                found.append(head | {"choices": [{"index": choice["index"], **stream[turn]}]})
    usage = {"usage": body["usage"]} if body.get("usage") is not None else {}
    if usage and not usage_apart and found:
        found[-1] |= usage
    elif usage:
        found.append(head | {"choices": [], **usage})
    if found:
        found[0] |= rest
    return found


def _deltas(choice, size):
    message = choice.get("message", {})
    yield {"delta": {"role": message.get("role", "assistant"), "content": ""}, "finish_reason": None}
    for name in ("reasoning_content", "reasoning", "content", "refusal"):
        text = message.get(name) or ""
        for at in range(0, len(text), size):
            yield {"delta": {name: text[at : at + size]}}
    for detail in message.get("reasoning_details") or ():
        yield {"delta": {"reasoning_details": [detail]}}
    for index, call in enumerate(message.get("tool_calls") or ()):
        first = {**call, "index": index, "function": {"name": call["function"]["name"], "arguments": ""}}
        yield {"delta": {"tool_calls": [first]}}
        arguments = call["function"]["arguments"]
        for at in range(0, len(arguments), size):
            yield {"delta": {"tool_calls": [{"index": index, "function": {"arguments": arguments[at : at + size]}}]}}
    ends = {name: value for name, value in choice.items() if name not in ("index", "message")}
    yield {"delta": {}, **ends}


def sse(events, *, end=b"\n", comments=False, done=True):
    """Events as bytes."""
    found = bytearray()
    for event in events:
        if comments:
            found += b": OPENROUTER PROCESSING" + end + end
        found += b"data: " + json.dumps(event, ensure_ascii=False).encode() + end + end
    return bytes(found + DONE if done else found)


def pieces(data, seed):
    """``data`` cut at random."""
    rng = random.Random(seed)
    places = sorted(rng.sample(range(len(data) + 1), min(len(data), rng.randint(0, 40))))
    return [data[start:stop] for start, stop in zip([0, *places], [*places, len(data)], strict=True)]
