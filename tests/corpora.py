"""The recorded answers that several tests run over; each is one string."""

import json
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
#: Other people's text: read from beside the repository where it is there, and never committed.
REAL_OUTPUTS = ROOT.parent / "shared" / "spec" / "real_outputs.jsonl"


def lines(path):
    """The objects of a JSON Lines file. Lines end at LF only: some texts hold U+2028."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line.strip()]


def _answers(line):
    """The assistant's text in every choice of a line of ``fixtures/``."""
    if "text" in line:
        return [line["text"]]
    body = line.get("response", line) or {}
    body = body.get("body", body) or {}
    contents = [(choice.get("message") or {}).get("content") for choice in body.get("choices") or ()]
    return [
        "".join(part.get("text", "") for part in content) if isinstance(content, list) else content
        for content in contents
        if content
    ]


def _params(rows):
    return [pytest.param(text, id=name) for name, text in rows]


FIXTURES = _params(
    (f"{path.stem}-{number}.{choice}", text)
    for path in sorted((ROOT / "fixtures").glob("*.jsonl"))
    for number, line in enumerate(lines(path), 1)
    for choice, text in enumerate(_answers(line))
)
#: One tricky thing each, found by reading and running the SDK.
TRICKY = _params(
    (f"tricky-{number}", line["text"])
    for number, line in enumerate(lines(ROOT / "tests" / "corpus" / "tricky.jsonl"), 1)
)
REAL = _params((line["id"], line["text"]) for line in lines(REAL_OUTPUTS)) if REAL_OUTPUTS.exists() else []
EVERY = FIXTURES + TRICKY + REAL
