"""``ask`` and ``ask_async``: from questions to replies in one call."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Generator, Iterable
from contextlib import aclosing
from pathlib import Path

from ..completions.models import Service
from .ask_limits import AskLimits
from .asker import Asker
from .endpoint import Endpoint
from .question import Askable
from .reply import Reply
from .transport import ChatClient


def ask(
    questions: Iterable[Askable],
    service: Endpoint | Service | str | ChatClient,
    *,
    path: str | Path | None = None,
    client: ChatClient | None = None,
    model: str | None = None,
    limits: AskLimits | None = None,
) -> Generator[Reply, None, None]:
    """Ask a service many questions; one reply for each, as they come, in any order.

    Asking goes on in a thread of its own while the caller works on a reply. Each completion is on the disk before it is
    handed out, and what has a complete answer in the file is not asked again, so a run that was killed is simply
    started again. Ctrl-C asks nothing more, and hands out what is on its way; a second one ends all at once.

    Raises ``ServiceError`` if the service refuses the key, has no credit or does not know the model, after the replies
    that were on their way; ``UsageError`` if there is no key; ``FileError`` if the file cannot be written. All other
    errors of the service, and those of single questions, are the ``completion.fault`` of their reply.

    >>> reply = {"choices": [{"message": {"content": "<point> (1,2) </point>"}, "finish_reason": "stop"}]}
    >>> class Client:  # in place of openai.AsyncOpenAI
    ...     class chat:
    ...         class completions:
    ...             async def create(**kwargs):
    ...                 return reply
    >>> question = pa.asking.Question(request=pa.Request(prompt="Where is it?"), key="a.jpg")
    >>> for reply in pa.asking.ask([question], Client, model="mine", path="answers.jsonl"):
    ...     print(reply.key, reply.completion.answer.document.points)
    a.jpg (Point(x=1.0, y=2.0),)

    Args:
        questions: A question, one that is made when its turn comes, or a request alone.
        service: The name of a service, the URL of a server, an ``Endpoint``, or a client.
        path: The file of recordings to add to; without it, nothing is recorded.
        client: A client of the caller's own, in place of the one that is made for the endpoint.
        model: The model to ask, unless a question names its own.
        limits: How much is asked at once, in a minute, again, and in all.
    """
    return Asker(service, path=path, client=client, model=model, limits=limits).ask(questions)


async def ask_async(
    questions: Iterable[Askable],
    service: Endpoint | Service | str | ChatClient,
    *,
    path: str | Path | None = None,
    client: ChatClient | None = None,
    model: str | None = None,
    limits: AskLimits | None = None,
) -> AsyncGenerator[Reply, None]:
    """The same as :func:`ask` in the caller's own loop.

    If the caller leaves before the end, close it (``contextlib.aclosing``): what is on its way is waited for and
    recorded.

    >>> import inspect
    >>> inspect.isasyncgenfunction(pa.asking.ask_async)
    True

    Args:
        questions: A question, one that is made when its turn comes, or a request alone.
        service: The name of a service, the URL of a server, an ``Endpoint``, or a client.
        path: The file of recordings to add to; without it, nothing is recorded.
        client: A client of the caller's own, in place of the one that is made for the endpoint.
        model: The model to ask, unless a question names its own.
        limits: How much is asked at once, in a minute, again, and in all.
    """
    asker = Asker(service, path=path, client=client, model=model, limits=limits)
    async with aclosing(asker.ask_async(questions)) as replies:
        async for reply in replies:
            yield reply
