"""The benchmark of growth has each verb that reads, and each format that is written; it takes minutes, so not here."""

import typer.main

from benchmarks.doubling import CASES
from perceptron_annotations.cli.main import app  # noqa: TID251 - its verbs
from perceptron_annotations.datasets.formats.choices import DatasetFormat

#: They read nothing that grows, or wait for a service.
WITHOUT_INPUT = {"ask", "dialects", "formats"}


def test_each_verb_that_reads_is_measured():
    """Scale F1: a doubling test of every command would have caught that evaluate was quadratic."""
    verbs = set(typer.main.get_command(app).commands)
    assert {case.verb for case in CASES} == verbs - WITHOUT_INPUT


def test_each_format_that_is_written_is_measured():
    words = [case.words.split() for case in CASES if case.verb == "convert"]
    written = {each[each.index("--to") + 1] for each in words}
    assert written == {*DatasetFormat, "jsonl", "parquet"}
