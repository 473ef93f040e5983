"""The options of long jobs: several processes, and runs that go on where one ended."""

from __future__ import annotations

from typing import Annotated

import typer

from .option_parsers import jobs

Jobs = Annotated[
    int,
    typer.Option(
        "--jobs",
        metavar="N",
        parser=jobs,
        help="Processes that read beside each other, by file and by part of a long file. What is written and printed "
        "stays the same.",
    ),
]
ConvertOutput = Annotated[
    str | None,
    typer.Option("--output", "-o", metavar="PATH", help="The file or folder to write; - for standard output."),
]
Resume = Annotated[
    str | None,
    typer.Option(
        "--resume",
        metavar="FOLDER",
        help="In place of --output: write a part in Parquet for each 64 MiB of answers, and skip the parts that are in "
        "the folder already. Run it again after it was stopped, or with more inputs.",
    ),
]
