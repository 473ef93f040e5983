"""Hostile text stays text: no answer, label, file name or address runs a script, makes an element, or asks for data."""

import json

import pytest

from benchmarks.browser import missing
from perceptron_annotations.datasets import DatasetAsset, DatasetBuilder
from perceptron_annotations.geometry import AnnotationKind
from perceptron_annotations.render import write_page
from tests.render.page.recorded import line, predictions

pytestmark = [pytest.mark.backend, pytest.mark.skipif(missing() is not None, reason=str(missing()))]

HOSTILE = [
    "<img src=x onerror=alert(1)>",
    "</script><script>window.hacked=1</script>",
    "<!--<script>",
    "]]><svg onload=window.hacked=1>",
    "javascript:window.hacked=1",
    "https://evil.example/pixel.png",
    "{{constructor.constructor('window.hacked=1')()}}",
    "__proto__",
    "constructor",
    "line\u2028paragraph\u2029end",
    "\u202egnp.exe",
    "&lt;b&gt; \" ' ` \\ $& <!--data-->",
    "\x00\x1b[2J\x7f",
]


def answers(folder):
    """An answer for each hostile text, which stands wherever a text can stand."""
    lines = []
    for number, text in enumerate(HOSTILE):
        quoted = text.replace('"', "'").replace("<", "&lt;")
        said = f'{text} <point_box mention="{quoted}"> (1,1) (900,900) </point_box> <point> {text} </point>'
        lines.append(line(text, said, model=text, prompt=text, reasoning_content=f"{number} {text}"))
    return predictions(folder / "hostile.jsonl", lines)


def truth():
    builder = DatasetBuilder()
    for text in HOSTILE:
        asset = builder.add_asset(DatasetAsset(file_name=text, width=640, height=480))
        builder.add(asset, AnnotationKind.BOX, [(0, 0), (600, 400)], text)
    return builder.build()


@pytest.mark.parametrize("output", ["page.html", "page/"])
def test_nothing_runs_nothing_is_asked_for_and_every_text_is_shown(look, tmp_path, output):
    write_page(answers(tmp_path), f"{tmp_path}/{output}", truth=truth(), title="".join(HOSTILE))
    path = tmp_path / (output if output.endswith("html") else "page/index.html")
    page = look(path)
    page.wait_for_selector(".card")
    made = page.evaluate("document.querySelectorAll('main img, main script, main iframe, main object, main a').length")
    assert made == 0
    for number, text in enumerate(HOSTILE, 1):
        page.evaluate(f"location.hash = '#open={number}'")
        page.wait_for_selector(f"#detail .quiet:text-matches('^{number} of')")
        assert page.evaluate("document.getElementById('detail-name').textContent") == text
        assert page.evaluate("document.querySelector('.asked').lastChild.data") == text
        assert page.evaluate("document.querySelector('.thoughts').textContent") == f"{number - 1} {text}"
        assert text in page.evaluate("document.querySelector('.prose').textContent")
    assert page.evaluate("[window.hacked, {}.hacked, document.title.length > 100]") == [None, None, True]
    own = path.parent.as_uri()
    assert [url for url in look.requests if not url.startswith((own, "data:"))] == []


def test_a_hostile_address_is_text_too(look, tmp_path):
    write_page(answers(tmp_path), tmp_path / "page.html")
    for text in HOSTILE:
        page = look(
            tmp_path / "page.html", "#" + "&".join(f"{name}={json.dumps(text)}" for name in ("q", "label", "view"))
        )
        assert page.evaluate("window.hacked") is None
        page.close()


def test_the_policy_stops_what_would_run_all_the_same(browser, tmp_path):
    """The second wall: markup that got into the page by a fault of ours."""
    write_page(answers(tmp_path), tmp_path / "page.html")
    html = (tmp_path / "page.html").read_text(encoding="utf-8")
    broken = "<script>window.hacked=1</script><img src='https://evil.example/x.png' onerror='window.hacked=2'></main>"
    (tmp_path / "broken.html").write_text(html.replace("</main>", broken), encoding="utf-8")
    page = browser.new_page()
    refused, failed = [], []
    page.on("console", lambda message: refused.append(message.text))
    page.on("requestfinished", lambda request: failed.append(request.url))
    page.goto((tmp_path / "broken.html").as_uri())
    page.wait_for_selector(".card")
    assert page.evaluate("window.hacked") is None
    assert [url for url in failed if "evil" in url] == []
    assert sum("Content Security Policy" in text for text in refused) >= 2
    page.close()
