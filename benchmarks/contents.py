"""What a mix of answers holds, as measured by reading it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from perceptron_annotations import Document, Mode, Severity, Status, parse
from perceptron_annotations.markup import Element
from perceptron_annotations.markup.backend import scanner
from perceptron_annotations.markup.columns import Columns
from perceptron_annotations.markup.flatten import Flattener

#: An attribute with its value in double quotes, in single ones, or without.
_ATTRIBUTE = re.compile(r"""\b(mention|t|id|label|color|score)=(?:"([^"]*)"|'([^']*)'|([^\s>]*))""")


class Contents(NamedTuple):
    """Means over the answers, and shares between 0 and 1."""

    answers: int
    characters: float
    annotations: float
    kinds: float
    """Different kinds of element in an answer."""
    foreign_mentions: float
    """Of the mentions, not ASCII."""
    foreign_answers: float
    """Of the answers, not ASCII."""
    warnings: float
    errors: float
    odd_quotes: float
    """Of the attributes, with single quotes or none."""
    unquoted_foreign: float
    """Of the answers, with an attribute that has no quotes and is not ASCII."""
    not_wholly_readable: float
    """Of the answers."""
    handed_over: float
    """Of the answers, left to the pure parser when they are read one by one."""
    handed_over_in_batch: float
    """Of the answers, left to it when they are read into a table."""

    def __str__(self) -> str:
        return (
            f"{self.answers} answers, {self.characters:.0f} characters, {self.annotations:.1f} annotations and "
            f"{self.kinds:.1f} kinds of element each\n"
            f"not ASCII: {self.foreign_mentions:.1%} of mentions, {self.foreign_answers:.1%} of answers; quotes "
            f"missing or single: {self.odd_quotes:.1%} of attributes; an attribute without quotes and not ASCII: "
            f"{self.unquoted_foreign:.1%} of answers\n"
            f"{self.warnings:.2f} warnings and {self.errors:.2f} errors an answer; {self.not_wholly_readable:.1%} not "
            f"wholly readable; left to the pure parser {self.handed_over:.1%} one by one and "
            f"{self.handed_over_in_batch:.1%} in a batch"
        )


def contents_of(texts: Sequence[str]) -> Contents:
    """Read ``texts`` and count."""
    documents = [parse(text) for text in texts]
    attributes = [_ATTRIBUTE.findall(text) for text in texts]
    flat = [attribute for found in attributes for attribute in found]
    mentions = ["".join(values) for name, *values in flat if name == "mention"]
    issues = [issue.severity for document in documents for issue in document.issues]

    def mean(numbers: Iterable[float]) -> float:
        return sum(numbers) / len(texts)

    def share(holds: Callable[[Document], bool]) -> float:
        return mean(map(holds, documents))

    return Contents(
        answers=len(texts),
        characters=mean(map(len, texts)),
        annotations=mean(len(document.annotations) for document in documents),
        kinds=mean(len({element.tag for element in _elements(document.nodes)}) for document in documents),
        foreign_mentions=_part(not mention.isascii() for mention in mentions),
        foreign_answers=share(lambda document: not document.source.isascii()),
        warnings=issues.count(Severity.WARNING) / len(texts),
        errors=issues.count(Severity.ERROR) / len(texts),
        odd_quotes=_part(bool(single or bare) for _, _, single, bare in flat),
        unquoted_foreign=mean(any(not bare.isascii() for *_, bare in found) for found in attributes),
        not_wholly_readable=share(lambda document: document.status in {Status.PARTIAL, Status.UNREADABLE}),
        handed_over=mean(scanner is None or scanner.read(text, Mode.LENIENT) is None for text in texts),
        handed_over_in_batch=_handed_over_in_batch(texts) / len(texts),
    )


def _handed_over_in_batch(texts: Sequence[str]) -> int:
    if scanner is None:
        return len(texts)
    handed: list[int] = []

    def take(index: int) -> Columns:
        handed.append(index)
        return Flattener().columns()

    scanner.Scanner(take).feed(list(texts))
    return len(handed)


def _part(outcomes: Iterable[bool]) -> float:
    listed = list(outcomes)
    return sum(listed) / len(listed) if listed else 0.0


def _elements(nodes: Iterable[object]) -> Iterator[Element]:
    for node in nodes:
        if isinstance(node, Element):
            yield node
            yield from _elements(node.children)
