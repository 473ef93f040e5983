"""The options of ``view`` that no other verb has."""

from __future__ import annotations

from typing import Annotated

import typer

from .option_parsers import threshold

Inputs = Annotated[
    list[str],
    typer.Argument(
        metavar="INPUT...",
        help="Files of answers (recordings, or what convert wrote of them), datasets, or COCO results.",
        show_default=False,
    ),
]
Output = Annotated[
    str,
    typer.Option(
        "--output",
        "-o",
        metavar="FILE|FOLDER/",
        help="The HTML file to write, with everything in it; or with a slash at its end a new folder, which opens "
        "faster if there are more than a thousand answers.",
    ),
]
Images = Annotated[
    str | None,
    typer.Option(
        "--images", metavar="FOLDER", help="Folder with the images; small copies are put into the page. Extra: render."
    ),
]
Truth = Annotated[
    str | None,
    typer.Option(
        "--truth",
        metavar="DATASET",
        help="The ground truth, in any dataset format: shows true and false positives, and what was not found.",
    ),
]
Compare = Annotated[
    str | None,
    typer.Option(
        "--compare", metavar="PREDICTIONS", help="Answers of another model, shown beside these, image by image."
    ),
]
Title = Annotated[str | None, typer.Option("--title", metavar="TEXT", help="Title of the page.")]
Overlap = Annotated[
    float,
    typer.Option("--iou", metavar="IOU", parser=threshold, help="IoU that a match needs, above 0 and at most 1."),
]
