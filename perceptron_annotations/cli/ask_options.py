"""The options of ``ask`` and ``consensus``."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from ..geometry import AnnotationKind
from .option_parsers import choice_option, count, number, overlap


class Constraint(StrEnum):
    """How an answer is kept inside the grammar."""

    REGEX = "regex"
    SCHEMA = "schema"


# -- what is asked about -----------------------------------------------------------------------------------------------

Images = Annotated[
    list[str],
    typer.Argument(
        metavar="IMAGES...",
        help="Images, videos, folders of them, patterns, or http(s) addresses; a list with the columns image, prompt "
        "and key (CSV or JSON Lines); - for a list, or a path on each line, from standard input.",
        show_default=False,
    ),
]
Prompt = Annotated[
    str | None,
    typer.Option(
        "--prompt",
        metavar="TEXT",
        help="What to ask. The name of a column in braces, as in 'Find the {label}', stands for what is in the row; "
        "image, stem and folder are those of the image. Double a brace that is meant. Without it, the list has a "
        "column prompt.",
    ),
]
PromptFile = Annotated[str | None, typer.Option("--prompt-file", metavar="FILE", help="A file that holds the prompt.")]
System = Annotated[str | None, typer.Option("--system", metavar="TEXT", help="What to say before every prompt.")]
KeyFrom = Annotated[
    str | None,
    typer.Option(
        "--key-from",
        metavar="TEMPLATE",
        help="The key of each answer, such as '{image}:{label}'. By default the column key, else the path of the image "
        "below the folder that was named.",
    ),
]
Root = Annotated[
    str | None,
    typer.Option(
        "--root",
        metavar="FOLDER",
        help="The folder that keys are paths below, and that the paths of a list are below. By default the folder that "
        "was named, or that of the list.",
    ),
]
Together = Annotated[bool, typer.Option("--together", help="Ask one question about all images, not one about each.")]
MaxSide = Annotated[
    int | None,
    typer.Option(
        "--max-side",
        metavar="PIXELS",
        parser=count,
        help="Scale images down whose longer side is longer. Both sizes are recorded, and coordinates stay those of "
        "the original. Needs the extra ask.",
    ),
]
IgnoreExif = Annotated[
    bool, typer.Option("--ignore-exif", help="Send images as they are stored, without the EXIF rotation.")
]

# -- how it is answered ------------------------------------------------------------------------------------------------

AnnotationFormat = Annotated[
    AnnotationKind | None,
    choice_option("--annotation-format", choices=AnnotationKind, help="What to point with."),
]
Thinking = Annotated[
    bool | None,
    typer.Option("--thinking/--no-thinking", help="Think before answering. [default: as the service does]"),
]
ReasoningEffort = Annotated[
    str | None,
    choice_option(
        "--reasoning-effort", choices=("none", "minimal", "low", "medium", "high"), help="How much to think."
    ),
]
Focus = Annotated[bool | None, typer.Option("--focus/--no-focus", help="Look closer at parts of an image.")]
Temperature = Annotated[
    float | None, typer.Option("--temperature", metavar="N", parser=number, help="How freely to sample, 0 to 2.")
]
TopP = Annotated[float | None, typer.Option("--top-p", metavar="N", parser=number, help="Nucleus sampling, 0 to 1.")]
MaxTokens = Annotated[
    int | None,
    typer.Option("--max-tokens", metavar="N", parser=count, help="The most tokens of one answer."),
]
Samples = Annotated[
    int,
    typer.Option(
        "--samples",
        metavar="N",
        parser=count,
        help="How often to ask each question; consensus makes one answer of them.",
    ),
]
Regex = Annotated[
    str | None, typer.Option("--regex", metavar="TEXT", help="A regular expression that answers have to match.")
]
Schema = Annotated[str | None, typer.Option("--schema", metavar="FILE", help="A JSON Schema that answers have to fit.")]
Constrain = Annotated[
    Constraint | None,
    choice_option(
        "--constrain",
        choices=Constraint,
        help="Keep answers inside the grammar of --annotation-format, for servers that can: by an expression for "
        "markup, or a schema for JSON.",
    ),
]
ConstrainLabels = Annotated[
    list[str] | None,
    typer.Option("--label", metavar="LABEL", help="With --constrain: a label that answers may have. Repeatable."),
]

# -- who is asked ------------------------------------------------------------------------------------------------------

ServiceName = Annotated[
    str,
    typer.Option(
        "--service",
        metavar="NAME|URL",
        help="Who answers: perceptron, openrouter, perceptron-cloud, or the address of a server of your own, such as "
        "http://localhost:8000/v1.",
    ),
]
Url = Annotated[
    str | None,
    typer.Option(
        "--url", metavar="URL", help="Send the requests of --service to this address, such as a server with its models."
    ),
]
Model = Annotated[
    str | None,
    typer.Option("--model", metavar="NAME", help="The model to ask. [default: the one that the service documents]"),
]
KeyEnv = Annotated[
    str | None,
    typer.Option(
        "--key-env",
        metavar="NAME",
        help="The environment variable that holds the key of a server of your own. The services have "
        "PERCEPTRON_API_KEY, OPENROUTER_API_KEY and PERCEPTRON_CLOUD_API_KEY.",
    ),
]
Header = Annotated[
    list[str] | None,
    typer.Option(
        "--header",
        metavar="NAME:VALUE",
        help="A header that the service documents, such as 'HTTP-Referer: https://example.org'; never a key. "
        "Repeatable.",
    ),
]
Concurrency = Annotated[
    int, typer.Option("--concurrency", metavar="N", parser=count, help="Requests on their way at the same time.")
]
Rate = Annotated[
    int | None,
    typer.Option(
        "--rate",
        metavar="N",
        parser=count,
        help="Requests in any 60 seconds. [default: the limit that the service documents]",
    ),
]
Tries = Annotated[
    int,
    typer.Option(
        "--tries", metavar="N", parser=count, help="How often to send a question if the service fails or is busy."
    ),
]
Timeout = Annotated[
    float, typer.Option("--timeout", metavar="SECONDS", parser=number, help="How long to wait for one answer.")
]
MaxTokensTotal = Annotated[
    int | None,
    typer.Option(
        "--max-tokens-total",
        metavar="N",
        parser=count,
        help="Ask nothing more after so many tokens, those of the answers in the file included.",
    ),
]

# -- what is written ---------------------------------------------------------------------------------------------------

Answers = Annotated[
    str | None,
    typer.Option(
        "--output",
        "-o",
        metavar="FILE",
        help="The file of answers (JSON Lines). Each is added as it comes, and what has a complete answer in it is not "
        "asked again.",
    ),
]
DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Show the first request and how many there are, and send nothing.")
]
BatchFile = Annotated[
    str | None,
    typer.Option(
        "--batch-file",
        metavar="FILE",
        help="Send nothing, and write the requests as the input of an OpenAI batch; several files if it is large.",
    ),
]
Agreement = Annotated[
    float,
    typer.Option("--iou", metavar="IOU", parser=overlap, help="How much the elements of one object overlap at least."),
]
Radius = Annotated[
    float | None,
    typer.Option(
        "--radius", metavar="PIXELS", parser=number, help="How far the points of one object are apart at most."
    ),
]
LeastAgreement = Annotated[
    float,
    typer.Option(
        "--least", metavar="SHARE", parser=overlap, help="Leave out what a smaller share of the samples agrees on."
    ),
]
