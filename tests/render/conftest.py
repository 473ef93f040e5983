"""A browser for the tests of pages. Without Chromium or Playwright tests say why they skip."""

import pytest

from benchmarks.browser import chromium, missing


@pytest.fixture(scope="session")
def browser():
    if (reason := missing()) is not None:
        pytest.skip(reason)
    with chromium() as found:
        yield found


class Looking:
    """Opens pages, and notes what they ask for and what goes wrong in them."""

    def __init__(self, browser):
        self._browser = browser
        self._contexts = []
        self.requests, self.errors = [], []

    def __call__(self, path, fragment="", **options):
        options = {"viewport": {"width": 1440, "height": 900}, **options}
        context = self._browser.new_context(**options)
        self._contexts.append(context)
        page = context.new_page()
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("console", lambda message: self.errors.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("dialog", lambda dialog: (self.errors.append(f"dialog {dialog.message}"), dialog.dismiss()))
        page.goto(path.as_uri() + fragment)
        page.wait_for_selector("#count:not(:empty)", state="attached")
        return page

    def close(self):
        for context in self._contexts:
            context.close()


@pytest.fixture
def look(browser):
    looking = Looking(browser)
    yield looking
    looking.close()
    assert looking.errors == []
