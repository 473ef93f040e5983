"""Ask a model to box things in an image, print the answer while it arrives, and draw each box when it is complete.

    python stream_and_draw.py https://example.com/crossing.jpg "Box every road user." -o answer.svg

The address of the service and the key come from the environment: PERCEPTRON_URL, PERCEPTRON_KEY.
"""

import argparse
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from openai import OpenAI

from perceptron_annotations import AnnotationFound, CompletionStream, IssueFound, Request, TextDelta, record
from perceptron_annotations.completions import AnswerRestarted, FaultReceived, ReasoningDelta, image
from perceptron_annotations.render import to_svg


def main() -> int:
    """Ask, show, and record."""
    options = read_options()
    client = OpenAI(base_url=os.environ["PERCEPTRON_URL"], api_key=os.environ["PERCEPTRON_KEY"])
    request = Request(prompt=options.prompt, media=(image(options.image),), annotation_format="box", stream=True)
    payload = request.for_perceptron()
    reader = CompletionStream(request=payload.body)
    with client.chat.completions.create(**payload.kwargs) as stream:
        show(reader, stream, options.output)
    if options.record is not None:
        record(reader, options.record, request=payload.body, key=options.image)
    if not reader.completion.complete:
        print("the answer is not complete: do not trust its counts", file=sys.stderr)
        return 1
    return 0


def show(reader: CompletionStream, stream: Iterable[Any], output: Path) -> None:
    """Print and draw what arrives."""
    shapes = []
    for item in reader.read(stream):
        match item.event:
            case TextDelta(text=text):
                print(text, end="", flush=True)
            case AnnotationFound(annotation=shape):
                shapes.append(shape)
                output.write_text(to_svg(shapes), encoding="utf-8")
            case AnswerRestarted():  # what came so far was reasoning
                shapes.clear()
            case ReasoningDelta(text=text):
                print(text, end="", flush=True, file=sys.stderr)
            case IssueFound(issue=issue):
                print(f"\n{issue.message}", file=sys.stderr)
            case FaultReceived(fault=fault):
                print(f"\nthe service sent an error: {fault}", file=sys.stderr)
    print(f"\n{len(shapes)} shapes")


def read_options() -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(description="Box things in an image while the answer arrives.")
    parser.add_argument("image", help="address of the image, or a file")
    parser.add_argument("prompt")
    parser.add_argument("-o", "--output", type=Path, default=Path("answer.svg"), help="drawing to write")
    parser.add_argument("--record", type=Path, help="file of recordings to append the answer to")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
