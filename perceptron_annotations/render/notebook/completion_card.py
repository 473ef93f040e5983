"""A ``Completion`` as a card: its answers with how each ended, what failed, and what it cost."""

from __future__ import annotations

from ...completions.answer import Answer
from ...completions.completion import Completion
from ..html_fragments import Html, tag, together
from .cards import badge, bullets, card, folded, paragraph
from .document_card import document_parts


def completion_card(completion: Completion) -> str:
    """A completion."""
    fault = completion.fault
    failed = paragraph(badge("error", "fault"), f" the service sent an error: {fault}") if fault is not None else ""
    problems = bullets(str(problem) for problem in completion.problems)
    answers = [answer_parts(answer) for answer in completion.answers]
    return card(paragraph(_facts(completion), kind="faint"), failed, *answers, problems)


def answer_card(answer: Answer) -> str:
    """One answer of a completion."""
    return card(answer_parts(answer))


def _facts(completion: Completion) -> str:
    facts = [each for each in (completion.model, completion.provider, completion.id) if each]
    usage = completion.usage
    if usage is not None and usage.total_tokens is not None:
        facts.append(f"{usage.total_tokens:,} tokens")
    if usage is not None and usage.cost is not None:
        facts.append(f"{usage.cost:g} dollars")
    return " · ".join(facts) or "completion"


def answer_parts(answer: Answer) -> Html:
    """How an answer ended, and its document; a call of tools or a refusal is shown as what it is."""
    parts = [paragraph(tag("b", answer.ending.value), f": {answer.ending.meaning}")]
    if answer.refusal:
        parts.append(paragraph("refusal: ", tag("q", answer.refusal)))
    if answer.sent_reasoning:
        parts.append(folded("reasoning", paragraph(answer.sent_reasoning, kind="answer")))
    parts += [paragraph("calls ", tag("code", str(call))) for call in answer.tool_calls]
    return together([*parts, document_parts(answer.document)])
