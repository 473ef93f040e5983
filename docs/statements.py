"""Statements of the services' documentation, from the tests that show them by the mark ``documented``."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parent.parent
MARKER = "documented"
SERVICES = ("Perceptron", "Isaac", "OpenRouter", "perceptron.cloud")
#: What honours the statements that the tests of a module show.
HONOURED_BY = {
    "test_completion": "`Completion.decode`",
    "test_completion_stream": "`CompletionStream`",
    "test_conversations": "`Request`, `Completion`",
    "test_ending": "`Answer.ending`",
    "test_media": "`image`, `video`, `audio`, `video_frames`",
    "test_multilook": "`MultilookRequest`",
    "test_openai_client": "`Completion.decode`, `CompletionStream`",
    "test_reasoning": "`split_reasoning`",
    "test_recordings": "`read_recordings`",
    "test_request": "`Request`",
    "test_sse": "`SSEDecoder`",
}


class Statement(NamedTuple):
    """Something that a service documents, and the test that shows it."""

    service: str
    text: str
    module: str
    test: str

    @property
    def honoured_by(self) -> str:
        """The names of the library."""
        return HONOURED_BY[self.module]


def statements() -> list[Statement]:
    """All of them, by service, in the order of the tests."""
    paths = sorted((ROOT / "tests" / "completions").glob("test_*.py"))
    found = [statement for path in paths for statement in _of_module(path)]
    return sorted(found, key=lambda statement: SERVICES.index(statement.service))


def _of_module(path: Path) -> Iterator[Statement]:
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if not isinstance(node, ast.FunctionDef):
            continue
        for mark in node.decorator_list:
            if isinstance(mark, ast.Call) and isinstance(mark.func, ast.Attribute) and mark.func.attr == MARKER:
                service, text = (ast.literal_eval(argument) for argument in mark.args)
                yield Statement(service, text, path.stem, node.name)
