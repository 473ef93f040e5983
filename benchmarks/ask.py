"""``python -m benchmarks.ask``: how many requests a second are asked and recorded, and where the time of one goes.

A server in a process of its own reads bodies and answers at once (the ceiling) or after half a second. Printed are, for
each size of image, the requests a second with 16 at once, what the processor spent on one, and what it spends on each
step: reading and base64, the request, its hash, the client of ``openai`` with the network, decoding, and the line of
the recording; then how long it takes to hand that to the disk.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import openai

from benchmarks.machine import describe
from perceptron_annotations import Completion, Request
from perceptron_annotations.asking import Asker, AskLimits, Endpoint, PendingQuestion, Question
from perceptron_annotations.completions import Service, image
from perceptron_annotations.completions.kept_request import request_hash
from perceptron_annotations.completions.recording import recorded_line
from perceptron_annotations.outputs import append_line

CONCURRENCY = 16
_SIZES = (10_000, 100_000, 1_000_000, 4_000_000)
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_CONTENT = " ".join(f'<point_box mention="car"> ({n},{n}) (900,900) </point_box>' for n in range(20))
_BODY = json.dumps(
    {
        "id": "c",
        "model": "m",
        "choices": [{"message": {"role": "assistant", "content": _CONTENT}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 1000, "completion_tokens": 500, "total_tokens": 1500},
    }
).encode()
_REPLY = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(_BODY) + _BODY


# -- the server --------------------------------------------------------------------------------------------------------


class Answering(asyncio.Protocol):
    """Counts the bytes of each request, looks at none, and answers after some seconds."""

    def __init__(self, delay: float) -> None:
        self._delay = delay
        self._head = bytearray()
        self._left = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        if not self._left:
            self._head += data
            head, end, rest = bytes(self._head).partition(b"\r\n\r\n")
            if not end:
                return
            self._head.clear()
            length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
            self._left, data = int(length.partition(b":")[2]), rest
        self._left -= len(data)
        if not self._left:
            asyncio.get_running_loop().call_later(self._delay, self._answer)

    def _answer(self) -> None:
        if isinstance(self._transport, asyncio.WriteTransport) and not self._transport.is_closing():
            self._transport.write(_REPLY)


async def serve(delay: float) -> None:
    """Serve until killed; the port is printed."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Answering(delay), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


# -- the rates ---------------------------------------------------------------------------------------------------------


def questions(paths: list[Path]) -> Iterator[PendingQuestion]:
    """A question for each image."""
    for path in paths:
        yield PendingQuestion(key=path.name, prepare=lambda path=path: Question(request=request_of(path)))


def request_of(path: Path) -> Request:
    """What is asked about an image."""
    return Request(prompt="Box every car.", media=image(path), annotation_format="box")


def write_images(folder: Path, count: int, size: int) -> list[Path]:
    """Files that begin as PNG and are random otherwise."""
    paths = [folder / f"{number}.png" for number in range(count)]
    for number, path in enumerate(paths):
        path.write_bytes(_SIGNATURE + random.Random(number).randbytes(size))
    return paths


def rate(paths: list[Path], folder: Path, delay: float) -> tuple[float, float]:
    """Requests a second, and milliseconds of the processor for one."""
    command = [sys.executable, "-m", "benchmarks.ask", "--serve", str(delay)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:  # noqa: S603
        assert server.stdout is not None  # noqa: S101
        url = f"http://127.0.0.1:{int(server.stdout.readline())}/v1"
        endpoint = Endpoint(base_url=url, service=Service.PERCEPTRON, model="perceptron-mk1")
        limits = AskLimits(concurrency=CONCURRENCY, requests_per_minute=1_000_000)
        output = folder / f"{delay}-{len(paths)}.jsonl"
        warm = Asker(endpoint, limits=limits)
        sum(1 for _ in warm.ask(questions(paths[:4])))
        begin, spent = time.perf_counter(), time.process_time()
        answered = sum(1 for reply in Asker(endpoint, path=output, limits=limits).ask(questions(paths)))
        seconds, spent = time.perf_counter() - begin, time.process_time() - spent
        server.kill()
    output.unlink()
    if answered != len(paths):
        raise RuntimeError(f"{answered} of {len(paths)} questions have a reply")
    return answered / seconds, 1000 * spent / answered


# -- the steps ---------------------------------------------------------------------------------------------------------


def steps(path: Path, folder: Path) -> dict[str, float]:
    """Milliseconds of each step of one request."""
    request = request_of(path)
    body = request.for_perceptron("perceptron-mk1").body
    sha256 = request_hash(body)
    completion = Completion.decode(_BODY)

    def line() -> bytes:
        return recorded_line(completion, request=body, request_sha256=sha256, assets=(), key="k", asked_at=[0.0])

    recorded, output = line(), folder / "steps.jsonl"
    return {
        "image": milliseconds(lambda: image(path)),
        "request": milliseconds(lambda: request.for_perceptron("perceptron-mk1").body),
        "hash": milliseconds(lambda: request_hash(body)),
        "client": client_milliseconds(request),
        "decode": milliseconds(lambda: Completion.decode(_BODY)),
        "line": milliseconds(line),
        "disk": waited_milliseconds(lambda: append_line(output, recorded)),
    }


def client_milliseconds(request: Request) -> float:
    """A request through the client and the network, one after the other."""
    command = [sys.executable, "-m", "benchmarks.ask", "--serve", "0"]
    kwargs = request.for_perceptron("perceptron-mk1").kwargs
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:  # noqa: S603
        assert server.stdout is not None  # noqa: S101
        url = f"http://127.0.0.1:{int(server.stdout.readline())}/v1"

        async def ask() -> float:
            async with openai.AsyncOpenAI(api_key="none", base_url=url, max_retries=0) as client:
                create = client.chat.completions.with_raw_response.create
                await create(**kwargs)
                begin = time.process_time()
                for _ in range(20):
                    await create(**kwargs)
                return 1000 * (time.process_time() - begin) / 20

        found = asyncio.run(ask())
        server.kill()
    return found


def milliseconds(step: Callable[[], object], rounds: int = 20) -> float:
    """What the processor spends on a step."""
    begin = time.process_time()
    for _ in range(rounds):
        step()
    return 1000 * (time.process_time() - begin) / rounds


def waited_milliseconds(step: Callable[[], object], rounds: int = 20) -> float:
    """What a step takes, waiting included: the median."""
    found = []
    for _ in range(rounds):
        begin = time.perf_counter()
        step()
        found.append(time.perf_counter() - begin)
    return 1000 * statistics.median(found)


def main() -> None:
    """Print the rates and the steps."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=int, default=400)
    parser.add_argument("--serve", type=float, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.serve is not None:
        asyncio.run(serve(arguments.serve))
        return
    print(describe("openai"))
    print(f"{'image':>9}  {'at once':>9}  {'0.5 s':>9}  {'processor':>9}  steps, ms")
    for size in _SIZES:
        count = max(min(arguments.images, 400_000_000 // size), CONCURRENCY)
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            paths = write_images(folder, count, size)
            ceiling, spent = rate(paths, folder, 0.0)
            slow, _ = rate(paths[: max(count // 2, CONCURRENCY)], folder, 0.5)
            found = steps(paths[0], folder)
        shown = "  ".join(f"{step} {taken:.2f}" for step, taken in found.items())
        print(f"{size:>9,}  {ceiling:>7.1f}/s  {slow:>7.1f}/s  {spent:>6.2f} ms  {shown}")


if __name__ == "__main__":
    main()
