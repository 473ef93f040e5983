"""Fonts that have the letters of a label: those of the caller, Pillow's own, then those of the system.

Pillow draws an empty square, or nothing, for a letter that a font lacks. Here each letter is compared with what the
font draws for a character that no font has. What no font has is replaced by its escape, and a warning says so once for
each script.
"""

from __future__ import annotations

import os
import sys
import unicodedata
import warnings
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from ...errors import UsageError
from ...problems import level_of_caller
from ...visible_text import visible

if TYPE_CHECKING:
    from PIL import ImageFont

#: Files of fonts, by path or by name.
FontNames: TypeAlias = tuple[str, ...]

#: Fonts that come with systems, those with many scripts first: of Linux, macOS and Windows.
_SYSTEM_FONTS = (
    "DejaVuSans.ttf",
    "NotoSans-Regular.ttf",
    "LiberationSans-Regular.ttf",
    "NotoSansCJK-Regular.ttc",
    "NotoSansCJKsc-Regular.otf",
    "SourceHanSansSC-Regular.otf",
    "DroidSansFallbackFull.ttf",
    "DroidSansFallback.ttf",
    "wqy-microhei.ttc",
    "wqy-zenhei.ttc",
    "NotoSansArabic-Regular.ttf",
    "NotoNaskhArabic-Regular.ttf",
    "NotoSansHebrew-Regular.ttf",
    "NotoSansDevanagari-Regular.ttf",
    "NotoSansThai-Regular.ttf",
    "Arial Unicode.ttf",
    "PingFang.ttc",
    "Hiragino Sans GB.ttc",
    "AppleSDGothicNeo.ttc",
    "GeezaPro.ttc",
    "segoeui.ttf",
    "arial.ttf",
    "msyh.ttc",
    "simsun.ttc",
    "YuGothM.ttc",
    "msgothic.ttc",
    "malgun.ttf",
    "Nirmala.ttf",
    "leelawui.ttf",
)
#: No font has a letter for a noncharacter, so each draws it as it draws what it lacks.
_NONCHARACTER = "\uffff"
#: The size at which letters are compared.
_PROBE_SIZE = 24
#: They join letters, and have no form of their own.
_JOINERS = "\u200c\u200d"
#: Scripts from right to left or with letters that change beside each other need the library raqm.
_SHAPED_DIRECTIONS = frozenset({"R", "AL", "AN", "NSM"})


class MissingGlyphWarning(UserWarning):
    """No font has the letters of a label, which is drawn with their escapes, such as ``\\u732b``."""


def fitting_font(text: str, fonts: FontNames) -> tuple[str | None, str]:
    """A font for a text, None for Pillow's own, and the text as it can be drawn with it.

    Characters that do not print become escapes, as :func:`visible` writes them. Of letters that no font has together,
    those of the font that lacks the fewest are drawn, and the others become escapes. Raises ``UsageError`` if one of
    ``fonts`` cannot be read.
    """
    shown = visible(text, keep=_JOINERS)
    if shown.isascii() and not fonts:
        return None, shown
    found, kept, missing = _best(shown, fonts)
    if missing:
        _tell(missing, fonts)
    return found, kept


@lru_cache(maxsize=4096)
def _best(text: str, fonts: FontNames) -> tuple[str | None, str, str]:
    """The font, the text as it can be drawn, and the letters that it lacks."""
    best: tuple[str | None, str] | None = None
    for name in _candidates(fonts):
        missing = "".join(char for char in dict.fromkeys(text) if not _has(name, char))
        if best is None or len(missing) < len(best[1]):
            best = name, missing
        if not missing:
            break
    name, missing = best or (None, text)
    escaped = "".join(char.encode("unicode_escape").decode("ascii") if char in missing else char for char in text)
    return name, escaped, missing


def _candidates(fonts: FontNames) -> Iterator[str | None]:
    yield from fonts
    yield None
    yield from system_fonts()


@lru_cache(maxsize=8192)
def _has(name: str | None, char: str) -> bool:
    """Whether a font has a letter, and can set it."""
    if char in _JOINERS or char == " ":
        return True
    if _needs_shaping(char) and not _can_shape():
        return False
    drawn, unknown = (_probe(name, each) for each in (char, _NONCHARACTER))
    return drawn != unknown and any(drawn[1])


def _probe(name: str | None, char: str) -> tuple[tuple[int, int], bytes]:
    mask = font(name, _PROBE_SIZE).getmask(char, mode="L")
    return mask.size, bytes(mask)


def _needs_shaping(char: str) -> bool:
    return unicodedata.bidirectional(char) in _SHAPED_DIRECTIONS


@lru_cache(maxsize=1)
def _can_shape() -> bool:
    from PIL import features

    return bool(features.check("raqm"))


@lru_cache(maxsize=64)
def font(name: str | None, size: int) -> ImageFont.FreeTypeFont:
    """A font of a size, the em in pixels. Raises ``UsageError`` if there is no such font."""
    from PIL import ImageFont

    if name is None:
        found = ImageFont.load_default(size)
        if not isinstance(found, ImageFont.FreeTypeFont):
            raise UsageError("labels need a Pillow with FreeType: install the wheel of Pillow from PyPI")
        return found
    try:
        return ImageFont.truetype(name, size)
    except OSError as error:
        raise UsageError(f"cannot read the font {name}: {error}; name a file such as NotoSans-Regular.ttf") from None


@lru_cache(maxsize=1)
def system_fonts() -> Sequence[str]:
    """The paths of those fonts of the system that are looked for, in the order in which they are tried."""
    wanted = {name.lower(): place for place, name in enumerate(_SYSTEM_FONTS)}
    found: dict[int, str] = {}
    for folder in _font_folders():
        for path, _, names in os.walk(folder):
            for name in names:
                place = wanted.get(name.lower())
                if place is not None:
                    found.setdefault(place, str(Path(path) / name))
    return tuple(found[place] for place in sorted(found))


def _font_folders() -> Iterator[Path]:
    home = Path.home()
    if sys.platform == "win32":
        yield Path(os.environ.get("WINDIR", "C:/Windows")) / "Fonts"
        yield home / "AppData/Local/Microsoft/Windows/Fonts"
    elif sys.platform == "darwin":
        yield from (Path("/System/Library/Fonts"), Path("/Library/Fonts"), home / "Library/Fonts")
    else:
        shared = os.environ.get("XDG_DATA_DIRS") or "/usr/local/share:/usr/share"
        yield from (Path(folder) / "fonts" for folder in shared.split(":") if folder)
        yield Path(os.environ.get("XDG_DATA_HOME") or home / ".local/share") / "fonts"


_told: set[tuple[FontNames, str]] = set()


def _tell(missing: str, fonts: FontNames) -> None:
    """Warn, once for each script."""
    for char in missing:
        script = unicodedata.name(char, "unnamed").partition(" ")[0]
        if (fonts, script) in _told:
            continue
        _told.add((fonts, script))
        code = f"U+{ord(char):04X}"
        if _needs_shaping(char) and not _can_shape():
            advice = "install a Pillow with raqm, such as its wheel from PyPI"
        else:
            advice = "install a font that has them, such as Noto Sans, or pass fonts=(path,)"
        warnings.warn(
            f"no font can draw {script} letters such as {code}, so labels show their escapes: {advice}",
            MissingGlyphWarning,
            stacklevel=level_of_caller(),
        )
