"""What a caller may say about how things are drawn."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct
from msgspec.structs import replace

from ...datasets.dataset import Dataset
from ...errors import UsageError
from .marks import Mark, Verdict
from .palette import WHITE, Rgb, label_colour, label_colours
from .strokes import Dash, Stroke


class DrawStyle(Struct, frozen=True, kw_only=True):
    """How things are drawn; every field has a default that fits the image.

    >>> from perceptron_annotations.render import DrawStyle
    >>> DrawStyle(line_width=6, colours={"cat": (0, 114, 178)}).line_width
    6
    """

    #: In pixels; by default about a 360th of the mean side of the image.
    line_width: int | None = None
    #: The em in pixels; by default about a 52nd of the mean side of the image.
    text_size: int | None = None
    #: Whether labels are written.
    labels: bool = True
    #: Whether scores are written.
    scores: bool = True
    #: The colour of each label, as red, green and blue; others have that of :func:`label_colour`.
    colours: Mapping[str, Rgb] = {}
    #: Files of fonts, by path or by name, that are tried before Pillow's own and those of the system.
    fonts: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in ("line_width", "text_size"):
            value = getattr(self, name)
            if value is not None and not (isinstance(value, int) and value > 0):
                raise UsageError(f"{name} must be a whole number of pixels above 0, not {value!r}")

    def colour_of(self, label: str | None) -> Rgb:
        """The colour of a label."""
        return self.colours.get(label or "", label_colour(label))

    def for_labels_of(self, what: object) -> DrawStyle:
        """The same with a colour of its own for each label of a dataset, whose labels are known together."""
        if not isinstance(what, Dataset):
            return self
        return replace(self, colours={**label_colours(what.labels), **self.colours})


DEFAULT_STYLE = DrawStyle()
#: Bluish green, vermillion and yellow of Okabe and Ito, which all people can tell apart; and white.
_VERDICT_LINES: dict[Verdict, tuple[Rgb, Dash]] = {
    Verdict.TP: ((0x00, 0x9E, 0x73), Dash.SOLID),
    Verdict.FP: ((0xD5, 0x5E, 0x00), Dash.DASHED),
    Verdict.FN: ((0xF0, 0xE4, 0x42), Dash.DOTTED),
    Verdict.FOUND: (WHITE, Dash.SOLID),
}


def stroke_of(mark: Mark, style: DrawStyle, width: int) -> Stroke:
    """The line of a mark: by its verdict if it has one, else by its label."""
    if mark.verdict is None:
        return Stroke(style.colour_of(mark.label), width)
    return verdict_stroke(mark.verdict, width)


def verdict_stroke(verdict: Verdict, width: int) -> Stroke:
    """The line of what became of something; that of a truth that was found is thin, since its match is beside it."""
    colour, dash = _VERDICT_LINES[verdict]
    return Stroke(colour, max(1, width // 2) if verdict is Verdict.FOUND else width, dash)
