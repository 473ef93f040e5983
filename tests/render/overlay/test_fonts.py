"""Letters of all scripts on labels: drawn if a font has them, else replaced by something that can be read."""

import warnings

import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from PIL import Image, features

from perceptron_annotations import Box
from perceptron_annotations.errors import UsageError
from perceptron_annotations.render import DrawStyle, MissingGlyphWarning, draw
from perceptron_annotations.render.overlay import fonts
from perceptron_annotations.render.overlay.fonts import fitting_font


@pytest.fixture(autouse=True)
def nothing_told(monkeypatch):
    monkeypatch.setattr(fonts, "_told", set())


@pytest.fixture
def no_system_fonts(monkeypatch):
    monkeypatch.setattr(fonts, "system_fonts", lambda: ())
    fonts._best.cache_clear()
    yield
    fonts._best.cache_clear()


@pytest.fixture(scope="module")
def chinese_font(tmp_path_factory):
    """A font with two Chinese letters and a few Latin ones, all of them bars of different widths."""
    letters = "猫在cat 0123456789."
    builder = FontBuilder(1000, isTTF=True)
    names = [".notdef", *(f"u{ord(letter):04X}" for letter in letters)]
    builder.setupGlyphOrder(names)
    builder.setupCharacterMap({ord(letter): f"u{ord(letter):04X}" for letter in letters})
    glyphs = {}
    for number, name in enumerate(names):
        pen = TTGlyphPen(None)
        if name != "u0020":
            pen.moveTo((50, 0))
            for corner in ((50, 700), (150 + 40 * number, 700), (150 + 40 * number, 0)):
                pen.lineTo(corner)
            pen.closePath()
        glyphs[name] = pen.glyph()
    builder.setupGlyf(glyphs)
    builder.setupHorizontalMetrics(dict.fromkeys(names, (1000, 50)))
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    builder.setupNameTable({"familyName": "Bars", "styleName": "Regular"})
    builder.setupOS2()
    builder.setupPost()
    path = tmp_path_factory.mktemp("fonts") / "bars.ttf"
    builder.save(path)
    return str(path)


def test_latin_text_needs_no_other_font():
    assert fitting_font("traffic light", ()) == (None, "traffic light")


def test_letters_that_a_font_has_are_drawn_with_it(chinese_font):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert fitting_font("猫在", (chinese_font,)) == (chinese_font, "猫在")


def test_letters_that_no_font_has_become_escapes_with_a_word_said_once(no_system_fonts):
    with pytest.warns(MissingGlyphWarning, match=r"CJK letters such as U\+732B.*pass fonts="):
        assert fitting_font("a 猫", ()) == (None, "a \\u732b")
    assert fitting_font("猫在", ()) == (None, "\\u732b\\u5728")  # warnings are errors in these tests
    with pytest.warns(MissingGlyphWarning, match="ARABIC"):
        assert fitting_font("قط", ())[1] == "\\u0642\\u0637"


def test_the_font_that_lacks_the_fewest_letters_is_taken(chinese_font, no_system_fonts):
    with pytest.warns(MissingGlyphWarning, match="HANGUL"):
        assert fitting_font("猫在한", (chinese_font,)) == (chinese_font, "猫在\\ud55c")


def test_text_that_does_not_print_is_never_drawn_as_it_is(no_system_fonts):
    assert fitting_font("\x1b[2J\u202eevil\n", ()) == (None, "\\x1b[2J\\u202eevil\\n")
    assert fitting_font("\ud800", ())[1] == "\\ud800"


@pytest.mark.skipif(not features.check("raqm"), reason="without raqm Arabic is not shaped, so it is replaced")
def test_arabic_is_drawn_in_its_joined_forms():
    """Four letters that join are narrower than the four by themselves; DejaVu Sans, which most systems have, can."""
    path = next((path for path in fonts.system_fonts() if path.endswith("DejaVuSans.ttf")), None)
    if path is None:
        pytest.skip("DejaVu Sans is not installed")
    name, shown = fitting_font("قطة", (path,))
    assert (name, shown) == (path, "قطة")
    chosen = fonts.font(path, 40)
    assert chosen.getlength("قطة") < sum(map(chosen.getlength, "قطة")) - 1


def test_without_shaping_arabic_is_replaced(monkeypatch):
    monkeypatch.setattr(fonts, "_can_shape", lambda: False)
    fonts._best.cache_clear()
    fonts._has.cache_clear()
    with pytest.warns(MissingGlyphWarning, match="raqm"):
        assert fitting_font("قط", ())[1] == "\\u0642\\u0637"
    fonts._best.cache_clear()
    fonts._has.cache_clear()


def test_an_image_with_such_labels_warns_at_the_line_of_the_caller(no_system_fonts):
    with pytest.warns(MissingGlyphWarning) as told:
        draw(Image.new("RGB", (200, 200)), Box(100, 100, 900, 900, mention="犬"))
    assert told[0].filename == __file__


def test_a_font_that_does_not_exist_is_named():
    with pytest.raises(UsageError, match=r"cannot read the font nothing\.ttf"):
        draw(Image.new("RGB", (9, 9)), Box(1, 1, 9, 9, mention="a"), style=DrawStyle(fonts=("nothing.ttf",)))


def test_fonts_of_the_system_are_found_by_name(tmp_path, monkeypatch):
    folder = tmp_path / "fonts" / "truetype"
    folder.mkdir(parents=True)
    for name in ("NotoSansCJK-Regular.ttc", "dejavusans.ttf", "other.ttf"):
        (folder / name).touch()
    monkeypatch.setattr(fonts, "_font_folders", lambda: [tmp_path / "fonts"])
    fonts.system_fonts.cache_clear()
    assert [path.rpartition("/")[2] for path in fonts.system_fonts()] == ["dejavusans.ttf", "NotoSansCJK-Regular.ttc"]
    fonts.system_fonts.cache_clear()
