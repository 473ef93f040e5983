"""One answer of a completion: what was sent of it, and what it says when it is parsed."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from msgspec import Struct

from ..dialects.dialect import Dialect
from ..frames import Frame, Size, checked_frame
from ..geometry import Annotation
from ..issues import Span
from ..markup.dialect_reading import read_within
from ..markup.document import Document, Mode, ModeName, checked_mode
from ..markup.parsing import parse_within
from .ending import Ending, ending_of
from .envelope import ToolCall
from .faults import ServiceFault
from .logprobs import TokenLogprobs
from .reasoning import ReasoningSplit, split_reasoning


class Answer(Struct, frozen=True, kw_only=True, dict=True):
    """One choice of a completion.

    ``content`` is the whole message; ``text`` is the answer in it, without reasoning and special tokens. ``reasoning``
    is ``reasoning_content``, else ``reasoning``, else the text of ``reasoning_details``, else the text in
    ``<think>…</think>``.

    >>> answer = pa.completions.Answer(content="<think>hm</think><point> (1,2) </point>", finish_reason="stop")
    >>> answer.reasoning, answer.document.points, answer.complete
    ('hm', (Point(x=1.0, y=2.0),), True)
    """

    #: Its place among the answers, or among those of its prompt (multilook).
    index: int = 0
    prompt_index: int | None = None
    content: str = ""
    sent_reasoning: str | None = None
    #: As OpenRouter sent them, to be sent back with the next turn.
    reasoning_details: tuple[Any, ...] = ()
    finish_reason: str | None = None
    native_finish_reason: str | None = None
    tool_calls: tuple[ToolCall, ...] = ()
    refusal: str | None = None
    #: The error that came in place of the answer, or that broke it off.
    fault: ServiceFault | None = None
    #: How many images, videos and sounds were sent; None if that is not known.
    asset_count: int | None = None
    #: Of its tokens, if the service sent them; ``logprobs.over(span)`` has those of an annotation.
    logprobs: TokenLogprobs | None = None
    #: Whether the service said that it had sent all of it.
    ended: bool = True
    raw: dict[str, Any] = {}

    def __hash__(self) -> int:  # ``raw`` is a dict
        return hash((self.index, self.prompt_index, self.content, self.sent_reasoning, self.finish_reason))

    @property
    def ending(self) -> Ending:
        """How it ended."""
        return ending_of(
            self.finish_reason,
            has_ended=self.ended,
            has_failed=self.fault is not None,
            is_refused=bool(self.refusal),
            is_reasoning_cut=self.split.cut,
            has_calls=bool(self.tool_calls),
        )

    @cached_property
    def split(self) -> ReasoningSplit:
        """The places of reasoning and answer in ``content``."""
        return split_reasoning(self.content)

    @property
    def text(self) -> str:
        """The answer alone."""
        return self.split.answer.of(self.content)

    @property
    def reasoning(self) -> str | None:
        """What the model thought; None if nothing was sent."""
        if self.sent_reasoning is not None or self.split.reasoning is None:
            return self.sent_reasoning
        return self.split.reasoning.of(self.content)

    @cached_property
    def document(self) -> Document:
        """The answer parsed in lenient mode, when this is first asked for; spans index ``content``."""
        return self.parse()

    def _repr_html_(self) -> str:
        """How it ended, and its document, for notebooks."""
        from ..render.notebook.completion_card import answer_card  # noqa: TID251 - only delegates, see UPWARD

        return answer_card(self)

    def to_message(self) -> dict[str, Any]:
        """The message to put into ``history`` when the conversation goes on, whole as it came.

        It has the role, which some services leave out, and all ``reasoning_details``, which OpenRouter wants back.

        >>> answer = pa.Completion.decode({"choices": [{"message": {"content": "Two."}}]}).answer
        >>> answer.to_message()
        {'role': 'assistant', 'content': 'Two.'}
        """
        sent = self.raw.get("message")
        message = sent if isinstance(sent, dict) else {"content": self.content}
        return message | {"role": "assistant"} if message.get("role") else {"role": "assistant"} | message

    def parse(
        self,
        *,
        mode: Mode | ModeName = Mode.LENIENT,
        frame: Frame | None = None,
        dialect: Dialect | str | None = None,
        image_size: Size | None = None,
    ) -> Document:
        """The answer parsed, as ``parse`` does; spans index ``content``. Raises ``MarkupError`` in strict mode.

        Args:
            mode: What becomes of what is malformed.
            frame: What the coordinates count, as for ``parse``.
            dialect: How another model writes, as for ``parse``.
            image_size: ``(width, height)`` of the image, for a dialect whose numbers are pixels.
        """
        cut, mode, answer = self.ending.truncates, checked_mode(mode), self.split.answer
        if dialect is None:
            frame = Frame.GRID if frame is None else checked_frame(frame)
            return parse_within(self.content, answer, mode=mode, cut=cut, frame=frame)
        return read_within(self.content, answer, dialect, mode=mode, cut=cut, image_size=image_size, frame=frame)

    @cached_property
    def reasoning_document(self) -> Document | None:
        """The reasoning parsed, which may point at things too; None if there is none.

        Spans index ``sent_reasoning``, or ``content`` if the reasoning is part of that.
        """
        if self.sent_reasoning is not None:
            whole = Span(0, len(self.sent_reasoning))
            return parse_within(self.sent_reasoning, whole, mode=Mode.LENIENT, cut=False)
        if self.split.reasoning is None:
            return None
        return parse_within(self.content, self.split.reasoning, mode=Mode.LENIENT, cut=self.split.cut)

    @property
    def complete(self) -> bool:
        """Whether the service said that it is whole: call its tools and trust its counts only then."""
        return self.ending is Ending.COMPLETE

    def resolve_asset(self, annotation: Annotation) -> int | None:
        """The index of the asset that ``annotation`` lies in, among all that were sent.

        An annotation without ``asset_idx`` lies in the last asset. None if that is not known, or if no such asset was
        sent.
        """
        if annotation.asset_idx is None:
            return self.asset_count - 1 if self.asset_count else None
        within = self.asset_count is None or annotation.asset_idx < self.asset_count
        return annotation.asset_idx if within else None
