"""Pages in a real browser: what lights what, filters, keys, themes, names for screen readers, and speed."""

import re
import time

import pytest

from benchmarks.browser import missing
from benchmarks.scenes import write_scenes
from benchmarks.view import measure
from perceptron_annotations.evaluation import read_predictions, read_truth
from perceptron_annotations.render import Section, write_page
from tests.render.page.recorded import mixed

pytestmark = [pytest.mark.backend, pytest.mark.skipif(missing() is not None, reason=str(missing()))]

LIT = "each => each.map(one => one.dataset.key ?? one.dataset.keys)"


@pytest.fixture(scope="module")
def kinds(tmp_path_factory):
    folder = tmp_path_factory.mktemp("kinds")
    write_page(mixed(folder), folder / "kinds.html")
    return folder / "kinds.html"


def names(page):
    return page.locator(".card .name").all_inner_texts()


def open_card(page, name):
    page.locator(".card", has_text=name).click()
    page.wait_for_selector("#detail:not([hidden])")


def lit(page, selector):
    return page.eval_on_selector_all(f"{selector}.lit", LIT)


# -- words and shapes --------------------------------------------------------------------------------------------------


def test_pointing_at_words_lights_their_shape_and_at_a_shape_its_words(look, kinds):
    page = look(kinds)
    open_card(page, "boxes.jpg")
    page.locator(".mention", has_text="dog").hover()
    assert lit(page, ".shape") == ["s1"]
    assert "dog" in page.locator("#tip").inner_text()
    page.locator(".shape[data-key=s0] .hit").hover()
    assert page.locator(".mention.lit").all_inner_texts() == ["cat"]
    page.locator(".prose").hover(position={"x": 1, "y": 1})
    assert lit(page, ".shape") == []


def test_the_keyboard_lights_too_and_a_click_keeps_it(look, kinds):
    page = look(kinds)
    open_card(page, "boxes.jpg")
    page.locator(".mention", has_text="dog").focus()
    assert lit(page, ".shape") == ["s1"]
    page.keyboard.press("Enter")
    assert page.locator(".mention", has_text="dog").get_attribute("aria-pressed") == "true"
    page.locator(".detail-top h2").focus()
    page.mouse.move(5, 5)
    assert lit(page, ".shape") == ["s1"]


def test_a_tap_lights_on_a_touch_screen(look, kinds):
    page = look(kinds, has_touch=True, viewport={"width": 390, "height": 800})
    page.locator(".card", has_text="boxes.jpg").tap()
    page.locator(".mention", has_text="cat").tap()
    assert lit(page, ".shape") == ["s0"]
    page.locator(".mention", has_text="cat").tap()
    assert lit(page, ".shape") == []


def test_a_collection_lights_all_it_holds_and_a_member_itself(look, kinds):
    page = look(kinds)
    open_card(page, "points.jpg")
    page.locator(".mention.group").hover()
    assert sorted(lit(page, ".shape")) == ["s0", "s1"]
    page.locator(".mention.member", has_text="2").hover()
    assert lit(page, ".shape") == ["s1"]


def test_an_issue_is_underlined_at_its_place_and_says_what_it_means(look, kinds):
    page = look(kinds)
    open_card(page, "partial.jpg")
    assert page.locator(".prose .issue").all_inner_texts() == ["<point> 1.5 </point>"]
    page.locator(".prose .issue").hover()
    assert "a point needs exactly one (x,y)" in page.locator("#tip").inner_text()
    assert page.locator(".issues li.lit").count() == 1


def test_outcomes_look_different_and_are_said_in_words(look, kinds):
    page = look(kinds)
    words = {}
    for name in ("partial", "unreadable", "empty"):
        open_card(page, f"{name}.jpg")
        assert page.locator(f".card.is-{name}").count() == 1
        words[name] = page.locator(".outcome-words").inner_text()
        page.keyboard.press("Escape")
    assert "A part of this answer could not be read" in words["partial"]
    assert "not an empty image" in words["unreadable"]
    assert "marks nothing" in words["empty"]


def test_reasoning_is_folded_away(look, kinds):
    page = look(kinds)
    open_card(page, "thought.jpg")
    assert not page.locator(".thoughts").is_visible()
    page.locator(".reasoning summary").click()
    assert page.locator(".thoughts").inner_text() == "Is it a cat?"
    assert "think" not in page.locator(".prose").inner_text()


def test_clips_are_bars_and_tracks_are_linked(look, kinds):
    page = look(kinds)
    open_card(page, "film.mp4")
    bar = page.locator(".time-bar[data-key=s0]").bounding_box()
    row = page.locator(".time-row").first.bounding_box()
    assert bar["x"] - row["x"] == pytest.approx(row["width"] * 2 / 5, abs=2)
    assert bar["width"] == pytest.approx(row["width"] * 3 / 5, abs=2)
    assert page.locator("path.trail").get_attribute("d") == "M10 10L500 500"


# -- truth and two models ----------------------------------------------------------------------------------------------


def test_truth_and_prediction_differ_by_line_style_and_can_be_hidden(look, judged):
    page = look(judged, "#mistake=fn&sort=worst&open=1")
    page.keyboard.press("Escape")
    page.locator(".card").first.click()
    dash = "each => getComputedStyle(each).strokeDasharray"
    styles = {
        name: page.eval_on_selector(f".stage .{name} .line", dash)
        for name in ("fn", "tp", "fp")
        if page.locator(f".stage .{name} .line").count()
    }
    assert "fn" in styles
    assert len(set(styles.values())) == len(styles)
    counted = page.locator(".chip", has_text=" FN").inner_text()
    assert page.locator(".stage .shape.fn").count() == int(re.search(r"(\d+) FN", counted)[1])
    page.get_by_label("truth").uncheck()
    assert not page.locator(".stage .shape.fn").first.is_visible()


def test_two_models_are_side_by_side(look, compared):
    page = look(compared, "#open=1")
    assert page.locator(".side h3").all_inner_texts() == ["answers.jsonl", "other.jsonl"]
    left, right = (page.locator(".side").nth(number).bounding_box() for number in (0, 1))
    assert right["x"] > left["x"] + left["width"] - 1
    page.locator(".side").nth(1).locator(".mention").first.hover()
    assert page.locator(".side").nth(0).locator(".lit").count() == 0
    assert page.locator(".side").nth(1).locator(".shape.lit").count() == 1


# -- filters and keys --------------------------------------------------------------------------------------------------


def test_filters_by_outcome_label_issue_and_words(look, kinds):
    page = look(kinds)
    assert len(names(page)) == 7
    for field, value, kept in (
        ("outcome", "unreadable", ["unreadable.jpg"]),
        ("label", "dog", ["boxes.jpg"]),
        ("issue", "out_of_range", ["thought.jpg"]),
    ):
        page.locator(f"#{field}").select_option(value)
        assert names(page) == kept
        assert page.locator("#count").inner_text() == "1 of 7 answers"
        page.locator("#clear").click()
    page.keyboard.press("/")
    page.keyboard.type("NOTHING here")
    assert names(page) == ["empty.jpg"]
    page.locator("#q").fill("no such words")
    assert page.locator("#nothing").is_visible()


def test_filters_by_metric_and_worst_first(look, judged):
    page = look(judged)
    page.locator("#sort").select_option("worst")
    first = page.locator(".card").first.get_attribute("aria-label")
    page.locator("#f1").fill("50")
    shown = page.eval_on_selector_all(
        ".card .f1", "each => each.map(one => Number(one.textContent.replace('F1 ', '')))"
    )
    assert shown
    assert max(shown) <= 0.5
    assert page.locator(".card").first.get_attribute("aria-label") == first


def test_the_address_holds_what_is_shown(look, kinds):
    page = look(kinds, "#label=dog&open=1")
    assert names(page) == ["boxes.jpg"]
    assert page.locator("#detail-name").inner_text() == "boxes.jpg"
    page.evaluate("location.hash = '#outcome=empty'")
    page.wait_for_selector(".card.is-empty")
    assert names(page) == ["empty.jpg"]
    assert page.locator("#detail").is_hidden()


def test_keys(look, kinds):
    page = look(kinds)
    page.locator("#grid").focus()
    page.keyboard.press("Enter")
    assert page.locator("#detail-name").inner_text() == "boxes.jpg"
    assert page.evaluate("document.activeElement.id") == "detail-name"
    page.keyboard.press("j")
    page.keyboard.press("ArrowRight")
    assert page.locator("#detail-name").inner_text() == "partial.jpg"
    page.keyboard.press("k")
    assert page.locator("#detail-name").inner_text() == "points.jpg"
    page.keyboard.press("Escape")
    assert page.locator("#detail").is_hidden()
    assert page.evaluate("document.activeElement.id") == "grid"
    page.keyboard.press("?")
    assert page.locator("#help").is_visible()
    page.keyboard.press("Escape")
    assert not page.locator("#help").is_visible()


# -- themes, screen readers --------------------------------------------------------------------------------------------

BACKGROUND = "getComputedStyle(document.body).backgroundColor"
#: Each text that can be seen and stands off its background by less than AA asks.
FAINT = """() => {
  const rgb = (text) => (text.match(/[\\d.]+/g) ?? []).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((v) => v / 255)
    .map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
    .reduce((sum, v, place) => sum + v * [0.2126, 0.7152, 0.0722][place], 0);
  const behind = (element) => {
    for (let each = element; each; each = each.parentElement) {
      const colour = rgb(getComputedStyle(each).backgroundColor);
      if (colour.length === 3 || colour[3] > 0.99) return colour;
    }
    return [255, 255, 255];
  };
  const faint = [];
  for (const element of document.querySelectorAll("body *")) {
    const texts = [...element.childNodes].filter((node) => node.nodeType === 3);
    const words = texts.map((node) => node.data).join("").trim();
    if (!words || !element.checkVisibility({ visibilityProperty: true }) || element.closest("script, select")) continue;
    const [one, two] = [light(rgb(getComputedStyle(element).color)), light(behind(element))].sort((a, b) => b - a);
    if ((one + 0.05) / (two + 0.05) < 4.5) faint.push(`${element.className}: ${words}`);
  }
  return faint;
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_off_its_background_in_both_themes(look, kinds, judged, scheme):
    for path, number in ((kinds, 3), (kinds, 4), (kinds, 7), (judged, 1)):
        page = look(path, f"#open={number}", color_scheme=scheme)
        assert page.evaluate(FAINT) == []


def test_the_switch_beats_the_system_and_is_kept(look, kinds):
    page = look(kinds, color_scheme="light")
    system = page.evaluate(BACKGROUND)
    for _ in range(2):
        page.keyboard.press("t")
    dark = page.evaluate(BACKGROUND)
    assert dark != system
    assert page.locator("#theme").get_attribute("aria-label") == "Theme: dark"
    page.reload()
    assert page.evaluate(BACKGROUND) == dark


def test_a_screen_reader_has_names_for_everything(look, kinds):
    page = look(kinds, "#open=3")
    tree = page.locator("body").aria_snapshot()
    for expected in (
        '- heading "mixed.jsonl" [level=1]',
        "- status: 7 answers",
        '- search "Filter the answers"',
        '- searchbox "Search"',
        '- combobox "Outcome"',
        '- listbox "Answers"',
        '- option "boxes.jpg, read, 2 marks"',
        '- option "unreadable.jpg, unreadable, 0 marks"',
        '- article "partial.jpg"',
        'img "partial.jpg: 1 shape"',
        '- button "cat"',
        '- button "Next answer"',
    ):
        assert expected in tree, tree
    is_bare = "one => !(one.labels?.length || one.ariaLabel || one.textContent)"
    assert page.eval_on_selector_all("button, input, select", f"each => each.filter({is_bare}).length") == 0


def test_a_section_is_a_tab_that_can_lead_to_answers(look, tmp_path):
    link = '<table><tr><td><a href="#view=answers&amp;label=dog">dog</a></td></tr></table>'
    write_page(mixed(tmp_path), tmp_path / "page.html", sections=[Section("metrics", "Metrics", link)])
    page = look(tmp_path / "page.html")
    assert page.get_by_role("tab", selected=True).inner_text() == "Metrics"
    assert page.locator("#grid").is_hidden()
    page.get_by_role("link", name="dog").click()
    page.wait_for_selector(".card")
    assert names(page) == ["boxes.jpg"]


# -- large ones --------------------------------------------------------------------------------------------------------


def written(folder, count, output):
    write_scenes(folder, count)
    truth = read_truth(folder / "truth.json")
    answers = read_predictions(folder / "answers.jsonl", truth)
    write_page(answers, f"{folder}/{output}", truth=truth, images=folder / "photos")


def test_a_thousand_answers_open_in_two_seconds_and_few_nodes(browser, tmp_path):
    written(tmp_path, 1_000, "report.html")

    def once():
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        try:
            return measure(page, (tmp_path / "report.html").as_uri())
        finally:
            page.close()

    found = min((once() for _ in range(2)), key=lambda each: each["first image, ms"])  # others use the machine, too
    assert found["first image, ms"] < 2_000
    assert found["nodes"] < 2_000
    assert found["nodes a card"] < 40


def test_a_folder_is_loaded_in_parts_and_asks_for_nothing_but_its_own_files(look, tmp_path):
    written(tmp_path, 600, "report/")
    page = look(tmp_path / "report" / "index.html")
    until = time.monotonic() + 30
    while "loading" in page.locator("#count").inner_text() and time.monotonic() < until:
        time.sleep(0.05)
    assert page.locator("#count").inner_text() == "600 answers"
    page.wait_for_selector(".card img")
    own = (tmp_path / "report").as_uri()
    assert [url for url in look.requests if not url.startswith(own)] == []
    assert len([url for url in look.requests if url.endswith(".js")]) == 3
    assert 0 < len([url for url in look.requests if url.endswith(".webp")]) < 100
