"""A chat completion as a service sent it → :class:`Completion`: its answers, its usage and its errors.

``Completion.decode`` takes the bodies of Perceptron (Mk1, Isaac), OpenRouter, perceptron.cloud and multilook, error
bodies of all of them, and objects of the ``openai`` client. One bad part never costs the others: what cannot be read
becomes a ``Problem`` in a list, and what the service reports becomes a :class:`ServiceFault` beside all that was sent
before it. How the parts of a body are read is written in ``envelope``.
"""

from __future__ import annotations

from codecs import BOM_UTF8
from collections.abc import Iterable, Mapping
from typing import Any

from msgspec import Struct

from ..errors import EnvelopeError, InputError, UsageError
from ..files import DECODE_ERRORS, decode_json
from ..problems import Problem, ProblemCode
from .answer import Answer
from .envelope import Choice, PlacedChoice, error_in, placed_choices, read_choice
from .faults import ServiceFault, read_fault, waiting_time
from .logprobs import TokenLogprobs, UnusableLogprobsError, read_logprobs
from .media import count_media
from .sent import Sent, decode_object
from .usage import Usage, read_usage

#: Statuses of HTTP from here on are errors.
FIRST_ERROR_STATUS = 400
#: The codes of problems that cost an answer.
_LOST = frozenset({ProblemCode.INVALID_COMPLETION, ProblemCode.WRONG_ENCODING, ProblemCode.MISSING_ANSWER})


class Completion(Struct, frozen=True, kw_only=True, dict=True):
    """What a service sent. Made by :meth:`decode`, or by a ``CompletionStream``.

    Two completions are equal if all fields are, ``raw`` included.

    >>> choice = {"message": {"content": "<point> (500,250) </point>"}, "finish_reason": "stop"}
    >>> completion = pa.Completion.decode({"id": "c-1", "choices": [choice]})
    >>> completion.answer.document.points, completion.complete
    ((Point(x=500.0, y=250.0),), True)
    """

    id: str | None = None
    model: str | None = None
    created: int | None = None
    provider: str | None = None
    answers: tuple[Answer, ...] = ()
    usage: Usage | None = None
    #: The error that came instead of the answers, or after some of them.
    fault: ServiceFault | None = None
    #: What could not be read, and where in the body.
    problems: tuple[Problem, ...] = ()
    #: The header ``x-trace-id``, to be named when asking the service about it.
    request_id: str | None = None
    #: The whole body; unknown fields are here.
    raw: dict[str, Any] = {}

    def __hash__(self) -> int:  # ``raw`` is a dict
        return hash((self.id, self.model, self.created, self.provider, self.answers, self.request_id))

    @staticmethod
    def decode(
        data: bytes | str | Mapping[str, Any] | object,
        *,
        status: int | None = None,
        headers: Mapping[str, str] | None = None,
        request: Mapping[str, Any] | None = None,
        asset_count: int | None = None,
    ) -> Completion:
        """Read a body. A body that holds an error gives a completion with that ``fault``.

        Raises ``EnvelopeError`` if it is neither a JSON object nor an error, and ``UsageError`` for data of another
        type.

        Args:
            data: Bytes, text, a dict, or an object of the ``openai`` client.
            status: The status of HTTP: from 400 on, any body is an error.
            headers: The headers of HTTP, which have the time to wait after an error and the id of the request.
            request: The body that was sent; the media in it are counted.
            asset_count: How many media were sent, if ``request`` is not at hand.
        """
        body = _object(data, status)
        sent = headers or {}
        fault = _fault(body, status, sent)
        return completion_of(body, request=request, asset_count=asset_count, headers=sent, fault=fault)

    def _repr_html_(self) -> str:
        """Its answers, faults and problems, for notebooks."""
        from ..render.notebook.completion_card import completion_card  # noqa: TID251 - only delegates, see UPWARD

        return completion_card(self)

    @property
    def answer(self) -> Answer:
        """The first answer. Raises :class:`ServiceError` or ``EnvelopeError`` if there is none."""
        if self.answers:
            return self.answers[0]
        self.raise_for_fault()
        raise EnvelopeError(f"the completion has no answer: {'; '.join(map(str, self.problems))}")

    @property
    def complete(self) -> bool:
        """Whether there are answers, none was lost, and each is complete."""
        is_lost = any(problem.code in _LOST for problem in self.problems)
        return bool(self.answers) and not is_lost and all(answer.complete for answer in self.answers)

    def raise_for_fault(self) -> Completion:
        """The completion itself. Raises :class:`ServiceError` if the service sent an error."""
        if self.fault is not None:
            raise ServiceError(self.fault, self)
        return self


class ServiceError(InputError):
    """The service sent an error; raised only by what asks for an answer.

    ``.fault`` is the error, and ``.completion`` holds what was sent before it.
    """

    def __init__(self, fault: ServiceFault, completion: Completion) -> None:
        super().__init__(fault, completion)
        self.fault = fault
        self.completion = completion

    def __str__(self) -> str:
        return f"the service sent an error: {self.fault}"


def completion_of(
    body: dict[str, Any],
    *,
    request: Mapping[str, Any] | None,
    asset_count: int | None,
    headers: Mapping[str, str],
    fault: ServiceFault | None,
    problems: Iterable[Problem] = (),
    ended: bool = True,
) -> Completion:
    """The completion of a body, whole or folded from a stream that may not have ended."""
    found = list(problems)
    sent = Sent(body, found)
    choices = placed_choices(body, found)
    counts = _asset_counts(request, asset_count)
    answers = [
        _answer(placed, choice, counts, found, fault=fault, ended=ended)
        for placed in choices
        if (choice := read_choice(placed, found)) is not None
    ]
    if not choices and fault is None and not found:
        found.append(Problem(code=ProblemCode.MISSING_ANSWER, message="no choices"))
    return Completion(
        id=sent.name("id"),
        model=sent.name("model"),
        created=sent.integer("created"),
        provider=sent.name("provider"),
        answers=tuple(answers),
        usage=read_usage(body.get("usage"), found),
        fault=fault,
        problems=tuple(found),
        request_id=next((value for name, value in headers.items() if name.lower() == "x-trace-id"), None),
        raw=body,
    )


# -- bodies ----------------------------------------------------------------------------------------------------------


def plain(data: object) -> object:
    """An object of the ``openai`` client as plain values; other data as it is."""
    if not hasattr(data, "model_dump"):
        return data
    sent: object = data.model_dump(mode="json", exclude_unset=True, warnings=False)  # fields are what came, not typed
    return sent


def _object(data: object, status: int | None) -> dict[str, Any]:
    """The JSON object of a body; an error page that is not JSON becomes ``{"error": its text}``."""
    data = plain(data)
    if isinstance(data, Mapping):
        return dict(data)
    if not isinstance(data, bytes | bytearray | str):
        raise UsageError(
            f"a completion is decoded from bytes, str, a dict or an openai object, not {type(data).__name__}"
        )
    encoded = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else bytes(data)
    encoded = encoded.removeprefix(BOM_UTF8)
    is_error = status is not None and status >= FIRST_ERROR_STATUS
    try:
        return decode_object(encoded)
    except DECODE_ERRORS as error:
        body = _other_json(encoded)
        if is_error:
            return {"error": encoded.decode("utf-8", "replace") if body is None else body}
        if body is None:
            raise EnvelopeError(f"not a completion: it is not JSON: {error}") from None
        raise EnvelopeError(f"not a completion: it is JSON, but not an object: {type(body).__name__}") from None


def _other_json(encoded: bytes) -> object:
    """JSON that is not an object; None if it is not JSON."""
    try:
        return decode_json(encoded, object)
    except DECODE_ERRORS:
        return None


def _fault(body: Mapping[str, Any], status: int | None, headers: Mapping[str, str]) -> ServiceFault | None:
    error = error_in(body)
    is_error = status is not None and status >= FIRST_ERROR_STATUS
    if error is None and not is_error:
        return None
    wait = waiting_time(headers)
    return read_fault(body if error is None else error, status=status if is_error else None, retry_after=wait)


def _answer(
    placed: PlacedChoice,
    choice: Choice,
    asset_counts: list[int | None],
    problems: list[Problem],
    *,
    fault: ServiceFault | None,
    ended: bool,
) -> Answer:
    """The answer of a choice; ``fault`` is the error of the whole completion."""
    answer = Answer(
        index=placed.index,
        prompt_index=placed.prompt_index,
        content=choice.content,
        sent_reasoning=choice.reasoning,
        reasoning_details=choice.reasoning_details,
        finish_reason=choice.finish_reason,
        native_finish_reason=choice.native_finish_reason,
        tool_calls=choice.tool_calls,
        refusal=choice.refusal,
        fault=fault if choice.error is None else read_fault(choice.error),
        asset_count=asset_counts[max(0, min(placed.prompt_index or 0, len(asset_counts) - 1))],
        logprobs=_logprobs(placed, choice, problems),
        ended=ended,
        raw=placed.choice,
    )
    if answer.split.resumes:
        message = "there are tags of reasoning inside the answer: what is marked there counts as answered"
        problems.append(Problem(code=ProblemCode.MIXED_REASONING, message=message, place=placed.place))
    return answer


def _logprobs(placed: PlacedChoice, choice: Choice, problems: list[Problem]) -> TokenLogprobs | None:
    """The log probabilities of an answer; those that cannot be used are a problem."""
    sent = placed.choice.get("logprobs")
    try:
        return read_logprobs(sent, choice.content, is_reasoning_apart=choice.reasoning is not None)
    except UnusableLogprobsError as error:
        problems.append(Problem(code=ProblemCode.UNUSABLE_LOGPROBS, message=str(error), place=placed.place))
        return None


def _asset_counts(request: Mapping[str, Any] | None, asset_count: int | None) -> list[int | None]:
    """How many media each prompt is about; one number except for multilook."""
    if request is None or asset_count is not None:
        return [asset_count]
    return list(count_media(request))
