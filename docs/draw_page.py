"""``python docs/draw_page.py``: the image of a page of answers in the documentation, taken in Chromium."""

import sys
import tempfile
from io import BytesIO
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.browser import chromium  # noqa: E402 - the repository is not installed
from benchmarks.scenes import write_scenes  # noqa: E402
from perceptron_annotations.evaluation import ReadingOptions, read_predictions, read_truth  # noqa: E402
from perceptron_annotations.render import write_page  # noqa: E402

PICTURE = ROOT / "docs" / "gallery" / "page.webp"


def main() -> None:
    """Write the page of drawn tables, open its worst answer but three, and take its image."""
    with tempfile.TemporaryDirectory() as name, chromium() as browser:
        folder = Path(name)
        write_scenes(folder, 40)
        truth = read_truth(folder / "truth.json")
        answers = read_predictions(folder / "answers.jsonl", truth, ReadingOptions(fields=("model",)))
        write_page(answers, folder / "page.html", truth=truth, images=folder / "photos", title="Tables")
        page = browser.new_page(viewport={"width": 1280, "height": 720}, device_scale_factor=1)
        page.goto(f"{(folder / 'page.html').as_uri()}#sort=worst")
        page.locator(".card.is-ok").nth(3).click()
        page.locator(".mention").first.hover()
        page.wait_for_timeout(500)
        Image.open(BytesIO(page.screenshot())).convert("RGB").save(PICTURE, "WEBP", quality=80, method=6)


if __name__ == "__main__":
    main()
