"""``python -m benchmarks.view``: how large pages of answers are, and how fast they open, scroll and filter in Chromium.

For 1,000 answers in one file and 20,000 in a folder, with drawn images: the seconds to write, the bytes, and in the
browser the milliseconds from the address to the first image on the screen, to all answers, of a jump in the grid
until it is drawn, and of a search; and how many nodes the page has, and how many for each card that is drawn.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.browser import chromium, missing
from benchmarks.machine import describe
from benchmarks.scenes import write_scenes
from perceptron_annotations.evaluation import ReadingOptions, read_predictions, read_truth
from perceptron_annotations.render import write_page

if TYPE_CHECKING:
    from playwright.sync_api import Page

#: The most answers that are written as one file.
_ONE_FILE = 2_000
_JUMPS = 40
#: The policy of a page forbids to poll it by a text of code, so it notes itself when an image is there.
_NOTE = """document.addEventListener("load", (event) => {
  if (event.target.matches?.(".card img")) window.firstImage ??= performance.now();
}, true);"""
_FIRST = "window.firstImage"
_ALL = "!document.getElementById('count').textContent.includes('loading') && performance.now()"
_PATIENCE = 120
_JUMP = """async (share) => {
  const grid = document.getElementById("grid");
  const start = performance.now();
  grid.scrollTop = share * (grid.scrollHeight - grid.clientHeight);
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  return performance.now() - start;
}"""
_SEARCH = """(words) => {
  const field = document.getElementById("q");
  const start = performance.now();
  field.value = words;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  return performance.now() - start;
}"""


def measure(page: Page, address: str) -> dict[str, Any]:
    """The numbers of an opened page."""
    page.add_init_script(_NOTE)
    page.goto(address, wait_until="commit")
    first, every = _wait(page, _FIRST), _wait(page, _ALL)
    jumps = [page.evaluate(_JUMP, (37 * number % _JUMPS) / _JUMPS) for number in range(_JUMPS)]
    nodes, cards = (page.evaluate(f"document.querySelectorAll('{each}').length") for each in ("*", ".card"))
    inside = page.evaluate("document.querySelectorAll('.card *').length")
    searches = [page.evaluate(_SEARCH, words) for words in ("see 4 things", "see 4 things spoon")]
    return {
        "first image, ms": round(first),
        "all answers, ms": round(every),
        "jump, median ms": round(sorted(jumps)[_JUMPS // 2]),
        "jump, slowest ms": round(max(jumps)),
        "first search, ms": round(searches[0]),
        "next search, ms": round(searches[1]),
        "nodes": nodes,
        "nodes a card": round(inside / max(cards, 1), 1),
    }


def _wait(page: Page, expression: str) -> float:
    """The value of an expression, as soon as it has one."""
    until = time.monotonic() + _PATIENCE
    while not (found := page.evaluate(expression)):
        if time.monotonic() > until:
            raise TimeoutError(expression)
        time.sleep(0.005)
    return float(found)


def main() -> None:
    """Print the table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--answers", type=int, nargs="+", default=[1_000, 20_000])
    given = options.parse_args()
    if (reason := missing()) is not None:
        options.exit(2, f"{reason}\n")
    print(describe("playwright", "pillow"))
    with chromium() as browser:
        print(f"browser: Chromium {browser.version}")
        for count in given.answers:
            with tempfile.TemporaryDirectory() as name:
                folder = Path(name)
                write_scenes(folder, count)
                is_file = count <= _ONE_FILE
                start = time.perf_counter()
                truth = read_truth(folder / "truth.json")
                answers = read_predictions(folder / "answers.jsonl", truth, ReadingOptions(fields=("model",)))
                output = folder / "report.html" if is_file else f"{folder}/report/"
                report = write_page([answers], output, truth=truth, images=folder / "photos")
                seconds = time.perf_counter() - start
                print(f"\n{count:,} answers as {'one file' if is_file else 'a folder'}")
                print(f"{'written in, s':>22} {seconds:,.1f}\n{'size, MB':>22} {report.bytes / 1e6:,.1f}")
                page = browser.new_page(viewport={"width": 1440, "height": 900})
                address = (folder / ("report.html" if is_file else "report/index.html")).as_uri()
                for title, value in measure(page, address).items():
                    print(f"{title:>22} {value:,}")
                page.close()


if __name__ == "__main__":
    main()
