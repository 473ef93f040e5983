"""A headless Chromium that asks nobody for anything, for tests and benchmarks of pages."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
#: Without a sandbox it runs as root in a container; the rest keeps it from calling its maker.
_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def missing() -> str | None:
    """Why there is no browser; None if there is one."""
    if find_spec("playwright") is None:
        return "Playwright is not installed: pip install playwright"
    if not any(map(shutil.which, _NAMES)):
        return "Chromium is not installed: apt-get install chromium"
    return None


@contextmanager
def chromium() -> Iterator[Browser]:
    """The browser, as long as it is needed."""
    from playwright.sync_api import sync_playwright

    path = next(found for name in _NAMES if (found := shutil.which(name)))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(_ARGUMENTS))
        yield browser
        browser.close()
