"""The worst images as overlays: true and false positives and false negatives, told apart by colour and line."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ...visible_text import visible
from ...wording import counted
from ..html_fragments import Html, tag, together
from ..scene import Colours
from ..svg_blocks import Block, below, svg_of
from ..svg_canvas import canvas
from ..time_bar import time_bar
from .judged_model import JudgedModel, verdict_colour
from .picked_images import Picks
from .sample_images import SampleImages

#: The longer side of an overlay in CSS pixels, and of the copy of the image below it.
_SIDE, _COPIED = 300.0, 600


def mistake_gallery(models: Sequence[JudgedModel], images: SampleImages, picks: Picks, *, most: int) -> Html:
    """The worst images of each model, the worst first; nothing if there are no mistakes."""
    galleries = [_gallery(model, images, picks, most) for model in models]
    return together(gallery for gallery in galleries if gallery)


def _gallery(model: JudgedModel, images: SampleImages, picks: Picks, most: int) -> Html:
    mistakes = model.mistakes()
    worst = [image for image in np.argsort(-mistakes, kind="stable")[:most].tolist() if mistakes[image]]
    if not worst:
        return Html("")
    figures = [_figure(model, image, images, picks) for image in worst]
    lines = "solid lines are true positives (TP), dashed false positives (FP), dotted false negatives (FN)"
    heading = tag("h3", f"{visible(model.name)}: the images with the most mistakes")
    return tag("section", heading, tag("p", lines, class_="quiet"), tag("div", *figures, class_="gallery"))


def _figure(model: JudgedModel, image: int, images: SampleImages, picks: Picks) -> Html:
    panel, name = model.panel(image), model.images[image]
    colours = Colours.of([panel])
    blocks: list[Block] = []
    if len(panel.clips) < len(panel.marks) or not panel.marks:
        address = images.small(name, _COPIED)
        blocks.append(canvas(panel.marks, panel.frame, verdict_colour, size=_SIDE, image=address))
    blocks += [time_bar(panel.clips, colours)] if panel.clips else []
    counts = {verdict: int((model.objects[verdict].image == image).sum()) for verdict in model.objects}
    said = ", ".join(counted(count, verdict.value, verdict.value) for verdict, count in counts.items() if count)
    link = picks.link(visible(name), f"the answers about {visible(name)}", [name])
    return tag("figure", svg_of(below(blocks)), tag("figcaption", link, f": {said}"))
