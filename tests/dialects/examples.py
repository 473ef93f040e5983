"""The published answers of other models, which stand beside the repository and are no part of it."""

import pytest

from tests.corpora import ROOT, lines

_FILE = ROOT.parent / "shared" / "spec" / "dialect_examples.jsonl"


def examples(dialect):
    """The texts of a dialect; the test is skipped if they are not there."""
    if not _FILE.exists():
        pytest.skip("the answers of other models are not beside the repository")
    return [line["text"] for line in lines(_FILE) if line["dialect"] == dialect]
