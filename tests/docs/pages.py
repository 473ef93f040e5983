"""A page of the documentation as a list of blocks, and how each kind of block is run.

The blocks of a page run in order, in one namespace and one empty folder. A comment below its title,
``<!-- files: answers.jsonl = fixtures/text.jsonl -->``, names the files of the repository that the folder holds.
A block ``text title="Output"`` is what the block before it prints; ``python -m tests.docs.pages`` writes these anew.
A block with another title is a file: it is written into the folder. A program that is included from ``docs/programs``
or ``examples`` has a test of its own.
"""

import base64
import contextlib
import doctest
import hashlib
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

import openai
import yaml

from tests.completions.loopback import Reply, serving
from tests.corpora import ROOT

PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "SECURITY.md", *sorted((ROOT / "docs").rglob("*.md"))]
_BLOCK = re.compile(r"^( *)```(\w+)([^\n]*)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
_FILES = re.compile(r"<!-- files: (.*?) -->", re.DOTALL)
#: Set-up that the gate does itself, and tools that a person starts.
_SET_UP = re.compile(
    r"python3? -m venv|git clone|.*\bpip install\b|.*-m (?:pytest|mkdocs|benchmarks)|.*pre-commit |cd "
)
#: The real client.
CLIENT = openai.OpenAI
#: The title of a block that the one before it prints.
OUTPUT = 'title="Output"'
#: The server of one's own that pages ask.
_OWN_SERVER = "http://localhost:8000/v1"
#: The commands of a page run the package of this tree, with this interpreter, and ask the server of the test.
_COMMANDS = f"""
perceptron-annotations() {{
  local to=()
  if [ "$1" = ask ]; then case "$*" in *"$SERVICE"*|*--dry-run*) ;; *) to=(--url "$SERVICE") ;; esac; fi
  "{sys.executable}" -m perceptron_annotations "$@" "${{to[@]}}"
}}
python() {{ "{sys.executable}" "$@"; }}
"""


class Block(NamedTuple):
    """A fenced block of a page."""

    language: str
    title: str
    code: str
    line: int

    @property
    def file(self):
        """The file that the block is, or nothing."""
        name = self.title.removeprefix('title="').removesuffix('"')
        return "" if self.title == OUTPUT else name


def blocks(path):
    """The blocks of a page, in order."""
    text = path.read_text(encoding="utf-8")
    found = []
    for match in _BLOCK.finditer(text):
        indent, language, title, code = match.groups()
        code = re.sub(f"^{indent}", "", code, flags=re.MULTILINE)
        found.append(Block(language, title.strip(), code, text.count("\n", 0, match.start()) + 1))
    return found


def copy_files(path, folder):
    """Put the files that a page names into the folder."""
    for found in _FILES.finditer(path.read_text(encoding="utf-8")):
        for entry in filter(None, map(str.strip, found[1].split(";"))):
            name, _, source = (part.strip() for part in entry.partition("="))
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / source, folder / name)


def run(path, server):
    """Run all blocks of a page in the current folder: each block of output, with what was printed instead."""
    namespace = {"__name__": "page"}
    found = blocks(path)
    for block, following in zip(found, [*found[1:], None], strict=True):
        if "--8<--" in block.code:
            continue
        if block.file:
            Path(block.file).write_text(block.code, encoding="utf-8")
        printed = _RUNNERS[block.language](block, f"{path.name}:{block.line}", namespace, server)
        if following is not None and following.title == OUTPUT:
            yield following, "\n".join(line.rstrip() for line in printed.strip().splitlines()) + "\n"


def _python(block, place, namespace, server):
    server.reply = reply_to(block.code)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(block.code, place, "exec"), namespace)  # noqa: S102 - our own pages
    return printed.getvalue()


def _pycon(block, place, namespace, server):
    test = doctest.DocTestParser().get_doctest(block.code, namespace, place, place, 0)
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS)
    told = io.StringIO()
    runner.run(test, out=told.write, clear_globs=False)
    namespace.update(test.globs)
    assert runner.failures == 0, told.getvalue()


def _bash(block, place, namespace, server):
    commands = [line for line in block.code.splitlines() if line.strip() and not line.startswith(("#", " "))]
    if commands and all(_SET_UP.match(command) for command in commands):
        return ""
    server.reply = authored
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", _COMMANDS + block.code.replace(_OWN_SERVER, server.url)],
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", "NO_COLOR": "1", "SERVICE": server.url},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, f"{place}: {done.stdout}{done.stderr}"
    return done.stdout


def _json(block, place, namespace, server):
    try:
        json.loads(block.code)
    except ValueError:
        for line in block.code.splitlines():
            json.loads(line)


def _yaml(block, place, namespace, server):
    assert yaml.safe_load(block.code), place


def _nothing(block, place, namespace, server):
    """What is only shown."""


_RUNNERS = {
    "python": _python,
    "pycon": _pycon,
    "bash": _bash,
    "json": _json,
    "yaml": _yaml,
    "csv": _nothing,
    "text": _nothing,
    "xml": _nothing,
}


def reply_to(code):
    """What the service that a program asks would answer: a line of its fixture, or a recorded stream."""
    if "stream=True" in code:
        service = "openrouter" if "for_openrouter" in code else "perceptron_mk1"
        stream = (ROOT / "fixtures" / f"{service}_stream.sse").read_bytes()
        return Reply([stream], content_type="text/event-stream")
    names = {"isaac": "isaac", "my-model": "perceptron_cloud"}
    name = next((file for word, file in names.items() if word in code), "perceptron_mk1")
    line = json.loads((ROOT / "fixtures" / f"{name}.jsonl").read_text(encoding="utf-8").split("\n")[0])
    return Reply([json.dumps(line.get("response", line)).encode()])


def authored(asked):
    """What ``examples/ask/answers.json`` has for the image of a request."""
    answers = json.loads((ROOT / "examples" / "ask" / "answers.json").read_text(encoding="utf-8"))
    url = asked["messages"][-1]["content"][0]["image_url"]["url"]
    text = answers[hashlib.sha256(base64.b64decode(url.partition(",")[2])).hexdigest()]
    choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
    usage = {"prompt_tokens": 412, "completion_tokens": 30 * text.count("mention") + 8}
    usage["total_tokens"] = sum(usage.values())
    body = {"id": "authored", "object": "chat.completion", "model": asked["model"], "choices": [choice], "usage": usage}
    return Reply([json.dumps(body).encode()])


def client_of(server):
    """The real client, whatever address it is given, asking the server of the test, once."""

    class Client(CLIENT):
        def __init__(self, **options):
            super().__init__(**options | {"base_url": server.url, "api_key": "none", "max_retries": 0})

    return Client


def main():
    """Write what the blocks print into the pages."""
    for path in PAGES:
        if all(block.title != OUTPUT for block in blocks(path)):
            continue
        with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder), serving() as server:
            copy_files(path, Path(folder))
            openai.OpenAI = client_of(server)
            text = path.read_text(encoding="utf-8")
            for block, printed in reversed(list(run(path, server))):
                before, after = text.split("\n", block.line)[:-1], text.split("\n", block.line)[-1]
                text = "\n".join([*before, printed + after.removeprefix(block.code)])
            path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
