"""Asks a service about a folder of images in a loop of your own, and prints what comes while it comes.

Started again, it asks only what has no complete answer in the file.
"""

import argparse
import asyncio
import os
import sys
from contextlib import aclosing
from functools import partial
from pathlib import Path

from perceptron_annotations import Request
from perceptron_annotations.asking import Asker, Endpoint, ImageChanges, PendingQuestion, Question, prepare_image
from perceptron_annotations.completions import Service


def question(folder: Path, path: Path) -> Question:
    """What is asked about one image; it is read when its turn comes."""
    name = path.relative_to(folder).as_posix()
    prepared = prepare_image(path, name=name, changes=ImageChanges(max_side=1024))
    request = Request(prompt="Box every car.", media=prepared.media, annotation_format="box")
    return Question(request=request, key=name, assets=[prepared.asset])


async def ask(folder: Path, endpoint: Endpoint, path: str) -> int:
    """Print the cars of each image; whether some question got no answer is the status."""
    images = sorted(folder.rglob("*.png"))
    questions = [
        PendingQuestion(key=image.relative_to(folder).as_posix(), prepare=partial(question, folder, image))
        for image in images
    ]
    asker = Asker(endpoint, path=path)
    async with aclosing(asker.ask_async(questions)) as replies:
        async for reply in replies:
            if reply.completion.fault is not None:
                print(f"{reply.key}: {reply.completion.fault}", file=sys.stderr)
            else:
                print(f"{reply.key}: {len(reply.completion.answer.document.boxes)} boxes")
    print(f"{asker.report.skipped} were answered before, {asker.report.total_tokens} tokens")
    return 1 if asker.report.failed else 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("-o", "--output", default="answers.jsonl")
    arguments = parser.parse_args()
    endpoint = Endpoint.of("perceptron")
    if "PERCEPTRON_URL" in os.environ:  # a server of your own that takes the same requests
        endpoint = Endpoint(base_url=os.environ["PERCEPTRON_URL"], service=Service.PERCEPTRON, model=endpoint.model)
    sys.exit(asyncio.run(ask(arguments.folder, endpoint, arguments.output)))


if __name__ == "__main__":
    main()
