"""What is around an answer: the body of a completion, its choices, their messages, and the pieces of a stream.

Bodies that came at once, streams and recorded lines are all read by the rules that are written here:

- what a choice says is its ``message``, or its ``delta``, or its ``text`` (as ``/v1/completions`` sends it); a choice
  that has none of them is not an empty answer, but cannot be read;
- the content of a message is a text, or parts whose texts are joined;
- its reasoning is ``reasoning_content``, else ``reasoning``, else the joined text of ``reasoning_details``; never
  their sum;
- the choices of a body are counted by their position; multilook has some for each prompt, in ``results``;
- an error in a choice takes the place of the answer only if the choice has no content;
- a recorded line is a body, or has it in ``response``, or in the ``body`` of its response (OpenAI Batch);
- the key of a recorded line is its ``custom_id``, else its ``key``, else the ``id`` of the body, else its own ``id``;
- any other field of a wrong type is told and left out: it never costs the answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from msgspec import Struct

from ..files import encode_json
from ..problems import Problem, ProblemCode
from .sent import Sent, type_of


def joined(texts: Iterable[str | None]) -> str:
    """The texts of parts as one."""
    return "".join([text or "" for text in texts])


def first_reasoning(content: str | None, reasoning: str | None, details: Sequence[str | None]) -> str | None:
    """``reasoning_content``, else ``reasoning``, else the text of ``reasoning_details``; None if there is none."""
    return content or reasoning or (joined(details) if details else "") or None


def first_key(*names: str | int | None) -> str | None:
    """The first of the names that a recorded line may go by."""
    for name in names:
        if name is not None:
            return str(name)
    return None


def body_in(response: Any) -> Any:
    """The body in the ``response`` of a recorded line: OpenAI Batch has it in ``body``, others have it itself."""
    return response["body"] if isinstance(response, dict) and "body" in response else response


# -- bodies ----------------------------------------------------------------------------------------------------------


class FunctionCall(Struct, frozen=True, gc=False):
    """The function that a tool call names; ``arguments`` is JSON text, which may be invalid: a model wrote it."""

    name: str | None = None
    arguments: str | None = None


class ToolCall(Struct, frozen=True, gc=False):
    """A call of a tool that the model asks for."""

    id: str | None = None
    type: str | None = None
    function: FunctionCall = FunctionCall()


class Choice(Struct, frozen=True, kw_only=True):
    """One answer of a completion, as far as it could be read."""

    content: str = ""
    reasoning: str | None = None
    reasoning_details: tuple[Any, ...] = ()
    finish_reason: str | None = None
    native_finish_reason: str | None = None
    tool_calls: tuple[ToolCall, ...] = ()
    refusal: str | None = None
    error: Any = None


class PlacedChoice(Struct, frozen=True):
    """A choice of a body that is not read yet, and the prompt that it answers (multilook)."""

    choice: Any
    #: Where it is, for people.
    place: str
    #: Counted by position: documented samples have wrong numbers.
    index: int = 0
    prompt_index: int | None = None
    #: The error of its prompt.
    error: Any = None


def error_in(body: Mapping[str, Any]) -> Any:
    """The error that a body or an event of a stream holds, in any of the forms of the services; None if it has none."""
    if error := body.get("error"):
        return error
    if body.get("object") == "error":
        return {**body, "message": body.get("message") or "without a message"}
    if body.get("choices") or body.get("results"):
        return None
    return body.get("detail") or body.get("errors") or None


def placed_choices(body: Mapping[str, Any], problems: list[Problem]) -> list[PlacedChoice]:
    """The choices of a body, or those of all prompts of a multilook body."""
    choices, results = body.get("choices"), body.get("results")
    if choices is not None and not isinstance(choices, list):
        problems.append(_lost("", f"choices is not an array, but {type_of(choices)}"))
    if isinstance(choices, list) and (choices or not isinstance(results, list)):
        return [PlacedChoice(choice, f"choice {row}", row) for row, choice in enumerate(choices)]
    placed: list[PlacedChoice] = []
    for row, result in enumerate(results if isinstance(results, list) else ()):
        fields = result if isinstance(result, dict) else {}
        prompt = fields["prompt_index"] if type(fields.get("prompt_index")) is int else row
        completions = fields.get("completions")
        if fields.get("error") is not None or not isinstance(completions, list):
            placed.append(PlacedChoice({}, f"result {row}", 0, prompt, fields.get("error", "no completions")))
        else:
            placed += [
                PlacedChoice(each, f"result {row}, completion {at}", at, prompt) for at, each in enumerate(completions)
            ]
    return placed


def _lost(place: str, message: str, code: ProblemCode = ProblemCode.INVALID_COMPLETION) -> Problem:
    return Problem(code=code, message=message, place=place)


def read_choice(placed: PlacedChoice, problems: list[Problem]) -> Choice | None:
    """A choice of a body; None if its answer cannot be read, which is added to ``problems``."""
    sent, place = placed.choice, placed.place
    if not isinstance(sent, dict):
        problems.append(_lost(place, f"it is not an object, but {type_of(sent)}"))
        return None
    fields = Sent(sent, problems, place)
    error = placed.error or sent.get("error") or None
    found = said_in(sent)
    if found is None and error is None:
        problems.append(_lost(place, _unsaid(sent)))
        return None
    message = fields.within(found[0], found[1]) if found else fields.within("message", {})
    content = _content(message)
    if content is None:
        return None
    if strange := strange_text(message.fields):
        if not _is_said(message.fields) and error is None:
            problems.append(_lost(place, f"the message has no content, but a text in {strange}"))
            return None
        message.tell(strange, "known", message.fields[strange])
    details = message.objects("reasoning_details")
    calls = message.objects("tool_calls") or [call for call in [_function_call(message)] if call is not None]
    return Choice(
        content=content,
        reasoning=_reasoning(message, details),
        reasoning_details=tuple([detail.fields for detail in details]),
        finish_reason=fields.text("finish_reason"),
        native_finish_reason=fields.text("native_finish_reason"),
        tool_calls=tuple([_tool_call(call) for call in calls]),
        refusal=message.text("refusal"),
        error=error,
    )


def said_in(choice: Mapping[str, Any]) -> tuple[str, dict[str, Any]] | None:
    """What a choice says: the name of the field that holds it, and the message; None if there is none."""
    found = [(name, choice[name]) for name in ("message", "delta") if isinstance(choice.get(name), dict)]
    text = choice.get("text")
    if text is not None:
        found.append(("text", {**(found[0][1] if found else {}), "content": text}))
    return max(found, key=lambda each: _says(each[1].get("content")), default=None)


def _says(content: Any) -> int:
    """How much a content says: something, an empty text, or nothing."""
    return 2 if content else int(content is not None)


def _unsaid(choice: Mapping[str, Any]) -> str:
    """Why a choice says nothing."""
    for name in ("message", "delta"):
        if choice.get(name) is not None:
            return f"{name} is not an object, but {type_of(choice[name])}"
    return "it has neither a message nor a text"


def _content(message: Sent) -> str | None:
    """The content; the empty text if there is none, as there is beside tool calls. None if it cannot be read."""
    sent = content_in(message.fields)
    text, wrong = read_content(sent)
    if isinstance(sent, bytes):
        message.problems.append(_lost(message.place, "the content is not UTF-8", ProblemCode.WRONG_ENCODING))
        return None
    if wrong and not text:
        what = "the parts of the content have no text" if isinstance(sent, list) else "the content is not a text"
        message.problems.append(_lost(message.place, f"{what}, but {type_of(wrong[0][1])}"))
        return None
    for at, part in wrong:
        message.tell(f"content[{at}]", "a part with a text", part)
    return text


def content_in(message: Mapping[str, Any]) -> Any:
    """The content of a message, or its text if it has no content."""
    content = message.get("content")
    return message.get("text") if content is None else content


def strange_text(message: Mapping[str, Any]) -> str | None:
    """The field of a message that has a text in place of a content and is not known; None if there is none."""
    if "content" in message or message.get("text"):
        return None
    for name, value in message.items():
        is_text = isinstance(value, str) and bool(value.strip())
        is_word = is_text and name in _WORDS and _WORD.fullmatch(value.strip())
        if name not in _THOUGHTS and ((is_text and not is_word) or _has_text(value)):
            return name
    return None


def hidden_text(fields: Mapping[str, Any]) -> str | None:
    """The field of a chunk without choices, or of a choice without a message, that holds a text; None if none does."""
    return next((name for name, value in fields.items() if name != "logprobs" and _has_text(value)), None)


def _has_text(value: Any, depth: int = 8) -> bool:
    """Whether there is a content, or any text that may hold markup, inside ``value``."""
    if isinstance(value, str | bytes):  # bytes are a text that is not UTF-8
        return isinstance(value, bytes) or "<" in value
    if isinstance(value, dict):
        is_content = any(isinstance(value.get(name), str) and value[name].strip() for name in ("content", "text"))
        return is_content or (depth > 0 and any(_has_text(each, depth - 1) for each in value.values()))
    return isinstance(value, list) and depth > 0 and any(_has_text(each, depth - 1) for each in value)


def _is_said(message: Mapping[str, Any]) -> bool:
    """Whether a message has something in place of a content."""
    return any(message.get(name) for name in ("tool_calls", "function_call", "refusal"))


#: Fields of messages that hold what is not the answer.
_THOUGHTS = frozenset(
    {"reasoning", "reasoning_content", "reasoning_details", "thinking", "signature", "refusal", "tool_calls"}
    | {"function_call", "logprobs"}
)
#: Fields of messages that hold one word, and what a word is: a piece of a text that got there by mistake is seldom one.
_WORDS = frozenset({"role", "name", "id", "type", "object", "model", "status", "phase"})
_WORD = re.compile(r"[\w.:/@+-]+")


def read_content(content: Any) -> tuple[str, list[tuple[int, Any]]]:
    """The text of a content, and the parts with their places that should have a text and have none."""
    if content is None or type(content) is str:
        return content or "", []
    if type(content) is not list:  # perhaps a part without a list
        text = content.get("text") if type(content) is dict else None
        return (text, []) if type(text) is str else ("", [(0, content)])
    texts, wrong = [], []
    for at, part in enumerate(content):
        text = part if type(part) is str else _part_text(part)
        if text is None:
            wrong.append((at, part))
        else:
            texts.append(text)
    return "".join(texts), wrong


def _part_text(part: Any) -> str | None:
    """The text of a part; empty if it is of a kind that has none, and None if it cannot be read."""
    if type(part) is not dict:
        return None
    text, kind = part.get("text"), part.get("type")
    if type(text) is str:
        return text
    return "" if text is None and type(kind) is str and kind not in _TEXT_PARTS else None


#: The types of parts that have a text.
_TEXT_PARTS = ("text", "output_text")


def _reasoning(message: Sent, details: list[Sent]) -> str | None:
    """What the model thought, if it was sent apart from the content."""
    texts = [each.text("text") or each.text("summary") for each in details]
    return first_reasoning(message.text("reasoning_content"), message.text("reasoning"), texts)


def _function_call(message: Sent) -> Sent | None:
    """The call of a function in the form before tool calls."""
    call = message.inner("function_call")
    return call and message.within("function_call", {"type": "function", "function": call.fields})


def _tool_call(call: Sent) -> ToolCall:
    function = call.inner("function")
    if function is None:
        return ToolCall(id=call.text("id"), type=call.text("type"))
    sent = function.fields.get("arguments")
    is_object = isinstance(sent, dict | list)  # as Ollama sends them
    arguments = encode_json(sent).decode() if is_object else function.text("arguments")
    return ToolCall(
        id=call.text("id"),
        type=call.text("type"),
        function=FunctionCall(name=function.text("name"), arguments=arguments),
    )


# -- pieces of a stream ----------------------------------------------------------------------------------------------


def is_chunk(body: Mapping[str, Any]) -> bool:
    """Whether a body is a piece of a stream, whose answer is in several of them."""
    kind = body.get("object")
    if isinstance(kind, str) and kind.endswith(".chunk"):
        return True
    choices = [choice for choice in _listed(body.get("choices")) if isinstance(choice, dict)]
    if any(isinstance(choice.get("delta"), dict) for choice in choices):
        return True
    # /v1/completions sends pieces as objects of the same name, without a reason to finish.
    has_text = any(isinstance(choice.get("text"), str) for choice in choices)
    return kind == "text_completion" and has_text and not any(choice.get("finish_reason") for choice in choices)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def text_reasoning(delta: Mapping[str, Any]) -> str:
    """The reasoning in a piece of a message without its details; what has the wrong type adds nothing."""
    sent = Sent(dict(delta), [])
    return sent.text("reasoning_content") or sent.text("reasoning") or ""


def plain_reasoning(delta: Mapping[str, Any]) -> str:
    """The reasoning in a piece of a message; what has the wrong type adds nothing."""
    message = Sent(dict(delta), [])
    return _reasoning(message, message.objects("reasoning_details")) or ""
